"""What is said of a loop that reads and writes, and of the threads of its pool, which handle what it has read.

Owns these rules, on top of those for a loop that waits in a poller. Knows nothing of how intervals are held, of Qt or
of pixels. Times are seconds on the monotonic clock.

- When a thread began to handle a request, and when it had handled it, is reported: *handling*, by that thread.
- Before and after that the connection waits for its turn: in the pool's queue, and to be written to by the loop.
- Between two of them a thread is *free*.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from engine.telemetry import wire
from gui.history.interpreters import ConnectionLane, Observed, Polling, WorkerLane
from gui.history.intervals import CONNECTION, NOBODY, Fresh, LaneState, fresh

Handled = tuple[float, float]
"""When the handling of a request began and ended."""
A_MOMENT = 1e-4
"""Seconds by which clocks that are read in two threads may seem to be wrong."""


class HandingOver(Polling):
    """For a loop that hands requests over to a pool of threads."""

    def __init__(self, known: Observed) -> None:
        super().__init__(known)
        self._handled: dict[int, deque[Handled]] = {}
        """What was handled of each connection and not written yet, as far as is reported."""

    def handed_over(self, rows: Iterable[wire.HandlingSample]) -> Iterator[Fresh]:
        for row in rows:
            if not row.is_whole:
                continue
            worker = self.known.workers.setdefault(row.worker, WorkerLane(row.begin))
            yield from self.free_until(row.worker, row.begin)
            yield fresh(row.worker, row.connection, LaneState.HANDLING, row.begin, row.end)
            worker.end = row.end
            worker.free_since = row.end if self.known.sample_every == 1 else 0.0
            self._handled.setdefault(row.connection, deque()).append((row.begin, row.end))

    def ended(self, number: int) -> None:
        self._handled.pop(number, None)

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        handled = self._handled.get(span.connection)
        since, was_handled = connection.end, False
        while handled and handled[0][1] <= span.begin + A_MOMENT:
            begin, end = handled.popleft()
            if since and begin >= since - A_MOMENT:
                yield fresh(NOBODY, span.connection, LaneState.RUNNABLE, since, begin)
                since, was_handled = end, True
        if was_handled:
            yield fresh(NOBODY, span.connection, LaneState.RUNNABLE, since, span.begin)
            yield from self.call(span)
        else:
            yield from super().intervals(span, connection)

    def worker_tail(self, number: int, now: float) -> Iterator[Fresh]:
        lane = self.known.workers[number]
        activity = lane.activity
        if not number or not activity:
            yield from super().worker_tail(number, now)
        elif activity.connection and activity.since > lane.end:
            if lane.free_since:
                yield from self.free_until(number, min(activity.since, now))
            until = min(now, self.known.reported)
            yield fresh(number, activity.connection, LaneState.HANDLING, activity.since, until)
            yield from self.not_known_since(number, activity.connection, activity.since, now)
        elif lane.free_since:
            yield from self.free_until(number, min(now, self.known.reported))
            yield from self.not_known_since(number, 0, lane.free_since, now)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        connection = self.known.connections[number]
        worker = self.known.workers.get(connection.served_by)
        activity = worker.activity if worker else None
        handled, left = self._handled.get(number), connection.end
        if handled and left:
            for begin, end in handled:
                yield fresh(NOBODY, number, LaneState.RUNNABLE, left, begin)
                left = end
            yield fresh(NOBODY, number, LaneState.NOT_KNOWN, left, now)
        elif activity and activity.worker and activity.connection == number and activity.since > left - A_MOMENT:
            yield fresh(NOBODY, number, LaneState.RUNNABLE, left or activity.since, min(activity.since, now))
            yield from (each for each in self.worker_tail(activity.worker, now) if each[CONNECTION] == number)
        elif connection.call == "recv" and connection.speaks_since:  # it may be whole, and in the pool's queue
            yield fresh(NOBODY, number, LaneState.NOT_KNOWN, left, now)
        else:
            yield from super().connection_tail(number, now)
