"""The dialog in which a person sets host, port, folder, keep-alive and theme.

Owns the fields while it is open. Knows nothing of what a change does.
"""

import re
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.controls import named, with_role
from gui.settings import Settings

HOST = re.compile(r"[A-Za-z0-9._:%-]+")
"""What may be the name or address of a host."""


class SettingsDialog(QDialog):
    """The settings as a form."""

    def __init__(self, settings: Settings, running: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._given = settings
        self.host = named(
            QLineEdit(settings.host),
            self.tr("Host"),
            self.tr("Where to listen: 127.0.0.1 for this machine alone, 0.0.0.0 for all that can reach it"),
        )
        self.port = named(QSpinBox(), self.tr("Port"), self.tr("Where to listen; 0 takes any free port"))
        self.port.setRange(0, 65535)
        self.port.setValue(settings.port)
        self.root = named(
            QLineEdit(settings.root), self.tr("Root folder"), self.tr("The folder whose files are served")
        )
        self.browse = named(QPushButton(self.tr("Choose…")), self.tr("Choose the root folder"))
        self.keep_alive = self._choice(
            self.tr("Keep-alive"),
            self.tr("Whether a connection stays open after a reply"),
            settings.keep_alive,
            (self.tr("as each model's default"), None),
            (self.tr("on: connections stay open"), True),
            (self.tr("off: a connection for each request"), False),
        )
        self.theme = self._choice(
            self.tr("Theme"),
            self.tr("Light or dark"),
            settings.theme,
            (self.tr("as the system"), "system"),
            (self.tr("light"), "light"),
            (self.tr("dark"), "dark"),
        )
        self.problem = QLabel()
        """Why it can't be so."""
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self._lay_out(running)
        self.browse.clicked.connect(self._browse)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.host.textChanged.connect(self._check)
        self.root.textChanged.connect(self._check)
        self._check()

    def chosen(self) -> Settings:
        """The settings as the fields say."""
        return replace(
            self._given,
            host=self.host.text().strip(),
            port=self.port.value(),
            root=self.root.text().strip(),
            keep_alive=self.keep_alive.currentData(),
            theme=self.theme.currentData(),
        )

    def _lay_out(self, running: bool) -> None:
        folder = QHBoxLayout()
        folder.addWidget(self.root, 1)
        folder.addWidget(self.browse)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.addRow(self.tr("Host"), self.host)
        form.addRow(self.tr("Port"), self.port)
        form.addRow(self.tr("Root folder"), folder)
        form.addRow(self.tr("Keep-alive"), self.keep_alive)
        form.addRow(self.tr("Theme"), self.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(self.problem)
        if running:
            note = with_role(
                QLabel(self.tr("The server that runs is started again if host, port, folder or keep-alive change.")),
                muted=True,
            )
            note.setWordWrap(True)
            column.addWidget(note)
        column.addWidget(self.buttons)
        self.setMinimumWidth(520)

    def _choice(self, name: str, tip: str, current: object, *choices: tuple[str, object]) -> QComboBox:
        box = named(QComboBox(), name, tip)
        for text, value in choices:
            box.addItem(text, value)
        box.setCurrentIndex([value for _, value in choices].index(current))
        return box

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder to serve"), self.root.text())
        if folder:
            self.root.setText(folder)

    def _check(self) -> None:
        host, root = self.host.text().strip(), self.root.text().strip()
        problem = ""
        if not HOST.fullmatch(host):
            problem = self.tr("A host is a name or an address, as 127.0.0.1 or 0.0.0.0.")
        elif not root or not Path(root).is_dir():
            problem = self.tr("There is no such folder.")
        self.problem.setText(problem)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
