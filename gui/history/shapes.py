"""Shapes that a lesson is about, found in the last requests: answered one after the other, or side by side.

Owns what makes such a shape: nothing is named that the numbers do not prove. Knows nothing of where they come from, of
Qt or of texts. Pure functions on arrays; times are seconds on any one clock.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ROWS = 500
"""The number of newest requests that are examined."""
SECONDS = 30.0
"""The oldest request examined, in seconds before now."""
RECENT = 10.0
"""Seconds for which a shape is still reported after its end."""
STEP = 0.05
"""The least seconds of a step: faster requests are ordinary work."""
ABREAST = 0.1
"""The least seconds of requests answered side by side."""
ALIKE = 0.2
"""The share by which such durations may differ."""
PAUSE = 0.15
"""The longest pause between two steps, as a part of a step: more, and the server was waiting for the client."""
OVERLAP = 0.05
"""The part of a step by which two may seem to overlap, because of the clock's resolution."""
FEWEST = 3
"""The least steps of a staircase, or requests at once."""
SURE = 6
"""After unequal steps, this many equal ones are needed."""

MOST = 0.9
"""The part of all requests that must be alike to be answered side by side."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Answered:
    """Requests in the order of `ends`; arrays of the same length."""

    ends: Floats
    """When each was answered."""
    took: Floats
    """Seconds that its handling took until then."""
    connections: Floats
    opened: Floats
    """When its connection was accepted; -inf: long ago."""


@dataclass(frozen=True)
class Staircase:
    """Clients that waited were answered one after the other."""

    count: int
    """The number of steps: the answered ones of the clients that waited at once."""
    seconds: float
    """Of each step."""
    end: float
    """When the last of them was answered."""


@dataclass(frozen=True)
class Parallel:
    """Requests that took equally long were handled at the same time."""

    count: int
    """How many at once, most of the time."""
    seconds: float
    """That each took."""
    end: float


Shape: TypeAlias = Staircase | Parallel


def shape(answered: Answered, queue_times: Floats, queued: Floats, now: float) -> Shape | None:
    """The shape of the last requests; None if nothing is proven. `queued` is the number of connections in the kernel's
    queue at `queue_times`, NaN where that is not known."""
    return staircase(answered, queue_times, queued, now) or abreast(answered, now)


def staircase(answered: Answered, queue_times: Floats, queued: Floats, now: float) -> Staircase | None:
    """The newest staircase: at least `FEWEST` slow requests of equal length, each handled when the one before was done
    and not earlier, though its client already waited; nothing else was handled meanwhile."""
    ends, begins = answered.ends, answered.ends - answered.took
    (slow,) = np.nonzero(answered.took >= STEP)
    if len(slow) < FEWEST or ends[slow[-1]] < now - RECENT:
        return None
    # Whatever is handled when another ends breaks the proof, also a fast request between two slow ones.
    overlaps = np.concatenate(([0], np.cumsum(begins[1:] < ends[:-1] - OVERLAP * np.maximum(STEP, answered.took[:-1]))))
    before, after = slow[:-1], slow[1:]
    known = np.nan_to_num(queued)
    sampled = np.searchsorted(queue_times, ends[before], side="right") - 1
    stood_in_queue = (sampled >= 0) & (known[sampled] >= 1) if len(known) else np.zeros(len(before), bool)
    linked = (
        (overlaps[after] == overlaps[before])
        & (begins[after] - ends[before] <= PAUSE * answered.took[after])
        & (answered.connections[after] != answered.connections[before])
        & (stood_in_queue | (answered.opened[after] < ends[before] - answered.took[before] / 4))
    )
    for run in reversed(np.split(slow, np.flatnonzero(~linked) + 1)):
        if ends[run[-1]] < now - RECENT:
            return None
        unlike = np.flatnonzero(np.abs(answered.took[run] / answered.took[run[-1]] - 1) > ALIKE)
        if len(unlike):  # others before: a few alike may be chance, many are another work
            run = run[unlike[-1] + 1 :]
        steps = np.diff(ends[run])
        if len(run) < (SURE if len(unlike) else FEWEST):
            continue
        step = float(np.median(steps))
        if np.abs(steps - step).max() > ALIKE * step:
            continue
        count = min(len(run), _most_standing(answered, run, queue_times, known))
        if count >= FEWEST:
            return Staircase(count, step, float(ends[run[-1]]))
    return None


def abreast(answered: Answered, now: float) -> Parallel | None:
    """Slow requests of equal length, of which mostly `FEWEST` or more were handled at once; hardly any other was."""
    recent = answered.ends >= now - RECENT
    slow = recent & (answered.took >= ABREAST)
    if slow.sum() < FEWEST:
        return None
    seconds = float(np.median(answered.took[slow]))
    alike = slow & (np.abs(answered.took - seconds) <= ALIKE * seconds)
    if alike.sum() < MOST * recent.sum():
        return None
    ends, took = answered.ends[alike], answered.took[alike]
    begins = np.sort(ends - took)
    # Who began by the middle of another's time and ended after it was there together with it.
    middles = ends - took / 2
    count = int(np.median(np.searchsorted(begins, middles) - np.searchsorted(ends, middles)))
    return Parallel(count, seconds, float(ends[-1])) if count >= FEWEST else None


def _most_standing(answered: Answered, run: NDArray[np.intp], queue_times: Floats, queued: Floats) -> int:
    """How many clients of `run` stood there at once at most: in the kernel's queue, or accepted and still to be
    answered."""
    first, last = answered.ends[run[0]] - answered.took[run[0]], answered.ends[run[-1]]
    connections, which = np.unique(answered.connections[run], return_inverse=True)
    opened, left = np.full(len(connections), np.inf), np.full(len(connections), -np.inf)
    np.minimum.at(opened, which, answered.opened[run])
    np.maximum.at(left, which, answered.ends[run])
    seen = (queue_times >= first) & (queue_times <= last)
    moments = np.concatenate((queue_times[seen], answered.ends[run] - answered.took[run] / 2))
    waiting = np.concatenate((queued[seen], np.zeros(len(run))))
    accepted = np.searchsorted(np.sort(opened), moments, "right") - np.searchsorted(np.sort(left), moments, "right")
    return int((accepted + waiting).max())
