"""What is said of a loop that reads and writes, and of the threads of its pool, which handle what it has read.

Owns these rules, on top of those for a loop that waits in a poller. Knows nothing of how intervals are held, of Qt or
of pixels. Times are seconds on the monotonic clock.

- When a thread began to handle a request, and when it had handled it, is reported: *handling*, by that thread.
- Before and after that the connection waits for its turn: in the pool's queue, and to be written to by the loop.
- Between two of them a thread is *free*.
"""

from collections.abc import Iterator

from engine.telemetry import wire
from gui.history.interpreters import A_MOMENT, Polling
from gui.history.intervals import CONNECTION, NOBODY, Fresh, LaneState, fresh


class HandingOver(Polling):
    """For a loop that hands requests over to a pool of threads."""

    def before_handling(self, row: wire.HandlingSample) -> Iterator[Fresh]:
        yield from self.free_until(row.worker, row.begin)
        self.known.workers[row.worker].free_since = row.end if self.known.sample_every == 1 else 0.0

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
        worker, left = self.known.workers.get(connection.served_by), connection.end
        activity = worker.activity if worker else None
        if self._handled.get(number):
            yield from super().connection_tail(number, now)
        elif activity and activity.worker and activity.connection == number and activity.since > left - A_MOMENT:
            yield fresh(NOBODY, number, LaneState.RUNNABLE, left or activity.since, min(activity.since, now))
            yield from (each for each in self.worker_tail(activity.worker, now) if each[CONNECTION] == number)
        elif connection.call == "recv" and connection.speaks_since:
            yield fresh(NOBODY, number, LaneState.NOT_KNOWN, left, now)  # it may be whole, and in the pool's queue
        else:
            yield from super().connection_tail(number, now)
