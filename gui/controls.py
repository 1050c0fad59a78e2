"""The small controls that several panels are made of.

Owns their behaviour and their accessible names. Knows nothing of servers or of any panel.
"""

from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QLabel, QToolButton, QWidget

from gui import theme

AnyWidget = TypeVar("AnyWidget", bound=QWidget)
AnyButton = TypeVar("AnyButton", bound=QAbstractButton)


def named(widget: AnyWidget, name: str, tip: str = "") -> AnyWidget:
    """`widget`, with what a screen reader calls it and what its tooltip says."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip or name)
    return widget


def with_role(label: QLabel, role: str = "", muted: bool = False) -> QLabel:
    """`label`, which the style sheet writes in the size of `role` (see `theme.SIZES`)."""
    label.setProperty("role", role)
    label.setProperty("muted", "true" if muted else "false")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def out_of_the_way(button: AnyButton) -> AnyButton:
    """`button`, which a click does not give the keyboard to, so that Space and digits go on meaning the window's."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def writes(event: QKeyEvent) -> bool:
    """Whether the key stands for a character: what shows text but takes none leaves such keys to the window."""
    return bool(event.text()) and event.text().isprintable()


class IconButton(QToolButton):
    """A button that is only a picture."""

    def __init__(self, icon: str, name: str, tip: str = "") -> None:
        super().__init__()
        self._icon = icon
        self._colour = ""
        named(out_of_the_way(self), name, tip)

    def show_icon(self, icon: str) -> None:
        """Another picture, in the same colour."""
        self._icon = icon
        self.setIcon(theme.icon(icon, self._colour))

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self._colour = look.text
        self.show_icon(self._icon)
        side = round(QApplication.font().pointSizeF() * 1.5)
        self.setIconSize(QSize(side, side))


class Card(QFrame):
    """A panel's ground: a rounded area with a thin border."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", "true")
