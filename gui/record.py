"""One run as data: what the engines told, kept so that a painter finds it ready.

Owns the curves, the rates, the latencies and the log of requests, across restarts and switches of the model.
Knows nothing of Qt, processes or pixels. Times are seconds on the monotonic clock, which engine and window share.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.telemetry import wire
from gui.request_log import TIME, TOOK, WAITED, RequestLog

if TYPE_CHECKING:
    from gui.usage import Usage

HELD = 120.0
"""Seconds of curves held."""
STALE = 1.0
"""Seconds without a word after which an engine's rate is no longer known."""
CURVE_WINDOW = 0.5
"""Seconds over which a point of the rate's curve looks back."""
LATENCY_ROWS = 20_000
"""Requests that a percentile is made from at most: enough for the p99, and under a millisecond's work."""
SETTLED_WINDOW = 2.0
"""Seconds over which a rate must have been steady to be kept as a model's own."""
SETTLED_REQUESTS = 20
"""How many requests such a window must have seen: a person clicking is no load."""


@dataclass(frozen=True)
class Segment:
    """The curves of one stretch in which one engine ran; three arrays of the same length."""

    model: str
    times: NDArray[np.float64]
    """Seconds, relative to now, so at most 0."""
    open: NDArray[np.float64]
    rate: NDArray[np.float64]
    """Requests a second."""


@dataclass(frozen=True)
class Latency:
    """How long requests took from their first byte to the reply's last, in seconds."""

    p50: float
    p99: float
    count: int
    """How many requests this was made from."""
    every: int
    """1: all of them; k: those of one connection in k."""


@dataclass
class Stretch:
    """The samples of one engine, from its start to its end."""

    model: str
    begin: float
    samples: deque[tuple[float, float, float]] = field(default_factory=deque)
    """Time, open connections, requests a second."""
    counted: deque[tuple[float, int]] = field(default_factory=deque)
    """Time and requests so far, as far back as a window reaches."""

    def add(self, now: float, open_connections: int, requests: int) -> None:
        """Takes what the counters say at `now`."""
        self.counted.append((now, requests))
        while len(self.counted) > 2 and self.counted[1][0] <= now - SETTLED_WINDOW:
            self.counted.popleft()
        self.samples.append((now, open_connections, self.rate(CURVE_WINDOW)))
        while self.samples[0][0] < now - HELD:
            self.samples.popleft()

    def rate(self, window: float) -> float:
        """Requests a second over the last `window` seconds told, or since the begin if that is later."""
        end, requests = self.counted[-1]
        begin, before = next(
            (sample for sample in reversed(self.counted) if sample[0] <= end - window), self.counted[0]
        )
        return (requests - before) / (end - begin) if end > begin else 0.0

    def settled_rate(self) -> float | None:
        """The rate of a load that has been steady for a while, or None if there is none."""
        (begin, before), (end, now) = self.counted[0], self.counted[-1]
        if end - begin < SETTLED_WINDOW or now - before < SETTLED_REQUESTS:
            return None
        mean = (now - before) / (end - begin)
        return mean if mean / 2 < self.rate(CURVE_WINDOW) < mean * 2 else None


class Record:
    """What is known of the engines that ran, and of the one that runs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.ready: wire.Ready | None = None
        """The engine that runs, or None."""
        self.counters: wire.Counters | None = None
        """What it last told, since its start; kept after it ended until the next one is ready."""
        self.usage: Usage | None = None
        self.problems: deque[wire.Problem] = deque(maxlen=100)
        self.measured: dict[str, float] = {}
        """Requests a second that each model last kept up under a steady load."""
        self.log = RequestLog()
        self.revision = 0
        """Grows with each arrival that can be seen."""
        self._clock = clock
        self._stretches: deque[Stretch] = deque()

    def receive(self, message: wire.AnyMessage) -> None:
        """Takes one message of an engine's stream, in the stream's order."""
        match message:
            case wire.Requests():
                self.log.append(message.rows)
            case wire.Counters():
                self._count(message)
            case wire.Heads():
                self.log.tell_heads(message.rows)
            case wire.Opened():
                self.log.tell_clients(message.rows)
            case wire.Ready():
                self._begin(message)
            case wire.Stopped():
                self.ready = self.usage = None
            case wire.Problem():
                self.problems.append(message)
            case wire.Closed():
                self.log.close_clients(message.rows)
                return
            case wire.Spans():
                return
        self.revision += 1

    def note_usage(self, usage: "Usage") -> None:
        """Takes what the engine's processes use."""
        self.usage = usage if self.ready else None
        self.revision += 1

    def requests_per_second(self) -> float:
        """Over the last second; 0 when nothing runs or nothing was told for a while."""
        stretch = self._running()
        return stretch.rate(1.0) if stretch else 0.0

    def latency(self, seconds: float = 5.0) -> Latency | None:
        """Of what the running engine answered in the last `seconds`; None if that is nothing."""
        if not self.ready:
            return None
        rows = self.log.newest_of_run(LATENCY_ROWS)
        rows = rows[:, rows[TIME] >= self._clock() - seconds]
        if not rows.size:
            return None
        p50, p99 = np.percentile(rows[WAITED] + rows[TOOK], (50, 99))
        every = self.counters.requests_every if self.counters else 1
        return Latency(float(p50), float(p99), rows.shape[1], every)

    def segments(self, now: float, seconds: float = 60.0) -> list[Segment]:
        """The curves of the last `seconds`, a segment for each engine that ran, oldest first."""
        return [
            Segment(stretch.model, shown[:, 0] - now, shown[:, 1], shown[:, 2])
            for stretch in self._stretches
            if len(shown := _since(stretch, now - seconds))
        ]

    def switches(self, now: float, seconds: float = 60.0) -> list[tuple[float, str]]:
        """When, relative to now, which model became ready, in the last `seconds`."""
        return [(each.begin - now, each.model) for each in self._stretches if each.begin >= now - seconds]

    def _begin(self, ready: wire.Ready) -> None:
        self.ready, self.counters, self.usage = ready, None, None
        self.log.begin(ready)
        while self._stretches and self._stretches[0].samples[-1][0] < ready.time - HELD:
            self._stretches.popleft()
        stretch = Stretch(ready.model, ready.time)
        stretch.add(ready.time, 0, 0)
        self._stretches.append(stretch)

    def _count(self, counters: wire.Counters) -> None:
        if not self.ready:
            return
        self.counters = counters
        stretch = self._stretches[-1]
        stretch.add(counters.time, counters.open, counters.requests)
        rate = stretch.settled_rate()
        if rate is not None:
            self.measured[stretch.model] = rate

    def _running(self) -> Stretch | None:
        if not self.ready or self._clock() - self._stretches[-1].counted[-1][0] > STALE:
            return None
        return self._stretches[-1]


def _since(stretch: Stretch, begin: float) -> NDArray[np.float64]:
    samples = np.array(stretch.samples)
    return samples[samples[:, 0] >= begin]
