"""The recorder: what the server reports, in batches, at a bounded cost.

Owns the counters, the batches of detail records and their thinning. Workers append, `tick` (about twenty times a
second) writes. Knows neither HTTP nor the models; the traced socket passes events to it.

Details thin out, counters don't: when records come faster than a budget, only every k-th connection is reported,
with all that belongs to it, and k is in the counters.
"""

import itertools
import os
import sys
import zlib
from collections.abc import Callable, MutableSequence
from time import time
from typing import Any

from engine.clock import monotonic
from engine.models import MODELS, Model
from engine.problems import problem
from engine.setting import Value
from engine.telemetry.activities import ActivityReport, Connection, WaitProbe
from engine.telemetry.counters import (
    ACCEPTED,
    CALLS,
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
    UNSENT,
    CounterRows,
    Row,
    SharedCounterRows,
    note_closed,
    note_open,
    note_served,
    note_taken,
    notices_of,
    problems_of,
    rest_of,
    row_at,
    shared_rows,
)
from engine.telemetry.shares import ShareReport
from engine.telemetry.sink import Sink, head_row, sink_for
from engine.telemetry.thinning import REQUESTS_BUDGET, SAMPLED_BUDGET, Thinning
from engine.telemetry.wire import VERSION, Counters, Message, Problem, Ready, Request, Stopped
from engine.telemetry.workers import ChildWorker, Worker, current_worker

COUNTERS = frozenset(Counters.__struct_fields__)
COUNTERS_EVERY = 0.095
"""Seconds, a little under the two ticks of 50 ms that make ten messages a second."""
PENDING = 50_000
"""Records that wait at most for the next tick; more are dropped, and counted."""
KNOWN_HEADS = 4096
_SINCE_UNIT = 1e6
"""In shared memory, the moment of a problem's report is a whole number of microseconds."""
SAME_PROBLEM = 5.0
"""Seconds in which the same problem is reported once."""


