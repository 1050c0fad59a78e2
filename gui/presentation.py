"""The presentation: one view as large as the screen, below a strip of what an audience has to know.

Owns whether it is on, and what is left out or laid elsewhere while it is. It ends with the full screen, whatever ends
that.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QMainWindow, QWidget

from gui.panels.header import Header
from gui.panels.tiles import Tiles
from gui.splitter import Splitter
from gui.theming import Theming
from gui.views import ViewTabs

if TYPE_CHECKING:
    from gui.panels.plots import Plots
    from gui.panels.strip import Strip

SETTLING_MS = 200
"""Milliseconds after which a change of the window holds: a window manager may report an older one in between."""
SIDE_SHARE = 21
"""The part of the width, in percent, that the models and the load have beside the picture."""
DRAWER_SHARE = 0.3
"""The part that they have where they lie over it."""


class Presentation(QObject):
    """The presentation of one window.

    The models and the load lie over the picture when they are wanted, so nothing else moves; the curves are a view.
    """

    changed = Signal()
    """It has begun, or ended."""

    def __init__(
        self,
        window: QMainWindow,
        theming: Theming,
        header: Header,
        tiles: Tiles,
        side: QWidget,
        body: QBoxLayout,
        stage: Splitter,
        tabs: ViewTabs,
    ) -> None:
        """`side` has the models and the load, and is the first in `body`; `stage` has the curves above the views."""
        super().__init__(window)
        self.is_on = False
        self._parts: tuple[Plots, Strip] | None = None
        """The curves and the strip, once they are there."""
        self._window, self._theming, self._header = window, theming, header
        self.side = side
        """The models and the load."""
        self._tiles, self._body, self._stage, self._tabs = tiles, body, stage, tabs
        self._sizes = QByteArray()
        """The heights of curves and views before it began, also of curves that were hidden."""
        self._view = ""
        """What was seen before it began."""
        self._settled = QTimer(self, interval=SETTLING_MS, singleShot=True)
        self._settled.timeout.connect(self._follow)
        self._keys = [
            QShortcut(QKeySequence(key), window, slot)
            for key, slot in (
                ("M", self.toggle_side),
                ("PgDown", tabs.show_next),
                ("PgUp", lambda: tabs.show_next(-1)),
            )
        ]
        self._enable_keys()
        window.installEventFilter(self)

    def complete(self, plots: "Plots", strip: "Strip") -> None:
        """Can be begun from now on: `plots` are the curves, `strip` stands in place of the tiles."""
        self._parts = plots, strip
        strip.hide()

    @property
    def has_side(self) -> bool:
        """Whether the models and the load lie over the picture."""
        return self.is_on and self.side.isVisible()

    def toggle(self) -> None:
        """Begins it, or ends it; does nothing until it is complete."""
        if self._parts is None:
            return
        self._present(not self.is_on)
        full, state = Qt.WindowState.WindowFullScreen, self._window.windowState()
        self._window.setWindowState(state | full if self.is_on else state & ~full)

    def toggle_side(self) -> None:
        """Lays the models and the load over the picture, or takes them away."""
        if self.is_on:
            self.side.setVisible(self.side.isHidden())
            self._place_side()

    def step_back(self) -> bool:
        """Ends what was opened last: what lies over the picture, or else the presentation; returns whether it did."""
        if self.has_side:
            self.toggle_side()
        elif self.is_on:
            self.toggle()
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notes that the window's state or size has changed."""
        if self.is_on and event.type() == QEvent.Type.WindowStateChange:
            self._settled.start()
        elif self.is_on and event.type() == QEvent.Type.Resize:
            self._place_side()
        return False

    def _follow(self) -> None:
        """Ends with the full screen, if something else ended that."""
        if self.is_on and not self._window.isFullScreen():
            self._present(False)

    def _present(self, presenting: bool) -> None:
        assert self._parts
        plots, strip = self._parts
        self.is_on = presenting
        self._enable_keys()
        self._header.show_presenting(presenting)
        self._tiles.setVisible(not presenting)
        strip.setVisible(presenting)
        self.side.hide()
        self.side.setAutoFillBackground(presenting)
        (self._begin if presenting else self._end)(plots)
        self.changed.emit()

    def _begin(self, plots: "Plots") -> None:
        self._sizes, self._view = self._stage.saveState(), self._tabs.shown
        self._body.removeWidget(self.side)
        self._tabs.present(plots)
        self._theming.present(True)

    def _end(self, plots: "Plots") -> None:
        is_plots = self._tabs.shown == "plots"
        self._body.insertWidget(0, self.side, SIDE_SHARE)
        self._tabs.end_presenting()
        if is_plots:
            self._tabs.show_view(self._view)
        self._stage.insertWidget(0, plots)
        plots.show()
        self._theming.present(False)
        self.side.show()  # as it is to be by now: the list scrolls to the chosen model
        self._stage.restoreState(self._sizes)

    def _enable_keys(self) -> None:
        for key in self._keys:
            key.setEnabled(self.is_on)

    def _place_side(self) -> None:
        """Puts the models and the load over the left part of the picture."""
        inside = self._body.contentsRect()
        width = max(self.side.minimumSizeHint().width(), round(DRAWER_SHARE * self._window.width()))
        self.side.setGeometry(QRect(inside.topLeft(), QPoint(inside.left() + width, inside.bottom())))
        self.side.raise_()
