"""One request, split into what its time went into.

Owns how a request's phases follow from the intervals of its connection, or, if there are none, from its row in the log.
Knows nothing of Qt or of pixels. How long a connection stood in the kernel's queue before `accept` can't be told: no
event says when it came.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from gui.history.intervals import Interval, LaneState
from gui.history.lanes import HELD_SECONDS, Lanes
from gui.history.request_log import CONNECTION, TIME, TOOK, WAITED

if TYPE_CHECKING:
    from gui.history.request_log import LoggedRequest, RequestLog

CLOSE = 5e-6
"""Seconds that two moments may differ by and be the same one: a row tells them as differences."""


class Phase(Enum):
    """What a request's time goes into, in the order in which it does."""

    ACCEPTED = auto()
    FIRST_BYTE = auto()
    """The client had not said anything yet."""
    TURN = auto()
    READ = auto()
    REST = auto()
    """The client had not said all yet."""
    HANDLED = auto()
    WRITTEN = auto()
    READER = auto()
    """The client had not read what was there yet."""
    COMING = auto()
    """Read, and waited for: what a row in the log can say."""
    ANSWERING = auto()
    """Handled and written: what a row in the log can say."""


@dataclass(frozen=True)
class Bar:
    """A stretch of time in one phase."""

    phase: Phase
    begin: float
    end: float


@dataclass(frozen=True)
class Waterfall:
    """The phases of one request, by when they began."""

    bars: list[Bar]
    is_exact: bool
    """Whether they are from spans; if not, they are from the request's row in the log, and coarse."""

    @property
    def silence(self) -> tuple[float, float]:
        """When the client had not said anything yet; it is no part of the time that the request took."""
        waits = [bar for bar in self.bars if bar.phase is Phase.FIRST_BYTE] or self.bars[:1]
        return waits[0].begin, waits[-1].end if waits[0].phase is Phase.FIRST_BYTE else waits[0].begin

    @property
    def took(self) -> float:
        """Seconds, the client's silence apart."""
        return self.offset(max(bar.end for bar in self.bars))

    def offset(self, moment: float) -> float:
        """Seconds from the beginning to `moment`, the client's silence apart."""
        begin, end = self.silence
        return moment - self.bars[0].begin - min(max(0.0, moment - begin), end - begin)

    @property
    def unexplained(self) -> float:
        """Seconds of the time it took that no span says anything of."""
        return self.took - self.seconds(*(phase for phase in Phase if phase is not Phase.FIRST_BYTE))

    def seconds(self, *phases: Phase) -> float:
        """How long these phases took together."""
        return sum(bar.end - bar.begin for bar in self.bars if bar.phase in phases)


def waterfall(lanes: Lanes, row: "LoggedRequest") -> Waterfall:
    """The phases of the request in `row`."""
    handled = row.time - row.took
    first = handled - row.waited
    intervals: list[Interval] = []
    if row.model == lanes.model and row.time >= lanes.since:
        intervals = lanes.of_connection(row.connection, first - HELD_SECONDS, row.time)
    before = [place for place, each in enumerate(intervals) if _ends_the_one_before(each, first)]
    intervals = intervals[before[-1] + 1 if before else 0 :]
    bars = [Bar(_phase(each, first, handled), each.begin, min(each.end, row.time)) for each in intervals]
    while bars and bars[-1].phase is not Phase.WRITTEN:
        bars.pop()  # what comes after the reply
    if {Phase.READ, Phase.HANDLED, Phase.WRITTEN} <= {bar.phase for bar in bars}:
        return Waterfall(bars, is_exact=True)
    coarse = [Bar(Phase.COMING, first, handled)] if row.waited > 0 else []
    return Waterfall([*coarse, Bar(Phase.ANSWERING, handled, row.time)], is_exact=False)


def request_at(log: "RequestLog", connection: int, moment: float) -> "LoggedRequest | None":
    """The request that a connection of the newest run was busy with at `moment`, if the log holds it."""
    rows = log.newest_of_run(len(log))
    begin = rows[TIME] - rows[TOOK] - rows[WAITED]
    fits = (rows[CONNECTION] == connection) & (rows[TIME] >= moment - CLOSE)
    found = np.flatnonzero(fits)
    if not found.size:
        return None
    place = found[np.argmin(begin[found])]
    return log.row(log.total - rows.shape[1] + int(place))


def _ends_the_one_before(interval: Interval, first: float) -> bool:
    return interval.state == LaneState.WRITING and interval.end <= first + CLOSE


def _phase(interval: Interval, first: float, handled: float) -> Phase:
    match interval.state:
        case LaneState.ACCEPTING:
            return Phase.ACCEPTED
        case LaneState.RUNNABLE:
            return Phase.TURN
        case LaneState.READING:
            return Phase.READ
        case LaneState.HANDLING:
            return Phase.HANDLED
        case LaneState.WRITING:
            return Phase.WRITTEN
    if interval.begin < first - CLOSE:
        return Phase.FIRST_BYTE
    return Phase.REST if interval.begin < handled - CLOSE else Phase.READER
