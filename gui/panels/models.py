"""The list of concurrency models as cards to pick from.

Owns which card is marked. Knows nothing of what picking one does.
"""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QButtonGroup, QLabel, QSizePolicy, QVBoxLayout

from engine.models import MODELS, Model
from gui import appearance, formatting
from gui.controls import Flexible, no_click_focus, set_role, wrap_lines

TITLE, RATE, SMALL = 0.96, 0.88, 0.8
"""Sizes of the texts, as parts of the normal one."""
KEYS = 10
"""So many cards have a number key: 1 to 9, and 0."""
MOST_LINES = 4
"""The most lines of the idea."""
SPACING = 7
MARGIN = 6
"""Pixels above the first line and below the last."""
RIGHT_EDGE = 10.0
GAP = 6.0
LEAST_TITLE = 0.72
"""The least size of a long title, as a part of the others."""
SAFE = 0.97
"""A margin, as letters do not shrink exactly with their font."""
WIDEST_RATE = 99_900.0
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ModelCard(QAbstractButton):
    """One model: its number key, icon, title, idea, and its last measured rate.

    The rate has its place beside the title, measured or not. If there is little room, the idea has fewer lines or
    none, and the tooltip has it.
    """

    def __init__(self, model: Model, number: int) -> None:
        super().__init__()
        self.key = model.key
        self.available = model.available()
        self._title = formatting.model_title(model.key)
        self._idea = formatting.model_idea(model.key)
        self._number = str(number % KEYS) if number <= KEYS else ""
        self._wrong = False
        self._rate = ""
        self._lines = 1
        self._theme = appearance.LIGHT
        self.setCheckable(True)
        self.setEnabled(self.available)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if not self.available:
            self._idea = self.tr("needs {systems}").format(systems=formatting.translate("models", model.systems))
        tip = self.tr("{title}: {idea} (key {number})") if self._number else self.tr("{title}: {idea}")
        self.setToolTip(tip.format(title=self._title, idea=self._idea, number=self._number))
        no_click_focus(self)
        self.show_rate(None)

    @property
    def rate(self) -> str:
        """The rate shown, empty if none was measured."""
        return self._rate

    def show_rate(self, per_second: float | None) -> None:
        """Shows the model's last measured rate; None: none."""
        rate = "" if per_second is None else formatting.rate(per_second)
        if rate != self._rate or not self.accessibleName():
            self._rate = rate
            self.setAccessibleName(f"{self._title}, {self._idea}" + (f", {rate}" if rate else ""))
            self.update()

    def show_mistake(self, mistake: str) -> None:
        """Marks the title with the mistake that the model is run with; empty: none."""
        title = formatting.shortest(formatting.marked_title(self.key, mistake))
        if title != self._title:
            self._title, self._wrong = title, bool(mistake)
            named = formatting.with_mistake(formatting.model_title(self.key), mistake)
            self.setAccessibleName(f"{named}, {self._idea}" + (f", {self._rate}" if self._rate else ""))
            self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def height_with(self, idea_lines: int) -> int:
        """The height of a card whose idea has this many lines."""
        return round(self._line_height(TITLE) + idea_lines * self._line_height(SMALL) + 2 * MARGIN) + 1

    def lines_wanted(self, width: int) -> int:
        """The number of lines of the whole idea on a card of this width."""
        room = width - self._left() - RIGHT_EDGE
        return len(wrap_lines(self._idea, appearance.sized(QApplication.font(), SMALL), room, MOST_LINES))

    def allow_lines(self, lines: int) -> None:
        """Shows at most this many lines of the idea."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(240, self.height_with(self._lines))

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.height_with(0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_background(painter)
        self._paint_words(painter)
        painter.end()

    def _paint_background(self, painter: QPainter) -> None:
        theme = self._theme
        chosen = self.isChecked()
        border = theme.model_line(self.key) if chosen else theme.accent if self.hasFocus() else theme.border
        width = 2 if chosen else 1
        painter.setPen(QPen(QColor(border), width))
        painter.setBrush(QColor(theme.hover if self.underMouse() and self.available else theme.panel))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        if self.hasFocus() and chosen:
            painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 5, 5)

    def _paint_words(self, painter: QPainter) -> None:
        theme, base = self._theme, QApplication.font()
        faded = appearance.mixed(theme.muted, theme.panel, 0.75)
        left, right = self._left(), self.width() - RIGHT_EDGE
        side = self._line_height(1.3)
        icon = appearance.icon(appearance.model_icon(self.key), theme.model_line(self.key) if self.available else faded)
        icon.paint(painter, 12, round((self.height() - side) / 2), round(side), round(side))

        small, rate = appearance.sized(base, SMALL), appearance.sized(base, RATE, bold=True)
        first, each = self._line_height(TITLE), self._line_height(SMALL)
        lines = max(0, min(self._lines, int((self.height() - 2 * MARGIN - first) / each)))
        top = (self.height() - first - lines * each) / 2
        number_width = QFontMetricsF(small).horizontalAdvance("0")
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRectF(left, top, right - left, first), RIGHT, self._number)

        rate_right = right - number_width - GAP
        painter.setFont(rate)
        painter.setPen(QColor(theme.model_text(self.key)))
        painter.drawText(QRectF(left, top, rate_right - left, first), RIGHT, self._rate)

        room = rate_right - left - QFontMetricsF(rate).horizontalAdvance(formatting.rate(WIDEST_RATE)) - GAP
        painter.setFont(self._fitting(appearance.sized(base, TITLE, bold=True), room))
        painter.setPen(QColor(theme.bad if self._wrong else theme.text if self.available else faded))
        shown = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, round(room) + 1)
        painter.drawText(QRectF(left, top, room + 1, first), LEFT, shown)

        painter.setFont(small)
        painter.setPen(QColor(theme.muted if self.available else faded))
        if lines:
            low = QRectF(left, top + first, right - left, lines * each)
            painter.drawText(low, LEFT, "\n".join(wrap_lines(self._idea, small, low.width(), lines)))

    def _fitting(self, font: QFont, room: float) -> QFont:
        """`font`, somewhat smaller where the title would not fit beside the rate."""
        width = QFontMetricsF(font).horizontalAdvance(self._title)
        font.setPointSizeF(font.pointSizeF() * max(LEAST_TITLE, min(1.0, SAFE * room / width)))
        return font

    def _left(self) -> float:
        """The left edge of the texts, right of the icon."""
        return self._line_height(1.3) + 22

    @staticmethod
    def _line_height(ratio: float) -> float:
        return appearance.line_height() * ratio


class ModelCards(Flexible):
    """The cards one below the other, in teaching order."""

    model_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.heading = set_role(QLabel(self.tr("CONCURRENCY MODEL")), "heading", muted=True)
        self.cards = {key: ModelCard(model, number) for number, (key, model) in enumerate(MODELS.items(), 1)}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.heading)
        for card in self.cards.values():
            self._group.addButton(card)
            column.addWidget(card)
        self._lines = 1
        self._group.buttonClicked.connect(lambda card: self.model_chosen.emit(card.key))

    def heights(self) -> tuple[int, int, int]:
        """The heights with whole ideas, with one line of each, and without them."""
        rest = self.heading.sizeHint().height() + SPACING * len(self.cards)
        card = next(iter(self.cards.values()))
        full, one, none = (rest + len(self.cards) * card.height_with(lines) for lines in (self._lines, 1, 0))
        return full, one, none

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._measure()

    def _measure(self) -> None:
        """All cards have the height of the one with the longest idea."""
        self._lines = max(card.lines_wanted(self.width()) for card in self.cards.values())
        for card in self.cards.values():
            card.allow_lines(self._lines)
        self.heights_changed.emit()

    def select(self, key: str, mistake: str = "") -> None:
        """Marks the card of `key`, none if that is empty, and the mistake that it is run with; empty: none."""
        self._group.setExclusive(bool(key))
        for each in self.cards.values():
            each.setChecked(each.key == key)
            each.show_mistake(mistake if each.key == key else "")

    def choose_number(self, number: int) -> None:
        """Clicks the card with this number, if it exists and is enabled; 0 is the tenth."""
        number = number or KEYS
        if number <= min(KEYS, len(self.cards)):
            list(self.cards.values())[number - 1].click()

    def show_rates(self, measured: dict[str, float]) -> None:
        """Shows the last measured rate on each card."""
        for key, card in self.cards.items():
            card.show_rate(measured.get(key))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        for card in self.cards.values():
            card.set_theme(theme)
        self._measure()
