"""The column at the left: the list of models above, the load below.

Owns that the list scrolls, and that the load's controls lie over it while they are opened, so that nothing moves. Knows
nothing of what either shows.
"""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gui.panels.load import LoadPanel
from gui.panels.models import ModelCards

SPACING = 8
BAR = 12
"""Pixels at the right kept free for a scroll bar, so that nothing moves when it appears."""
LEAST_WIDTH = 300
LEAST = 72
"""The least visible height of the list, in pixels."""


class SideColumn(QWidget):
    """The list, as high as the load leaves room for, and the load."""

    def __init__(self, cards: ModelCards, load: LoadPanel) -> None:
        super().__init__()
        self._cards, self._load = cards, load
        self.list = _scrolling(cards)
        self.controls = _scrolling(load.controls)
        self.controls.setParent(self)
        self.controls.hide()
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.list, 1)
        column.addWidget(load)
        column.setAlignment(load, Qt.AlignmentFlag.AlignLeft)
        cards.unfolded.connect(self._bring_into_sight)
        load.opened.connect(self._open)
        load.controls.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH + BAR, self._load.sizeHint().height() + SPACING + self._cards.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH + BAR, LEAST + SPACING + self._load.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        width = self.width() - BAR
        for each in (self._cards, self._load, self._load.controls):
            each.setFixedWidth(width)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if card := self._cards.chosen:
            self._bring_into_sight(card)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the height of the controls, which changes with the size of the text."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return False

    def _bring_into_sight(self, card: QWidget) -> None:
        """Scrolls the list until all of a row is seen, or as much of it from its top as there is room for."""
        self._column.activate()
        self._cards.lay_out_now()
        self.list.ensureWidgetVisible(card, 0, 0)
        if card.height() > self.list.viewport().height():
            self.list.verticalScrollBar().setValue(card.y())

    def _open(self, opened: bool) -> None:
        self._place()
        self.controls.setVisible(opened)
        self.controls.raise_()

    def _place(self) -> None:
        """Puts the controls right above the load; where they are higher than the list, they scroll."""
        self._column.activate()
        room = self.list.height()
        height = min(room, self._load.controls.sizeHint().height())
        self.controls.setGeometry(0, room - height, self.width(), height)


def _scrolling(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidgetResizable(True)
    area.setWidget(widget)
    return area
