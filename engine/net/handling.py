"""What the handling of requests spends its time on: computing, waiting in a call, or neither; and on which line.

Owns the clocks that say so. An application that can take long is called between `HandlingClocks.begin` and `end`,
which read them. While spans are requested, `tick` reads them again for each worker that handles a request for longer
than a tick, and looks up where its thread stands. Nothing is read for a short request of any other application.

Linux says what a thread has used of a processor, how long it stood in the queue of one, and how often it was given one.
What is neither of the first two was waited, if the thread waited at all: for the interpreter's lock, or in a call. A
thread that waits for the lock wakes up once in each switch interval, and none waits while no other thread computes. All
the rest is proven to be a call. Elsewhere only computing is known, and only of a whole call.
"""

import os
import sys
import time
from _thread import get_ident, get_native_id
from collections.abc import Callable
from time import process_time, thread_time
from types import FrameType
from typing import NamedTuple, Protocol

from engine.clock import monotonic
from engine.net.place import Places
from engine.telemetry.recorder import Recorder
from engine.telemetry.spent import UNKNOWN, Spent
from engine.telemetry.workers import Worker

LONG = 0.045
"""Seconds from which on handling is looked at: a little under a tick."""
A_MOMENT = 0.001
"""Seconds of computing that are none: what it takes to begin to wait."""
WORTH_TELLING = 0.001
"""Seconds that handling must last at least to be seen for what it was, if no tick met it."""
AT_ONCE = 64
"""Workers that are looked at in one tick at most; the others' turn comes in the next ones."""
RARELY = 0.05
"""The share of the time that a process's other threads run, or stand in a processor's queue, below which they had the
interpreter's lock no longer than that."""
FEW = 8
"""Threads of a process of which each is asked how long it stood there."""
_OF_THREAD = 6
"""What Linux adds to a thread's id, inverted and shifted, to make it the clock of that thread (clock_getres(2))."""


class Reading(NamedTuple):
    """What the clocks of one worker show, in seconds."""

    time: float
    computed: float
    """That it has used of a processor."""
    delayed: float = -1.0
    """That it stood in a processor's queue; -1: the system does not say."""
    slices: int = 0
    """How often it was given a processor."""
    others: float = -1.0
    """That the other threads of its process have used, and that they stood in a processor's queue; -1: not asked."""
    inside: float = 0.0
    """Of a greenlet: that it was the one that runs."""
    blocked: bool = False
    """Whether its thread was waiting then, rather than running or ready to run."""
    blocked_before: int = -1
    """How often its thread has waited so far; -1: not asked, by another thread that costs more."""


class Clock(Protocol):
    """Reads what workers spend their time on."""

    @property
    def has_threads(self) -> bool:
        """Whether a worker has its thread to itself."""

    def begin(self, worker: Worker) -> Reading:
        """What the clocks show as the worker that runs now begins to handle a request."""

    def end(self, worker: Worker) -> Reading:
        """What they show as it ends."""

    def look(self, worker: Worker, before: Reading | None) -> Reading | None:
        """What they show in the midst of it, from another thread or a signal; None if that can't be known now.

        `before`: what they showed the last time.
        """

    def frame(self, worker: Worker) -> FrameType | None:
        """Where it stands."""

    def spent(self, before: Reading, after: Reading) -> Spent:
        """What it did between two readings."""


