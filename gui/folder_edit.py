"""A field for a folder, typed or picked. Knows nothing of what the folder is for."""

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from gui.controls import set_accessible_name


class FolderEdit(QWidget):
    """A folder, typed or picked."""

    def __init__(self, folder: str, name: str, tip: str, title: str = "") -> None:
        """`title`: that of the dialog in which it is picked."""
        super().__init__()
        self._title = title or self.tr("Folder to serve")
        set_accessible_name(self, name, tip)
        self.editor = set_accessible_name(QLineEdit(folder), name, tip)
        self.browse = set_accessible_name(QPushButton(self.tr("Choose…")), self.tr("Choose: {name}").format(name=name))
        self.browse.clicked.connect(self._browse)
        self.setFocusProxy(self.editor)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.editor, 1)
        line.addWidget(self.browse)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._title, self.editor.text())
        if folder:
            self.editor.setText(folder)
