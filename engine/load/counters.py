"""The counters of one load process: its requests by outcome, and their latencies."""

from collections import Counter

from engine.load.histogram import Histogram
from engine.load.response import Failure
from engine.load.wire import FAILURES

REPORTED = ("bad_reply", "wrong_bytes")
"""Kinds of failure whose first case is reported in a sentence: the server answers, but not correctly."""


class LoadCounters:
    """Exact counts since the start, and the latencies since they were last taken."""

    def __init__(self) -> None:
        self.sent = 0
        self.answered = 0
        self.bytes = 0
        self.failed = dict.fromkeys(FAILURES, 0)
        self.latencies: list[float] = []
        """Seconds."""
        self.given_up: list[float] = []
        """Seconds after which a request was given up that nothing came for: it would have taken longer."""
        self.problems: dict[str, str] = {}
        """The first reason of each kind of problem."""

    def count_failure(self, failure: Failure) -> None:
        """Count one failed request."""
        self.failed[failure.kind] += 1
        if failure.kind in REPORTED:
            self.note_problem(failure.kind, failure)

    def note_problem(self, kind: str, reason: Exception) -> None:
        """Keep `reason` if it is the first of its kind."""
        self.problems.setdefault(kind, str(reason))

    def take_histogram(self) -> Histogram | None:
        """The latencies since the last call, in microseconds; None if there are none."""
        latencies, self.latencies = self.latencies, []
        given_up, self.given_up = self.given_up, []
        if not latencies and not given_up:
            return None
        histogram = Histogram()
        for latency, count in Counter(int(seconds * 1e6) for seconds in latencies).items():
            histogram.record(latency, count)
        for seconds in given_up:
            histogram.record_bound(int(seconds * 1e6))
        return histogram
