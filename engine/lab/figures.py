"""The figures of a run: what each is called, its unit, how it is read from what the run reports, and when it grows.

Owns the table and the arithmetic on what was reported lately. Knows nothing of who shows a figure or judges by it.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from engine.lab.growth import SECONDS, grows
from engine.lab.parts import Percentile, RequestPart
from engine.texts import QT_TRANSLATE_NOOP, translate

if TYPE_CHECKING:
    from engine.lab.usage import Usage
    from engine.load.wire import LoadStats
    from engine.telemetry.wire import Counters, Ready

HELD = SECONDS
"""Seconds for which messages of each kind are kept for `Seen`."""
INTERVAL = 3.0
"""Seconds that a mean or a peak is of."""
RATE_INTERVAL = 1.0
"""Seconds that a rate is of."""
STALE = 2.0
"""Seconds without a message from which nothing is known to happen any more."""
MANY = 20
"""Connections from which the memory is divided by them: with fewer, most of it is the interpreter's."""


class Unit(Enum):
    """What a figure is counted in."""

    COUNT = "count"
    PER_SECOND = "per second"
    PERCENT = "percent"
    SECONDS = "seconds"
    BYTES = "bytes"
    WORKERS = "workers"
    """Of the kind that the model has."""


class Over(Enum):
    """Which time a figure stands for."""

    NOW = "now"
    MEAN = "mean"
    PEAK = "peak"
    RATE = "rate"
    """The growth per second of what was counted."""


@dataclass(frozen=True, slots=True)
class Growth:
    """From when on a figure is reported to grow without end."""

    least: float
    share: float
    """As a part of what it was."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How long requests took, in seconds."""

    p50: float
    p99: float
    count: int
    """The number of requests."""
    sample_every: int = 1
    """1: all requests; k: those of one connection in k."""
    bound: float = math.inf
    """A value from here on is a lower bound: some requests were given up after this time, without a response."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load's clients saw fail of the server that runs, or ran last."""

    failures: Mapping[str, int]
    """How many requests failed in which way; the keys are those of `engine.load.wire.FAILURES`."""
    is_provoked: bool
    """Whether some clients got errors on purpose."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run has reported lately; each sequence in the order of time, over `HELD` seconds."""

    now: float
    ready: "Ready | None" = None
    counters: "Sequence[Counters]" = ()
    """Kept after the server has ended."""
    usages: "Sequence[Usage]" = ()
    latency: Latency | None = None
    """Of the last seconds."""
    from_clients: bool = False
    """Whether the clients measured the latency; otherwise the server did."""
    is_open_loop: bool = False
    """Whether the clients measured it from when a request was due."""
    outcome: Outcome | None = None
    """None: no load was on this server."""
    by_worker: Callable[[], Mapping[int, int]] = dict
    """The number of the newest requests that each worker answered."""
    parts: Callable[[], Sequence[Percentile]] = tuple
    """What the newest requests spent their time on."""
    crowd: "LoadStats | None" = None
    """What the load's clients last reported; None: there is no load."""


Points: TypeAlias = Iterator[tuple[float, float | None]]
"""Moments and values, the newest first; None where a value is not known."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. Texts are marked for translation; of several variants the longest comes first."""

    title: tuple[str, ...]
    tip: str
    unit: Unit
    points: Callable[[Seen], Points]
    over: Over = Over.NOW
    growth: Growth | None = None
    note: str = ""
    """How it is measured, as a second sentence of the tip."""
    phrase: str = ""
    """So many of them, with plural forms; empty: the value with its unit."""
    ways: Callable[[Seen], Mapping[str, int]] | None = None
    """How many failed in which way; the keys are those of `engine.load.wire.FAILURES`."""
    warns: bool = False
    """Whether any value above 0 is a warning."""
    is_small: bool = False
    """Whether it stands in the line of small figures."""

    def value(self, seen: Seen) -> float | None:
        """The figure; None if it is not known."""
        points = self.points(seen)
        newest = next(points, None)
        if newest is None or newest[1] is None:
            return None
        if self.over is Over.NOW:
            return newest[1]
        if self.over is Over.RATE:
            return _rate(newest, points) if seen.now - newest[0] <= STALE else 0.0
        begin = newest[0] - INTERVAL
        values = [value for time, value in takewhile(lambda point: point[0] > begin, points) if value is not None]
        values.append(newest[1])
        return max(values) if self.over is Over.PEAK else math.fsum(values) / len(values)

    def is_bound(self, seen: Seen) -> bool:
        """Whether the true value may be larger."""
        value = self.value(seen) if self.unit is Unit.SECONDS else None
        return value is not None and seen.latency is not None and value >= seen.latency.bound

    def is_alarming(self, seen: Seen) -> bool:
        """Whether the value is a warning."""
        return self.warns and (self.value(seen) or 0.0) > 0

    def is_growing(self, seen: Seen) -> bool:
        """Whether it has grown all through the last `HELD` seconds."""
        if not self.growth:
            return False
        points = list(self.points(seen))[::-1]
        if self.over is Over.RATE:
            points = _rates(points)
        known = [(time, value) for time, value in points if value is not None]
        times, values = [time for time, _ in known], [value for _, value in known]
        return grows(times, values, self.growth.least, self.growth.share)


