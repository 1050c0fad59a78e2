"""Where each worker of the running engine is: on which line of the model's file, in which call, and since when.

Owns the workers' places and how much of their time each line took lately. Knows nothing of Qt, or of what stands on a
line. Times are seconds on the monotonic clock, which engine and window share.

The places are sampled with each message of counters, ten times a second: a line's share is the part of the samples with
a worker there, so the code that follows a call counts for the call's line. Spans add how often a line made its call,
and how long that took, also for calls too short to be sampled.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import attrgetter

from engine.telemetry import wire
from gui.history.handling import HandledStretch
from gui.history.intervals import LaneState

COST_SECONDS = 3.0
"""How far back a line's share reaches."""
FORGET_SECONDS = 3.0
"""Forget a worker that was not reported for this many seconds; a waiting worker is reported every two."""
OFTEN = 0.25
"""The part of the samples with a worker in the application from which on the work counts as being there."""


@dataclass(frozen=True)
class LineCost:
    """What a line took in the last seconds."""

    share: float
    """Of the time of all workers, 0 to 1."""
    calls: float
    """Calls a second that returned; if 1 in k connections is reported, k times those reported."""
    took: float
    """Seconds that such a call took, on average."""
    seconds: float = 0.0
    """How long that was sampled."""


@dataclass(frozen=True)
class ProfileSnapshot:
    """The profile at one moment; it never changes."""

    ready: wire.Ready | None = None
    """The engine that runs, or None."""
    time: float = 0.0
    """When the places were sampled."""
    sample_every: int = 0
    """1: workers of all connections are reported; k: of 1 in k connections; 0: none."""
    places: Mapping[int, Sequence[wire.Activity]] = field(default_factory=dict)
    """The workers on each line that has any, those there longest first."""
    costs: Mapping[int, LineCost] = field(default_factory=dict)
    """The cost of each line that was sampled in the last seconds."""
    files: Mapping[int, str] = field(default_factory=dict)
    """The paths of other files than the model's, by number."""
    application: str = ""
    """The path of the application's file in which workers were sampled last; empty: in none."""
    inside: Mapping[int, Sequence[wire.Activity]] = field(default_factory=dict)
    """The workers on each of its lines; they are on a line of the model as well, which calls it."""
    inside_costs: Mapping[int, LineCost] = field(default_factory=dict)
    """The cost of each of its lines."""
    states: Mapping[int, LaneState] = field(default_factory=dict)
    """The most frequent state of workers that handle a request, as far as that was sampled lately."""
    is_inside: bool = False
    """Whether that is where the work is: workers were sampled there again and again."""


@dataclass
class Sample:
    """One sample of all workers."""

    time: float
    count: int
    """The number of workers, wherever they were."""
    workers: Counter[int]
    """The number of them on each line."""
    inside: Counter[tuple[int, int]]
    """The number of them on each file and line of the application."""
    calls: Counter[int]
    """The number of calls of each line that returned since the last sample."""
    took: Counter[int]
    """Microseconds that they took."""


