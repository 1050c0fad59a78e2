"""The column at the left: what there is to choose from above, what is done with it below.

Owns who gives way where the window is low. Knows of both only which heights suit them.
"""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.controls import Flexible

SPACING = 12
GIVING_WAY = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2))
"""Which of their heights the upper and the lower one take: the first that fits."""


class SideColumn(QWidget):
    """Two panels, one below the other, each as roomy as the height allows."""

    def __init__(self, upper: Flexible, lower: Flexible) -> None:
        super().__init__()
        self._upper, self._lower = upper, lower
        upper.setParent(self)
        lower.setParent(self)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width(), self._height(0, 0))

    def minimumSizeHint(self) -> QSize:
        width = max(each.minimumSizeHint().width() for each in (self._upper, self._lower))
        return QSize(width, self._height(-1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._arrange()
        return super().event(event)

    def _height(self, upper: int, lower: int) -> int:
        return self._upper.heights()[upper] + SPACING + self._lower.heights()[lower]

    def _arrange(self) -> None:
        fitting = (each for each in GIVING_WAY if self._height(*each) <= self.height())
        upper, lower = next(fitting, GIVING_WAY[-1])
        above = self._upper.heights()[upper]
        self._upper.setGeometry(0, 0, self.width(), above)
        below = max(self.height() - above - SPACING, self._lower.heights()[lower])
        self._lower.setGeometry(0, above + SPACING, self.width(), below)
