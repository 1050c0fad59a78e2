"""What grows without end, and what only rose once.

A pure function on numbers, of the standard library alone.
"""

import itertools
from collections.abc import Sequence

SECONDS = 15.0
"""How long something must grow for to be told to grow without end."""
PARTS = 5
"""In each of so many parts of that time it must have grown."""


def grows(times: Sequence[float], values: Sequence[float], least: float, share: float = 0.1) -> bool:
    """Whether `values` have grown all through the last `SECONDS`, and by `least` and by `share` of themselves at least.

    From each part of that time to the next, the lowest value must have become higher: what comes and goes does not
    grow.
    """
    if not times or times[-1] - times[0] < SECONDS * (1 - 0.5 / PARTS):
        return False
    begin = times[-1] - SECONDS
    floors: dict[int, float] = {}
    for time, value in zip(times, values, strict=True):
        part = min(PARTS - 1, int((time - begin) * PARTS / SECONDS))
        if time >= begin:
            floors[part] = min(value, floors.get(part, value))
    levels = [floors[part] for part in sorted(floors)]
    rises = [after - before for before, after in itertools.pairwise(levels)]
    return len(levels) == PARTS and min(rises) > 0 and sum(rises) >= max(least, share * levels[0])
