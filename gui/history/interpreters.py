"""What calls say of the states of workers and connections, which depends on where workers wait.

Owns these rules, one interpreter for each way of waiting: spans go in, intervals come out. Knows nothing of how
intervals are held, of Qt or of pixels. Times are seconds on the monotonic clock.

`Blocking`: a worker waits inside its calls.
- `accept`: *waiting for the client* until its last instant, which is *accepting*.
- From there until the first call for the connection it is *ready, waiting for its turn*: its worker is being made, or
  is still busy with another connection.
- `recv`: *waiting for the client* until the last instant, which is *reading* if bytes came. If the request had begun to
  come and the rest takes longer than 10 ms: *held by a slow client*.
- Between a `recv` that brought bytes, or a `send`, and the next `send`: *handling*.
- `send`: *writing*; if it takes longer than 10 ms, *held by a slow client* until the last instant.

`Polling` and `Busy`: no call waits for a client, so no client can hold a worker up. A state of a connection is also one
of its worker only if the worker serves no other one.
- `accept`, `recv` and `send` that moved something: *accepting*, *reading*, *writing*; from a `recv` to the `send` that
  follows it: *handling*. These are states of the worker, too.
- `Polling`: in the poller's `wait` its worker is *waiting for the client*. From its end until the first call for a
  connection that call's connection is *ready, waiting for its turn*; before, it was *waiting for the client*. A poll
  that came back at once says that the connection had become ready while the loop was busy. If that was for more than 10
  ms, the moment is not known: nothing is drawn from the poll before on.
- `Busy`: from `accept` until it is asked for the first time a connection is *ready, waiting for its turn*. One that
  would block is *waiting for the client*. If it was not asked for more than 10 ms and then had something to say, the
  moment is not known: nothing is drawn. The loop itself, between calls that moved something, asks without result:
  *waiting for the client*. While details are thinned out that is not known.

`Measured`: where workers wait is not known. Each call is drawn as long as it took, and nothing between calls.

What happens within a call is not known: a greenlet that has its bytes but not yet its turn is still in `recv`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from engine.telemetry import wire
from engine.traits import Traits, Waits
from gui.history.intervals import CONNECTION, NOBODY, UNKNOWN_BYTES, Fresh, LaneState, fresh

INSTANT = 20e-6
"""Seconds that reading or writing takes at the end of a call that waited."""
BLOCKED = 0.01
"""Seconds from which on a worker that waits for a client in the middle of a request is held by it."""
LONG_ROUND = 0.01
"""Seconds from which on a loop's round is too long to guess what happened in it."""
FRESH = 0.3
"""Seconds after the engine's last word until which what was going on is taken to go on."""
WOULD_BLOCK = -1
"""The bytes of a span of calls that moved nothing."""

MOVING = {"accept": LaneState.ACCEPTING, "recv": LaneState.READING, "send": LaneState.WRITING}
"""The states of calls that move something."""


class ConnectionLane:
    """How far an open connection has come."""

    __slots__ = ("answered", "call", "end", "served_by", "speaks_since", "worker")

    def __init__(self) -> None:
        self.call = ""
        """Its last call, which ended at `end`; empty and 0: it was not told from its beginning."""
        self.end = 0.0
        self.worker = NOBODY
        """That made the last call."""
        self.served_by = NOBODY
        """The worker that is known to do something for it now."""
        self.answered = 0.0
        """When its last reply was through; earlier than `end`, if that was a `send`: more of this one is to come."""
        self.speaks_since = 0.0
        """When the first bytes of a request came that has not been answered; 0: none has begun."""


class WorkerLane:
    """How far a worker has come that is at work."""

    __slots__ = ("activity", "connection", "end", "reported")

    def __init__(self) -> None:
        self.end = 0.0
        """When its last call ended."""
        self.connection = 0
        """The one that it serves; 0 if none is known."""
        self.activity: wire.Activity | None = None
        """What it does, until something else is reported."""
        self.reported = 0.0
        """When that was reported."""


@dataclass
class Observed:
    """What is known of the run at the moment."""

    traits: Traits
    connections: dict[int, ConnectionLane] = field(default_factory=dict)
    workers: dict[int, WorkerLane] = field(default_factory=dict)
    heard: float = 0.0
    """When the engine last said what goes on."""
    sample_every: int = 1
    """1: spans of each connection are told; k: of one connection in k; 0: none."""


