"""Exports, pictures and recordings: asks for the file, and writes or opens it.

Owns the dialogs, the names that they propose, and which ending means which form. Knows nothing of the forms
themselves, which are imported when the first file is written.
"""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.lab.summary import summarize
from gui import errors, formatting
from gui.picture import Picture
from gui.recording.controller import RecordingController
from gui.recording.file import SUFFIX
from gui.scoreboard.scoreboard import Entry, Scoreboard
from gui.theming import Theming

if TYPE_CHECKING:
    from gui.exported_picture import CaptionedPicture


class FileActions(QObject):
    """The window's files."""

    notice_raised = Signal(object)
    """`errors.Notice`"""

    def __init__(
        self,
        window: QWidget,
        recording: RecordingController,
        data: Scoreboard,
        plots: QWidget,
        scoreboard: QWidget,
        picture: Picture,
        theming: Theming,
    ) -> None:
        """Pictures are taken of `plots` and `scoreboard`; `picture` says what is seen in them."""
        super().__init__(window)
        self._window, self._recording, self._data = window, recording, data
        self._plots, self._scoreboard, self._picture, self._theming = plots, scoreboard, picture, theming
        self._folder = ""
        """Where the last file was saved or opened; empty: none was."""

    def ask_where_to_export(self, entries: Sequence[Entry]) -> None:
        """Exports these rows to a file that the user names."""
        kinds = self.tr("Table (*.csv);;Report with pictures (*.html)")
        self._ask(self.tr("Export the scoreboard"), "scoreboard", kinds, lambda path: self.export(entries, path))

    def ask_where_to_draw(self) -> None:
        """Saves a picture of the plots to a file that the user names."""
        kinds = self.tr("Picture (*.png);;Drawing that can be scaled (*.svg)")
        self._ask(self.tr("Save the plots"), "plots", kinds, self.draw)

    def ask_where_to_record(self) -> None:
        """Records to a file that the user names."""
        from gui.system_info import system_info

        self._ask(
            self.tr("Record to"), "", self._recordings(), lambda path: self._recording.record(path, system_info())
        )

    def ask_what_to_play(self) -> None:
        """Replays the recording that the user picks."""
        title = self.tr("Open a recording")
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._usual_folder(), self._recordings())
        if name:
            self._folder = str(Path(name).parent)
            self._recording.play(Path(name))

    def export(self, entries: Sequence[Entry], path: Path) -> None:
        """Writes these rows as a table; all of them with pictures and facts, if `path` ends in `.html`."""
        from gui.exported_table import csv_bytes

        self._save(path, self._report() if path.suffix.lower() == ".html" else csv_bytes(entries))

    def draw(self, path: Path) -> None:
        """Writes the picture of the plots, as a drawing if `path` ends in `.svg`."""
        picture = self._plots_picture()
        self._save(path, picture.svg() if path.suffix.lower() == ".svg" else picture.png())

    def _report(self) -> bytes:
        from gui.export import report_html
        from gui.exported_picture import Caption, CaptionedPicture
        from gui.system_info import system_info

        found = summarize([entry.row for entry in self._data.entries])
        board = CaptionedPicture(self._scoreboard, Caption(self.tr("Scoreboard")), self._theming.theme)
        pictures = {self.tr("The last minute"): self._plots_picture().svg(), self.tr("Scoreboard"): board.svg()}
        figures = formatting.known_figures(self._picture.seen())
        sentence = formatting.finding(found) if found else ""
        return report_html(self._data.groups(), sentence, pictures, system_info(), figures).encode()

    def _plots_picture(self) -> "CaptionedPicture":
        from gui.exported_picture import CaptionedPicture

        theme = self._theming.theme
        return CaptionedPicture(self._plots, self._picture.caption(theme), theme)

    def _recordings(self) -> str:
        return self.tr("Recordings (*{suffix})").format(suffix=SUFFIX)

    def _ask(self, title: str, what: str, kinds: str, save: Callable[[Path], None]) -> None:
        """Saves to the file that the user names. A name without one of the endings gets that of the kind picked."""
        endings = re.findall(r"\*(\.\w+)", kinds)
        name = "-".join(filter(None, ("servescope", what, time.strftime("%Y-%m-%d-%H%M%S")))) + endings[0]
        proposed = str(Path(self._usual_folder(), name))
        while True:
            chosen, kind = QFileDialog.getSaveFileName(self._window, title, proposed, kinds)
            if not chosen:
                return
            path = Path(chosen)
            if path.suffix.lower() not in endings:
                (ending,) = re.findall(r"\*(\.\w+)", kind) or endings[:1]
                path = path.with_name(path.name + ending)
            if str(path) == chosen or not path.exists() or self._may_replace(path):  # the dialog asks for what it names
                break
            proposed = str(path)
        self._folder = str(path.parent)
        save(path)

    def _may_replace(self, path: Path) -> bool:
        question = self.tr("“{name}” is there already. Replace it?").format(name=path.name)
        return QMessageBox.question(self._window, "ServeScope", question) == QMessageBox.StandardButton.Yes

    def _usual_folder(self) -> str:
        """Where the last file was; the first time the user's documents."""
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        folders = (self._folder, documents, str(Path.home()))
        return next((folder for folder in folders if folder and Path(folder).is_dir()), "")

    def _save(self, path: Path, data: bytes) -> None:
        from gui.export import ExportError, write

        try:
            write(path, data)
        except ExportError as error:
            self.notice_raised.emit(error.notice)
        else:
            self.notice_raised.emit(errors.saved(path))
