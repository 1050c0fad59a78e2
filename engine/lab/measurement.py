"""Measures a model: turns the messages of an engine and of a load into rows of the scoreboard.

Pure: messages in, rows out, so that the window and the command line agree. Owns no process and no clock. Times are
seconds on the monotonic clock, which all processes of a machine share.
"""

import heapq
import itertools
import math
import statistics
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from engine.lab.rows import Conditions, Row, encoded, seconds_at
from engine.load.histogram import Histogram
from engine.load.wire import FAILURES, AnyLoadMessage, Change, Latencies, LoadReady, LoadStats
from engine.persistence import ALWAYS_KEPT, AS_TAUGHT, ONE_A_REQUEST
from engine.settings import CONDITIONS
from engine.telemetry.wire import Amended, AnyMessage, Connections, Counters, Ready, Request, Requests, Stopped, amended
from engine.traits import Serves

if TYPE_CHECKING:
    from engine.lab.usage import Usage

MIN_STEADY = 3.0
"""Shortest steady period that becomes a row, in seconds."""
WARM_UP = 1.0
"""Seconds from a period's first response that are not measured."""
LAG = 0.5
"""Seconds by which messages of one process may arrive later than those of another."""
TAIL = 0.2
"""Seconds before an end that are not measured: the process may already be closing connections."""
CPU_LIMIT = 95.0
"""Percent of a core from which the load's processor is the limit."""
LOAD, USAGE, ENGINE = range(3)
"""The order of messages with the same time."""


@dataclass(frozen=True, slots=True)
class SwitchGap:
    """The time without responses between two engines while the load went on."""

    before: str
    """The model that was stopped."""
    after: str
    """The model that was started."""
    begin: float
    """When the load last counted a response of `before`; it counts ten times a second."""
    seconds: float
    """From then until it first counted a response of `after`."""
    refused: int
    """Connections refused in this time."""
    failed: int
    """Requests that failed in this time, refused connections included."""


