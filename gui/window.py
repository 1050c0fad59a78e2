"""The window: builds the panels, lays them out, connects them, and paints what has changed.

Owns the frame timer, the settings in force and the one engine. Panels ask by signals and are told by calls; only here
do they meet. What takes long to import is imported by `complete`, after the first paint.
"""

import time
from dataclasses import replace
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

from engine.telemetry import wire
from gui import errors, settings, theme, words
from gui.controls import Card
from gui.panels.header import Header
from gui.panels.models import ModelCards
from gui.panels.notice import NoticeBar
from gui.panels.settings_dialog import SettingsDialog
from gui.panels.tiles import Tiles
from gui.processes import Ending, EngineProcess, State

if TYPE_CHECKING:
    from gui.panels.plots import Plots
    from gui.panels.requests import RequestsPanel
    from gui.record import Record
    from gui.usage import UsageSampler

FRAME_MS, TEXT_MS, LOG_MS = 33, 250, 200
SIGNS = {State.STOPPED: "ring", State.RUNNING: "full"}
"""The state's sign; any other state is under way."""


class Window(QMainWindow):
    """ServeScope's window, with its own engine."""

    completed = Signal()
    """Everything is there."""

    record: "Record"
    usage: "UsageSampler"
    plots: "Plots"
    requests: "RequestsPanel"

    def __init__(self, store: QSettings, **given: Any) -> None:
        """Settings come from `store`; those `given` hold for this run and are not kept."""
        super().__init__()
        self._store = store
        self._kept = settings.load(store)
        self.settings = replace(self._kept, **given)
        self.engine = EngineProcess(self)
        self.is_complete = False
        self.keeps_size = True
        """Whether the window opens as it was closed."""
        self.frozen = False
        self.presenting = False
        self._run_with = self.settings
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
        from gui.load_record import LoadRecord
        from gui.panels.plots import Plots
        from gui.panels.requests import RequestsPanel
        from gui.picture import picture
        from gui.record import Record
        from gui.request_log import Search
        from gui.usage import UsageSampler

        self.record = Record()
        self.load_record = LoadRecord()
        self.picture = picture
        self.usage = UsageSampler(self)
        self.plots = Plots()
        self.requests = RequestsPanel(self.record.log, Search)
        self.tabs.addTab(self.requests, self.tr("Requests"))
        self._stage.insertWidget(0, self.plots)
        self._stage.setSizes([380, 620])
        self.engine.message_arrived.connect(self.record.receive)
        self.usage.sampled.connect(self.record.note_usage)
        for panel in (self.plots, self.requests):
            panel.set_look(self.look)
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
        if self.engine.state in (State.STOPPED, State.STOPPING):
            self.start(self.settings)
        else:
            self.engine.stop()

    def choose_model(self, key: str) -> None:
        """Marks the model, and switches to it if one runs."""
        if self.is_complete:
            self.requests.view.setFocus()  # the keys are the window's again
        self.cards.select(key)
        running = self.engine.state in (State.STARTING, State.RUNNING, State.SWITCHING)
        changed = key != self.settings.model
        self._change(model=key)
        if running and changed:
            self.start(self.settings)

    def toggle_freeze(self) -> None:
        """Lets the picture stand still, or go on; data goes on arriving either way."""
        self.complete()
        self.frozen = not self.frozen
        self.header.show_frozen(self.frozen)
        self.requests.show_frozen(self.frozen)
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
        if state is not State.SWITCHING:  # the address stays
            self._show_address()

    def _on_message(self, message: wire.AnyMessage) -> None:
        if isinstance(message, wire.Problem) and self.engine.state is State.RUNNING:
            self.notice.tell(errors.went_wrong(message))

    def _on_ended(self, ending: Ending) -> None:
        notice = errors.why_ended(ending, self._run_with)
        if notice:
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
        if self.record.ready:
            self._now = time.monotonic()
        elif self.record.revision == self._drawn:
            return
        self._drawn = self.record.revision
        self.plots.draw(self.picture(self.record, self.load_record, self._now))

    def _say(self) -> None:
        if not self.frozen:
            self.tiles.tell(self.record)
            self.cards.show_rates(self.record.measured)

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
        panels: list[Any] = [self.header, self.notice, self.cards, self.tiles]
        if self.is_complete:
            panels += [self.plots, self.requests]
        for panel in panels:
            panel.set_look(self.look)

    # ---- built once

    def _build(self) -> None:
        self.setWindowTitle("ServeScope")
        self.setWindowIcon(theme.application_icon())
        self.setMinimumSize(1000, 620)
        self.resize(1600, 1000)
        self.header, self.notice = Header(), NoticeBar()
        self.cards, self.tiles = ModelCards(), Tiles()
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

        left = QVBoxLayout()
        left.addWidget(self.cards)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.tiles)
        right.addWidget(self._stage, 1)
        body = QHBoxLayout()
        body.setContentsMargins(14, 12, 14, 14)
        body.setSpacing(14)
        body.addLayout(left, 21)
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
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)
        for keys, slot in (
            ("Ctrl+Return", self.toggle),
            ("Ctrl+Enter", self.toggle),
            ("Ctrl+F", self._filter),
            ("Ctrl+,", self.edit_settings),
            ("F11", self.toggle_presentation),
            ("Escape", self._escape),
        ):
            QShortcut(QKeySequence(keys), self, slot)
        self._timers = []
        for interval, paint in ((FRAME_MS, self._draw), (TEXT_MS, self._say), (LOG_MS, self._show_log)):
            timer = QTimer(self)
            timer.setInterval(interval)
            timer.timeout.connect(paint)
            self._timers.append(timer)

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
        self.engine.close()
        if self.is_complete:
            self.usage.close()
        super().closeEvent(event)
