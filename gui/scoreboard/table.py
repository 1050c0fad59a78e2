"""The scoreboard as a table model: a heading for each set of conditions, and below it the rows that compare.

Owns the cells' texts, the lengths of their bars, and the row that still grows. Knows nothing of widgets.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from engine.lab.summary import summarize
from engine.models import MODELS
from engine.own_model import known
from engine.persistence import KEPT
from gui import formatting
from gui.glossary import plain_tip
from gui.scoreboard.scoreboard import Entry

if TYPE_CHECKING:
    from engine.lab.rows import Conditions, Row
    from gui.scoreboard.scoreboard import Scoreboard

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()

MODEL, RATE, P50, P99, P999, FAILED, CPU, MEMORY, WORKERS = range(9)
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

GROWING = ("", " ")
"""The keys of the rows that are still being measured: of the chosen model, and of the one beside it."""
UNKNOWN = "–"
COMPARED = 3
"""From this many models under equal conditions on, the heading names the best."""


@dataclass(frozen=True, slots=True)
class Column:
    """One quantity."""

    title: str
    tip: str
    sample: str
    """A long text, with a shorter variant if there is one: they determine the column's width."""
    value: "Callable[[Row], float]"
    """The length of the bar, and the order of rows."""
    text: "Callable[[Row], str]"
    zero_is_unknown: bool = False
    """Whether 0 stands for a value that is not known."""
    most_first: bool = False
    """Whether the largest value is the best."""


@dataclass(frozen=True, slots=True)
class ScoreboardLine:
    """One row of the table."""

    conditions: "Conditions"
    entry: Entry | None
    """None: a heading."""
    title: str
    """The name of the row, or the text of the heading."""
    foreign: bool = False
    """Whether it was measured under other conditions than the first."""

    @property
    def settings(self) -> list[str]:
        """The conditions it was measured under, as texts, with its model's own settings."""
        own = formatting.own_settings(self.entry.row) if self.entry else []
        return formatting.conditions(self.conditions) + own

    @property
    def growing(self) -> bool:
        """Whether it is still being measured."""
        return self.entry is not None and self.entry.key in GROWING


