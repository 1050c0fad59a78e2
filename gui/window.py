"""The window: builds the panels, lays them out, connects them, and paints what has changed.

Owns the frame timer, the settings in force and the one engine. Panels ask by signals and are told by calls; only here
do they meet. What takes long to import is imported by `complete`, after the first paint.
"""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, QUrl, Signal
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
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.telemetry import wire
from gui import errors, settings, theme, words
from gui.controls import Card
from gui.panels.header import Header
from gui.panels.load import LoadPanel
from gui.panels.models import ModelCards
from gui.panels.notice import NoticeBar
from gui.panels.settings_dialog import SettingsDialog
from gui.panels.side import SideColumn
from gui.panels.tiles import Tiles
from gui.processes import Ending, EngineProcess, LoadProcess, State

if TYPE_CHECKING:
    from engine.lab.arithmetic import Scorekeeper
    from gui.lanes import Lanes
    from gui.load_record import LoadRecord
    from gui.panels.plots import Plots
    from gui.panels.requests import RequestsPanel
    from gui.panels.scoreboard import ScoreboardPanel
    from gui.panels.source import SourcePanel
    from gui.panels.timeline import TimelinePanel
    from gui.record import Record
    from gui.run_all import RunAll
    from gui.scoreboard import Entry, Scoreboard
    from gui.store import Store
    from gui.usage import UsageSampler
    from gui.whereabouts import Whereabouts

FRAME_MS, TEXT_MS, LOG_MS, SOURCE_MS = 33, 250, 200, 100
RUN_SECONDS = 10.0
"""For which each model is measured, where nobody says otherwise."""
SIGNS = {State.STOPPED: "ring", State.RUNNING: "full"}
"""The state's sign; any other state is under way."""


