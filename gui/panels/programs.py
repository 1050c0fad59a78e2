"""Programs of the user's: a row in the list for each that was run, and the dialog in which one is named.

Owns the rows' texts and the dialog. Knows nothing of what a choice does.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from engine.settings import Part, by_name
from gui import appearance
from gui.controls import no_click_focus, set_accessible_name
from gui.folder_edit import FolderEdit
from gui.form_dialog import FormDialog
from gui.model_list.entry import ListEntry
from gui.settings import Settings

translate = QCoreApplication.translate
NAMES = ("guest", "guest_dir", "guest_python")
"""The settings that name a program."""
ICON = "zap"

Named = dict[str, Any]
"""Values of those settings."""


def program_key(settings: Settings) -> str:
    """The key of the row of the program that these settings name; empty: they name none."""
    return _key(_named(settings)) if settings.guest else ""


def program_entries(settings: Settings, recent: Sequence[Named]) -> dict[str, tuple[ListEntry, Named]]:
    """A row for the program that these settings name, and for each that was run before, by the keys of these rows."""
    named = [_named(settings)] if settings.guest else []
    found = {}
    for program in [*named, *recent]:
        key, folder = _key(program), Path(program.get("guest_dir") or "").name
        title, command = _title(str(program["guest"])), str(program["guest"])
        idea = " · ".join(filter(None, (command, folder)))
        found[key] = ListEntry(key=key, title=title, idea=idea, icon=ICON, colour=appearance.PROGRAM), program
    return found


def _named(settings: Settings) -> Named:
    return {name: getattr(settings, name) for name in NAMES}


def _title(command: str) -> str:
    """What a program is called: its file, its module, or its command; of a server that runs, its port."""
    if command.isdigit():
        return translate("programs", "Port {port}").format(port=command)
    words = [word for word in command.split() if word != "-m"]
    return Path(words[0]).name if words else command


def _key(program: Named) -> str:
    return "\n".join(str(program.get(name) or "") for name in NAMES)


class ProgramDialog(FormDialog):
    """Names a program: its command line, its folder, and its interpreter."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Your program"))
        self._rows = rows = by_name(Part.WINDOW)
        self.command = set_accessible_name(
            QLineEdit(settings.guest or ""), self.tr("Command"), translate("settings", rows["guest"].help)
        )
        self.command.setPlaceholderText(self.tr("server.py, -m gunicorn -w 3 shop:app, nginx …, or a port"))
        self.file = no_click_focus(QPushButton(self.tr("File …")))
        name, tip = self.tr("Folder"), translate("settings", rows["guest_dir"].help)
        self.folder = FolderEdit(settings.guest_dir or "", name, tip, self.tr("Folder of the program"))
        self.folder.editor.setPlaceholderText(self.tr("the one in which this window was started"))
        self.python = set_accessible_name(
            QLineEdit(settings.guest_python or ""),
            self.tr("Interpreter"),
            translate("settings", rows["guest_python"].help),
        )
        self.python.setPlaceholderText(self.tr("that of the folder's environment, or python3"))
        self._lay_out()
        self.file.clicked.connect(self._choose_file)
        for line in (self.command, self.folder.editor, self.python):
            line.textChanged.connect(self.check)
        self.check()

    def chosen(self) -> Named:
        """What is named. Raises `SettingError` for what can't be run."""
        rows = self._rows
        folder, python = self.folder.editor.text().strip(), self.python.text().strip()
        return {
            "guest": rows["guest"].parse(self.command.text()),
            "guest_dir": rows["guest_dir"].parse(folder) if folder else None,
            "guest_python": rows["guest_python"].parse(python) if python else None,
        }

    @property
    def is_begun(self) -> bool:
        """Whether anything is named."""
        return bool(self.command.text())

    def _lay_out(self) -> None:
        text = self.tr(
            "The program runs as it is, in its own Python. Of a Python program all is seen: workers, lines and"
            " requests; of any other, its connections, its queue and what its processes use."
        )
        command = QHBoxLayout()
        command.addWidget(self.command, 1)
        command.addWidget(self.file)
        self.form.addRow(self.tr("Command"), command)
        self.form.addRow(self.tr("Folder"), self.folder)
        self.form.addRow(self.tr("Interpreter"), self.python)
        self.lay_out(620, above=text)

    def _choose_file(self) -> None:
        files = self.tr("Python files (*.py);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Your program"), self.folder.editor.text(), files)
        if path:
            self.command.setText(Path(path).name if " " not in Path(path).name else f"'{Path(path).name}'")
            self.folder.editor.setText(str(Path(path).parent))
