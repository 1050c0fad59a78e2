"""A control for one setting in little room: a slider with its number, a switch, or a choice.

Owns how a value is shown and changed. Uses no setting by name, and knows nothing of what a change does.
"""

from typing import Any

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSizePolicy, QWidget

from engine.setting import Setting
from gui import formatting
from gui.controls import no_click_focus, set_accessible_name, set_role
from gui.load.count import CountRow

SETTLING_MS = 400
"""Milliseconds without a further change after which a number holds: a change may restart a server."""


class SettingControls(QWidget):
    """The controls of some settings, one below the other."""

    changed = Signal(str, object)
    """A person gave this setting this value."""

    def __init__(self, rows: tuple[Setting, ...]) -> None:
        super().__init__()
        self.controls: dict[str, QCheckBox | QComboBox | CountRow] = {}
        """By the name of the setting."""
        self._pending: dict[str, int] = {}
        self._settled = QTimer(self, interval=SETTLING_MS, singleShot=True)
        self._settled.timeout.connect(self._send)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        for number, row in enumerate(rows):
            self.controls[row.name] = self._add(row, number)

    def show_values(self, values: Any) -> None:
        """Shows the values that are attributes of `values`; emits nothing."""
        self._pending.clear()
        for name, control in self.controls.items():
            value = getattr(values, name)
            if isinstance(control, CountRow):
                with QSignalBlocker(control.exact):
                    control.show(value)
            elif isinstance(control, QCheckBox):
                with QSignalBlocker(control):
                    control.setChecked(value)
            else:
                with QSignalBlocker(control):
                    control.setCurrentIndex(control.findData(value))

    def _add(self, row: Setting, number: int) -> QCheckBox | QComboBox | CountRow:
        name, tip = formatting.translate("settings", row.title), formatting.translate("settings", row.help)
        if row.type is bool:
            switch = set_accessible_name(no_click_focus(QCheckBox(name)), name, tip)
            switch.toggled.connect(lambda on: self.changed.emit(row.name, on))
            self._grid.addWidget(switch, number, 0, 1, 3)
            return switch
        if row.choices:
            box = set_accessible_name(no_click_focus(QComboBox()), name, tip)
            box.setProperty("dense", "true")
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            for each in row.choices:
                box.addItem(formatting.translate("settings", row.texts.get(each, str(each))), each)
            box.activated.connect(lambda: self.changed.emit(row.name, box.currentData()))
            self._grid.addWidget(set_role(QLabel(name), "small"), number, 0)
            self._grid.addWidget(box, number, 1, 1, 2)
            return box
        count = CountRow(name, tip, int(row.most), int(row.least))
        count.exact.valueChanged.connect(lambda value: self._wait(row.name, value))
        for column, widget in enumerate(count.widgets):
            self._grid.addWidget(widget, number, column)
        return count

    def _wait(self, name: str, value: int) -> None:
        self._pending[name] = value
        self._settled.start()

    def _send(self) -> None:
        pending, self._pending = self._pending, {}
        for name, value in pending.items():
            self.changed.emit(name, value)
