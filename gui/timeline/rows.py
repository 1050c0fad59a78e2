"""Which lanes are shown, and in which row.

Owns the choice. Knows nothing of Qt or of pixels. A lane keeps its row as long as there is anything to see of it, so
that nothing jumps; one that has ended and left the picture folds away, and the busiest without a row takes its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gui.history.intervals import BEGIN, CONNECTION, END, NOBODY, SHARE, STATE, WORKER, LaneState, Table
from gui.history.lanes import Lanes


@dataclass(frozen=True)
class LaneRow:
    """One lane: a worker's, or else a connection's."""

    is_worker: bool
    number: int


FIRST = LaneRow(True, 0)
"""Who accepts, or the loop: always on top."""
REST = LaneRow(False, 0)
"""All the others together: always at the bottom, if there are others."""


class LaneRows:
    """The lanes that have a row, from top to bottom."""

    def __init__(self) -> None:
        self.rows: list[LaneRow] = []
        self.hidden = 0
        """How many lanes there are besides."""
        self._numbers: list[int] = []
        self._of_workers = True

    def choose(
        self, lanes: Lanes, table: Table, begin: float, end: float, count: int, of_workers: bool, selected: int
    ) -> None:
        """Fills `count` rows with who has a part in `table`, the intervals from `begin` to `end`, or is at work still.

        The `selected` connection, if there is one, and some slow clients' get a row even if they are not busy.
        """
        busy = _busy(table[WORKER if of_workers else CONNECTION], table, begin, end)
        present = set(busy) | (lanes.workers() if of_workers else lanes.connections()) - {0}
        room = max(0, count - (1 if len(present) < count else 2))
        wanted = [selected] if selected else []
        wanted += list(lanes.slow())[: max(2, room // 3)]
        if of_workers:
            wanted = [lanes.served_by(connection) for connection in wanted]
        wanted = [number for number in dict.fromkeys(wanted) if number in present and number != NOBODY][:room]
        if of_workers != self._of_workers:
            self._of_workers, self._numbers = of_workers, []
        kept = [number for number in self._numbers if number in present][:room]
        numbers: list[int | None] = [*kept, *[None] * (room - len(kept))]
        _place(numbers, wanted, busy)
        shown = set(numbers)
        waiting = sorted((number for number in busy if number not in shown), key=lambda number: -busy[number])
        _fill(numbers, waiting, busy, keep=wanted)
        _fill(numbers, sorted(present - busy.keys() - shown)[:room], busy, keep=wanted)
        self._numbers = [number for number in numbers if number is not None]
        self.hidden = len(present) - len(self._numbers)
        self.rows = [FIRST, *(LaneRow(of_workers, number) for number in self._numbers)]
        if self.hidden:
            self.rows.append(REST)

    def place(self, table: Table) -> tuple[NDArray[np.intp], Table]:
        """The rows of all intervals that are shown, and the intervals; one can be in the rows of two lanes."""
        lanes = {row.number: place for place, row in enumerate(self.rows) if row not in (FIRST, REST)}
        keys = table[WORKER if self._of_workers else CONNECTION]
        rows = _placed(keys, lanes, len(self.rows) - 1 if self.hidden else -1)
        first = np.flatnonzero(table[WORKER] == 0)
        shown = np.concatenate((np.flatnonzero(rows >= 0), first))
        return np.concatenate((rows[rows >= 0], np.zeros(len(first), dtype=np.intp))), table.take(shown, axis=1)


def _busy(numbers: NDArray[np.float64], table: Table, begin: float, end: float) -> dict[int, float]:
    """Seconds that each lane was not just waiting."""
    lasted = (np.minimum(table[END], end) - np.maximum(table[BEGIN], begin)) * table[SHARE]
    who, places = np.unique(numbers, return_inverse=True)
    seconds = np.bincount(places, weights=np.where(table[STATE] == LaneState.WAITING, 0.0, lasted), minlength=len(who))
    return {int(number): float(each) for number, each in zip(who, seconds, strict=True) if number > 0}


def _place(numbers: list[int | None], wanted: Iterable[int], busy: dict[int, float]) -> None:
    """Gives who is `wanted` a row: an empty one, or else the least busy one's."""
    wanted = list(wanted)
    for number in wanted:
        if number in numbers:
            continue
        empty = [place for place, other in enumerate(numbers) if other is None]
        others = [place for place, other in enumerate(numbers) if other not in wanted]
        place = empty[0] if empty else min(others, key=lambda each: busy.get(numbers[each] or 0, 0.0))
        numbers[place] = number


def _fill(numbers: list[int | None], waiting: list[int], busy: dict[int, float], keep: list[int]) -> None:
    """Gives empty rows to those who are `waiting`, busiest first, and the rows of the idle to those who are not."""
    empty = [place for place, number in enumerate(numbers) if number is None]
    idle = [place for place, number in enumerate(numbers) if number and not busy.get(number) and number not in keep]
    idle = idle[: sum(1 for number in waiting[len(empty) :] if busy.get(number))]
    places = sorted(empty + idle)
    for place, number in zip(places, sorted(waiting[: len(places)]), strict=False):
        numbers[place] = number


def _placed(keys: NDArray[np.float64], rows: dict[int, int], rest: int) -> NDArray[np.intp]:
    """The row of each key; `rest` for those that have none, and -1 for those that are no lane at all."""
    others = np.where(keys > 0, rest, -1)
    if not rows:
        return others
    numbers = np.array(sorted(rows), dtype=np.float64)
    places = np.array([rows[int(number)] for number in numbers], dtype=np.intp)
    found = np.searchsorted(numbers, keys).clip(max=len(numbers) - 1)
    return np.where(numbers[found] == keys, places[found], others)
