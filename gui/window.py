"""The window: builds the panels, lays them out, connects them, and paints what has changed.

Owns the frame timer and what is seen. Panels ask by signals and are told by calls; only here do they meet, and meet
what runs. What takes long to import is imported by `complete`, after the first paint.
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, QRect, QSettings, QSize, Qt, QTimer, QUrl, Signal
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
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.settings import Part, by_name
from engine.telemetry import wire
from gui import appearance, errors, formatting
from gui.controls import Card
from gui.panels.header import Header
from gui.panels.load import RUN_ALL_SECONDS, LoadPanel
from gui.panels.models import ModelCards
from gui.panels.notice import NoticeBar
from gui.panels.pair import PairSwitch
from gui.panels.replay import ReplayBar
from gui.panels.settings_dialog import SettingsDialog
from gui.panels.side import SideColumn
from gui.panels.tiles import Tiles
from gui.runs.processes import Ending, ProcessState
from gui.runs.run import Run
from gui.runs.session import Session
from gui.runs.streams import FIRST, SECOND
from gui.settings import ActiveSettings, Settings, data_folder, example_site

if TYPE_CHECKING:
    from gui.file_actions import FileActions
    from gui.history.histories import Histories, RunHistory
    from gui.panels.plots import Plots
    from gui.panels.requests import RequestsPanel
    from gui.panels.scoreboard import ScoreboardPanel
    from gui.panels.source import SourcePanel
    from gui.panels.timeline import TimelinePanel
    from gui.recording.controller import RecordingController
    from gui.scoreboard.scoreboard import Scoreboard
    from gui.scoreboard.store import Store

FRAME_MS, TEXT_MS, LOG_MS, SOURCE_MS = 33, 250, 200, 100
FEW_REQUESTS = 300
"""A second: up to here, the spans of all of them have no price that could be noticed."""
USUAL = QSize(1600, 1000)
LEAST = QSize(880, 420)
TITLE_BAR = 32
FRAME = QSize(16, TITLE_BAR + 8)
"""What a window's frame takes at most; no system says it before the window is there."""
VIEWS = ("timeline", "requests", "source", "scoreboard")
"""What can be seen below the curves."""
SIGNS = {ProcessState.STOPPED: "ring", ProcessState.RUNNING: "full"}
"""The state's sign; any other state is under way."""


