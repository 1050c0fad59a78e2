"""A state in words, with a sign.

Owns how it is drawn and how it gives way to a narrow window. Knows nothing of what has the state.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from gui import appearance, formatting
from gui.glossary import plain_tip

LEAST_STATE = 92
"""The width of the state in the narrowest window, in pixels."""


class StatePill(QWidget):
    """A word in a rounded field, with a sign: full is on, half is in transition, a ring is off."""

    def __init__(self) -> None:
        super().__init__()
        self._text, self._sign = "", "ring"
        self._wrong = False
        self._theme = appearance.LIGHT

    @property
    def text(self) -> str:
        """All that is said."""
        return formatting.longest(self._text)

    @property
    def shown(self) -> str:
        """The same, with its variants."""
        return self._text

    def show_text(self, text: str, sign: str, *, wrong: bool = False) -> None:
        """Shows `text`, which may be in variants, with the sign `full`, `half` or `ring`; in red if it is `wrong`."""
        if (text, sign, wrong) != (self._text, self._sign, self._wrong):
            self._text, self._sign, self._wrong = text, sign, wrong
            self.setAccessibleName(self.text)
            self.setToolTip(plain_tip(self.text))
            self.updateGeometry()
            self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font())
        return QSize(round(metrics.horizontalAdvance(self.text) + 2.5 * metrics.height()), metrics.height() + 14)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_STATE, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        colour, back = {
            "full": (theme.good, theme.good_back),
            "half": (theme.busy, theme.busy_back),
            "ring": (theme.muted, theme.calm_back),
        }[self._sign]
        if self._wrong:
            colour, back = theme.bad, theme.bad_back
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(back))
        painter.drawRoundedRect(QRectF(self.rect()), 9, 9)
        painter.setFont(self._font())
        height = painter.fontMetrics().height()
        radius = height * 0.24
        centre = QPointF(height * 0.95, self.height() / 2)
        sign = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(QPen(QColor(colour), 1.6))
        painter.setBrush(QColor(colour) if self._sign == "full" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(sign)
        if self._sign == "half":
            painter.setBrush(QColor(colour))
            painter.drawPie(sign, 90 * 16, 180 * 16)
        painter.setPen(QColor(colour))
        words = QRectF(self.rect()).adjusted(height * 1.6, 0, 0, 0)
        shown = painter.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, round(words.width() - height * 0.5)
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    @staticmethod
    def _font() -> QFont:
        return appearance.sized(QApplication.font(), 1.0, bold=True)