class Recorder:
    """Records what happens and sends it to `sink`.

    `detail` is `off` (only ready, problems and stopped are sent), `counters`, `sampled` (some of the requests, at
    hardly any cost, without what workers are doing), `requests`, or `full`: with spans and what workers are doing.
    """

    def __init__(self, sink: Sink, model: Model, detail: str, *, fork: bool = True) -> None:
        self._sink = sink
        self._model = model
        self._detail = detail
        self._workers = itertools.count()
        self._connections = itertools.count(1)
        self._newest = self._sent = 0
        """The connections that this process accepted last, and that had been when it last wrote its records."""
        self._heads: dict[bytes, int] = {}
        self._head_numbers = itertools.count(1)
        self._counter_rows = CounterRows()
        self._own_row = self._counter_rows.open(-1)  # counts what no worker does
        self._flushing = False
        self._children: SharedCounterRows | None = None
        if model.worker == "process":
            self._children = SharedCounterRows(fork=fork)
            self._sink.share(self._children.path, self._children.rest)
        self._batches: dict[str, list[Any]] = {
            kind: [] for kind in ("files", "heads", "opened", "requests", "closed", "handling", "spans")
        }
        self._opened, self._requests = self._batches["opened"], self._batches["requests"]
        self._closed, self._spans = self._batches["closed"], self._batches["spans"]
        self._handling = self._batches["handling"]
        self._counted_at = monotonic()
        self._counted = 0
        self.requests_every = int(detail in ("sampled", "requests", "full"))
        self._thinning = Thinning(SAMPLED_BUDGET if detail == "sampled" else REQUESTS_BUDGET)
        self.spans_every = int(detail == "full")
        self.marks_always = model.waits == "call" and detail in ("requests", "full")
        """Whether a worker's current call is noted even while no view is open, so that a view opened later shows the
        workers that are already blocked. A worker that never blocks in a socket's call is spared the price."""
        self._activities = ActivityReport(sink, model, self._counter_rows, self._children)
        has_shares = model.traits.has_pool and detail not in ("off", "sampled")
        self._shares = ShareReport(sink, model.traits, self._counter_rows, self._children) if has_shares else None
        self._queue: Callable[[], tuple[int, int]] = lambda: (-1, -1)
        self.open_here: dict[int, Connection] = {}
        """Connections that this process has open, by number."""
        self._handed_over: dict[int, Connection] = {}
        self._open_elsewhere = 0
        self._problems = self._children.problems if self._children else memoryview(bytearray(PROBLEMS * 8)).cast("q")
        self.persistence: MutableSequence[int] | memoryview[int] = (
            self._children.notices[PERSISTENCE] if self._children else [0]
        )
        """One number that all processes of this server share: how long a connection lasts, see `engine.persistence`."""
        self.is_child = False
        """Whether this is a process that serves for its parent: it sends details, and leaves the counters to it."""
        self._tick_soon: Callable[[], object] | None = None
        self._tick_is_due = False
        self._serves_connections = model.traits.has_pool and not model.hands_over
        """Whether what its workers take are connections."""
        self.current = current_worker("thread" if model.hands_over else model.worker, self._new_worker)
        """Its `worker` is the one that runs now. Who made the recorder is worker 0."""
        self._decide_details()

    # What workers call.

    def connection_accepted(self, connection: Connection, address: tuple[Any, ...], worker: Worker) -> None:
        """Number the `connection` that `worker` has just accepted from `address`: host and port come first in it."""
        number = connection.number = self._newest = next(self._connections)
        worker.row[ACCEPTED] += 1
        self.open_here[number] = connection
        every = self.requests_every
        if every == 1 or self._is_sampled(every, number):
            connection.is_opened = connection.is_reported = True
            self._opened.append((connection.accepted, number, _host_port(*address[:2]), worker.number))
            if self._tick_soon is not None:
                self._record_added()
            if self.is_child:
                note_open(self._own_row, number)
        if self.spans_every:
            connection.is_traced = self._is_sampled(self.spans_every, number)
        connection.is_marked = connection.is_traced or self.marks_always

    def connection_taken(self) -> None:
        """The worker that runs now serves a connection from now on."""
        if self._serves_connections:
            note_taken(self.current.worker.row, monotonic())

    def connection_adopted(self, connection: Connection, number: int) -> None:
        """The `connection` of this number, accepted in another process, is open in this one."""
        connection.number = number
        self.open_here[number] = connection
        self._decide_detail(connection)
        connection.is_opened = connection.is_reported
        if self.is_child and connection.is_opened:
            note_open(self._own_row, number)

    def connection_closed(self, number: int, worker: Worker) -> None:
        """The connection was closed by `worker`, unless a child has taken it over."""
        connection = self.open_here.pop(number, None)
        if connection is None:
            return
        worker.row[CLOSED] += 1
        if self._serves_connections:
            note_served(worker.row, monotonic())
        if connection.is_opened:
            self._closed.append((monotonic(), number, worker.number))
            if self._tick_soon is not None:
                self._record_added()
        if self.is_child:
            if number <= self._sent:  # or else a child that is killed has reported neither its opening nor its end
                self.flush()
            note_closed(self._own_row, number)

    def request_answered(self, row: Request, request_head: bytes, reply_head: bytes) -> None:
        """A request was answered, or its reply broke off. An empty `request_head` was not understood."""
        known = self._heads.get
        row.request = known(request_head) or self._new_head(request_head)
        row.reply = known(reply_head) or self._new_head(reply_head)
        self._requests.append(row)
        if self._tick_soon is not None:
            self._record_added()

    def span(
        self,
        worker: Worker,
        connection: int,
        call: int,
        file: int,
        line: int,
        begin: float,
        end: float,
        moved: int,
        arrived: float = 0.0,
        unsent: int = -1,
    ) -> None:
        """A call that touched the network, in the fields of `wire.Span`; the call as its place in `CALLS`."""
        if arrived or unsent >= 0:
            row: tuple[Any, ...] = (
                worker.number, connection, CALLS[call], line, begin, end, moved, file, arrived, unsent,
            )  # fmt: skip
        else:  # what is not said need not be written
            row = (worker.number, connection, CALLS[call], line, begin, end, moved, file)
        self._spans.append(row)
        self._record_added()

    def handling(
        self, worker: Worker, connection: int, begin: float, end: float, spent: tuple[float, float], at: tuple[int, int]
    ) -> None:
        """A stretch of handling, in the fields of `wire.HandlingSample`; `at`: file and line of the application."""
        self._handling.append((worker.number, connection, begin, end, *spent, *at))
        self._record_added()

    def file(self, number: int, path: str) -> None:
        """Spans and activities mean the file at `path` by `number` from now on."""
        if self._detail in ("requests", "full"):
            self._batches["files"].append((number, path))
            self._record_added()

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

    def workers(self) -> list[Worker]:
        """The workers of this process that have not ended."""
        return [self.current.worker] if self.is_child else self._counter_rows.workers()

    def tells_spans_of(self, connection: int) -> bool:
        """Whether spans of that connection are reported."""
        return self._is_sampled(self.spans_every, connection)

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

    def reader_is_behind(self) -> None:
        """Report less from now on: the reader has said that it can't keep up."""
        self._thinning.reader_is_behind()

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
        is_due = not self.is_child and monotonic() - self._counted_at >= COUNTERS_EVERY
        if is_due and self.spans_every:
            self._activities.poll(
                self.open_here
            )  # before calls are reported: a connection that is silent now was silent after them
        self.flush()
        if self.is_child:
            self._follow_parent()
        elif is_due:
            self._count()

    def flush(self) -> None:
        """Write the batches of details."""
        if self._flushing:
            return  # a signal handler came in between
        self._flushing = True
        self._tick_is_due = False
        self._sent = self._newest
        # Counted from the last kind to the first, and sent the other way round: whatever a row refers to was
        # appended before it, so it is sent before it.
        counts = {kind: len(batch) for kind, batch in reversed(self._batches.items())}
        for kind, batch in self._batches.items():
            count = counts[kind]
            if not count:
                continue
            rows = batch[:count]
            del batch[:count]  # what was appended meanwhile stays
            lost = max(0, count - PENDING)
            lost += self._sink.send_rows(kind, rows[lost:])
            if lost:
                self._own_row[DROPPED] += lost
                if kind == "heads":
                    self._heads.clear()  # they did not arrive: they are sent again
                elif kind == "files":
                    batch[:0] = rows
            if self.is_child:
                self._own_row[UNSENT] -= count
        self._flushing = False

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
        for batch in self._batches.values():
            batch.clear()  # the parent sends it
        self._sink.forked()
        if not self.is_child:
            assert self._children
            self._become_child(self._children.adopt(), self._children.notices, self._children.numbers)
        self._be_worker()
        self.set_flush_scheduler(tick_soon)

    def set_flush_scheduler(self, tick_soon: Callable[[], object]) -> None:
        """From now on call `tick_soon` when there is something to write."""
        self._tick_soon = tick_soon

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

    def _record_added(self) -> None:
        if self._tick_soon is not None:
            self._own_row[UNSENT] += 1
            if not self._tick_is_due:
                self._tick_is_due = True
                self._tick_soon()

    @staticmethod
    def _is_sampled(every: int, connection: int) -> bool:
        return every == 1 or (every > 1 and connection % every == 1)

    def _follow_parent(self) -> None:
        """Send from now on as much detail as the parent's notices want."""
        if (self.requests_every, self.spans_every) != tuple(self._notices[DETAIL]):
            self.requests_every, self.spans_every = self._notices[DETAIL]
            self._decide_details()

    def _decide_details(self) -> None:
        if self._children and not self.is_child:
            self._children.notices[0], self._children.notices[1] = self.requests_every, self.spans_every
        for connection in list(self.open_here.values()):
            self._decide_detail(connection)

    def _decide_detail(self, connection: Connection) -> None:
        connection.is_reported = self._is_sampled(self.requests_every, connection.number)
        connection.is_traced = self._is_sampled(self.spans_every, connection.number)
        connection.is_marked = connection.is_traced or self.marks_always
        connection.ancillary = ()  # of a read before that

    def _new_head(self, head: bytes) -> int:
        """The number of `head`, which is sent now; 0 if there is none."""
        if not head:
            return 0
        if len(self._heads) >= KNOWN_HEADS:
            self._heads.clear()
        number = self._heads[head] = next(self._head_numbers)
        self._batches["heads"].append(head_row(number, head))
        self._record_added()
        return number

    def _count(self) -> None:
        now = monotonic()
        if self._children:
            self._closed += [(now, connection, pid) for pid, connection in self._children.reap()]
        total = self._total()
        if self._children:
            self._children.tell_open(total[ACCEPTED] - total[CLOSED])
        self._thin_out(total, now)
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

    def _thin_out(self, total: list[int], now: float) -> None:
        seconds = now - self._counted_at
        if self.requests_every and seconds > 0:
            before = self.requests_every, self.spans_every
            rate = (total[REQUESTS] - self._counted) / seconds
            self._thinning.adjust(now, seconds, total[DROPPED])
            self.requests_every = self._thinning.requests_every(rate, self.requests_every)
            if self.spans_every:
                self.spans_every = self._thinning.spans_every(rate, self.spans_every)
            if before != (self.requests_every, self.spans_every):
                self._decide_details()


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


def _host_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
