"""One run as data: the engines' messages, kept ready for painting.

Owns the curves, the rates, the latencies and the log of requests, across restarts and switches of the model.
Knows nothing of Qt, processes or pixels. Times are seconds on the monotonic clock, which engine and window share.
"""

import itertools
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.clock import monotonic
from engine.lab import figures
from engine.lab.figures import FIGURES, Latency, Seen
from engine.lab.parts import Percentile
from engine.telemetry import wire
from gui.history import shapes
from gui.history.consequences import Consequence, RunEvidence
from gui.history.curves import CURVE_WINDOW, HELD, UNKNOWN
from gui.history.request_log import CONNECTION, HANDLED, TIME, RequestLog, in_server

if TYPE_CHECKING:
    from engine.lab.usage import Usage
    from gui.history.clients import ClientHistory

LATENCY_ROWS = 20_000
"""The most requests that a percentile is made from: enough for the p99, in less than a millisecond."""
CURVE_ROWS = 4_000
"""The same for a point of a curve, ten times a second."""
PARTS_ROWS = 5_000
"""Requests, the newest, that it is said of what they spent their time on."""
QUEUED = 6
"""The column of a segment that says how many connections were not accepted yet."""
SETTLED_WINDOW = 2.0
"""Seconds over which a rate must have been steady to be kept as a model's own."""
SETTLED_REQUESTS = 20
"""The least requests in such a window: a few clicks are no load."""
OPENINGS = 2048
"""The number of newest connections whose accept time is kept: those that wait for slow work are among them."""


@dataclass(frozen=True)
class Segment:
    """The curves of one run of an engine; arrays of the same length."""

    model: str
    times: NDArray[np.float64]
    """Seconds, relative to now, so at most 0."""
    open: NDArray[np.float64]
    rate: NDArray[np.float64]
    """Requests a second."""
    failed: NDArray[np.float64]
    """Failed requests a second, which are among them."""
    p50: NDArray[np.float64]
    """The p50 inside the server, in seconds; NaN where nothing was answered."""
    p99: NDArray[np.float64]
    queued: NDArray[np.float64]
    """Connections in the accept queue; NaN where that is not known."""
    is_second: bool = False
    """Whether it is the second run's."""
    mistake: str = ""
    """The key of the mistake that the model was run with; empty: none."""


@dataclass(frozen=True)
class Pause:
    """Seconds, relative to now, between two engines; or from the last one on, if none followed."""

    stopped: float
    """When the first engine ended."""
    last_answer: float
    """When it last answered."""
    ready: float
    """When the next one became ready; 0 if there is none."""
    first_answer: float
    """When the next one first answered; 0 if it has not."""
    model: str = ""
    """The model of the first engine."""


@dataclass
class RunSamples:
    """The samples of one engine, from its start to its end."""

    model: str
    begin: float
    samples: deque[tuple[float, ...]] = field(default_factory=deque)
    """Rows with a segment's columns."""
    counted: deque[tuple[float, int, int]] = field(default_factory=deque)
    """Time, requests and failed ones so far, as far back as a window reaches."""
    end: float | None = None
    first_answer: float | None = None
    last_answer: float | None = None
    mistake: str = ""

    def add(
        self,
        now: float,
        open_connections: int,
        requests: int,
        failed: int,
        latencies: tuple[float, float],
        queued: float = math.nan,
    ) -> None:
        """Add the counters at `now`, and the p50 and p99 of what was just answered."""
        self.counted.append((now, requests, failed))
        while len(self.counted) > 2 and self.counted[1][0] <= now - SETTLED_WINDOW:
            self.counted.popleft()
        self.samples.append((now, open_connections, *self._rates(CURVE_WINDOW), *latencies, queued))
        while self.samples[0][0] < now - HELD:
            self.samples.popleft()

    def note_answers(self, first: float, last: float) -> None:
        """Note when the first and the last of a batch of requests were answered."""
        self.first_answer = min(first, self.first_answer or first)
        self.last_answer = max(last, self.last_answer or last)

    def rate(self, window: float) -> float:
        """Requests a second over the last `window` seconds reported, or since the begin if that is later."""
        return self._rates(window)[0]

    def settled_rate(self) -> float | None:
        """The rate of a load that has been steady for `SETTLED_WINDOW`; None if there is none."""
        (begin, before, _), (end, now, _) = self.counted[0], self.counted[-1]
        if end - begin < SETTLED_WINDOW or now - before < SETTLED_REQUESTS:
            return None
        mean = (now - before) / (end - begin)
        return mean if mean / 2 < self.rate(CURVE_WINDOW) < mean * 2 else None

    def _rates(self, window: float) -> tuple[float, float]:
        """Requests and failed requests a second."""
        end, requests, failed = self.counted[-1]
        begin, requests_before, failed_before = next(
            (sample for sample in reversed(self.counted) if sample[0] <= end - window), self.counted[0]
        )
        seconds = end - begin
        if seconds <= 0:
            return 0.0, 0.0
        return (requests - requests_before) / seconds, (failed - failed_before) / seconds