class LineProfile:
    """The profile of the running engine."""

    def __init__(self) -> None:
        self._ready: wire.Ready | None = None
        self._files: dict[int, str] = {}
        self._handled: dict[int, wire.HandlingSample] = {}
        """The last sample of each worker's handling."""
        self._forget(0.0)

    def receive(self, message: wire.AnyMessage) -> None:
        """Receive one message of the engine's stream, in the stream's order."""
        match message:
            case wire.Activities():
                self._move(message)
            case wire.Spans():
                self._note_calls(message.rows)
            case wire.Closed():
                self._end(message.rows)
            case wire.Counters():
                self._sample(message)
            case wire.HandlingSamples():
                self._handled.update((row.worker, row) for row in message.rows if not row.is_whole)
            case wire.Files():
                self._files.update((row.number, row.path) for row in message.rows)
            case wire.Ready():
                self._files = {}
                self._forget(message.time)
                self._ready = message
            case wire.Amended() if self._ready:
                self._ready = wire.amended(self._ready, message)
            case wire.Stopped():
                self._forget(message.time)
                self._ready = None

    def snapshot(self) -> ProfileSnapshot:
        """The profile at the last counters."""
        places: dict[int, list[wire.Activity]] = {}
        for place in sorted(self._sampled, key=attrgetter("since")):
            if not place.file:  # or else it is no line of the model's file
                places.setdefault(place.line, []).append(place)
        seen = ProfileSnapshot(
            self._ready,
            self._time,
            self._sample_every,
            places,
            self._costs(),
            files=dict(self._files),
            states={place.worker: state for place in self._sampled if (state := self._state(place))},
        )
        return self._with_application(seen)

    def _state(self, place: wire.Activity) -> LaneState | None:
        """What the worker mostly does, if a sample of this activity says so."""
        row = self._handled.get(place.worker)
        if place.call or row is None or row.connection != place.connection or row.begin < place.since:
            return None
        shares = HandledStretch(row.begin, row.end, row.computed, row.in_calls).shares
        return max(shares, key=shares.__getitem__)

    def _with_application(self, snapshot: ProfileSnapshot) -> ProfileSnapshot:
        """The snapshot with what is known of the application's file in which workers were met most."""
        inside = Counter[tuple[int, int]]()
        for sample in self._samples:
            inside.update(sample.inside)
        by_path = Counter[str]()  # each process numbers a file by itself
        for (file, _), count in inside.items():
            by_path[self._files.get(file, "")] += count
        path = next((path for path, _ in by_path.most_common() if path), "")
        if not path:
            return snapshot
        total = max(sum(sample.count for sample in self._samples), 1)
        shares, places = Counter[int](), dict[int, list[wire.Activity]]()
        for (file, line), count in inside.items():
            if self._files.get(file) == path:
                shares[line] += count
        for place in sorted(self._sampled, key=attrgetter("since")):
            if place.application_line and self._files.get(place.application_file) == path:
                places.setdefault(place.application_line, []).append(place)
        met = sum(1 for sample in self._samples if sample.inside)
        seconds = self._sampled_for()
        costs = {line: LineCost(count / total, 0.0, 0.0, seconds) for line, count in shares.items()}
        return replace(
            snapshot,
            application=path,
            inside=places,
            inside_costs=costs,
            is_inside=met >= OFTEN * len(self._samples),
        )

    def _costs(self) -> dict[int, LineCost]:
        workers, calls, took = Counter[int](), Counter[int](), Counter[int]()
        total = max(sum(sample.count for sample in self._samples), 1)
        for sample in self._samples:
            workers.update(sample.workers)
        for sample in islice(self._samples, 1, None):  # the first one's calls returned over an unknown time
            calls.update(sample.calls)
            took.update(sample.took)
        seconds = self._sampled_for()
        return {
            line: LineCost(
                share=workers[line] / total,
                calls=calls[line] / seconds,
                took=took[line] / 1e6 / calls[line] if calls[line] else 0.0,
                seconds=seconds,
            )
            for line in workers | calls
        }

    def _sampled_for(self) -> float:
        return max(self._samples[-1].time - self._samples[0].time, 0.1)

    def _forget(self, now: float) -> None:
        """Begins anew at `now`."""
        self._time, self._sample_every = now, 0
        self._handled = {}
        self._places: dict[int, tuple[wire.Activity, float]] = {}  # and when that was reported
        self._sampled: list[wire.Activity] = []
        self._calls, self._took = Counter[int](), Counter[int]()
        self._samples = deque([Sample(now, 0, Counter(), Counter(), Counter(), Counter())])

    def _move(self, activities: wire.Activities) -> None:
        for row in activities.rows:
            if row.line:
                self._places[row.worker] = row, activities.time
            else:
                self._places.pop(row.worker, None)

    def _end(self, closings: list[wire.Closing]) -> None:
        """A worker of one connection ends with it; the first one, 0, goes on, as do those that serve many."""
        if not self._ready or self._ready.traits.serves != "one":
            return
        for row in closings:
            known = self._places.get(row.worker)
            if row.worker and known and known[0].connection == row.connection:
                del self._places[row.worker]

    def _note_calls(self, spans: list[wire.Span]) -> None:
        sample_every = max(self._sample_every, 1)
        for span in spans:
            if span.bytes != wire.WOULD_BLOCK and not span.file:
                weight = sample_every if span.connection else 1
                self._calls[span.line] += weight
                self._took[span.line] += round((span.end - span.begin) * 1e6) * weight

    def _sample(self, counters: wire.Counters) -> None:
        now = counters.time
        if not counters.spans_every or not self._ready:
            self._forget(now)
            return
        self._time, self._sample_every = now, counters.spans_every
        # Of workers that serve one connection only some are reported; a loop always is.
        weight = 1 if self._ready.traits.worker == "loop" else self._sample_every
        count, workers, inside = 0, Counter[int](), Counter[tuple[int, int]]()
        for place, reported in list(self._places.values()):
            if reported < now - FORGET_SECONDS:
                del self._places[place.worker]
            else:
                seen = weight if place.connection else 1
                count += seen
                if not place.file:
                    workers[place.line] += seen
                if place.application_line:
                    inside[place.application_file, place.application_line] += weight
        self._sampled = [place for place, _ in self._places.values()]
        self._samples.append(Sample(now, count, workers, inside, self._calls, self._took))
        self._calls, self._took = Counter[int](), Counter[int]()
        while self._samples[0].time < now - COST_SECONDS:
            self._samples.popleft()