class Interpreter(ABC):
    """Makes intervals of spans, and of what workers are doing now."""

    def __init__(self, known: Observed) -> None:
        self.known = known

    @abstractmethod
    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        """What a call for a connection says; `connection` is as it was before the call."""

    @abstractmethod
    def worker_tail(self, number: int, until: float) -> Iterator[Fresh]:
        """What a worker has been doing since its last span."""

    @abstractmethod
    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        """What a connection has been in since its last span."""

    @abstractmethod
    def blocked_since(self, span: wire.Span, connection: ConnectionLane) -> float:
        """When the client of this `send` began to keep it waiting."""

    @abstractmethod
    def blocked_readers(self, late: float) -> Iterator[int]:
        """The connections whose client has not read on since before `late`, as far as no span says so yet."""

    def polled(self, span: wire.Span) -> None:
        """Takes note of a return of a poller."""
        return

    def lose_track(self) -> None:
        """Takes note that the connections that are told of are others than before."""
        return


class Blocking(Interpreter):
    """For workers that wait inside their calls."""

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        worker, number, line, begin, end = span.worker, span.connection, span.line, span.begin, span.end
        last = max(begin, end - INSTANT)
        is_long = end - begin > BLOCKED
        if span.call == "accept":
            yield fresh(worker, 0, LaneState.WAITING, begin, last, line=line)
            yield fresh(worker, number, LaneState.ACCEPTING, last, end, line=line)
        elif span.call == "recv":
            if connection.call == "accept":
                yield fresh(NOBODY, number, LaneState.RUNNABLE, connection.end, begin)
            elif connection.call == "recv":
                yield fresh(worker, number, LaneState.HANDLING, connection.end, begin)
            waits = LaneState.BLOCKED_BY_CLIENT if is_long and connection.speaks_since else LaneState.WAITING
            came = span.bytes > 0
            yield fresh(worker, number, waits, begin, last if came else end, line=line)
            if came:
                yield fresh(worker, number, LaneState.READING, last, end, span.bytes, line)
        else:
            if connection.call in ("recv", "send"):
                yield fresh(worker, number, LaneState.HANDLING, connection.end, begin)
            if is_long:
                yield fresh(worker, number, LaneState.BLOCKED_BY_CLIENT, begin, last, line=line)
            yield fresh(worker, number, LaneState.WRITING, last if is_long else begin, end, span.bytes, line)

    def worker_tail(self, number: int, until: float) -> Iterator[Fresh]:
        activity = self.known.workers[number].activity
        if activity:
            yield from _tail(self.known, activity, self._state(activity, until), until)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        connection, until = self.known.connections[number], min(now, self.known.heard + FRESH)
        if connection.served_by in self.known.workers:
            tail = self.worker_tail(connection.served_by, until)
            yield from (each for each in tail if each[CONNECTION] == number)
        elif connection.call == "accept" and connection.end < self.known.heard:
            yield fresh(NOBODY, number, LaneState.RUNNABLE, connection.end, until)

    def blocked_since(self, span: wire.Span, connection: ConnectionLane) -> float:
        return span.begin

    def blocked_readers(self, late: float) -> Iterator[int]:
        activities = (worker.activity for worker in self.known.workers.values() if worker.activity)
        return (activity.connection for activity in activities if activity.call == "send" and activity.since < late)

    def _state(self, activity: wire.Activity, until: float) -> LaneState | None:
        is_long = until - activity.since > BLOCKED
        match activity.call:
            case "accept" | "wait":
                return LaneState.WAITING
            case "recv":
                connection = self.known.connections.get(activity.connection)
                held = is_long and connection and connection.speaks_since
                return LaneState.BLOCKED_BY_CLIENT if held else LaneState.WAITING
            case "send":
                return LaneState.BLOCKED_BY_CLIENT if is_long else LaneState.WRITING
            case _:  # a worker that goes on to the next connection is with none
                return LaneState.HANDLING if activity.connection in self.known.connections else None


