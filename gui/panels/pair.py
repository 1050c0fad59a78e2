"""Selects which of two engines side by side the views below show in detail: one, or both.

Owns which is picked. Hidden while only one runs.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from gui import appearance, formatting
from gui.controls import no_click_focus, set_accessible_name

if TYPE_CHECKING:
    from engine.telemetry.wire import Ready


class PairSwitch(QWidget):
    """A button for each of the two, and one for both."""

    picked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.buttons = (no_click_focus(QPushButton()), no_click_focus(QPushButton()))
        self.both = no_click_focus(QPushButton(self.tr("Both")))
        set_accessible_name(
            self.both,
            self.tr("Both"),
            self.tr("Show both timelines one above the other, on one clock, or both sources"),
        )
        self.prefers_both = False
        """Whether both are picked as soon as there are two."""
        self._models = self._titles = self._mistakes = ("", "")
        self._theme = appearance.LIGHT
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 10, 2)
        row.setSpacing(6)
        for button in (*self.buttons, self.both):
            button.setCheckable(True)
            button.setProperty("dense", "true")
            self._group.addButton(button)
            row.addWidget(button)
        self.buttons[0].setChecked(True)
        self._group.buttonClicked.connect(self.picked)
        self.hide()

    @property
    def is_second(self) -> bool:
        """Whether the second one is picked."""
        return not self.isHidden() and self.buttons[1].isChecked()

    @property
    def is_both(self) -> bool:
        """Whether both are picked; a view that shows one run shows the first."""
        return not self.isHidden() and self.both.isChecked()

    def show_pair(self, runs: "tuple[Ready, Ready] | None") -> None:
        """Offers these two runs; hidden unless there are two."""
        if runs is None:
            self.hide()
            return
        titles = formatting.pair_titles(runs)
        models = runs[0].model, runs[1].model
        if (models, titles) != (self._models, self._titles):
            self._models, self._titles = models, titles
            self._mistakes = runs[0].mistake, runs[1].mistake
            for button, title in zip(self.buttons, map(formatting.longest, titles), strict=True):
                button.setText(" " + title)
                tip = self.tr("Show the timeline, the requests and the source of {model}").format(model=title)
                set_accessible_name(button, title, tip)
            self._draw()
        if self.isHidden() and self.prefers_both:
            self.both.setChecked(True)
        self.show()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._draw()

    def _draw(self) -> None:
        for button, model, mistake in zip(self.buttons, self._models, self._mistakes, strict=True):
            if model:
                button.setIcon(appearance.icon(appearance.model_icon(model), self._theme.model_line(model)))
            button.setStyleSheet(f"QPushButton {{ color: {self._theme.bad}; }}" if mistake else "")
