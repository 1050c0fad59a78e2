"""The intervals that lanes are drawn from: worker, connection, state, begin and end.

Owns how they are kept: a ring of the newest ones, as columns. Knows nothing of spans, of Qt or of pixels. Times are
seconds on the monotonic clock.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 11
"""The number of intervals that are searched together."""
WORKER, CONNECTION, STATE, BEGIN, END, BYTES, LINE, FILE, SHARE = range(9)
FIELDS = 9
"""The rows of a table of intervals, an array of shape (9, intervals)."""
NOBODY = -1
"""The worker of an interval that is only a connection's state; one that is only a worker's has connection 0."""
UNKNOWN_BYTES = -1

Table: TypeAlias = NDArray[np.float64]


class LaneState(IntEnum):
    """The state of a worker or a connection."""

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
    FREE = 11
    """A worker has no client: it waits in `accept`, or for its pool's queue."""


HANDLED = frozenset((LaneState.HANDLING, LaneState.COMPUTING, LaneState.IN_CALL, LaneState.NOT_RUNNING))
"""The states in which a request is handled."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One state, from its begin to its end."""

    worker: int
    connection: int
    state: LaneState
    begin: float
    end: float
    bytes: int
    """Bytes moved; -1 if it is no call that moves any."""
    line: int
    """The line of the model's file; 0 if it is not known."""
    file: int = 0
    """The number of another file that has the line."""
    share: float = 1.0
    """Its part of the time: states that share a stretch of time have the same begin and end."""


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
        """Remove all intervals."""
        self._table[END] = self._chunk_ends[:] = 0.0
        self._total = 0

    def append(self, rows: list[Fresh]) -> None:
        """Append intervals, in place of the oldest."""
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
        """The intervals that overlap this stretch of time, in the order of arrival."""
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
