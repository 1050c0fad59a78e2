"""What each worker and each connection was doing, told from the engine's spans.

Owns the states of the last minute, as pieces: who, for which connection, in which state, from when till when. Knows
nothing of Qt or of pixels. Times are seconds on the monotonic clock, which engine and window share.

A span is one call on the network. What it says of a state depends on the model:

Where a worker waits inside its calls (process, thread, greenlet):
- `accept`: *waiting for the client* until its last instant, which is *accepting*.
- From there until the first call for the connection it is *ready, waiting for its turn*: its worker is being made.
- `recv`: *waiting for the client* until the last instant, which is *reading* if bytes came. If the request had begun to
  come and the rest takes longer than 10 ms: *held by a slow client*.
- Between a `recv` that brought bytes, or a `send`, and the next `send`: *handling*.
- `send`: *writing*; if it takes longer than 10 ms, *held by a slow client* until the last instant.

Where a loop serves everybody, no client can hold it, and a state of a connection is not always one of the loop:
- `accept`, `recv` and `send` that moved something: *accepting*, *reading*, *writing*; from a `recv` to the `send` that
  follows it: *handling*. These are the loop's states, too.
- epoll's `wait`: the loop is *waiting for the client*. From its end until the first call for a connection that call's
  connection is *ready, waiting for its turn*; before, it was *waiting for the client*.
- A poll that came back at once says that the connection had become ready while the loop was busy. If that was for more
  than 10 ms, nobody can say when: nothing is drawn from the poll before on.
- Loops without `wait`: from `accept` until it is asked for the first time a connection is *ready, waiting for its
  turn*. One asked in vain is *waiting for the client*. If it was not asked for more than 10 ms and then had something
  to say, nobody can say since when: nothing is drawn. The loop itself, between calls that moved something, asks in
  vain: *waiting for the client*. While details are thinned out that can't be told.

What goes on at the moment has no span yet; it is told by `Doings`, ten times a second, and drawn as a tail.
What happens within a call can't be told: a greenlet that has its bytes but not yet its turn is still in `recv`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from engine.models import MODELS
from engine.telemetry import wire

HELD_SECONDS = 60.0
"""How far back pieces are kept."""
CAPACITY = 1 << 18
"""Pieces kept at most."""
CHUNK = 1 << 11
"""Pieces that are looked at together when some are sought."""
INSTANT = 20e-6
"""Seconds that reading or writing takes at the end of a call that waited."""
LONG = 0.01
"""Seconds from which on a wait is a slow client's fault, and a loop's round too long to guess what happened in it."""
SLOW = 0.25
"""Seconds of a request that still comes, or of one wait while a reply goes, after which its client is called slow."""
FRESH = 0.3
"""Seconds after the engine's last word until which what was going on is taken to go on."""
RETOLD = 3.0
"""Seconds after which a worker that is not told of any more has ended, and that was lost on its way."""
KNOWN_CLIENTS = 20_000

WORKER, CONNECTION, STATE, BEGIN, END, BYTES, LINE = range(7)
"""The rows of a table of pieces, an array of shape (7, pieces)."""
NOBODY = -1
"""The worker of a piece that is only a connection's state; a piece that is only a worker's has connection 0."""
UNKNOWN_BYTES = -1
IN_VAIN = -1
"""The bytes of a span of asking again and again."""

Table = NDArray[np.float64]


class State(IntEnum):
    """What goes on in a lane."""

    WAITING = 0
    ACCEPTING = 1
    READING = 2
    HANDLING = 3
    WRITING = 4
    TURN = 5
    HELD = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """One state, for as long as it lasted."""

    worker: int
    connection: int
    state: State
    begin: float
    end: float
    bytes: int
    """Moved; -1 if nothing could."""
    line: int
    """Of the model's file; 0 if it can't be told."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One return of the poller, and the one before."""

    before: float
    begin: float
    end: float


