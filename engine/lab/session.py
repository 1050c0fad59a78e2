"""A session of the lab: servers in turn, each started, put under its load, and measured once it is steady.

Owns the order, the waits, and what was measured of each. Knows no process and no window: a `Runner` that is passed in
runs what is due, what that reports is passed on by `receive_…`, and `advance` is called several times a second.
"""

import statistics
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from engine.clock import monotonic
from engine.lab.figures import FIGURES, Latency, Outcome, Over, Seen
from engine.lab.measurement import LAG, WARM_UP, Measurement, all_connected
from engine.lab.parts import by_percentile, split
from engine.lab.rows import Row, seconds_at
from engine.load.histogram import Histogram
from engine.load.wire import FAILURES, AnyLoadMessage, Change, Latencies, LoadReady, LoadStats
from engine.persistence import ONE_A_REQUEST
from engine.telemetry.wire import AnyMessage, Counters, Ready, Request, Requests

if TYPE_CHECKING:
    from engine.lab.usage import Usage

START_TIMEOUT = 20.0
"""Seconds until a server must be ready."""
PATIENCE = 15.0
"""Seconds that the clients may take to connect and to get steady responses, in addition to the measured time."""
SAMPLE_INTERVAL = 0.5
"""Seconds between two readings of the figures."""
COUNTERS_HELD = 40
"""Reports of the counters that a rate is made from: some seconds."""
REQUESTS_HELD = 1000
"""The newest requests, for what they spent their time on."""
NOT_READY = f"The engine sent nothing for {START_TIMEOUT:.0f} seconds."
NOT_STEADY = "The clients were not all connected, or did not get steady responses."


@dataclass(frozen=True, slots=True)
class Trial:
    """One server under one load: what is run, and for how long it is measured."""

    model: str
    seconds: float
    """How long to measure after the warm-up."""
    serve: Mapping[str, Any] = field(default_factory=dict)
    """The server's settings by name. A model's own settings are passed to that model only."""
    change: Change | None = None
    """What the clients do; None: there are none."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """The load's settings by name, in addition to the change."""
    patience: float = PATIENCE
    """Seconds that the clients may take to connect and to get steady responses, in addition to the measured time."""
    name: str = ""
    """What its figures are called by."""
    same_port: bool = False
    """Whether it listens at the port of the trial before."""
    command: Sequence[str] = ()
    """The command line that runs it, if it is no model of ours."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What one trial gave."""

    trial: Trial
    row: Row | None
    """None: there were no clients, they were not steady, or it failed."""
    figures: Mapping[str, float]
    """The figures that were asked for and are known, over the measured time."""
    failure: str = ""
    """Why the server did not run to the end."""
    ready: Ready | None = None
    """What ran; None if it never became ready."""


class Runner(Protocol):
    """What runs the servers and their loads."""

    def start(self, trial: Trial) -> None:
        """Run its server; one that still runs is ended first, with its load."""

    def put_load(self, trial: Trial) -> None:
        """Put its load on the server, which is ready."""


class Observation:
    """What one server and its load reported, for the figures."""

    def __init__(self, ready: Ready) -> None:
        self.ready = ready
        self.crowd: LoadStats | None = None
        self._counters: deque[Counters] = deque(maxlen=COUNTERS_HELD)
        self._usages: deque[Usage] = deque(maxlen=COUNTERS_HELD)
        self._latencies = Histogram()
        self._answered: Counter[int] = Counter()
        self._requests: deque[Request] = deque(maxlen=REQUESTS_HELD)

    def receive(self, message: object) -> None:
        """Receive one message of any of the streams."""
        match message:
            case Counters():
                self._counters.append(message)
            case LoadStats():
                self.crowd = message
            case Latencies():
                self._latencies.add(Histogram.decode(message.histogram, message.bound))
            case Requests():
                self._answered.update(request.worker for request in message.rows)
                self._requests.extend(message.rows[-REQUESTS_HELD:])

    def receive_usage(self, usage: "Usage") -> None:
        """Receive what the server's processes use."""
        self._usages.append(usage)

    def forget_warm_up(self) -> None:
        """Measure from now on."""
        self._latencies = Histogram()
        self._answered.clear()
        self._requests.clear()
        for held in (self._counters, self._usages):
            while len(held) > 1:
                held.popleft()

    def seen(self, now: float) -> Seen:
        """What the figures are read from."""
        return Seen(
            now, self.ready, self._counters, self._usages, self._latency(),
            from_clients=self.crowd is not None,
            outcome=self._outcome(),
            by_worker=lambda: self._answered,
            parts=self._parts,
            crowd=self.crowd,
        )  # fmt: skip

    def _latency(self) -> Latency | None:
        total = self._latencies.total
        if not total:
            return None
        p50, p99 = seconds_at(self._latencies, (50, 99))
        bound = self._latencies.bound
        return Latency(p50, p99, total, bound=bound / 1e6) if bound else Latency(p50, p99, total)

    def _outcome(self) -> Outcome | None:
        if not self.crowd:
            return None
        return Outcome({kind: n for kind in FAILURES if (n := getattr(self.crowd, kind))}, is_provoked=False)

    def _parts(self) -> Sequence[Any]:
        parts = [
            split(each.arrived, each.accepted, each.begun, each.read, each.handled, each.answered, each.written)
            for each in self._requests
        ]
        return by_percentile([each.total for each in parts], parts.__getitem__)


