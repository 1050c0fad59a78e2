"""A splitter whose handle can be seen.

Owns how the handle is drawn. Knows nothing of what it divides.
"""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from gui.controls import set_accessible_name

GRIP = 36.0
"""Pixels: the length of the mark in the middle of a handle."""
THICK = 4.0


class Splitter(QSplitter):
    """Two parts, neither of which can be closed."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__(orientation)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(10)

    def createHandle(self) -> QSplitterHandle:
        return Handle(self.orientation(), self)


class Handle(QSplitterHandle):
    """A handle with a mark in its middle."""

    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        set_accessible_name(self, self.tr("Handle"), self.tr("Drag it to give either side more room"))

    def paintEvent(self, event: QPaintEvent) -> None:
        role = QPalette.ColorRole
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(role.Accent if self.underMouse() else role.PlaceholderText))
        across = self.orientation() is Qt.Orientation.Vertical  # the handle of parts one above the other
        grip = QRectF(0, 0, GRIP if across else THICK, THICK if across else GRIP)
        grip.moveCenter(QRectF(self.rect()).center())
        painter.drawRoundedRect(grip, THICK / 2, THICK / 2)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()
