"""Programs of the user's: what runs of them, or ran before, below the models; and the dialog in which one is named.

Owns the row and the dialog. Knows nothing of what a choice does.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.setting import SettingError
from engine.settings import Part, by_name
from gui import appearance
from gui.controls import no_click_focus, set_accessible_name, set_role
from gui.folder_edit import FolderEdit
from gui.settings import Settings

translate = QCoreApplication.translate
NAMES = ("guest", "guest_dir", "guest_python")
"""The settings that name a program."""
BESIDE_TEXT = 44
"""Pixels of the button that its text has not: the arrow and the edges."""

Named = dict[str, Any]
"""Values of those settings."""


class ProgramsRow(QWidget):
    """One line that says which program of the user's is run instead of a model, with a menu to open one."""

    chosen = Signal(dict)
    """Names and values of the settings that name the program."""
    open_requested = Signal()
    """A person wants to name another one."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._label = set_role(QLabel(self.tr("Yours")), "small")
        self.button = no_click_focus(QPushButton())
        self.button.setProperty("dense", "true")
        self.button.setCheckable(True)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow comes last, as in a list
        self.button.clicked.connect(self._open_menu)
        self.menu = QMenu(self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 12, 8)
        line.setSpacing(8)
        line.addWidget(self._label)
        line.addWidget(self.button, 1)
        self.show_program(Settings(), ())

    def show_program(self, settings: Settings, recent: Sequence[Named]) -> None:
        """Shows which program is run, if one is, and offers those that were run before."""
        now = {name: getattr(settings, name) for name in NAMES}
        self._text = now["guest"] or self.tr("Open a program …")
        tip = self.tr(
            "A server of yours, unmodified: a Python file, a module as -m gunicorn shop:app, any other command, or the"
            " port of a server that already runs"
        )
        where = now["guest_dir"] or ""
        set_accessible_name(self.button, self.tr("Your program: {what}").format(what=self._text), f"{tip}\n{where}")
        self.button.setChecked(bool(now["guest"]))
        self.menu.clear()
        self.menu.addAction(self.tr("Open a program …"), self.open_requested.emit)
        if recent:
            self.menu.addSeparator()
        for each in recent:
            folder = Path(each["guest_dir"]).name if each.get("guest_dir") else ""
            name = f"{each['guest']} · {folder}" if folder else str(each["guest"])
            action = self.menu.addAction(name, partial(self.chosen.emit, each))
            action.setCheckable(True)
            action.setChecked(each == now)
        self._draw()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.button.setIcon(appearance.icon("chevron-down", theme.muted))
        self._draw()

    def sizeHint(self) -> QSize:
        return QSize(100, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._draw()  # its font may have changed
        super().paintEvent(event)

    def _draw(self) -> None:
        room = self.button.width() - BESIDE_TEXT
        shown = self.button.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, room) + " "
        if shown != self.button.text():
            self.button.setText(shown)

    def _open_menu(self) -> None:
        self.button.setChecked(not self.button.isChecked())  # a choice decides, not the click
        if len(self.menu.actions()) == 1:
            self.open_requested.emit()
        else:
            self.menu.exec(self.button.mapToGlobal(self.button.rect().bottomLeft()))


class ProgramDialog(QDialog):
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
        self.problem = set_role(QLabel())
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self._lay_out()
        self.file.clicked.connect(self._choose_file)
        for line in (self.command, self.folder.editor, self.python):
            line.textChanged.connect(self._check)
        self._check()

    def chosen(self) -> Named:
        """What is named. Raises `SettingError` for what can't be run."""
        rows = self._rows
        folder, python = self.folder.editor.text().strip(), self.python.text().strip()
        return {
            "guest": rows["guest"].parse(self.command.text()),
            "guest_dir": rows["guest_dir"].parse(folder) if folder else None,
            "guest_python": rows["guest_python"].parse(python) if python else None,
        }

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(14)
        text = self.tr(
            "The program runs as it is, in its own Python. Of a Python program all is seen: workers, lines and"
            " requests; of any other, its connections, its queue and what its processes use."
        )
        says = set_role(QLabel(text), muted=True)
        says.setWordWrap(True)
        command = QHBoxLayout()
        command.addWidget(self.command, 1)
        command.addWidget(self.file)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow(self.tr("Command"), command)
        form.addRow(self.tr("Folder"), self.folder)
        form.addRow(self.tr("Interpreter"), self.python)
        column.addWidget(says)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        self.setMinimumWidth(620)

    def _choose_file(self) -> None:
        files = self.tr("Python files (*.py);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Your program"), self.folder.editor.text(), files)
        if path:
            self.command.setText(Path(path).name if " " not in Path(path).name else f"'{Path(path).name}'")
            self.folder.editor.setText(str(Path(path).parent))

    def _check(self) -> None:
        problem = ""
        try:
            self.chosen()
        except SettingError as error:
            problem = error.text(translate)
        self.problem.setText(problem if self.command.text() else "")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
