"""A dialog with fields, which can be accepted as long as what is in them can be.

Owns its buttons, and the sentence that says what is wrong. Knows nothing of the fields.
"""

from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from engine.setting import SettingError
from gui.controls import set_role

OK, CANCEL = QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel


class FormDialog(QDialog):
    """A form above the buttons; `check` is to be called whenever something in it has changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(10)
        self.problem = wrapped(QLabel())
        """Why what is in the fields can't be accepted."""
        self.buttons = QDialogButtonBox(OK | CANCEL)
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 18, 20, 14)
        self._column.setSpacing(14)

    def chosen(self) -> Any:
        """What is in the fields. Raises `SettingError` if that can't be accepted."""
        raise NotImplementedError

    @property
    def is_begun(self) -> bool:
        """Whether there is anything in the fields that can be wrong."""
        return True

    def lay_out(self, width: int, *, above: str = "", below: str = "") -> None:
        """Places the form, with a text above it and one below it if there are any."""
        if above:
            self._column.addWidget(wrapped(QLabel(above), muted=True))
        self._column.addLayout(self.form)
        self._column.addWidget(self.problem)
        if below:
            self._column.addWidget(wrapped(QLabel(below), muted=True))
        self._column.addWidget(self.buttons)
        self.setMinimumWidth(width)

    def check(self) -> None:
        """Says what is wrong, and lets it be accepted if nothing is."""
        problem = ""
        try:
            self.chosen()
        except SettingError as error:
            problem = error.text(QCoreApplication.translate)
        self.problem.setText(problem if self.is_begun else "")
        self.buttons.button(OK).setEnabled(not problem)


def wrapped(label: QLabel, *, muted: bool = False) -> QLabel:
    """The label, with a text of as many lines as it needs."""
    set_role(label, muted=muted)
    label.setWordWrap(True)
    return label
