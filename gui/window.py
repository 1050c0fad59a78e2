"""The window: builds the panels, lays them out, and connects them with each other and with what runs.

Panels send signals and are set by calls; only here are they connected. What takes long to import is imported by
`complete`, after the first paint.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.clock import monotonic
from engine.load.requests import read_requests
from engine.load.workloads import WORKLOADS
from engine.setting import SettingError
from engine.settings import WORKLOAD, Part, by_name
from engine.telemetry import wire
from gui import appearance, errors, formatting, glossary, keyboard, recent
from gui.controls import Card
from gui.frame import Frame
from gui.own_models import OwnModels
from gui.panels.header import Header
from gui.panels.load import LoadPanel
from gui.panels.models import ModelCards
from gui.panels.notice import NoticeBar
from gui.panels.programs import ProgramDialog, program_entries
from gui.panels.replay import ReplayBar
from gui.panels.serves import ApplicationDialog, ServesRow, example, served_by
from gui.panels.settings_dialog import SettingsDialog
from gui.panels.tiles import Tiles
from gui.phones.card import PhonesCard
from gui.placement import Placement
from gui.presentation import SIDE_SHARE, Presentation
from gui.runs.processes import ProcessState
from gui.runs.session import Session
from gui.settings import ActiveSettings, Settings, data_folder
from gui.side import SideColumn
from gui.splitter import Splitter
from gui.theming import Theming
from gui.troubles import Troubles
from gui.views import VIEWS, View, ViewTabs

if TYPE_CHECKING:
    from engine.lab.rows import Row
    from gui.by_hand.controller import HandController
    from gui.file_actions import FileActions
    from gui.history.histories import Histories
    from gui.lessons.controller import LessonController
    from gui.panels.plots import Plots
    from gui.panels.requests import RequestsPanel
    from gui.panels.scoreboard import ScoreboardPanel
    from gui.panels.source import SourcePanel
    from gui.panels.strip import Strip
    from gui.panels.timeline import TimelinePanel
    from gui.picture import Picture
    from gui.recording.controller import RecordingController
    from gui.recording.recorder import SessionRecorder
    from gui.runs.run import Run
    from gui.scoreboard.scoreboard import Scoreboard
    from gui.scoreboard.store import Store


@dataclass(frozen=True)
class Running:
    """What goes on when a window is built anew."""

    active_settings: ActiveSettings
    session: Session
    live: "Histories"
    recorder: "SessionRecorder"


class Window(QMainWindow):
    """ServeScope's window, with its own engine."""

    completed = Signal()
    """Everything is there."""
    language_chosen = Signal(str)
    """The language that the window is to have: `renewed` makes it."""

    live: "Histories"
    """What runs."""
    picture: "Picture"
    recording: "RecordingController"
    files: "FileActions"
    lessons: "LessonController"
    by_hand: "HandController"
    scoreboard_data: "Scoreboard"
    scoreboard_store: "Store"
    plots: "Plots"
    strip: "Strip"
    timeline: "TimelinePanel"
    requests: "RequestsPanel"
    source: "SourcePanel"
    scoreboard: "ScoreboardPanel"

    def __init__(self, store: QSettings, running: Running | None = None, **given: Any) -> None:
        """Settings come from `store`; those `given` hold for this run and are not kept.

        `running`: what another window has handed over, whose place this one takes.
        """
        super().__init__()
        self._store = store
        self._running = running
        self._is_replaced = False
        self._active_settings = running.active_settings if running else ActiveSettings(store, given)
        self.session = running.session if running else Session(self._active_settings)
        self.session.setParent(self)
        self.is_complete = False
        self.theming = Theming(self, self.settings.theme)
        self._build()
        self._connect()
        self.placement = Placement(self, store)
        self.theming.add(
            [
                self.header,
                self.notice,
                self.replay_bar,
                self.serves,
                self.cards,
                self.load_panel,
                self.tiles,
                self.tabs,
            ]
        )
        self._on_state(self.session.first.engine.state)

    def complete(self) -> None:
        """Adds the parts whose modules take long to import; does nothing the second time."""
        if self.is_complete:
            return
        self.is_complete = True
        from gui.by_hand.controller import HandController
        from gui.file_actions import FileActions
        from gui.lessons.controller import LessonController
        from gui.panels.plots import Plots
        from gui.panels.strip import Strip
        from gui.phones.controller import PhonesController
        from gui.picture import Picture
        from gui.recording.controller import RecordingController
        from gui.scoreboard.scoreboard import Scoreboard
        from gui.scoreboard.store import open_store

        self.session.complete()
        running = self._running
        self.recording = RecordingController(self.replay_bar, self, running.recorder if running else None)
        self.scoreboard_store, trouble = open_store(data_folder(self._store) / "scoreboard.db")
        self.scoreboard_store.on_notice = self.notice.show_notice
        self.scoreboard_data = Scoreboard(self.scoreboard_store)
        self.plots = Plots()
        self._stage.insertWidget(0, self.plots)
        self.strip = Strip()
        self._right.insertWidget(0, self.strip)
        self.presentation.complete(self.plots, self.strip)
        self._stage.setSizes([380, 620])
        self.placement.divide(self._stage)
        self.picture = Picture(
            self,
            self.session,
            self.recording,
            self.plots,
            self.tiles,
            self.strip,
            self.load_panel,
            self.cards,
            self.tabs,
        )
        if running:
            self.picture.continue_live(running.live)
        self.live = self.picture.live
        for name, view in self.tabs.fill(self.live.first, self.scoreboard_data).items():
            setattr(self, name, view)
        self.source.show_model(self.settings.model, self.settings.mistake)
        self.files = FileActions(
            self, self.recording, self.scoreboard_data, self.plots, self.scoreboard, self.picture, self.theming
        )
        self.phones = PhonesController(
            self.session, self._active_settings, self.phones_card, self.live.first.phones, self
        )
        self.lessons = LessonController(self.session, self._active_settings, self._seen, self)
        self._column.insertWidget(0, self.lessons.band)
        self.by_hand = HandController(self, self.session, self.tabs, self.picture, self.presentation)
        self.show_view(self.placement.view if self.placement.view in VIEWS else next(iter(VIEWS)))
        self._connect_views()
        self.theming.add([self.plots, self.strip, *self.tabs.views.values(), self.lessons, self.by_hand])
        self.by_hand.restore(self._store)
        if trouble:
            self.notice.show_notice(trouble)
        self._show_address()
        self.header.show_recording(self.recording.is_recording)
        self.tabs.currentWidget().setFocus()
        self.picture.start()
        self.completed.emit()

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._active_settings.settings

    @property
    def shown(self) -> "Histories":
        """What is seen: what runs, or a replay."""
        return self.picture.shown

    def renewed(self) -> "Window":
        """A window in the language that is installed now, in the place of this one: all that runs goes on in it.

        A replay, a lesson and a presentation end; the lesson begins again.
        """
        self.complete()
        lesson = self.lessons.flow.lesson.key if self.lessons.flow else ""
        self.lessons.leave()
        self.recording.leave()
        if self.presentation.is_on:
            self.presentation.toggle()
        self._is_replaced = True
        self.picture.stop()
        self._troubles.leave()
        for run in self.session.both:
            run.message_arrived.disconnect(self._on_message)
        self.scoreboard_store.close()
        running = Running(self._active_settings, self.session, self.live, self.recording.recorder)
        other = Window(self._store, running)
        other.placement.is_kept = self.placement.is_kept
        other.setGeometry(self.geometry())
        other.setWindowState(self.windowState())
        other.show()
        other.show_view(self.tabs.shown)
        other._stage.restoreState(self._stage.saveState())  # also of curves that are hidden
        other.restoreState(self.saveState())
        other.phones.take_over(self.phones)
        if lesson:
            other.open_lesson(lesson)
        self.close()
        return other

    def open(self) -> None:
        """Shows itself as it was closed; the first time as big as suits its screen."""
        self.placement.open()

    def show_view(self, name: str) -> None:
        """Shows one of `gui.views.VIEWS` below the curves."""
        self.complete()
        self.tabs.show_view(name)

    def edit_settings(self) -> None:
        """Opens the settings and follows what was changed."""
        dialog = SettingsDialog(self.settings, self.session.first.engine.state is not ProcessState.STOPPED, self)
        if dialog.exec():
            self.apply(dialog.chosen())

    def apply(self, wanted: Settings) -> None:
        """Makes `wanted` the settings; an engine that runs with others is started again."""
        shown = by_name(Part.DIALOG).keys() | served_by(wanted).keys()
        differing = shown & wanted.differing(self.settings)
        changed = {name: getattr(wanted, name) for name in differing}
        self._active_settings.change(**changed)
        if "theme" in changed:
            self._apply_theme()
        if changed.keys() & by_name(Part.SERVER).keys():
            if self.session.first.engine.state is ProcessState.STOPPED:
                self.notice.show_notice(None)  # what it says may be mended now
            else:
                self.session.start()
        self.frame.refresh()  # what connections do as taught may be another
        self._show_served()
        self._show_address()
        if "language" in changed:
            self.language_chosen.emit(wanted.language)

    def open_glossary(self) -> None:
        """Opens the list of words; those of what has the keyboard, and of the open lesson, come first."""
        from gui.panels.glossary_dialog import GlossaryDialog

        near = [glossary.texts_of(QApplication.focusWidget())]
        if self.is_complete and self.lessons.flow:
            near.insert(0, glossary.texts_of(self.lessons.band))
        dialog = GlossaryDialog(" ".join(near), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _serve(self, served: dict[str, Any]) -> None:
        if served != example():
            recent.note(self._store, recent.SERVED, served)
        self.apply(self.settings.changed(**served))

    def _name_application(self) -> None:
        dialog = ApplicationDialog(self.settings, self)
        if dialog.exec():
            self._serve(dialog.chosen())

    def _name_program(self) -> None:
        dialog = ProgramDialog(self.settings, self)
        if dialog.exec():
            self.run_program(dialog.chosen())

    def run_program(self, program: dict[str, Any]) -> None:
        """Runs a program of the user's: the settings that name it."""
        self._make_room()
        recent.note(self._store, recent.PROGRAMS, program)
        self._show_yours()
        self.session.run_program(program)

    def _show_served(self) -> None:
        self.serves.show_served(self.settings, recent.recent(self._store, recent.SERVED))

    # ---- what runs, and its messages

    def _make_room(self) -> None:
        """For what runs, or is about to."""
        self.complete()
        self.recording.leave()

    def _choose(self, key: str) -> None:
        self._make_room()  # what is chosen is to run, and is not the replay's
        if key in self._programs:
            self.session.run_program(self._programs[key][1])
        else:
            self.session.choose(key)

    def _toggle(self) -> None:
        """Starts or stops what is seen to run: a replay is left, and nothing that is not seen is stopped."""
        if not self._leave_replay():
            self.session.toggle()

    def _toggle_load(self) -> None:
        if not self._leave_replay():
            self.session.toggle_load()

    def _leave_replay(self) -> bool:
        """Leaves the replay; returns whether there was one."""
        is_replay = self.is_complete and self.recording.replay is not None
        if is_replay:
            self.recording.leave()
        return is_replay

    def _show_sweep(self) -> None:
        self.load_panel.show_progress(formatting.sweep_progress(self.session.sweep))

    def _show_scoreboard(self) -> None:
        self.show_view("scoreboard")

    def _add_row(self, row: "Row") -> None:
        self.scoreboard_data.add(row)

    def _on_chosen(self, key: str) -> None:
        if self.is_complete:
            if not self.cards.has_keyboard:
                self.tabs.currentWidget().setFocus()  # the keys are the window's again
            self.source.show_model(key, self.settings.mistake)
        self.frame.refresh()

    def _choose_mistake(self, key: str) -> None:
        self._make_room()
        self.session.choose_mistake(key)
        self.notice.show_notice(errors.with_mistake(key) if key else None)

    def _change_setting(self, name: str, value: Any) -> None:
        if name in by_name(Part.SERVER):
            self._make_room()  # what is changed is what is to run
            self.apply(self.settings.changed(**{name: value}))
        else:
            self._active_settings.change(**{name: value})

    def _show_yours(self) -> None:
        """Lists what the user has."""
        self._programs = program_entries(self.settings, recent.recent(self._store, recent.PROGRAMS))
        self.cards.show_yours([*self.own_models.entries(), *(entry for entry, _ in self._programs.values())])
        self.frame.refresh()

    def _copy_model(self, key: str) -> None:
        if path := self.own_models.copy(key):
            self._choose(path)

    def _on_saved(self, path: str) -> None:
        """A file of the user's can be started again, or is."""
        if path == self.session.first.ran_with.model and self.session.first.serves:
            self.cards.opened.show_changed(True)
            if self.settings.restart_when_saved:
                self._restart_saved()

    def _restart_saved(self) -> None:
        self.cards.opened.show_changed(False)
        self.session.restart(self.session.first)

    def _show_mistake(self) -> None:
        self._make_room()
        self.session.show_mistake()
        self.frame.refresh()

    def _compare_mistake(self) -> None:
        self._make_room()
        self.session.compare_mistake()
        self.frame.refresh()

    def run_all(self) -> None:
        """Asks which models are to be measured in turn, and measures them."""
        from gui.panels.run_all_dialog import RunAllDialog

        dialog = RunAllDialog(recent.left_out(self._store), self.settings, self)
        if dialog.exec():
            recent.note_left_out(self._store, dialog.left_out)
            self.cards.fold()  # nothing of it moves while the models change by themselves
            seconds, rounds = float(dialog.seconds.value()), dialog.rounds.value()
            self.session.begin_sweep(seconds, dialog.models, dialog.programs, dialog.named, rounds)

    def _change_load(self, fields: dict[str, Any]) -> None:
        self.session.change_load(fields)
        self.frame.refresh()

    def _choose_requests(self) -> None:
        before = self.settings.requests or self.settings.app_dir or ""
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Requests to send"), before)
        if path:
            self.send_requests(path)

    def send_requests(self, path: str) -> None:
        """Has the load send the requests of the file at `path`, if they can be read."""
        try:
            read_requests(path)
        except SettingError as error:
            self.notice.show_notice(errors.wrong_requests(error))
            return
        workload = self.settings.workload if WORKLOADS[self.settings.workload].takes_requests else WORKLOAD.default
        self._change_load({"requests": path, "workload": workload})

    def _on_state(self, state: ProcessState) -> None:
        self.frame.show_state()
        if state in (ProcessState.STARTING, ProcessState.SWITCHING):
            self.notice.show_notice(None)
            self.cards.opened.show_changed(False)
        if state is not ProcessState.SWITCHING:  # the address stays
            self._show_address()

    def _on_message(self, stream: str, message: Any) -> None:
        self.live.receive(stream, message)
        self.recording.note(stream, message)
        if isinstance(message, wire.Ready | wire.Stopped):
            self.picture.show_run()

    def _show_address(self) -> None:
        if self.is_complete:
            self.requests.show_url(self.frame.url)

    def _apply_theme(self) -> None:
        self.header.show_theme(self.settings.theme)
        self.theming.choose(self.settings.theme)

    def toggle_freeze(self) -> None:
        """Lets the picture stand still, or go on; data goes on arriving either way."""
        self.complete()
        self.picture.toggle_freeze()

    def _toggle_recording(self) -> None:
        if self.recording.is_recording:
            self.recording.stop_recording()
        else:
            self.header.show_recording(False)  # not before a file was named
            self.files.ask_where_to_record()

    def _toggle_class(self) -> None:
        self.phones.toggle()
        self.serves.show_class(self.phones.is_in)  # also if it was thought better of

    def _on_class(self, is_in: bool) -> None:
        """The class is in from now on, or is not."""
        self.serves.show_class(is_in)
        self.frame.refresh()

    def _show_invitation(self) -> None:
        """The invitation stands in place of figures and curves while it is as large as the wall."""
        invites = not self.phones_card.isHidden() and not self.phones_card.is_folded
        if not self.presentation.is_on:
            for each in (self.tiles, self.plots):
                each.setVisible(not invites)

    def _on_second_view(self, view: View) -> None:
        """It stands beside the first of its kind from now on, and shows the second run."""
        from gui.panels.source import SourcePanel

        self.theming.add([view])
        if isinstance(view, SourcePanel):
            view.restart_requested.connect(lambda: self._restart(self.session.second))
            view.notice_raised.connect(self.notice.show_notice)

    def _restart_shown(self) -> None:
        self._restart(self.session.second if self.tabs.history is self.live.second else self.session.first)

    def _restart(self, run: "Run") -> None:
        """With its source, which was edited."""
        if fault := self.own_models.faults.get(run.ran_with.model):
            self.notice.show_notice(errors.wrong_model(run.ran_with.model, fault))  # the last good one goes on
        else:
            self.cards.opened.show_changed(False)
            self.session.restart(run)

    def _on_tab(self) -> None:
        if not self.tabs.tabBar().hasFocus():
            self.tabs.currentWidget().setFocus()  # rather than its first button, which would take Space
        self.picture.draw_view()

    def _filter(self) -> None:
        if self.is_complete:
            self.show_view("requests")
            self.requests.filter.setFocus()
            self.requests.filter.selectAll()

    def _toggle_by_hand(self) -> None:
        self.complete()
        self.by_hand.toggle()

    def _offer_lessons(self) -> None:
        flow = self.lessons.flow
        self.header.offer_lessons(self.lessons.offered(), flow.lesson.key if flow else "")

    def open_lesson(self, key: str) -> None:
        """Opens a lesson by its key."""
        self.complete()
        self.lessons.open(key)

    def _on_lesson_left(self) -> None:
        """The settings are the user's again."""
        self._on_chosen(self.settings.model)
        self._show_address()

    def _slow_down(self) -> None:
        if self.is_complete:
            self.show_view("timeline")
            self.timeline.slow_down(monotonic())

    def _escape(self) -> None:
        if self.load_panel.close_controls() or (self.is_complete and self.requests.step_back()):
            return
        if self.is_complete and self.timeline.end_slow_motion():
            return
        if self.is_complete and self.lessons.flow:
            self.lessons.leave()
            return
        self.presentation.step_back()

    # ---- built once

    def _build(self) -> None:
        self.setWindowTitle("ServeScope")
        self.setWindowIcon(appearance.application_icon())
        self.header, self.notice, self.replay_bar = Header(), NoticeBar(), ReplayBar()
        self.header.show_theme(self.settings.theme)
        self.serves = ServesRow()
        self.cards, self.load_panel, self.tiles = ModelCards(), LoadPanel(), Tiles()
        self.frame = Frame(self.session, self._active_settings, self.header, self.cards, self.load_panel, self)
        self.frame.refresh()
        self._show_served()
        self.own_models = OwnModels(self._store, parent=self)
        self.own_models.note(self.settings.model)
        self._show_yours()
        self.tabs = ViewTabs()
        self.pair = self.tabs.pair
        self._stage = Splitter(Qt.Orientation.Vertical)
        background = Card()
        inside = QVBoxLayout(background)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.tabs)
        inside.addWidget(self.replay_bar)  # below what it moves; above, it would push all the rest down
        self._stage.addWidget(background)

        plot_data = QWidget()
        right = QVBoxLayout(plot_data)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(10)
        self.phones_card = PhonesCard()
        self.phones_card.hide()
        right.addWidget(self.phones_card)
        right.addWidget(self.tiles)
        self._right = right
        right.addWidget(self._stage, 1)
        self._seen = seen = QScrollArea()
        seen.setFrameShape(QFrame.Shape.NoFrame)
        seen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        seen.setWidgetResizable(True)
        seen.setWidget(plot_data)
        body = QHBoxLayout()
        body.setContentsMargins(14, 12, 14, 14)
        body.setSpacing(2)
        self._side = side = QWidget()
        rows = QVBoxLayout(side)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.serves)
        rows.addWidget(SideColumn(self.cards, self.load_panel), 1)
        body.addWidget(side, SIDE_SHARE)
        body.addWidget(seen, 100 - SIDE_SHARE)
        central = QWidget()
        self._column = column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        self.setMenuWidget(self.header)  # above all that stands beside the picture
        self.setCentralWidget(central)
        self.notice.lie_over(seen)
        self.presentation = Presentation(
            self, self.theming, self.header, self.tiles, side, body, self._stage, self.tabs
        )

    def _connect(self) -> None:
        """What outlives this window is connected to methods of Qt objects alone, and so only until they are deleted."""
        self._troubles = Troubles(self, self.session, self._active_settings, self.notice)
        self._troubles.application_requested.connect(self._name_application)
        self.session.wanted.connect(self._make_room)
        self.session.chosen.connect(self._on_chosen)
        self.session.second_changed.connect(self.frame.refresh)
        self.session.sweep_changed.connect(self._show_sweep)
        self.session.sweep_ended.connect(self._show_scoreboard)
        self.session.first.engine.state_changed.connect(self._on_state)
        self.session.second.engine.state_changed.connect(self.frame.show_state)
        self.session.first.load.state_changed.connect(self.frame.show_state)
        for run in self.session.both:
            run.message_arrived.connect(self._on_message)
        self.cards.model_chosen.connect(self._choose)
        self.cards.mistakes.chosen.connect(self._choose_mistake)
        self.cards.mistakes.show_requested.connect(self._show_mistake)
        self.cards.mistakes.compare_requested.connect(self._compare_mistake)
        self.cards.opened.setting_changed.connect(self._change_setting)
        self.cards.opened.copy_requested.connect(self._copy_model)
        self.cards.opened.edit_requested.connect(self.own_models.edit)
        self.cards.opened.restart_requested.connect(self._restart_saved)
        self.own_models.changed.connect(self._show_yours)
        self.own_models.saved.connect(self._on_saved)
        self.own_models.notice_raised.connect(self.notice.show_notice)
        self.serves.chosen.connect(self._serve)
        self.cards.program_requested.connect(self._name_program)
        self.serves.application_requested.connect(self._name_application)
        self.header.toggle_requested.connect(self._toggle)
        self.header.presentation_requested.connect(self.presentation.toggle)
        self.header.freeze_requested.connect(self.toggle_freeze)
        self.header.settings_requested.connect(self.edit_settings)
        self.header.theme_requested.connect(lambda name: self.apply(self.settings.changed(theme=name)))
        self.header.open_requested.connect(lambda: QDesktopServices.openUrl(QUrl(self.header.address)))
        self.header.second_requested.connect(self.session.choose_second)
        self.header.by_hand_requested.connect(self._toggle_by_hand)
        self.load_panel.changed.connect(self._change_load)
        self.load_panel.requests_requested.connect(self._choose_requests)
        self.load_panel.toggle_requested.connect(self._toggle_load)
        self.load_panel.run_all_requested.connect(self.run_all)
        self.load_panel.run_all_cancelled.connect(self.session.end_sweep)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply_theme)
        for keys, slot in (
            ("Ctrl+Return", self._toggle),
            ("Ctrl+Enter", self._toggle),
            ("Ctrl+F", self._filter),
            ("Ctrl+,", self.edit_settings),
            ("F1", self.open_glossary),
            ("F11", self.presentation.toggle),
            ("Ctrl+Meta+F", self.presentation.toggle),  # as on macOS, where F11 shows the desktop
            ("L", self._toggle_load),
            ("S", self._slow_down),
            ("C", self._toggle_by_hand),
            ("Escape", self._escape),
        ):
            QShortcut(QKeySequence(keys), self, slot)

    def _connect_views(self) -> None:
        self.session.measured.connect(self._add_row)
        self.session.growing.connect(self.scoreboard.note_growing)
        self.lessons.view_requested.connect(self.show_view)
        self.lessons.model_requested.connect(self.cards.select)
        self.lessons.line_requested.connect(self.source.show_line)
        self.lessons.notice_raised.connect(self.notice.show_notice)
        self.lessons.opening.connect(self.phones.end)
        self.lessons.left.connect(self._on_lesson_left)
        self.header.lessons_wanted.connect(self._offer_lessons)
        self.header.lesson_requested.connect(self.lessons.open)
        self.picture.freeze_changed.connect(self.header.show_frozen)
        self.recording.histories_changed.connect(self.picture.show_histories)
        self.picture.shown_changed.connect(self.frame.show_histories)
        self.recording.recording_changed.connect(lambda: self.header.show_recording(self.recording.is_recording))
        self.recording.notice_raised.connect(self.notice.show_notice)
        self.files.notice_raised.connect(self.notice.show_notice)
        self.header.record_requested.connect(self._toggle_recording)
        self.header.play_requested.connect(self.files.ask_what_to_play)
        self.header.picture_requested.connect(self.files.ask_where_to_draw)
        self.serves.class_requested.connect(self._toggle_class)
        self.phones.changed.connect(self._on_class)
        self.phones.invitation_changed.connect(self._show_invitation)
        self.phones.named.connect(self._on_message)
        self.phones.notice_raised.connect(self.notice.show_notice)
        self.phones_card.folded.connect(self._show_invitation)
        self.presentation.changed.connect(self._show_invitation)
        self.pair.picked.connect(self.picture.show_run)
        self.tabs.second_made.connect(self._on_second_view)
        self.by_hand.shown_changed.connect(self.header.by_hand.setChecked)
        self.tabs.currentChanged.connect(self._on_tab)
        self.source.restart_requested.connect(self._restart_shown)
        self.source.notice_raised.connect(self.notice.show_notice)
        self.scoreboard.run_all_requested.connect(self.run_all)
        self.scoreboard.export_requested.connect(self.files.ask_where_to_export)

    # ---- Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits pick a model and Space freezes; what has the keyboard and writes text never lets them through."""
        if self.is_complete and self.lessons.take_key(event):
            return
        digit = keyboard.digit(event)
        if keyboard.is_plain(event) and event.key() == Qt.Key.Key_Space:
            if self.is_complete and self.recording.replay:
                self.recording.toggle()
            else:
                self.toggle_freeze()
        elif digit is not None:
            self.cards.choose_number(digit)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.is_complete:
            self.scoreboard_data.refresh()  # another window may have changed it

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_complete:
            QTimer.singleShot(0, self, self.complete)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_replaced:
            super().closeEvent(event)
            return
        if self.is_complete:
            self.picture.stop()
            self.placement.keep(self.tabs.shown, self._stage)
            if self.placement.is_kept:
                self.by_hand.keep(self._store)
        self.hide()  # at once; what is ended below may take a moment
        self.session.close()
        self.own_models.close()
        if self.is_complete:
            self.scoreboard_store.close()
            self.recording.close()
        super().closeEvent(event)
