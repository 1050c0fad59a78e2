"""What the handling of a guest's requests goes into: waiting in a call at a line of the program's, computing, neither.

Owns which stretches are proven. A wait that the tracer noted is exact, and has its line. Of the rest Linux says from
outside what each thread has used of a processor, as `engine.net.handling` reads it from inside. Where a worker serves
one connection at a time, a stretch is of that connection; where a loop serves many, it is the loop's: connection 0.
Knows nothing of how rows are read or sent.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.clock import monotonic
from engine.guest.slots import SlotActivity
from engine.net.handling import A_MOMENT, FEW, LONG, Reading, ThreadClock
from engine.telemetry.spent import Spent

AT_ONCE = 64
"""Workers whose clocks are read at once at most."""
GREENLETS_FROM = 1 << 30
"""Numbers of workers that are no threads of the system."""

Report = Callable[[int, int, float, float, Spent, int, int], None]
"""Takes worker, connection, begin and end, what it was, and the file and line."""


@dataclass
class _Worker:
    """How far the handling by one worker is reported."""

    reported: float = 0.0
    reading: Reading | None = None
    """What its clocks showed last; None: something else is known since."""


class Waiting:
    """Follows the workers of all processes."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._workers: dict[int, _Worker] = {}
        self._clock = ThreadClock()

    def waited(self, worker: int, connection: int, begin: float, end: float, file: int, line: int) -> None:
        """A worker has waited at a line of the program's, in a call that has returned or goes on."""
        known = self._workers.setdefault(worker, _Worker())
        begin, known.reading = max(begin, known.reported), None
        if end > begin:
            known.reported = end
            self._report(worker, connection, begin, end, Spent(0.0, end - begin), file, line)

    def look(self, handling: Iterable[tuple[int, int, SlotActivity]]) -> None:
        """Look at those that are out of their network calls: process, connection and activity of each."""
        now, seen = monotonic(), {}
        for pid, connection, each in handling:
            seen[each.worker] = known = self._workers.get(each.worker) or _Worker()
            if each.inside_line:
                self._workers[each.worker] = known
                begin = max(each.inside_since, each.since)
                self.waited(each.worker, connection, begin, now, each.inside_file, each.inside_line)
            elif now - each.since >= LONG and each.worker < GREENLETS_FROM and len(seen) <= AT_ONCE:
                self._read(pid, connection, each, known)
        self._workers = seen

    def _read(self, pid: int, connection: int, each: SlotActivity, known: _Worker) -> None:
        before, after = known.reading, reading(pid, each.worker)
        stood = before and after and after.slices == before.slices and after.computed - before.computed < A_MOMENT
        if stood and after and not after.blocked:
            return  # it waits to run again, which is counted only when it does
        known.reading = after
        if before and after and before.time >= max(each.since, known.reported):
            known.reported = after.time
            self._report(each.worker, connection, before.time, after.time, self._clock.spent(before, after), 0, 0)


def reading(pid: int, thread: int) -> Reading | None:
    """What the system reports of a thread of another process; None if it has ended, or this is not Linux."""
    try:
        computed, delayed, slices = _ran(pid, thread)
        state = _facts(pid, thread, "stat").rpartition(b")")[2].split()[0]
        others = -1.0
        threads = os.listdir(f"/proc/{pid}/task")
        if len(threads) <= FEW:
            others = sum(sum(_ran(pid, int(other))[:2]) for other in threads if int(other) != thread)
    except (OSError, ValueError, IndexError):
        return None
    return Reading(monotonic(), computed, delayed, slices, others, blocked=state in (b"S", b"D"))


def _ran(pid: int, thread: int) -> tuple[float, float, int]:
    """Seconds that it ran, and stood in a processor's queue, and how often it was given one (proc(5))."""
    computed, delayed, slices = _facts(pid, thread, "schedstat").split()
    return int(computed) * 1e-9, int(delayed) * 1e-9, int(slices)


def _facts(pid: int, thread: int, name: str) -> bytes:
    with open(f"/proc/{pid}/task/{thread}/{name}", "rb", buffering=0) as file:
        return file.read(1024)
