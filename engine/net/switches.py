"""What greenlets spend their time on: from their switches, since all of them share one thread.

Owns the note that is taken of each switch, only while somebody looks and a greenlet is in an application that can take
long. A greenlet that another one was switched to waits in a call. One that runs computes, or its thread has no
processor.
"""

import sys
from time import thread_time
from types import FrameType
from typing import Any

import gevent  # noqa: F401  there with this model only
from greenlet import getcurrent, settrace

from engine.clock import monotonic
from engine.net.handling import Reading, clock_of
from engine.telemetry.spent import Spent
from engine.telemetry.workers import Worker
from engine.unpatched import unpatched


class _Stay:
    """How long one greenlet has been the one that runs."""

    __slots__ = ("computed", "greenlet", "inside")

    def __init__(self, greenlet: Any) -> None:
        self.greenlet = greenlet
        self.computed = self.inside = 0.0


class SwitchClock:
    """Times of greenlets; made in their thread."""

    has_threads = False

    def __init__(self) -> None:
        self._thread = unpatched("_thread", "get_ident")()
        self._native = unpatched("_thread", "get_native_id")()
        self._stays: dict[int, _Stay] = {}  # by the worker's number
        self._by_greenlet: dict[Any, _Stay] = {}
        self._traced_before: Any = None
        self._running: tuple[Any, float, float] = (None, 0.0, 0.0)
        """Which greenlet was switched to last, when, and what its thread had used of a processor then."""

    def begin(self, worker: Worker) -> Reading:
        """From within the worker's own greenlet: from now on its switches are noted."""
        if not self._stays:
            self._traced_before = settrace(self._switched)
        greenlet = getcurrent()
        now, computed = monotonic(), thread_time()
        self._charge(now, computed)
        self._running = greenlet, now, computed
        self._stays[worker.number] = self._by_greenlet[greenlet] = _Stay(greenlet)
        return Reading(now, 0.0)

    def end(self, worker: Worker) -> Reading:
        """From there as well: they are no longer noted."""
        now, computed = monotonic(), thread_time()
        self._charge(now, computed)
        self._running = self._running[0], now, computed
        stay = self._stays.pop(worker.number)
        del self._by_greenlet[stay.greenlet]
        if not self._stays:
            settrace(self._traced_before)
        return Reading(now, stay.computed, inside=stay.inside)

    def look(self, worker: Worker, before: Reading | None) -> Reading | None:
        """From any thread."""
        stay = self._stays.get(worker.number)
        if stay is None:
            return None
        greenlet, since, computed = self._running
        now = monotonic()
        if greenlet is not stay.greenlet:
            return Reading(now, stay.computed, inside=stay.inside)
        try:
            running = clock_of(self._native) - computed
        except (AttributeError, OSError):  # this system has no clock of another thread
            return None
        return Reading(now, stay.computed + running, inside=stay.inside + now - since)

    def frame(self, worker: Worker) -> FrameType | None:
        """Where the greenlet was left, or its thread's frame if it is the one that runs."""
        stay = self._stays.get(worker.number)
        left: FrameType | None = stay.greenlet.gr_frame if stay else None
        return left or sys._current_frames().get(self._thread)

    def spent(self, before: Reading, after: Reading) -> Spent:
        """What it did between them."""
        lasted, inside = after.time - before.time, after.inside - before.inside
        return Spent(min(lasted, after.computed - before.computed), max(0.0, lasted - inside))

    def _switched(self, event: str, greenlets: tuple[Any, Any]) -> None:
        now, computed = monotonic(), thread_time()
        self._charge(now, computed)
        self._running = greenlets[1], now, computed

    def _charge(self, now: float, computed: float) -> None:
        """Add the time since the last switch to the greenlet that ran."""
        greenlet, since, before = self._running
        stay = self._by_greenlet.get(greenlet)
        if stay is not None:
            stay.computed += computed - before
            stay.inside += now - since