class ThreadClock:
    """For workers that have a thread each, or are a process's only one."""

    has_threads = True

    def __init__(self) -> None:
        waits = _waits_of_this_thread() if os.path.exists("/proc/self/schedstat") else None
        self._tells = waits is not None
        self._blocked_before = waits or int
        self._has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()

    def begin(self, worker: Worker) -> Reading:
        """From within the worker's own thread."""
        try:
            if self._tells:
                return self._read(worker.thread[1])._replace(blocked_before=self._blocked_before())
        except OSError:  # no descriptor is left to read it with
            pass
        return Reading(monotonic(), thread_time())

    end = begin

    def look(self, worker: Worker, before: Reading | None) -> Reading | None:
        """From any thread of the process; None while it waits to run again, which is counted only when it does."""
        thread = worker.thread[1]
        if not self._tells or thread == get_native_id():
            return self.begin(worker) if self._tells else None
        try:
            reading = self._read(thread)._replace(blocked=_is_blocked(thread))
        except (OSError, ValueError, IndexError):  # its thread has ended, or ends just now
            return None
        stood = before and before.slices == reading.slices and reading.computed - before.computed < A_MOMENT
        return None if stood and not reading.blocked else reading

    def frame(self, worker: Worker) -> FrameType | None:
        """The innermost frame of its thread."""
        return sys._current_frames().get(worker.thread[0])

    def spent(self, before: Reading, after: Reading) -> Spent:
        """What is proven of the time between them."""
        lasted = after.time - before.time
        computed = min(lasted, after.computed - before.computed)
        if min(before.delayed, after.delayed) < 0:
            return Spent(computed, -1.0)
        rest = max(0.0, lasted - computed - max(0.0, after.delayed - before.delayed))
        slices = after.slices - before.slices
        if not slices:  # all the time in one state
            return Spent(computed, rest if after.blocked else 0.0)
        if 0 <= before.blocked_before == after.blocked_before:
            return Spent(computed, 0.0)
        return Spent(computed, rest - min(rest, self._waited_for_lock(before, after)))

    def _waited_for_lock(self, before: Reading, after: Reading) -> float:
        """Seconds for which it can have waited for the interpreter's lock at most."""
        if not self._has_lock:
            return 0.0
        is_ready = not after.blocked and after.blocked_before < 0  # its wait for a processor is not counted yet
        if not is_ready and min(before.others, after.others) >= 0:
            others = max(0.0, after.others - before.others)
            if others < RARELY * (after.time - before.time):
                return others
        return (after.slices - before.slices + 1) * sys.getswitchinterval()

    def _read(self, thread: int) -> Reading:
        _, delayed, slices = _told(thread, "schedstat").split()
        computed = clock_of(thread)
        others = _delayed_others(thread)
        if others >= 0:
            others += process_time() - computed
        return Reading(monotonic(), computed, int(delayed) * 1e-9, int(slices), others)


class TaskClock(ThreadClock):
    """For tasks: one that calls the application has the thread that it does so in to itself until that returns."""

    has_threads = False

    def begin(self, worker: Worker) -> Reading:
        """From within that thread, the loop's or one of a pool."""
        worker.thread = get_ident(), get_native_id()
        return super().begin(worker)

    end = begin


def _is_blocked(thread: int) -> bool:
    """Whether a thread of this process waits for something else than a processor (proc(5))."""
    return _told(thread, "stat").rpartition(b")")[2].split()[0] in (b"S", b"D")


def _delayed_others(thread: int) -> float:
    """Seconds that the other threads of this process stood in a processor's queue; -1 if they are many."""
    threads = os.listdir("/proc/self/task")
    if len(threads) > FEW:
        return -1.0
    try:
        return sum(int(_told(int(each), "schedstat").split()[1]) for each in threads if int(each) != thread) * 1e-9
    except (OSError, IndexError):  # one of them has ended meanwhile
        return -1.0


def _told(thread: int, name: str) -> bytes:
    """What the system reports of a thread of this process."""
    descriptor = os.open(f"/proc/self/task/{thread}/{name}", os.O_RDONLY)
    try:
        return os.read(descriptor, 1024)
    finally:
        os.close(descriptor)


def clock_of(thread: int) -> float:
    """Seconds of a processor that a thread of this process has used.

    Raises OSError if it has ended, and AttributeError on Windows.
    """
    return time.clock_gettime(~thread << 3 | _OF_THREAD)


def _waits_of_this_thread() -> Callable[[], int] | None:
    """Returns how often the calling thread has waited; None where the system does not report it."""
    try:
        from resource import RUSAGE_THREAD, getrusage
    except ImportError:
        return None
    return lambda: getrusage(RUSAGE_THREAD).ru_nvcsw


class Handling:
    """One worker that handles a request."""

    __slots__ = ("begun", "computed", "last", "since", "worker")

    def __init__(self, worker: Worker, since: float) -> None:
        self.worker = worker
        self.since = since
        """Since when its activity lasts."""
        self.computed = 0.0
        """What its thread had used of a processor at the beginning."""
        self.begun: Reading | None = None
        """What the clocks showed then; None: they were not read."""
        self.last: Reading | None = None
        """What the clocks showed when it was looked at last; None: they were not read."""


