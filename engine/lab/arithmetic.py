"""What the streams of an engine and of a load come to: rows of the scoreboard, and the sentence that compares them.

Pure: messages in, numbers out, so that the window and the command line agree. Owns no process and no clock. Times are
seconds on the monotonic clock that all processes of a machine share.
"""

import heapq
import itertools
import math
import statistics
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
from hdrh.histogram import HdrHistogram

from engine.load.wire import DIGITS, HIGHEST, LOWEST, AnyLoadMessage, Change, Crowd, Latencies, LoadReady
from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.telemetry.wire import AnyMessage, Counters, Ready, Stopped

if TYPE_CHECKING:
    from engine.lab.usage import Usage

SETTLED = 3.0
"""Seconds that a stretch must have been steady to become a row."""
SETTLING = 1.0
"""Seconds from a stretch's first answer until it counts as steady."""
LAG = 0.5
"""Seconds by which the word of one process may come later than that of another."""
TAIL = 0.2
"""Seconds before an end that do not count: whoever ends may be hanging up already."""
FULL = 95.0
"""Percent of a core from which on the load's processor is the limit."""
REMARKABLE = {"requests": 1.3, "p99": 1.5, "memory": 1.5}
"""From which ratio on two models are said to differ in a measure."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a row was measured under; rows compare only where all but the model is equal."""

    workload: str
    clients: int
    slow: int
    rate: float
    """0: closed loop."""
    work_ms: int
    keep_alive: bool
    """Of the engine."""
    processes: int = 1
    """Of the load."""
    alone: bool = True
    """False: another engine ran at the same time (side by side)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured stretch: one model under one workload. Latencies in seconds, as the clients saw them."""

    model: str
    conditions: Conditions
    begin: float
    """Unix time."""
    seconds: float
    requests_per_second: float
    """Right answers."""
    p50: float
    """This and the next two are 0 if no answer was timed: such as none, or those to slow clients only."""
    p99: float
    p999: float
    failed: int
    cpu: float
    """Percent of a core."""
    cpu_per_request: float
    """Microseconds of the engine's processor time; 0 if nothing was answered."""
    memory: int
    """Bytes, the mean over the stretch."""
    workers: int
    """The most processes, threads or greenlets there were; 1 for a loop."""
    histogram: str
    """Of the latencies; see `engine.load.wire.Latencies`. Empty if there are none."""
    load_limited: bool = False
    """Whether the load's own processor was the limit."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The time without answers between two engines while the load went on."""

    before: str
    """The model that went."""
    after: str
    """The model that came."""
    begin: float
    """When the load last counted an answer of the one; it counts ten times a second."""
    seconds: float
    """From there until it first counted one of the other."""
    refused: int
    """Connections refused in that time."""
    failed: int
    """Requests that failed in that time, refused connections included."""


LOAD, USAGE, ENGINE = range(3)
"""Which stream comes first where two tell of the same moment."""


ALIKE = 0.05
"""By which share rates may differ and be about the same."""


