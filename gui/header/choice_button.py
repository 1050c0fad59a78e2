"""A button whose menu offers a choice of one.

Owns the menu and its marks. Knows nothing of what a choice does.
"""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCursor
from PySide6.QtWidgets import QMenu, QToolButton

from gui.controls import IconButton


class ChoiceButton(IconButton):
    """An icon; a click opens the menu."""

    chosen = Signal(str)
    """The key of a choice."""

    def __init__(self, icon: str, name: str, tip: str = "", word: str = "") -> None:
        super().__init__(icon, name, tip, word)
        self._choices = QActionGroup(self)
        menu = QMenu(self)
        menu.aboutToHide.connect(self._on_hidden)
        self._choices.triggered.connect(lambda action: self.chosen.emit(action.data()))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Adds choices, each a key and a text."""
        for key, text in choices:
            action = QAction(text, self._choices, checkable=True)
            action.setData(key)
            self.menu().addAction(action)

    def clear(self) -> None:
        """Removes all choices."""
        for action in self._choices.actions():
            self._choices.removeAction(action)
            self.menu().removeAction(action)

    def mark(self, key: str) -> None:
        """Marks the choice that holds."""
        for action in self._choices.actions():
            action.setChecked(action.data() == key)

    def allow(self, key: str, visible: bool = True, enabled: bool = True) -> None:
        """Hides a choice that makes no sense now, or greys out one that this system has not."""
        for action in self._choices.actions():
            if action.data() == key:
                action.setVisible(visible)
                action.setEnabled(enabled)

    def _on_hidden(self) -> None:
        """Qt leaves the button as if the mouse were still on it, which looks pressed."""
        self.setDown(False)
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, self.rect().contains(self.mapFromGlobal(QCursor.pos())))
        self.update()
