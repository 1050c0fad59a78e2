"""A client by hand in the window: its dock, and which server its connections go to.

Owns where the panel stands beside the picture, and passes on what a person asks for to the run that is shown. Knows
nothing of sockets.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow

from engine.addresses import host_port, local_host
from gui import appearance
from gui.controls import set_accessible_name
from gui.history.by_hand import LISTED
from gui.panels.by_hand import ByHandPanel
from gui.picture import Picture
from gui.presentation import Presentation
from gui.runs.by_hand import HandClients
from gui.runs.processes import ProcessState
from gui.runs.run import Run
from gui.runs.session import Session
from gui.views import ViewTabs

SHOWN_MS = 50
"""Milliseconds between two looks at what came back."""
KEPT_AS = "docks"
BESIDE_FROM = 1500
"""Pixels of the window's width from which models and load have room beside the panel; keys do what their buttons do."""


class HandController(QObject):
    """A client by hand of one window. It is hidden until it is asked for; in a narrow window it takes the place of the
    models and the load."""

    shown_changed = Signal(bool)
    """The panel came into sight, or left it."""

    def __init__(
        self, window: QMainWindow, session: Session, tabs: ViewTabs, picture: Picture, presentation: Presentation
    ) -> None:
        """In the presentation, that has the models and the load lie over the picture: they need no room."""
        super().__init__(window)
        self._presentation, self._side = presentation, presentation.side
        self._has_hidden = False
        """Whether the models and the load have made room."""
        self._window, self._session, self._tabs, self._picture = window, session, tabs, picture
        self.panel = ByHandPanel()
        self.dock = QDockWidget(self.tr("Client by hand"), window)
        self.dock.setObjectName("by-hand")
        self.dock.setWidget(self.panel)
        self.dock.setAllowedAreas(Qt.DockWidgetArea.RightDockWidgetArea | Qt.DockWidgetArea.BottomDockWidgetArea)
        set_accessible_name(
            self.dock,
            self.tr("Client by hand"),
            self.tr("Drag its title to the side, to the bottom, or out of the window"),
        )
        self.dock.setToolTip("")  # or it is shown over all that has none of its own
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.hide()
        self._timer = QTimer(self, interval=SHOWN_MS)
        self._timer.timeout.connect(self.draw)
        self.dock.visibilityChanged.connect(self._on_visible)
        self.dock.topLevelChanged.connect(self._arrange)
        self.dock.dockLocationChanged.connect(self._arrange)
        window.installEventFilter(self)
        self._side.installEventFilter(self)
        presentation.changed.connect(self._arrange)
        self.panel.open_requested.connect(self._open)
        for signal, act in (
            (self.panel.send_requested, HandClients.send),
            (self.panel.hold_requested, HandClients.hold),
            (self.panel.half_close_requested, HandClients.half_close),
            (self.panel.reset_requested, HandClients.reset),
            (self.panel.close_requested, HandClients.close),
        ):
            signal.connect(partial(self._do, act))
        self.panel.client_chosen.connect(self._select)

    def toggle(self) -> None:
        """Shows the panel, or hides it; its connections go on."""
        self.dock.setVisible(self.dock.isHidden())

    def restore(self, store: QSettings) -> None:
        """Stands where it stood when it was kept."""
        state = store.value(KEPT_AS)
        if isinstance(state, QByteArray):
            self._window.restoreState(state)

    def keep(self, store: QSettings) -> None:
        """Keeps where it stands."""
        store.setValue(KEPT_AS, self._window.saveState())

    def draw(self) -> None:
        """Shows what is known now of the run that is shown."""
        history = self._tabs.history
        if history is None:
            return
        address = ""
        if ready := self._run.ready:
            address = host_port(local_host(ready.host), ready.port)
        self.panel.show_target(address, self._why(), self._is_live)
        self.panel.show_ending(self._clients.ending if self._is_live else frozenset())
        self.panel.show_history(history.by_hand)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.panel.set_theme(theme)

    @property
    def _is_live(self) -> bool:
        return self._picture.shown is self._picture.live

    @property
    def _run(self) -> Run:
        """The one whose history is shown."""
        is_second = self._tabs.history is self._picture.live.second
        return self._session.second if is_second else self._session.first

    @property
    def _clients(self) -> HandClients:
        return self._run.by_hand

    def _why(self) -> str:
        """Why no connection can be opened; empty if one can."""
        if not self._is_live:
            return self.tr("This is a replay: it shows what was done.")
        if self._run.ready is None or self._run.engine.state is not ProcessState.RUNNING:
            return self.tr("No server runs: start one first.")
        if self._clients.open_count >= LISTED:
            return self.tr("%Ln are open, and no more can be: close one first.", "", LISTED)
        return ""

    def _do(self, act: Callable[..., None], *facts: Any) -> None:
        act(self._clients, *facts)
        self.draw()

    def _open(self) -> None:
        ready = self._run.ready
        if ready and not self._why():
            self._clients.open(ready.host, ready.port)
            self.draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes that the window has another width, or that something else has shown the models and the load."""
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._arrange()
        elif event.type() == QEvent.Type.ShowToParent and watched is self._side and self._has_hidden:
            QTimer.singleShot(0, self._side, self._hide_again)
        return False

    def _arrange(self) -> None:
        window, dock = self._window, self.dock
        is_beside = not dock.isHidden() and not dock.isFloating()
        is_beside &= window.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea
        has_hidden = self._has_hidden
        self._has_hidden = is_beside and window.width() < BESIDE_FROM and not self._presentation.is_on
        if self._has_hidden:
            self._hide_again()
        elif has_hidden and not self._presentation.is_on:
            self._side.show()

    def _hide_again(self) -> None:
        if self._has_hidden:
            self._side.hide()

    def _select(self, number: int) -> None:
        """Takes the views to the connection of this client."""
        history = self._tabs.history
        client = history.by_hand.clients.get(number) if history else None
        if client and client.connection:
            self._tabs.select(client.connection)

    def _on_visible(self, visible: bool) -> None:
        if visible:
            self.draw()
            self._timer.start()
        else:
            self._timer.stop()
        self._arrange()
        self.shown_changed.emit(not self.dock.isHidden())