class Scorekeeper:
    """Turns what an engine and a load tell into rows, the same whether asked now and then or once at the end.

    A stretch is a time in which neither the model nor the conditions changed. It begins when the load counts answers,
    or has all its clients connected; its first second is left out, and so is the moment before an end. `advance`
    is to be called now and then with the time; what the processes tell may reach it in any order within `LAG`.
    """

    def __init__(self, *, settled: float = SETTLED) -> None:
        self.gap: Gap | None = None
        """That of the newest switch."""
        self._least = settled
        self._alone = True
        self._waiting: list[tuple[float, int, int, Callable[[Any], None], Any]] = []
        self._order = itertools.count()
        self._engine: Ready | None = None
        self._load: LoadReady | None = None
        self._change: Change | None = None
        self._crowd: Crowd | None = None
        self._answering: Crowd | None = None  # the last one that showed an answer
        self._gone = ""  # the model of the engine that ended
        self._bridge: Crowd | None = None  # the last one that showed an answer of the engine that ended
        self._usage: Usage | None = None
        self._stretch: _Stretch | None = None
        self._finished: list[Row] = []

    def note_alone(self, alone: bool) -> None:
        """Take note that no other engine runs on this machine, or that one does."""
        if alone != self._alone:
            self._end_stretch()
            self._alone = alone

    def hear_engine(self, message: AnyMessage) -> None:
        """Take one message of the engine's stream."""
        match message:
            case Ready():
                self._put(ENGINE, message.time, self._begin_engine, message)
            case Counters():
                self._put(ENGINE, message.time, self._take_counters, message)
            case Stopped():
                self._put(ENGINE, message.time - TAIL, self._end_stretch, message)
                self._put(ENGINE, message.time, self._end_engine, message)

    def hear_load(self, message: AnyLoadMessage) -> None:
        """Take one message of the load's stream."""
        match message:
            case LoadReady():
                self._put(LOAD, message.time, self._begin_load, message)
            case Change():
                self._put(LOAD, message.time, self._take_change, message)
            case Crowd():
                self._put(LOAD, message.time, self._take_crowd, message)
            case Latencies():
                self._put(LOAD, message.end, self._take_latencies, message)
            case Stopped():
                self._put(LOAD, message.time - TAIL, self._end_stretch, message)
                self._put(LOAD, message.time, self._end_load, message)

    def note_usage(self, usage: "Usage") -> None:
        """Take what the engine's processes used."""
        self._put(USAGE, usage.time, self._take_usage, usage)

    def advance(self, now: float) -> list[Row]:
        """The rows that were finished by `now`; to be called several times a second."""
        while self._waiting and self._waiting[0][0] <= now - LAG:
            *_, take, message = heapq.heappop(self._waiting)
            take(message)
        rows, self._finished = self._finished, []
        return rows

    def row(self) -> Row | None:
        """That of the stretch under way, as far as it has come; None before it is long enough to be one."""
        return self._stretch.row(self._least) if self._stretch else None

    def finish(self) -> list[Row]:
        """The last rows: nothing more will be told."""
        rows = self.advance(math.inf)
        self._end_stretch()
        return rows + self.advance(math.inf)

    def _put(self, stream: int, time: float, take: Callable[[Any], None], message: Any) -> None:
        heapq.heappush(self._waiting, (time, stream, next(self._order), take, message))

    # What follows is called in the order of time.

    def _begin_engine(self, ready: Ready) -> None:
        self._end_stretch()
        self._engine, self._usage = ready, None
        self._bridge = self._answering if self._gone else None

    def _end_engine(self, _: Stopped) -> None:
        self._end_stretch()
        if self._engine:
            self._gone, self._engine = self._engine.model, None

    def _begin_load(self, ready: LoadReady) -> None:
        self._end_load()
        self._load = ready

    def _end_load(self, _: Stopped | None = None) -> None:
        self._end_stretch()
        self._load = self._change = self._crowd = self._answering = self._bridge = None

    def _take_change(self, change: Change) -> None:
        change = msgspec.structs.replace(change, time=0.0)
        if change != self._change:
            self._end_stretch()
            self._change = change

    def _take_crowd(self, crowd: Crowd) -> None:
        before, self._crowd = self._crowd, crowd
        answers = crowd.answered > (before.answered if before else 0)
        if answers:
            self._answering = crowd
            self._close_gap(crowd)
        if self._stretch:
            self._stretch.take_crowd(crowd)
        elif self._engine and self._load and self._change and (answers or _complete(crowd, self._change)):
            conditions = _conditions(self._engine, self._load, self._change, self._alone)
            self._stretch = _Stretch(self._engine, conditions, crowd.time + SETTLING)

    def _close_gap(self, crowd: Crowd) -> None:
        begin = self._bridge
        if begin and self._engine:
            self.gap = Gap(
                before=self._gone,
                after=self._engine.model,
                begin=begin.time,
                seconds=crowd.time - begin.time,
                refused=crowd.refused - begin.refused,
                failed=crowd.failed - begin.failed,
            )
            self._bridge = None

    def _take_latencies(self, latencies: Latencies) -> None:
        if self._stretch:
            self._stretch.take_latencies(latencies)

    def _take_counters(self, counters: Counters) -> None:
        if self._stretch:
            self._stretch.take_counters(counters)

    def _take_usage(self, usage: "Usage") -> None:
        before, self._usage = self._usage, usage
        if self._stretch and before:
            self._stretch.take_usage(before.time, usage)

    def _end_stretch(self, _: Stopped | None = None) -> None:
        row = self.row()
        if row:
            self._finished.append(row)
        self._stretch = None