class NonBlocking(Interpreter):
    """For workers whose calls take or give what there is."""

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        worker, number, call, begin, end = span.worker, span.connection, span.call, span.begin, span.end
        would_block = span.bytes == WOULD_BLOCK
        here = span.worker if self._is_alone and span.worker else NOBODY
        waiter = NOBODY if connection.call == "accept" else here  # its worker was still being made
        if call == "send" and connection.call == "recv":
            yield fresh(worker, number, LaneState.HANDLING, connection.end, begin)
        elif call != "accept" and connection.end:
            if would_block and connection.call != "accept":
                yield fresh(waiter, number, LaneState.WAITING, connection.end, begin)
            else:
                yield from self.came_back(span, connection, waiter)
        if would_block:
            yield fresh(here, number, LaneState.WAITING, begin, end, line=span.line)
        elif call == "accept":
            yield fresh(worker, number, LaneState.ACCEPTING, begin, end, line=span.line)
        elif call == "send" or span.bytes > 0:
            yield fresh(worker, number, MOVING[call], begin, end, span.bytes, span.line)

    @abstractmethod
    def came_back(self, span: wire.Span, connection: ConnectionLane, waiter: int) -> Iterator[Fresh]:
        """From when a worker left a connection until this call for it; `waiter` waits with the connection."""

    def worker_tail(self, number: int, until: float) -> Iterator[Fresh]:
        activity = self.known.workers[number].activity
        if activity:
            yield from _tail(self.known, activity, self._state(activity), until)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        connection = self.known.connections[number]
        running = self._running(connection)
        silent = now
        if running:
            if running.connection == number:
                yield from self.worker_tail(running.worker, min(now, self.known.heard + FRESH))
            silent = running.since
        if connection.end and silent > connection.end and not (self._is_alone and connection.speaks_since):
            worker = connection.worker if self._is_alone and connection.call != "accept" else NOBODY
            yield fresh(worker, number, LaneState.WAITING, connection.end, silent)

    def blocked_since(self, span: wire.Span, connection: ConnectionLane) -> float:
        return connection.end if connection.call == "send" else span.begin

    def blocked_readers(self, late: float) -> Iterator[int]:
        connections = self.known.connections.items()
        return (n for n, each in connections if each.call == "send" and each.answered < each.end < late)

    @property
    def _is_alone(self) -> bool:
        """Whether a worker serves one connection, and so waits for no other one."""
        return self.known.traits.serves == "one"

    def _state(self, activity: wire.Activity) -> LaneState | None:
        match activity.call:
            case "accept" | "wait" | "recv":
                return LaneState.WAITING
            case "send":
                return LaneState.WRITING
        connection = self.known.connections.get(activity.connection)
        if connection is None or not self._is_alone or self._running(connection) is activity:
            return LaneState.HANDLING if activity.connection else None
        # A task waits outside of its calls. Once a request has begun to come, it may wait for its rest or handle it.
        return None if connection.speaks_since else LaneState.WAITING

    def _running(self, connection: ConnectionLane) -> wire.Activity | None:
        """What the loop of a connection is busy with, if it has been at it for longer than its rounds take."""
        workers = self.known.workers
        loop = workers.get(0 if self._is_alone else max(connection.worker, 0))
        activities = [
            each.activity for each in (workers.values() if self._is_alone else [loop]) if each and each.activity
        ]
        if not loop or not loop.activity or loop.activity.call or not activities:
            return None
        newest = max(activities, key=lambda activity: activity.since)
        return newest if self.is_busy(newest) and self.known.heard - loop.activity.since > LONG_ROUND else None

    def is_busy(self, activity: wire.Activity) -> bool:
        """Whether a loop has been out of its calls, for one connection, for longer than its rounds take."""
        return bool(activity.connection) and not activity.call and self.known.heard - activity.since > LONG_ROUND


@dataclass(frozen=True, slots=True)
class Poll:
    """One return of a poller, and the one before."""

    before: float
    begin: float
    end: float


