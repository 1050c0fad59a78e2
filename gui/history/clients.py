"""What the clients saw, as data: the load's messages, kept ready for painting.

Owns the clients' latencies, their curves, and the failures by kind. Knows nothing of Qt, processes or pixels. Times are
seconds on the monotonic clock, which the load, the engine and the window share.
"""

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.clock import monotonic
from engine.lab.figures import Latency, Outcome
from engine.load import wire
from engine.load.histogram import Histogram, value_of
from engine.load.workloads import WORKLOADS
from engine.telemetry import wire as server_wire
from gui.history.curves import CURVE_WINDOW, HELD, UNKNOWN

KINDS = tuple(wire.FAILURES)
"""The kinds of failure, by their names in the contract."""
LATENCIES_HELD = 10.0
"""Seconds for which single latencies are kept, in addition to the curves."""
LIMIT_CPU = 95.0
"""Percent of a core, as the mean of a second, from which on a process of the load is the limit."""
TICK = 0.5
"""Seconds within which a running load has sent a message, even if short of processor time."""
AWAY = 3.0
"""Seconds without a message after which there was no load: one that only moves to another server is back sooner."""
SETTLING = 1.0
"""Seconds at a load's start in which its processor may be full."""
STALE = 1.0
"""Seconds without a message after which it is not known whether the load goes on."""

Floats: TypeAlias = NDArray[np.float64]
Failures: TypeAlias = dict[str, int]
"""The number of failed requests by kind, without the kinds of which there were none."""


@dataclass(frozen=True)
class ClientCurves:
    """What the clients saw over a time; arrays of the same length."""

    times: Floats
    """Seconds, relative to now, so at most 0."""
    answered: Floats
    """Right answers a second."""
    failed: Floats
    """Failed requests a second."""
    p50: Floats
    """The p50 of the right answers in seconds; NaN where there was none."""
    p99: Floats
    bound: Floats
    """Seconds from which these are lower bounds; infinite: none is."""


@dataclass(frozen=True)
class Answers:
    """The right answers between two moments: durations, and how many took each."""

    begin: float
    end: float
    seconds: Floats
    counts: Floats
    bound: float
    """Seconds from which these are lower bounds; infinite: none is."""


@dataclass
class ServerRun:
    """One run of the server, as far as the load saw it; rows are totals at a moment."""

    ready: float = 0.0
    """When the server got ready."""
    before: tuple[float, ...] = ()
    """The totals when it got ready."""
    begin: tuple[float, ...] | None = None
    """The totals from which on failures belong to it; None: no load was there yet."""
    end: tuple[float, ...] | None = None
    """The totals when it ended; None: it has not, or no load was there."""
    had_load: bool = False
    was_provoked: bool = False
    """Whether the load had clients that provoke errors."""