class _Stretch:
    """What was told of one stretch from the moment on in which it counts as steady."""

    def __init__(self, engine: Ready, conditions: Conditions, settled: float) -> None:
        self._engine = engine
        self._conditions = conditions
        self._settled = settled
        self._first: Crowd | None = None
        self._last: Crowd | None = None
        self._crowds = self._limited = 0
        self._latencies = HdrHistogram(LOWEST, HIGHEST, DIGITS)
        self._most_open = 0
        self._weighed = self._used = 0.0  # seconds, and seconds of the processor in them
        self._memory: list[int] = []

    def take_crowd(self, crowd: Crowd) -> None:
        if crowd.time >= self._settled:
            self._first = self._first or crowd
            self._last = crowd
            self._crowds += 1
            self._limited += crowd.cpu >= FULL

    def take_latencies(self, latencies: Latencies) -> None:
        if self._first and (latencies.begin + latencies.end) / 2 >= self._first.time:
            self._latencies.decode_and_add(latencies.histogram)

    def take_counters(self, counters: Counters) -> None:
        if counters.time >= self._settled:
            self._most_open = max(self._most_open, counters.open)

    def take_usage(self, since: float, usage: "Usage") -> None:
        if since >= self._settled:
            self._weighed += usage.time - since
            self._used += (usage.time - since) * usage.cpu / 100
            self._memory.append(usage.memory)

    def row(self, least: float) -> Row | None:
        """None if it has lasted for less than `least` seconds."""
        first, last = self._first, self._last
        if not first or not last or last.time - first.time < least:
            return None
        seconds = last.time - first.time
        rate = (last.answered - first.answered) / seconds
        share = self._used / self._weighed if self._weighed else 0.0
        p50, p99, p999 = _seconds_at(self._latencies, (50, 99, 99.9))
        return Row(
            model=self._engine.model,
            conditions=self._conditions,
            begin=first.time + self._engine.clock,
            seconds=seconds,
            requests_per_second=rate,
            p50=p50,
            p99=p99,
            p999=p999,
            failed=last.failed - first.failed,
            cpu=share * 100,
            cpu_per_request=share / rate * 1e6 if rate else 0.0,
            memory=round(statistics.fmean(self._memory)) if self._memory else 0,
            workers=1 if MODELS[self._engine.model].worker == "loop" else self._most_open,
            histogram=_encoded(self._latencies),
            load_limited=self._limited * 2 > self._crowds,
        )


def _complete(crowd: Crowd, wanted: Change) -> bool:
    """Whether all clients are there: some workloads are answered seldom, and some models not at all."""
    return crowd.clients >= wanted.clients and crowd.slow >= wanted.slow and wanted.clients + wanted.slow > 0


def _conditions(engine: Ready, load: LoadReady, change: Change, alone: bool) -> Conditions:
    return Conditions(
        workload=change.workload,
        clients=change.clients,
        slow=change.slow,
        rate=change.rate,
        work_ms=change.work_ms,
        keep_alive=engine.keep_alive,
        processes=load.processes,
        alone=alone,
    )


