"""One row of the list of models: its icon, title, last requests/s and key, and room for what is opened in it.

Owns how it is drawn. Knows nothing of what choosing it does.
"""

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from gui import appearance, formatting, keyboard
from gui.controls import is_text_key, no_click_focus
from gui.glossary import plain_tip
from gui.model_list.entry import ListEntry

TITLE, RATE, SMALL, NICKNAME = 0.92, 0.88, 0.8, 0.75
"""Sizes of the texts, as parts of the normal one."""
LINE = 1.55
"""The height of a row, in lines of normal text."""
SIDE = 10.0
"""Pixels left of the icon and right of the key."""
GAP = 6.0
WIDEST_RATE = 99_900.0
LEAST_TITLE = 0.72
"""The least size of a long title, as a part of the others."""
SAFE = 0.97
"""A margin, as letters do not shrink exactly with their font."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ModelCard(QAbstractButton):
    """One row, checked while it is the chosen one.

    The rate has its place left of the key, measured or not. A server that works like this model is named behind the
    title, as long as there is room.
    """

    moved = Signal(int)
    """The row so many places further down is to have the keyboard."""
    sought = Signal(str)
    """A letter was typed."""

    def __init__(self, entry: ListEntry, number: str = "") -> None:
        """`number` is the key that chooses it; empty: none does."""
        super().__init__()
        self.entry, self.key, self.number = entry, entry.key, number
        self.available = not entry.missing
        self._title = entry.title
        self._wrong = False
        self._rate = ""
        self._theme = appearance.LIGHT
        self.setCheckable(True)
        self.setEnabled(self.available)
        # Not fixed: that would cap it at the height of texts that are not wrapped at its width.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(plain_tip("\n".join(self._tip())))
        self._head = QSpacerItem(0, self.head_height(), QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addItem(self._head)
        no_click_focus(self)
        self._name_it()

    @property
    def rate(self) -> str:
        """The rate shown, empty if none was measured."""
        return self._rate

    def open(self, opened: QWidget) -> None:
        """Has `opened` below its row; another row that had it has it no more."""
        self._column.addWidget(opened)
        opened.show()

    def lay_out_now(self) -> None:
        """Finds out its height, without waiting for the next turn of the event loop."""
        self._column.invalidate()
        self._column.activate()

    def show_rate(self, per_second: float | None) -> None:
        """Shows the last measured rate; None: none."""
        rate = "" if per_second is None else formatting.rate(per_second)
        if rate != self._rate:
            self._rate = rate
            self._name_it()

    def show_mistake(self, mistake: str) -> None:
        """Marks the title with the mistake that the model is run with; empty: none."""
        title = formatting.shortest(formatting.marked(self.entry.title, mistake))
        if title != self._title:
            self._title, self._wrong = title, bool(mistake)
            self._name_it(mistake)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._head.changeSize(0, self.head_height(), QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._column.invalidate()
        self.update()

    @staticmethod
    def head_height() -> int:
        """The height of a row that is not opened."""
        return round(appearance.line_height() * LINE) + 1

    def event(self, event: QEvent) -> bool:
        """Takes letters for itself that are the window's keys elsewhere."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._seeks(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and keyboard.is_plain(event):
            self.click()
        elif self._seeks(event):
            self.sought.emit(event.text())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_background(painter)
        self._paint_head(painter)
        painter.end()

    @staticmethod
    def _seeks(event: QKeyEvent) -> bool:
        return keyboard.is_plain(event) and is_text_key(event) and event.text().isalpha()

    def _name_it(self, mistake: str = "") -> None:
        named = formatting.with_mistake(self.entry.title, mistake)
        parts = (named, self.entry.missing or self.entry.idea, self.entry.in_the_wild, self._rate)
        self.setAccessibleName(", ".join(filter(None, parts)))
        self.update()

    def _tip(self) -> Iterator[str]:
        yield self.tr("{title}: {idea}").format(title=self.entry.title, idea=self.entry.missing or self.entry.idea)
        if self.entry.in_the_wild:
            yield formatting.in_the_wild(self.entry.in_the_wild)
        if self.number:
            yield self.tr("Key {number}").format(number=self.number)

    def _paint_background(self, painter: QPainter) -> None:
        theme, chosen = self._theme, self.isChecked()
        border = self._line() if chosen else theme.accent if self.hasFocus() else theme.border
        width = 2 if chosen else 1
        painter.setPen(QPen(QColor(border), width))
        painter.setBrush(QColor(theme.hover if self.underMouse() and self.available and not chosen else theme.panel))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)
        if self.hasFocus() and chosen:
            painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 4, 4)

    def _paint_head(self, painter: QPainter) -> None:
        theme, base, high = self._theme, QApplication.font(), float(self.head_height())
        faded = appearance.mixed(theme.muted, theme.panel, 0.75)
        side = appearance.line_height() * 0.95
        icon = appearance.icon(self._icon(), self._line() if self.available else faded)
        icon.paint(painter, round(SIDE), round((high - side) / 2), round(side), round(side))
        left, right = SIDE + side + 9, self.width() - SIDE

        small, rate = appearance.sized(base, SMALL), appearance.sized(base, RATE, bold=True)
        painter.setFont(small)
        painter.setPen(QColor(theme.muted if self.available else faded))
        painter.drawText(QRectF(left, 0, right - left, high), RIGHT, self.number)
        rate_right = right - QFontMetricsF(small).horizontalAdvance("0") - GAP
        rate_left = rate_right - QFontMetricsF(rate).horizontalAdvance(formatting.rate(WIDEST_RATE))

        painter.setFont(rate)
        painter.setPen(QColor(appearance.readable(self.entry.colour, theme.panel)))
        painter.drawText(QRectF(left, 0, rate_right - left, high), RIGHT, self._rate)

        font = self._fitting(appearance.sized(base, TITLE, bold=self.isChecked()), rate_left - GAP - left)
        painter.setFont(font)
        painter.setPen(QColor(theme.bad if self._wrong else theme.text if self.available else faded))
        room = round(rate_left - GAP - left) + 1
        shown = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(left, 0, room, high), LEFT, shown)

        end = left + QFontMetricsF(font).horizontalAdvance(shown) + GAP
        word, edge = self.entry.nickname, rate_left - GAP if self._rate else rate_right
        painter.setFont(appearance.sized(base, NICKNAME))
        if end + QFontMetricsF(painter.font()).horizontalAdvance(word) <= edge:
            painter.setPen(QColor(theme.muted if self.available else faded))
            painter.drawText(QRectF(end, 0, edge - end + 1, high), LEFT, word)

    def _fitting(self, font: QFont, room: float) -> QFont:
        """`font`, somewhat smaller where the title would not fit beside the rate."""
        width = QFontMetricsF(font).horizontalAdvance(self._title)
        font.setPointSizeF(font.pointSizeF() * max(LEAST_TITLE, min(1.0, SAFE * room / width)))
        return font

    def _line(self) -> str:
        return appearance.readable(self.entry.colour, self._theme.panel, contrast=2.4)

    def _icon(self) -> str:
        return appearance.known_icon(self.entry.icon)
