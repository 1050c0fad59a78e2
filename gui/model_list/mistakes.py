"""Choosing the mistake that the model is run with, and having its consequence shown.

Owns the control only. Knows nothing of what choosing one does, or of which load shows it.
"""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from engine.mistakes import MISTAKES, mistakes_of
from engine.own_model import find
from gui import appearance, formatting
from gui.controls import no_click_focus, set_accessible_name


class MistakePicker(QWidget):
    """A list of the mistakes of one model, none of them at first, and a button that sets the load that shows one."""

    chosen = Signal(str)
    """The key of the mistake; empty: none."""
    show_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.list = no_click_focus(QComboBox())
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.list.setProperty("dense", "true")
        self.show_it = no_click_focus(QPushButton(self.tr("Show it")))
        self.show_it.setProperty("dense", "true")
        self._model = ""
        self._theme = appearance.LIGHT
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.list, 1)
        row.addWidget(self.show_it)
        self.list.activated.connect(lambda: self.chosen.emit(self.list.currentData()))
        self.show_it.clicked.connect(self.show_requested)

    def show_chosen(self, model: str, mistake: str) -> None:
        """Offers the mistakes of `model`, and marks this one; empty: none. Without a model there are none."""
        with QSignalBlocker(self.list):
            if model != self._model:
                self._model = model
                self.list.clear()
                self.list.addItem(self.tr("As taught"), "")
                for each in mistakes_of(find(model)):
                    self.list.addItem(self.tr("✗ {title}").format(title=formatting.mistake_title(each.key)), each.key)
            self.list.setCurrentIndex(max(0, self.list.findData(mistake)))
        tip = formatting.mistake_sentence(mistake) if mistake else self.tr("Run the model with one thing wrong.")
        set_accessible_name(self.list, self.tr("Mistake"), tip)
        self.show_it.setEnabled(bool(mistake))
        set_accessible_name(
            self.show_it,
            self.tr("Show it"),
            self.tr("Set the load that shows what follows from this mistake, and start it")
            if mistake
            else self.tr("Choose a mistake first"),
        )
        self._draw()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._draw()

    def _draw(self) -> None:
        """A chosen one is red."""
        colour = self._theme.bad if self.list.currentData() in MISTAKES else self._theme.text
        self.list.setStyleSheet(f"QComboBox {{ color: {colour}; }}")