def combined(rows: Sequence[Row]) -> Row:
    """The medians of rows that one model got under the same conditions; failures are summed, latencies merged."""
    first = rows[0]
    latencies = HdrHistogram(LOWEST, HIGHEST, DIGITS)
    for row in rows:
        if row.histogram:
            latencies.decode_and_add(row.histogram)
    return replace(
        first,
        seconds=sum(row.seconds for row in rows),
        failed=sum(row.failed for row in rows),
        workers=max(row.workers for row in rows),
        memory=round(statistics.median(row.memory for row in rows)),
        histogram=_encoded(latencies),
        load_limited=sum(row.load_limited for row in rows) * 2 > len(rows),
        **{
            name: statistics.median(getattr(row, name) for row in rows)
            for name in ("requests_per_second", "p50", "p99", "p999", "cpu", "cpu_per_request")
        },
    )


def percentiles(histogram: str) -> list[tuple[float, float]]:
    """The latency curve of a row: percentile (0 to below 100) and seconds, from 0 as far up as there are answers.

    Besides 50, 90, 99, 99.9 … there are five points for each halving of what is left above, as in HDR plots.
    """
    if not histogram:
        return []
    latencies = HdrHistogram.decode(histogram)
    halvings = math.log2(max(latencies.total_count, 1))
    left = {2 ** (-step / 5) for step in range(int(halvings * 5) + 1)}
    left |= {10.0**-nines for nines in range(1, int(math.log10(2) * halvings + 1e-9) + 1)}
    at = [100 - 100 * each for each in sorted(left, reverse=True)]
    return list(zip(at, _seconds_at(latencies, at), strict=True))


def _seconds_at(latencies: HdrHistogram, percents: Iterable[float]) -> list[float]:
    """Seconds at each percentile; 0 where nothing was recorded. Much faster than asking the histogram for each."""
    counted = list(itertools.accumulate(memoryview(latencies.counts).cast("B").cast("Q")))
    if not counted or not counted[-1]:
        return [0.0 for _ in percents]
    places = (bisect_left(counted, latencies.get_target_count_at_percentile(percent)) for percent in percents)
    return [latencies.get_highest_equivalent_value(latencies.get_value_from_index(place)) / 1e6 for place in places]


