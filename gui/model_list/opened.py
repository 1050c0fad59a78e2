"""What is opened in the chosen row of the list: the idea in full, its settings, its mistakes, and what to do with it.

Owns these controls. Knows nothing of what changing one does.
"""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import appearance, formatting
from gui.controls import no_click_focus, set_accessible_name, set_role
from gui.model_list.entry import ListEntry
from gui.model_list.mistakes import MistakePicker
from gui.setting_control import SettingControls


class OpenedModel(QWidget):
    """The controls of one row; its height depends on the row alone."""

    setting_changed = Signal(str, object)
    """A person gave this setting this value."""
    copy_requested = Signal(str)
    """The row with this key is to be copied and changed."""
    edit_requested = Signal(str)
    """The file with this key is to be opened in an editor."""
    restart_requested = Signal()
    """What runs is to be started again with the file as it is now."""

    def __init__(self) -> None:
        super().__init__()
        self._entry: ListEntry | None = None
        self.idea = set_role(QLabel(), "small", muted=True)
        self.in_the_wild = set_role(QLabel(), "small", muted=True)
        self.settings = SettingControls(())
        self.mistakes = MistakePicker()
        self.copy = self._button(
            self.tr("Copy and change"), self.tr("Make a copy of this model in your folder, and open it in your editor")
        )
        self.edit = self._button(self.tr("Edit"), self.tr("Open this file in your editor"))
        self.restart = self._button(
            self.tr("Changed: restart"), self.tr("The file was changed since the start; start again with it")
        )
        self._lay_out()
        self.copy.clicked.connect(lambda: self._entry and self.copy_requested.emit(self._entry.key))
        self.edit.clicked.connect(lambda: self._entry and self.edit_requested.emit(self._entry.key))
        self.restart.clicked.connect(self.restart_requested)

    def show_entry(self, entry: ListEntry, mistake: str, values: Any) -> None:
        """Shows the row: `mistake` is the one that it is run with, `values` has its settings as attributes."""
        if entry != self._entry:
            self._entry = entry
            self.idea.setText(self.tr("{idea}.").format(idea=entry.idea[:1].upper() + entry.idea[1:]))
            self.in_the_wild.setText(formatting.in_the_wild(entry.in_the_wild))
            self.in_the_wild.setVisible(bool(entry.in_the_wild))
            self.mistakes.setVisible(entry.has_mistakes)
            self.copy.setVisible(entry.can_be_copied)
            for button in (self.edit, self.restart):
                button.setVisible(entry.is_own_file)
            self._replace_settings(entry)
        if entry.has_mistakes:
            self.mistakes.show_chosen(entry.key, mistake)
        self.settings.show_values(values)

    def lay_out_now(self) -> None:
        """Finds out its height, without waiting for the next turn of the event loop."""
        self._column.invalidate()
        self._column.activate()

    def show_changed(self, changed: bool) -> None:
        """Whether the file was changed since it was started."""
        self.restart.setEnabled(changed)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.mistakes.set_theme(theme)
        for button, icon in ((self.copy, "copy"), (self.edit, "pencil"), (self.restart, "refresh-cw")):
            button.setIcon(appearance.icon(icon, theme.muted))

    def _replace_settings(self, entry: ListEntry) -> None:
        old, self.settings = self.settings, SettingControls(entry.settings)
        self.settings.changed.connect(self.setting_changed)
        self._column.replaceWidget(old, self.settings)
        old.hide()
        old.deleteLater()
        self.settings.setVisible(bool(entry.settings))

    @staticmethod
    def _button(text: str, tip: str) -> QPushButton:
        button = set_accessible_name(no_click_focus(QPushButton(text)), text, tip)
        button.setProperty("dense", "true")
        return button

    def _lay_out(self) -> None:
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(11, 0, 10, 9)
        self._column.setSpacing(5)
        for label in (self.idea, self.in_the_wild):
            label.setWordWrap(True)
            self._column.addWidget(label)
        self._column.addWidget(self.settings)
        self._column.addWidget(self.mistakes)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.copy, self.edit, self.restart):
            row.addWidget(button)
        row.addStretch(1)
        self._column.addLayout(row)
        self.restart.setEnabled(False)