class LabSession:
    """Goes through trials, each until it was measured, or was not in time. `measurement` receives the same messages.

    Without figures it is a row of the measurement that is waited for, and a trial without one has failed. With figures
    it is the measured time, which begins after the warm-up once all clients are connected (or some were answered, where
    each request takes a new connection), or after the trial's patience: what clients see that are never served can be
    measured as well.
    """

    def __init__(
        self,
        trials: Sequence[Trial],
        runner: Runner,
        measurement: Measurement,
        figures: Collection[str] = (),
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.results: list[TrialResult] = []
        """Of the trials that are over."""
        self._trials = trials
        self._runner = runner
        self._measurement = measurement
        self._figures = figures
        self._clock = clock
        self._begun = 0.0
        self._observation: Observation | None = None
        self._load_begun = 0.0  # 0: not yet, as in the next one
        self._steady_from = 0.0
        self._next_sample = 0.0
        self._samples: dict[str, list[float]] = {}

    @property
    def count(self) -> int:
        """How many trials there are."""
        return len(self._trials)

    @property
    def has_models(self) -> bool:
        """Whether any of them runs a model."""
        return any(trial.model for trial in self._trials)

    @property
    def number(self) -> int:
        """The number of the trial that runs, counted from 1."""
        return len(self.results) + 1

    @property
    def trial(self) -> Trial | None:
        """The trial that runs; None when all are over."""
        return self._trials[len(self.results)] if len(self.results) < len(self._trials) else None

    @property
    def measured_share(self) -> float:
        """How much of the trial's measured time has passed, from 0 to 1."""
        if not self.trial or not self._steady_from:
            return 0.0
        return min(1.0, max(0.0, self._clock() - self._steady_from) / self.trial.seconds)

    def begin(self) -> None:
        """Run the first trial."""
        self._start()

    def receive_engine(self, message: AnyMessage) -> None:
        """Receive one message of the engine that runs."""
        if isinstance(message, Ready) and message.time >= self._begun:
            self._on_ready(message)
        elif self._observation:
            self._observation.receive(message)

    def receive_load(self, message: AnyLoadMessage) -> None:
        """Receive one message of the load."""
        if not self._observation or not self.trial:
            return
        if isinstance(message, LoadReady) and message.time >= self._observation.ready.time:
            self._load_begun = message.time
        elif self._load_begun:
            self._observation.receive(message)
            if isinstance(message, LoadStats) and not self._steady_from and self._is_settled(message, self.trial):
                self._steady_from = message.time + WARM_UP

    def receive_usage(self, usage: "Usage") -> None:
        """Receive what the engine's processes use."""
        if self._observation:
            self._observation.receive_usage(usage)

    def fail(self, reason: str) -> None:
        """The server or its load has ended, for this reason: the trial is over."""
        if self.trial:
            self._finish(None, reason)

    def advance(self) -> None:
        """End the trial when it is time, and run the next one."""
        trial = self.trial
        if not trial:
            return
        now = self._clock()
        self._sample(now)
        if not self._observation:
            if now > self._begun + START_TIMEOUT:
                self._finish(None, NOT_READY)
        elif self._figures or not trial.change:
            if self._steady_from and now >= self._steady_from + trial.seconds:
                self._finish(self._row(), "")
            elif now > self._observation.ready.time + START_TIMEOUT + trial.patience:
                self._finish(None, NOT_STEADY)
        elif (row := self._row()) and row.seconds >= trial.seconds:
            self._finish(row, "")
        elif now > self._observation.ready.time + WARM_UP + LAG + trial.seconds + trial.patience:
            self._finish(None, NOT_STEADY)

    def _is_settled(self, stats: LoadStats, trial: Trial) -> bool:
        """Whether all clients are connected, or some answered that connect each time, or they have had time enough."""
        assert trial.change
        connect_anew = trial.change.connections == ONE_A_REQUEST
        is_served = all_connected(stats, trial.change) or (connect_anew and stats.answered > 0)
        return is_served or stats.time > self._load_begun + trial.patience

    def _start(self) -> None:
        self._begun = self._clock()
        self._observation = None
        self._load_begun = self._steady_from = self._next_sample = 0.0
        self._samples = {}
        if self.trial:
            self._runner.start(self.trial)

    def _on_ready(self, ready: Ready) -> None:
        self._observation = Observation(ready)
        if self.trial and self.trial.change:
            self._runner.put_load(self.trial)
        else:
            self._steady_from = ready.time + WARM_UP

    def _row(self) -> Row | None:
        """What was measured of this trial so far."""
        row = self._measurement.row()
        ready = self._observation.ready if self._observation else None
        return row if row and ready and row.model == ready.model and row.begin >= ready.time + ready.clock else None

    def _sample(self, now: float) -> None:
        observation = self._observation
        if not observation or not self._steady_from or now < max(self._steady_from, self._next_sample):
            return
        if not self._next_sample:
            observation.forget_warm_up()
        else:
            seen = observation.seen(now)
            for name in self._figures:
                value = FIGURES[name].value(seen)
                if value is not None:
                    self._samples.setdefault(name, []).append(value)
        self._next_sample = now + SAMPLE_INTERVAL

    def _finish(self, row: Row | None, failure: str) -> None:
        assert self.trial
        figures = {name: _summed_up(name, values) for name, values in self._samples.items()}
        ready = self._observation.ready if self._observation else None
        self.results.append(TrialResult(self.trial, row, figures, failure, ready))
        self._start()


def _summed_up(name: str, values: Sequence[float]) -> float:
    """One value for the measured time: the highest of a peak, the mean of a rate, otherwise the median."""
    match FIGURES[name].over:
        case Over.PEAK:
            return max(values)
        case Over.MEAN | Over.RATE:
            return statistics.fmean(values)
    return statistics.median(values)
