"""The log of requests as a table model: newest on top, filtered or not, flowing or held still.

Owns which request is in which row, and the texts of the cells. Knows nothing of the widgets that show them.

Under load every row changes with each refresh, so rows are not inserted and removed one by one: the model emits that
the data changed, and adds or removes rows, at the end, only when their number changes.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from engine.lab.parts import RequestPart
from engine.telemetry.bounds import connection_name
from gui import appearance, formatting
from gui.glossary import plain_tip

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.history.request_log import LoggedRequest, RequestLog, WorkerName
    from gui.history.search import Search

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()

TIME, CLIENT, CONNECTION, WORKER, REQUEST, STATUS, BYTES, QUEUED, WAITED, HANDLED, TOTAL = range(11)
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGNED = [LEFT if column < BYTES else RIGHT for column in range(TOTAL + 1)]

NOBODY = -1
"""The sequence number of no request: its row is empty."""
HELD = 200
"""The number of newest rows that stay whole while the table is held, however much arrives meanwhile."""
SEARCHED = 2048
"""Rows searched for the filter at a time: a millisecond or two."""
MADE = 4096
"""The number of rows kept as texts while the table flows."""


def padded(rows: Sequence[int], length: int) -> Sequence[int]:
    """`rows`, with empty ones before them up to `length`."""
    if isinstance(rows, range):
        return range(rows.stop - length, rows.stop)  # numbers before the oldest have no request
    return [NOBODY] * (length - len(rows)) + list(rows)


class RequestTable(QAbstractTableModel):
    """Row 0 is the newest request that contains the filter's text."""

    def __init__(self, log: "RequestLog", search: "Callable[[RequestLog, str, WorkerName], Search]") -> None:
        super().__init__()
        self._log = log
        self._search = search
        self._finder: Search | None = None
        self._found: list[int] = []
        self._rows: Sequence[int] = range(0)
        """Sequence numbers, ascending."""
        self._end = log.total
        """Rows shown come before this sequence number."""
        self._kept_from = log.total
        self._made: dict[int, tuple[LoggedRequest, tuple[str, ...]]] = {}
        self.following = True
        self.set_theme(appearance.LIGHT)
        self._titles = self._make_titles()

    @property
    def newer(self) -> int:
        """How many requests arrived since the table is held."""
        return self._log.total - self._end

    @property
    def is_gone(self) -> bool:
        """Whether it is held at requests of which none is kept."""
        return not self.following and not self._rows and self._log.first >= self._end < self._log.total

    @property
    def total(self) -> int:
        """How many requests ever arrived."""
        return self._log.total

    def set_theme(self, theme: appearance.Theme) -> None:
        """Colours the cells as in `theme`."""
        self._ink, self._good, self._bad = QColor(theme.text), QColor(theme.good), QColor(theme.bad)

    def show_log(self, log: "RequestLog") -> None:
        """Shows another log, without a filter."""
        self.beginResetModel()
        self._log = log
        self._rows = range(0)
        self._made.clear()
        self._end = log.total
        self.set_filter("")
        self.endResetModel()

    def set_filter(self, needle: str) -> None:
        """From now on only requests that contain `needle` are rows: `search` finds them, `refresh` shows them."""
        self._finder = self._search(self._log, needle, formatting.worker_name) if needle else None
        self._found = []
        self._kept_from = self._end

    def search(self) -> bool:
        """Searches some more rows for the filter; returns whether any are left."""
        if not self._finder:
            return False
        self._found += self._finder.step(SEARCHED)
        return self._finder.left > 0

    def hold(self) -> None:
        """Keeps the rows as they are, whatever arrives."""
        self.following = False
        self._keep()

    def follow(self) -> None:
        """Shows the newest again, now and from now on."""
        self.following = True
        self.refresh()

    def renew(self) -> None:
        """Shows the newest once, and holds these if others were held."""
        following = self.following
        self.follow()
        if not following:
            self.hold()

    def refresh(self) -> None:
        """Shows the present rows; while held, removes those at the end that are no longer kept."""
        if self.following:
            self._end = self._kept_from = self._log.total
        low = min(self._log.first, self._kept_from)
        if self._finder:
            del self._found[: bisect_left(self._found, low)]
            rows: Sequence[int] = self._found[: bisect_left(self._found, self._end)]
        else:
            rows = range(min(low, self._end), self._end)
        if rows == self._rows:
            return
        self._replace(rows)
        if self.following and len(self._made) > MADE:
            self._made.clear()
        if not self.following:
            self._keep()
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, TOTAL))

    def place(self, sequence: int) -> int | None:
        """The row of the request with this number; None if it has none."""
        index = bisect_left(self._rows, sequence)
        found = index < len(self._rows) and self._rows[index] == sequence
        return len(self._rows) - 1 - index if found else None

    def row_at(self, row: int) -> "LoggedRequest | None":
        """The request in that row, or None if it is no longer held."""
        made = self._make(self._rows[-1 - row])
        return made and made[0]

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._titles)

    def texts(self, row: int) -> "tuple[tuple[str, ...], QColor]":
        """The texts of the row's cells, and the colour of its status; no texts if the request is no longer kept."""
        made = self._make(self._rows[-1 - row])
        if not made:
            return (), self._ink
        request, texts = made
        return texts, self._bad if request.failed else self._good

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return ALIGNED[index.column()]
        shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole)
        if role not in shown:
            return None
        texts, colour = self.texts(index.row())
        if role == Qt.ItemDataRole.ForegroundRole:
            return colour if index.column() == STATUS else self._ink
        text = texts[index.column()] if texts else ""
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section][0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._titles[section][1]
        return ALIGNED[section] if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _replace(self, rows: Sequence[int]) -> None:
        """Adds or removes rows at the end first, and then replaces the content of all."""
        before, after = len(self._rows), len(rows)
        if after > before:
            self.beginInsertRows(NOWHERE, before, after - 1)
            self._rows = padded(self._rows, after)
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(NOWHERE, after, before - 1)
            self._rows = self._rows[before - after :]
            self.endRemoveRows()
        self._rows = rows

    def _keep(self) -> None:
        newest = self._rows[-HELD:]
        self._kept_from = newest[0] if newest else self._end
        for sequence in newest:
            self._make(sequence)

    def _make(self, sequence: int) -> "tuple[LoggedRequest, tuple[str, ...]] | None":
        made = self._made.get(sequence)
        if made is None and sequence >= self._log.first:
            row = self._log.row(sequence)
            made = self._made[sequence] = row, self._texts(row)
        return made

    def _texts(self, row: "LoggedRequest") -> tuple[str, ...]:
        status = f"{row.status} {row.reason}".rstrip() if row.status else self.tr("greeting")
        return (
            row.time_of_day,
            row.client,
            connection_name(row.connection),
            formatting.worker_name(row.traits, row.worker),
            f"{row.method} {row.target}" if row.method else "–",
            status if row.whole else self.tr("{status}, cut off").format(status=status),
            formatting.whole(row.bytes),
            *(
                known_duration(row.parts.of(part))
                for part in (RequestPart.ACCEPT_QUEUE, RequestPart.TURN, RequestPart.HANDLING)
            ),
            formatting.duration_text(row.parts.total),
        )

    def _make_titles(self) -> tuple[tuple[str, str], ...]:
        return (
            (self.tr("Time"), self.tr("When the reply's last byte was handed over.")),
            (self.tr("Client"), self.tr("The client's address and port.")),
            (
                self.tr("Conn"),
                self.tr(
                    "The connection's number, counted from the server's start; 2-15: the 15th of the second process."
                ),
            ),
            (self.tr("Worker"), self.tr("The worker that answered: a process, a thread, a greenlet or the loop.")),
            (self.tr("Request"), self.tr("Method and target of the request; a dash if it could not be parsed.")),
            (
                self.tr("Status"),
                self.tr(
                    "Status of the reply: 2xx success, 3xx redirect, 4xx client error, 5xx server error. Cut "
                    "off: the client disconnected before the reply was complete."
                ),
            ),
            (self.tr("Bytes"), self.tr("Bytes of the reply, its head included.")),
            (
                self.tr("Queued"),
                self.tr(
                    "In the accept queue: its bytes were there, but its connection was not accepted yet. A dash: not"
                    " known."
                ),
            ),
            (
                self.tr("Waited"),
                self.tr(
                    "For its turn: its connection was accepted and its bytes were there, but the server did not read"
                    " them yet. A dash: not known."
                ),
            ),
            (
                self.tr("Handled"),
                self.tr("From calling the application until the reply's head was ready. A dash: not known."),
            ),
            (
                self.tr("Total"),
                self.tr(
                    "In the server: from when its bytes arrived until the reply's last byte was handed over. Reading"
                    " and writing are in it. Where its arrival is not known, from the first read."
                ),
            ),
        )


def known_duration(seconds: float | None) -> str:
    """A duration as one text; a dash for None: it is not known."""
    return "–" if seconds is None else formatting.duration_text(seconds)
