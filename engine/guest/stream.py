"""The messages about a guest: from what its processes wrote, and from what the kernel reports.

Owns the numbers of connections, the shares of the processes, the batches of details and their thinning. Knows neither
how the program was started nor how long it lives.
"""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import time
from typing import Any

from engine.clock import monotonic
from engine.guest.hearing import Conversation, Exchange
from engine.guest.inside.servescope_inside import layout
from engine.guest.slots import Slot, SlotActivity, SlotRow, Totals
from engine.guest.waiting import Waiting
from engine.guest.workers import OwnFiles, WorkerNumbers
from engine.problems import problem
from engine.telemetry.details import KNOWN_HEADS
from engine.telemetry.sink import Sink, head_row
from engine.telemetry.spent import Spent
from engine.telemetry.thinning import Thinning
from engine.telemetry.wire import (
    VERSION,
    Activities,
    Activity,
    Amended,
    Call,
    Counters,
    Listeners,
    Listening,
    Message,
    Ready,
    Request,
    Said,
    Stopped,
    Visibility,
    WorkerCounts,
    Workers,
)
from engine.traits import Traits

NOTHING = Totals(0, 0, 0, 0, 0, 0, 0)
CALLS: tuple[Call, ...] = ("wait", "accept", "recv", "send", "wait", "close")
"""By the number of a call in a worker's words."""
SPAN_CALLS: dict[int, Call] = {
    layout.ACCEPT_ROW: "accept",
    layout.RECV_ROW: "recv",
    layout.SEND_ROW: "send",
    layout.CLOSE_ROW: "close",
    layout.WAIT_ROW: "wait",
}
GIVEN_FOR = 10.0
"""Seconds that a connection has to be taken over by the process that it was sent to."""
FORKED_FOR = 1.0
"""Seconds in which a forked child has to report."""
WORKERS_A_LINE = 40
RESEND_EVERY = 2.0
TEXT_A_LINE = 1500
"""Characters of output in one message."""


class Known:
    """One accepted connection."""

    __slots__ = (
        "accepted", "acceptor", "client", "conversation", "handled_in", "holders", "is_given_until", "is_opened",
        "number", "worker",
    )  # fmt: skip

    def __init__(self, number: int, client: str, accepted: float) -> None:
        self.number = number
        self.client = client
        self.accepted = accepted
        self.acceptor = 0
        """The worker that accepted it; 0: not known."""
        self.conversation: Conversation | None = None
        self.holders: set[int] = set()
        """The processes that have it open; a fork that has not reported yet is a negative number."""
        self.is_given_until = 0.0
        self.is_opened = False
        self.handled_in: Process | None = None
        """The process that took what has come of a request that is not answered yet."""
        self.worker = 0
        """The one that received last."""

    @property
    def is_handled(self) -> bool:
        """Whether a request has begun to come that is not answered yet."""
        return self.handled_in is not None

    def handle_in(self, process: "Process | None") -> None:
        """Its request is handled in `process` from now on; None: it is answered, or given up."""
        if self.handled_in is not None:
            self.handled_in.handled -= 1
        if process is not None:
            process.handled += 1
        self.handled_in = process


@dataclass
class Process:
    """One process of the guest."""

    pid: int
    parent: int
    slot: Slot | None = None
    totals: Totals = NOTHING
    requests: int = 0
    """Requests of it that were read along."""
    computed: float = -1.0
    is_traced: bool = False
    has_ended: bool = False
    missed: int = 0
    handled: int = 0
    """Connections of it that are handled."""
    open: set[int] = field(default_factory=set)
    """The keys of connections that it holds."""
    forks: dict[int, tuple[float, frozenset[int]]] = field(default_factory=dict)
    """When a fork was begun, by its number, and what was open then."""
    sent: WorkerCounts | None = None


