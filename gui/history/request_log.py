"""The last requests of all runs, as columns.

Owns how they are kept: a batch is stored in bulk, a row is made only when it is shown. Knows nothing of Qt or of what
shows them. Each request has a sequence number, which never changes and is never used again.
"""

from bisect import bisect_right
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.lab.parts import Parts, Percentile, by_percentile, split
from engine.telemetry import wire
from engine.traits import Traits
from gui.history.wall_clock import WallClock

CAPACITY = 100_000
FIELDS = (
    *("written", "connection", "worker", "status", "bytes", "whole"),
    *("arrived", "accepted", "begun", "read", "handled", "answered"),
    *("computed", "in_calls"),
)
"""What is kept of `wire.Request` as columns of doubles: exact for every whole number below 2**53."""
TIME, CONNECTION, WORKER, STATUS, BYTES, WHOLE, ARRIVED, ACCEPTED, BEGUN, READ, HANDLED, ANSWERED = range(12)
COMPUTED, IN_CALLS = range(12, len(FIELDS))

WorkerName: TypeAlias = Callable[[Traits, int], str]
KNOWN_HEADS = 32_768
"""Heads by number that later rows may refer to: far more than an engine remembers, forked children included."""
KNOWN_CLIENTS = 131_072
"""Clients of connections that were not reported as closed."""
CLOSED_CLIENTS = 4_096
"""Closed connections whose requests may still arrive, from another process or in a batch a moment older."""
WANTS = 10_000
"""The most rows that wait for a text which arrives a moment later."""

BY_WORKER = 5_000
"""Requests that are counted by worker at most."""
MOMENTS = [ARRIVED, ACCEPTED, BEGUN, READ, HANDLED, ANSWERED, TIME]
_numbers = attrgetter(*FIELDS)

Column: TypeAlias = "list[str | None]"


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request, ready to be shown; a text that never arrived is empty."""

    sequence: int
    model: str
    time: float
    time_of_day: str
    """`HH:MM:SS.mmm`, local."""
    client: str
    connection: int
    worker: int
    traits: Traits
    """The server's, with which the worker has its name."""
    method: str
    target: str
    status: int
    reason: str
    bytes: int
    whole: bool
    handled: float
    """When the application was called."""
    computed: float
    """Seconds of a processor that handling took; -1: not known."""
    in_calls: float
    """Seconds in which it waited in a call; -1: not known."""
    parts: Parts
    """The parts of its time in the server."""
    request_head: str
    reply_head: str

    @property
    def failed(self) -> bool:
        """Whether it is marked as failed."""
        return is_failure(self.status, self.whole)


@dataclass(frozen=True, slots=True)
class LogSlice:
    """The searchable columns of some requests of one run; lists of the same length."""

    start: int
    """The sequence number of the first."""
    traits: Traits
    clients: Column
    workers: list[float]
    requests: Column
    statuses: list[float]
    replies: Column
    connections: list[float]
    whole: list[float]


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """The part of the log that one run of the engine wrote."""

    start: int
    """The sequence number of its first request."""
    model: str
    clock: WallClock
    traits: Traits


