"""The Source tab: the model's own file with its workers in it, or beside another model's.

Owns which file is shown and whether it was edited since the engine started. Knows nothing of how the engine is
restarted, or of what else shows the selected connection.
"""

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QShowEvent, QTextCursor
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine import models
from engine.mistakes import MISTAKES
from engine.models import MODELS
from engine.own_model import known
from engine.telemetry.bounds import connection_name
from engine.traits import Traits
from gui import appearance, errors, formatting, language
from gui.controls import Elided, no_click_focus, set_accessible_name, set_role
from gui.glossary import plain_tip
from gui.history.line_profile import COST_SECONDS, LineProfile, ProfileSnapshot
from gui.history.sources import file_name
from gui.source.comparison import moved
from gui.source.diff_view import DiffView
from gui.source.docstrings import head_in
from gui.source.editor import open_in_editor
from gui.source.live import LiveView
from gui.source.marks import KnownHandling, Mark, mark
from gui.source.view import coloured

if TYPE_CHECKING:
    from engine.telemetry import wire
    from gui.history.histories import RunHistory

SETTLING_MS = 120
"""Milliseconds without another write before a changed file is read: editors write in several steps."""


AS_IT_IS_RIGHT = "-"
"""In the list of what to compare with: the lines without the mistake. No model has this key."""


def source_file(key: str) -> Path:
    """The file of a model that this system runs; of one that only a recording has, a file that does not exist."""
    model = known(key)
    if model:
        return Path(model.file(fork=hasattr(os, "fork")))
    return Path(models.__file__).with_name(f"{key if key.isidentifier() else 'unknown'}.py")


