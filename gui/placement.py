"""Where the window opens: as it was closed, or the first time as big as suits its screen.

Owns the sizes and what is kept of them between sessions, and of what was seen last.
"""

from PySide6.QtCore import QByteArray, QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtWidgets import QSplitter, QWidget

USUAL = QSize(1600, 1000)
LEAST = QSize(880, 420)
TITLE_BAR = 32
FRAME = QSize(16, TITLE_BAR + 8)
"""What a window's frame takes at most; no system says it before the window is there."""


class Placement:
    """The place of one window."""

    def __init__(self, window: QWidget, store: QSettings) -> None:
        self.is_kept = True
        """Whether the window opens next time as it is closed."""
        self._window, self._store = window, store
        self._fills_screen = False
        window.setMinimumSize(LEAST)
        self.suit(window.screen().availableGeometry())
        geometry = store.value("geometry")
        if isinstance(geometry, QByteArray) and window.restoreGeometry(geometry):
            self._fills_screen = False
            # A full screen is left with what was seen on it; the next window has its frame.
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)

    @property
    def view(self) -> str:
        """The name of the view that was seen last; empty: none is known."""
        return str(self._store.value("view") or "")

    def divide(self, stage: QSplitter) -> None:
        """Divides the splitter as it was, if that is known."""
        state = self._store.value("splitter")
        if isinstance(state, QByteArray):
            stage.restoreState(state)

    def suit(self, available: QRect) -> None:
        """Takes the middle of this part of a screen, or all of it if it has too little room for the usual size."""
        size = USUAL.boundedTo(available.size() - FRAME)
        self._fills_screen = size != USUAL
        frame = QRect(QPoint(), size + FRAME)
        frame.moveCenter(available.center())
        self._window.setGeometry(QRect(frame.topLeft() + QPoint(FRAME.width() // 2, TITLE_BAR), size))

    def open(self) -> None:
        """Shows the window."""
        if self._fills_screen:
            self._window.showMaximized()
        else:
            self._window.show()

    def keep(self, view: str, stage: QSplitter) -> None:
        """Keeps for the next time the place, the view that is seen, and how the splitter divides."""
        if self.is_kept:
            self._store.setValue("view", view)
            if not self._window.isFullScreen():
                self._store.setValue("geometry", self._window.saveGeometry())
                self._store.setValue("splitter", stage.saveState())
