"""The intervals that lanes are drawn from: who, for which connection, in which state, from when till when.

Owns how they are held: a ring of the newest ones, as columns. Knows nothing of spans, of Qt or of pixels. Times are
seconds on the monotonic clock.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 11
"""Intervals that are looked at together when some are sought."""
WORKER, CONNECTION, STATE, BEGIN, END, BYTES, LINE, FILE, SHARE = range(9)
FIELDS = 9
"""The rows of a table of intervals, an array of shape (9, intervals)."""
NOBODY = -1
"""The worker of an interval that is only a connection's state; one that is only a worker's has connection 0."""
UNKNOWN_BYTES = -1

Table: TypeAlias = NDArray[np.float64]


class LaneState(IntEnum):
    """What goes on in a lane."""

    WAITING = 0
    ACCEPTING = 1
    READING = 2
    HANDLING = 3
    """Of which it is not known what it was."""
    COMPUTING = 4
    IN_CALL = 5
    """Handling waited in a call: a sleep, a lock, a socket of the application."""
    NOT_RUNNING = 6
    """Handling waited for the interpreter's lock or a processor."""
    WRITING = 7
    RUNNABLE = 8
    BLOCKED_BY_CLIENT = 9
    NOT_KNOWN = 10


HANDLED = frozenset((LaneState.HANDLING, LaneState.COMPUTING, LaneState.IN_CALL, LaneState.NOT_RUNNING))
"""The states in which a request is handled."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One state, for as long as it lasted."""

    worker: int
    connection: int
    state: LaneState
    begin: float
    end: float
    bytes: int
    """Moved; -1 if nothing could."""
    line: int
    """Of the model's file; 0 if it is not known."""
    file: int = 0
    """Number of another file that the line is of."""
    share: float = 1.0
    """Which part of the time it took: states that share a stretch of time have the same begin and end."""


Fresh: TypeAlias = tuple[int, int, LaneState, float, float, int, int, int, float]
"""An interval as it is interpreted: in the order of a table's rows."""


def fresh(
    worker: int,
    connection: int,
    state: LaneState,
    begin: float,
    end: float,
    moved: int = UNKNOWN_BYTES,
    line: int = 0,
    file: int = 0,
    share: float = 1.0,
) -> Fresh:
    """A new interval; a plain tuple, since there are tens of thousands a second."""
    return worker, connection, state, begin, end, moved, line, file, share


ROOM = 1 << 13
"""Intervals that there is room for in the beginning."""


class Ring:
    """The newest intervals, at most `capacity` of them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._table: Table = np.zeros((FIELDS, min(capacity, ROOM)))
        self._chunk_ends = np.zeros(-(-capacity // CHUNK))
        self._total = 0

    def clear(self) -> None:
        """Holds nothing any more."""
        self._table[END] = self._chunk_ends[:] = 0.0
        self._total = 0

    def append(self, rows: list[Fresh]) -> None:
        """Takes what came, in place of the oldest."""
        rows = rows[-self._capacity :]
        while rows:
            start = self._total % self._capacity
            part = rows[: self._capacity - start]
            self._make_room(start + len(part))
            self._table[:, start : start + len(part)] = np.array(part).T
            for chunk in range(start // CHUNK, (start + len(part) - 1) // CHUNK + 1):
                self._chunk_ends[chunk] = self._table[END, chunk * CHUNK : (chunk + 1) * CHUNK].max()
            self._total += len(part)
            rows = rows[len(part) :]

    def _make_room(self, wanted: int) -> None:
        """Memory is taken as it is needed: while nobody looks, nearly nothing comes."""
        room = self._table.shape[1]
        if wanted > room:
            more = np.zeros((FIELDS, min(self._capacity, max(wanted, 2 * room)) - room))
            self._table = np.hstack((self._table, more))

    def between(self, begin: float, end: float) -> Table:
        """Those that have a part in this stretch of time, in the order in which they came."""
        chunks = np.flatnonzero(self._chunk_ends >= begin)
        if not chunks.size:
            return self._table[:, :0]
        held = self._table[:, chunks[0] * CHUNK : min((chunks[-1] + 1) * CHUNK, self._total)]
        return held.take(np.flatnonzero((held[END] >= begin) & (held[BEGIN] <= end)), axis=1)


def as_table(rows: list[Fresh]) -> Table:
    """A table of intervals."""
    return np.array(rows, dtype=np.float64).reshape(-1, FIELDS).T


def as_interval(column: NDArray[np.float64]) -> Interval:
    """One column of a table."""
    worker, connection, state, begin, end, moved, line, file, share = column.tolist()
    return Interval(
        int(worker), int(connection), LaneState(int(state)), begin, end, int(moved), int(line), int(file), share
    )
