"""A count from a least to a most, set roughly or exactly.

Owns the scale of the slider. Knows nothing of what is counted.
"""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QSlider, QSpinBox, QWidget

from gui.controls import no_click_focus, set_accessible_name, set_role


def slider_counts(most: int, least: int = 0) -> list[int]:
    """The counts on a logarithmic slider: rounded to two digits, each once, in order."""
    steps = 300
    exact = ((most + 1) ** (step / steps) - 1 for step in range(steps + 1))
    rounded = {int(float(f"{count:.2g}")) for count in exact}
    return sorted(rounded - set(range(least)) | {least})


class CountRow:
    """A count, set roughly by a logarithmic slider or exactly by its digits."""

    def __init__(self, name: str, tip: str, most: int, least: int = 0) -> None:
        self._counts = slider_counts(most, least)
        self.label = set_role(QLabel(name), "small")
        self.slider = set_accessible_name(no_click_focus(QSlider(Qt.Orientation.Horizontal)), name, tip)
        self.slider.setRange(0, len(self._counts) - 1)
        self.slider.setPageStep(10)
        self.exact = digits(name, tip, most)
        self.exact.setMinimum(least)
        self.slider.valueChanged.connect(lambda place: self.exact.setValue(self._counts[place]))
        self.exact.valueChanged.connect(self.show)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """From left to right."""
        return self.label, self.slider, self.exact

    def show(self, count: int) -> None:
        """Shows `count` exactly, and the slider at the place next to it."""
        nearest = min(range(len(self._counts)), key=lambda place: abs(self._counts[place] - count))
        with QSignalBlocker(self.slider):
            self.slider.setValue(nearest)
        self.exact.setValue(count)


def digits(name: str, tip: str, most: int) -> QSpinBox:
    """A field for a whole number; Enter gives the keyboard back to the window."""
    box = set_accessible_name(QSpinBox(), name, tip)
    box.setRange(0, most)
    box.setGroupSeparatorShown(True)
    box.setKeyboardTracking(False)
    box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setProperty("dense", "true")
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.lineEdit().setTextMargins(2, 0, 4, 0)
    box.lineEdit().returnPressed.connect(box.clearFocus)
    return box
