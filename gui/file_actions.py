"""What leaves the window as a file, and what comes in from one: asks where, and sees to it.

Owns the dialogs and which ending means which form. Knows nothing of the forms themselves, which are imported when the
first file is written.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.lab.figures import Seen
from engine.lab.summary import sentence, summarize
from gui import formatting
from gui.recording.controller import RecordingController
from gui.recording.file import SUFFIX
from gui.scoreboard.scoreboard import Entry, Scoreboard


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
        seen: Callable[[], Seen],
    ) -> None:
        """`plots` and `scoreboard` are what pictures are taken of; `seen` gives what the figures are read from."""
        super().__init__(window)
        self._window, self._recording, self._data = window, recording, data
        self._plots, self._scoreboard, self._seen = plots, scoreboard, seen

    def ask_where_to_export(self, entries: Sequence[Entry]) -> None:
        """Exports these rows to where the user says."""
        kinds = self.tr("Table (*.csv);;Report with pictures (*.html)")
        self._ask(self.tr("Export the scoreboard"), "scoreboard.csv", kinds, lambda path: self.export(entries, path))

    def ask_where_to_draw(self) -> None:
        """Saves a picture of the plots to where the user says."""
        kinds = self.tr("Picture (*.png);;Drawing that can be scaled (*.svg)")
        self._ask(self.tr("Save the plots"), "servescope.png", kinds, self.draw)

    def ask_where_to_record(self) -> None:
        """Records to where the user says."""
        from gui.system_info import system_info

        name = time.strftime(f"servescope-%Y-%m-%d-%H%M{SUFFIX}")
        self._ask(
            self.tr("Record to"), name, self._recordings(), lambda path: self._recording.record(path, system_info())
        )

    def ask_what_to_play(self) -> None:
        """Replays the recording that the user picks."""
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open a recording"), "", self._recordings())
        if name:
            self._recording.play(Path(name))

    def export(self, entries: Sequence[Entry], path: Path) -> None:
        """Writes these rows as a table; all of them with pictures and facts, if `path` ends in `.html`."""
        from gui.export import csv_text, report_html, svg_text, write
        from gui.system_info import system_info

        text = csv_text(entries)
        if path.suffix == ".html":
            found = summarize([entry.row for entry in self._data.entries])
            pictures = {
                self.tr("The last minute"): svg_text(self._plots),
                self.tr("Scoreboard"): svg_text(self._scoreboard),
            }
            figures = formatting.known_figures(self._seen())
            text = report_html(self._data.groups(), sentence(found) if found else "", pictures, system_info(), figures)
        self._save(lambda: write(path, text.encode()))

    def draw(self, path: Path) -> None:
        """Writes the picture of the plots, as a drawing if `path` ends in `.svg`."""
        from gui.export import save_png, save_svg

        save = save_svg if path.suffix == ".svg" else save_png
        self._save(lambda: save(self._plots, path))

    def _recordings(self) -> str:
        return self.tr("Recordings (*{suffix})").format(suffix=SUFFIX)

    def _ask(self, title: str, name: str, kinds: str, save: Callable[[Path], None]) -> None:
        """A name without an ending gets that of the kind picked."""
        chosen, kind = QFileDialog.getSaveFileName(self._window, title, name, kinds)
        if chosen:
            path = Path(chosen)
            save(path if path.suffix else path.with_suffix(kind[kind.rindex("*") + 1 :].rstrip(")")))

    def _save(self, save: Callable[[], None]) -> None:
        from gui.export import ExportError

        try:
            save()
        except ExportError as error:
            self.notice_raised.emit(error.notice)
