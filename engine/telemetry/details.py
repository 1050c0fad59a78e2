"""The details of what a server does: requests, connections, calls and handling, as records in batches.

Owns the batches and their thinning. Workers append, `flush` writes. Knows neither HTTP nor the models, and of counters
only where its own process counts.

Details thin out, counters don't: when records come faster than a budget, only every k-th connection is reported,
with all that belongs to it, and k is in the counters.
"""

import itertools
from collections.abc import Callable
from typing import Any

from engine.addresses import host_port
from engine.clock import monotonic
from engine.model import Model
from engine.telemetry.activities import Connection
from engine.telemetry.counters import (
    ACCEPTED,
    CALLS,
    CLOSED,
    DROPPED,
    UNSENT,
    Row,
    note_closed,
    note_open,
    note_served,
    note_taken,
)
from engine.telemetry.sink import Sink, head_row
from engine.telemetry.thinning import REQUESTS_BUDGET, SAMPLED_BUDGET, Thinning
from engine.telemetry.wire import Request
from engine.telemetry.workers import CurrentWorker, Worker

PENDING = 50_000
"""Records that wait at most for the next tick; more are dropped, and counted."""
KNOWN_HEADS = 4096


class Details:
    """Takes records, and sends those of the connections that are reported to `sink`."""

    _own_row: Row
    """Counts what no worker does."""
    current: CurrentWorker
    """Its `worker` is the one that runs now. Who made the recorder is worker 0."""

    def __init__(self, sink: Sink, model: Model, detail: str) -> None:
        self._sink = sink
        self._model = model
        self._detail = detail
        self._connections = itertools.count(1)
        self._newest = self._sent = 0
        """The connections that this process accepted last, and that had been when it last wrote its records."""
        self._serves_connections = model.traits.has_pool and not model.hands_over
        """Whether what its workers take are connections."""
        self._heads: dict[bytes, int] = {}
        self._head_numbers = itertools.count(1)
        self._batches: dict[str, list[Any]] = {
            kind: [] for kind in ("files", "heads", "opened", "phones", "requests", "closed", "handling", "spans")
        }
        self._opened, self._requests = self._batches["opened"], self._batches["requests"]
        self._closed, self._spans = self._batches["closed"], self._batches["spans"]
        self._handling = self._batches["handling"]
        self._flushing = False
        self._tick_soon: Callable[[], object] | None = None
        self._tick_is_due = False
        self.requests_every = int(detail in ("sampled", "requests", "full"))
        self._thinning = Thinning(SAMPLED_BUDGET if detail == "sampled" else REQUESTS_BUDGET)
        self.spans_every = int(detail == "full")
        self.marks_always = model.waits == "call" and detail in ("requests", "full")
        """Whether a worker's current call is noted even while no view is open, so that a view opened later shows the
        workers that are already blocked. A worker that never blocks in a socket's call is spared the price."""
        self.open_here: dict[int, Connection] = {}
        """Connections that this process has open, by number."""
        self.is_child = False
        """Whether this is a process that serves for its parent: it sends details, and leaves the counters to it."""

    def connection_accepted(self, connection: Connection, address: tuple[Any, ...], worker: Worker) -> None:
        """Number the `connection` that `worker` has just accepted from `address`: host and port come first in it."""
        number = connection.number = self._newest = next(self._connections)
        worker.row[ACCEPTED] += 1
        self.open_here[number] = connection
        every = self.requests_every
        if every == 1 or self._is_sampled(every, number):
            connection.is_opened = connection.is_reported = True
            self._opened.append((connection.accepted, number, host_port(*address[:2]), worker.number))
            if self._tick_soon is not None:
                self._record_added()
            if self.is_child:
                note_open(self._own_row, number)
        if self.spans_every:
            connection.is_traced = self._is_sampled(self.spans_every, number)
        connection.is_marked = connection.is_traced or self.marks_always

    def phone_named(self, connection: int, key: str, name: str, wants_drip: bool) -> None:
        """The client of the connection is this phone, in the fields of `wire.Phone`."""
        self._batches["phones"].append((monotonic(), connection, key, name, wants_drip))
        self._record_added()

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

    def tells_spans_of(self, connection: int) -> bool:
        """Whether spans of that connection are reported."""
        return self._is_sampled(self.spans_every, connection)

    def reader_is_behind(self) -> None:
        """Report less from now on: the reader has said that it can't keep up."""
        self._thinning.reader_is_behind()

    def set_flush_scheduler(self, tick_soon: Callable[[], object]) -> None:
        """From now on call `tick_soon` when there is something to write."""
        self._tick_soon = tick_soon

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

    def _clear(self) -> None:
        """Take back what is not written yet."""
        for batch in self._batches.values():
            batch.clear()

    def _thin_out(self, now: float, seconds: float, requests: int, dropped: int) -> None:
        """Report as many connections as fit, after so many `requests` in `seconds`, and `dropped` records so far."""
        before = self.requests_every, self.spans_every
        self.requests_every, self.spans_every = self._thinning.adjusted(now, seconds, requests, dropped, before)
        if before != (self.requests_every, self.spans_every):
            self._decide_details()

    def _decide_details(self) -> None:
        for connection in list(self.open_here.values()):
            self._decide_detail(connection)

    def _decide_detail(self, connection: Connection) -> None:
        connection.is_reported = self._is_sampled(self.requests_every, connection.number)
        connection.is_traced = self._is_sampled(self.spans_every, connection.number)
        connection.is_marked = connection.is_traced or self.marks_always
        connection.arrived = 0.0  # of a read before that

    @staticmethod
    def _is_sampled(every: int, connection: int) -> bool:
        return every == 1 or (every > 1 and connection % every == 1)

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

    def _record_added(self) -> None:
        if self._tick_soon is not None:
            self._own_row[UNSENT] += 1
            if not self._tick_is_due:
                self._tick_is_due = True
                self._tick_soon()