class Window(QMainWindow):
    """ServeScope's window, with its own engine."""

    completed = Signal()
    """Everything is there."""

    live: "Histories"
    """What runs."""
    shown: "Histories"
    """What is seen: what runs, or a replay."""
    recording: "RecordingController"
    files: "FileActions"
    scoreboard_data: "Scoreboard"
    scoreboard_store: "Store"
    plots: "Plots"
    timeline: "TimelinePanel"
    requests: "RequestsPanel"
    source: "SourcePanel"
    scoreboard: "ScoreboardPanel"

    def __init__(self, store: QSettings, **given: Any) -> None:
        """Settings come from `store`; those `given` hold for this run and are not kept."""
        super().__init__()
        self._store = store
        self._active_settings = ActiveSettings(store, given)
        self.session = Session(self._active_settings, self)
        self.is_complete = False
        self.keeps_size = True
        """Whether the window opens as it was closed."""
        self.frozen = False
        self.presenting = False
        self._detailed: RunHistory | None = None
        self._drawn: tuple[Histories, int, float] | None = None
        self._logged = -1
        self._now = self._live_now = 0.0
        self._theme_application()  # first: a widget that is older than the style sheet keeps the font it had
        self._build()
        self._connect()
        self.place(self.screen().availableGeometry())
        geometry = store.value("geometry")
        if isinstance(geometry, QByteArray) and self.restoreGeometry(geometry):
            self._fills_screen = False
        self._apply_theme()
        self._on_state(ProcessState.STOPPED)

    def place(self, available: QRect) -> None:
        """Takes the middle of this part of a screen, or all of it if it has too little room for the usual size."""
        size = USUAL.boundedTo(available.size() - FRAME)
        self._fills_screen = size != USUAL
        frame = QRect(QPoint(), size + FRAME)
        frame.moveCenter(available.center())
        self.setGeometry(QRect(frame.topLeft() + QPoint(FRAME.width() // 2, TITLE_BAR), size))

    def open(self) -> None:
        """Shows itself as it was closed; the first time as big as suits its screen."""
        if self._fills_screen:
            self.showMaximized()
        else:
            self.show()

    def complete(self) -> None:
        """Adds the parts whose modules take long to import; does nothing the second time."""
        if self.is_complete:
            return
        self.is_complete = True
        from gui.file_actions import FileActions
        from gui.history.histories import Histories
        from gui.history.plot_data import merge, plot_data
        from gui.history.request_log import Search
        from gui.panels.plots import Plots
        from gui.panels.requests import RequestsPanel
        from gui.panels.scoreboard import ScoreboardPanel
        from gui.panels.source import SourcePanel
        from gui.panels.timeline import TimelinePanel
        from gui.recording.controller import RecordingController
        from gui.scoreboard.scoreboard import Scoreboard
        from gui.scoreboard.store import open_store

        self.live = self.shown = Histories(time.monotonic)
        self.recording = RecordingController(self.replay_bar, self)
        self._plot_data, self._merge = plot_data, merge
        self.session.complete()
        self.scoreboard_store, trouble = open_store(data_folder(self._store) / "scoreboard.db")
        self.scoreboard_store.on_notice = self.notice.show_notice
        self.scoreboard_data = Scoreboard(self.scoreboard_store)
        self.plots = Plots()
        history = self._detailed = self.live.first
        self.timeline = TimelinePanel(history.lanes, self._request_text)
        self.requests = RequestsPanel(history.server.log, history.lanes, Search)
        self.source = SourcePanel()
        self.source.show_model(self.settings.model)
        self.scoreboard = ScoreboardPanel(self.scoreboard_data)
        self.files = FileActions(self, self.recording, self.scoreboard_data, self.plots, self.scoreboard)
        titles = (self.tr("Timeline"), self.tr("Requests"), self.tr("Source"), self.tr("Scoreboard"))
        for view, title in zip(VIEWS, titles, strict=True):
            self.tabs.addTab(getattr(self, view), title)
        self.show_view("requests")
        self._stage.insertWidget(0, self.plots)
        self._stage.setSizes([380, 620])
        self._connect_views()
        for panel in self._later_panels():
            panel.set_theme(self.theme)
        if trouble:
            self.notice.show_notice(trouble)
        self._show_address()
        self.requests.view.setFocus()
        for timer in self._timers:
            timer.start()
        self.completed.emit()

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._active_settings.settings

    def toggle_freeze(self) -> None:
        """Lets the picture stand still, or go on; data goes on arriving either way."""
        self.complete()
        self.frozen = not self.frozen
        self.header.show_frozen(self.frozen)
        self.requests.show_frozen(self.frozen)
        self.timeline.show_frozen(self.frozen)
        self._draw()
        self._show_texts()

    def toggle_presentation(self) -> None:
        """Bigger text and nothing but the picture, on the whole screen; or back."""
        self.presenting = not self.presenting
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.header.show_presenting(self.presenting)
        self._apply_theme()

    def edit_settings(self) -> None:
        """Opens the settings and follows what was changed."""
        dialog = SettingsDialog(self.settings, self.session.first.engine.state is not ProcessState.STOPPED, self)
        if dialog.exec():
            self.apply(dialog.chosen())

    def show_view(self, name: str) -> None:
        """Shows one of `VIEWS` below the curves."""
        self.complete()
        self.tabs.setCurrentIndex(VIEWS.index(name))

    def apply(self, wanted: Settings) -> None:
        """Makes `wanted` the settings; an engine that runs with others is started again."""
        differing = by_name(Part.DIALOG).keys() & wanted.differing(self.settings)
        changed = {name: getattr(wanted, name) for name in differing}
        self._active_settings.change(**changed)
        if "theme" in changed:
            self._apply_theme()
        if changed.keys() & by_name(Part.SERVER).keys():
            if self.session.first.engine.state is ProcessState.STOPPED:
                self.notice.show_notice(None)  # what it says may be mended now
            else:
                self.session.start()
        self.load_panel.show_settings(self.settings)  # what connections do as taught may be another
        self._show_address()

    # ---- what runs, and what it tells

    def _make_room(self) -> None:
        """For what runs, or is about to."""
        self.complete()
        self.recording.leave()

    def _on_chosen(self, key: str) -> None:
        if self.is_complete:
            self.requests.view.setFocus()  # the keys are the window's again
            self.source.show_model(key)
        self.cards.select(key)
        self.load_panel.show_settings(self.settings)
        self._show_second()

    def _show_second(self) -> None:
        self.header.show_second(self.settings.model, self.session.second_model)

    def _show_sweep(self) -> None:
        through, text = self.session.sweep, ""
        if through and through.model:
            text = self.tr("{number} of {count}: {model}").format(
                number=through.number, count=through.count, model=formatting.model_title(through.model)
            )
        self.load_panel.show_progress(text)

    def _on_sweep_ended(self, left_out: list[str]) -> None:
        self.tabs.setCurrentWidget(self.scoreboard)
        if left_out:
            self.notice.show_notice(errors.not_measured([formatting.model_title(key) for key in left_out]))

    def _change_load(self, fields: dict[str, Any]) -> None:
        self.session.change_load(fields)
        self.load_panel.show_settings(self.settings)

    def _on_state(self, state: ProcessState) -> None:
        model = formatting.model_title(self.session.first.ran_with.model)
        text = {
            ProcessState.STOPPED: self.tr("Stopped"),
            ProcessState.STARTING: self.tr("Starting {model} …"),
            ProcessState.RUNNING: self.tr("Running · {model}"),
            ProcessState.STOPPING: self.tr("Stopping {model} …"),
            ProcessState.SWITCHING: self.tr("Switching to {model} …"),
        }[state]
        self.header.show_state(text.format(model=model), SIGNS.get(state, "half"))
        self.header.show_running(
            state not in (ProcessState.STOPPED, ProcessState.STOPPING), reachable=state is ProcessState.RUNNING
        )
        if state in (ProcessState.STARTING, ProcessState.SWITCHING):
            self.notice.show_notice(None)
        if state is not ProcessState.SWITCHING:  # the address stays
            self._show_address()

    def _on_load_state(self, state: ProcessState) -> None:
        self.load_panel.show_running(state not in (ProcessState.STOPPED, ProcessState.STOPPING))

    def _on_message(self, run: Run, stream: str, message: Any) -> None:
        self.live.receive(stream, message)
        self.recording.note(stream, message)
        match message:
            case wire.Ready() | wire.Stopped():
                self._show_details()
            case wire.Problem() if run.engine.state is ProcessState.RUNNING and stream in (FIRST.engine, SECOND.engine):
                self.notice.show_notice(errors.went_wrong(message))

    def _on_ended(self, run: Run, ending: Ending) -> None:
        notice = errors.why_ended(ending, run.ran_with)
        if notice and run is self.session.second:
            self.session.set_second_model("")
            notice = replace(notice, offer=None)  # which would be for the chosen one
        self._show_trouble(notice)

    def _on_load_ended(self, ending: Ending) -> None:
        self._show_trouble(errors.why_load_ended(ending))

    def _show_trouble(self, notice: errors.Notice | None) -> None:
        if notice:
            self.session.cancel_sweep()
            self.notice.show_notice(notice)

    def _on_offer(self, offer: errors.Offer) -> None:
        changes = offer.changes
        if changes is None:
            folder = QFileDialog.getExistingDirectory(self, self.tr("Folder to serve"), example_site())
            if not folder:
                return
            changes = {"root": folder}
        if "port" in changes:  # for this run only: tomorrow the usual one may be free
            self._active_settings.override(**changes)
        else:
            self._active_settings.change(**changes)
        self.session.start()

    # ---- what is painted, and when

    def _draw(self) -> None:
        """The frame: curves move while an engine runs, and stand still with what was last seen otherwise."""
        if self.frozen or self.isMinimized():
            return
        shown = self.shown
        if self.live.is_running:
            self._live_now = time.monotonic()
        replay = None if shown is self.live else self.recording.replay
        self._now = replay.now() if replay else self._live_now
        if (shown, shown.revision, self._now) == self._drawn:
            return
        self._drawn = (shown, shown.revision, self._now)
        histories = (shown.first, shown.second)
        self.plots.draw(self._merge(*(self._plot_data(each.server, each.clients, self._now) for each in histories)))
        if self._now:
            self.timeline.draw(self._now)

    def _show_texts(self) -> None:
        growing = self.session.measure()
        self._request_details()
        if not self.frozen:
            self._show_details()
            first, second = self.shown.first, self.shown.second
            self.tiles.show_histories(first.server, first.clients, second.server, second.clients)
            self.load_panel.show_load(first.clients, first.server.counters.requests if first.server.counters else 0)
            self.cards.show_rates(second.server.measured | first.server.measured)
            self.scoreboard.show_growing(growing)

    def _request_details(self) -> None:
        """Spans are told only while somebody looks at them, or when there are too few to have a price."""
        view = self.tabs.currentWidget()
        wanted = view in (self.timeline, self.source) or self.recording.is_recording
        for run, history in zip(self.session.both, (self.live.first, self.live.second), strict=True):
            reads = view is self.requests and history.server.requests_per_second() < FEW_REQUESTS
            run.engine.request_spans(wanted or reads)

    def _show_histories(self, histories: "Histories | None") -> None:
        """Shows a replay, or, with None, what runs."""
        self.shown = histories or self.live
        self._show_details()
        if histories and self.frozen:
            self.toggle_freeze()  # Space is the replay's now

    def _show_details(self) -> None:
        """The views below show one of the two that may run."""
        first, second = self.shown.first, self.shown.second
        is_pair = second.server.ready is not None and bool(first.lanes.model)
        self.pair.show_pair((first.lanes.model, second.lanes.model) if is_pair else None)
        history = second if self.pair.is_second else first
        if history is not self._detailed:
            self._detailed = history
            self._logged = -1
            self._select_connection(0)  # each engine numbers its own
            self.timeline.show_lanes(history.lanes)
            self.requests.show_log(history.server.log, history.lanes)
        self.source.show_run(history.server.ready)

    def _show_source(self) -> None:
        if self._detailed and not self.frozen and self.source.isVisible():
            self.source.show_profile(self._detailed.line_profile)

    def _show_log(self) -> None:
        if self._detailed and not self.frozen and self._detailed.server.log.total != self._logged:
            self._logged = self._detailed.server.log.total
            self.requests.refresh()

    def _show_address(self) -> None:
        url = self.session.first.url
        if not url and self.settings.port:
            url = formatting.address(self.settings.host, self.settings.port)
        self.header.show_url(url)
        if self.is_complete:
            self.requests.show_url(url)

    def _theme_application(self) -> None:
        self.theme = appearance.chosen(self.settings.theme)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        appearance.apply_theme(
            application, self.theme, appearance.presented(self.screen().size().height()) if self.presenting else 1.0
        )

    def _apply_theme(self) -> None:
        self._theme_application()
        self.header.show_theme(self.settings.theme)
        panels: list[Any] = [self.header, self.notice, self.replay_bar, self.cards, self.load_panel, self.tiles]
        panels.append(self.pair)
        if self.is_complete:
            panels += self._later_panels()
        for panel in panels:
            panel.set_theme(self.theme)

    def _later_panels(self) -> list[Any]:
        return [self.plots, self.timeline, self.requests, self.source, self.scoreboard]

    # ---- built once

    def _build(self) -> None:
        self.setWindowTitle("ServeScope")
        self.setWindowIcon(appearance.application_icon())
        self.setMinimumSize(LEAST)
        self.header, self.notice, self.replay_bar = Header(), NoticeBar(), ReplayBar()
        self._show_second()
        self.cards, self.load_panel, self.tiles = ModelCards(), LoadPanel(), Tiles()
        self.load_panel.show_settings(self.settings)
        self.cards.select(self.settings.model)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Views"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pair = PairSwitch()
        self.tabs.setCornerWidget(self.pair)
        self._stage = QSplitter(Qt.Orientation.Vertical)
        self._stage.setChildrenCollapsible(False)
        self._stage.setHandleWidth(10)
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
        right.addWidget(self.tiles)
        right.addWidget(self._stage, 1)
        seen = QScrollArea()
        seen.setFrameShape(QFrame.Shape.NoFrame)
        seen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        seen.setWidgetResizable(True)
        seen.setWidget(plot_data)
        body = QHBoxLayout()
        body.setContentsMargins(14, 12, 14, 14)
        body.setSpacing(2)
        body.addWidget(SideColumn(self.cards, self.load_panel), 21)
        body.addWidget(seen, 79)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(body, 1)
        self.setCentralWidget(central)
        self.notice.lie_over(seen)

    def _connect(self) -> None:
        self.session.wanted.connect(self._make_room)
        self.session.chosen.connect(self._on_chosen)
        self.session.second_changed.connect(self._show_second)
        self.session.sweep_changed.connect(self._show_sweep)
        self.session.sweep_ended.connect(self._on_sweep_ended)
        self.session.first.engine.state_changed.connect(self._on_state)
        self.session.first.load.state_changed.connect(self._on_load_state)
        for run in self.session.both:
            run.message_arrived.connect(lambda stream, message, run=run: self._on_message(run, stream, message))
            run.engine.ended.connect(lambda ending, run=run: self._on_ended(run, ending))
            run.load.ended.connect(self._on_load_ended)
        self.cards.model_chosen.connect(self.session.choose)
        self.header.toggle_requested.connect(self.session.toggle)
        self.header.freeze_requested.connect(self.toggle_freeze)
        self.header.settings_requested.connect(self.edit_settings)
        self.header.theme_requested.connect(lambda name: self.apply(self.settings.changed(theme=name)))
        self.header.open_requested.connect(lambda: QDesktopServices.openUrl(QUrl(self.header.url.text())))
        self.notice.accepted.connect(self._on_offer)
        self.header.second_requested.connect(self.session.set_second_model)
        self.pair.picked.connect(self._show_details)
        self.load_panel.changed.connect(self._change_load)
        self.load_panel.toggle_requested.connect(self.session.toggle_load)
        self.load_panel.run_all_requested.connect(self.session.begin_sweep)
        self.load_panel.run_all_cancelled.connect(self.session.end_sweep)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply_theme)
        for keys, slot in (
            ("Ctrl+Return", self.session.toggle),
            ("Ctrl+Enter", self.session.toggle),
            ("Ctrl+F", self._filter),
            ("Ctrl+,", self.edit_settings),
            ("F11", self.toggle_presentation),
            ("L", self.session.toggle_load),
            ("Escape", self._escape),
        ):
            QShortcut(QKeySequence(keys), self, slot)
        self._timers = []
        for interval, paint in (
            (FRAME_MS, self._draw),
            (TEXT_MS, self._show_texts),
            (LOG_MS, self._show_log),
            (SOURCE_MS, self._show_source),
        ):
            timer = QTimer(self)
            timer.setInterval(interval)
            timer.timeout.connect(paint)
            self._timers.append(timer)

    def _connect_views(self) -> None:
        self.session.measured.connect(self.scoreboard_data.add)
        self.recording.histories_changed.connect(self._show_histories)
        self.recording.recording_changed.connect(lambda: self.header.show_recording(self.recording.is_recording))
        self.recording.notice_raised.connect(self.notice.show_notice)
        self.files.notice_raised.connect(self.notice.show_notice)
        self.header.record_requested.connect(self._toggle_recording)
        self.header.play_requested.connect(self.files.ask_what_to_play)
        self.header.picture_requested.connect(self.files.ask_where_to_draw)
        self.tabs.currentChanged.connect(self._on_tab)
        self.timeline.connection_selected.connect(self._select_span)
        self.source.connection_selected.connect(self._select_connection)
        self.requests.connection_selected.connect(self._select_connection)
        self.source.restart_requested.connect(self._restart_detailed)
        self.source.notice_raised.connect(self.notice.show_notice)
        self.scoreboard.run_all_requested.connect(lambda: self.session.begin_sweep(RUN_ALL_SECONDS))
        self.scoreboard.export_requested.connect(self.files.ask_where_to_export)

    def _on_tab(self) -> None:
        if not self.tabs.tabBar().hasFocus():
            self.tabs.currentWidget().setFocus()  # rather than its first button, which would take Space
        self._request_details()
        if self.tabs.currentWidget() is self.timeline and self._now:
            self.timeline.draw(self._now)

    def _toggle_recording(self) -> None:
        if self.recording.is_recording:
            self.recording.stop_recording()
        else:
            self.header.show_recording(False)  # not before a file was named
            self.files.ask_where_to_record()

    def _restart_detailed(self) -> None:
        """With the source that is shown, which was edited."""
        self.session.restart(self.session.second if self._detailed is self.live.second else self.session.first)

    def _select_connection(self, connection: int) -> None:
        self.timeline.select_connection(connection)
        self.source.select_connection(connection)

    def _select_span(self, connection: int, moment: float) -> None:
        self._select_connection(connection)
        self.requests.pick(connection, moment)

    def _request_text(self, connection: int, moment: float) -> str:
        from gui.history.phases import request_at

        assert self._detailed
        row = request_at(self._detailed.server.log, connection, moment)
        return f"{row.method} {row.target}".strip() if row else ""

    def _filter(self) -> None:
        if self.is_complete:
            self.tabs.setCurrentWidget(self.requests)
            self.requests.filter.setFocus()
            self.requests.filter.selectAll()

    def _escape(self) -> None:
        if self.is_complete and self.requests.step_back():
            return
        if self.presenting:
            self.toggle_presentation()

    # ---- Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits pick a model and Space freezes; what has the keyboard and writes text never lets them through."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and event.key() == Qt.Key.Key_Space:
            if self.is_complete and self.recording.replay:
                self.recording.toggle()
            else:
                self.toggle_freeze()
        elif plain and event.text().isdecimal():
            self.cards.choose_number(int(event.text()))
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
        for timer in self._timers:
            timer.stop()
        if self.keeps_size and not self.presenting:
            self._store.setValue("geometry", self.saveGeometry())
        self.session.close()
        if self.is_complete:
            self.scoreboard_store.close()
            self.recording.close()
        super().closeEvent(event)
