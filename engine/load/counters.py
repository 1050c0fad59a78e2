"""What has come of the requests of one process, and how long the right answers took."""

from collections import Counter

from engine.load.histogram import Histogram
from engine.load.response import KINDS, Failure

SAID = ("bad_reply", "wrong_bytes")
"""Kinds of failure of which the first is worth a sentence: they say that the server is wrong, not that it is gone."""


class LoadCounters:
    """Exact counts since the start; the latencies since they were last taken."""

    def __init__(self) -> None:
        self.sent = 0
        self.answered = 0
        self.bytes = 0
        self.failed = dict.fromkeys(KINDS, 0)
        self.latencies: list[float] = []
        """Seconds."""
        self.problems: dict[str, str] = {}
        """By kind, what was wrong the first time."""

    def fail(self, failure: Failure) -> None:
        """Count one failure."""
        self.failed[failure.kind] += 1
        if failure.kind in SAID:
            self.note_problem(failure.kind, failure)

    def note_problem(self, kind: str, reason: Exception) -> None:
        """Take note of why something goes wrong; of each kind only the first counts."""
        self.problems.setdefault(kind, str(reason))

    def take_histogram(self) -> Histogram | None:
        """The latencies since the last call, in microseconds; None if there are none."""
        if not self.latencies:
            return None
        latencies, self.latencies = self.latencies, []
        histogram = Histogram()
        for latency, count in Counter(int(seconds * 1e6) for seconds in latencies).items():
            histogram.record(latency, count)
        return histogram
