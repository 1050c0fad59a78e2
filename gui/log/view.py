"""Draws the log's rows: all of one height, text and nothing else.

Owns the columns' widths. Knows nothing of which rows there are.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView

from engine.traits import Traits
from gui import appearance, formatting
from gui.controls import is_text_key
from gui.log.table import (
    ALIGNED,
    BYTES,
    CLIENT,
    CONNECTION,
    HANDLED,
    QUEUED,
    REQUEST,
    STATUS,
    TIME,
    TOTAL,
    WAITED,
    WORKER,
    RequestTable,
)

COLUMNS = (TIME, CLIENT, CONNECTION, WORKER, REQUEST, STATUS, BYTES, QUEUED, WAITED, HANDLED, TOTAL)
LEFT_OUT = (CLIENT, BYTES, CONNECTION, WORKER, TIME, WAITED, QUEUED, HANDLED, TOTAL)
"""Columns that are hidden where there is no room for all, in this order."""
_MIDDLE, _RIGHT = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
CUT_SHORT = {CLIENT: _MIDDLE, WORKER: _MIDDLE, REQUEST: _MIDDLE, STATUS: _RIGHT}
"""Columns whose texts may be longer than the column, and where the ellipsis is then: both ends of a path are of use."""
EDGE = 4
"""Pixels left and right of a text."""
FITTED = 4_096
"""Texts of which it is kept how they fit."""
LONG_STATUS = "431 Request Header Fields Too Large"
"""The longest status that is usual; with room for it, a shorter one that was cut off has room to say so."""


class LogView(QTableView):
    """The table; it leaves letters, digits and Space to the window.

    It paints its rows itself, text and nothing else: measured, cell by cell through a delegate costs three times that.
    """

    def __init__(self, table: RequestTable) -> None:
        super().__init__()
        self._table = table
        self._theme = appearance.LIGHT
        self._widths: dict[int, int] = {}
        """The least width of each column."""
        self._status_width = 0
        """The width of the longest status."""
        self._fitted: dict[tuple[str, int], str] = {}
        self.setModel(table)
        self.setAccessibleName(self.tr("Requests"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(48)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`, with rows and columns as big as their texts need."""
        self._theme = theme
        metrics = QFontMetrics(appearance.sized(QApplication.font(), appearance.SIZES["table"]))
        self.verticalHeader().setDefaultSectionSize(metrics.height() + 9)
        self._widths = {
            column: max(metrics.horizontalAdvance(sample) + 16, self.horizontalHeader().sectionSizeHint(column))
            for column, sample in _samples().items()
        }
        self._status_width = metrics.horizontalAdvance(LONG_STATUS) + 16
        self._fitted.clear()
        for column, width in self._widths.items():
            self.setColumnWidth(column, width)
        self._give_rest()

    def fitting(self, column: int, text: str) -> str:
        """As much of a cell's text as its column has room for.

        Few texts are seen again and again, and measuring costs more than painting.
        """
        if column not in CUT_SHORT:
            return text
        width = self.columnWidth(column) - 2 * EDGE
        known = self._fitted.get((text, width))
        if known is None:
            if len(self._fitted) > FITTED:
                self._fitted.clear()
            known = self._fitted[text, width] = self.fontMetrics().elidedText(text, CUT_SHORT[column], width)
        return known

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        text_colour, selection = QColor(self._theme.text), QColor(self._theme.selection)
        columns = [
            (
                column,
                self.columnViewportPosition(column) + EDGE,
                self.columnWidth(column) - 2 * EDGE,
                int(ALIGNED[column]),
            )
            for column in COLUMNS
            if not self.isColumnHidden(column)
        ]
        picked = {index.row() for index in self.selectionModel().selectedRows()}
        height = self.verticalHeader().defaultSectionSize()
        top = self.verticalHeader().offset() // height
        for row in range(top, min(top + self.viewport().height() // height + 2, self._table.rowCount())):
            y = self.rowViewportPosition(row)
            if row in picked:
                painter.fillRect(0, y, self.viewport().width(), height, selection)
            texts, colour = self._table.texts(row)
            for column, x, width, aligned in columns if texts else []:
                painter.setPen(colour if column == STATUS else text_colour)
                painter.drawText(x, y, width, height, aligned, self.fitting(column, texts[column]))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_rest()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_text_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _give_rest(self) -> None:
        """Gives status and request the width that the other columns leave, and neither less than it needs.

        If not all have room, columns that the details show as well are hidden first.
        """
        room = self.viewport().width() - sum(self._widths.values())
        for column in LEFT_OUT:
            self.setColumnHidden(column, room < 0)
            room += self._widths.get(column, 0) if room < 0 else 0
        room = max(0, room)
        for_status = min(room // 3, max(0, self._status_width - self._widths.get(STATUS, 0)))
        self.setColumnWidth(STATUS, self._widths.get(STATUS, 0) + for_status)
        self.setColumnWidth(REQUEST, self._widths.get(REQUEST, 0) + room - for_status)


def _samples() -> dict[int, str]:
    """A typical text for each column, which gives it its width; the request has what is left as well."""
    return {
        TIME: "00:00:00.000",
        CLIENT: "127.0.0.1:65535",
        CONNECTION: "100000",
        WORKER: formatting.worker_name(Traits(worker="process"), 100_000),
        REQUEST: "GET /index.html",
        STATUS: "404 Not Found",
        BYTES: formatting.whole(1_000_000),
        **dict.fromkeys((QUEUED, WAITED, HANDLED, TOTAL), formatting.duration_text(0.0999)),
    }
