"""What handling went into: computing, waiting in a call, not running.

Owns the samples that say so until the handling that they are of is over, and how intervals of handling are divided by
them. Knows nothing of Qt or of pixels. Times are seconds on the monotonic clock.

Within one sample it is not known what came first: its states share its time, and are drawn as such. Neighbours that
are alike are one. Of a stretch without a sample it is not known what it was: it stays *handling*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.telemetry import wire
from gui.history.intervals import CONNECTION, STATE, UNKNOWN_BYTES, Fresh, LaneState, fresh

ALIKE = 0.1
"""By how much the shares of two neighbours may differ that are drawn as one."""
LEAST = 0.03
"""A smaller share is not drawn."""
JOINED = 0.002
"""Seconds between two samples that are neighbours all the same."""
KEPT = 60.0
"""Seconds for which samples wait for the handling that they are of."""


@dataclass(frozen=True, slots=True)
class HandledStretch:
    """A stretch of handling, in seconds."""

    begin: float
    end: float
    computed: float
    in_calls: float
    """-1: not known; then all that was not computing is not known either."""
    file: int = 0
    line: int = 0
    """Where in the application its worker was found; 0: not known."""

    @staticmethod
    def of(row: wire.HandlingSample) -> "HandledStretch":
        """What a sample says."""
        return HandledStretch(row.begin, row.end, row.computed, row.in_calls, row.file, row.line)

    def pieces(self, worker: int, connection: int = 0) -> Iterator[Fresh]:
        """Its states, as intervals that share its time."""
        for part, share in self.shares.items():
            at = self.line, self.file
            yield fresh(worker, connection, part, self.begin, self.end, UNKNOWN_BYTES, *at, share)

    @property
    def shares(self) -> dict[LaneState, float]:
        """Which part of the time each state took; those that took next to nothing are left out."""
        lasted = max(self.end - self.begin, 1e-9)
        computed = min(1.0, self.computed / lasted)
        if self.in_calls < 0:
            found = {LaneState.COMPUTING: computed, LaneState.HANDLING: 1.0 - computed}
        else:
            in_calls = min(1.0 - computed, self.in_calls / lasted)
            found = {
                LaneState.COMPUTING: computed,
                LaneState.IN_CALL: in_calls,
                LaneState.NOT_RUNNING: 1.0 - computed - in_calls,
            }
        seen = {state: share for state, share in found.items() if share >= LEAST}
        total = sum(seen.values())
        return {state: share / total for state, share in seen.items()}

    def joined(self, following: "HandledStretch") -> "HandledStretch":
        """Both as one."""
        at = following if following.line else self
        in_calls = -1.0 if min(self.in_calls, following.in_calls) < 0 else self.in_calls + following.in_calls
        computed = self.computed + following.computed
        return HandledStretch(self.begin, following.end, computed, in_calls, at.file, at.line)


class HandlingTimes:
    """The samples of handling that goes on, or whose last call is not reported yet."""

    def __init__(self) -> None:
        self._samples: dict[int, list[wire.HandlingSample]] = {}  # by worker

    def add_samples(self, rows: Iterable[wire.HandlingSample]) -> None:
        """Takes what was sampled."""
        for row in rows:
            if row.is_whole:
                continue
            self._samples.setdefault(row.worker, []).append(row)

    def forget(self, before: float) -> None:
        """Drops what is older: its end was not reported."""
        for worker in [worker for worker, rows in self._samples.items() if rows[-1].end < before]:
            del self._samples[worker]

    def divided(self, intervals: list[Fresh], *, over: bool, unsampled: LaneState = LaneState.HANDLING) -> list[Fresh]:
        """The same intervals, with those of handling divided as far as samples say; `over`: no more of them come;
        `unsampled`: what handling is said to be of which there is no sample."""
        if not self._samples and unsampled is LaneState.HANDLING:
            return intervals
        found: list[Fresh] = []
        for each in intervals:
            # Without a connection: what an acceptor does until it accepts again, such as waiting for its pool.
            state = each[STATE]
            if state is LaneState.HANDLING or (state is LaneState.ACCEPTING and not each[CONNECTION]):
                found += _divided(each, self._stretches(each), unsampled if state is LaneState.HANDLING else state)
                if over:
                    self._drop(each)
            else:
                found.append(each)
        return found

    def _stretches(self, interval: Fresh) -> Iterator[HandledStretch]:
        worker, connection, _, begin, end, *_ = interval
        samples = [row for row in self._samples.get(worker, ()) if row.connection == connection]
        known = [HandledStretch.of(row) for row in samples if row.begin < end and row.end > begin]
        last: HandledStretch | None = None
        for each in known:
            each = _clipped(each, max(begin, last.end) if last else begin, end)
            if each.begin >= each.end:
                continue
            if last and each.begin - last.end <= JOINED and _alike(last, each):
                last = last.joined(each)
                continue
            if last:
                yield last
            last = each
        if last:
            yield last

    def _drop(self, interval: Fresh) -> None:
        worker, _, _, _, end, *_ = interval
        rows = [row for row in self._samples.pop(worker, ()) if row.begin >= end]
        if rows:
            self._samples[worker] = rows


def _clipped(stretch: HandledStretch, begin: float, end: float) -> HandledStretch:
    """The part of it that lies in this stretch of time, made of the same."""
    if begin <= stretch.begin and stretch.end <= end:
        return stretch
    first, last = max(begin, stretch.begin), min(end, stretch.end)
    part = max(0.0, last - first) / max(stretch.end - stretch.begin, 1e-9)
    in_calls = stretch.in_calls * part if stretch.in_calls > 0 else stretch.in_calls
    return replace(stretch, begin=first, end=last, computed=stretch.computed * part, in_calls=in_calls)


def _alike(one: HandledStretch, other: HandledStretch) -> bool:
    shares, others = one.shares, other.shares
    near = all(abs(shares.get(state, 0.0) - others.get(state, 0.0)) <= ALIKE for state in shares.keys() | others)
    return near and (one.line == other.line or not other.line or LaneState.IN_CALL not in shares)


def _divided(interval: Fresh, stretches: Iterable[HandledStretch], state: LaneState) -> Iterator[Fresh]:
    """The interval in pieces: the stretches by their states, and `state` where there is none."""
    worker, connection, _, since, end, moved, line, *_ = interval
    for each in stretches:
        if each.begin > since:
            yield fresh(worker, connection, state, since, each.begin)
        yield from each.pieces(worker, connection)
        since = each.end
    if since < end:
        yield fresh(worker, connection, state, since, end, moved, line)
