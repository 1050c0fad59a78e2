"""One request, split into what its time went into.

Owns how the parts of a request, which follow from its moments, are refined by the intervals of its connection. Knows
nothing of Qt or of pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from engine.lab.parts import RequestPart, Stretch
from gui.history.intervals import HANDLED, Interval, LaneState
from gui.history.lanes import Lanes
from gui.history.request_log import BEGUN, CONNECTION, TIME

if TYPE_CHECKING:
    from gui.history.request_log import LoggedRequest, RequestLog

CLOSE = 5e-6
"""Seconds that two moments may differ by and be the same one."""
STATES = {
    RequestPart.ACCEPT_QUEUE: LaneState.RUNNABLE,
    RequestPart.TURN: LaneState.RUNNABLE,
    RequestPart.READING: LaneState.READING,
    RequestPart.WORKER: LaneState.RUNNABLE,
    RequestPart.HANDLING: LaneState.HANDLING,
    RequestPart.WRITING: LaneState.WRITING,
}
"""How each part is drawn where no interval says more."""
REFINED = {RequestPart.READING, RequestPart.WRITING}
"""Parts in which the client may be waited for, or others be served meanwhile: intervals tell."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in one state."""

    state: LaneState
    begin: float
    end: float
    below: float = 0.0
    """Which part of the height other states take above it that shared its time."""
    share: float = 1.0
    """Which part is its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the request, or some whose border is not known, and what it was made of, without a gap."""

    stretch: Stretch
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Waterfall:
    """The parts of one request, by when they began."""

    row: "LoggedRequest"
    lines: tuple[Line, ...]
    is_exact: bool
    """Whether intervals refine the parts; if not, it is not known how long the client was waited for."""

    def seconds(self, state: LaneState) -> float:
        """How long the request was in this state."""
        return sum((bar.end - bar.begin) * bar.share for line in self.lines for bar in line.bars if bar.state is state)


def waterfall(lanes: Lanes, row: "LoggedRequest") -> Waterfall:
    """The parts of the request in `row`, with what its connection's intervals say of them."""
    intervals: list[Interval] = []
    if row.model == lanes.model and row.time >= lanes.since:
        intervals = lanes.of_connection(row.connection, row.parts.begin, row.time)
    states = {each.state for each in intervals}
    is_exact = LaneState.WRITING in states and bool(HANDLED & states)
    known = intervals if is_exact else []
    return Waterfall(row, tuple(Line(each, _bars(each, known)) for each in row.parts.stretches), is_exact)


def request_at(log: "RequestLog", connection: int, moment: float) -> "LoggedRequest | None":
    """The request that a connection of the newest run was busy with at `moment`, if the log holds it."""
    rows = log.newest_of_run(len(log))
    fits = (rows[CONNECTION] == connection) & (rows[TIME] >= moment - CLOSE)
    found = np.flatnonzero(fits)
    if not found.size:
        return None
    place = found[np.argmin(rows[BEGUN, found])]
    return log.row(log.total - rows.shape[1] + int(place))


def _bars(stretch: Stretch, intervals: list[Interval]) -> tuple[Bar, ...]:
    """What the stretch was made of: what intervals say, and where they say nothing the state of its part."""
    if stretch.parts == (RequestPart.HANDLING,):
        return tuple(_handled(stretch, [each for each in intervals if each.state in HANDLED]))
    state = STATES[stretch.parts[0]]
    bars: list[Bar] = []
    since = stretch.begin
    for each in intervals if REFINED.intersection(stretch.parts) else []:
        begin, end = max(since, each.begin), min(stretch.end, each.end)
        if begin < end:
            if since < begin:
                bars.append(Bar(state, since, begin))
            bars.append(Bar(_state(each), begin, end))
            since = end
    if since < stretch.end:
        bars.append(Bar(state, since, stretch.end))
    return tuple(bars)


def _handled(stretch: Stretch, intervals: list[Interval]) -> Iterator[Bar]:
    """What handling was: states that shared a stretch of time stand above each other."""
    since = stretch.begin
    for (first, last), sharing in groupby(intervals, key=lambda each: (each.begin, each.end)):
        begin, end = max(since, first), min(stretch.end, last)
        if begin >= end:
            continue
        if since < begin:
            yield Bar(LaneState.HANDLING, since, begin)
        below = 0.0
        for each in sharing:
            yield Bar(each.state, begin, end, below, each.share)
            below += each.share
        since = end
    if since < stretch.end:
        yield Bar(LaneState.HANDLING, since, stretch.end)


def _state(interval: Interval) -> LaneState:
    """While a request is read or its reply written, who is waited for is its client."""
    return LaneState.BLOCKED_BY_CLIENT if interval.state is LaneState.WAITING else interval.state
