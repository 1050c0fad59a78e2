"""Choosing the mistake that the model is run with, and having its consequence shown.

Owns the control only. Knows nothing of what choosing one does, or of which load shows it.
"""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.mistakes import MISTAKES, mistakes_of
from engine.own_model import find
from gui import appearance, formatting
from gui.controls import no_click_focus, set_accessible_name


class MistakePicker(QWidget):
    """A list of the mistakes of one model, none of them at first, and below it what shows the chosen one."""

    chosen = Signal(str)
    """The key of the mistake; empty: none."""
    show_requested = Signal()
    """The load that shows it is to be set."""
    compare_requested = Signal()
    """The same, with the model as it is taught beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.list = no_click_focus(QComboBox())
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.list.setProperty("dense", "true")
        self.show_it = no_click_focus(QPushButton(self.tr("Show it")))
        self.show_it.setProperty("dense", "true")
        self._model = ""
        self._theme = appearance.LIGHT
        self.compare = no_click_focus(QPushButton(self.tr("Beside the right")))
        self.compare.setProperty("dense", "true")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.show_it, self.compare):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.list)
        column.addLayout(buttons)
        self.list.activated.connect(lambda: self.chosen.emit(self.list.currentData()))
        self.show_it.clicked.connect(self.show_requested)
        self.compare.clicked.connect(self.compare_requested)

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
        for button, name, does in (
            (
                self.show_it,
                self.show_it.text(),
                self.tr("Set the load that shows what follows from this mistake, and start it"),
            ),
            (
                self.compare,
                self.tr("Compare with the right one"),
                self.tr("Run the model as it is taught beside this one, under the load that shows the mistake"),
            ),
        ):
            button.setEnabled(bool(mistake))
            set_accessible_name(button, name, does if mistake else self.tr("Choose a mistake first"))
        self._draw()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._draw()

    def _draw(self) -> None:
        """A chosen one is red."""
        colour = self._theme.bad if self.list.currentData() in MISTAKES else self._theme.text
        self.list.setStyleSheet(f"QComboBox {{ color: {colour}; }}")
