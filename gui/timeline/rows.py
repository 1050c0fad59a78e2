"""Which lanes are shown, and in which row.

Owns the choice. Knows nothing of Qt or of pixels. A lane keeps its row as long as there is anything to see of it, so
that nothing jumps. Lanes that do not overlap share a row, one after the other: with a worker for each of many short
connections there are more of them than rows, but few at a time. Those for which there is no room are seen together.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from gui.history.intervals import BEGIN, CONNECTION, END, NOBODY, SHARE, STATE, WORKER, LaneState, Table
from gui.history.lanes import Lanes

MOST = 2_000
"""Lanes with intervals in sight for which a row is sought; of more, the newest."""
TOGETHER = 200
"""Lanes without a row of which it is asked what goes on at the moment."""
IDLE = (LaneState.WAITING, LaneState.NOT_KNOWN, LaneState.FREE)


@dataclass(frozen=True)
class LaneRow:
    """One lane: a worker's, or else a connection's; where several share a row, the newest."""

    is_worker: bool
    number: int


FIRST = LaneRow(True, 0)
"""The worker that accepts, or the loop: always on top, unless it is only the parent of those that accept."""
REST = LaneRow(False, 0)
"""All the others together: always at the bottom, if there are others."""


@dataclass(frozen=True, slots=True)
class LaneSpan:
    """When there is something to see of a lane, and for how many seconds it was not just waiting."""

    begin: float
    end: float
    busy: float


@dataclass
class SharedRow:
    """The lanes that share a row, by when they begin; no two at the same time."""

    spans: list[tuple[float, float, int]] = field(default_factory=list)
    """Begin, end and number of each."""

    def fits(self, begin: float, end: float) -> bool:
        """Whether no other lane is there then."""
        place = bisect_left(self.spans, (begin, end, 0))
        before = self.spans[place - 1][1] if place else -inf
        after = self.spans[place][0] if place < len(self.spans) else inf
        return before <= begin and end <= after

    def add(self, number: int, seen: LaneSpan) -> None:
        """One more shares it."""
        insort(self.spans, (seen.begin, seen.end, number))

    @property
    def numbers(self) -> list[int]:
        """The lanes that share it, the newest last."""
        return [number for _, _, number in self.spans]


class LaneRows:
    """The lanes that have a row, from top to bottom."""

    def __init__(self) -> None:
        self.rows: list[LaneRow] = []
        self.hidden = 0
        """How many lanes there are besides."""
        self.hidden_now: list[int] = []
        """Some of these in which something goes on at the moment."""
        self._shared: list[SharedRow] = []
        self._places: dict[int, int] = {}
        self._of_workers = True
        self._have_own_threads = self._only_accepts = False
        self._has_first = True

    def choose(
        self,
        lanes: Lanes,
        table: Table,
        begin: float,
        end: float,
        count: int,
        of_workers: bool,
        selected: int,
        by_hand: Sequence[int] = (),
    ) -> None:
        """Fills `count` rows with who has a part in `table`, the intervals from `begin` to `end`, or is at work still.

        The `selected` connection, if there is one, those made `by_hand`, and some slow clients' get a row even if they
        are not busy.
        """
        self._have_own_threads = lanes.traits.has_own_threads
        self._only_accepts = lanes.traits.only_accepts
        now = {number: born for number, born in lanes.alive(of_workers, end).items() if number}
        seen, more = _seen(table[WORKER if of_workers else CONNECTION], table, begin, end, now)
        if of_workers != self._of_workers:
            self._of_workers, self._shared, self._places = of_workers, [], {}
        wanted = self._wanted(lanes, seen, [*([selected] if selected else []), *by_hand], count)
        has_acceptor = lanes.traits.accepts != "each" or bool((table[WORKER] == 0).any())
        self._has_first = not seen or (lanes.has_first and has_acceptor)  # there is one row at least
        room = max(0, count - self._has_first)
        shared = _placed_in(self._shared, seen, wanted, room)
        if sum(len(row.spans) for row in shared) < len(seen) + more:
            shared = _placed_in(self._shared, seen, wanted, max(0, room - 1))
        self._shared = shared
        self._places = {number: place for place, row in enumerate(shared, self._has_first) for number in row.numbers}
        self.hidden = len(seen) + more - len(self._places)
        self.hidden_now = [number for number in now if number not in self._places][-TOGETHER:]
        self.rows = [*[FIRST] * self._has_first, *(LaneRow(of_workers, row.numbers[-1]) for row in shared)]
        if self.hidden:
            self.rows.append(REST)

    def sharing(self, row: LaneRow) -> int:
        """How many lanes in sight share the row of this one."""
        place = self._places.get(row.number) if row not in (FIRST, REST) else None
        return 1 if place is None else len(self._shared[place - self._has_first].spans)

    def row_of(self, number: int) -> int:
        """The row of a lane; -1 if it has none of its own."""
        return self._places.get(number, -1)

    def place(self, table: Table) -> tuple[NDArray[np.intp], Table]:
        """The rows of all intervals that are shown, and the intervals; one can be in the rows of two lanes."""
        keys = table[WORKER if self._of_workers else CONNECTION]
        rows = _rows_of(keys, self._places, len(self.rows) - 1 if self.hidden else -1)
        first = np.flatnonzero((table[WORKER] == 0) & self._has_first)
        shown = np.concatenate((np.flatnonzero(rows >= 0), first))
        pieces = table.take(shown, axis=1)
        if self._have_own_threads:  # the connection is ready then; its worker has its bytes, and is not run
            of_workers = len(shown) - len(first) if not self._of_workers else 0
            states = pieces[STATE, of_workers:]
            states[states == LaneState.RUNNABLE] = LaneState.NOT_RUNNING
        if self._only_accepts and len(first):  # there is no client for which the first worker could wait
            states = pieces[STATE, -len(first) :]
            states[states == LaneState.WAITING] = LaneState.FREE
        return np.concatenate((rows[rows >= 0], np.zeros(len(first), dtype=np.intp))), pieces

    def _wanted(self, lanes: Lanes, seen: dict[int, LaneSpan], wanted: list[int], count: int) -> list[int]:
        """Who gets a row first: the lanes of these connections, and some slow clients'."""
        slow = list(lanes.slow())
        if self._of_workers:
            slow, wanted = ([lanes.served_by(each) for each in connections] for connections in (slow, wanted))
        slow.sort(key=lambda number: number not in self._places)  # who has a row moves nobody
        wanted += slow[: max(1, count // 3)]
        return [number for number in dict.fromkeys(wanted) if number in seen and number != NOBODY]


def _seen(
    numbers: NDArray[np.float64], table: Table, begin: float, end: float, now: dict[int, float]
) -> tuple[dict[int, LaneSpan], int]:
    """What there is to see of each lane, and how many there are besides; those that are at work `now`, since they were
    born, have no end."""
    who, places = np.unique(numbers, return_inverse=True)
    lasted = (np.minimum(table[END], end) - np.maximum(table[BEGIN], begin)) * table[SHARE]
    busy = np.bincount(places, np.where(np.isin(table[STATE], IDLE), 0.0, lasted), len(who))
    first, last = np.full(len(who), inf), np.full(len(who), -inf)
    np.minimum.at(first, places, table[BEGIN])
    np.maximum.at(last, places, table[END])
    seen = {number: LaneSpan(max(begin, born), inf, 0.0) for number, born in now.items()}
    newest = np.argsort(first, kind="stable")[-MOST:]
    for number, since, until, seconds in np.array((who, first, last, busy))[:, newest].T.tolist():
        if number > 0:
            seen[int(number)] = LaneSpan(max(begin, since), inf if number in now else until, seconds)
    return seen, len({*who[who > 0].tolist()} - seen.keys())


def _placed_in(before: list[SharedRow], seen: dict[int, LaneSpan], wanted: list[int], room: int) -> list[SharedRow]:
    """At most `room` rows: those of `before` while there is something to see, with the lanes that fit into them."""
    rows = [_kept(row, seen) for row in before[:room]]
    rows += [SharedRow() for _ in range(room - len(rows))]
    placed = {number for row in rows for number in row.numbers}
    left = sorted(seen.keys() - placed, key=lambda number: (-seen[number].begin, -seen[number].busy, number))
    _make_room(rows, [number for number in wanted if number not in placed], seen, wanted)
    placed = {number for row in rows for number in row.numbers}
    fresh = [place for place, row in enumerate(rows) if not row.spans]
    idle_rows = [row for row in rows if row.spans and not _busy(row, seen) and not set(wanted) & set(row.numbers)]
    for number in [each for each in left if each not in placed]:
        each = seen[number]
        row = next((row for row in rows if row.fits(each.begin, each.end)), None)
        if row is None and each.busy and idle_rows:
            row = idle_rows.pop()
            row.spans.clear()
        if row is not None:
            row.add(number, each)
    filled = sorted((rows[place] for place in fresh if rows[place].spans), key=lambda row: row.numbers[0])
    for place, row in zip(fresh, filled + [SharedRow()] * (len(fresh) - len(filled)), strict=True):
        rows[place] = row
    return [row for row in rows if row.spans]


def _kept(row: SharedRow, seen: dict[int, LaneSpan]) -> SharedRow:
    """Who shared the row and is still to be seen, unless it turned out to have begun before another was over."""
    kept = SharedRow()
    for number in row.numbers:
        if number in seen and kept.fits(seen[number].begin, seen[number].end):
            kept.add(number, seen[number])
    return kept


def _make_room(rows: list[SharedRow], missing: list[int], seen: dict[int, LaneSpan], wanted: list[int]) -> None:
    """Gives who is wanted a row: one that is free then, or else the least busy one's."""
    for number in missing:
        each = seen[number]
        free = [row for row in rows if row.fits(each.begin, each.end)]
        others = [row for row in rows if not set(wanted) & set(row.numbers)]
        if not free and others:
            free = [min(others, key=lambda row: _busy(row, seen))]
            free[0].spans.clear()
        if free:
            free[0].add(number, each)


def _busy(row: SharedRow, seen: dict[int, LaneSpan]) -> float:
    return sum(seen[number].busy for number in row.numbers)


def _rows_of(keys: NDArray[np.float64], rows: dict[int, int], rest: int) -> NDArray[np.intp]:
    """The row of each key; `rest` for those that have none, and -1 for those that are no lane at all."""
    others = np.where(keys > 0, rest, -1)
    if not rows:
        return others
    numbers = np.array(sorted(rows), dtype=np.float64)
    places = np.array([rows[int(number)] for number in numbers], dtype=np.intp)
    found = np.searchsorted(numbers, keys).clip(max=len(numbers) - 1)
    return np.where(numbers[found] == keys, places[found], others)