class Measurement:
    """Turns the messages of an engine and a load into rows, one for each steady period.

    A steady period is a time in which neither the model nor the conditions change. It begins when the load counts
    responses, or has all its clients connected; the warm-up and the moment before an end are left out. Call `advance`
    with the time now and then: how often does not change the rows. Messages may arrive in any order within `LAG`.
    """

    def __init__(self, *, min_steady: float = MIN_STEADY, keep_requests: int = 0) -> None:
        """A period keeps so many of the requests that the engine reports, the newest."""
        self.gap: SwitchGap | None = None
        """The gap of the newest switch."""
        self._min_steady = min_steady
        self._keep_requests = keep_requests
        self._serves: Serves = ""  # of the newest engine that was received
        self._exclusive = True
        self._queue: list[tuple[float, int, int, Callable[[Any], None], Any]] = []
        self._order = itertools.count()
        self._engine: Ready | None = None
        self._connections = Connections(AS_TAUGHT)
        self._load: LoadReady | None = None
        self._change: Change | None = None
        self._stats: LoadStats | None = None
        self._last_response: LoadStats | None = None  # the last ones that counted a response
        self._ended = ""  # the model of the engine that ended
        self._before_switch: LoadStats | None = None  # the last ones that counted a response of the engine that ended
        self._usage: Usage | None = None
        self._period: SteadyPeriod | None = None
        self._finished: list[Row] = []

    def set_exclusive(self, exclusive: bool) -> None:
        """Whether no other engine runs on this machine from now on."""
        if exclusive != self._exclusive:
            self._end_period()
            self._exclusive = exclusive

    def receive_engine(self, message: AnyMessage) -> None:
        """Receive one message of the engine."""
        match message:
            case Ready():
                self._serves = message.traits.serves
                self._put(ENGINE, message.time, self._begin_engine, message)
            case Amended():
                self._serves = message.traits.serves
                self._put(ENGINE, message.time, self._amend_engine, message)
            case Connections():
                self._put(ENGINE, message.time, self._take_connections, message)
            case Requests() if message.rows:
                self._put_requests(message.rows)
            case Counters():
                self._put(ENGINE, message.time, self._take_counters, message)
            case Stopped():
                self._put(ENGINE, message.time - TAIL, self._end_period, message)
                self._put(ENGINE, message.time, self._end_engine, message)

    def receive_load(self, message: AnyLoadMessage) -> None:
        """Receive one message of the load."""
        match message:
            case LoadReady():
                self._put(LOAD, message.time, self._begin_load, message)
            case Change():
                self._put(LOAD, message.time, self._take_change, message)
            case LoadStats():
                self._put(LOAD, message.time, self._take_stats, message)
            case Latencies():
                self._put(LOAD, message.end, self._take_latencies, message)
            case Stopped():
                self._put(LOAD, message.time - TAIL, self._end_period, message)
                self._put(LOAD, message.time, self._end_load, message)

    def receive_usage(self, usage: "Usage") -> None:
        """Receive what the engine's processes use."""
        self._put(USAGE, usage.time, self._take_usage, usage)

    def advance(self, now: float) -> list[Row]:
        """The rows finished by `now`; to be called several times a second."""
        while self._queue and self._queue[0][0] <= now - LAG:
            *_, take, message = heapq.heappop(self._queue)
            take(message)
        rows, self._finished = self._finished, []
        return rows

    def row(self) -> Row | None:
        """The row of the current period so far; None while the period is too short."""
        return self._period.row(self._min_steady) if self._period else None

    def requests(self) -> "Sequence[Request]":
        """Requests of the current period, the newest last."""
        return self._period.requests if self._period else ()

    def finish(self) -> list[Row]:
        """The last rows; no more messages will come."""
        rows = self.advance(math.inf)
        self._end_period()
        return rows + self.advance(math.inf)

    def _put_requests(self, requests: list[Request]) -> None:
        """Queue of them only what is needed: at tens of thousands a second, half a second of them is large."""
        end = requests[-1].time
        if self._serves == "many":
            self._put(ENGINE, end, self._take_workers, {request.worker for request in requests})
        if self._keep_requests:
            self._put(ENGINE, end, self._take_requests, requests)

    def _put(self, stream: int, time: float, take: Callable[[Any], None], message: Any) -> None:
        heapq.heappush(self._queue, (time, stream, next(self._order), take, message))

    # Called in the order of time.

    def _begin_engine(self, ready: Ready) -> None:
        self._end_period()
        self._engine, self._usage = ready, None
        self._connections = Connections(AS_TAUGHT, ready.keep_alive)
        self._before_switch = self._last_response if self._ended else None

    def _amend_engine(self, message: Amended) -> None:
        if self._engine:
            self._engine = amended(self._engine, message)
            if self._period:
                self._period.engine = self._engine

    def _take_connections(self, message: Connections) -> None:
        connections = msgspec.structs.replace(message, time=0.0)
        if connections != self._connections:
            self._end_period()
            self._connections = connections

    def _end_engine(self, _: Stopped) -> None:
        self._end_period()
        if self._engine:
            self._ended, self._engine = self._engine.model, None

    def _begin_load(self, ready: LoadReady) -> None:
        self._end_load()
        self._load = ready

    def _end_load(self, _: Stopped | None = None) -> None:
        self._end_period()
        self._load = self._change = self._stats = self._last_response = self._before_switch = None

    def _take_change(self, change: Change) -> None:
        change = msgspec.structs.replace(change, time=0.0)
        if change != self._change:
            self._end_period()
            self._change = change

    def _take_stats(self, stats: LoadStats) -> None:
        before, self._stats = self._stats, stats
        has_responses = stats.answered > (before.answered if before else 0)
        if has_responses:
            self._last_response = stats
            self._close_gap(stats)
        if self._period:
            self._period.take_stats(stats)
        elif self._engine and self._load and self._change and (has_responses or all_connected(stats, self._change)):
            conditions = self._conditions(self._engine, self._load, self._change)
            self._period = SteadyPeriod(self._engine, conditions, stats.time + WARM_UP, self._keep_requests)

    def _conditions(self, engine: Ready, load: LoadReady, change: Change) -> Conditions:
        """What holds now. Connections are kept if the server keeps them and no client asks it to close one."""
        kept = self._connections.keep_alive and change.connections != ONE_A_REQUEST
        reported = {
            **msgspec.structs.asdict(load),
            **msgspec.structs.asdict(engine),
            **msgspec.structs.asdict(change),
            "keep_alive": kept,
            "always_kept": kept and self._connections.mode == ALWAYS_KEPT,
            "alone": self._exclusive,
        }
        return Conditions(**{name: reported[name] for name in CONDITIONS})

    def _close_gap(self, stats: LoadStats) -> None:
        begin = self._before_switch
        if begin and self._engine:
            self.gap = SwitchGap(
                before=self._ended,
                after=self._engine.model,
                begin=begin.time,
                seconds=stats.time - begin.time,
                refused=stats.refused - begin.refused,
                failed=stats.failed - begin.failed,
            )
            self._before_switch = None

    def _take_latencies(self, latencies: Latencies) -> None:
        if self._period:
            self._period.take_latencies(latencies)

    def _take_counters(self, counters: Counters) -> None:
        if self._engine and counters.clock:
            self._engine = msgspec.structs.replace(self._engine, clock=counters.clock)
        if self._period:
            self._period.take_counters(counters)

    def _take_workers(self, workers: set[int]) -> None:
        if self._period:
            self._period.take_workers(workers)

    def _take_requests(self, requests: list[Request]) -> None:
        if self._period:
            self._period.take_requests(requests)

    def _take_usage(self, usage: "Usage") -> None:
        before, self._usage = self._usage, usage
        if self._period and before:
            self._period.take_usage(before.time, usage)

    def _end_period(self, _: Stopped | None = None) -> None:
        row = self.row()
        if row:
            self._finished.append(row)
        self._period = None


