"""Why the slowest requests are slow: the parts of the time of requests at three percentiles.

Owns the table of percentiles and its sentence. Knows nothing of where requests come from.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from engine.lab.parts import PERCENTILES, Percentile, RequestPart, longest
from gui import formatting
from gui.controls import Elided, set_accessible_name, set_role
from gui.log.words import listed, part_sentence, part_words

if TYPE_CHECKING:
    from gui.history.request_log import RequestLog

translate = QCoreApplication.translate
MOST = 5_000
"""The number of newest requests that are summed."""
SPACING = 3


def why_slow(at: Percentile, count: int) -> str:
    """The sentence on what requests at a percentile of `count` spent most of their time on; empty if no time."""
    named = longest(at)
    if not named:
        return ""
    return translate("parts", "Of the {total} at p{percent} (newest {n} requests): {pieces}.").format(
        total=formatting.duration_text(at.total),
        percent=f"{at.percent:g}",
        n=formatting.whole(count),
        pieces=listed([part_sentence(parts, formatting.duration_text(seconds)) for parts, seconds in named]),
    )


class PercentileTable(QWidget):
    """A line for each percentile, a column for each part, and a sentence for the last; its height never changes."""

    def __init__(self) -> None:
        super().__init__()
        set_accessible_name(
            self,
            self.tr("What requests spent their time on"),
            self.tr(
                "The parts of the time in the server, of at most {n} requests, the newest of this run. Each is the mean"
                " of the requests that rank next to the percentile. A dash: not known."
            ).format(n=formatting.whole(MOST)),
        )
        self.sentence = set_role(Elided(), "small")
        self._seen: tuple[RequestLog, int, int] | None = None
        self._cells: list[list[QLabel]] = []
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(2)
        columns = len(RequestPart) + 2
        for row in range(len(PERCENTILES) + 1):
            cells = [set_role(QLabel(), "small", muted=not (row and column)) for column in range(columns)]
            for column, cell in enumerate(cells):
                grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
            self._cells.append(cells)
        grid.setColumnStretch(columns, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self._table)
        layout.addWidget(self.sentence)

    def texts(self) -> list[list[str]]:
        """The texts of the cells, line by line, without the empty ones."""
        return [texts for cells in self._cells if (texts := [cell.text() for cell in cells if cell.text()])]

    def show_table(self, shown: bool) -> None:
        """Shows the table, or only the sentence."""
        self._table.setVisible(shown)

    def giving_way(self) -> int:
        """Pixels of height that it has only where there is room for the table."""
        return 0 if self._table.isHidden() else self._table.minimumSizeHint().height() + SPACING

    def show_log(self, log: "RequestLog") -> None:
        """Shows the newest of `log`."""
        seen = log, log.first, log.total
        if self._seen == seen:
            return
        self._seen = seen
        found, count = log.percentiles(MOST)
        parts = sorted({key for at in found for key in at.seconds})[: len(RequestPart)]
        lines = [["", self.tr("total"), *map(part_words, parts)]] if found else []
        for at in found:
            known = [_duration(at.seconds.get(key)) for key in parts]
            lines.append([f"p{at.percent:g}", formatting.duration_text(at.total), *known])
        for row, cells in enumerate(self._cells):
            for column, cell in enumerate(cells):
                cell.setText(lines[row][column] if row < len(lines) and column < len(lines[row]) else "")
        self.sentence.setText(why_slow(found[-1], count) if found else "")
        self.setAccessibleDescription(self.sentence.text())


def _duration(seconds: float | None) -> str:
    return "–" if seconds is None else formatting.duration_text(seconds)