class SourcePanel(QWidget):
    """Shows the file of the running model, or of the chosen one."""

    connection_selected = Signal(int)
    """A mark was clicked: the connection that its worker serves."""
    restart_requested = Signal()
    """The running engine is to be restarted, with the present file."""
    notice_raised = Signal(object)
    """An `errors.Notice`."""

    def __init__(
        self, file_of: Callable[[str], Path] = source_file, open_file: Callable[[Path], bool] = open_in_editor
    ) -> None:
        """`file_of` returns a model's file; `open_file` opens one for editing, or returns False."""
        super().__init__()
        self._file_of = file_of
        self._open_file = open_file
        self.view = LiveView(self.tr("The model's source"))
        self.inside = LiveView(self.tr("The application's source"))
        """The file of the application in which the work is."""
        self.diff = DiffView()
        self.application = no_click_focus(QPushButton())
        """Shows it in place of the model's."""
        self.title = set_role(QLabel(), "strong")
        self.status = set_role(Elided(), "small", muted=True)
        self.compare = no_click_focus(QPushButton(" " + self.tr("Compare")))
        self.other = QComboBox()
        self.open = no_click_focus(QPushButton(" " + self.tr("Open in editor")))
        self.explain = no_click_focus(QPushButton(self.tr("Translation")))
        """Shows what the model's file says at its head in the window's language, if that is not English."""
        self.explanation = set_role(QLabel(), "small")
        self.edited = QFrame()
        self.edited_text = set_role(QLabel())
        self.restart = QPushButton(self.tr("Start again"))
        self._stack = QStackedWidget()
        self._files = QFileSystemWatcher(self)
        self._settled = QTimer(self, interval=SETTLING_MS, singleShot=True)
        self._profile: LineProfile | None = None
        self._seen = ProfileSnapshot()
        self._chosen = self._model = ""
        self._chosen_mistake = self._mistake = self._program = ""  # as is run with it
        self._text = ""
        self._is_shown = True  # whether the view has the text
        self._begins_at_code = False  # whether it shall begin with the first function then
        self._running = 0.0  # when the running engine became ready
        self._run_text = ""  # the file at that moment
        self._run_texts: dict[float, str] = {}  # of each engine that was shown, by the time it became ready
        self._places_now: dict[int, int] = {}  # the present places of its lines
        self._connection = 0
        self._inside_path = ""
        self._follows = True  # goes to the file in which the work is, until the user chooses one
        self._sought = False  # whether to scroll to its line once that is known
        self._build()
        self._connect()

    def show_model(self, key: str, mistake: str = "") -> None:
        """Shows the file of the chosen model, or that with the mistake, as soon as no engine runs another one."""
        self._chosen, self._chosen_mistake = key, mistake
        if not self._running:
            self._show_file(key, mistake)

    def show_run(self, history: "RunHistory") -> None:
        """Shows this run from now on; notes that its engine began or ended, also while the tab is hidden."""
        self._profile = history.line_profile
        self._note_run(history.server.ready)

    def draw(self, now: float) -> None:
        """Shows the workers' lines while the tab is visible."""
        if self._profile and self.isVisible():
            self.show_profile(self._profile)

    def show_frozen(self, frozen: bool) -> None:
        """Nothing to do: it is not drawn while it is frozen."""

    def show_named(self, named: bool) -> None:
        """Nothing to do: its title names the file."""

    def join(self, first: "SourcePanel") -> None:
        """Nothing to do: each has its own lines."""

    def _note_run(self, ready: "wire.Ready | None") -> None:
        began = ready.time if ready else 0.0
        if began == self._running:
            return
        self._running = began
        self._follows = True
        self.application.setChecked(False)
        self.application.hide()
        if ready:
            self._show_file(ready.model, ready.mistake, ready.file if ready.command else "")
        else:
            self._show_file(self._chosen or self._model, self._chosen_mistake)
        self._run_text = self._run_texts.setdefault(began, self._text) if ready else self._text
        self._on_text()

    def show_profile(self, profile: LineProfile) -> None:
        """Shows the workers' lines."""
        self._seen = profile.snapshot()
        self._note_run(self._seen.ready)
        self._show_seen()

    def select(self, connection: int, moment: float = 0.0) -> None:
        """Emphasises the line of that connection's worker; 0: none."""
        self._connection = connection
        self.view.select(connection)
        self.inside.select(connection)
        self._sought = bool(connection)
        self._show_seen()

    def show_line(self, file: Path, text: str) -> None:
        """Brings the line with `text` into sight, if this file is shown."""
        if self._file_of(self._model).name == file.name:
            row = next((row for row, line in enumerate(self._text.split("\n")) if text in line), None)
            if row is not None:
                self.view.bring_into_sight(row)
                self.view.setTextCursor(QTextCursor(self.view.document().findBlockByNumber(row)))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        side = round(QApplication.font().pointSizeF() * 1.3)
        self.compare.setIcon(appearance.icon("git-compare", theme.text))
        self.open.setIcon(appearance.icon("pencil", theme.text))
        self.edited.setStyleSheet(
            f"QFrame#edited {{ background: {theme.busy_back}; border: 1px solid {theme.busy}; border-radius: 7px; }}"
        )
        self._sign.setPixmap(appearance.icon("triangle-alert", theme.busy).pixmap(side, side))
        self.view.set_theme(theme)
        self.inside.set_theme(theme)
        self.diff.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_text()

    # ---- what is shown

    def _show_seen(self) -> None:
        seen, now_at = self._seen, self._places_now
        known = KnownHandling(seen.states, seen.files)
        marks = [self._mark(now_at[line], places, known) for line, places in seen.places.items() if line in now_at]
        self.view.show_marks(
            self._model, marks, {now_at[line]: costs for line, costs in seen.costs.items() if line in now_at}
        )
        inside = [self._mark(line, places, known._replace(files={})) for line, places in seen.inside.items()]
        self.inside.show_marks(self._model, inside, seen.inside_costs)
        self._show_application(any(each.picked for each in inside))
        self._show_texts()
        if self._sought and (line := next((mark.line for mark in marks if mark.picked), 0)):
            self._sought = False
            self.view.bring_into_sight(line - 1)

    def _mark(self, line: int, places: "Sequence[wire.Activity]", handling: KnownHandling) -> Mark:
        seen = self._seen
        traits = seen.ready.traits if seen.ready else Traits()
        return mark(traits, line, places, seen.time, seen.sample_every, self._connection, handling)

    def _show_application(self, picked: bool) -> None:
        """Offers the application's file, and goes there if that is where the work is, or who is selected."""
        seen, path = self._seen, self._seen.application
        if not path or not seen.ready:
            return
        if path != self._inside_path:
            self._inside_path = path
            self.application.setText(file_name(path))
            self.inside.show_lines(coloured(_text_of(Path(path))))
        if not self.inside.toPlainText():  # as in a recording from another machine
            return
        self.application.show()
        if self._follows and (seen.is_inside or not self._text or (picked and self._sought)):
            self.application.setChecked(True)

    def _show_stacked(self) -> None:
        """Shows the view that is asked for."""
        if self.application.isChecked() and self.inside.costs:
            self.inside.bring_into_sight(max(self.inside.costs, key=lambda line: self.inside.costs[line].share) - 1)
        inside = self.inside if self.application.isChecked() else self.view
        self._stack.setCurrentWidget(self.diff if self.compare.isChecked() else inside)

    def _show_explanation(self) -> None:
        """Shows the head of the model's file in the window's language, if that is another and it is wanted."""
        text = head_in(language.current(), self._file())
        self.explain.setVisible(bool(text))
        self.explanation.setText(text)
        self.explanation.setVisible(bool(text) and self.explain.isChecked())

    def _show_texts(self) -> None:
        """Updates the texts around the source."""
        if not self._model:
            return
        marks, seen_inside = self.view.marks.values(), bool(self._seen.application)
        running = self._seen.ready
        title = formatting.run_title(running) if running else formatting.model_title(self._model)
        if self.compare.isChecked() and self.other.currentData() == AS_IT_IS_RIGHT:
            said = formatting.mistake_sentence(self._mistake)
        elif self.compare.isChecked():
            other = self._file_of(self.other.currentData()).name
            said = self.tr("− only in {other} · + only in {this}").format(other=other, this=self.title.text())
        elif not self._seen.ready:
            said = formatting.variants(
                self.tr(
                    "Start {model}: each worker is then marked on the line where it is, with how long it has "
                    "been there."
                ),
                self.tr("Start {model} to see its workers here."),
            ).format(model=title)
        elif not self._text and seen_inside:
            said = self._explained(self._seen.sample_every, self.inside.marks.values())
        elif not self._text:
            said = self.tr(
                "{model} was not started as a file: one of its own is shown once a worker waits in it."
            ).format(model=title)
        elif not marks:
            said = self.tr("No worker of {model} is known to be on a line.").format(model=title)
        else:
            said = self._explained(self._seen.sample_every, marks)
        if self.status.text() != said:
            self.status.setText(said)
            self.status.setToolTip(formatting.longest(said))

    def _explained(self, sample_every: int, marks: Collection[Mark]) -> str:
        bars = formatting.variants(
            self.tr("Bars: share of all workers' time in the last {seconds} seconds"),
            self.tr("Bars: share of the time"),
        ).format(seconds=formatting.whole(COST_SECONDS))
        first = []
        if self._connection and not any(mark.picked for mark in marks):
            first.append(
                self.tr("No worker is busy with connection {n} now").format(n=connection_name(self._connection))
            )
        if sample_every > 1:
            first.append(self.tr("1 in {n} connections is shown").format(n=formatting.whole(sample_every)))
        return formatting.variants(*(" · ".join([*first, each]) for each in bars.split("\x9c")))

    # ---- the files

    def _show_file(self, key: str, mistake: str = "", program: str = "") -> None:
        """`program`: the file of a program of the user's that runs; empty: none is known."""
        if (key, mistake, program) == (self._model, self._mistake, self._program):
            return
        self._model, self._mistake, self._program = key, mistake, program
        if watched := self._files.files() + self._files.directories():
            self._files.removePaths(watched)
        self._text = ""
        self._begins_at_code = True
        self._read()
        self._offer_others()

    def _file(self) -> Path:
        """The file that is shown: the model's, the one with the mistake in its place, or the user's program."""
        if self._program:
            return Path(self._program)
        mistake = MISTAKES.get(self._mistake)
        return Path(mistake.file) if mistake and mistake.model else self._file_of(self._model)

    def _read(self) -> None:
        """Reads the file again; if it can't be read just then, the old text stays."""
        file = self._file()
        if os.path.exists(file):
            self._files.addPaths([str(file), str(file.parent)])  # an editor may replace it by another file
        text = _text_of(file)
        if text and text != self._text:
            self._text = text
            self._on_text()

    def _on_text(self) -> None:
        """Shows the text, with marks on the lines that the running one still has."""
        self._places_now = moved(self._run_text.split("\n"), self._text.split("\n"))
        self.view.show_marks(self._model, [], {})  # the old marks have the lines of the old text
        self._is_shown = False
        self._show_text()
        file = self._file()
        self.title.setText(file.name if self._program or known(self._model) else self._model)
        self.title.setToolTip(plain_tip("\n".join(filter(None, (str(file), self._reading_order())))))
        self.edited.setVisible(bool(self._running) and self._run_text != self._text)
        self.edited_text.setText(
            self.tr("{file} was edited. The running engine still uses the old text.").format(file=file.name)
        )
        self._show_explanation()
        self._show_seen()
        self._show_diff()

    def _show_text(self) -> None:
        """Shows the text in its colours, which take long to find out, as soon as the tab is seen."""
        if self._is_shown or not self.isVisible():
            return
        self._is_shown = True
        bar = self.view.verticalScrollBar()
        top = bar.value()
        self.view.show_lines(coloured(self._text))
        bar.setValue(top)
        if self._begins_at_code:
            self._begins_at_code = False
            self.view.scroll_to_code()
        self._show_seen()

    def _reading_order(self) -> str:
        """The sentence on which files to read before and after this one, in the order of the table."""
        keys = list(MODELS)
        if self._model not in keys:
            return ""
        place = keys.index(self._model)
        before, after = keys[place - 1 : place], keys[place + 1 : place + 2]
        parts = (
            self.tr("Read {file} before this one.").format(file=self._file_of(before[0]).name) if before else "",
            self.tr("Read {file} after it.").format(file=self._file_of(after[0]).name) if after else "",
        )
        return " ".join(filter(None, parts))

    def _offer_others(self) -> None:
        """The models to compare with; first the one taught before this one."""
        keys = list(MODELS)
        place = keys.index(self._model) if self._model in keys else len(keys)
        model = known(self._model)
        before = model.like if model and model.like else keys[place - 1] if place else keys[1]
        was_right = self.other.currentData() == AS_IT_IS_RIGHT
        with QSignalBlocker(self.other):
            self.other.clear()
            if self._mistake in MISTAKES:
                self.other.addItem(self.tr("As it is right"), AS_IT_IS_RIGHT)
                before = AS_IT_IS_RIGHT
            for key in keys:
                if key != self._model:
                    self.other.addItem(formatting.model_title(key), key)
            self.other.setCurrentIndex(self.other.findData(before))
        mistake = MISTAKES.get(self._mistake)
        if mistake and not mistake.model:  # its lines are nowhere else
            self.compare.setChecked(True)
        elif was_right and not mistake:
            self.compare.setChecked(False)
        self._show_diff()

    def _show_diff(self) -> None:
        """Shows the differences if they are requested, and updates the texts."""
        self._show_texts()
        other = self.other.currentData()
        if not self.compare.isChecked() or not other:
            return
        mistake = MISTAKES.get(self._mistake)
        if other == AS_IT_IS_RIGHT:
            if not mistake:
                return  # others are offered in a moment
            titles = self.tr("As it is right"), formatting.mistake_title(self._mistake)
            texts = mistake.right_text(), self._text if mistake.model else mistake.wrong_text()
            self.diff.show_texts((titles[0], texts[0].rstrip("\n")), (titles[1], texts[1].rstrip("\n")))
            return
        file = self._file_of(other)
        titled = "{file} · {model}"
        self.diff.show_texts(
            (titled.format(file=file.name, model=formatting.model_title(other)), _text_of(file)),
            (titled.format(file=self.title.text(), model=formatting.model_title(self._model)), self._text),
        )

    def _on_choice(self) -> None:
        self._follows = False

    def _on_compare(self, comparing: bool) -> None:
        self._show_stacked()
        self.other.setVisible(comparing)
        self._show_diff()

    def _on_open(self) -> None:
        is_inside = self.application.isChecked() and not self.compare.isChecked()
        file = Path(self._inside_path) if is_inside else self._file()
        if not self._open_file(file):
            self.notice_raised.emit(errors.no_editor(file))

    # ---- built once

    def _build(self) -> None:
        self.view.setToolTip(self.tr("The file that the engine runs, with each worker on the line where it is"))
        set_accessible_name(
            self.compare,
            self.tr("Compare with another model"),
            self.tr("Show another model's file beside this one, and what differs"),
        )
        self.compare.setCheckable(True)
        set_accessible_name(
            self.explain, self.tr("Translation"), self.tr("Show what the file says at its head, in your language")
        )
        self.explain.setCheckable(True)
        self.explain.hide()
        self.explanation.setWordWrap(True)
        self.explanation.setContentsMargins(12, 0, 12, 0)
        self.explanation.hide()
        set_accessible_name(
            self.other, self.tr("The other model"), self.tr("The model whose file is shown on the left")
        )
        self.other.hide()
        set_accessible_name(
            self.open,
            self.tr("Open in editor"),
            self.tr("Open this file in your editor; what you save is shown here at once"),
        )
        set_accessible_name(self.restart, self.tr("Start again"), self.tr("Restart the engine with the file as it is"))
        self._sign = set_accessible_name(QLabel(), self.tr("Warning"))
        self.edited.setObjectName("edited")
        self.edited.hide()
        notice = QHBoxLayout(self.edited)
        notice.setContentsMargins(10, 4, 4, 4)
        notice.addWidget(self._sign)
        notice.addWidget(self.edited_text, 1)
        notice.addWidget(self.restart)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(10)
        row.addWidget(self.title)
        row.addWidget(self.application)
        row.addWidget(self.status, 1)
        row.addWidget(self.other)
        row.addWidget(self.explain)
        row.addWidget(self.compare)
        row.addWidget(self.open)
        set_accessible_name(
            self.application,
            self.tr("The application's file"),
            self.tr("Show the file in which the work is done, with each worker on its line, or the model's again"),
        )
        self.application.setCheckable(True)
        self.application.hide()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.inside)
        self._stack.addWidget(self.diff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 4)
        column.setSpacing(6)
        column.addLayout(row)
        aligned = QHBoxLayout()
        aligned.setContentsMargins(12, 0, 12, 0)
        aligned.addWidget(self.edited)
        column.addLayout(aligned)
        column.addWidget(self.explanation)
        column.addWidget(self._stack, 1)
        self.setFocusProxy(self.view)

    def _connect(self) -> None:
        for view in (self.view, self.inside):
            view.connection_picked.connect(self.connection_selected)
        self.application.toggled.connect(self._show_stacked)
        self.application.clicked.connect(self._on_choice)
        self.restart.clicked.connect(self.restart_requested)
        self.compare.toggled.connect(self._on_compare)
        self.explain.toggled.connect(self._show_explanation)
        self.other.currentIndexChanged.connect(self._show_diff)
        self.open.clicked.connect(self._on_open)
        self._files.fileChanged.connect(lambda: self._settled.start())
        self._files.directoryChanged.connect(lambda: self._settled.start())
        self._settled.timeout.connect(self._read)


def _text_of(file: Path) -> str:
    """The content of the file; empty if it can't be read just then, as while an editor replaces it."""
    try:
        return file.read_text("utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        return ""