class HandlingClocks:
    """What the workers of this process spend their time on while they handle requests."""

    def __init__(
        self, recorder: Recorder, places: Places, clock: Clock, *, one_at_a_time: bool, has_queue: bool = False
    ) -> None:
        """`one_at_a_time`: whether a worker is with one connection until that ends; `has_queue`: whether one of them
        puts what it accepts into a queue, where it can have to wait too."""
        self._recorder = recorder
        self._places = places
        self._clock = clock
        self._one_at_a_time = one_at_a_time
        self._has_queue = has_queue
        self._inside: dict[int, Handling] = {}
        """Those in an application that is measured, by the worker's number."""
        self._found: dict[int, Handling] = {}
        """Those in any other one, as the last tick found them."""

    @property
    def worker(self) -> Worker:
        """The worker that runs now."""
        return self._recorder.current.worker

    def begin(self, worker: Worker | None = None) -> "Handling":
        """The worker that runs now begins to handle a request in an application that can take long.

        `worker`: the one for which the application is called, if it is another that calls it.
        """
        worker = worker or self._recorder.current.worker
        handling = self._inside[worker.number] = Handling(worker, worker.activity[4])
        if self._recorder.spans_every == 1:
            handling.begun = handling.last = self._clock.begin(worker)
        handling.computed = thread_time()
        return handling

    def end(self, handling: "Handling") -> Spent:
        """It has handled it; what it did meanwhile."""
        worker, begun = handling.worker, handling.begun
        self._inside.pop(worker.number, None)
        if begun is None:
            return Spent(thread_time() - handling.computed, -1.0) if self._clock.has_threads else UNKNOWN
        ended = self._clock.end(worker)
        if handling.last is not begun or ended.time - begun.time >= WORTH_TELLING:
            self._report(handling, ended, (0, 0))
        return self._clock.spent(begun, ended)

    def interrupt(self) -> None:
        """The worker that runs now, called in between, reads from its client: what it did until now is known."""
        handling = self._inside.get(self._recorder.current.worker.number)
        if handling and handling.last:
            self._report(handling, self._clock.end(handling.worker), (0, 0))

    def go_on(self) -> None:
        """It has read, and goes on to handle the request."""
        handling = self._inside.get(self._recorder.current.worker.number)
        if handling:
            handling.since = handling.worker.activity[4]
            if handling.last:
                handling.last = self._clock.begin(handling.worker)

    def tick(self) -> bool:
        """Look at the workers that have been handling a request for long; whether there are any."""
        every = self._recorder.spans_every
        if not every or (every > 1 and not self._one_at_a_time):  # its connection may be unknown
            return False
        late = monotonic() - LONG
        self._find(late)
        handlings = [*self._inside.values(), *self._found.values()]
        long = [each for each in handlings if (each.last.time if each.last else each.since) < late]
        for handling in sorted(long, key=lambda each: each.last.time if each.last else 0.0)[:AT_ONCE]:
            self._look(handling)
        return bool(handlings)

    def _find(self, late: float) -> None:
        """Find the workers that came back from their last call before `late`, and are not with their connection."""
        before, self._found = self._found, {}
        if not self._clock.has_threads:
            return
        is_open, inside = self._recorder.open_here, self._inside
        for worker in self._recorder.workers():
            call, _, line, connection, since = worker.activity
            is_known = connection in is_open or (self._has_queue and line and not connection)
            if not call and since < late and is_known and worker.number not in inside:
                known = before.get(worker.number)
                self._found[worker.number] = known if known and known.since == since else Handling(worker, since)

    def _look(self, handling: Handling) -> None:
        worker = handling.worker
        call, _, _, connection, since = worker.activity
        if call or since != handling.since or not self._recorder.tells_spans_of(connection):
            return
        reading = self._clock.look(worker, handling.last)
        frame = self._clock.frame(worker)
        at = self._places.application(frame)
        worker.stand = *self._places.caller(frame), *at, since
        if reading:
            self._report(handling, reading, at)
            handling.last = reading

    def _report(self, handling: Handling, reading: Reading, at: tuple[int, int]) -> None:
        """Report what the worker did since it was looked at last; `at`: file and line of the application."""
        before, connection = handling.last, handling.worker.activity[3]
        if before:
            spent = self._clock.spent(before, reading)
            self._recorder.handling(handling.worker, connection, before.time, reading.time, spent, at)
