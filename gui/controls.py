"""The small controls that several panels are made of.

Owns their behaviour and their accessible names. Knows nothing of servers or of any panel.
"""

from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QEnterEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from gui import appearance, glossary

AnyWidget = TypeVar("AnyWidget", bound=QWidget)


def set_accessible_name(widget: AnyWidget, name: str, tip: str = "") -> AnyWidget:
    """`widget`, with its name for screen readers and its tooltip, below which the words of the trade are explained."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip or name)
    widget.installEventFilter(glossary.explainer())
    return widget


def set_role(label: QLabel, role: str = "", muted: bool = False) -> QLabel:
    """`label`, which the style sheet shows in the size of `role` (see `appearance.SIZES`)."""
    label.setProperty("role", role)
    label.setProperty("muted", "true" if muted else "false")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def no_click_focus(control: AnyWidget) -> AnyWidget:
    """`control`; clicking it does not focus it, so Space and digits still reach the window."""
    control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return control


def is_text_key(event: QKeyEvent) -> bool:
    """Whether the key is a character: read-only text leaves such keys to the window."""
    return bool(event.text()) and event.text().isprintable()


def wrap_lines(text: str, font: QFont, width: float, most: int) -> list[str]:
    """`text` in at most so many lines, as its language breaks lines; what does not fit ends in an ellipsis."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    lines: list[str] = []
    start = 0
    while start < len(text) and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        end = len(text) if len(lines) == most - 1 else start + line.textLength()
        lines.append(text[start:end].strip())
        start = end
    layout.endLayout()
    metrics = QFontMetricsF(font)
    return [metrics.elidedText(each, Qt.TextElideMode.ElideRight, width) for each in lines]


class IconButton(QToolButton):
    """A button with an icon, and a word beside it where there is room; without the word its tooltip appears at once."""

    def __init__(self, icon: str, name: str, tip: str = "", word: str = "") -> None:
        super().__init__()
        self._icon = icon
        self._colour = ""
        set_accessible_name(no_click_focus(self), name, tip)
        self.setText(f" {word}" if word else "")
        self.show_word(False)

    @property
    def has_word(self) -> bool:
        """Whether the word is shown."""
        return self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon

    def show_word(self, shown: bool) -> None:
        """Shows the icon's word beside it, or the icon alone."""
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly)

    def word_width(self) -> int:
        """Pixels that the word takes."""
        shown, widths = self.has_word, []
        for with_word in (False, True):
            self.show_word(with_word)
            widths.append(self.sizeHint().width())
        self.show_word(shown)
        return widths[1] - widths[0]

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if not self.has_word:
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.toolTip(), self)

    def show_icon(self, icon: str) -> None:
        """Shows another icon, in the same colour."""
        self._icon = icon
        self.setIcon(appearance.icon(icon, self._colour))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._colour = theme.text
        self.show_icon(self._icon)
        side = round(QApplication.font().pointSizeF() * 1.5)
        self.setIconSize(QSize(side, side))


class ReadText(QPlainTextEdit):
    """Text to read and copy; it leaves letters, digits and Space to the window."""

    def __init__(self, name: str) -> None:
        super().__init__()
        set_accessible_name(self, name)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_text_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)


class Card(QFrame):
    """A panel's background: a rounded area with a thin border."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "true")


class Elided(QLabel):
    """A line that takes the room it is given; of a text in variants it shows the first that fits."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._mode = mode
        self._reserved = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def reserve(self, text: str) -> None:
        """Keeps the width of this text from now on, whatever it shows."""
        self._reserved = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        usual = super().sizeHint()
        reserved = self.fontMetrics().horizontalAdvance(self._reserved) + 4
        return QSize(reserved, usual.height()) if self._reserved else usual

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._reserved else super().minimumSizeHint()

    @property
    def shown(self) -> str:
        """The visible part of the text."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), self.shown)
        painter.end()