class ClientHistory:
    """The history of the load, across its restarts and the server's switches."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.ready: wire.LoadReady | None = None
        """The load that runs, or None."""
        self.change: wire.Change | None = None
        """What the clients do, as last reported."""
        self.crowd: wire.LoadStats | None = None
        """The last figures since its start; kept after its end until the next load is ready."""
        self.problem: wire.Problem | None = None
        """The last problem of this load; None if there was none."""
        self.revision = 0
        """Grows with each message that changes what is shown."""
        self._clock = clock
        self._totals: deque[tuple[float, ...]] = deque()
        """Time, right answers, and failures of each of `KINDS`, counted through all loads."""
        self._base: tuple[float, ...] = ()
        """The totals when this load began."""
        self._run = ServerRun()
        self._samples: deque[tuple[float, ...]] = deque()
        """Rows with the columns of `ClientCurves`."""
        self._answers: deque[Answers] = deque()

    def receive(self, message: wire.AnyLoadMessage) -> None:
        """Receive one message of the load's stream, in the stream's order."""
        match message:
            case wire.Latencies():
                self._note_answers(message)
            case wire.LoadStats():
                self._count(message)
            case wire.LoadReady():
                self._begin(message)
            case wire.Change():
                self.change = message
                self._note_provocation()
            case wire.Problem():
                self.problem = message
            case wire.Stopped():
                self.ready = None
        self.revision += 1

    def note_server(self, message: server_wire.AnyMessage) -> None:
        """Takes one message of the server's stream: which run it is that requests belong to."""
        match message:
            case server_wire.Ready():
                self._run = ServerRun(message.time, self._totals_before(message.time))
            case server_wire.Stopped():
                self._run.end = self._totals_before(message.time) or None

    @property
    def failures(self) -> Failures:
        """Of this load, while the server ran that runs now, or ran last; not what a switch or a stop made fail."""
        begin, end = self._run.begin, self._run.end or (self._totals[-1] if self._totals else ())
        if not begin or not end:
            return {}
        grown = {kind: int(end[column] - begin[column]) for column, kind in enumerate(KINDS, 2)}
        return {kind: count for kind, count in grown.items() if count > 0}

    @property
    def answered(self) -> int:
        """Right answers of this load by the server that runs, or ran last."""
        before = self._run.before[1] if self._run.before else 0
        return int(self._totals[-1][1] - before) if self._totals else 0

    @property
    def outcome(self) -> Outcome | None:
        """What its clients saw fail of the server that runs, or ran last; None: no load was on it."""
        return Outcome(self.failures, self._run.was_provoked) if self._run.had_load else None

    @property
    def is_open_loop(self) -> bool:
        """Whether requests are due at a rate, however fast they are answered."""
        return bool(self.change and self.change.rate)

    @property
    def is_limit(self) -> bool:
        """Whether the load itself limits the requests: its processor is full."""
        if not self.ready or not self.crowd or self.crowd.time - self.ready.time < SETTLING:
            return False
        return self.crowd.cpu >= LIMIT_CPU

    def answered_per_second(self) -> float:
        """Right answers a second over the last second; 0 if nothing runs or was reported lately."""
        if not self.ready or not self._samples or self._clock() - self._samples[-1][0] > STALE:
            return 0.0
        last = self._samples[-1][0]
        lately = takewhile(lambda sample: sample[0] > last - CURVE_WINDOW, reversed(self._samples))
        rates = [sample[1] for sample in lately]
        return sum(rates) / len(rates)  # each is of half a second

    def latency(self, since: float = 0.0, seconds: float = 5.0) -> Latency | None:
        """The latency of the answers in the last `seconds`, after the moment `since`; None without a load or an answer.

        It counts from a request's first byte, or from connecting, or, in an open loop, from when it was due.
        """
        return self._latency(max(since, self._clock() - seconds)) if self.ready else None

    def curves(self, now: float, seconds: float = 60.0) -> ClientCurves | None:
        """What clients saw in the last `seconds`; None if there were none."""
        samples = np.array([sample for sample in self._samples if sample[0] >= now - seconds])
        if not len(samples):
            return None
        return ClientCurves(samples[:, 0] - now, *samples.T[1:])

    def failures_between(self, begin: float, end: float) -> Failures | None:
        """The failures from `begin` to `end`, to a tenth of a second; None if no load ran then, or not all the time."""
        before, after = self._totals_at(begin), bisect_left(self._totals, end, key=lambda row: row[0])
        if after == len(self._totals) or self._totals[after][0] >= end + TICK:
            after -= 1
        if after < 0 or self._totals[after][0] < begin - TICK:
            return None
        times = [row[0] for row in islice(self._totals, before, after + 1)]
        if any(later - earlier > AWAY for earlier, later in pairwise(times)):
            return None
        first, last = self._totals[before], self._totals[after]
        grown = {kind: int(last[column] - first[column]) for column, kind in enumerate(KINDS, 2)}
        return {kind: count for kind, count in grown.items() if count}

    def _begin(self, ready: wire.LoadReady) -> None:
        self.ready, self.change, self.crowd, self.problem = ready, None, None, None
        self._base = self._totals[-1][1:] if self._totals else (0,) * (1 + len(KINDS))
        self._totals.append((ready.time, *self._base))
        self._run.before = self._run.begin = self._totals[-1]
        self._run.end, self._run.had_load = None, True

    def _count(self, crowd: wire.LoadStats) -> None:
        self.crowd = crowd
        counts = (crowd.answered, *(getattr(crowd, kind) for kind in KINDS))
        self._totals.append((crowd.time, *(base + count for base, count in zip(self._base, counts, strict=True))))
        self._note_run(crowd.time)
        lately = self._latency(crowd.time - CURVE_WINDOW)
        latencies = (lately.p50, lately.p99, lately.bound) if lately else (*UNKNOWN, math.inf)
        self._samples.append((crowd.time, *self._rates(), *latencies))
        for held in (self._totals, self._samples):
            while held[0][0] < crowd.time - HELD:
                held.popleft()

    def _note_run(self, now: float) -> None:
        """What failed until the first report after the server got ready belongs to the switch."""
        run = self._run
        if not run.begin and now >= run.ready:
            run.begin, run.had_load = self._totals[-1], True
            self._note_provocation()

    def _note_provocation(self) -> None:
        change = self.change
        if self._run.had_load and change:
            workload = WORKLOADS.get(change.workload)  # a recording of another version may have others
            if change.slow or (workload and workload.provokes_errors):
                self._run.was_provoked = True

    def _totals_before(self, moment: float) -> tuple[float, ...]:
        """What was counted until the last report before `moment`; empty if there was none."""
        return self._totals[self._totals_at(moment)] if self._totals else ()

    def _rates(self) -> tuple[float, float]:
        """Right answers and failures a second over the last half second, or since the load's begin if that is later."""
        end, answered, *failed = self._totals[-1]
        begun = self.ready.time if self.ready else end
        since, answered_before, *failed_before = self._totals[self._totals_at(max(begun, end - CURVE_WINDOW))]
        if end <= since:
            return 0.0, 0.0
        return (answered - answered_before) / (end - since), (sum(failed) - sum(failed_before)) / (end - since)

    def _totals_at(self, moment: float) -> int:
        """The index of the totals at `moment`."""
        return max(0, bisect_right(self._totals, moment, key=lambda row: row[0]) - 1)

    def _note_answers(self, latencies: wire.Latencies) -> None:
        bound = latencies.bound / 1e6 or math.inf
        self._answers.append(Answers(latencies.begin, latencies.end, *_decoded(latencies.histogram), bound))
        while self._answers[0].end < latencies.end - LATENCIES_HELD:
            self._answers.popleft()

    def _latency(self, since: float) -> Latency | None:
        """The latency of the batches whose greater part came after `since`."""
        batches = [batch for batch in self._answers if (batch.begin + batch.end) / 2 >= since]
        if not batches:
            return None
        seconds = np.concatenate([batch.seconds for batch in batches])
        order = np.argsort(seconds)
        counts = np.concatenate([batch.counts for batch in batches])[order].cumsum()
        if not len(counts):
            return None
        p50, p99 = seconds[order][np.searchsorted(counts, counts[-1] * np.array((0.5, 0.99)))]
        bound = min(batch.bound for batch in batches)
        return Latency(float(p50), float(p99), int(counts[-1]), sample_every=1, bound=bound)


def _decoded(histogram: str) -> tuple[Floats, Floats]:
    """The latencies in seconds in a histogram, and the count of each."""
    counts = Histogram.decode(histogram).counts
    return np.array([value_of(place) for place in counts]) / 1e6, np.array(list(counts.values()), np.float64)
