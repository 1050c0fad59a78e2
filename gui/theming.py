"""The theme of the application and of all its panels, and the size of its text.

Owns which theme is in force and which panels are drawn in it.
"""

from collections.abc import Iterable
from typing import Protocol

from PySide6.QtWidgets import QApplication, QMainWindow

from gui import appearance


class Themed(Protocol):
    """A panel that draws itself in a theme."""

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""


class Theming:
    """The theme of one window."""

    def __init__(self, window: QMainWindow, name: str) -> None:
        self._window = window
        self._name = name
        self._panels: list[Themed] = []
        self._is_presenting = False
        self._apply_to_application()  # first: a widget that is older than the style sheet keeps the font it had

    def add(self, panels: Iterable[Themed]) -> None:
        """Draws these as well, from now on."""
        for panel in panels:
            self._panels.append(panel)
            panel.set_theme(self.theme)

    def choose(self, name: str) -> None:
        """Draws everything in the theme of this name, `system` included."""
        self._name = name
        self.apply()

    def apply(self) -> None:
        """Draws everything anew: what the system wants may have changed."""
        self._apply_to_application()
        for panel in self._panels:
            panel.set_theme(self.theme)

    def present(self, presenting: bool) -> None:
        """Draws everything bigger, for an audience; or as usual."""
        self._is_presenting = presenting
        self.apply()

    def _apply_to_application(self) -> None:
        self.theme = appearance.chosen(self._name)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        height = self._window.screen().size().height()
        appearance.apply_theme(application, self.theme, appearance.presented(height) if self._is_presenting else 1.0)
