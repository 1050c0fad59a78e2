"""Whether clients wait for accept because all workers are busy, or although one is free.

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


Queueing: TypeAlias = QueuedBesideFree | QueuedBehindAll
Samples: TypeAlias = Sequence[tuple[float, int]]


def queueing(
    traits: Traits, table: Table, workers: Iterable[int], queue: Iterable[tuple[float, int]], now: float
) -> Queueing | None:
    """What is proven of the last seconds where each worker accepts; `table` has what is going on as well, and `queue`
    when how many waited for accept."""
    if traits.accepts != "each" or not traits.shares_workers:
        return None
    samples = [sample for sample in queue if now - RECENT <= sample[0] <= now]
    return _beside_free(table, samples) or _behind_all(table, sorted(set(workers) - {0}), samples)


def _beside_free(table: Table, samples: Samples) -> QueuedBesideFree | None:
    free = table[:, table[STATE] == LaneState.FREE]
    proven = []
    for time, count in samples:
        there = free[WORKER, (free[BEGIN] + WOKEN <= time) & (time <= free[END])]
        if count and there.size:
            proven.append(QueuedBesideFree(count, tuple(sorted(map(int, set(there.tolist()))))))
    return proven[-1] if len(proven) >= FEWEST else None


def _behind_all(table: Table, workers: list[int], samples: Samples) -> QueuedBehindAll | None:
    queued = [(time, count) for time, count in samples if count]
    if len(workers) < 2 or len(queued) < BUSY_SAMPLES:
        return None
    busy = table[:, ~np.isin(table[STATE], IDLE)]
    proven = []
    for time, count in queued:
        at_work = set(busy[WORKER, (busy[BEGIN] <= time) & (time <= busy[END])].tolist())
        if at_work.issuperset(workers):
            proven.append(count)
    if len(proven) < max(BUSY_SAMPLES, NEARLY_ALL * len(queued)):
        return None
    return QueuedBehindAll(median_low(proven), len(workers))
