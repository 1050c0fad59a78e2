"""What is served: the example site, a folder, or an application; chosen above the list of models.

Owns the row and the dialog in which an application is named. Knows nothing of what a choice does.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from engine.settings import Part, by_name, example_site
from gui import appearance
from gui.controls import IconButton, no_click_focus, set_accessible_name, set_role
from gui.folder_edit import FolderEdit
from gui.form_dialog import FormDialog
from gui.settings import Settings

translate = QCoreApplication.translate
NAMES = ("root", "app", "app_dir", "app_python")
"""The settings that say what is served."""
BESIDE_TEXT = 44
"""Pixels of the button that its text has not: the arrow and the edges."""

Served = dict[str, Any]
"""Values of those settings."""


def served_by(settings: Settings) -> Served:
    """What is served with these settings."""
    return {name: getattr(settings, name) for name in NAMES}


def example() -> Served:
    """The example site."""
    return {"root": example_site(), "app": None, "app_dir": None, "app_python": None}


class ServesRow(QWidget):
    """One line that says what is served, with a menu to choose something else."""

    chosen = Signal(dict)
    """Names and values of the settings that say what is served."""
    class_requested = Signal()
    """A person wants to let the class in, or nobody any more."""
    application_requested = Signal()
    """A person wants to name an application."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._label = set_role(QLabel(self.tr("Serves")), "small")
        self.button = no_click_focus(QPushButton())
        self.button.setProperty("dense", "true")
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow comes last, as in a list
        self.button.clicked.connect(self._open_menu)
        self.menu = QMenu(self)
        self.invite = IconButton(
            "qr-code", self.tr("Let the class in"), self.tr("Let the class in: phones become lanes …")
        )
        self.invite.setCheckable(True)
        self.invite.setStyleSheet("padding: 0")
        self.invite.clicked.connect(self.class_requested)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 12, 8)
        line.setSpacing(6)
        line.addWidget(self._label)
        line.addWidget(self.button, 1)
        line.addWidget(self.invite)
        self.show_served(Settings(), ())

    def show_served(self, settings: Settings, recent: Sequence[Served]) -> None:
        """Shows what is served, and offers what was served before."""
        now = served_by(settings)
        self._text = self._name(now)
        where = now["app_dir"] or "" if now["app"] else now["root"]
        set_accessible_name(self.button, self.tr("Serves: {what}").format(what=self._text), f"{self._text}\n{where}")
        self.menu.clear()
        self._add(example(), now)
        for action, slot in (
            (self.tr("A folder …"), self._choose_folder),
            (self.tr("An application …"), self.application_requested.emit),
        ):
            self.menu.addAction(action, slot)
        if recent:
            self.menu.addSeparator()
        for each in recent:
            self._add(each, now)
        self._folder = now["root"]
        self._draw()

    def show_class(self, is_in: bool) -> None:
        """Shows whether the class is let in."""
        self.invite.setChecked(is_in)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.invite.set_theme(theme)
        side = self.button.sizeHint().height()  # or it would push the list down
        self.invite.setFixedSize(side, side)
        self.invite.setIconSize(QSize(side - 6, side - 6))
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

    def _name(self, served: Served) -> str:
        if served["app"]:
            folder = Path(served["app_dir"]).name if served["app_dir"] else ""
            return f"{served['app']} · {folder}" if folder else str(served["app"])
        folder = Path(served["root"]).name or served["root"]
        if served["root"] == example_site():
            return self.tr("The example site · {folder}").format(folder=folder)
        return self.tr("Folder · {folder}").format(folder=folder)

    def _add(self, served: Served, now: Served) -> None:
        action = self.menu.addAction(self._name(served), lambda: self.chosen.emit(served))
        action.setCheckable(True)
        action.setChecked(served == now)

    def _open_menu(self) -> None:
        self.menu.exec(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder to serve"), self._folder)
        if folder:
            self.chosen.emit(example() | {"root": folder})


class ApplicationDialog(FormDialog):
    """Names an application: the module and what to call in it, its folder, and the environment with its packages."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Your application"))
        rows = by_name(Part.WINDOW)
        self._rows = rows
        tip = translate("settings", rows["app"].help)
        self.app = set_accessible_name(QLineEdit(settings.app or ""), self.tr("Application"), tip)
        self.app.setPlaceholderText(self.tr("module:callable, as shop:app"))
        name, tip = self.tr("Folder"), translate("settings", rows["app_dir"].help)
        self.folder = FolderEdit(settings.app_dir or "", name, tip, self.tr("Folder of the application"))
        name, tip = self.tr("Environment"), translate("settings", rows["app_python"].help)
        self.python = FolderEdit(settings.app_python or "", name, tip, self.tr("Folder of the environment"))
        self.python.editor.setPlaceholderText(self.tr("the activated one, or none"))
        self._lay_out()
        for line in (self.app, self.folder.editor, self.python.editor):
            line.textChanged.connect(self.check)
        self.check()

    def chosen(self) -> Served:
        """What is named. Raises `SettingError` for what can't be one."""
        rows, python = self._rows, self.python.editor.text().strip()
        return {
            "root": example_site(),
            "app": rows["app"].parse(self.app.text()),
            "app_dir": rows["app_dir"].parse(self.folder.editor.text()),
            "app_python": rows["app_python"].parse(python) if python else None,
        }

    @property
    def is_begun(self) -> bool:
        """Whether anything is named."""
        return bool(self.app.text())

    def _lay_out(self) -> None:
        text = self.tr(
            "A WSGI application, as of Flask, Django, Bottle or Falcon, is served by every model. An ASGI application,"
            " as of FastAPI or Starlette, by those that can await it. It is called when the head of a request has come,"
            " and reads the body while its client sends it; where one loop reads from all clients, the body comes"
            " first, beyond 64 KiB into a temporary file."
        )
        for name, widget in (
            (self.tr("Application"), self.app),
            (self.tr("Folder"), self.folder),
            (self.tr("Environment"), self.python),
        ):
            self.form.addRow(name, widget)
        self.lay_out(560, above=text)
