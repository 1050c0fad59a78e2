"""What the clock on the wall showed at a moment of a run.

Moments are seconds on the monotonic clock. What has to be added to one changes when somebody sets the machine's clock,
and while the machine sleeps. Owns these steps; knows nothing of who tells of them.
"""

from bisect import bisect_right
from datetime import datetime

STEP = 0.5
"""Seconds by which the clock must have moved for a step; less than that is the two clocks drifting."""
STEPS = 1000
"""Steps that are kept; of older moments the oldest step counts."""


class WallClock:
    """The clock of one run, which begins with `offset`: Unix time minus monotonic time."""

    def __init__(self, offset: float = 0.0) -> None:
        self._since = [float("-inf")]
        self._offsets = [offset]

    def note(self, moment: float, offset: float) -> None:
        """At `moment`, later than all before, this `offset` holds."""
        if abs(offset - self._offsets[-1]) >= STEP:
            self._since.append(moment)
            self._offsets.append(offset)
            del self._since[:-STEPS], self._offsets[:-STEPS]

    def at(self, moment: float) -> datetime:
        """The local time at `moment`."""
        return datetime.fromtimestamp(moment + self._offsets[max(0, bisect_right(self._since, moment) - 1)])