def _encoded(latencies: HdrHistogram) -> str:
    return str(latencies.encode(), "ascii") if latencies.total_count else ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What rows have to say that were measured under equal conditions: which measure tells models apart, and how."""

    conditions: Conditions
    measure: str
    """`requests`, `p99`, `memory`, or `none` if nothing worth a word does."""
    best: Row
    """In that measure."""
    worst: Row
    requests: float
    """The best's requests a second over the worst's; infinite if that answered nothing."""
    p99: float
    """The same of the p99, so below 1 if the best is quicker; 1 where one of them is not known."""
    memory: float
    """The same of the memory."""
    failing: tuple[Row, ...]
    """Those with failed requests, where there are others without."""
    left_out: int
    """Rows that were measured under other conditions, and so not compared."""


def finding(rows: Sequence[Row]) -> Finding | None:
    """What is most remarkable in the largest group of rows under equal conditions; None if no two models are in it.

    Of several rows of one model the newest counts.
    """
    groups: dict[Conditions, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: row.begin):
        group = groups.pop(row.conditions, {})
        groups[row.conditions] = group | {row.model: row}
    conditions, group = max(reversed(groups.items()), key=lambda item: len(item[1]), default=(None, {}))
    if conditions is None or len(group) < 2:
        return None
    compared = list(group.values())
    failing = tuple(row for row in compared if row.failed)
    measure, best, worst = _most_remarkable(conditions, compared)
    return Finding(
        conditions=conditions,
        measure=measure,
        best=best,
        worst=worst,
        requests=_ratio(best.requests_per_second, worst.requests_per_second),
        p99=_ratio(best.p99, worst.p99) if best.p99 and worst.p99 else 1.0,
        memory=_ratio(best.memory, worst.memory) if best.memory and worst.memory else 1.0,
        failing=failing if len(failing) < len(compared) else (),
        left_out=sum(row.conditions != conditions for row in rows),
    )


def _most_remarkable(conditions: Conditions, rows: list[Row]) -> tuple[str, Row, Row]:
    """The first measure, of those that matter for the workload, in which models differ; the best and the worst."""
    if WORKLOADS[conditions.workload].behaviour in ("stay", "drip"):
        order = ["memory"]  # how seldom they are answered is their own doing
    elif conditions.rate:
        order = ["p99", "requests", "memory"]  # all are to answer the same number
    else:
        order = ["requests", "p99", "memory"]
    for measure in order:
        best, worst = _extremes(measure, rows)
        if _difference(measure, best, worst) >= REMARKABLE[measure]:
            return measure, best, worst
    return ("none", *_extremes(order[0], rows))


def _extremes(measure: str, rows: list[Row]) -> tuple[Row, Row]:
    """The best and the worst; of those that answer about as many requests as the best, the one with least memory."""
    if measure == "requests":
        ascending = sorted(rows, key=lambda row: row.requests_per_second)
        enough = (1 - ALIKE) * ascending[-1].requests_per_second
        best = [row for row in rows if row.requests_per_second >= enough]
        return min(best, key=lambda row: row.memory), ascending[0]
    known = [row for row in rows if getattr(row, measure)] or rows
    ascending = sorted(known, key=lambda row: float(getattr(row, measure)))
    return ascending[0], ascending[-1]


def _difference(measure: str, best: Row, worst: Row) -> float:
    if measure == "requests":
        return _ratio(best.requests_per_second, worst.requests_per_second)
    return _ratio(getattr(worst, measure), getattr(best, measure))


def _ratio(one: float, other: float) -> float:
    if other:
        return one / other
    return math.inf if one else 1.0


def sentence(found: Finding) -> str:
    """The finding in English, as in "epoll answered 11× as many requests as processes with 1/20 of the memory."."""
    best, worst = _named(found.best), _named(found.worst)
    memory = _fraction(found.memory)
    match found.measure:
        case "requests" if math.isinf(found.requests):
            text = f"{best} answered {found.best.requests_per_second:,.0f} requests a second, {worst} none"
        case "requests":
            least = "at least " if found.best.load_limited else ""
            text = f"{best} answered {least}{_times(found.requests)} as many requests as {worst}"
            text += f" with {memory} the memory" if memory else ""
        case "p99":
            text = (
                f"of 100 answers, the slowest took {_milliseconds(found.best.p99)} with {best}"
                f" and {_milliseconds(found.worst.p99)} with {worst}: {_times(1 / found.p99)} as long"
            )
        case "memory":
            text = f"{best} needed {memory} the memory that {worst} needed"
        case _:
            text = "under this load, nothing that was measured tells the models apart"
    if found.failing:
        text += "; " + ", ".join(f"{row.failed:,} requests to {_named(row)} failed" for row in found.failing)
    if found.left_out:
        rows = "one row" if found.left_out == 1 else f"{found.left_out} rows"
        text += f" ({rows} under other settings left out)"
    return _capitalised(text) + "."


def _named(row: Row) -> str:
    """The model within a sentence."""
    title = MODELS[row.model].title
    return title[0].lower() + title[1:]


def _capitalised(text: str) -> str:
    kept = tuple(model.title for model in MODELS.values() if model.title[0].islower())  # epoll is a name
    return text if text.startswith(kept) else text[0].upper() + text[1:]


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×".replace(".0×", "×")


def _fraction(ratio: float) -> str:
    """As in `1/20 of`, `half`, `3×`; empty if it is hardly worth a word."""
    if 1 / REMARKABLE["memory"] < ratio < REMARKABLE["memory"]:
        return ""
    if ratio >= 1:
        return _times(ratio)
    parts = round(1 / ratio)
    return "half" if parts <= 2 else f"1/{parts} of"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
