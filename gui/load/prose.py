"""Sentences in small text, in as many lines as there is room for.

Owns how they are cut short. Knows nothing of what they say.
"""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from gui import appearance
from gui.controls import wrap_lines

SMALL = 0.84
"""Size of the sentences, as a part of the normal text."""
MOST_LINES = 99


class Prose(QWidget):
    """Sentences in small text, as many of their lines as are wanted; what is cut short is said by the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._sentences: list[tuple[str, bool]] = []
        self._short: list[tuple[str, bool]] = []
        self._lines = 1
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """All that is said."""
        return "\n".join(text for text, _ in self._sentences)

    def show_text(self, *sentences: str, short: str = "", alarm: str = "") -> None:
        """Says the sentences one below the other, the alarm last and marked; where there is little room only the short
        form and the alarm."""
        fine = [(each, False) for each in sentences if each]
        alarms = [(alarm, True)] if alarm else []
        if fine + alarms != self._sentences:
            self._sentences = fine + alarms
            self._short = ([(short, False)] if short else fine[:1]) + alarms
            self.setToolTip(self.text)
            self.setAccessibleName(self.text)
            self.update()

    def take_lines(self, lines: int) -> None:
        """Is so many lines high, and says the short form if that is too little for all."""
        self._lines = lines
        self.setFixedHeight(round(lines * self._line_height()))
        self.update()

    def lines_of(self, sentences: Iterable[str], width: float) -> int:
        """How many lines these sentences would take."""
        return self._lines_of([(text, False) for text in sentences if text], width)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.take_lines(self._lines)

    def sizeHint(self) -> QSize:
        return QSize(100, round(self._lines * self._line_height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font())
        metrics = painter.fontMetrics()
        said = self._sentences if self._lines_of(self._sentences, self.width()) <= self._lines else self._short
        left_lines, y = self._lines, 0.0
        for number, (text, alarm) in enumerate(said):
            sign = self._sign_width(alarm)
            most = max(0, left_lines - (len(said) - number - 1))
            lines = wrap_lines(text, self._font(), self.width() - sign, most) if most else []
            if alarm and lines:
                side = metrics.height() - 2
                appearance.icon("triangle-alert", self._theme.bad).paint(painter, 0, round(y) + 1, side, side)
            painter.setPen(QColor(self._theme.bad if alarm else self._theme.muted))
            for line in lines:
                painter.drawText(QPointF(sign, y + metrics.ascent()), line)
                y += self._line_height()
            left_lines -= len(lines)
        painter.end()

    def _lines_of(self, sentences: list[tuple[str, bool]], width: float) -> int:
        font = self._font()
        return sum(
            len(wrap_lines(text, font, width - self._sign_width(alarm), MOST_LINES)) for text, alarm in sentences
        )

    def _sign_width(self, alarm: bool) -> float:
        return QFontMetricsF(self._font()).height() + 2 if alarm else 0.0

    @staticmethod
    def _font() -> QFont:
        return appearance.sized(QApplication.font(), SMALL)

    @staticmethod
    def _line_height() -> float:
        return appearance.line_height() * SMALL
