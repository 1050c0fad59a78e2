"""The presentation: bigger text and nothing but the picture, on the whole screen.

Owns whether it is on, and what is left out while it is. It ends with the full screen, whatever ends that.
"""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from gui.panels.header import Header
from gui.panels.tiles import Tiles
from gui.splitter import Splitter
from gui.theming import Theming

BESIDE_FROM = 1500
"""Pixels of width from which the models and the load stay beside the picture; keys do what their buttons do."""
HIGH = 900
"""Pixels of height below which the curves are as low as can be: the view below them has the rest."""
SETTLING_MS = 200
"""Milliseconds after which a change of the window holds: a window manager may report an older one in between."""


class Presentation(QObject):
    """The presentation of one window."""

    def __init__(
        self, window: QMainWindow, theming: Theming, header: Header, tiles: Tiles, side: QWidget, stage: Splitter
    ) -> None:
        """`side` has the models and the load; `stage` the curves above the views."""
        super().__init__(window)
        self.is_on = False
        self._window, self._theming, self._header = window, theming, header
        self._tiles, self._side, self._stage = tiles, side, stage
        self._sizes: list[int] = []
        """The heights of curves and views before it began."""
        self._settled = QTimer(self, interval=SETTLING_MS, singleShot=True)
        self._settled.timeout.connect(self._follow)
        window.installEventFilter(self)

    def toggle(self) -> None:
        """Begins it, or ends it."""
        self._present(not self.is_on)
        full, state = Qt.WindowState.WindowFullScreen, self._window.windowState()
        self._window.setWindowState(state | full if self.is_on else state & ~full)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes that the window's state or size has changed."""
        if self.is_on and event.type() == QEvent.Type.WindowStateChange:
            self._settled.start()
        elif self.is_on and event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _follow(self) -> None:
        """Ends with the full screen, if something else ended that."""
        if self.is_on and not self._window.isFullScreen():
            self._present(False)

    def _present(self, presenting: bool) -> None:
        if presenting:
            self._sizes = self._stage.sizes()
        self.is_on = presenting
        self._header.show_presenting(presenting)
        self._tiles.show_small(not presenting)
        self._theming.present(presenting)
        self._arrange()
        if not presenting:
            self._stage.setSizes(self._sizes)

    def _arrange(self) -> None:
        self._side.setVisible(not self.is_on or self._window.width() >= BESIDE_FROM)
        if self.is_on and self._window.height() < HIGH:
            self._stage.setSizes([0, self._stage.height()])  # the curves get their least height