class ScoreboardModel(QAbstractTableModel):
    """The rows of the scoreboard, those measured under the conditions of the newest first."""

    def __init__(self, scoreboard: "Scoreboard") -> None:
        super().__init__()
        self._scoreboard = scoreboard
        self._growing: tuple[Row, ...] = ()
        self._revision = -1
        self._largest: dict[Conditions, list[float]] = {}
        self.lines: Sequence[ScoreboardLine] = ()
        self.columns = self._make_columns()

    def show_growing(self, *measured: "Row | None") -> bool:
        """Shows what is on the board now and the rows that grow; returns whether that is anything else than before."""
        growing = tuple(row for row in measured if row)
        if (self._scoreboard.revision, growing) == (self._revision, self._growing):
            return False
        self._revision, self._growing = self._scoreboard.revision, growing
        lines = list(self._make_lines())
        same_places = [_place(line) for line in lines] == [_place(line) for line in self.lines]
        if not same_places:
            self.beginResetModel()
        self.lines = lines
        self._largest = self._measure(line.entry.row for line in lines if line.entry)
        if not same_places:
            self.endResetModel()
        elif lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(lines) - 1, WORKERS))
        return True

    def share(self, line: ScoreboardLine, column: int) -> float:
        """How long a cell's bar is: its value as a part of the largest measured under the same conditions."""
        largest = self._largest[line.conditions][column]
        nothing = 1 if column == WORKERS else 0  # if no model has more than one worker, there is nothing to compare
        if column == MODEL or not line.entry or largest <= nothing:
            return 0.0
        return max(0.0, self.columns[column].value(line.entry.row)) / largest

    def ordered_by(self, column: int) -> None:
        """Orders the scoreboard by a column, the best first; if that is the order already, the worst first."""
        chosen = self.columns[column]

        def value(entry: Entry) -> tuple[bool, float]:
            number = chosen.value(entry.row)
            return chosen.zero_is_unknown and number <= 0, number

        values = [[value(entry) for entry in group.entries] for group in self._scoreboard.groups()]
        ordered = all(each == sorted(each, reverse=chosen.most_first) for each in values)
        self._scoreboard.sort(value, falling=chosen.most_first != ordered)
        self.show_growing(*self._growing)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        line = self.lines[index.row()] if index.isValid() else None
        if not line or not line.entry:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        editable = index.column() == MODEL and not line.growing
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return formatting.longest(self.text(line, index.column()))
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self._tip(line))
            case Qt.ItemDataRole.EditRole:
                return line.entry.name if line.entry else ""
            case Qt.ItemDataRole.TextAlignmentRole:
                return LEFT if index.column() == MODEL else RIGHT
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry = self.lines[index.row()].entry
        if role != Qt.ItemDataRole.EditRole or not entry:
            return False
        self._scoreboard.rename(entry.key, str(value))
        self.show_growing(*self._growing)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            case Qt.ItemDataRole.ToolTipRole:
                return self.columns[section].tip + "\n" + self.tr("A click puts the best first.")
            case Qt.ItemDataRole.TextAlignmentRole:
                return LEFT if section == MODEL else RIGHT
        return None

    def text(self, line: ScoreboardLine, column: int) -> str:
        """What a cell says."""
        if not line.entry:
            return line.title if column == MODEL else ""
        if column != MODEL:
            return self.columns[column].text(line.entry.row)
        if not line.growing:
            return line.title
        measuring = formatting.variants(self.tr("{title} · measuring …"), self.tr("{title} …"))
        return measuring.format(title=line.title)

    def _make_lines(self) -> Iterator[ScoreboardLine]:
        groups = {group.conditions: group.entries for group in self._scoreboard.groups()}
        for key, row in zip(GROWING, self._growing, strict=False):  # there are as many as models side by side
            groups = {row.conditions: (*groups.pop(row.conditions, ()), Entry(key, row)), **groups}
        newest: list[str] = []
        for number, (conditions, entries) in enumerate(groups.items()):
            settings = formatting.conditions(conditions)
            newest = newest or settings
            # What differs comes first: the line may be too narrow for all.
            said = " · ".join(sorted(settings, key=newest.__contains__))
            if number:
                said = self.tr("Measured under other settings: {settings}").format(settings=said)
            said = " · ".join(filter(None, (self._best([entry.row for entry in entries]), said)))
            yield ScoreboardLine(conditions, None, said, foreign=number > 0)
            for entry, title in zip(entries, _titles(entries), strict=True):
                yield ScoreboardLine(conditions, entry, title, foreign=number > 0)

    def _best(self, rows: "Sequence[Row]") -> str:
        """Which model suits these conditions best, where several were tried and differ."""
        found = summarize(rows) if len({row.model for row in rows}) >= COMPARED else None
        text = {
            "requests": self.tr("Most answers: {model}"),
            "p99": self.tr("Shortest waits: {model}"),
            "memory": self.tr("Least memory: {model}"),
        }.get(found.measure if found else "", "")
        return text.format(model=formatting.model_title(found.best.model)) if found else ""

    def _measure(self, rows: "Iterable[Row]") -> "dict[Conditions, list[float]]":
        largest: dict[Conditions, list[float]] = {}
        for row in rows:
            values = [column.value(row) for column in self.columns]
            before = largest.get(row.conditions, values)
            largest[row.conditions] = [max(pair) for pair in zip(before, values, strict=True)]
        return largest

    def _tip(self, line: ScoreboardLine) -> str:
        """The row in full: cells may be too narrow, and the settings are shown once for many rows."""
        texts = [" · ".join(line.settings)]
        if not line.entry:
            rate = line.conditions.rate
            return "\n".join([*texts, self._open_loop() if rate else self._closed_loop()])
        row = line.entry.row
        begun = datetime.fromtimestamp(row.begin)
        texts.insert(0, f"{line.title} · {formatting.contestant(row)}" if line.entry.name else line.title)
        texts.append(
            self.tr("measured for {seconds} s from {time}").format(
                seconds=formatting.rounded(row.seconds, 1), time=f"{begun:%Y-%m-%d %H:%M:%S}"
            )
        )
        texts += [f"{column.title}: {formatting.longest(column.text(row))}" for column in self.columns[RATE:]]
        if row.failures:
            texts.append(self.tr("Failed: {ways}").format(ways=formatting.failures(row.failures)))
        model = known(row.model)
        if model and model.traits.shares_workers and row.conditions.connections == KEPT:
            texts.append(self.tr("It closed a connection after its reply while others waited for a worker."))
        if row.has_usage:
            texts.append(self.tr("CPU: {percent} % of a core").format(percent=formatting.whole(row.cpu)))
        else:
            texts.append(self.tr("The system does not say what processor time and memory were used."))
        if row.bound:
            text = self.tr("Requests that timed out count with the time until they were given up, {time} at least.")
            texts.append(text.format(time=formatting.duration_text(row.bound)))
        if row.load_limited:
            texts.append(self.tr("The load was the limit: its own processor was full. The server can do more."))
        return "\n".join(texts)

    def _open_loop(self) -> str:
        return self.tr(
            "Open loop: requests are due at a fixed rate, however fast they are answered; latency counts from then."
        )

    def _closed_loop(self) -> str:
        return self.tr("Closed loop: each client asks again as soon as it is answered.")

    def _make_columns(self) -> tuple[Column, ...]:
        order = {key: place for place, key in enumerate(MODELS)}
        return (
            Column(
                self.tr("Model"),
                self.tr("The model that served, or what you called the row (F2)."),
                "",
                lambda row: order.get(row.model, len(order)),
                lambda row: formatting.model_title(row.model),
            ),
            Column(
                self.tr("Requests/s"),
                self.tr("Right answers a second. Longer is better. ≥: the load was the limit."),
                f"≥ {formatting.whole(88_888)}",
                lambda row: row.requests_per_second,
                lambda row: ("≥ " if row.load_limited else "") + formatting.whole(row.requests_per_second),
                most_first=True,
            ),
            Column(
                self.tr("p50"),
                self.tr(
                    "Half of the requests were answered within this time, as the clients saw it. Shorter is better."
                ),
                f"≥ {formatting.duration_text(0.0888)}",
                lambda row: row.p50,
                lambda row: _latency(row, row.p50),
                zero_is_unknown=True,
            ),
            Column(
                self.tr("p99"),
                self.tr("99 of 100 requests were answered within this time, as the clients saw it. Shorter is better."),
                f"≥ {formatting.duration_text(0.0888)}",
                lambda row: row.p99,
                lambda row: _latency(row, row.p99),
                zero_is_unknown=True,
            ),
            Column(
                self.tr("p99.9"),
                self.tr(
                    "999 of 1,000 requests were answered within this time, as the clients saw it. Shorter is better."
                ),
                f"≥ {formatting.duration_text(0.0888)}",
                lambda row: row.p999,
                lambda row: _latency(row, row.p999),
                zero_is_unknown=True,
            ),
            Column(
                self.tr("Failed"),
                self.tr("Requests without a right answer: refused, reset, timed out, or with wrong content."),
                f"⚠ {formatting.whole(8888)}",
                lambda row: row.failed,
                lambda row: formatting.whole(row.failed),
            ),
            Column(
                self.tr("CPU/req."),
                self.tr("Processor time of the server and all its processes for each right answer. Shorter is better."),
                formatting.duration_text(0.0888),
                lambda row: row.cpu_per_request,
                lambda row: _duration(row.cpu_per_request / 1e6),
                zero_is_unknown=True,
            ),
            Column(
                self.tr("Memory"),
                self.tr("Memory of the server and all its processes, the mean over the time. Shorter is better."),
                self.tr("{size} MiB").format(size=formatting.whole(8888)),
                lambda row: row.memory,
                lambda row: (
                    self.tr("{size} MiB").format(size=formatting.mebibytes(row.memory)) if row.memory else UNKNOWN
                ),
                zero_is_unknown=True,
            ),
            Column(
                self.tr("Workers"),
                self.tr(
                    "The most processes, threads or greenlets that served at once; a single loop serves all clients."
                ),
                formatting.variants(formatting.workers("process", 888), formatting.whole(8888)),
                lambda row: row.workers,
                lambda row: formatting.variants(formatting.row_workers(row), formatting.whole(row.workers)),
            ),
        )


def _place(line: ScoreboardLine) -> tuple[object, ...]:
    return line.conditions, line.entry and line.entry.key, line.foreign


def _titles(entries: Sequence[Entry]) -> Iterator[str]:
    """The name of each; a model's second row has a number."""
    seen: dict[str, int] = {}
    for entry in entries:
        title = entry.name or formatting.contestant(entry.row)
        seen[title] = seen.get(title, 0) + 1
        yield title if seen[title] == 1 else f"{title} ({seen[title]})"


def _latency(row: "Row", seconds: float) -> str:
    return formatting.latency(row, seconds) if seconds > 0 else UNKNOWN


def _duration(seconds: float) -> str:
    return formatting.duration_text(seconds) if seconds > 0 else UNKNOWN
