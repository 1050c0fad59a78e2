"""The recorder: what the server reports, counters exactly and details as far as they fit, from all its processes.

Owns the counters, those of children included, the messages that come once, and the tick (about twenty times a second)
that writes what workers appended. Knows neither HTTP nor the models; the traced socket passes events to it.
"""

import itertools
import os
import sys
import zlib
from collections.abc import Callable, MutableSequence
from time import time
from typing import Any

from engine.clock import monotonic
from engine.model import Model
from engine.models import MODELS
from engine.problems import problem
from engine.setting import Value
from engine.telemetry.activities import ActivityReport, Connection, WaitProbe
from engine.telemetry.counters import (
    ACCEPTED,
    CLOSED,
    COUNTED,
    COUNTS,
    DETAIL,
    DROPPED,
    OPEN,
    PERSISTENCE,
    PROBLEMS,
    PUT,
    REQUESTS,
    TAKEN,
    CounterRows,
    Row,
    SharedCounterRows,
    notices_of,
    problems_of,
    rest_of,
    row_at,
    shared_rows,
)
from engine.telemetry.details import Details
from engine.telemetry.shares import ShareReport
from engine.telemetry.sink import Sink, sink_for
from engine.telemetry.wire import VERSION, Counters, Message, Problem, Ready, Stopped
from engine.telemetry.workers import ChildWorker, Worker, current_worker

COUNTERS = frozenset(Counters.__struct_fields__)
COUNTERS_EVERY = 0.095
"""Seconds, a little under the two ticks of 50 ms that make ten messages a second."""
_SINCE_UNIT = 1e6
"""In shared memory, the moment of a problem's report is a whole number of microseconds."""
SAME_PROBLEM = 5.0
"""Seconds in which the same problem is reported once."""


