"""A lesson in the window: which one is open, what is run for it, and what the band and the curtain show of it.

Owns the flow of the open lesson. Its trials are run by the session, whose settings are given back when it is left.
"""

from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from engine.lab.figures import FIGURES, Seen
from gui import appearance, formatting, keyboard, language
from gui.errors import Notice
from gui.lessons.band import BandTexts, LessonBand
from gui.lessons.conditions import Expression
from gui.lessons.curtain import Curtain
from gui.lessons.flow import LessonFlow, Stage
from gui.lessons.lesson import STARTED, Bilingual, Lesson, LessonError, filled_in, load_lessons
from gui.runs.session import Session
from gui.settings import ActiveSettings, Settings

PROGRESS_MS = 250
PROJECT = Path(__file__).resolve().parents[2]


class LessonController(QObject):
    """The lessons of one window."""

    view_requested = Signal(str)
    """The view that the lesson is seen in."""
    model_requested = Signal(str)
    """The key of the model that the question is about."""
    line_requested = Signal(object, str)
    """A file, and a text in the line of it that is to be shown."""
    notice_raised = Signal(object)
    """`errors.Notice`"""
    opening = Signal()
    """A lesson is about to open: what is let in from the network ends before the settings are kept."""
    left = Signal()
    """A lesson was left; the settings are the user's again."""

    def __init__(self, session: Session, active_settings: ActiveSettings, picture: QWidget, parent: QObject) -> None:
        """`picture` is what is covered until there is a guess."""
        super().__init__(parent)
        self.band = LessonBand()
        self.curtain = Curtain(picture)
        self.flow: LessonFlow | None = None
        """The lesson that is open."""
        self._session, self._active_settings = session, active_settings
        self._own: Settings | None = None
        self._own_second = ""
        """The settings, and the model beside, that are the user's while a lesson is open."""
        self._has_run = False
        self._progress = QTimer(self, interval=PROGRESS_MS)
        self._progress.timeout.connect(self._draw)
        session.trials_ended.connect(self._on_trials_ended)
        self.band.answered.connect(self.choose)
        self.band.action_requested.connect(self.act)
        self.band.back_requested.connect(self.back)
        self.band.again_requested.connect(self.again)
        self.band.leave_requested.connect(self.leave)
        self.band.source_requested.connect(self._show_source)
        self.curtain.opened.connect(self.show_anyway)

    @cached_property
    def lessons(self) -> dict[str, Lesson]:
        """All lessons by key. A file that is wrong leaves none, and a notice."""
        try:
            return load_lessons(appearance.assets() / "lessons")
        except LessonError as error:
            self.notice_raised.emit(Notice(self.tr("The lessons can't be read"), str(error)))
            return {}

    def offered(self) -> list[tuple[str, str]]:
        """The keys and titles of the lessons for which everything is there, in their order."""
        able = (lesson for lesson in self.lessons.values() if not lesson.missing())
        return [(lesson.key, self._said(lesson.title)) for lesson in able]

    def open(self, key: str) -> None:
        """Opens this lesson; says so if it can't be run here."""
        lesson = self.lessons.get(key)
        if lesson is None:
            return
        if missing := lesson.missing():
            text = self.tr("It needs what is not there: {needs}.").format(needs=", ".join(missing))
            self.notice_raised.emit(Notice(self._said(lesson.title), text, serious=False))
            return
        if self.flow:
            self.leave()
        self.opening.emit()
        self._own, self._own_second = self._active_settings.settings, self._session.second_choice
        self._has_run = False
        self._session.is_lesson = True
        self.flow = LessonFlow(lesson)
        self.view_requested.emit(lesson.view)
        self.model_requested.emit(lesson.runs[-1].model)
        self.band.show()
        self._draw()
        self.band.reserve(*self._longest(lesson))
        self.band.setFocus()

    def leave(self) -> None:
        """Ends the lesson and what it runs."""
        if not self.flow:
            return
        self.flow = None
        self._progress.stop()
        self._session.cancel_trials()
        self._session.is_lesson = False
        if self._has_run:
            self._session.first.stop()
            self._session.first.measurement.finish()  # its rows are the lesson's
        assert self._own
        self._active_settings.settings = self._own
        self._session.choose_second(self._own_second)
        self.band.hide()
        self.curtain.draw(False)
        self.left.emit()

    def choose(self, number: int) -> None:
        """Guesses an answer, from 0."""
        if self.flow and self.flow.choose(number):
            self._draw()

    def show_anyway(self) -> None:
        """Shows the picture without a guess."""
        if self.flow:
            self.flow.show_anyway()
            self._draw()

    def act(self) -> None:
        """Does what the big button says."""
        flow = self.flow
        if flow and flow.run():
            self._has_run = True
            self._session.begin_trials(flow.lesson.trials(), flow.lesson.figures())
            self._progress.start()
            self._draw()
        elif flow and flow.stage is Stage.REVEAL and not flow.has_shown:
            self.again()
        elif flow and flow.forward():
            self._draw()
        elif flow and flow.stage is Stage.WHY:
            self._open_next(flow.lesson.key)

    def back(self) -> None:
        """Goes one step back; a run that is under way is cancelled."""
        if self.flow and self.flow.back():
            self._session.cancel_trials()
            self._draw()

    def again(self) -> None:
        """Runs it once more."""
        if self.flow and self.flow.verdict and self.flow.stage is not Stage.RUN:
            self.flow.again()
            self.flow.show_anyway()
            self.act()

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether the key was for the lesson: digits guess, Enter goes on, arrows go from step to step."""
        flow = self.flow
        if not flow:
            return False
        digit = keyboard.digit(event)
        if digit is not None and flow.stage is not Stage.WHY:  # there they choose models again
            self.choose(digit - 1)
            return True
        if not keyboard.is_plain(event):
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.act()
            case Qt.Key.Key_Right if flow.forward():
                self._draw()
            case Qt.Key.Key_Left:
                self.back()
            case Qt.Key.Key_Escape:
                self.leave()
            case Qt.Key.Key_R:
                self.again()
            case _:
                return False
        return True

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws band and curtain in `theme`."""
        self.band.set_theme(theme)
        self.curtain.set_theme(theme)

    def _open_next(self, key: str) -> None:
        keys = [each for each, _ in self.offered()]
        following = keys[keys.index(key) + 1 :] if key in keys else []
        if following:
            self.open(following[0])
        else:
            self.leave()

    def _on_trials_ended(self, results: list[Any]) -> None:
        self._progress.stop()
        if self.flow:
            self.flow.finish(results)
            self._draw()

    def _show_source(self) -> None:
        if self.flow:
            source = self.flow.lesson.source
            self.view_requested.emit("source")
            self.line_requested.emit(PROJECT / source.file, source.text)

    # ---- what is said

    def _draw(self) -> None:
        flow = self.flow
        if not flow:
            return
        lesson = flow.lesson
        self.curtain.draw(flow.is_covered)
        self.band.show_source.setVisible(lesson.has_source_in_view)
        answers = [self._said(answer.text) for answer in lesson.answers]
        explore = self.tr("Try it yourself: {text}").format(text=self._said(lesson.explore))
        self.band.show_step(flow, self._texts(flow), answers, self._line(lesson), explore)

    def _texts(self, flow: LessonFlow) -> BandTexts:
        lesson = flow.lesson
        caption = self.tr("Lesson {number} · {title} · step {step} of {steps}").format(
            number=formatting.whole(lesson.number),
            title=self._said(lesson.title),
            step=flow.stage + 1,
            steps=len(Stage),
        )
        headline, text = self._said(lesson.question), self._said(lesson.setup)
        match flow.stage:
            case Stage.ASK:
                keys = self.tr("1–{count} choose, Enter runs it, Esc leaves.").format(count=len(lesson.answers))
                return BandTexts(caption, headline, text, keys, self.tr("Run it"))
            case Stage.RUN:
                running, share = self._running()
                return BandTexts(caption, headline, text, running, "", share)
            case Stage.REVEAL:
                if flow.has_shown:
                    keys, action = self.tr("Enter says why; R runs it again."), self.tr("Why?")
                else:
                    keys, action = self.tr("Enter runs it again; → says why."), self.tr("Run it again")
                return BandTexts(caption, headline, self._revealed(flow), keys, action)
        keys = self.tr("Enter opens the next lesson, Esc leaves.")
        return BandTexts(caption, headline, self._said(lesson.why), keys, self.tr("Next lesson"))

    def _running(self) -> tuple[str, float]:
        """What runs now, in words, and how much of the run is over."""
        trials = self._session.trials
        if not trials or not trials.trial:
            return "", 0.0
        text = self.tr("{number} of {count}: {model}").format(
            number=trials.number, count=trials.count, model=formatting.model_title(trials.trial.model)
        )
        return text, (trials.number - 1 + trials.measured_share) / trials.count

    def _revealed(self, flow: LessonFlow) -> str:
        assert flow.verdict
        measured = filled_in(self._said(flow.lesson.reveal), flow.verdict.figures, figure_words)
        if flow.verdict.shown is None:
            reason = flow.verdict.failure or self.tr("this machine may be busy with something else")
            return self.tr("This run did not show it: {reason}. {measured}").format(
                reason=reason.rstrip("."), measured=measured
            )
        verdicts = {True: self.tr("Right."), False: self.tr("Not so."), None: self.tr("This is what was measured.")}
        return f"{verdicts[flow.is_right]} {measured}"

    def _line(self, lesson: Lesson) -> str:
        """The line of source to look at, with its file and number."""
        source = lesson.source
        try:
            lines = (PROJECT / source.file).read_text(encoding="utf-8").splitlines()
        except OSError:
            return source.file
        number = next((number for number, line in enumerate(lines, 1) if source.text in line), 0)
        return f"{Path(source.file).name}:{number}  {lines[number - 1].strip()}" if number else source.file

    def _longest(self, lesson: Lesson) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The texts whose room is kept all through the lesson."""
        verdict = self.tr("This run did not show it: {reason}. {measured}").format(
            reason=self.tr("this machine may be busy with something else"), measured=self._said(lesson.reveal)
        )
        return (self._said(lesson.question),), (self._said(lesson.setup), verdict, self._said(lesson.why))

    @staticmethod
    def _said(text: Bilingual) -> str:
        return text.text(language.current())


def figure_words(expression: Expression, value: float) -> str:
    """A value of an expression in words: with its unit if it is one figure, otherwise as a number."""
    figure = FIGURES.get(expression.figure)
    if figure is None or expression.figure == STARTED:
        return formatting.whole(value) if value >= 10 or value == round(value) else formatting.rounded(value, 1)
    return " ".join(filter(None, formatting.quantity(value, figure, Seen(0.0))))
