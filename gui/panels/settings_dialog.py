"""The dialog for settings: a field for each row of the table, and those of the chosen model.

Owns the fields while it is open. Uses no setting by name, and knows nothing of what a change does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from engine.own_model import find
from engine.reading import existing_folder
from engine.setting import Folder
from engine.settings import Part, Setting, settings
from gui import appearance, formatting
from gui.controls import set_accessible_name, set_role
from gui.folder_edit import FolderEdit
from gui.form_dialog import FormDialog
from gui.settings import Settings

translate = QCoreApplication.translate
LARGEST = 2**31 - 1
"""The largest number in Qt's field for whole numbers."""


class SettingsDialog(FormDialog):
    """The settings as a form."""

    def __init__(self, chosen: Settings, running: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        appearance.load_chinese_font()  # the name of each language is in that language
        self.setWindowTitle(self.tr("Settings"))
        self._given = chosen
        self.fields: dict[str, Field] = {}
        """The fields by the names of their settings."""
        self._lay_out(running)
        self.check()

    def chosen(self) -> Settings:
        """The settings in the fields. Raises `SettingError` for an invalid one."""
        return self._given.changed(**{name: field.value() for name, field in self.fields.items()})

    def _lay_out(self, running: bool) -> None:
        model = find(self._given.model)
        self._add_fields(row for row in settings(Part.DIALOG) if row.name not in model.in_file)
        own = [row for row in model.settings if Part.DIALOG in row.parts]
        if own:
            self.form.addRow(set_role(QLabel(formatting.model_title(model.key)), "heading"))
            self._add_fields(own)
        note = self.tr("The running server is restarted if anything but the theme or the language changes.")
        self.lay_out(520, below=note if running else "")

    def _add_fields(self, rows: Iterable[Setting]) -> None:
        for row in rows:
            field = self.fields[row.name] = make_field(row, getattr(self._given, row.name), self.check)
            self.form.addRow(translate("settings", row.title), field.widget)


@dataclass(frozen=True)
class Field:
    """The field of one setting."""

    widget: QWidget
    value: Callable[[], Any]
    """Its value. Raises `SettingError` if it is invalid."""


def make_field(row: Setting, value: Any, check: Callable[[], object]) -> Field:
    """A field with `value`; calls `check` when it may have become valid or invalid."""
    name, tip = translate("settings", row.title), translate("settings", row.help)
    if row.choices or row.type is bool:
        box = set_accessible_name(QComboBox(), name, tip)
        values = list(row.texts) if row.default is None else list(row.choices or (True, False))
        usual = {True: translate("settings", "yes"), False: translate("settings", "no")}
        for each in values:
            box.addItem(
                translate("settings", row.texts[each]) if each in row.texts else usual.get(each, str(each)), each
            )
        box.setCurrentIndex(values.index(value))
        return Field(box, box.currentData)
    if row.type is int:
        whole = set_accessible_name(QSpinBox(), name, tip)
        whole.setRange(int(max(row.least, -LARGEST)), int(min(row.most, LARGEST)))
        whole.setSuffix(f" {row.unit}" if row.unit else "")
        whole.setValue(value)
        return Field(whole, whole.value)
    if row.type is float:
        number = set_accessible_name(QDoubleSpinBox(), name, tip)
        number.setRange(row.least, row.most)
        number.setSuffix(f" {row.unit}" if row.unit else "")
        number.setValue(value)
        return Field(number, number.value)
    if row.type is Folder:
        folder = FolderEdit(value, name, tip)
        folder.editor.textChanged.connect(check)
        return Field(folder, lambda: existing_folder(folder.editor.text()))
    line = set_accessible_name(QLineEdit(value), name, tip)
    line.textChanged.connect(check)
    return Field(line, lambda: row.parse(line.text()))