class Window(QMainWindow):
    """ServeScope's window, with its own engine."""

    completed = Signal()
    """Everything is there."""

    record: "Record"
    load_record: "LoadRecord"
    lanes: "Lanes"
    whereabouts: "Whereabouts"
    keeper: "Scorekeeper"
    usage: "UsageSampler"
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
        self._kept = settings.load(store)
        self.settings = replace(self._kept, **given)
        self.engine = EngineProcess(self)
        self.load = LoadProcess(self)
        self.run_all: RunAll | None = None
        """The round through all models, while it goes on."""
        self.is_complete = False
        self.keeps_size = True
        """Whether the window opens as it was closed."""
        self.frozen = False
        self.presenting = False
        self._run_with = self.settings
        self._load_wanted = False
        self._drawn = self._logged = -1
        self._now = 0.0
        self._dress_application()  # first: a widget that is older than the style sheet keeps the font it had
        self._build()
        self._connect()
        geometry = store.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self._dress()
        self._on_state(State.STOPPED)

    def complete(self) -> None:
        """Adds the parts whose modules take long to import; does nothing the second time."""
        if self.is_complete:
            return
        self.is_complete = True
        from engine.lab.arithmetic import Scorekeeper
        from gui.lanes import Lanes
        from gui.load_record import LoadRecord
        from gui.panels.plots import Plots
        from gui.panels.requests import RequestsPanel
        from gui.panels.scoreboard import ScoreboardPanel
        from gui.panels.source import SourcePanel
        from gui.panels.timeline import TimelinePanel
        from gui.picture import picture
        from gui.record import Record
        from gui.request_log import Search
        from gui.scoreboard import Scoreboard
        from gui.store import open_store
        from gui.usage import UsageSampler
        from gui.whereabouts import Whereabouts

        self.record, self.load_record, self.keeper = Record(), LoadRecord(), Scorekeeper()
        self.lanes, self.whereabouts = Lanes(), Whereabouts()
        self.picture = picture
        self.usage = UsageSampler(self)
        self.board_store, trouble = open_store(settings.data_folder(self._store) / "scoreboard.db")
        self.board_store.on_trouble = self.notice.tell
        self.board = Scoreboard(self.board_store)
        self.plots = Plots()
        self.timeline = TimelinePanel(self.lanes, self._request_text)
        self.requests = RequestsPanel(self.record.log, Search)
        self.source = SourcePanel()
        self.source.show_model(self.settings.model)
        self.scoreboard = ScoreboardPanel(self.board)
        for view, title in (
            (self.timeline, self.tr("Timeline")),
            (self.requests, self.tr("Requests")),
            (self.source, self.tr("Source")),
            (self.scoreboard, self.tr("Scoreboard")),
        ):
            self.tabs.addTab(view, title)
        self.tabs.setCurrentWidget(self.requests)
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

    def start(self, wanted: settings.Settings) -> None:
        """Runs an engine with `wanted`, instead of the one that runs if there is one."""
        self.complete()
        self.notice.tell(None)
        self._run_with = wanted
        self.engine.start(wanted)

    def toggle(self) -> None:
        """Starts the chosen model, or stops the one that runs."""
        self.cancel_run_all()
        if self.engine.state in (State.STOPPED, State.STOPPING):
            self.start(self.settings)
        else:
            self.engine.stop()

    def choose_model(self, key: str) -> None:
        """Marks the model, and switches to it if one runs."""
        self.cancel_run_all()
        if self.is_complete:
            self.requests.view.setFocus()  # the keys are the window's again
            self.source.show_model(key)
        self.cards.select(key)
        running = self.engine.state in (State.STARTING, State.RUNNING, State.SWITCHING)
        changed = key != self.settings.model
        self._change(model=key)
        if running and changed:
            self.start(self.settings)

    def toggle_load(self) -> None:
        """Puts load on the server, which is started if none runs; or takes it away."""
        self.cancel_run_all()
        if self.load.state in (State.STOPPED, State.STOPPING):
            self._put_load()
        else:
            self._load_wanted = False
            self.load.stop()

    def begin_run_all(self, seconds: float) -> None:
        """Measures each model that this system has for so long, one after the other, under the load as it is set."""
        from gui.run_all import RunAll

        self.run_all = RunAll([model.key for model in MODELS.values() if model.available()], seconds)
        self._run_next()
        self._put_load()

    def cancel_run_all(self) -> None:
        """Measures no more models; the one that runs goes on."""
        if self.run_all:
            self.run_all = None
            self.load_panel.show_progress("")

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
        dialog = SettingsDialog(self.settings, self.engine.state is not State.STOPPED, self)
        if dialog.exec():
            self.apply(dialog.chosen())

    def apply(self, wanted: settings.Settings) -> None:
        """Makes `wanted` the settings; an engine that runs with others is started again."""
        before = self.settings
        names = ("host", "port", "root", "keep_alive", "theme")
        changed = {name: getattr(wanted, name) for name in names if getattr(wanted, name) != getattr(before, name)}
        self._change(**changed)
        if "theme" in changed:
            self._dress()
        if changed.keys() - {"theme"}:
            if self.engine.state is State.STOPPED:
                self.notice.tell(None)  # what it says may be mended now
            else:
                self.start(self.settings)
        self._show_address()

    def _put_load(self) -> None:
        """As soon as a server runs."""
        self.complete()
        self._load_wanted = True
        if self.engine.state is State.RUNNING:
            self._start_load()
        elif self.engine.state in (State.STOPPED, State.STOPPING):
            self.start(self.settings)

    def _start_load(self) -> None:
        ready = self.record.ready
        if ready:
            self.load.start(self.settings, words.address(ready.host, ready.port))

    def _run_next(self) -> None:
        """Runs the model whose turn it is; all keep connections alike, or their rows could not be compared."""
        assert self.run_all
        key = self.run_all.model
        if key is None:
            self._end_run_all(self.run_all)
            return
        self.load_panel.show_progress(
            self.tr("{number} of {count}: {model}").format(
                number=self.run_all.number, count=self.run_all.count, model=words.model_title(key)
            )
        )
        self.cards.select(key)
        self.source.show_model(key)
        self.settings = replace(self.settings, model=key)
        self.start(replace(self.settings, keep_alive=WORKLOADS[self.settings.workload].kept))

    def _end_run_all(self, round_trip: "RunAll") -> None:
        self.cancel_run_all()
        self._load_wanted = False
        self.load.stop()
        self.engine.stop()
        self.tabs.setCurrentWidget(self.scoreboard)
        if round_trip.left_out:
            self.notice.tell(errors.not_measured([words.model_title(key) for key in round_trip.left_out]))

    def _change_load(self, fields: dict[str, Any]) -> None:
        self._change(**fields)
        self.load_panel.show_settings(self.settings)
        self.load.change(self.settings)

    def _change(self, **fields: Any) -> None:
        self.settings = replace(self.settings, **fields)
        self._kept = replace(self._kept, **fields)
        settings.save(self._store, self._kept)

    # ---- what the engine tells

    def _on_state(self, state: State) -> None:
        model = words.model_title(self._run_with.model)
        text = {
            State.STOPPED: self.tr("Stopped"),
            State.STARTING: self.tr("Starting {model} …"),
            State.RUNNING: self.tr("Running · {model}"),
            State.STOPPING: self.tr("Stopping {model} …"),
            State.SWITCHING: self.tr("Switching to {model} …"),
        }[state]
        self.header.show_state(text.format(model=model), SIGNS.get(state, "half"))
        self.header.show_running(state not in (State.STOPPED, State.STOPPING), reachable=state is State.RUNNING)
        if self.is_complete:
            self.usage.watch(self.engine.pid if state is State.RUNNING else None)
        if state is State.RUNNING:
            self._follow_server()
        elif state is State.STOPPED:
            self._load_wanted = False
            self.load.stop()  # nobody is there to ask
        if state is not State.SWITCHING:  # the address stays
            self._show_address()

    def _follow_server(self) -> None:
        """The load is where the server is."""
        ready = self.record.ready
        if not ready or not self._load_wanted:
            return
        url = words.address(ready.host, ready.port)
        if self.load.state is State.STOPPED or url != self.load.url:
            self._start_load()

    def _on_load_ended(self, ending: Ending) -> None:
        notice = errors.why_load_ended(ending)
        if notice:
            self.cancel_run_all()
            self.notice.tell(notice)

    def _on_message(self, message: wire.AnyMessage) -> None:
        match message:
            case wire.Ready():
                self.source.show_run(message)
            case wire.Stopped():
                self.source.show_run(None)
            case wire.Problem() if self.engine.state is State.RUNNING:
                self.notice.tell(errors.went_wrong(message))

    def _on_ended(self, ending: Ending) -> None:
        notice = errors.why_ended(ending, self._run_with)
        if notice:
            self.cancel_run_all()
            self.notice.tell(notice)

    def _on_offer(self, offer: errors.Offer) -> None:
        changes = offer.changes
        if changes is None:
            folder = QFileDialog.getExistingDirectory(self, self.tr("Folder to serve"), settings.example_site())
            if not folder:
                return
            changes = {"root": folder}
        if "port" in changes:  # for this run only: tomorrow the usual one may be free
            self.settings = replace(self.settings, **changes)
        else:
            self._change(**changes)
        self.start(self.settings)

    # ---- what is painted, and when

    def _draw(self) -> None:
        """The frame: curves move while an engine runs, and stand still with what was last seen otherwise."""
        if self.frozen or self.isMinimized():
            return
        if self.record.ready or self.load_record.ready:
            self._now = time.monotonic()
        elif self.record.revision == self._drawn:
            return
        self._drawn = self.record.revision
        self.plots.draw(self.picture(self.record, self.load_record, self._now))
        if self._now:
            self.timeline.draw(self._now)

    def _say(self) -> None:
        for row in self.keeper.advance(time.monotonic()):
            self.board.add(row)
        growing = self.keeper.row()
        if self.run_all and self.run_all.look(growing):
            self._run_next()
        if not self.frozen:
            self.tiles.tell(self.record, self.load_record)
            self.load_panel.tell(self.load_record)
            self.cards.show_rates(self.record.measured)
            self.scoreboard.tell(growing)

    def _show_source(self) -> None:
        if not self.frozen and self.source.isVisible():
            self.source.tell(self.whereabouts)

    def _show_log(self) -> None:
        if self.record.log.total != self._logged and not self.frozen:
            self._logged = self.record.log.total
            self.requests.refresh()

    def _show_address(self) -> None:
        ready = self.record.ready if self.is_complete and self.engine.state is State.RUNNING else None
        host, port = (ready.host, ready.port) if ready else (self.settings.host, self.settings.port)
        url = words.address(host, port) if port else ""
        self.header.show_url(url)
        if self.is_complete:
            self.requests.show_url(url)

    def _dress_application(self) -> None:
        self.look = theme.chosen(self.settings.theme)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.dress(application, self.look, theme.PRESENTED if self.presenting else 1.0)

    def _dress(self) -> None:
        self._dress_application()
        self.header.show_theme(self.settings.theme)
        panels: list[Any] = [self.header, self.notice, self.cards, self.load_panel, self.tiles]
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
        self.setMinimumSize(1000, 620)
        self.resize(1600, 1000)
        self.header, self.notice = Header(), NoticeBar()
        self.cards, self.load_panel, self.tiles = ModelCards(), LoadPanel(), Tiles()
        self.load_panel.show_settings(self.settings)
        self.cards.select(self.settings.model)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Views"))
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._stage = QSplitter(Qt.Orientation.Vertical)
        self._stage.setChildrenCollapsible(False)
        self._stage.setHandleWidth(10)
        ground = Card()
        inside = QVBoxLayout(ground)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.tabs)
        self._stage.addWidget(ground)

        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.tiles)
        right.addWidget(self._stage, 1)
        body = QHBoxLayout()
        body.setContentsMargins(14, 12, 14, 14)
        body.setSpacing(14)
        body.addWidget(SideColumn(self.cards, self.load_panel), 21)
        body.addLayout(right, 79)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.notice)
        column.addLayout(body, 1)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        self.engine.state_changed.connect(self._on_state)
        self.engine.message_arrived.connect(self._on_message)
        self.engine.ended.connect(self._on_ended)
        self.cards.model_chosen.connect(self.choose_model)
        self.header.toggle_requested.connect(self.toggle)
        self.header.freeze_requested.connect(self.toggle_freeze)
        self.header.settings_requested.connect(self.edit_settings)
        self.header.theme_requested.connect(lambda name: self.apply(replace(self.settings, theme=name)))
        self.header.open_requested.connect(lambda: QDesktopServices.openUrl(QUrl(self.header.url.text())))
        self.notice.accepted.connect(self._on_offer)
        self.load.state_changed.connect(
            lambda state: self.load_panel.show_running(state not in (State.STOPPED, State.STOPPING))
        )
        self.load.ended.connect(self._on_load_ended)
        self.load_panel.changed.connect(self._change_load)
        self.load_panel.toggle_requested.connect(self.toggle_load)
        self.load_panel.run_all_requested.connect(self.begin_run_all)
        self.load_panel.run_all_cancelled.connect(self._end_early)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)
        for keys, slot in (
            ("Ctrl+Return", self.toggle),
            ("Ctrl+Enter", self.toggle),
            ("Ctrl+F", self._filter),
            ("Ctrl+,", self.edit_settings),
            ("F11", self.toggle_presentation),
            ("L", self.toggle_load),
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
        for take in (self.record.receive, self.keeper.hear_engine, self.lanes.receive, self.whereabouts.receive):
            self.engine.message_arrived.connect(take)
        self.load.message_arrived.connect(self.load_record.receive)
        self.load.message_arrived.connect(self.keeper.hear_load)
        self.usage.sampled.connect(self.record.note_usage)
        self.usage.sampled.connect(self.keeper.note_usage)
        self.tabs.currentChanged.connect(self._on_tab)
        self.timeline.connection_selected.connect(self._select_connection)
        self.source.connection_selected.connect(self._select_connection)
        self.source.restart_requested.connect(lambda: self.start(self.settings))
        self.source.notice_raised.connect(self.notice.tell)
        self.scoreboard.run_all_requested.connect(lambda: self.begin_run_all(RUN_SECONDS))
        self.scoreboard.export_requested.connect(self._ask_where_to_export)

    def _on_tab(self) -> None:
        """Spans are told only while somebody looks at them."""
        view = self.tabs.currentWidget()
        self.engine.look_at_spans(view in (self.timeline, self.source))
        if view is self.timeline and self._now:
            self.timeline.draw(self._now)

    def _ask_where_to_export(self, entries: "list[Entry]") -> None:
        kinds = self.tr("Table (*.csv);;Report with pictures (*.html)")
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export the scoreboard"), "scoreboard.csv", kinds)
        if name:
            self.export(entries, Path(name))

    def export(self, entries: "list[Entry]", path: Path) -> None:
        """Writes these rows as a table; all of them with pictures and facts, if `path` ends in `.html`."""
        from engine.lab.arithmetic import finding, sentence
        from gui.export import ExportError, csv_text, report_html, svg_text, write
        from gui.facts import machine_facts

        text = csv_text(entries)
        if path.suffix == ".html":
            found = finding([entry.row for entry in self.board.entries])
            pictures = {
                self.tr("The last minute"): svg_text(self.plots),
                self.tr("Scoreboard"): svg_text(self.scoreboard),
            }
            text = report_html(self.board.groups(), sentence(found) if found else "", pictures, machine_facts())
        try:
            write(path, text.encode())
        except ExportError as error:
            self.notice.tell(error.notice)

    def _select_connection(self, connection: int) -> None:
        self.timeline.select_connection(connection)
        self.source.select_connection(connection)

    def _request_text(self, connection: int, moment: float) -> str:
        from gui.phases import request_at

        row = request_at(self.record.log, connection, moment)
        return f"{row.method} {row.target}".strip() if row else ""

    def _end_early(self) -> None:
        if self.run_all:
            self._end_run_all(self.run_all)

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
            self.toggle_freeze()
        elif plain and event.text().isdecimal():
            self.cards.choose_number(int(event.text()))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_complete:
            QTimer.singleShot(0, self, self.complete)

    def closeEvent(self, event: QCloseEvent) -> None:
        for timer in self._timers:
            timer.stop()
        if self.keeps_size and not self.presenting:
            self._store.setValue("geometry", self.saveGeometry())
        self.load.close()
        self.engine.close()
        if self.is_complete:
            self.usage.close()
            for row in self.keeper.finish():
                self.board.add(row)
            self.board_store.close()
        super().closeEvent(event)
