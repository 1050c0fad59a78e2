"""What each worker and each connection was doing, and is doing.

Owns the intervals of the last minute, and what goes on at the moment. Knows nothing of Qt or of pixels. Times are
seconds on the monotonic clock, which engine and window share.

A span is one call on the network. What it says of a state depends on where workers wait, and is up to an interpreter.
What goes on at the moment has no span yet; `Activities` report it ten times a second, and it is drawn as a tail.
"""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from engine.telemetry import wire
from engine.traits import Traits
from gui.history.handling import KEPT, HandledStretch, HandlingTimes
from gui.history.interpreters import BLOCKED, ConnectionLane, Interpreter, Observed, WorkerLane
from gui.history.interpreting import interpreter
from gui.history.intervals import (
    BEGIN,
    CONNECTION,
    END,
    NOBODY,
    STATE,
    Fresh,
    Interval,
    LaneState,
    Ring,
    Table,
    as_interval,
    as_table,
    fresh,
)
from gui.history.queue_length import QueueLength
from gui.history.shares import Shares
from gui.history.wall_clock import WallClock

HELD_SECONDS = 60.0
"""How far back intervals are kept."""
CAPACITY = 1 << 18
"""Intervals kept at most."""
SLOW = 0.25
"""Seconds of a request that still comes, or of one wait while a reply goes, after which its client is called slow."""
RESENT = 3.0
"""Seconds after which a worker that is not reported any more has ended, and the report of that was lost."""
KNOWN_CLIENTS = 20_000
KNOWN_NAMES = 10_000


