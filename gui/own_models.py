"""The models of the user's own: files in a folder of the user's, and those that were named from elsewhere.

Owns which there are, copies, and what is found out about a file that was saved. Knows nothing of what runs.
"""

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QSettings, QStandardPaths, QTimer, Signal

from engine.model import Model
from engine.own_model import SUFFIX, Fault, copy_of, find, known, own_model
from engine.settings import RESTART_WHEN_SAVED
from gui import errors, formatting
from gui.model_list.entry import ListEntry
from gui.runs.model_check import ModelCheck
from gui.settings import data_folder
from gui.source.editor import open_in_editor

SETTLING_MS = 150
"""Milliseconds without another write before a file is read: editors write in several steps."""
KEY = "own_models"
"""Under which the paths from elsewhere are kept."""


class OwnModels(QObject):
    """The user's model files, and those that have changed."""

    changed = Signal()
    """There are others, or other rows for them."""
    saved = Signal(str)
    """This file was saved, and can be run."""
    notice_raised = Signal(object)
    """An `errors.Notice`."""

    def __init__(
        self, store: QSettings, open_file: Callable[[Path], bool] = open_in_editor, parent: QObject | None = None
    ) -> None:
        """`open_file` opens a file for editing, or returns False."""
        super().__init__(parent)
        self._store, self._open_file = store, open_file
        self.folder = own_folder(store)
        self.faults: dict[str, Fault] = {}
        """What is wrong with files, by their paths."""
        self._texts: dict[str, str] = {}
        self._check = ModelCheck(self)
        self._check.checked.connect(self._on_checked)
        self._watcher = QFileSystemWatcher(self)
        self._settled = QTimer(self, interval=SETTLING_MS, singleShot=True)
        self._settled.timeout.connect(self._look)
        for signal in (self._watcher.fileChanged, self._watcher.directoryChanged):
            signal.connect(lambda _: self._settled.start())
        self._texts = self._read()
        self._watch()

    def entries(self) -> list[ListEntry]:
        """A row for each file."""
        return [entry_of_file(model) for path in self._texts if (model := known(path))]

    def note(self, path: str) -> None:
        """Lists the file at `path` too, from now on."""
        if path.endswith(SUFFIX) and path not in self._texts:
            self._store.setValue(KEY, json.dumps([*self._elsewhere(), path]))
            self._look()

    def copy(self, key: str) -> str:
        """Makes a copy of a model's file, and opens it in the editor; returns its path, empty if that failed."""
        model = find(key)
        name = Path(model.path).stem if model.path else model.key
        file = self._free_name(name if name.startswith("my_") else f"my_{name}")
        try:
            text = Path(model.file(fork=True)).read_text("utf-8")
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text if model.path else copy_of(model, text), "utf-8")
        except OSError as error:
            self.notice_raised.emit(errors.cannot_write(file, error))
            return ""
        self._look()
        self.edit(str(file))
        return str(file)

    def edit(self, path: str) -> None:
        """Opens the file in the user's editor."""
        if not self._open_file(Path(path)):
            self.notice_raised.emit(errors.no_editor(Path(path)))

    def close(self) -> None:
        """Ends what runs."""
        self._check.close()

    def _free_name(self, name: str) -> Path:
        number, file = 1, self.folder / f"{name}{SUFFIX}"
        while file.exists():
            number += 1
            file = self.folder / f"{name}_{number}{SUFFIX}"
        return file

    def _elsewhere(self) -> list[str]:
        try:
            text = self._store.value(KEY)
            return [str(each) for each in json.loads(text)] if isinstance(text, str) else []
        except (ValueError, TypeError):  # edited, or of another version
            return []

    def _read(self) -> dict[str, str]:
        """The text of each file that can be read, by path."""
        texts = {}
        for path in [*map(str, sorted(self.folder.glob(f"*{SUFFIX}"))), *self._elsewhere()]:
            try:
                texts[path] = Path(path).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue  # an editor may just replace it
        return texts

    def _watch(self) -> None:
        """Watches all files, and their folders, in which an editor may replace them."""
        wanted = {*self._texts, *(str(Path(path).parent) for path in self._texts), str(self.folder)}
        missing = wanted - {*self._watcher.files(), *self._watcher.directories()}
        if there := sorted(path for path in missing if Path(path).exists()):
            self._watcher.addPaths(there)

    def _look(self) -> None:
        """Finds out what has changed."""
        before, self._texts = self._texts, self._read()
        self._watch()
        differing = [path for path, text in self._texts.items() if before.get(path) != text]
        if differing or before.keys() != self._texts.keys():
            own_model.cache_clear()
            self.changed.emit()
        for path in differing:
            if path in before:  # a new one is checked by its start
                self._check.check(path)

    def _on_checked(self, path: str, fault: Fault | None) -> None:
        if fault is None:
            self.faults.pop(path, None)
            self.saved.emit(path)
        else:
            self.faults[path] = fault
            self.notice_raised.emit(errors.wrong_model(path, fault))


def own_folder(store: QSettings) -> Path:
    """The folder of the user's models: where other documents are, or beside settings that are a file of their own."""
    if store.format() == QSettings.Format.IniFormat:
        return data_folder(store) / "models"
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)) / "ServeScope"


def entry_of_file(model: Model) -> ListEntry:
    """The row of a file."""
    like = formatting.model_title(model.like) if model.like else ""
    words = formatting.translate("models", "a file of yours, like {model}, in {folder}")
    if not like:
        words = formatting.translate("models", "a file of yours that does not say what it is like, in {folder}")
    return ListEntry(
        key=model.path,
        title=model.title,
        idea=words.format(model=like, folder=Path(model.path).parent),
        icon=model.icon,
        colour=model.colour,
        missing="" if model.available() else formatting.translate("models", model.systems),
        settings=(*model.settings, RESTART_WHEN_SAVED),
        can_be_copied=True,
        is_own_file=True,
    )
