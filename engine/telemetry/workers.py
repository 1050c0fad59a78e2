"""Who does the work: the processes, threads, greenlets or tasks of a model, or its one loop.

Owns how the worker that runs now is found, which must cost next to nothing: it is asked for around every call.
"""

import threading
import weakref
from _thread import get_ident, get_native_id
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Protocol

from engine.telemetry.counters import (
    ACTIVITY_AT,
    NO_ACTIVITY,
    NO_STAND,
    ActivityTuple,
    CounterRows,
    Row,
    StandTuple,
    activity_in,
    note_activity,
    note_stand,
    stand_in,
)


class Worker:
    """One of them, with the row that it counts in. It ends with its thread or greenlet."""

    __slots__ = ("__weakref__", "_counter_rows", "activity", "number", "row", "served_by", "stand", "thread")

    def __init__(self, number: int, served_by: bytes, counter_rows: CounterRows | None, row: Row) -> None:
        self.number = number
        self.served_by = served_by
        self.row = row
        self.activity: ActivityTuple = NO_ACTIVITY
        """What it is doing now: the wrapper of each call that touches the network sets it."""
        self.stand: StandTuple = NO_STAND
        """Where it was found lately, if it has been handling a request for long."""
        self.thread = get_ident(), get_native_id()
        """The thread that it runs in, as Python and as the system calls it."""
        self._counter_rows = counter_rows
        if counter_rows is not None:
            counter_rows.track(number, self)

    def __del__(self) -> None:
        if self._counter_rows is not None:
            self._counter_rows.retire(self.number)


class ChildWorker(Worker):
    """A process that shares its row, of whole numbers, with its parent."""

    __slots__ = ()

    @property
    def activity(self) -> ActivityTuple:
        """What it is doing now."""
        return activity_in(self.row)

    @activity.setter
    def activity(self, activity: ActivityTuple) -> None:
        note_activity(self.row, ACTIVITY_AT, *activity)  # type: ignore[arg-type]

    @property
    def stand(self) -> StandTuple:
        """Where it was found lately."""
        return stand_in(self.row)

    @stand.setter
    def stand(self, stand: StandTuple) -> None:
        note_stand(self.row, stand)


class CurrentWorker(Protocol):
    """The place from which the worker that runs now is seen."""

    worker: Worker


class PerProcess:
    """One worker does everything in this process."""

    def __init__(self, new_worker: Callable[[], Worker]) -> None:
        self.worker = new_worker()


class PerThread(threading.local):
    """Each thread is a worker."""

    def __init__(self, new_worker: Callable[[], Worker]) -> None:
        self.worker = new_worker()


class PerGreenlet:
    """Each greenlet is a worker: kept in what the greenlet itself holds: that costs less than a `local`."""

    def __init__(self, new_worker: Callable[[], Worker]) -> None:
        import gevent  # there with this model only
        from greenlet import getcurrent

        gevent.config.track_greenlet_tree = False  # it is not needed, and noting it costs more than a spawn
        self._greenlet: Callable[[], Any] = getcurrent
        self._new_worker = new_worker
        self.worker = new_worker()

    @property
    def worker(self) -> Worker:
        greenlet = self._greenlet()
        try:
            return greenlet.worker  # type: ignore[no-any-return]
        except AttributeError:
            worker = greenlet.worker = self._new_worker()
            return worker

    @worker.setter
    def worker(self, worker: Worker) -> None:
        self._greenlet().worker = worker


class PerTask:
    """Each asyncio task is a worker, kept in the task's context.

    What the loop calls back, and what a thread does for the task, runs in that context too. Outside of tasks it is the
    first worker, which is also that of the first task.
    """

    def __init__(self, new_worker: Callable[[], Worker]) -> None:
        import asyncio  # there with this model only

        self._task = asyncio.current_task
        self._new_worker = new_worker
        self._first = new_worker()
        self._kept: ContextVar[tuple[Any, Worker]] = ContextVar("worker", default=(_no_task, self._first))
        self._has_begun = False

    @property
    def worker(self) -> Worker:
        of, worker = self._kept.get()
        try:
            task = self._task()
        except RuntimeError:  # in a thread without a loop
            return worker
        if task is None or task is of():
            return worker
        if self._has_begun:  # or else what is kept is that of the task that has made this one
            worker = self._new_worker()
        else:
            self._has_begun = True
        self._kept.set((weakref.ref(task), worker))
        return worker

    @worker.setter
    def worker(self, worker: Worker) -> None:
        self._kept.set((_no_task, worker))


def _no_task() -> None:
    """Stands for a reference to no task."""


def current_worker(kind: str, new_worker: Callable[[], Worker]) -> CurrentWorker:
    """The current worker of a model whose workers are of this `kind`; the caller is the first of them."""
    places: dict[str, Callable[[Callable[[], Worker]], CurrentWorker]] = {
        "thread": PerThread,
        "greenlet": PerGreenlet,
        "task": PerTask,
    }
    return places.get(kind, PerProcess)(new_worker)