class Polling(NonBlocking):
    """For workers that wait in a poller for many sockets at once."""

    def __init__(self, known: Observed) -> None:
        super().__init__(known)
        self._polls: dict[int, Poll] = {}

    def polled(self, span: wire.Span) -> None:
        last = self._polls.get(span.worker)
        self._polls[span.worker] = Poll(last.end if last else span.begin, span.begin, span.end)

    def lose_track(self) -> None:
        self._polls.clear()

    def came_back(self, span: wire.Span, connection: ConnectionLane, waiter: int) -> Iterator[Fresh]:
        number, left, begin = span.connection, connection.end, span.begin
        poll = self._polls.get(span.worker) or self._polls.get(0)  # a task has that of its loop
        if poll is None or poll.end < left:
            yield fresh(waiter, number, LaneState.WAITING, left, begin)
            return
        busy_from = max(left, poll.before)
        at_once = poll.end - poll.begin < INSTANT
        silent = busy_from if at_once and poll.begin - busy_from > LONG_ROUND else poll.end
        yield fresh(waiter, number, LaneState.WAITING, left, silent)
        yield fresh(waiter, number, LaneState.RUNNABLE, poll.end, begin)


class Busy(NonBlocking):
    """For workers that never wait, and ask each connection again and again."""

    def __init__(self, known: Observed) -> None:
        super().__init__(known)
        self._moved: dict[int, float] = {}
        """When each worker last moved something."""

    def lose_track(self) -> None:
        self._moved.clear()

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        moved = self._moved.get(span.worker)
        is_handled = span.call == "send" and connection.call == "recv"
        if span.bytes != WOULD_BLOCK:
            if moved and self.known.sample_every == 1 and not is_handled:
                yield fresh(span.worker, 0, LaneState.WAITING, moved, span.begin, line=span.line)
            self._moved[span.worker] = span.end
        yield from super().intervals(span, connection)

    def came_back(self, span: wire.Span, connection: ConnectionLane, waiter: int) -> Iterator[Fresh]:
        if connection.call == "accept":
            yield fresh(waiter, span.connection, LaneState.RUNNABLE, connection.end, span.begin)
        elif span.begin - connection.end <= LONG_ROUND:
            yield fresh(waiter, span.connection, LaneState.WAITING, connection.end, span.begin)

    def worker_tail(self, number: int, until: float) -> Iterator[Fresh]:
        activity = self.known.workers[number].activity
        if activity and self.is_busy(activity):
            yield from super().worker_tail(number, until)
        elif activity and self.known.sample_every == 1 and 0 < self._moved.get(number, 0.0) < until:
            yield fresh(number, 0, LaneState.WAITING, self._moved[number], until, line=activity.line)


class Measured(Interpreter):
    """For workers of which it is not known where they wait: nothing but their calls."""

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        if span.bytes != WOULD_BLOCK and span.call in MOVING:
            moved = span.bytes if span.call != "accept" else UNKNOWN_BYTES
            yield fresh(span.worker, span.connection, MOVING[span.call], span.begin, span.end, moved, span.line)

    def worker_tail(self, number: int, until: float) -> Iterator[Fresh]:
        activity = self.known.workers[number].activity
        if activity:
            state = LaneState.WAITING if activity.call == "wait" else MOVING.get(activity.call)
            yield from _tail(self.known, activity, state, until)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        worker, until = self.known.connections[number].served_by, min(now, self.known.heard + FRESH)
        if worker in self.known.workers:
            yield from (each for each in self.worker_tail(worker, until) if each[CONNECTION] == number)

    def blocked_since(self, span: wire.Span, connection: ConnectionLane) -> float:
        return span.end

    def blocked_readers(self, late: float) -> Iterator[int]:
        return iter(())


INTERPRETERS: dict[Waits, Callable[[Observed], Interpreter]] = {
    "call": Blocking,
    "poller": Polling,
    "never": Busy,
    "": Measured,
}
"""By where workers wait."""


def interpreter(known: Observed) -> Interpreter:
    """The one that suits the traits."""
    return INTERPRETERS[known.traits.waits](known)


def _tail(known: Observed, activity: wire.Activity, state: LaneState | None, until: float) -> Iterator[Fresh]:
    """What a worker does is a tail of its lane, unless a span has told of it since."""
    last = known.workers[activity.worker].end
    begin, is_over = max(activity.since, last), last > activity.since + INSTANT
    if state is not None and not is_over and until > begin:
        yield fresh(
            activity.worker, activity.connection, state, begin, until, line=activity.line if activity.call else 0
        )
