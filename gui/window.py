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
from gui import errors, theme, words
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
from gui.runs.bench import Bench
from gui.runs.benches import Benches
from gui.runs.processes import Ending, State
from gui.runs.streams import FIRST, SECOND
from gui.settings import InForce, Settings, data_folder, example_site

if TYPE_CHECKING:
    from gui.board.scoreboard import Scoreboard
    from gui.board.store import Store
    from gui.files import Files
    from gui.panels.plots import Plots
    from gui.panels.requests import RequestsPanel
    from gui.panels.scoreboard import ScoreboardPanel
    from gui.panels.source import SourcePanel
    from gui.panels.timeline import TimelinePanel
    from gui.records.scene import Scene, Scenes
    from gui.tape.tape import Tape

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
SIGNS = {State.STOPPED: "ring", State.RUNNING: "full"}
"""The state's sign; any other state is under way."""


class Window(QMainWindow):
    """ServeScope's window, with its own engine."""

    completed = Signal()
    """Everything is there."""

    live: "Scenes"
    """What runs."""
    shown: "Scenes"
    """What is seen: what runs, or a replay."""
    tape: "Tape"
    files: "Files"
    board: "Scoreboard"
    board_store: "Store"
    plots: "Plots"
    timeline: "TimelinePanel"
    requests: "RequestsPanel"
    source: "SourcePanel"
    scoreboard: "ScoreboardPanel"

    def __init__(self, store: QSettings, **given: Any) -> None:
        """Settings come from `store`; those `given` hold for this run and are not kept."""
        super().__init__()
        self._store = store
        self._in_force = InForce(store, given)
        self.benches = Benches(self._in_force, self)
        self.is_complete = False
        self.keeps_size = True
        """Whether the window opens as it was closed."""
        self.frozen = False
        self.presenting = False
        self._detailed: Scene | None = None
        self._drawn: tuple[Scenes, int, float] | None = None
        self._logged = -1
        self._now = self._live_now = 0.0
        self._dress_application()  # first: a widget that is older than the style sheet keeps the font it had
        self._build()
        self._connect()
        self.place(self.screen().availableGeometry())
        geometry = store.value("geometry")
        if isinstance(geometry, QByteArray) and self.restoreGeometry(geometry):
            self._fills_screen = False
        self._dress()
        self._on_state(State.STOPPED)

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
        from gui.board.scoreboard import Scoreboard
        from gui.board.store import open_store
        from gui.files import Files
        from gui.panels.plots import Plots
        from gui.panels.requests import RequestsPanel
        from gui.panels.scoreboard import ScoreboardPanel
        from gui.panels.source import SourcePanel
        from gui.panels.timeline import TimelinePanel
        from gui.records.picture import joined, picture
        from gui.records.request_log import Search
        from gui.records.scene import Scenes
        from gui.tape.tape import Tape

        self.live = self.shown = Scenes(time.monotonic)
        self.tape = Tape(self.replay_bar, self)
        self._picture, self._joined = picture, joined
        self.benches.complete()
        self.board_store, trouble = open_store(data_folder(self._store) / "scoreboard.db")
        self.board_store.on_notice = self.notice.tell
        self.board = Scoreboard(self.board_store)
        self.plots = Plots()
        scene = self._detailed = self.live.first
        self.timeline = TimelinePanel(scene.lanes, self._request_text)
        self.requests = RequestsPanel(scene.record.log, scene.lanes, Search)
        self.source = SourcePanel()
        self.source.show_model(self.settings.model)
        self.scoreboard = ScoreboardPanel(self.board)
        self.files = Files(self, self.tape, self.board, self.plots, self.scoreboard)
        titles = (self.tr("Timeline"), self.tr("Requests"), self.tr("Source"), self.tr("Scoreboard"))
        for view, title in zip(VIEWS, titles, strict=True):
            self.tabs.addTab(getattr(self, view), title)
        self.show_view("requests")
        self._stage.insertWidget(0, self.plots)
        self._stage.setSizes([380, 620])
        self._connect_views()
        for panel in self._later_panels():
            panel.set_look(self.look)
        if trouble:
            self.notice.tell(trouble)
        self._show_address()
        self.requests.view.setFocus()
        for timer in self._timers:
            timer.start()
        self.completed.emit()

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._in_force.settings

    def toggle_freeze(self) -> None:
        """Lets the picture stand still, or go on; data goes on arriving either way."""
        self.complete()
        self.frozen = not self.frozen
        self.header.show_frozen(self.frozen)
        self.requests.show_frozen(self.frozen)
        self.timeline.show_frozen(self.frozen)
        self._draw()
        self._say()

    def toggle_presentation(self) -> None:
        """Bigger text and nothing but the picture, on the whole screen; or back."""
        self.presenting = not self.presenting
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.header.show_presenting(self.presenting)
        self._dress()

    def edit_settings(self) -> None:
        """Opens the settings and follows what was changed."""
        dialog = SettingsDialog(self.settings, self.benches.first.engine.state is not State.STOPPED, self)
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
        self._in_force.change(**changed)
        if "theme" in changed:
            self._dress()
        if changed.keys() & by_name(Part.SERVER).keys():
            if self.benches.first.engine.state is State.STOPPED:
                self.notice.tell(None)  # what it says may be mended now
            else:
                self.benches.start()
        self._show_address()

    # ---- what runs, and what it tells

    def _make_room(self) -> None:
        """For what runs, or is about to."""
        self.complete()
        self.tape.leave()

    def _on_chosen(self, key: str) -> None:
        if self.is_complete:
            self.requests.view.setFocus()  # the keys are the window's again
            self.source.show_model(key)
        self.cards.select(key)
        self._show_beside()

    def _show_beside(self) -> None:
        self.header.show_beside(self.settings.model, self.benches.beside)

    def _show_round(self) -> None:
        through, text = self.benches.round, ""
        if through and through.model:
            text = self.tr("{number} of {count}: {model}").format(
                number=through.number, count=through.count, model=words.model_title(through.model)
            )
        self.load_panel.show_progress(text)

    def _on_round_ended(self, left_out: list[str]) -> None:
        self.tabs.setCurrentWidget(self.scoreboard)
        if left_out:
            self.notice.tell(errors.not_measured([words.model_title(key) for key in left_out]))

    def _change_load(self, fields: dict[str, Any]) -> None:
        self.benches.change_load(fields)
        self.load_panel.show_settings(self.settings)

    def _on_state(self, state: State) -> None:
        model = words.model_title(self.benches.first.ran_with.model)
        text = {
            State.STOPPED: self.tr("Stopped"),
            State.STARTING: self.tr("Starting {model} …"),
            State.RUNNING: self.tr("Running · {model}"),
            State.STOPPING: self.tr("Stopping {model} …"),
            State.SWITCHING: self.tr("Switching to {model} …"),
        }[state]
        self.header.show_state(text.format(model=model), SIGNS.get(state, "half"))
        self.header.show_running(state not in (State.STOPPED, State.STOPPING), reachable=state is State.RUNNING)
        if state in (State.STARTING, State.SWITCHING):
            self.notice.tell(None)
        if state is not State.SWITCHING:  # the address stays
            self._show_address()

    def _on_load_state(self, state: State) -> None:
        self.load_panel.show_running(state not in (State.STOPPED, State.STOPPING))

    def _on_told(self, bench: Bench, stream: str, message: Any) -> None:
        self.live.receive(stream, message)
        self.tape.note(stream, message)
        match message:
            case wire.Ready() | wire.Stopped():
                self._show_details()
            case wire.Problem() if bench.engine.state is State.RUNNING and stream in (FIRST.engine, SECOND.engine):
                self.notice.tell(errors.went_wrong(message))

    def _on_ended(self, bench: Bench, ending: Ending) -> None:
        notice = errors.why_ended(ending, bench.ran_with)
        if notice and bench is self.benches.second:
            self.benches.put_beside("")
            notice = replace(notice, offer=None)  # which would be for the chosen one
        self._tell_trouble(notice)

    def _on_load_ended(self, ending: Ending) -> None:
        self._tell_trouble(errors.why_load_ended(ending))

    def _tell_trouble(self, notice: errors.Notice | None) -> None:
        if notice:
            self.benches.cancel_round()
            self.notice.tell(notice)

    def _on_offer(self, offer: errors.Offer) -> None:
        changes = offer.changes
        if changes is None:
            folder = QFileDialog.getExistingDirectory(self, self.tr("Folder to serve"), example_site())
            if not folder:
                return
            changes = {"root": folder}
        if "port" in changes:  # for this run only: tomorrow the usual one may be free
            self._in_force.change_for_now(**changes)
        else:
            self._in_force.change(**changes)
        self.benches.start()

    # ---- what is painted, and when

    def _draw(self) -> None:
        """The frame: curves move while an engine runs, and stand still with what was last seen otherwise."""
        if self.frozen or self.isMinimized():
            return
        shown = self.shown
        if self.live.is_running:
            self._live_now = time.monotonic()
        replay = None if shown is self.live else self.tape.replay
        self._now = replay.now() if replay else self._live_now
        if (shown, shown.revision, self._now) == self._drawn:
            return
        self._drawn = (shown, shown.revision, self._now)
        scenes = (shown.first, shown.second)
        self.plots.draw(self._joined(*(self._picture(each.record, each.load_record, self._now) for each in scenes)))
        if self._now:
            self.timeline.draw(self._now)

    def _say(self) -> None:
        growing = self.benches.measure()
        self._tell_detail()
        if not self.frozen:
            self._show_details()
            first, second = self.shown.first, self.shown.second
            self.tiles.tell(first.record, first.load_record, second.record, second.load_record)
            self.load_panel.tell(first.load_record)
            self.cards.show_rates(second.record.measured | first.record.measured)
            self.scoreboard.tell(growing)

    def _tell_detail(self) -> None:
        """Spans are told only while somebody looks at them, or when there are too few to have a price."""
        view = self.tabs.currentWidget()
        wanted = view in (self.timeline, self.source) or self.tape.is_recording
        for bench, scene in zip(self.benches.both, (self.live.first, self.live.second), strict=True):
            reads = view is self.requests and scene.record.requests_per_second() < FEW_REQUESTS
            bench.engine.look_at_spans(wanted or reads)

    def _show_scenes(self, scenes: "Scenes | None") -> None:
        """Shows a replay, or, with None, what runs."""
        self.shown = scenes or self.live
        self._show_details()
        if scenes and self.frozen:
            self.toggle_freeze()  # Space is the replay's now

    def _show_details(self) -> None:
        """The views below show one of the two that may run."""
        first, second = self.shown.first, self.shown.second
        is_pair = second.record.ready is not None and bool(first.lanes.model)
        self.pair.show_pair((first.lanes.model, second.lanes.model) if is_pair else None)
        scene = second if self.pair.is_second else first
        if scene is not self._detailed:
            self._detailed = scene
            self._logged = -1
            self._select_connection(0)  # each engine numbers its own
            self.timeline.show_lanes(scene.lanes)
            self.requests.show_log(scene.record.log, scene.lanes)
        self.source.show_run(scene.record.ready)

    def _show_source(self) -> None:
        if self._detailed and not self.frozen and self.source.isVisible():
            self.source.tell(self._detailed.whereabouts)

    def _show_log(self) -> None:
        if self._detailed and not self.frozen and self._detailed.record.log.total != self._logged:
            self._logged = self._detailed.record.log.total
            self.requests.refresh()

    def _show_address(self) -> None:
        url = self.benches.first.url
        if not url and self.settings.port:
            url = words.address(self.settings.host, self.settings.port)
        self.header.show_url(url)
        if self.is_complete:
            self.requests.show_url(url)

    def _dress_application(self) -> None:
        self.look = theme.chosen(self.settings.theme)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.dress(application, self.look, theme.presented(self.screen().size().height()) if self.presenting else 1.0)

    def _dress(self) -> None:
        self._dress_application()
        self.header.show_theme(self.settings.theme)
        panels: list[Any] = [self.header, self.notice, self.replay_bar, self.cards, self.load_panel, self.tiles]
        panels.append(self.pair)
        if self.is_complete:
            panels += self._later_panels()
        for panel in panels:
            panel.set_look(self.look)

    def _later_panels(self) -> list[Any]:
        return [self.plots, self.timeline, self.requests, self.source, self.scoreboard]

    # ---- built once

    def _build(self) -> None:
        self.setWindowTitle("ServeScope")
        self.setWindowIcon(theme.application_icon())
        self.setMinimumSize(LEAST)
        self.header, self.notice, self.replay_bar = Header(), NoticeBar(), ReplayBar()
        self._show_beside()
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
        ground = Card()
        inside = QVBoxLayout(ground)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.tabs)
        inside.addWidget(self.replay_bar)  # below what it moves; above, it would push all the rest down
        self._stage.addWidget(ground)

        picture = QWidget()
        right = QVBoxLayout(picture)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(10)
        right.addWidget(self.tiles)
        right.addWidget(self._stage, 1)
        seen = QScrollArea()
        seen.setFrameShape(QFrame.Shape.NoFrame)
        seen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        seen.setWidgetResizable(True)
        seen.setWidget(picture)
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
        self.benches.wanted.connect(self._make_room)
        self.benches.chosen.connect(self._on_chosen)
        self.benches.beside_changed.connect(self._show_beside)
        self.benches.round_changed.connect(self._show_round)
        self.benches.round_ended.connect(self._on_round_ended)
        self.benches.first.engine.state_changed.connect(self._on_state)
        self.benches.first.load.state_changed.connect(self._on_load_state)
        for bench in self.benches.both:
            bench.told.connect(lambda stream, message, bench=bench: self._on_told(bench, stream, message))
            bench.engine.ended.connect(lambda ending, bench=bench: self._on_ended(bench, ending))
            bench.load.ended.connect(self._on_load_ended)
        self.cards.model_chosen.connect(self.benches.choose)
        self.header.toggle_requested.connect(self.benches.toggle)
        self.header.freeze_requested.connect(self.toggle_freeze)
        self.header.settings_requested.connect(self.edit_settings)
        self.header.theme_requested.connect(lambda name: self.apply(self.settings.changed(theme=name)))
        self.header.open_requested.connect(lambda: QDesktopServices.openUrl(QUrl(self.header.url.text())))
        self.notice.accepted.connect(self._on_offer)
        self.header.beside_requested.connect(self.benches.put_beside)
        self.pair.picked.connect(self._show_details)
        self.load_panel.changed.connect(self._change_load)
        self.load_panel.toggle_requested.connect(self.benches.toggle_load)
        self.load_panel.run_all_requested.connect(self.benches.begin_round)
        self.load_panel.run_all_cancelled.connect(self.benches.end_round)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)
        for keys, slot in (
            ("Ctrl+Return", self.benches.toggle),
            ("Ctrl+Enter", self.benches.toggle),
            ("Ctrl+F", self._filter),
            ("Ctrl+,", self.edit_settings),
            ("F11", self.toggle_presentation),
            ("L", self.benches.toggle_load),
            ("Escape", self._escape),
        ):
            QShortcut(QKeySequence(keys), self, slot)
        self._timers = []
        for interval, paint in (
            (FRAME_MS, self._draw),
            (TEXT_MS, self._say),
            (LOG_MS, self._show_log),
            (SOURCE_MS, self._show_source),
        ):
            timer = QTimer(self)
            timer.setInterval(interval)
            timer.timeout.connect(paint)
            self._timers.append(timer)

    def _connect_views(self) -> None:
        self.benches.measured.connect(self.board.add)
        self.tape.scenes_changed.connect(self._show_scenes)
        self.tape.recording_changed.connect(lambda: self.header.show_recording(self.tape.is_recording))
        self.tape.notice_raised.connect(self.notice.tell)
        self.files.notice_raised.connect(self.notice.tell)
        self.header.record_requested.connect(self._toggle_recording)
        self.header.play_requested.connect(self.files.ask_what_to_play)
        self.header.picture_requested.connect(self.files.ask_where_to_draw)
        self.tabs.currentChanged.connect(self._on_tab)
        self.timeline.connection_selected.connect(self._select_span)
        self.source.connection_selected.connect(self._select_connection)
        self.requests.connection_selected.connect(self._select_connection)
        self.source.restart_requested.connect(self._restart_detailed)
        self.source.notice_raised.connect(self.notice.tell)
        self.scoreboard.run_all_requested.connect(lambda: self.benches.begin_round(RUN_ALL_SECONDS))
        self.scoreboard.export_requested.connect(self.files.ask_where_to_export)

    def _on_tab(self) -> None:
        if not self.tabs.tabBar().hasFocus():
            self.tabs.currentWidget().setFocus()  # rather than its first button, which would take Space
        self._tell_detail()
        if self.tabs.currentWidget() is self.timeline and self._now:
            self.timeline.draw(self._now)

    def _toggle_recording(self) -> None:
        if self.tape.is_recording:
            self.tape.stop_recording()
        else:
            self.header.show_recording(False)  # not before a file was named
            self.files.ask_where_to_record()

    def _restart_detailed(self) -> None:
        """With the source that is shown, which was edited."""
        self.benches.restart(self.benches.second if self._detailed is self.live.second else self.benches.first)

    def _select_connection(self, connection: int) -> None:
        self.timeline.select_connection(connection)
        self.source.select_connection(connection)

    def _select_span(self, connection: int, moment: float) -> None:
        self._select_connection(connection)
        self.requests.pick(connection, moment)

    def _request_text(self, connection: int, moment: float) -> str:
        from gui.records.phases import request_at

        assert self._detailed
        row = request_at(self._detailed.record.log, connection, moment)
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
            if self.is_complete and self.tape.replay:
                self.tape.toggle()
            else:
                self.toggle_freeze()
        elif plain and event.text().isdecimal():
            self.cards.choose_number(int(event.text()))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.is_complete:
            self.board.refresh()  # another window may have changed it

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_complete:
            QTimer.singleShot(0, self, self.complete)

    def closeEvent(self, event: QCloseEvent) -> None:
        for timer in self._timers:
            timer.stop()
        if self.keeps_size and not self.presenting:
            self._store.setValue("geometry", self.saveGeometry())
        self.benches.close()
        if self.is_complete:
            self.board_store.close()
            self.tape.close()
        super().closeEvent(event)