def _rate(newest: tuple[float, float | None], older: Points) -> float:
    """The growth per second over `RATE_INTERVAL`, or over as much as is known."""
    oldest = newest
    for oldest in older:
        if oldest[0] <= newest[0] - RATE_INTERVAL:
            break
    seconds, (after, before) = newest[0] - oldest[0], (newest[1], oldest[1])
    return (after - before) / seconds if after is not None and before is not None and seconds > 0 else 0.0


def _rates(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """The growth per second up to each point, from the last one that is `RATE_INTERVAL` older."""
    rates: list[tuple[float, float | None]] = []
    older = 0
    for time, value in points:
        while points[older + 1 : older + 2] and points[older + 1][0] <= time - RATE_INTERVAL:
            older += 1
        begin, before = points[older]
        if time - begin >= RATE_INTERVAL and value is not None and before is not None:
            rates.append((time, (value - before) / (time - begin)))
    return rates


# Where a figure comes from.


def counted(read: "Callable[[Counters], float | None]") -> Callable[[Seen], Points]:
    """Read from the server's exact counters."""
    return lambda seen: ((counters.time, read(counters)) for counters in reversed(seen.counters))


def running(read: "Callable[[Counters], float | None]") -> Callable[[Seen], Points]:
    """The same, while the server runs."""
    return lambda seen: counted(read)(seen) if seen.ready else iter(())


def sampled(read: "Callable[[Usage], float | None]") -> Callable[[Seen], Points]:
    """Read from samples of what the server's processes use."""
    return lambda seen: ((usage.time, read(usage)) for usage in reversed(seen.usages))


def stated(read: Callable[[Seen], float | None]) -> Callable[[Seen], Points]:
    """Read from all that is known."""
    return lambda seen: iter([(seen.now, read(seen))])


def _workers(seen: Seen) -> Points:
    """The model's own workers; threads of the engine itself are none of them."""
    traits = seen.ready.traits if seen.ready else None
    if traits is None or not traits.worker:
        return iter(())
    if traits.worker == "loop":
        return iter([(seen.now, 1.0)])
    if traits.serves == "one":
        return counted(lambda counters: counters.open)(seen)
    if traits.worker == "process":
        return sampled(lambda usage: usage.processes - 1)(seen)  # without the parent, which serves nobody
    if seen.ready and not seen.ready.command:  # its threads are there before they have served a client
        helpers = seen.ready.helpers + 1  # with the one that accepts
        return sampled(lambda usage: usage.threads - helpers)(seen)
    return iter([(seen.now, float(len(seen.by_worker())) or None)])


def _threads(seen: Seen) -> Points:
    helpers = seen.ready.helpers if seen.ready else 0
    return sampled(lambda usage: max(usage.processes, usage.threads - helpers))(seen)


def _memory_per_connection(seen: Seen) -> float | None:
    memory, served = FIGURES["memory"].value(seen), FIGURES["served"].value(seen)
    return memory / served if memory and served and served >= MANY else None


def _busiest_share(seen: Seen) -> float | None:
    answered = seen.by_worker().values()
    return 100 * max(answered) / sum(answered) if answered else None


def _failed(seen: Seen) -> Points:
    """As the clients of a load saw it; without one, as the server did."""
    if seen.outcome and seen.counters:
        return iter([(seen.now, float(sum(seen.outcome.failures.values())))])
    return counted(lambda counters: counters.failed)(seen)


def _part_at_p99(part: RequestPart) -> Callable[[Seen], float | None]:
    def seconds(seen: Seen) -> float | None:
        slowest = next(iter(seen.parts()[-1:]), None)
        return slowest.seconds.get((part,)) if slowest else None

    return seconds


COUNT_GROWTH = Growth(5.0, 0.1)
SWITCHES_GROWTH = Growth(1000.0, 0.5)
"""They follow every load."""

SWITCHES = QT_TRANSLATE_NOOP(
    "figures",
    "Counts threads that lived for half a second or longer; with many threads it is estimated from some of them.",
)

FIGURES: dict[str, Figure] = {
    "connections": Figure(
        (QT_TRANSLATE_NOOP("figures", "Open connections"), QT_TRANSLATE_NOOP("figures", "Connections")),
        QT_TRANSLATE_NOOP(
            "figures",
            "Connections that clients have open: those that the server has accepted, exact in every model, and those"
            " that wait in the kernel's accept queue.",
        ),
        Unit.COUNT,
        running(lambda counters: counters.open + max(0, counters.queued)),
    ),
    "served": Figure(
        (QT_TRANSLATE_NOOP("figures", "Served connections"),),
        QT_TRANSLATE_NOOP("figures", "Connections that the server has accepted and not closed yet."),
        Unit.COUNT,
        running(lambda counters: counters.open),
    ),
    "queued": Figure(
        (QT_TRANSLATE_NOOP("figures", "Accept queue"),),
        QT_TRANSLATE_NOOP("figures", "Connections that wait in the kernel's accept queue."),
        Unit.COUNT,
        running(lambda counters: counters.queued if counters.queued >= 0 else None),
    ),
    "pool_queue": Figure(
        (QT_TRANSLATE_NOOP("figures", "Pool's queue"),),
        QT_TRANSLATE_NOOP(
            "figures",
            "Connections, or requests, that wait in the pool's queue until a worker takes them.",
        ),
        Unit.COUNT,
        running(lambda counters: counters.waiting if counters.waiting >= 0 else None),
    ),
    "taken": Figure(
        (QT_TRANSLATE_NOOP("figures", "Connections out of the queues"),),
        QT_TRANSLATE_NOOP("figures", "Connections that are accepted, and do not wait in the pool's queue."),
        Unit.COUNT,
        running(lambda counters: max(0, counters.open - max(0, counters.waiting))),
    ),
    "accepted": Figure(
        (QT_TRANSLATE_NOOP("figures", "Accepted connections"),),
        QT_TRANSLATE_NOOP("figures", "Connections accepted since the start."),
        Unit.COUNT,
        counted(lambda counters: counters.accepted),
    ),
    "requests_per_second": Figure(
        (QT_TRANSLATE_NOOP("figures", "Requests/s"),),
        QT_TRANSLATE_NOOP(
            "figures",
            "Requests answered in the last second, whatever the status. While the load runs, failed is what its"
            " clients saw fail while this server ran, as on the scoreboard. Otherwise the server counts what it did"
            " not understand, answered with a 5xx, or could not send to its end. Slow and rude clients provoke that"
            " on purpose: a request that takes too long is answered with 408.",
        ),
        Unit.COUNT,
        running(lambda counters: counters.requests),
        Over.RATE,
    ),
    "requests": Figure(
        (QT_TRANSLATE_NOOP("figures", "Requests"),),
        QT_TRANSLATE_NOOP("figures", "Requests answered since the start."),
        Unit.COUNT,
        counted(lambda counters: counters.requests),
    ),
    "failed": Figure(
        (QT_TRANSLATE_NOOP("figures", "Failed requests"),),
        QT_TRANSLATE_NOOP(
            "figures",
            "Requests that the clients of the load saw fail while this server ran; without a load, what the server"
            " counts as failed.",
        ),
        Unit.COUNT,
        _failed,
        ways=lambda seen: seen.outcome.failures if seen.outcome else {},
        warns=True,
    ),
    "failed_in_server": Figure(
        (QT_TRANSLATE_NOOP("figures", "Failed in the server"),),
        QT_TRANSLATE_NOOP(
            "figures", "Requests that were not understood, were answered with a 5xx, or whose reply was cut off."
        ),
        Unit.COUNT,
        counted(lambda counters: counters.failed),
    ),
    "polls_per_second": Figure(
        (QT_TRANSLATE_NOOP("figures", "Polls/s"),),
        QT_TRANSLATE_NOOP("figures", "How often the kernel was asked in the last second which connections are ready."),
        Unit.COUNT,
        running(lambda counters: counters.polls),
        Over.RATE,
    ),
    "bytes_per_second": Figure(
        (QT_TRANSLATE_NOOP("figures", "Bytes/s"),),
        QT_TRANSLATE_NOOP("figures", "Bytes handed to the kernel for clients in the last second."),
        Unit.BYTES,
        running(lambda counters: counters.bytes),
        Over.RATE,
    ),
    "p50": Figure(
        (QT_TRANSLATE_NOOP("figures", "Latency · p50"),),
        QT_TRANSLATE_NOOP(
            "figures",
            "How long requests took in the last 5 seconds. p50: half of them took less; p99: one in a hundred took"
            " longer. As the clients see it, while the load runs: from a request's first byte, or from connecting"
            " where each request does, or in an open loop from when it was due, until the answer was whole. A request"
            " that was given up counts with the time until then, and ≥ says that the true value is larger. Without a"
            " load: inside the server, from when a request's bytes arrived until its reply's last byte was handed"
            " over, and where their arrival is not known, from the first read. When requests come too fast to report"
            " all of them, only 1 in so many connections is measured.",
        ),
        Unit.SECONDS,
        stated(lambda seen: seen.latency.p50 if seen.latency else None),
    ),
    "p99": Figure(
        (QT_TRANSLATE_NOOP("figures", "p99"),),
        QT_TRANSLATE_NOOP("figures", "One request in a hundred took longer."),
        Unit.SECONDS,
        stated(lambda seen: seen.latency.p99 if seen.latency else None),
    ),
    "waiting": Figure(
        (QT_TRANSLATE_NOOP("figures", "Waiting clients"),),
        QT_TRANSLATE_NOOP("figures", "Clients of the load that wait for their connection or for a response."),
        Unit.COUNT,
        stated(lambda seen: seen.crowd.waiting if seen.crowd else None),
    ),
    "longest_wait": Figure(
        (QT_TRANSLATE_NOOP("figures", "Longest wait"),),
        QT_TRANSLATE_NOOP("figures", "For how long the first of the waiting clients has waited."),
        Unit.SECONDS,
        stated(lambda seen: seen.crowd.longest_wait if seen.crowd else None),
    ),
    "sample_every": Figure(
        (QT_TRANSLATE_NOOP("figures", "Measured connections: 1 in"),),
        QT_TRANSLATE_NOOP("figures", "Of how many connections the latency of one is measured."),
        Unit.COUNT,
        stated(lambda seen: seen.latency.sample_every if seen.latency else None),
    ),
    "accept_queue_time": Figure(
        (QT_TRANSLATE_NOOP("figures", "Accept queue time"),),
        QT_TRANSLATE_NOOP("figures", "How long requests at the p99 waited in the accept queue."),
        Unit.SECONDS,
        stated(_part_at_p99(RequestPart.ACCEPT_QUEUE)),
    ),
    "turn_time": Figure(
        (QT_TRANSLATE_NOOP("figures", "Time until its turn"),),
        QT_TRANSLATE_NOOP("figures", "How long requests at the p99 waited for the server to read them."),
        Unit.SECONDS,
        stated(_part_at_p99(RequestPart.TURN)),
    ),
    "cpu": Figure(
        (QT_TRANSLATE_NOOP("figures", "CPU"),),
        QT_TRANSLATE_NOOP(
            "figures", "Processor time of the server with all its processes; 100 % is one core kept fully busy."
        ),
        Unit.PERCENT,
        sampled(lambda usage: usage.cpu),
        Over.MEAN,
    ),
    "memory": Figure(
        (QT_TRANSLATE_NOOP("figures", "Memory"),),
        QT_TRANSLATE_NOOP(
            "figures",
            "Memory of the server with all its processes; below, where many are open, how much that is for each"
            " connection.",
        ),
        Unit.BYTES,
        sampled(lambda usage: usage.memory),
        Over.MEAN,
    ),
    "memory_per_connection": Figure(
        (QT_TRANSLATE_NOOP("figures", "Memory per connection"),),
        QT_TRANSLATE_NOOP("figures", "Memory of the server, divided by its connections."),
        Unit.BYTES,
        stated(_memory_per_connection),
    ),
    "workers": Figure(
        (QT_TRANSLATE_NOOP("figures", "Workers"),),
        QT_TRANSLATE_NOOP(
            "figures",
            "What serves the connections: the model's own processes, threads or greenlets; a loop is one. Below: the"
            " processes and threads in which they run, without the thread that reports to this window. A zombie is a"
            " process that has ended and has not been reaped.",
        ),
        Unit.WORKERS,
        _workers,
        Over.PEAK,
    ),
    "busiest_share": Figure(
        (QT_TRANSLATE_NOOP("figures", "Share of the busiest worker"),),
        QT_TRANSLATE_NOOP("figures", "How many of the newest requests the worker answered that answered most."),
        Unit.PERCENT,
        stated(_busiest_share),
    ),
    "processes": Figure(
        (QT_TRANSLATE_NOOP("figures", "Processes"),),
        QT_TRANSLATE_NOOP("figures", "Running processes of the server."),
        Unit.COUNT,
        sampled(lambda usage: usage.processes),
        Over.PEAK,
        phrase=translate("figures", "%Ln process(es)", "", -1),
    ),
    "zombies": Figure(
        (QT_TRANSLATE_NOOP("figures", "Zombies"),),
        QT_TRANSLATE_NOOP("figures", "Processes that have ended and have not been reaped."),
        Unit.COUNT,
        sampled(lambda usage: usage.zombies),
        Over.PEAK,
        COUNT_GROWTH,
        phrase=translate("figures", "%Ln zombie(s)", "", -1),
        warns=True,
        is_small=True,
    ),
    "threads": Figure(
        (QT_TRANSLATE_NOOP("figures", "Threads"),),
        QT_TRANSLATE_NOOP("figures", "Of all its processes together, without the thread that reports to this window."),
        Unit.COUNT,
        _threads,
        Over.PEAK,
        COUNT_GROWTH,
        phrase=translate("figures", "%Ln thread(s)", "", -1),
        is_small=True,
    ),
    "descriptors": Figure(
        (QT_TRANSLATE_NOOP("figures", "Descriptors"),),
        QT_TRANSLATE_NOOP("figures", "Open files and sockets of all its processes together."),
        Unit.COUNT,
        sampled(lambda usage: usage.descriptors),
        Over.PEAK,
        growth=COUNT_GROWTH,
        is_small=True,
    ),
    "voluntary_switches": Figure(
        (QT_TRANSLATE_NOOP("figures", "Voluntary switches"), QT_TRANSLATE_NOOP("figures", "Voluntary")),
        QT_TRANSLATE_NOOP("figures", "Context switches because a thread had to wait, and gave the processor up."),
        Unit.PER_SECOND,
        sampled(lambda usage: usage.voluntary),
        growth=SWITCHES_GROWTH,
        note=SWITCHES,
        is_small=True,
    ),
    "involuntary_switches": Figure(
        (QT_TRANSLATE_NOOP("figures", "Involuntary switches"), QT_TRANSLATE_NOOP("figures", "Involuntary")),
        QT_TRANSLATE_NOOP("figures", "Context switches because the system gave the processor to another thread."),
        Unit.PER_SECOND,
        sampled(lambda usage: usage.involuntary),
        growth=SWITCHES_GROWTH,
        note=SWITCHES,
        is_small=True,
    ),
}
"""Each figure by the name that conditions use."""