class Lanes:
    """The intervals of the engine that runs, or ran last."""

    _known: Observed
    _interpreter: Interpreter
    _clients: dict[int, str]
    _named: set[int]
    _slow: dict[int, str]
    _closed: list[int]
    """Connections that were closed since the last counters: their last spans come after it."""
    _closed_before: list[int]
    """Those that were closed before these counters."""
    _readable: set[int]
    """Connections that can be read, as far as the kernel's answer has come."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.model = ""
        """Key of the model that the intervals are of; empty: nothing has run yet."""
        self.traits = Traits()
        self.pid = 0
        self.since = 0.0
        """When the engine was ready."""
        self.clock = WallClock()
        self.running = False
        self.sample_every = 0
        """1: spans of each connection are reported; k: of one connection in k; 0: none."""
        self.dropped = 0
        """Records of this engine that were dropped, as its counters report."""
        self.queue = QueueLength(HELD_SECONDS)
        """How many connections stood in the kernel's queue before `accept`."""
        self.pool_queue = QueueLength(HELD_SECONDS)
        """How many connections, or requests, stood in the queue of the server's pool."""
        self.files: dict[int, str] = {}
        """The paths of files, by number; 0 is that of a program of the user's."""
        self.names: dict[int, wire.Named] = {}
        """What a program of the user's calls its threads and greenlets."""
        self.shares = Shares()
        """Who got how many connections."""
        self._has_acceptor = True
        self.revision = 0
        """Grows with each arrival that can be seen."""
        self._ring = Ring(capacity)
        self._clients = {}
        self._named = set()
        self._forget()

    @property
    def has_first(self) -> bool:
        """Whether there is a first worker, which accepts or is the loop: a program of the user's may have none."""
        return self._has_acceptor or 0 in self._known.workers

    @property
    def has_worker_lanes(self) -> bool:
        """Whether several workers do something, so that a lane for each says more than one for each connection."""
        return self.traits.worker != "loop" or self.traits.has_pool

    # ---- what arrives

    def receive(self, message: wire.AnyMessage) -> None:
        """Takes one message of an engine's stream, in the stream's order."""
        self.shares.receive(message)
        match message:
            case wire.Spans():
                self._take(message.rows)
            case wire.Activities():
                self._note_activities(message)
            case wire.HandlingSamples():
                self._take_samples(message.rows)
                self._append(list(self._interpreter.handled(message.rows)))
            case wire.Names():
                self.names.update((row.worker, row) for row in message.rows)
                for number in list(islice(self.names, max(0, len(self.names) - KNOWN_NAMES))):
                    del self.names[number]
            case wire.Files():
                self.files.update((row.number, row.path) for row in message.rows)
                return
            case wire.Requests():
                for request in message.rows:
                    if request.connection in self._known.connections:
                        self._known.connections[request.connection].answered = request.time
                return
            case wire.Counters():
                self._count(message)
            case wire.Opened():
                self._clients.update((row.connection, row.client) for row in message.rows)
                for number in list(islice(self._clients, max(0, len(self._clients) - KNOWN_CLIENTS))):
                    del self._clients[number]
                    self._named.discard(number)
            case wire.Closed():
                self._closed += [row.connection for row in message.rows]
            case wire.Ready():
                self._begin(message)
            case wire.Amended():
                self.traits = self._known.traits = message.traits
                self._interpreter = interpreter(self._known)
            case wire.Stopped():
                self._forget()
                self.running = False
            case _:
                return
        self.revision += 1

    # ---- what is asked

    def between(self, begin: float, end: float) -> Table:
        """The intervals that have a part in this stretch of time, in the order in which they were reported."""
        return self._ring.between(begin, end)

    def tails(self, workers: Iterable[int], connections: Iterable[int], now: float) -> Table:
        """What these lanes have been doing up to `now` without a span that says so yet."""
        known = self._known
        rows = [
            each for worker in workers if worker in known.workers for each in self._interpreter.worker_tail(worker, now)
        ]
        rows += [
            each
            for connection in connections
            if connection in known.connections
            for each in self._interpreter.connection_tail(connection, now)
        ]
        rows = [each for each in dict.fromkeys(rows) if each[END] > each[BEGIN]]
        # A task may have read a request, and wait for others to have their turn before it handles it.
        unsampled = LaneState.NOT_KNOWN if self.traits.awaits else LaneState.HANDLING
        return as_table(self._handling.divided(rows, over=False, unsampled=unsampled))

    def workers(self) -> set[int]:
        """Those that are at work."""
        return set(self._known.workers)

    def connections(self) -> set[int]:
        """Those that are open and reported."""
        return set(self._known.connections)

    def alive(self, workers: bool, moment: float) -> dict[int, float]:
        """Of the workers at work, or of the open connections, those born by `moment`, and when."""
        lanes = self._known.workers if workers else self._known.connections
        return {number: lane.born for number, lane in lanes.items() if lane.born <= moment}

    def slow(self) -> dict[int, str]:
        """Connections whose client is slow, oldest first, each a slow `sender` or a slow `reader`."""
        return self._slow

    def served_by(self, connection: int) -> int:
        """The worker of an open connection; `NOBODY` if it has none yet."""
        known = self._known.connections.get(connection)
        return known.worker if known else NOBODY

    def served(self, worker: int) -> int:
        """The connection that a worker serves; 0 if it serves none, or that is not known."""
        known = self._known.workers.get(worker)
        if not known:
            return 0
        activity = known.activity.connection if known.activity else 0
        return known.connection or (
            activity if self.traits.serves == "one" or activity in self._known.connections else 0
        )

    def name_clients(self, names: dict[int, str]) -> None:
        """The clients of these connections are called so from now on."""
        for connection, name in names.items():
            self._clients[connection] = name
            self._named.add(connection)
        self.revision += 1

    def name(self, connection: int) -> str:
        """What the connection's client is called; empty if it has no name."""
        return self.client(connection) if connection in self._named else ""

    def client(self, connection: int) -> str:
        """`host:port` of a connection's client, or its name; empty if it was not reported."""
        return self._clients.get(connection, "")

    def of_connection(self, connection: int, begin: float, end: float) -> list[Interval]:
        """The intervals of one connection in this stretch of time, by when they began."""
        table = self.between(begin, end)
        table = table[:, table[CONNECTION] == connection]
        return [as_interval(column) for column in table[:, np.argsort(table[BEGIN], kind="stable")].T]

    def began(self, connection: int, moment: float, earliest: float) -> float | None:
        """When what ended at `moment` began: since the client was last waited for; None if nothing is known of it."""
        begin = None
        for piece in reversed(self.of_connection(connection, earliest, moment)):
            if piece.state == LaneState.WAITING and piece.end < moment:
                break
            if piece.state != LaneState.WAITING:
                begin = piece.begin
        return begin

    # ---- calls

    def _take(self, rows: list[wire.Span]) -> None:
        made: list[Fresh] = []
        workers, connections = self._known.workers, self._known.connections
        for span in rows:
            worker = workers.get(span.worker) or workers.setdefault(span.worker, WorkerLane(span.begin))
            if span.call == "wait":
                made.append(fresh(span.worker, 0, LaneState.WAITING, span.begin, span.end, line=span.line))
                self._interpreter.polled(span)
                worker.accepted = 0.0
            elif span.call == "close":
                self._take_close(span)
            else:
                connection = connections.get(span.connection) or connections.setdefault(
                    span.connection, ConnectionLane()
                )
                made += self._interpreter.lost(span.connection, connection, span.begin)
                connection.lost_since = 0.0
                pieces = list(self._interpreter.intervals(span, connection))
                made += pieces
                self._note_pace(span, connection, pieces)
                connection.call, connection.end, connection.worker = span.call, span.end, span.worker
                connection.born = connection.born or span.begin
                connection.evidence, connection.held = connection.evidence.after(span.end), 0.0
                if span.call == "accept":
                    connection.accepting = self._interpreter.accepting_since(span)
                    worker.accepted = span.end
                else:
                    connection.served_by = span.worker
                    worker.connection = span.connection if self.traits.one_at_a_time else 0
                worker.free_since = 0.0
            worker.end = span.end
        self._append(made)

    def _append(self, made: list[Fresh]) -> None:
        intervals = [each for each in made if each[END] > each[BEGIN]]
        self._ring.append(self._handling.divided(intervals, over=True))

    def _take_samples(self, rows: list[wire.HandlingSample]) -> None:
        """What no connection is known of is a state of its worker alone."""
        self._handling.add_samples(row for row in rows if row.connection)
        alone = [HandledStretch.of(row) for row in rows if not row.connection]
        numbers = [row.worker for row in rows if not row.connection]
        self._ring.append([piece for worker, each in zip(numbers, alone, strict=True) for piece in each.pieces(worker)])

    def _take_close(self, span: wire.Span) -> None:
        """The connection ends, unless it is the accepting process that closes its copy."""
        known, traits = self._known.connections.get(span.connection), self.traits
        is_accepted = known is not None and known.call == "accept" and known.worker == span.worker
        is_copy = is_accepted and traits.worker in ("process", "") and traits.accepts != "each"
        if known is not None and traits.worker == "process" and traits.accepts == "first":
            is_copy |= known.served_by not in (NOBODY, span.worker)  # reported after the child's first call
        if not is_copy:
            self._end(span.connection)
            if traits.shares_workers and self.sample_every == 1 and (span.worker or not traits.only_accepts):
                self._known.workers[span.worker].free_since = span.begin

    def _note_pace(self, span: wire.Span, connection: ConnectionLane, pieces: list[Fresh]) -> None:
        """Whether the client is slow; where workers wait must be known to say so."""
        if not self.traits.waits:
            return
        if span.call == "recv" and span.bytes > 0:
            came = span.arrived or span.end  # they may have lain there while others were served
            if not connection.speaks_since:
                connection.speaks_since = came
                self._slow.pop(span.connection, None)
            elif came - connection.speaks_since > SLOW:
                self._slow[span.connection] = "sender"
        elif span.call == "send":
            connection.speaks_since = 0.0
            waits = (LaneState.WAITING, LaneState.BLOCKED_BY_CLIENT)
            if sum(each[END] - each[BEGIN] for each in pieces if each[STATE] in waits and each[CONNECTION]) > SLOW:
                self._slow[span.connection] = "reader"

    # ---- what goes on at the moment

    def _note_activities(self, message: wire.Activities) -> None:
        self._known.reported = message.time
        for activity in message.rows:
            is_free = not activity.call and activity.connection not in self._known.connections
            if not activity.line or (is_free and activity.worker and self.traits.serves == "one"):
                self._retire(activity.worker)
                continue
            worker = self._known.workers.setdefault(activity.worker, WorkerLane(activity.since))
            if not worker.activity or worker.activity.since != activity.since:
                worker.delayed = 0.0  # or else it is the same call, reported again
            worker.activity, worker.reported = activity, message.time
            connection = self._known.connections.get(activity.connection)
            if connection and (activity.worker or not self.traits.only_accepts):
                connection.served_by = activity.worker
        self._readable.update(message.readable)
        if message.polled:
            self._note_polled(message)

    def _note_polled(self, message: wire.Activities) -> None:
        """What the kernel says of those of which nothing was reported since it was asked."""
        known, polled, readable = self._known, message.polled, self._readable
        before, known.polled, self._readable = known.polled, polled, set()
        delayed = set(message.delayed)
        activities = [each.activity for each in known.workers.values() if each.activity]
        in_hand = {each.connection for each in activities if self._interpreter.is_busy_with(each, polled)}
        in_hand.update(message.served)
        if self.traits.worker != "process":  # the kernel is asked of this process's connections
            for number, connection in known.connections.items():
                if connection.end <= polled and number not in in_hand:
                    connection.evidence.take(number in readable, polled)
        for number, worker in known.workers.items():
            worker.delayed = (worker.delayed or before) if number in delayed else 0.0
            activity = worker.activity
            held = known.connections.get(activity.connection) if activity and activity.call == "send" else None
            if activity and held and not worker.delayed and polled - activity.since > BLOCKED:
                held.held = polled

    # ---- beginnings and ends

    def _begin(self, ready: wire.Ready) -> None:
        """Numbers begin anew with each engine, so nothing is kept of the one before."""
        self.model, self.traits = ready.model, ready.traits
        self.pid, self.since, self.clock, self.running = ready.pid, ready.time, WallClock(ready.clock), True
        self.sample_every = 1
        self.queue.clear()
        self.pool_queue.clear()
        self._ring.clear()
        self._clients = {}
        self._named = set()
        self.files = {0: ready.file} if ready.command and ready.file else {}
        self.names = {}
        self._has_acceptor = not ready.command
        self.dropped = 0
        self._forget()

    def _forget(self) -> None:
        """What was going on is not known any more."""
        self._known = Observed(self.traits, sample_every=self.sample_every)
        self._interpreter = interpreter(self._known)
        self._handling = HandlingTimes()
        self._slow = {}
        self._closed, self._closed_before = [], []
        self._readable = set()

    def _count(self, counters: wire.Counters) -> None:
        if counters.clock:
            self.clock.note(counters.time, counters.clock)
        if counters.dropped > self.dropped:
            self.dropped = counters.dropped
            self._lose_track()
        sample_every = counters.spans_every
        if sample_every != self.sample_every:
            self.sample_every = self._known.sample_every = sample_every
            self._interpreter.lose_track()
            for worker in self._known.workers.values():
                worker.free_since = 0.0
            if sample_every == 0:
                self._forget()
        known = self._known
        for number in [each for each in known.connections if sample_every > 1 and each % sample_every != 1]:
            self._end(number)  # it is reported no more, though its last spans may come only now
        for number in self._closed_before:
            self._end(number)
        self._closed_before, self._closed = self._closed, []
        known.reported = counters.time
        for number in self._interpreter.blocked_readers(counters.time - SLOW):
            self._slow[number] = "reader"
        self._handling.forget(counters.time - KEPT)
        late = counters.time - RESENT
        for number in [n for n, worker in known.workers.items() if max(worker.end, worker.reported) < late]:
            self._retire(number)
        self.queue.note(counters.time, counters.queued)
        self.pool_queue.note(counters.time, counters.waiting)

    def _lose_track(self) -> None:
        """Records were dropped since the last counters: no call is the next one of what came before it."""
        for connection in self._known.connections.values():
            connection.lose_track()
        for worker in self._known.workers.values():
            worker.accepted = worker.free_since = 0.0
        self._interpreter.lose_track()

    def _end(self, number: int) -> None:
        connection = self._known.connections.pop(number, None)
        self._slow.pop(number, None)
        self._interpreter.ended(number)
        if connection is None:
            return
        if self.traits.serves == "one" and connection.worker > 0:
            self._retire(connection.worker)
        for worker in (connection.worker, connection.served_by):
            known = self._known.workers.get(worker)
            if known and known.connection == number:
                known.connection = 0

    def _retire(self, number: int) -> None:
        self._known.workers.pop(number, None)