class Texts:
    """The texts of an engine's numbers, at most `limit`; those unused for longest are forgotten first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: OrderedDict[int, str] = OrderedDict()
        self._wanted: dict[int, list[tuple[Column, int]]] = {}
        """The places of missing texts by number: column and sequence number."""
        self._wants = 0

    def __len__(self) -> int:
        return len(self._known)

    def add(self, number: int, text: str, first: int) -> None:
        """Set the text of `number` from now on, and in the rows from `first` on that wait for it."""
        self._known[number] = text
        if len(self._known) > self._limit:
            self._known.popitem(last=False)
        for column, sequence in self._wanted.pop(number, ()):
            if sequence >= first:
                column[sequence % len(column)] = text

    def find(self, numbers: list[int], column: Column, start: int) -> Column:
        """The texts of `numbers`. A missing one is None, and is put into its place in `column` when it arrives."""
        known = self._known
        for number in set(numbers):
            if number in known:
                known.move_to_end(number)
        texts = [known.get(number) if number else "" for number in numbers]
        if None in texts:
            for sequence, (number, text) in enumerate(zip(numbers, texts, strict=True), start):
                if text is None:
                    self._want(number, column, sequence)
        return texts

    def forget(self, number: int) -> None:
        """Forget `number`: no later row refers to it."""
        self._known.pop(number, None)

    def _want(self, number: int, column: Column, sequence: int) -> None:
        self._wants += 1
        if self._wants > WANTS:  # they were dropped and will never arrive
            self._wanted.clear()
            self._wants = 1
        self._wanted.setdefault(number, []).append((column, sequence))


class RequestLog:
    """A ring of the last `capacity` requests."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.total = 0
        """How many requests ever arrived; the next one's sequence number."""
        self._capacity = capacity
        self._cleared = 0
        self._numbers = np.zeros((len(FIELDS), capacity))
        self._clients: Column = [None] * capacity
        self._requests: Column = [None] * capacity
        self._replies: Column = [None] * capacity
        self._chapters: deque[LoggedRun] = deque()
        self._head_texts = Texts(KNOWN_HEADS)
        self._client_texts = Texts(KNOWN_CLIENTS)
        self._closed: deque[int] = deque()
        self._same: dict[str, str] = {}
        """Forked children send the same heads again and again: each text is kept once."""

    @property
    def first(self) -> int:
        """The sequence number of the oldest request held."""
        return max(self._cleared, self.total - self._capacity)

    def __len__(self) -> int:
        return self.total - self.first

    def clear(self) -> None:
        """Forget all requests; sequence numbers carry on."""
        self._cleared = self.total

    def begin(self, ready: wire.Ready) -> None:
        """Later requests are those of the engine that sent `ready`."""
        while self._chapters and self._chapters[-1].start == self.total:
            self._chapters.pop()
        self._chapters.append(LoggedRun(self.total, ready.model, WallClock(ready.clock), ready.traits))
        self._head_texts = Texts(KNOWN_HEADS)
        self._client_texts = Texts(KNOWN_CLIENTS)
        self._closed.clear()

    def amend(self, traits: Traits) -> None:
        """Set the traits of the running engine, which are better known now."""
        if self._chapters:
            self._chapters[-1] = replace(self._chapters[-1], traits=traits)

    def note_clock(self, counters: wire.Counters) -> None:
        """Takes what the clock of the engine that runs shows now."""
        if self._chapters and counters.clock:
            self._chapters[-1].clock.note(counters.time, counters.clock)

    def add_heads(self, rows: list[wire.Head]) -> None:
        """Add the texts of heads, which requests refer to by number."""
        if len(self._same) > KNOWN_HEADS:
            self._same.clear()
        for head in rows:
            self._head_texts.add(head.number, self._same.setdefault(head.text, head.text), self.first)

    def add_clients(self, rows: list[wire.Opening]) -> None:
        """Add the clients of opened connections."""
        for opening in rows:
            self._client_texts.add(opening.connection, opening.client, self.first)

    def name_clients(self, names: dict[int, str]) -> None:
        """The clients of these connections are called so, in the requests that come from now on."""
        for connection, name in names.items():
            self._client_texts.add(connection, name, self.first)

    def close_clients(self, rows: list[wire.Closing]) -> None:
        """Note closed connections, whose clients need not be kept for long."""
        self._closed.extend(closing.connection for closing in rows)
        while len(self._closed) > CLOSED_CLIENTS:
            self._client_texts.forget(self._closed.popleft())

    def append(self, rows: list[wire.Request]) -> None:
        """Append a batch of requests of the newest run; the oldest ones make room."""
        while rows:
            before_end = self._capacity - self.total % self._capacity
            self._store(rows[:before_end])
            rows = rows[before_end:]
        while len(self._chapters) > 1 and self._chapters[1].start <= self.first:
            self._chapters.popleft()

    def _store(self, rows: list[wire.Request]) -> None:
        start = self.total % self._capacity
        place = slice(start, start + len(rows))
        self._numbers[:, place] = np.array([_numbers(row) for row in rows]).T
        heads, clients = self._head_texts, self._client_texts
        self._requests[place] = heads.find([row.request for row in rows], self._requests, self.total)
        self._replies[place] = heads.find([row.reply for row in rows], self._replies, self.total)
        self._clients[place] = clients.find([row.connection for row in rows], self._clients, self.total)
        self.total += len(rows)

    def row(self, sequence: int) -> LoggedRequest:
        """The request with this number; raises `IndexError` if it is not held."""
        if not self.first <= sequence < self.total:
            raise IndexError(f"request {sequence} is not held; {self.first} to {self.total - 1} are")
        place = sequence % self._capacity
        numbers = self._numbers[:, place].tolist()
        time, connection, worker, status, size, whole = numbers[:ARRIVED]
        chapter = self._chapters[self._chapter_index(sequence)]
        request, reply = self._requests[place] or "", self._replies[place] or ""
        method, target = request_line(request)
        return LoggedRequest(
            sequence=sequence,
            model=chapter.model,
            time=time,
            time_of_day=chapter.clock.at(time).isoformat(timespec="milliseconds")[11:],
            client=self._clients[place] or "",
            connection=int(connection),
            worker=int(worker),
            traits=chapter.traits,
            method=method,
            target=target,
            status=int(status),
            reason=reason(reply),
            bytes=int(size),
            whole=bool(whole),
            handled=numbers[HANDLED],
            computed=numbers[COMPUTED],
            in_calls=numbers[IN_CALLS],
            parts=self.parts(sequence),
            request_head=request,
            reply_head=reply,
        )

    def parts(self, sequence: int) -> Parts:
        """The parts of the time of a request that is held."""
        return split(*self._numbers[MOMENTS, sequence % self._capacity].tolist())

    def newest(self, count: int) -> range:
        """The sequence numbers of the newest `count` requests held, ascending."""
        return range(max(self.first, self.total - count), self.total)

    def newest_of_run(self, count: int) -> NDArray[np.float64]:
        """The newest `count` requests held of the newest run: an array of shape (columns, requests), see `FIELDS`."""
        begin = self._chapters[-1].start if self._chapters else self.total
        sequences = np.arange(max(begin, self.newest(count).start), self.total)
        return self._numbers.take(sequences, axis=1, mode="wrap")

    def percentiles(self, count: int) -> tuple[list[Percentile], int]:
        """What at most `count` requests, the newest of this run, spent their time on, and how many they are."""
        totals = in_server(self.newest_of_run(count)).tolist()
        first = self.total - len(totals)
        return by_percentile(totals, lambda place: self.parts(first + place)), len(totals)

    def by_worker(self) -> dict[int, int]:
        """How many of the newest requests of this run each worker answered."""
        return Counter(self.newest_of_run(BY_WORKER)[WORKER].astype(int).tolist())

    def pieces(self, start: int, stop: int) -> Iterator[LogSlice]:
        """The searchable columns of the requests from `start` up to `stop`, all of them held."""
        while start < stop:
            index = self._chapter_index(start)
            end = min(stop, start - start % self._capacity + self._capacity)
            if index + 1 < len(self._chapters):
                end = min(end, self._chapters[index + 1].start)
            place = slice(start % self._capacity, start % self._capacity + end - start)
            yield LogSlice(
                start=start,
                traits=self._chapters[index].traits,
                clients=self._clients[place],
                workers=self._numbers[WORKER, place].tolist(),
                requests=self._requests[place],
                statuses=self._numbers[STATUS, place].tolist(),
                replies=self._replies[place],
                connections=self._numbers[CONNECTION, place].tolist(),
                whole=self._numbers[WHOLE, place].tolist(),
            )
            start = end

    def _chapter_index(self, sequence: int) -> int:
        return bisect_right(self._chapters, sequence, key=lambda chapter: chapter.start) - 1


def is_failure(status: float, whole: float) -> bool:
    """Whether a reply is an error, or was cut off."""
    return not whole or status >= 400


def in_server(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds in the server of each request, as `engine.lab.parts` has them: since it arrived or was first read."""
    first = np.where(rows[ARRIVED] > 0, rows[ARRIVED], rows[BEGUN])
    begin = np.where(rows[BEGUN] > 0, first, np.where(rows[HANDLED] > 0, rows[HANDLED], rows[TIME]))
    seconds: NDArray[np.float64] = np.maximum(0.0, rows[TIME] - begin)
    return seconds


def request_line(head: str) -> tuple[str, str]:
    """The method and the target that a request's head begins with, as in `GET` and `/index.html`."""
    method, _, rest = head.partition("\n")[0].strip().partition(" ")
    return method, rest.rpartition(" ")[0] or rest


def reason(head: str) -> str:
    """The reason that a reply's head gives, as in `Not Found`."""
    return head.partition("\n")[0].strip().partition(" ")[2].partition(" ")[2]