class Recorder(Details):
    """Records what happens and sends it to `sink`.

    `detail` is `off` (only ready, problems and stopped are sent), `counters`, `sampled` (some of the requests, at
    hardly any cost, without what workers are doing), `requests`, or `full`: with spans and what workers are doing.
    """

    def __init__(self, sink: Sink, model: Model, detail: str, *, fork: bool = True) -> None:
        super().__init__(sink, model, detail)
        self._workers = itertools.count()
        self._counter_rows = CounterRows()
        self._own_row = self._counter_rows.open(-1)  # counts what no worker does
        self._children: SharedCounterRows | None = None
        if model.worker == "process":
            self._children = SharedCounterRows(fork=fork)
            self._sink.share(self._children.path, self._children.rest)
        self._activities = ActivityReport(sink, model, self._counter_rows, self._children)
        has_shares = model.traits.has_pool and detail not in ("off", "sampled")
        self._shares = ShareReport(sink, model.traits, self._counter_rows, self._children) if has_shares else None
        self._counted_at = monotonic()
        self.is_preparing = False
        """Whether `ready` is still to come, which is the first message."""
        self._counted = 0
        self._queue: Callable[[], tuple[int, int]] = lambda: (-1, -1)
        self._handed_over: dict[int, Connection] = {}
        self._open_elsewhere = 0
        self._problems = self._children.problems if self._children else memoryview(bytearray(PROBLEMS * 8)).cast("q")
        self.persistence: MutableSequence[int] | memoryview[int] = (
            self._children.notices[PERSISTENCE] if self._children else [0]
        )
        """One number that all processes of this server share: how long a connection lasts, see `engine.persistence`."""
        self.current = current_worker("thread" if model.hands_over else model.worker, self._new_worker)
        """Its `worker` is the one that runs now. Who made the recorder is worker 0."""
        self._decide_details()

    # What the engine calls.

    def ready(
        self,
        host: str,
        port: int,
        root: str,
        keep_alive: bool,
        file: str,
        settings: dict[str, Value],
        helpers: int = 0,
        served: str = "",
        mistake: tuple[str, str] = ("", ""),
    ) -> None:
        """Report that the server listens.

        `settings` are the model's own, `helpers` the number of threads that serve no client, `served` what is served,
        `mistake` the key and the file of one that is made on purpose.
        """
        now = monotonic()
        model = self._model
        self.send(
            Ready(
                version=VERSION,
                model=model.key,
                host=host,
                port=port,
                pid=os.getpid(),
                root=root,
                keep_alive=keep_alive,
                time=now,
                clock=time() - now,
                title=model.title,
                traits=model.traits,
                settings=settings,
                file=file,
                helpers=helpers,
                served=served,
                mistake=mistake[0],
                mistake_file=mistake[1],
            )
        )
        self.is_preparing = False

    def workers(self) -> list[Worker]:
        """The workers of this process that have not ended."""
        return [self.current.worker] if self.is_child else self._counter_rows.workers()

    def set_backlog_probe(self, queue: Callable[[], tuple[int, int]]) -> None:
        """`queue` gives how many connections wait to be accepted, and how many may; -1 if that can't be known."""
        self._queue = queue

    def set_readiness(self, readiness: WaitProbe) -> None:
        """Ask `readiness` whether clients are really waited for, while spans are wanted."""
        self._activities.readiness = readiness

    def set_spans_wanted(self, wanted: bool) -> None:
        """Whether spans are wanted: only then are they sent."""
        if self._detail in ("requests", "full") and wanted != bool(self.spans_every):
            self.spans_every = int(wanted)
            self._activities.forget()
            self._decide_details()

    def problem(self, code: str, message: str = "", *, place: str | int = "", **details: str | int) -> bool:
        """Report a problem, once while it lasts: whether it was reported now, and by no other process of this server.

        `place` distinguishes several of a kind. `message` is in English; empty: as `engine.problems` has it.
        """
        if place:
            details["place"] = place
        now = monotonic()
        key = zlib.crc32(f"{code} {place}".encode())
        slot = 2 * (key % (PROBLEMS // 2))
        before = self._problems[slot + 1] / _SINCE_UNIT if self._problems[slot] == key else -SAME_PROBLEM
        if now - before < SAME_PROBLEM:
            return False
        self._problems[slot], self._problems[slot + 1] = key, int(now * _SINCE_UNIT)
        self.send(Problem(now, code, message, details) if message else problem(now, code, **details))
        return True

    def stopped(self) -> None:
        """Write what is left, exact counters included, and say goodbye."""
        self.flush()
        self._count()
        self.send(Stopped(monotonic()))
        self._sink.close()
        if self._children:
            self._children.close()

    def send(self, message: Message) -> None:
        """Send one message now."""
        self._sink.send(message)

    @property
    def is_telling(self) -> bool:
        """Whether a flush is in progress."""
        return self._sink.is_busy

    def tick(self) -> None:
        """Write what has come since the last tick, and the counters ten times a second."""
        if self.is_preparing:
            return
        is_due = not self.is_child and monotonic() - self._counted_at >= COUNTERS_EVERY
        if is_due and self.spans_every:
            # Before calls are reported: a connection that is silent now was silent after them.
            self._activities.poll(self.open_here)
        self.flush()
        if self.is_child:
            self._follow_parent()
        elif is_due:
            self._count()

    def has_more_open_than(self, most: int) -> bool:
        """Whether more connections than `most` are open, those of children included."""
        if self.is_child:  # as the parent counted last
            self._open_elsewhere = self._notices[OPEN] - self._own_row[COUNTED]
        elif self._children and len(self.open_here) + self._open_elsewhere > most:
            self._total()  # children may have closed some since the last counting
        return len(self.open_here) + self._open_elsewhere > most

    def children(self) -> list[int]:
        """The pids of children that may be alive."""
        return self._children.pids() if self._children else []

    # Around a fork.

    def before_fork(self) -> None:
        """Send what the child's records refer to, and set a row aside for it."""
        self.flush()
        if not self.is_child:
            self._set_row_aside()

    def take_back_row(self) -> None:
        """There is no child after all."""
        if self._children and not self.is_child:
            self._children.fork_failed()

    def after_fork_in_parent(self, pid: int) -> None:
        """The child owns the connections now; what this process closes is only its copy."""
        if self._children and not self.is_child:
            self._children.after_fork(pid)
        self._hand_over()

    def fork_failed(self, connection: int) -> None:
        """There is no child for `connection`: this process still owns it, until it closes it."""
        if self._children and connection not in self.open_here:  # or else it was not even handed over
            self.open_here.update(self._handed_over)
            self._children.fork_failed()

    def after_fork_in_child(self, tick_soon: Callable[[], object]) -> None:
        """Count in the row that the parent set aside; nobody ticks here unless `tick_soon` is called.

        A child of a child counts in the row of its parent.
        """
        self._clear()  # the parent sends it
        self._sink.forked()
        if not self.is_child:
            assert self._children
            self._become_child(self._children.adopt(), self._children.notices, self._children.numbers)
        self._be_worker()
        self.set_flush_scheduler(tick_soon)

    def __reduce__(self) -> tuple[Any, ...]:
        """How a child gets it that is not forked but spawned: it takes over the connections that are open here."""
        from multiprocessing.context import get_spawning_popen

        children = self._children
        assert children
        self._set_row_aside(get_spawning_popen())
        self._hand_over()
        return spawned_recorder, (self._model.key, self._detail, children.path, children.place, children.numbers)

    def _set_row_aside(self, launch: Any = None) -> None:
        if self._children:
            reported = [connection.number for connection in self.open_here.values() if connection.is_opened]
            self._children.before_fork(len(self.open_here), reported, launch)

    def _hand_over(self) -> None:
        self._handed_over, self.open_here = self.open_here, {}
        self._open_elsewhere += len(self._handed_over)

    def _become_child(self, row: Row, notices: memoryview, numbers: int) -> None:
        self.is_child = True
        self._notices = notices
        self.persistence = notices[PERSISTENCE]
        self.requests_every, self.spans_every = notices[DETAIL]
        self._connections = itertools.count(numbers + 1)
        self._newest = self._sent = numbers
        self._own_row = row

    def _be_worker(self) -> None:
        pid = os.getpid()
        self._head_numbers = itertools.count((pid << 20) + 1)
        self.current.worker = ChildWorker(pid, self._served_by(pid), None, self._own_row)

    def _new_worker(self) -> Worker:
        number = next(self._workers)
        return Worker(number, self._served_by(number), self._counter_rows, self._counter_rows.open(number))

    def _served_by(self, number: int) -> bytes:
        name = self._model.traits.worker_name(number)
        return f'Served-By: {self._model.key}; worker="{name}"\r\n'.encode()

    def _follow_parent(self) -> None:
        """Send from now on as much detail as the parent's notices want."""
        if (self.requests_every, self.spans_every) != tuple(self._notices[DETAIL]):
            self.requests_every, self.spans_every = self._notices[DETAIL]
            self._decide_details()

    def _count(self) -> None:
        now = monotonic()
        if self._children:
            self._closed += [(now, connection, pid) for pid, connection in self._children.reap()]
        total = self._total()
        if self._children:
            self._children.tell_open(total[ACCEPTED] - total[CLOSED])
        self._thin_out(now, now - self._counted_at, total[REQUESTS] - self._counted, total[DROPPED])
        self._counted_at, self._counted = now, total[REQUESTS]
        if self.spans_every:
            self._activities.send(now, self.open_here, self.tells_spans_of)
        if self._shares:
            self._shares.send(now)
        if self._detail != "off":
            queued, backlog = self._queue()
            counts: dict[str, Any] = {name: n for name, n in zip(COUNTS, total, strict=True) if name in COUNTERS}
            self.send(
                Counters(
                    time=now,
                    open=total[ACCEPTED] - total[CLOSED],
                    **counts,
                    requests_every=self.requests_every,
                    spans_every=self.spans_every,
                    queued=queued,
                    backlog=backlog,
                    waiting=self._waiting(total),
                    clock=time() - now,
                )
            )

    def _waiting(self, total: list[int]) -> int:
        """How many wait in the queue of the pool; -1 if there is none."""
        if not self._model.traits.has_queue:
            return -1
        return max(0, total[PUT if self._model.hands_over else ACCEPTED] - total[TAKEN])

    def _total(self) -> list[int]:
        total = self._counter_rows.total()
        if self._children:
            total = [mine + theirs for mine, theirs in zip(total, self._children.total(), strict=True)]
            self._open_elsewhere = total[ACCEPTED] - total[CLOSED] - len(self.open_here)
        return total

    def _decide_details(self) -> None:
        if self._children and not self.is_child:
            self._children.notices[0], self._children.notices[1] = self.requests_every, self.spans_every
        super()._decide_details()


def spawned_recorder(model: str, detail: str, path: str, place: int, numbers: int) -> Recorder:
    """The recorder of a spawned child, which writes to the same pipe as its parent."""
    sink = sink_for(sys.stdout.fileno())
    recorder = Recorder(sink, MODELS[model], detail)
    try:
        rows = shared_rows(path)
        sink.share(path, rest_of(rows))
    except FileNotFoundError:
        os._exit(0)  # the parent has ended meanwhile
    recorder._problems = problems_of(rows)
    sink.forked()
    recorder._become_child(row_at(rows, place), notices_of(rows), numbers)
    recorder._be_worker()
    return recorder