class ServerHistory:
    """The history of the engines that ran, and of the running one."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.ready: wire.Ready | None = None
        """The engine that runs, or None."""
        self.last: wire.Ready | None = None
        """The engine that runs, or ran last."""
        self.counters: wire.Counters | None = None
        """The last counters; kept after its end until the next engine is ready."""
        self.usage: Usage | None = None
        self.usages: deque[Usage] = deque()
        """The samples of as long as figures look back."""
        self._recent: deque[wire.Counters] = deque()
        """The same of its counters, which are 0 when it begins."""
        self.problems: deque[wire.Problem] = deque(maxlen=100)
        self.measured: dict[str, float] = {}
        """Requests a second of each model under its last steady load."""
        self.log = RequestLog()
        self.revision = 0
        """Grows with each message that changes what is shown."""
        self._clock = clock
        self._stretches: deque[RunSamples] = deque()
        self._opened: deque[tuple[int, float]] = deque(maxlen=OPENINGS)
        """Connections, and when they were accepted."""
        self._shape: shapes.Shape | None = None
        self._evidence = RunEvidence()

    def receive(self, message: wire.AnyMessage) -> None:
        """Receive one message of an engine's stream, in the stream's order."""
        match message:
            case wire.Requests():
                self.log.append(message.rows)
                self._evidence.take_requests(message.rows)
                if self.ready and message.rows:
                    self._stretches[-1].note_answers(message.rows[0].time, message.rows[-1].time)
            case wire.Counters():
                self._count(message)
            case wire.Activities():
                self._evidence.take_activities(message)
            case wire.Heads():
                self.log.add_heads(message.rows)
            case wire.Opened():
                self.log.add_clients(message.rows)
                self._opened.extend((opening.connection, opening.time) for opening in message.rows)
            case wire.Ready():
                self._begin(message)
            case wire.Amended() if self.ready:
                self.ready = wire.amended(self.ready, message)
                self.log.amend(message.traits)
            case wire.Stopped():
                if self.ready:
                    self._stretches[-1].end = message.time
                self.ready = self.usage = None
                self.usages.clear()
            case wire.Problem():
                self.problems.append(message)
            case wire.Closed():
                self.log.close_clients(message.rows)
                return
            case wire.Spans():
                return
        self.revision += 1

    def note_usage(self, usage: "Usage") -> None:
        """Add a sample of what the engine's processes use."""
        self.usage = usage if self.ready else None
        if self.ready:
            self.usages.append(usage)
            while self.usages[0].time < usage.time - figures.HELD:
                self.usages.popleft()
        self.revision += 1

    def seen(self, clients: "ClientHistory | None" = None) -> Seen:
        """What the figures are read from; the latency is that of `clients`, if a load runs."""
        seen = Seen(
            self._clock(),
            self.ready,
            self._recent,
            self.usages,
            outcome=clients.outcome if clients else None,
            by_worker=self.log.by_worker,
            parts=self._parts,
        )
        if clients and clients.ready:
            since = self.ready.time if self.ready else math.inf
            return replace(seen, latency=clients.latency(since), from_clients=True, is_open_loop=clients.is_open_loop)
        return replace(seen, latency=self.latency())

    def requests_per_second(self) -> float:
        """Requests a second over the last second; 0 if nothing runs or was reported lately."""
        return FIGURES["requests_per_second"].value(Seen(self._clock(), self.ready, self._recent)) or 0.0

    def latency(self, seconds: float = 5.0) -> Latency | None:
        """The latency of what the running engine answered in the last `seconds`, from a request's first byte to the
        reply's last; None if it answered nothing."""
        return self._latency_since(self._clock() - seconds, LATENCY_ROWS) if self.ready else None

    def segments(self, now: float, seconds: float = 60.0) -> list[Segment]:
        """The curves of the last `seconds`, a segment for each engine that ran, oldest first."""
        return [
            replace(Segment(stretch.model, shown[:, 0] - now, *shown.T[1:]), mistake=stretch.mistake)
            for stretch in self._stretches
            if len(shown := _since(stretch, now - seconds))
        ]

    def switches(self, now: float, seconds: float = 60.0) -> list[tuple[float, str]]:
        """The moments of the last `seconds`, relative to now, when a model became ready, with its key."""
        return [(each.begin - now, each.model) for each in self._stretches if each.begin >= now - seconds]

    def pauses(self, now: float, seconds: float = 60.0) -> list[Pause]:
        """The pauses of the last `seconds` between an engine's end and the next one's first answer, oldest first."""
        stretches = [*self._stretches, None]
        return [
            Pause(
                stopped=one.end - now,
                last_answer=(one.last_answer or one.end) - now,
                ready=next_one.begin - now if next_one else 0.0,
                first_answer=next_one.first_answer - now if next_one and next_one.first_answer else 0.0,
                model=one.model,
            )
            for one, next_one in itertools.pairwise(stretches)
            if one and one.end and (next_one is None or (next_one.first_answer or now) >= now - seconds)
        ]

    def shape(self, now: float) -> tuple[str, shapes.Shape] | None:
        """The model and the shape of the last requests, if they have one."""
        if not self._shape or self._shape.end < now - shapes.RECENT:
            return None
        return self._stretches[-1].model, self._shape

    def consequence(self) -> Consequence | None:
        """What the running engine's own counters prove of a mistake, if anything."""
        if not self.ready or not self._recent:
            return None
        return self._evidence.consequence(self.ready.traits, self._recent, self.usages)

    def idle_processors(self, since: float) -> float:
        """How many processors of the machine have had nothing to run since then at least; 0 if that is not known."""
        return min((usage.idle or 0.0 for usage in self.usages if usage.time >= since), default=0.0)

    def _begin(self, ready: wire.Ready) -> None:
        self._evidence = RunEvidence()
        self.ready, self.counters, self.usage, self._shape = ready, None, None, None
        self.last = ready
        self.usages.clear()
        self._recent = deque([wire.Counters(ready.time, 0, 0, 0, 0, 0, 0, 1, 1)])
        self._opened.clear()
        self.log.begin(ready)
        while self._stretches and self._stretches[0].samples[-1][0] < ready.time - HELD:
            self._stretches.popleft()
        stretch = RunSamples(ready.model, ready.time, mistake=ready.mistake)
        stretch.add(ready.time, 0, 0, 0, UNKNOWN)
        self._stretches.append(stretch)

    def _count(self, counters: wire.Counters) -> None:
        if not self.ready:
            return
        self.log.note_clock(counters)
        self.counters = counters
        self._recent.append(counters)
        while self._recent[0].time < counters.time - figures.HELD:
            self._recent.popleft()
        stretch = self._stretches[-1]
        lately = self._latency_since(counters.time - CURVE_WINDOW, CURVE_ROWS)
        latencies = (lately.p50, lately.p99) if lately else UNKNOWN
        queued = counters.queued if counters.queued >= 0 else math.nan
        stretch.add(counters.time, counters.open, counters.requests, counters.failed, latencies, queued)
        self._shape = self._find_shape(counters.time)
        rate = stretch.settled_rate()
        if rate is not None and not stretch.mistake:
            self.measured[stretch.model] = rate

    def _latency_since(self, begin: float, most: int) -> Latency | None:
        rows = self.log.newest_of_run(most)
        rows = rows[:, rows[TIME] >= begin]
        if not rows.size:
            return None
        p50, p99 = np.percentile(in_server(rows), (50, 99))
        sample_every = self.counters.requests_every if self.counters else 1
        return Latency(float(p50), float(p99), rows.shape[1], sample_every)

    def _find_shape(self, now: float) -> shapes.Shape | None:
        rows = self.log.newest_of_run(shapes.ROWS)
        rows = rows[:, rows[TIME] >= now - shapes.SECONDS]
        if self.ready and self.ready.command:  # when a program of the user's began to handle it is not known
            return None
        took = rows[TIME] - rows[HANDLED]
        if not (took >= shapes.STEP).any() or not self._has_all_requests(now - shapes.SECONDS):
            return None
        order = rows[TIME].argsort()
        rows, took = rows[:, order], took[order]  # those of several processes are out of order
        opened = dict(self._opened)
        answered = shapes.Answered(
            ends=rows[TIME],
            took=took,
            connections=rows[CONNECTION],
            opened=np.array([opened.get(int(connection), -math.inf) for connection in rows[CONNECTION]]),
        )
        sampled = _since(self._stretches[-1], now - shapes.SECONDS)
        return shapes.shape(answered, sampled[:, 0], sampled[:, QUEUED], now)

    def _has_all_requests(self, since: float) -> bool:
        """Whether the log has every request since then: none was left out to save time, and no record was dropped."""
        counters = [each for each in self._recent if each.time >= since]
        dropped = {each.dropped for each in counters}
        return len(dropped) <= 1 and not (self.counters and self.counters.requests_every > 1)

    def _parts(self) -> list[Percentile]:
        return self.log.percentiles(PARTS_ROWS)[0] if self.ready else []


def _since(stretch: RunSamples, begin: float) -> NDArray[np.float64]:
    samples = np.array(stretch.samples)
    return samples[samples[:, 0] >= begin]