class SteadyPeriod:
    """What was measured from the end of the warm-up."""

    def __init__(self, engine: Ready, conditions: Conditions, steady_from: float, keep_requests: int = 0) -> None:
        self.engine = engine
        self._conditions = conditions
        self._steady_from = steady_from
        self._first: LoadStats | None = None
        self._last: LoadStats | None = None
        self._reports = self._limited = 0
        self._latencies = Histogram()
        self._most_open = 0
        self.requests: deque[Request] = deque(maxlen=keep_requests)
        self._workers: set[int] = set()  # workers that each serve many connections
        self._sampled = self._used = 0.0  # seconds, and processor seconds in them
        self._memory: list[int] = []

    def take_stats(self, stats: LoadStats) -> None:
        if stats.time >= self._steady_from:
            self._first = self._first or stats
            self._last = stats
            self._reports += 1
            self._limited += stats.cpu >= CPU_LIMIT

    def take_latencies(self, latencies: Latencies) -> None:
        if self._first and (latencies.begin + latencies.end) / 2 >= self._first.time:
            self._latencies.add(Histogram.decode(latencies.histogram, latencies.bound))

    def take_counters(self, counters: Counters) -> None:
        if counters.time >= self._steady_from:
            self._most_open = max(self._most_open, counters.open)

    def take_workers(self, workers: set[int]) -> None:
        self._workers |= workers

    def take_requests(self, requests: list[Request]) -> None:
        if requests[0].time >= self._steady_from:
            self.requests.extend(requests)

    def take_usage(self, since: float, usage: "Usage") -> None:
        if since >= self._steady_from:
            self._sampled += usage.time - since
            self._used += (usage.time - since) * usage.cpu / 100
            if usage.memory is not None:
                self._memory.append(usage.memory)

    def row(self, min_steady: float) -> Row | None:
        """None if it has lasted for less than `min_steady` seconds."""
        first, last = self._first, self._last
        if not first or not last or last.time - first.time < min_steady:
            return None
        seconds = last.time - first.time
        rate = (last.answered - first.answered) / seconds
        share = self._used / self._sampled if self._sampled else 0.0
        p50, p99, p999 = seconds_at(self._latencies, (50, 99, 99.9))
        return Row(
            model=self.engine.model,
            conditions=self._conditions,
            begin=first.time + self.engine.clock,
            seconds=seconds,
            requests_per_second=rate,
            p50=p50,
            p99=p99,
            p999=p999,
            failed=last.failed - first.failed,
            failures={kind: n for kind in FAILURES if (n := getattr(last, kind) - getattr(first, kind))},
            cpu=share * 100,
            cpu_per_request=share / rate * 1e6 if rate else 0.0,
            memory=round(statistics.fmean(self._memory)) if self._memory else 0,
            workers=self._worker_count(),
            histogram=encoded(self._latencies),
            bound=self._latencies.bound / 1e6,
            load_limited=self._limited * 2 > self._reports,
            settings=self.engine.settings,
        )

    def _worker_count(self) -> int:
        """0 if it is not known."""
        traits = self.engine.traits
        if traits.worker == "loop":
            return 1
        return self._most_open if traits.serves == "one" else len(self._workers)


def all_connected(stats: LoadStats, wanted: Change) -> bool:
    """Whether all clients are connected: some workloads get few responses, and some models give none."""
    return stats.clients >= wanted.clients and stats.slow >= wanted.slow and wanted.clients + wanted.slow > 0
