"""What the last seconds of the lanes prove, as facts that a sentence is made of: what delays connections, and how.

Owns when such a fact is proven; nothing else is said. Knows nothing of words, of Qt or of pixels. Pure functions on
tables of intervals; times are seconds on the monotonic clock.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.traits import Traits
from gui.history.intervals import BEGIN, CONNECTION, END, FILE, LINE, SHARE, STATE, WORKER, LaneState, Table

RECENT = 3.0
"""Seconds that are looked back."""
LONG = 0.01
"""Seconds that a piece must last to be worth a word."""
MOSTLY = 0.5
"""The share of the time from which on a piece is taken to be of one state."""
ALONE = 0.85
"""The share of a processor from which on a worker is taken to have it to itself."""
FEWEST = 3
"""Workers that wait together at least."""
LOOKED_AT = 20
"""Pieces of which it is asked how many others stood ready meanwhile."""
ONE_THREAD = ("loop", "greenlet", "task")
"""Workers that share one thread, or are the only one: while one computes, no other goes on."""


@dataclass(frozen=True)
class Occupied:
    """The only thread was busy with one request, or waited for it in a call."""

    worker: int
    connection: int
    waits: bool
    """Whether it waited; if not, it computed."""
    seconds: float
    others: int
    """Connections that stood ready meanwhile, as far as that is proven."""
    file: int
    line: int
    """Where in the application; 0: not known."""


@dataclass(frozen=True)
class WaitTogether:
    """Workers waited in calls at the same time."""

    count: int
    seconds: float
    """That each waited, in the middle of all."""
    file: int
    line: int
    """Where most of them did; 0: not known."""
    share_line: bool = True
    """Whether all of them did so there, as far as that is known."""


@dataclass(frozen=True)
class ComputeTogether:
    """Workers had something to compute at the same time."""

    count: int
    share: float
    """The part of the time for which each of them ran, on average."""


Fact: TypeAlias = Occupied | WaitTogether | ComputeTogether


def fact(traits: Traits, table: Table, queue: Sequence[tuple[float, int]], now: float) -> Fact | None:
    """What explains most of the last seconds, if anything is proven; `queue`: when how many stood before `accept`."""
    table = table[:, (table[END] >= now - RECENT) & (table[END] - table[BEGIN] >= LONG)]
    is_one_thread = traits.handled_by in ONE_THREAD
    occupied = _occupied(traits, table, queue) if is_one_thread else None
    if occupied and occupied.others:
        return occupied
    if traits.one_at_a_time or traits.hands_over:
        together = _waiting(table) or (None if is_one_thread else _computing(table))
        if together:
            return together
    return occupied


def _occupied(traits: Traits, table: Table, queue: Sequence[tuple[float, int]]) -> Occupied | None:
    """A loop waits and computes for all; a greenlet that waits lets others go on."""
    states = [LaneState.COMPUTING] if traits.one_at_a_time else [LaneState.COMPUTING, LaneState.IN_CALL]
    pieces = table[:, np.isin(table[STATE], states) & (table[SHARE] >= MOSTLY)]
    pieces = pieces[:, pieces[END].argsort()[-LOOKED_AT:]]
    found = [_held(each, table, queue) for each in pieces.T]
    return max(found, key=lambda each: each.others) if found else None


def _held(piece: NDArray[np.float64], table: Table, queue: Sequence[tuple[float, int]]) -> Occupied:
    begin, end = piece[BEGIN], piece[END]
    overlap = np.minimum(table[END], end) - np.maximum(table[BEGIN], begin)
    ready = (table[STATE] == LaneState.RUNNABLE) & (overlap >= MOSTLY * (end - begin))
    ready &= table[CONNECTION] != piece[CONNECTION]
    queued = max((count for moment, count in queue if begin <= moment <= end), default=0)
    return Occupied(
        worker=int(piece[WORKER]),
        connection=int(piece[CONNECTION]),
        waits=piece[STATE] == LaneState.IN_CALL,
        seconds=float(end - begin),
        others=max(len(np.unique(table[CONNECTION, ready])), queued),
        file=int(piece[FILE]),
        line=int(piece[LINE]),
    )


def _waiting(table: Table) -> WaitTogether | None:
    pieces = _most_at_once(table[:, (table[STATE] == LaneState.IN_CALL) & (table[SHARE] >= MOSTLY)])
    if pieces.shape[1] < FEWEST:
        return None
    places = Counter((int(file), int(line)) for file, line in pieces[[FILE, LINE]].T if line)
    (file, line), _ = places.most_common(1)[0] if places else ((0, 0), 0)
    seconds = float(np.median(pieces[END] - pieces[BEGIN]))
    return WaitTogether(pieces.shape[1], seconds, file, line, share_line=len(places) < 2)


def _computing(table: Table) -> ComputeTogether | None:
    """Only of workers that were computing or not running all the time."""
    waits = table[STATE] == LaneState.IN_CALL
    waiting = set(zip(table[WORKER, waits], table[BEGIN, waits], strict=True))
    ran = table[:, table[STATE] == LaneState.COMPUTING]
    alone = [(worker, begin) not in waiting for worker, begin in ran[[WORKER, BEGIN]].T]
    pieces = _most_at_once(ran[:, np.array(alone, dtype=bool)])
    if pieces.shape[1] < 2:
        return None
    return ComputeTogether(pieces.shape[1], float(pieces[SHARE].mean()))


def _most_at_once(pieces: Table) -> Table:
    """Those that overlap at the moment at which most of them do; no two of them are of one worker."""
    if not pieces.size:
        return pieces
    begins, ends = np.sort(pieces[BEGIN]), np.sort(pieces[END])
    counts = np.arange(1, len(begins) + 1) - np.searchsorted(ends, begins, side="right")
    moment = begins[counts.argmax()]
    there = pieces[:, (pieces[BEGIN] <= moment) & (pieces[END] > moment)]
    _, first = np.unique(there[WORKER], return_index=True)
    return there[:, first]
