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
from gui.history.intervals import BEGIN, CONNECTION, END, FILE, LINE, NOBODY, SHARE, STATE, WORKER, LaneState, Table

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
JOINED = 1e-6
"""Seconds between two pieces that are one: what goes on is reported bit by bit, without a gap."""
LOOKED_AT = 20
"""Pieces of which it is asked how many others stood ready meanwhile."""
ONE_THREAD = ("loop", "greenlet", "task")
"""Workers that share one thread, or are the only one: while one computes, no other goes on."""


@dataclass(frozen=True)
class Occupied:
    """The only thread was busy with one request, or waited for it in a call."""

    worker: int
    connection: int
    """0: not known; a loop may serve many at once."""
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


@dataclass(frozen=True)
class SpentWaiting:
    """Workers of a pool that spent most of their time waiting at one line of the application."""

    count: int
    least: float
    """The part of its time of the one that waited least."""
    most: float
    file: int
    line: int
    waiting: int
    """Clients that stood before `accept` meanwhile; 0 if at any moment none did."""
    has_idle_processor: bool
    """Whether the machine had a processor left all the time."""


Fact: TypeAlias = Occupied | WaitTogether | ComputeTogether | SpentWaiting


def fact(
    traits: Traits, table: Table, queue: Sequence[tuple[float, int]], now: float, idle_processors: float = 0.0
) -> Fact | None:
    """What explains most of the last seconds, if anything is proven; `queue`: when how many stood before `accept`;
    `idle_processors`: that had nothing to run, at least."""
    spent = _spent_waiting(traits, table, queue, now, idle_processors) if traits.shares_workers else None
    table = table[:, (table[END] >= now - RECENT) & (table[END] - table[BEGIN] >= LONG)]
    is_one_thread = traits.handled_by in ONE_THREAD
    occupied = _occupied(traits, table, queue) if is_one_thread else None
    if occupied and occupied.others:
        return occupied
    if spent:
        return spent
    if traits.one_at_a_time or traits.hands_over:
        together = _waiting(table) or (None if is_one_thread else _computing(table))
        if together:
            return together
    return occupied


def _occupied(traits: Traits, table: Table, queue: Sequence[tuple[float, int]]) -> Occupied | None:
    """A loop waits and computes for all; a greenlet that waits lets others go on."""
    states = [LaneState.COMPUTING] if traits.one_at_a_time else [LaneState.COMPUTING, LaneState.IN_CALL]
    pieces = table[:, np.isin(table[STATE], states) & (table[SHARE] >= MOSTLY)]
    pieces = _as_one(pieces)
    pieces = pieces[:, pieces[END].argsort()[-LOOKED_AT:]]
    found = [_held(each, table, queue) for each in pieces.T]
    return max(found, key=lambda each: (each.others, each.seconds)) if found else None


def _as_one(pieces: Table) -> Table:
    """The pieces, with those that follow one another at one place as one."""
    same = [WORKER, CONNECTION, STATE, FILE, LINE]
    found: list[NDArray[np.float64]] = []
    for piece in pieces[:, np.lexsort((pieces[BEGIN], pieces[WORKER]))].T.copy():
        last = found[-1] if found else None
        if last is not None and (last[same] == piece[same]).all() and piece[BEGIN] - last[END] <= JOINED:
            last[END] = max(last[END], piece[END])
        else:
            found.append(piece)
    return np.array(found).reshape(-1, len(pieces)).T


def _spent_waiting(
    traits: Traits, table: Table, queue: Sequence[tuple[float, int]], now: float, idle_processors: float
) -> SpentWaiting | None:
    """At the line where they waited most; nothing, if one of them spent less than most of its time there."""
    begin = now - RECENT
    lasted = (np.minimum(table[END], now) - np.maximum(table[BEGIN], begin)).clip(0.0) * table[SHARE]
    workers = set(table[WORKER, lasted > 0.0].tolist()) - {NOBODY, 0 if traits.only_accepts else NOBODY}
    waits = np.flatnonzero((table[STATE] == LaneState.IN_CALL) & (table[LINE] > 0) & (lasted > 0.0))
    places: dict[tuple[int, int], dict[float, float]] = {}
    for place in waits:
        seconds = places.setdefault((int(table[FILE, place]), int(table[LINE, place])), dict.fromkeys(workers, 0.0))
        seconds[table[WORKER, place]] += lasted[place]
    if not places:
        return None
    (file, line), seconds = max(places.items(), key=lambda item: sum(item[1].values()))
    shares = [each / RECENT for each in seconds.values()]
    if min(shares) < MOSTLY:
        return None
    queued = [count for moment, count in queue if begin <= moment <= now]
    least = min(queued, default=0)
    waiting = int(np.median(queued)) if least else 0
    return SpentWaiting(len(shares), min(shares), max(shares), file, line, waiting, idle_processors >= 1.0)


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