class Lanes:
    """The pieces of the engine that runs, or ran last."""

    _open: "dict[int, _Connection]"
    _slow: dict[int, str]
    _ends: dict[int, float]
    """When the last call of each worker ended."""
    _serves: dict[int, int]
    """The connection of each worker that has but one."""
    _doings: dict[int, wire.Doing]
    """What each worker is doing, until something else is told."""
    _told: dict[int, float]
    """When that was told."""
    _closed: list[int]
    _closed_before: list[int]
    """Connections that were closed since the last counters, and before these: their last spans are told after it."""
    _helped_by: dict[int, int]
    """The worker that is doing something for a connection, where each has its own."""
    _heard: float
    """When the engine last said what goes on."""
    _polled: Poll | None
    _loop_end: float
    """When a loop that asks in vain last moved something; 0 if that can't be told."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.model = ""
        """Key of the model that the pieces are of; empty: nothing has run yet."""
        self.pid = 0
        self.since = 0.0
        """When the engine was ready."""
        self.clock = 0.0
        """Unix time minus monotonic time."""
        self.running = False
        self.every = 0
        """1: spans of each connection are told; k: of one connection in k; 0: none."""
        self.queue: list[tuple[float, int]] = []
        """When how many connections stood in the kernel's queue before `accept`."""
        self.revision = 0
        """Grows with each arrival that can be seen."""
        self._capacity = capacity
        self._table: Table = np.zeros((7, capacity))
        self._chunk_ends = np.zeros(-(-capacity // CHUNK))
        self._total = 0
        self._fresh: list[tuple[float, ...]] = []
        self._begin("", loop=False, polls=False)

    @property
    def is_loop(self) -> bool:
        """Whether one worker serves everybody."""
        return self._loop

    # ---- what arrives

    def receive(self, message: wire.AnyMessage) -> None:
        """Takes one message of an engine's stream, in the stream's order."""
        match message:
            case wire.Spans():
                self._take(message.rows)
            case wire.Doings():
                self._note_doings(message)
            case wire.Requests():
                for request in message.rows:
                    if request.connection in self._open:
                        self._open[request.connection].answered = request.time
                return
            case wire.Counters():
                self._count(message)
            case wire.Opened():
                self._clients.update((row.connection, row.client) for row in message.rows)
                for number in list(islice(self._clients, max(0, len(self._clients) - KNOWN_CLIENTS))):
                    del self._clients[number]
            case wire.Closed():
                self._closed += [row.connection for row in message.rows]
            case wire.Ready():
                model = MODELS[message.model]
                self._begin(message.model, loop=model.worker == "loop", polls=message.model == "epoll")
                self.pid, self.since, self.clock, self.running = message.pid, message.time, message.clock, True
            case wire.Stopped():
                self._forget()
                self.running = False
            case _:
                return
        self.revision += 1

    # ---- what is asked

    def between(self, begin: float, end: float) -> Table:
        """The pieces that have a part in this stretch of time, in the order in which they were told."""
        chunks = np.flatnonzero(self._chunk_ends >= begin)
        if not chunks.size:
            return self._table[:, :0]
        held = self._table[:, chunks[0] * CHUNK : min((chunks[-1] + 1) * CHUNK, self._total)]
        return held.take(np.flatnonzero((held[END] >= begin) & (held[BEGIN] <= end)), axis=1)

    def tails(self, workers: Iterable[int], connections: Iterable[int], now: float) -> Table:
        """What these lanes have been doing up to `now` without a span that says so yet."""
        pieces = [piece for worker in workers for piece in self._worker_tail(worker, now)]
        pieces += [piece for connection in connections for piece in self._connection_tail(connection, now)]
        return np.array(pieces, dtype=np.float64).reshape(-1, 7).T

    def workers(self) -> set[int]:
        """Those that are at work."""
        return set(self._ends) | set(self._doings)

    def connections(self) -> set[int]:
        """Those that are open and told of."""
        return set(self._open)

    def slow(self) -> dict[int, str]:
        """Connections whose client is slow, oldest first, each a slow `sender` or a slow `reader`."""
        return self._slow

    def served_by(self, connection: int) -> int:
        """The worker of an open connection; `NOBODY` if it has none yet."""
        known = self._open.get(connection)
        return known.worker if known else NOBODY

    def served(self, worker: int) -> int:
        """The connection that a worker serves; 0 if that can't be told."""
        doing = self._doings.get(worker)
        return self._serves.get(worker) or (doing.connection if doing else 0)

    def client(self, connection: int) -> str:
        """`host:port` of a connection's client; empty if it was not told."""
        return self._clients.get(connection, "")

    def of_connection(self, connection: int, begin: float, end: float) -> list[Piece]:
        """The pieces of one connection in this stretch of time, by when they began."""
        table = self.between(begin, end)
        table = table[:, table[CONNECTION] == connection]
        return [as_piece(column) for column in table[:, np.argsort(table[BEGIN], kind="stable")].T]

    # ---- from spans to pieces

    def _take(self, rows: list[wire.Span]) -> None:
        for span in rows:
            call = span.call
            if call == "wait":
                self._add(span.worker, 0, State.WAITING, span.begin, span.end, UNKNOWN_BYTES, span.line)
                self._polled = Poll(self._polled.end if self._polled else span.begin, span.begin, span.end)
                self._ends[span.worker] = span.end
                continue
            known = self._open.get(span.connection)
            if call == "close":
                self._ends[span.worker] = span.end
                handed_over = known and known.call == "accept" and span.worker == 0 and not self._loop
                if not handed_over:
                    self._end(span.connection)
                continue
            if known is None:
                known = self._open[span.connection] = _Connection()
            if self._loop:
                self._loop_called(span, known)
            else:
                self._worker_called(span, known)
            self._note_pace(span, known)
            known.end = self._ends[span.worker] = span.end
            known.call = call
            known.worker = span.worker
        self._store()

    def _worker_called(self, span: wire.Span, known: "_Connection") -> None:
        """A call in which its worker waits as long as it takes."""
        worker, connection, line = span.worker, span.connection, span.line
        begin, end = span.begin, span.end
        last = max(begin, end - INSTANT)
        is_long = end - begin > LONG
        if span.call == "accept":
            self._add(worker, 0, State.WAITING, begin, last, UNKNOWN_BYTES, line)
            self._add(worker, connection, State.ACCEPTING, last, end, UNKNOWN_BYTES, line)
            return
        self._serves[worker] = connection
        if span.call == "recv":
            if known.call == "accept":
                self._add(NOBODY, connection, State.TURN, known.end, begin, UNKNOWN_BYTES, 0)
            elif known.call == "recv":
                self._add(worker, connection, State.HANDLING, known.end, begin, UNKNOWN_BYTES, 0)
            waits = State.HELD if is_long and known.speaks_since else State.WAITING
            came = span.bytes > 0
            self._add(worker, connection, waits, begin, last if came else end, UNKNOWN_BYTES, line)
            if came:
                self._add(worker, connection, State.READING, last, end, span.bytes, line)
        else:
            if known.call in ("recv", "send"):
                self._add(worker, connection, State.HANDLING, known.end, begin, UNKNOWN_BYTES, 0)
            if is_long:
                self._add(worker, connection, State.HELD, begin, last, UNKNOWN_BYTES, line)
            self._add(worker, connection, State.WRITING, last if is_long else begin, end, span.bytes, line)

    def _loop_called(self, span: wire.Span, known: "_Connection") -> None:
        """A call in which the loop takes or gives what there is."""
        worker, connection, call, line = span.worker, span.connection, span.call, span.line
        begin, end = span.begin, span.end
        in_vain = span.bytes == IN_VAIN
        is_handled = call == "send" and known.call == "recv"
        if not self._polls and self.every == 1 and not is_handled and not in_vain and self._loop_end:
            self._add(worker, 0, State.WAITING, self._loop_end, begin, UNKNOWN_BYTES, line)
        if is_handled:
            self._add(worker, connection, State.HANDLING, known.end, begin, UNKNOWN_BYTES, 0)
        elif call != "accept" and known.end:
            if in_vain and known.call != "accept":
                self._add(NOBODY, connection, State.WAITING, known.end, begin, UNKNOWN_BYTES, 0)
            else:
                self._came_back(connection, known, begin)
        if in_vain:
            self._add(NOBODY, connection, State.WAITING, begin, end, UNKNOWN_BYTES, line)
            return
        self._loop_end = end
        if call != "recv" or span.bytes > 0:
            state = {"accept": State.ACCEPTING, "recv": State.READING}.get(call, State.WRITING)
            self._add(worker, connection, state, begin, end, UNKNOWN_BYTES if call == "accept" else span.bytes, line)

    def _came_back(self, connection: int, known: "_Connection", begin: float) -> None:
        """From when the loop left a connection until it began with it again."""
        left, poll = known.end, self._polled
        if not self._polls:
            if known.call == "accept":
                self._add(NOBODY, connection, State.TURN, left, begin, UNKNOWN_BYTES, 0)
            elif begin - left <= LONG:
                self._add(NOBODY, connection, State.WAITING, left, begin, UNKNOWN_BYTES, 0)
        elif poll is None or poll.end < left:
            self._add(NOBODY, connection, State.WAITING, left, begin, UNKNOWN_BYTES, 0)
        else:
            busy_from = max(left, poll.before)
            at_once = poll.end - poll.begin < INSTANT
            silent = busy_from if at_once and poll.begin - busy_from > LONG else poll.end
            self._add(NOBODY, connection, State.WAITING, left, silent, UNKNOWN_BYTES, 0)
            self._add(NOBODY, connection, State.TURN, poll.end, begin, UNKNOWN_BYTES, 0)

    def _note_pace(self, span: wire.Span, known: "_Connection") -> None:
        """Whether the client is slow."""
        if span.call == "recv" and span.bytes > 0:
            known.speaks_since = known.speaks_since or span.end
            if span.end - known.speaks_since > SLOW:
                self._slow[span.connection] = "sender"
            elif known.speaks_since == span.end:
                self._slow.pop(span.connection, None)
        elif span.call == "send":
            known.speaks_since = 0.0
            waited_from = known.end if self._loop and known.call == "send" else span.begin
            if span.end - waited_from > SLOW:
                self._slow[span.connection] = "reader"

    def _add(self, worker: int, connection: int, state: State, begin: float, end: float, moved: int, line: int) -> None:
        if end > begin:
            self._fresh.append((worker, connection, state, begin, end, moved, line))

    def _store(self) -> None:
        rows = self._fresh[-self._capacity :]
        self._fresh = []
        while rows:
            start = self._total % self._capacity
            part = rows[: self._capacity - start]
            self._table[:, start : start + len(part)] = np.array(part).T
            for chunk in range(start // CHUNK, (start + len(part) - 1) // CHUNK + 1):
                self._chunk_ends[chunk] = self._table[END, chunk * CHUNK : (chunk + 1) * CHUNK].max()
            self._total += len(part)
            rows = rows[len(part) :]

    # ---- what goes on at the moment

    def _worker_tail(self, worker: int, now: float) -> Iterable[tuple[float, ...]]:
        doing = self._doings.get(worker)
        if doing is None:
            return
        until = min(now, self._heard + FRESH)
        last = self._ends.get(worker, 0.0)
        if self._loop and not self._polls and not self._is_busy(doing):
            if self._loop_end and self.every == 1 and until > self._loop_end:
                yield worker, 0, State.WAITING, self._loop_end, until, UNKNOWN_BYTES, doing.line
            return
        state = self._doing_state(doing, until)
        is_over = last > doing.since + INSTANT  # what was told since knows better
        if state is not None and not is_over and until > max(doing.since, last):
            line = doing.line if doing.call else 0
            yield worker, doing.connection, state, max(doing.since, last), until, UNKNOWN_BYTES, line

    def _connection_tail(self, connection: int, now: float) -> Iterable[tuple[float, ...]]:
        known = self._open.get(connection)
        if known is None:
            return
        if not self._loop:
            worker = self._helped_by.get(connection)
            if worker is not None:
                yield from self._worker_tail(worker, now)
            elif known.call == "accept" and known.end < self._heard:
                until = min(now, self._heard + FRESH)
                yield NOBODY, connection, State.TURN, known.end, until, UNKNOWN_BYTES, 0
            return
        doing = self._doings.get(0)
        silent = now
        if doing and self._is_busy(doing):
            if doing.connection == connection:
                yield from self._worker_tail(0, now)
            silent = doing.since
        if known.end and silent > known.end:
            yield NOBODY, connection, State.WAITING, known.end, silent, UNKNOWN_BYTES, 0

    def _doing_state(self, doing: wire.Doing, until: float) -> State | None:
        is_long = until - doing.since > LONG
        match doing.call:
            case "accept" | "wait":
                return State.WAITING
            case "recv":
                known = self._open.get(doing.connection)
                return State.HELD if is_long and known and known.speaks_since else State.WAITING
            case "send":
                return State.HELD if is_long else State.WRITING
            case _:
                return State.HANDLING if doing.connection else None

    def _is_busy(self, doing: wire.Doing) -> bool:
        """Whether a loop has been out of its calls, for one connection, for longer than its rounds take."""
        return bool(doing.connection) and not doing.call and self._heard - doing.since > LONG

    def _note_doings(self, message: wire.Doings) -> None:
        self._heard = message.time
        for doing in message.rows:
            has_left = doing.worker and not doing.call and not self._loop and doing.connection not in self._open
            if not doing.line or has_left:
                self._retire(doing.worker)
                continue
            self._doings[doing.worker], self._told[doing.worker] = doing, message.time
            if doing.connection and not self._loop and doing.worker:
                self._helped_by[doing.connection] = doing.worker

    # ---- beginnings and ends

    def _begin(self, model: str, *, loop: bool, polls: bool) -> None:
        """Numbers begin anew with each engine, so nothing is kept of the one before."""
        self.model = model
        self.every = 1
        self.queue = []
        self._total = 0
        self._table[END] = self._chunk_ends[:] = 0.0
        self._loop, self._polls = loop, polls
        self._clients: dict[int, str] = {}
        self._forget()

    def _forget(self) -> None:
        """What was going on is not known any more."""
        self._open, self._slow = {}, {}
        self._ends, self._serves, self._helped_by = {}, {}, {}
        self._doings, self._told = {}, {}
        self._closed, self._closed_before = [], []
        self._heard = self._loop_end = 0.0
        self._polled = None

    def _count(self, counters: wire.Counters) -> None:
        every = counters.spans_every
        if every != self.every:
            self.every = every
            self._polled, self._loop_end = None, 0.0
            if every == 0:
                self._forget()
        for number in [each for each in self._open if every > 1 and each % every != 1]:
            self._end(number)  # it is told no more, though its last spans may come only now
        for number in self._closed_before:
            self._end(number)
        self._closed_before, self._closed = self._closed, []
        self._heard = counters.time
        late = counters.time - SLOW
        for doing in self._doings.values():
            if doing.call == "send" and doing.since < late and not self._loop:
                self._slow[doing.connection] = "reader"
        for worker in [worker for worker, told in self._told.items() if told < counters.time - RETOLD]:
            self._retire(worker)
        for number, known in self._open.items():
            if self._loop and known.call == "send" and known.answered < known.end < late:
                self._slow[number] = "reader"
        if counters.queued >= 0:
            self.queue.append((counters.time, counters.queued))
            if self.queue[0][0] < counters.time - 2 * HELD_SECONDS:
                self.queue = [sample for sample in self.queue if sample[0] >= counters.time - HELD_SECONDS]

    def _end(self, connection: int) -> None:
        known = self._open.pop(connection, None)
        self._slow.pop(connection, None)
        self._helped_by.pop(connection, None)
        if known and known.worker > 0:  # it served nobody else
            self._retire(known.worker)

    def _retire(self, worker: int) -> None:
        self._ends.pop(worker, None)
        self._serves.pop(worker, None)
        self._told.pop(worker, None)
        doing = self._doings.pop(worker, None)
        if doing and self._helped_by.get(doing.connection) == worker:
            del self._helped_by[doing.connection]


def as_piece(column: NDArray[np.float64]) -> Piece:
    """One column of a table of pieces."""
    worker, connection, state, begin, end, moved, line = column.tolist()
    return Piece(int(worker), int(connection), State(int(state)), begin, end, int(moved), int(line))


class _Connection:
    """How far an open connection has come."""

    __slots__ = ("answered", "call", "end", "speaks_since", "worker")

    def __init__(self) -> None:
        self.call = ""
        """Its last call, which ended at `end`; empty and 0: it was not told from its beginning."""
        self.end = 0.0
        self.worker = NOBODY
        self.answered = 0.0
        """When its last reply was through; earlier than `end`, if that was a `send`: more of this one is to come."""
        self.speaks_since = 0.0
        """When the first bytes of a request came that has not been answered; 0: none has begun."""