class Stream:
    """Takes what is known of a guest and sends it to `sink`; `detail` as with a model's recorder."""

    def __init__(self, sink: Sink, title: str, command: list[str], file: str, folder: str, detail: str) -> None:
        self._sink = sink
        self._title = title
        self._command = command
        self._file = file
        self._folder = folder
        self._detail = detail
        self.processes: dict[int, Process] = {}
        """Those that run, or have ended just now, by pid."""
        self._ended = NOTHING
        """What all others have counted."""
        self._connections: dict[int, Known] = {}
        self._numbers = itertools.count(1)
        self._heads: dict[bytes, int] = {}
        self._head_numbers = itertools.count(1)
        self._batches: dict[str, list[Any]] = {
            kind: [] for kind in ("files", "named", "heads", "opened", "requests", "closed", "handling", "spans")
        }
        self._files = OwnFiles(folder, file, lambda row: self._batches["files"].append(row))
        self._workers = WorkerNumbers(lambda row: self._batches["named"].append(row))
        self._received: dict[int, int] = {}
        """The key of the connection from which each worker received last."""
        self._waiting = Waiting(self._take_handling)
        self.listeners: dict[tuple[str, int], int] = {}
        """The first process that listens, by address."""
        self._sent_listeners: list[Listening] = []
        self.shown: tuple[str, int] | None = None
        self.is_ready = False
        self.seen: Visibility | None = None
        self.wanted_port = 0
        self.requests = self.failed = self._dropped = 0
        self._is_exact = True
        self.requests_every = int(detail in ("requests", "full"))
        self.spans_every = int(detail == "full")
        self._thinning = Thinning()
        self._counted_at, self._counted = monotonic(), 0
        self._resent_at = 0.0
        self.traits = Traits()
        self._reading: Process | None = None
        """The process whose rows are being read."""
        self._has_accepted = False
        self._waits_in_calls = True
        self._has_greenlets = self._has_threads = False
        self._sent_activities: dict[int, tuple[Any, ...]] = {}
        self.queue: tuple[int, int] = (-1, -1)
        self.open = -1
        """Open connections by the kernel's count; -1: it is not asked."""
        self.accepted_outside: dict[int, int] = {}
        """Connections of processes that are not traced, by pid, as far as they were seen."""
        self.problems: list[tuple[str, dict[str, str | int]]] = []
        self.taken: list[int] = []
        """Ports that the program could not have, to be looked at."""

    # Processes.

    def add(self, slot: Slot, parent: int) -> None:
        """A traced process has begun, forked or started by `parent`."""
        before = self.processes.get(slot.pid)
        if before is not None and before.slot is not None:
            self.end_process(slot.pid)  # another program in the same process
        process = self.processes[slot.pid] = Process(slot.pid, parent, slot, is_traced=True)
        self._workers.forget(slot.pid)
        slot.order(self.requests_every, self.spans_every)
        forked_by = self.processes.get(slot.parent)
        if forked_by is not None:
            if forked_by.slot is not None:
                self._read(forked_by)  # it has said what was open at the fork
            _, keys = forked_by.forks.pop(slot.fork, (0.0, frozenset[int]()))
            for key in keys:
                known = self._connections.get(key)
                if known is not None:
                    known.holders.discard(_fork_holder(slot.parent, slot.fork))
                    known.holders.add(slot.pid)
                    process.open.add(key)

    def add_outside(self, pid: int, parent: int) -> None:
        """A process that is not traced."""
        self.processes.setdefault(pid, Process(pid, parent))

    def end_process(self, pid: int) -> None:
        """A process has ended: read what it left."""
        process = self.processes.get(pid)
        if process is None or process.has_ended:
            return
        process.has_ended = True
        if process.slot is not None:
            self._read(process)
            process.totals = process.slot.totals()
            process.slot.remove()
            process.slot = None
        now = monotonic()
        for key in list(process.open):
            self._release(key, process, now, pid)

    def read(self) -> int:
        """Take all that was written since the last call; how many bytes it was."""
        read = sum(self._read(process) for process in list(self.processes.values()) if process.slot is not None)
        self._forget_forks()
        return read

    def _read(self, process: Process) -> int:
        assert process.slot
        self._reading = process
        read = 0
        for row in process.slot.rows():
            read += row.size
            if process.slot.missed != process.missed:
                process.missed = process.slot.missed
                self._lose(process)
            _TAKERS[row.kind](self, process, row)
        return read

    def _lose(self, process: Process) -> None:
        """Rows were lost: what is under way on its connections is not known any more."""
        for key in process.open:
            known = self._connections.get(key)
            if known and known.conversation:
                self._is_exact = False
                known.conversation = None

    def _forget_forks(self) -> None:
        """A fork without a child, or one that runs another program at once, holds nothing."""
        now = monotonic()
        for process in self.processes.values():
            for number, (begun, keys) in list(process.forks.items()):
                if now - begun > FORKED_FOR:
                    del process.forks[number]
                    for key in keys:
                        self._drop_holder(key, _fork_holder(process.pid, number), now, process.pid)

    # Rows.

    def _take_accept(self, process: Process, row: SlotRow) -> None:
        known = self._meet(process, row)
        known.accepted = row.end
        self._show(row.moved)
        known.acceptor = row.worker
        self._workers.acceptors.add(row.worker)
        if row.line and self._is_sampled(self.spans_every, row.connection):
            self._span(known.number, row)

    def _take_heard(self, process: Process, row: SlotRow) -> None:
        known = self._connections.get(row.connection) or self._meet(process, row)
        if known.conversation is not None:
            self._is_exact &= not known.conversation.lost
        self._waits_in_calls = not row.moved & layout.WOULD_NOT_WAIT
        if row.moved & layout.IS_HEARD:
            known.conversation = Conversation(self._counter(), self._reporter(known))
        else:
            known.conversation = None

    def _take_bytes(self, process: Process, row: SlotRow) -> None:
        known = self._connections.get(row.connection)
        if known is None:
            return
        if process.pid not in known.holders:
            known.holders.add(process.pid)
            process.open.add(row.connection)
        conversation = known.conversation
        if row.kind == layout.RECV_ROW and row.moved > 0:
            self._has_threads |= row.worker != process.pid
            self._received[row.worker] = row.connection
            self._workers.received(row.worker, known.acceptor or row.worker, is_new=known.worker != row.worker)
            known.worker = row.worker
            if conversation is not None:
                conversation.receive(row.data, row.moved, row.end, row.arrived)
        elif conversation is not None and row.moved > 0:
            conversation.send(row.data, row.moved, row.end, row.worker)
        if row.moved > 0:
            is_under_way = row.kind == layout.RECV_ROW or (conversation is not None and conversation.is_under_way)
            known.handle_in(process if is_under_way else None)
        if conversation is not None and conversation.lost:
            self._is_exact = False
        if row.line and known.is_opened:
            self._span(known.number, row)

    def _take_close(self, process: Process, row: SlotRow) -> None:
        known = self._connections.get(row.connection)
        if known is None:
            return
        if row.line:
            self._span(known.number, row)
        self._release(row.connection, process, row.end, row.worker)

    def _take_wait(self, process: Process, row: SlotRow) -> None:
        if not self.spans_every:
            return
        connection = self._handled(process, row.worker, self._received.get(row.worker, 0))
        if connection and self._files.is_own(row.file):  # its application asks a poller
            self._waiting.waited(row.worker, connection, row.begin, row.end, row.file, row.line)
        elif self._workers.has_lane(row.worker, process.pid):
            self._span(0, row)

    def _take_inside(self, process: Process, row: SlotRow) -> None:
        connection = self._handled(process, row.worker, row.connection)
        if self.spans_every and connection is not None:
            self._waiting.waited(row.worker, connection, row.begin, row.end, row.file, row.line)

    def _handled(self, process: Process, worker: int, key: int) -> int | None:
        """The connection whose request a worker handles: 0 of a loop that serves many at once; None: it handles none.

        `key`: the one that it touched last.
        """
        if not (self._waits_in_calls or self._has_greenlets):
            return 0 if process.handled and worker in self._workers.served else None
        known = self._connections.get(key)
        return known.number if known and known.is_handled and known.worker == worker else None

    def _take_handling(
        self, worker: int, connection: int, begin: float, end: float, spent: Spent, file: int, line: int
    ) -> None:
        file = self._files.number(file)
        self._batches["handling"].append((self._workers.lane(worker), connection, begin, end, *spent, file, line))

    def _take_listen(self, process: Process, row: SlotRow) -> None:
        if self.seen is None:
            self.see("traced")
        self.add_listener(row.data.decode(), row.moved, process.pid)

    def _take_file(self, process: Process, row: SlotRow) -> None:
        self._files.add(row.file, os.fsdecode(row.data))

    def _take_name(self, process: Process, row: SlotRow) -> None:
        self._workers.name(row.worker, process.pid, row.data.decode("utf-8", "replace"))

    def _take_fork(self, process: Process, row: SlotRow) -> None:
        process.forks[row.moved] = monotonic(), frozenset(process.open)
        for key in process.open:
            self._connections[key].holders.add(_fork_holder(process.pid, row.moved))

    def _take_missing(self, process: Process, row: SlotRow) -> None:
        host, instead = row.data.decode().split(" ")
        self.problems.append(("address-missing", {"host": host, "instead": instead, "port": row.moved}))

    def _take_taken(self, process: Process, row: SlotRow) -> None:
        self.taken.append(row.moved)

    def _take_given(self, process: Process, row: SlotRow) -> None:
        known = self._connections.get(row.connection)
        if known is not None:
            known.is_given_until = row.begin or monotonic() + GIVEN_FOR

    def _take_adopt(self, process: Process, row: SlotRow) -> None:
        client = row.data.decode()
        for known in reversed(self._connections.values()):
            if known.client == client:  # the newest: a client's port may be used again before the last child has ended
                known.is_given_until = 0.0
                break
        else:
            known = self._meet(process, row)
        known.holders.add(process.pid)
        process.open.add(row.connection)
        self._connections[row.connection] = known

    def _meet(self, process: Process, row: SlotRow) -> Known:
        """A connection that was not known."""
        known = self._connections[row.connection] = Known(next(self._numbers), row.data.decode(), row.end)
        known.holders.add(process.pid)
        process.open.add(row.connection)
        known.is_opened = True
        self._batches["opened"].append((row.end, known.number, known.client, self._workers.number(row.worker)))
        return known

    def _release(self, key: int, process: Process, now: float, worker: int) -> None:
        process.open.discard(key)
        known = self._connections.get(key)
        if known is not None and known.handled_in is process:  # another one may only have closed its copy
            known.handle_in(None)
        self._reading = process
        self._drop_holder(key, process.pid, now, worker)

    def _drop_holder(self, key: int, holder: int, now: float, worker: int) -> None:
        known = self._connections.get(key)
        if known is None:
            return
        known.holders.discard(holder)
        if known.holders or known.is_given_until > now:
            return
        del self._connections[key]
        known.handle_in(None)
        if known.conversation is not None:
            known.conversation.end(now, worker)
            self._is_exact &= not known.conversation.lost
        if known.is_opened:
            self._batches["closed"].append((now, known.number, self._workers.number(worker)))

    def _span(self, connection: int, row: SlotRow) -> None:
        self._batches["spans"].append(
            (
                row.worker, connection, SPAN_CALLS[row.kind], row.line, row.begin, row.end, row.moved,
                self._files.number(row.file), row.arrived,
            )
        )  # fmt: skip

    # Requests.

    def _counter(self) -> Any:
        def count(worker: int, requests: int, failed: int) -> None:
            self.requests += requests
            self.failed += failed
            if self._reading is not None:
                self._reading.requests += requests

        return count

    def _reporter(self, known: Known) -> Any:
        def report(exchange: Exchange) -> None:
            self._batches["requests"].append(
                Request(
                    connection=known.number,
                    worker=self._workers.number(exchange.worker),
                    request=self._head(exchange.head),
                    reply=self._head(exchange.reply),
                    status=exchange.status,
                    bytes=exchange.bytes,
                    whole=exchange.whole,
                    arrived=exchange.arrived,
                    accepted=known.accepted,
                    begun=exchange.begun,
                    read=exchange.read,
                    handled=0.0,
                    answered=0.0,
                    written=exchange.written,
                )
            )

        return report

    def _head(self, head: bytes) -> int:
        if not head:
            return 0
        number = self._heads.get(head)
        if number is None:
            if len(self._heads) >= KNOWN_HEADS:
                self._heads.clear()
            number = self._heads[head] = next(self._head_numbers)
            self._batches["heads"].append(head_row(number, head))
        return number

    # Listening.

    def add_listener(self, host: str, port: int, pid: int) -> None:
        """The program listens at an address."""
        self.listeners.setdefault((host, port), pid)
        if not self.is_ready and self.wanted_port in (0, port):
            self.shown = (host, port)
            self._send_ready()
        self._send_listeners()

    def _show(self, port: int) -> None:
        """A connection was accepted at `port`: unless another was asked for, the first one is shown."""
        if len(self.listeners) > 1 and not self._has_accepted and not self.wanted_port:
            self.shown = next((each for each in self.listeners if each[1] == port), self.shown)
            self._send_listeners()
        self._has_accepted = True

    def _send_listeners(self) -> None:
        rows = [Listening(*address, pid, address == self.shown) for address, pid in self.listeners.items()]
        if self.is_ready and rows != self._sent_listeners:
            self._sent_listeners = rows
            self.send(Listeners(monotonic(), rows))

    def _send_ready(self) -> None:
        assert self.shown
        now = monotonic()
        self.is_ready = True
        host, port = self.shown
        self.send(
            Ready(
                version=VERSION, model=self._title, host=host, port=port, pid=os.getpid(), root=self._folder,
                keep_alive=True, time=now, clock=time() - now, title=self._title, traits=self.traits, file=self._file,
                command=self._command,
            )
        )  # fmt: skip
        if self.seen:
            self.send(self.seen)

    def see(self, way: Any, code: str = "", **details: str | int) -> None:
        """How it is seen from now on."""
        if self.seen is None or (self.seen.way, self.seen.code) != (way, code):
            self.seen = Visibility(monotonic(), way, code, details)
            if self.is_ready:
                self.send(self.seen)

    # Sending.

    def send(self, message: Message) -> bool:
        """Send one message now."""
        return self._sink.send(message)

    def problem(self, code: str, **details: str | int) -> None:
        """Report a problem of the table."""
        self.send(problem(monotonic(), code, **details))

    def said(self, stream: Any, text: str) -> None:
        """The program has written `text`, whole lines."""
        for first in range(0, len(text), TEXT_A_LINE):
            self.send(Said(monotonic(), stream, text[first : first + TEXT_A_LINE]))

    def stopped(self) -> None:
        """Send all that is left, and the last message."""
        self.flush()
        if self.is_ready:
            self.count()
        self.send(Stopped(monotonic()))
        self._sink.close()

    def set_spans_wanted(self, wanted: bool) -> None:
        """Whether spans are wanted."""
        if self._detail in ("requests", "full") and wanted != bool(self.spans_every):
            self.spans_every = int(wanted)
            self._sent_activities.clear()
            self._order()

    def _order(self) -> None:
        for process in self.processes.values():
            if process.slot is not None:
                process.slot.order(self.requests_every, self.spans_every)

    def flush(self) -> None:
        """Send the batches of details, once there was a first message."""
        if not self.is_ready:
            return
        self._batches["spans"] = [(self._workers.lane(worker), *rest) for worker, *rest in self._batches["spans"]]
        for kind, rows in self._batches.items():
            if rows:
                self._batches[kind] = []
                lost = self._sink.send_rows(kind, rows)
                self._dropped += lost
                if lost and kind == "heads":
                    self._heads.clear()

    def count(self) -> None:
        """Send the counters, the shares and the activities; thin out."""
        now = monotonic()
        totals = self._totals()
        requests = self.requests + totals.turns
        self._thin_out(now, requests, self._dropped + totals.dropped)
        self._counted_at, self._counted = now, requests
        if self._detail == "off" or not self.is_ready:
            return
        is_traced = self.seen is None or self.seen.way == "traced"
        accepted = totals.accepted + sum(self.accepted_outside.values())
        self.send(
            Counters(
                time=now, accepted=accepted, open=max(0, self.open), requests=requests, failed=self.failed,
                bytes=totals.sent, dropped=self._dropped + totals.dropped, requests_every=self.requests_every,
                spans_every=self.spans_every, queued=self.queue[0], backlog=self.queue[1], clock=time() - now,
                polls=totals.polls, is_exact=self._is_exact and not totals.dropped and is_traced,
            )
        )  # fmt: skip
        all_again = now - self._resent_at >= RESEND_EVERY
        if all_again:
            self._resent_at = now
        self._send_workers(now, all_again=all_again)
        self._amend(now, totals)
        if self.spans_every:
            self._workers.parents = {process.parent for process in self.processes.values()}
            self._send_activities(now, all_again=all_again)

    def _totals(self) -> Totals:
        for process in self.processes.values():
            if process.slot is not None:
                process.totals = process.slot.totals()
        return _sum(self._ended, *(process.totals for process in self.processes.values()))

    def _send_workers(self, now: float, *, all_again: bool) -> None:
        rows = []
        for process in list(self.processes.values()):
            row = WorkerCounts(
                process.pid, process.parent, process.totals.accepted + self.accepted_outside.get(process.pid, 0),
                process.requests + process.totals.turns, process.computed,
                process.is_traced and process.pid not in self.accepted_outside, process.has_ended,
            )  # fmt: skip
            if row != process.sent or (all_again and not process.has_ended):
                rows.append(row)
                process.sent = row
            if process.has_ended and not process.forks:
                self._ended = _sum(self._ended, process.totals)
                del self.processes[process.pid]
        for first in range(0, len(rows), WORKERS_A_LINE):
            self.send(Workers(now, rows[first : first + WORKERS_A_LINE]))

    def _send_activities(self, now: float, *, all_again: bool) -> None:
        before, self._sent_activities = self._sent_activities, {}
        news, handling = [], []
        for process, each in self._activities():
            known = self._connections.get(each.connection)
            if each.connection and known is None:
                continue
            connection = self._handled(process, each.worker, each.connection)
            if connection is not None and not each.call and (known is None or known.is_opened):
                handling.append((process.pid, connection, each))
            is_busy = known is not None and (each.call or known.is_handled)
            worker = self._workers.lane(each.worker)
            row = (known.number if known and is_busy else 0, CALLS[each.call] if each.call else "", *self._place(each))
            self._sent_activities[worker] = row
            if all_again or before.get(worker) != row:
                news.append(Activity(worker, *row))
        news += [Activity(worker, 0, "", 0, now) for worker in before.keys() - self._sent_activities.keys()]
        for first in range(0, len(news), 32):
            self.send(Activities(now, news[first : first + 32]))
        self._waiting.look(handling)

    def _activities(self) -> Iterator[tuple[Process, SlotActivity]]:
        """What each worker does that has a lane."""
        for process in self.processes.values():
            for each in process.slot.activities() if process.slot else ():
                if self._workers.has_lane(each.worker, process.pid):
                    yield process, each

    def _place(self, each: SlotActivity) -> tuple[int, float, int, int, int]:
        """The line, the moment and the file, and file and line inside the application."""
        file, inside = map(self._files.number, (each.file, each.inside_file))
        if each.inside_line and not inside:  # the program's one file is both
            return each.inside_line, each.since, 0, 0, 0
        if not each.inside_line and file and self._files.is_own(each.file):
            return each.line, each.since, file, file, each.line
        return each.line, each.since, file, inside, each.inside_line

    def _amend(self, now: float, totals: Totals) -> None:
        """Say what is known of the traits once it is seen."""
        traits = self._traits(totals)
        if traits != self.traits:
            self.traits = traits
            self.send(Amended(now, traits))

    def _traits(self, totals: Totals) -> Traits:
        served, acceptors = self._workers.served, self._workers.acceptors
        serving = set(served)
        self._has_greenlets |= any(each.slot and each.slot.has_greenlets for each in self.processes.values())
        if not serving:
            return self.traits
        is_busy = totals.blocked > 100 + 10 * (totals.turns + self.requests) and totals.polls < totals.blocked / 100
        waits = "call" if self._waits_in_calls else "never" if is_busy else "poller"
        self._workers.has_threads = self._has_greenlets or self._has_threads
        if self._has_greenlets:
            worker, waits = "greenlet", "call"
        elif self._has_threads:
            worker = "thread"
        elif len(serving) > 1 or serving - set(self.listeners.values()):  # forked or started by the one that listens
            worker = "process"
        else:
            worker = "loop"
        most = max(served.values())
        accepts = "each" if len(acceptors) > 1 else "first" if acceptors else ""
        if acceptors and all(map(self._workers.only_accepts, acceptors)):
            accepts = "first"
        serves = "many" if most > 1 else "one" if len(served) > 2 and worker != "loop" else ""
        if self.traits.serves == "many":
            serves = "many"
        return Traits(worker, waits, serves, accepts)  # type: ignore[arg-type]

    def reader_is_behind(self) -> None:
        """Report less from now on: the reader has said that it can't keep up."""
        self._thinning.reader_is_behind()

    def _thin_out(self, now: float, requests: int, dropped: int) -> None:
        before = self.requests_every, self.spans_every
        seconds, since = now - self._counted_at, requests - self._counted
        self.requests_every, self.spans_every = self._thinning.adjusted(now, seconds, since, dropped, before)
        if before != (self.requests_every, self.spans_every):
            self._order()

    @staticmethod
    def _is_sampled(every: int, key: int) -> bool:
        return every > 0 and key % every == 0


def _sum(*every: Totals) -> Totals:
    return Totals(*map(sum, zip(*every, strict=True)))


def _fork_holder(parent: int, fork: int) -> int:
    return -((parent << 24) + fork)


_TAKERS: dict[int, Any] = {
    layout.ACCEPT_ROW: Stream._take_accept,
    layout.RECV_ROW: Stream._take_bytes,
    layout.SEND_ROW: Stream._take_bytes,
    layout.CLOSE_ROW: Stream._take_close,
    layout.WAIT_ROW: Stream._take_wait,
    layout.LISTEN_ROW: Stream._take_listen,
    layout.HEARD_ROW: Stream._take_heard,
    layout.FILE_ROW: Stream._take_file,
    layout.NAME_ROW: Stream._take_name,
    layout.FORK_ROW: Stream._take_fork,
    layout.MISSING_ROW: Stream._take_missing,
    layout.TAKEN_ROW: Stream._take_taken,
    layout.ADOPT_ROW: Stream._take_adopt,
    layout.GIVEN_ROW: Stream._take_given,
    layout.INSIDE_ROW: Stream._take_inside,
}
