"""What each worker of a pool has got: its share of the connections and requests, and how busy it is.

Owns what was sent last, so that only what has changed is sent again. Knows nothing of how workers get connections.
"""

import os

from engine.telemetry.counters import (
    ACCEPTED,
    REQUESTS,
    TAKEN,
    CounterRows,
    Row,
    SharedCounterRows,
    busy_seconds,
)
from engine.telemetry.sink import Sink
from engine.telemetry.wire import WorkerCounts, Workers
from engine.traits import Traits

ROWS_A_LINE = 40
RESEND_EVERY = 2.0
"""Resend counts that have not changed after this many seconds."""


class ShareReport:
    """Sends the counts of the workers of a pool, those of this process or its children."""

    def __init__(
        self, sink: Sink, traits: Traits, counter_rows: CounterRows, children: SharedCounterRows | None
    ) -> None:
        self._sink = sink
        self._got = ACCEPTED if traits.accepts == "each" else TAKEN
        self._counter_rows = counter_rows
        self._children = children
        self._sent: dict[int, tuple[int, int, bool]] = {}
        self._resent_at = 0.0

    def send(self, now: float) -> None:
        """Send the counts that have changed since they were last sent."""
        all_again = now - self._resent_at >= RESEND_EVERY
        if all_again:
            self._resent_at = now
        rows = []
        for row in self._of_children(now) if self._children else self._of_threads(now):
            key, counts = row.worker or row.pid, (row.accepted, row.requests, bool(row.busy))
            if all_again or row.has_ended or self._sent.get(key) != counts:
                rows.append(row)
                self._sent[key] = counts
            if row.has_ended:
                self._sent.pop(key, None)
        for first in range(0, len(rows), ROWS_A_LINE):
            if not self._sink.send(Workers(now, rows[first : first + ROWS_A_LINE])):
                self._resent_at = 0.0  # they did not arrive: all are sent again

    def _of_threads(self, now: float) -> list[WorkerCounts]:
        """All but the first worker, which only accepts, or reads and writes."""
        pid = os.getpid()
        workers = [worker for worker in self._counter_rows.workers() if worker.number]
        return [self._counts(worker.row, now, pid, 0, worker.number) for worker in workers]

    def _of_children(self, now: float) -> list[WorkerCounts]:
        assert self._children
        parent, ended = os.getpid(), self._children.ended
        rows = []
        while ended:
            pid, row = ended.popleft()
            rows.append(self._counts(row, now, pid, parent, 0, has_ended=True))
        return rows + [self._counts(row, now, pid, parent, 0) for pid, row in self._children.rows()]

    def _counts(
        self, row: Row, now: float, pid: int, parent: int, worker: int, *, has_ended: bool = False
    ) -> WorkerCounts:
        busy = busy_seconds(row, now)
        return WorkerCounts(pid, parent, row[self._got], row[REQUESTS], -1.0, True, has_ended, worker, busy)
