"""The column at the left: the models above, the load below.

Owns which of the two shrinks in a low window, and that the rest can be scrolled to. Knows of both only their heights.
"""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from gui.controls import Flexible

SPACING = 12
BAR = 12
"""Pixels at the right kept free for a scroll bar, so that nothing moves when it appears."""
LEAST_WIDTH = 300
LEAST = 72
"""The least visible height of either, in pixels."""
TIGHT = 2
GIVING_WAY = ((0, 0), (0, 1), (0, TIGHT), (1, TIGHT), (2, TIGHT))
"""The heights of the upper and the lower one, as indexes: the first pair that fits is used."""


class SideColumn(QWidget):
    """Two panels, one below the other, each as roomy as the height allows."""

    def __init__(self, upper: Flexible, lower: Flexible) -> None:
        super().__init__()
        self._panels = (upper, lower)
        self._areas = tuple(self._scrolling(panel) for panel in self._panels)
        for panel in self._panels:
            panel.heights_changed.connect(self._arrange)

    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH + BAR, self._height(0, 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH + BAR, 2 * LEAST + SPACING)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _scrolling(self, panel: Flexible) -> QScrollArea:
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(panel)
        panel.show()
        return area

    def _height(self, upper: int, lower: int) -> int:
        above, below = self._panels
        return above.heights()[upper] + SPACING + below.heights()[lower]

    def _arrange(self) -> None:
        (upper, lower), (above, below) = self._panels, self._areas
        width = self.width() - BAR
        for panel in self._panels:  # the heights follow from the width
            if panel.width() != width:
                panel.resize(width, panel.height())
        fitting = (each for each in GIVING_WAY if self._height(*each) <= self.height())
        upper_form, lower_form = next(fitting, GIVING_WAY[-1])
        upper_height = upper.heights()[upper_form]
        lower_height = max(lower.heights()[lower_form], lower.opened_height())
        room = self.height() - SPACING
        upper_room = max(LEAST, room - lower_height)
        if lower_form < TIGHT:  # it uses the rest; a tight one is at the bottom, from where it is opened
            upper_room = min(upper_height, upper_room)
        lower_room = room - upper_room
        upper.resize(width, upper_height)
        lower.resize(width, max(lower_height, lower_room))
        above.setGeometry(QRect(0, 0, self.width(), upper_room))
        below.setGeometry(QRect(0, upper_room + SPACING, self.width(), lower_room))
