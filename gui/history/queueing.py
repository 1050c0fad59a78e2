"""Whether clients wait for a worker because all are busy or blocked by slow clients, or although one is free.

Owns when that is proven. Knows nothing of words, of Qt or of pixels. Pure functions; times are seconds on the monotonic
clock.

A socket that all workers accept from gives a client to a free one at once. Clients that wait while a worker is inside
`accept` are a proof that they wait in the queue of another one: each has a socket of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import TypeAlias

import numpy as np

from engine.traits import Traits
from gui.history.intervals import BEGIN, END, STATE, WORKER, LaneState, Table

RECENT = 3.0
"""Seconds that are looked back."""
WOKEN = 0.05
"""Seconds for which a worker may be inside `accept` although a client is there: it has to be run first."""
FEWEST = 3
"""Samples of the queue that prove that clients wait although a worker is free."""
BUSY_SAMPLES = 8
"""Samples at which all workers were busy that prove that this is why clients wait."""
NEARLY_ALL = 0.8
"""The part of the samples at which that is known."""
IDLE = (LaneState.FREE, LaneState.NOT_KNOWN)


@dataclass(frozen=True)
class QueuedBesideFree:
    """Clients waited for accept while workers were inside `accept`."""

    queued: int
    free: tuple[int, ...]
    """These workers, by number."""


@dataclass(frozen=True)
class QueuedBehindAll:
    """Clients waited for accept, and no worker was free."""

    queued: int
    workers: int
    """How many workers there were, all busy."""


@dataclass(frozen=True)
class QueuedBehindSlow:
    """Clients waited, and each worker was blocked by a slow client."""

    queued: int
    workers: int
    in_pool: bool
    """Whether they waited in the pool's own queue."""


Queueing: TypeAlias = QueuedBesideFree | QueuedBehindAll | QueuedBehindSlow
Samples: TypeAlias = Sequence[tuple[float, int]]


def queueing(
    traits: Traits,
    table: Table,
    workers: Iterable[int],
    queue: Iterable[tuple[float, int]],
    now: float,
    pool_queue: Iterable[tuple[float, int]] = (),
) -> Queueing | None:
    """What is proven of the last seconds where clients share workers; `table` has what is going on as well, `queue`
    when how many waited for accept, and `pool_queue` when how many in the pool's own queue."""
    if not traits.shares_workers:
        return None
    samples = [sample for sample in queue if now - RECENT <= sample[0] <= now]
    in_pool = [sample for sample in pool_queue if now - RECENT <= sample[0] <= now] if traits.has_queue else []
    serving = sorted(set(workers) - {0}) or [0]
    found: Queueing | None = _behind_slow(table, serving, in_pool or samples, bool(in_pool))
    if traits.accepts == "each" and found is None:
        found = _beside_free(table, samples) or _behind_all(table, serving, samples)
    return found


def _behind_slow(table: Table, workers: list[int], samples: Samples, in_pool: bool) -> QueuedBehindSlow | None:
    blocked = table[:, table[STATE] == LaneState.BLOCKED_BY_CLIENT]
    queued = _whenever_all(blocked, workers, samples)
    return None if queued is None else QueuedBehindSlow(queued, len(workers), in_pool)


def _beside_free(table: Table, samples: Samples) -> QueuedBesideFree | None:
    free = table[:, table[STATE] == LaneState.FREE]
    proven = []
    for time, count in samples:
        there = free[WORKER, (free[BEGIN] + WOKEN <= time) & (time <= free[END])]
        if count and there.size:
            proven.append(QueuedBesideFree(count, tuple(sorted(map(int, set(there.tolist()))))))
    return proven[-1] if len(proven) >= FEWEST else None


def _behind_all(table: Table, workers: list[int], samples: Samples) -> QueuedBehindAll | None:
    queued = _whenever_all(table[:, ~np.isin(table[STATE], IDLE)], workers, samples) if len(workers) > 1 else None
    return None if queued is None else QueuedBehindAll(queued, len(workers))


def _whenever_all(pieces: Table, workers: list[int], samples: Samples) -> int | None:
    """How many waited, if each of the workers had a part in `pieces` nearly whenever clients waited; otherwise None."""
    queued = [(time, count) for time, count in samples if count > 0]
    proven = []
    for time, count in queued:
        there = set(pieces[WORKER, (pieces[BEGIN] <= time) & (time <= pieces[END])].tolist())
        if there.issuperset(workers):
            proven.append(count)
    return median_low(proven) if len(proven) >= max(BUSY_SAMPLES, NEARLY_ALL * len(queued)) else None
