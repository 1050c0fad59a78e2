"""What calls say of the states of workers and connections, which depends on where workers wait.

Owns these rules, one interpreter for each way of waiting: spans go in, intervals come out. Knows nothing of how
intervals are held, of Qt or of pixels. Times are seconds on the monotonic clock.

A client is waited for only where that is proven, and a connection is *ready, waiting for its turn* from when the bytes
came that are read next, also if that was before `accept`. The proofs, for a connection that is left alone between two
calls, or waits in one:
- its next `recv` says when its bytes had `arrived`: until then the client was waited for, since then it was ready;
- one that would block: until then;
- ten times a second the kernel is asked which connections can be read: `Evidence` keeps from when on it says so, and
  until when it said no;
- the call that waits: the poller's came back without it, or the worker is still inside its own, and not delayed there.
What is in between is *not known*: not yet, or for good where the system does not say when bytes came.

`Blocking`: a worker waits inside its calls.
- `accept`: *free* until its last instant, which is *accepting*, as is what follows until the next one where a worker
  only accepts: another one is made, or the pool gets the connection.
- A worker of a pool is *free* from when it closes a connection until its first call for the next one.
- `recv`: *waiting for the client*, or if the request had begun to come and the rest takes longer than 10 ms: *held by a
  slow client*. The last instant is *reading* if bytes came.
- Between a `recv` that brought bytes, or a `send`, and the next `send`: *handling*.
- `send`: *writing*; if it takes longer than 10 ms and its client has no room for more, *held by a slow client*.

`Polling` and `Busy`: no call waits for a client, so no client can hold a worker up. A state of a connection is also one
of its worker only if the worker serves no other one.
- `accept`, `recv` and `send` that moved something: *accepting*, *reading*, *writing*; from a `recv` to the `send` that
  follows it: *handling*. These are states of the worker, too.
- `Polling`: in the poller's `wait` its worker is *waiting for the client*.
- `Busy`: the loop, between calls that moved something, asks without result: *waiting for the client*. While details
  are thinned out that is not known.

`Measured`: where workers wait is not known. Each call is drawn as long as it took, and nothing between calls.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from engine.telemetry import wire
from engine.traits import Traits
from gui.history.intervals import CONNECTION, NOBODY, UNKNOWN_BYTES, Fresh, LaneState, fresh

INSTANT = 20e-6
"""Seconds that reading or writing takes at the end of a call that waited."""
BLOCKED = 0.01
"""Seconds from which on a worker that waits for a client in the middle of a request is held by it."""
LONG_ROUND = 0.01
"""Seconds from which on a loop that does not come back to its calls is busy with a client, and one that does not come
back from its poller has waited there."""
A_MOMENT = 1e-4
"""Seconds by which clocks that are read one after the other, in two threads, may seem to be wrong."""
NEVER = inf
WOULD_BLOCK = -1
"""The bytes of a span of calls that moved nothing."""

MOVING = {"accept": LaneState.ACCEPTING, "recv": LaneState.READING, "send": LaneState.WRITING}
"""The states of calls that move something."""


class Evidence:
    """What the kernel has said of a connection since its last call."""

    __slots__ = ("ready", "silent")

    def __init__(self) -> None:
        self.silent = 0.0
        """Until when there was nothing to read; 0: it was not asked."""
        self.ready = 0.0
        """Since when there was something; 0: it did not say so."""

    def take(self, readable: bool, polled: float) -> None:
        """The kernel was asked; what can be read once can be read until it is."""
        if readable:
            self.ready = self.ready or polled
        elif not self.ready:
            self.silent = polled

    def after(self, moment: float) -> "Evidence":
        """What of it holds after a call that ended then: one that would block is reported with the next one only."""
        kept = Evidence()
        kept.silent = self.silent if self.silent > moment else 0.0
        kept.ready = self.ready if self.ready > moment else 0.0
        return kept


class ConnectionLane:
    """How far an open connection has come."""

    __slots__ = (
        "accepting", "answered", "born", "call", "end", "evidence", "held", "lost_since", "served_by", "speaks_since",
        "worker",
    )  # fmt: skip

    def __init__(self) -> None:
        self.call = ""
        """Its last call, which ended at `end`; empty and 0: it was not reported from its beginning."""
        self.born = 0.0
        """When its first call began."""
        self.end = 0.0
        self.accepting = 0.0
        """When its worker began to accept it; 0: that was not reported."""
        self.worker = NOBODY
        """That made the last call."""
        self.served_by = NOBODY
        """The worker that is known to do something for it now."""
        self.answered = 0.0
        """When its last reply was through; earlier than `end`, if that was a `send`: more of this one is to come."""
        self.speaks_since = 0.0
        """When the first bytes of a request came that has not been answered; 0: none has begun."""
        self.evidence = Evidence()
        self.held = 0.0
        """Until when the `send` that goes on is known to wait for the client; 0: it is not."""
        self.lost_since = 0.0
        """Since when calls of it may be missing; 0: none is."""

    def lose_track(self) -> None:
        """Records were dropped, which may be of its calls: how far it has come is not known until its next one."""
        self.lost_since = self.lost_since or self.end
        self.call, self.end, self.accepting, self.speaks_since, self.held = "", 0.0, 0.0, 0.0, 0.0
        self.evidence = Evidence()


class WorkerLane:
    """How far a worker has come that is at work."""

    __slots__ = ("accepted", "activity", "born", "connection", "delayed", "end", "free_since", "reported")

    def __init__(self, born: float) -> None:
        self.born = born
        """When the first is known of it."""
        self.accepted = 0.0
        """When it last came back from `accept`."""
        self.delayed = 0.0
        """When it was last known to wait in the call in which it is delayed now; 0: it is not delayed."""
        self.end = 0.0
        """When its last call ended."""
        self.connection = 0
        """The one that it serves; 0 if none is known."""
        self.free_since = 0.0
        """Since when it is known to have none, as a worker of a pool; 0: it has one, or that is not known."""
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
    reported: float = 0.0
    """When the engine last reported what goes on: until then it goes on as it was reported."""
    polled: float = 0.0
    """When the kernel was last asked what there is to read; 0: the engine does not ask."""
    sample_every: int = 1
    """1: spans of each connection are reported; k: of one connection in k; 0: none."""


class Interpreter(ABC):
    """Makes intervals of spans, and of what workers are doing now."""

    def __init__(self, known: Observed) -> None:
        self.known = known

    @abstractmethod
    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        """What a call for a connection says; `connection` is as it was before the call."""

    @abstractmethod
    def worker_tail(self, number: int, now: float) -> Iterator[Fresh]:
        """What a worker has been doing since its last span."""

    @abstractmethod
    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        """What a connection has been in since its last span."""

    @abstractmethod
    def blocked_readers(self, late: float) -> Iterator[int]:
        """The connections whose client has not read on since before `late`, as far as no span says so yet."""

    def accepting_since(self, span: wire.Span) -> float:
        """When, within an `accept`, the connection was accepted."""
        return span.begin

    def is_busy_with(self, activity: wire.Activity, polled: float) -> bool:
        """Whether its connection was in a worker's hands when the kernel was asked, so that the answer proves nothing
        of it."""
        return activity.since <= polled

    def polled(self, span: wire.Span) -> None:
        """Takes note of a return of a poller."""
        return

    def lose_track(self) -> None:
        """Takes note that other connections are reported than before."""
        return

    def handled(self, rows: Iterable[wire.HandlingSample]) -> Iterator[Fresh]:
        """What is said by the times in which requests were handled, where they are reported by themselves."""
        return iter(())

    def ended(self, number: int) -> None:
        """Takes note that a connection has ended."""
        return

    def lost(self, number: int, connection: ConnectionLane, until: float) -> Iterator[Fresh]:
        """The stretch until `until` in which calls may be missing."""
        if connection.lost_since:
            worker = connection.served_by if self.known.traits.serves == "one" else NOBODY
            yield fresh(worker, number, LaneState.NOT_KNOWN, connection.lost_since, until)

    def not_known_since(self, worker: int, connection: int, since: float, now: float) -> Iterator[Fresh]:
        """What follows the engine's last message until `now`."""
        yield fresh(worker, connection, LaneState.NOT_KNOWN, max(since, self.known.reported), now)

    def free_until(self, number: int, end: float) -> Iterator[Fresh]:
        """The stretch until `end` in which a worker of a pool had nothing to do, or in which that is not known."""
        lane = self.known.workers[number]
        if lane.free_since:
            yield fresh(number, 0, LaneState.FREE, lane.free_since, end)
        elif self.known.traits.has_pool:
            yield fresh(number, 0, LaneState.NOT_KNOWN, lane.end or end, end)


class Blocking(Interpreter):
    """For workers that wait inside their calls."""

    def accepting_since(self, span: wire.Span) -> float:
        return max(span.begin, span.end - INSTANT)

    def is_busy_with(self, activity: wire.Activity, polled: float) -> bool:
        return activity.call != "recv" and activity.since <= polled

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        worker, number, line, begin, end = span.worker, span.connection, span.line, span.begin, span.end
        last = self.accepting_since(span)
        if span.call == "accept":
            before = self.known.workers[worker].accepted
            if self.known.traits.only_accepts:
                yield fresh(worker, 0, LaneState.ACCEPTING, before or begin, begin)
            else:
                yield from self.free_until(worker, begin)
            yield fresh(worker, 0, LaneState.FREE, begin, last, line=line)
            yield fresh(worker, number, LaneState.ACCEPTING, last, end, line=line)
        elif span.call == "recv":
            last = last if span.bytes > 0 else end
            silent, ready = _proofs(span, connection)
            if connection.call == "accept":
                if connection.worker != worker:
                    yield from self.free_until(worker, begin)
                elif not self.known.traits.only_accepts:
                    yield fresh(worker, 0, LaneState.ACCEPTING, connection.end, begin)
                waited = ready == NEVER and end - begin > BLOCKED
                yield from _before_accept(span, connection)
                yield from _alone(NOBODY, number, connection.end, begin, begin if waited else silent, ready)
            elif connection.call == "recv":
                yield fresh(worker, number, LaneState.HANDLING, connection.end, begin)
            silent = last if ready == NEVER else silent  # all that is known is that it was inside its call
            is_held = connection.speaks_since and min(silent, last) - begin > BLOCKED
            waits = LaneState.BLOCKED_BY_CLIENT if is_held else LaneState.WAITING
            yield from _alone(worker, number, begin, last, silent, ready, waits, line)
            if span.bytes > 0:
                yield fresh(worker, number, LaneState.READING, last, end, span.bytes, line)
        else:
            if connection.call in ("recv", "send"):
                yield fresh(worker, number, LaneState.HANDLING, connection.end, begin)
            held = self._held(span, connection)
            yield fresh(worker, number, LaneState.BLOCKED_BY_CLIENT, begin, held, line=line)
            if end - begin > BLOCKED and (span.unsent < 0 or held > begin):
                yield fresh(worker, number, LaneState.NOT_KNOWN, held, last, line=line)
                held = last
            yield fresh(worker, number, LaneState.WRITING, held, end, span.bytes, line)

    def worker_tail(self, number: int, now: float) -> Iterator[Fresh]:
        known, lane = self.known, self.known.workers[number]
        activity = lane.activity
        if lane.free_since:
            yield from self._free_tail(lane, number, now)
        if not activity:
            yield from _in_doubt(known, number, now)
            return
        connection = known.connections.get(activity.connection)
        if connection and activity.call in ("recv", "send") and not _is_over(activity, lane):
            begin, until = max(activity.since, lane.end), min(now, known.reported)
            waits, silent, ready = self._in_call(activity, connection, lane, until)
            yield from _alone(number, activity.connection, begin, until, silent, ready, waits, activity.line)
            yield from self.not_known_since(number, activity.connection, begin, now)
        else:
            yield from _tail(known, activity, self._state(activity), now)

    def _free_tail(self, lane: WorkerLane, number: int, now: float) -> Iterator[Fresh]:
        """A worker of a pool has nothing to do, until it is reported to do something else."""
        activity, connections = lane.activity, self.known.connections
        if activity and activity.since > lane.free_since and (activity.call or activity.connection in connections):
            yield from self.free_until(number, min(activity.since, now))
        else:
            yield from self.free_until(number, min(now, self.known.reported))
            yield from self.not_known_since(number, 0, lane.free_since, now)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        connection, until = self.known.connections[number], min(now, self.known.reported)
        if connection.served_by in self.known.workers:
            tail = self.worker_tail(connection.served_by, now)
            yield from (each for each in tail if each[CONNECTION] == number)
        elif connection.call == "accept":
            evidence = connection.evidence
            yield from _alone(NOBODY, number, connection.end, until, evidence.silent, evidence.ready or NEVER)
            yield from self.not_known_since(NOBODY, number, connection.end, now)

    def blocked_readers(self, late: float) -> Iterator[int]:
        for worker in self.known.workers.values():
            activity = worker.activity
            if activity and activity.call == "send" and activity.since < late:
                connection = self.known.connections.get(activity.connection)
                if connection and connection.held > activity.since:
                    yield activity.connection

    def _held(self, span: wire.Span, connection: ConnectionLane) -> float:
        """Until when a `send` was held by its client; its begin: it was not."""
        if span.end - span.begin <= BLOCKED:
            return span.begin
        if span.unsent > 0:
            return self.accepting_since(span)
        return min(max(span.begin, connection.held), span.end)

    def _in_call(
        self, activity: wire.Activity, connection: ConnectionLane, lane: WorkerLane, until: float
    ) -> tuple[LaneState, float, float]:
        """What a worker that is inside a call for `connection` waits for, until when that is known, and since when it
        is known that it waits no more."""
        if activity.call == "send":
            return LaneState.BLOCKED_BY_CLIENT, connection.held, NEVER
        silent, ready = min(until, self.known.polled or until), NEVER  # the kernel has not been asked since
        if connection.evidence.ready:
            silent, ready = connection.evidence.silent, connection.evidence.ready
        if lane.delayed:
            silent = min(silent, lane.delayed)
        if not connection.speaks_since:
            return LaneState.WAITING, silent, ready
        is_held = silent - activity.since > BLOCKED
        return LaneState.BLOCKED_BY_CLIENT if is_held else LaneState.NOT_KNOWN, silent, ready

    def _state(self, activity: wire.Activity) -> LaneState | None:
        if activity.call == "accept":
            return LaneState.FREE
        if activity.call == "wait":
            return LaneState.WAITING
        if self.known.traits.only_accepts and not activity.worker and not activity.call:
            return LaneState.ACCEPTING  # until it accepts again
        if activity.call:
            return LaneState.NOT_KNOWN  # for a connection that was not reported from its beginning
        # A worker that goes on to the next connection is with none.
        return LaneState.HANDLING if activity.connection in self.known.connections else None


class NonBlocking(Interpreter):
    """For workers whose calls take or give what there is."""

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        worker, number, call, begin = span.worker, span.connection, span.call, span.begin
        would_block = span.bytes == WOULD_BLOCK
        here = span.worker if self._is_alone and span.worker else NOBODY
        waiter = NOBODY if connection.call == "accept" else here  # its worker was still being made
        if call == "send" and connection.call == "recv":
            lane = self.known.workers.get(worker)
            was_elsewhere = lane is not None and lane.end > connection.end  # it handled others meanwhile
            yield fresh(NOBODY if was_elsewhere else worker, number, LaneState.HANDLING, connection.end, begin)
        elif call != "accept" and connection.end:
            if would_block:
                yield fresh(waiter, number, LaneState.WAITING, connection.end, begin)
            else:
                if connection.call == "accept":
                    yield from _before_accept(span, connection)
                silent, ready = self.proofs(span, connection)
                yield from _alone(waiter, number, connection.end, begin, silent, ready)
        yield from self.call(span)

    def call(self, span: wire.Span) -> Iterator[Fresh]:
        """The call itself."""
        worker, number, begin, end = span.worker, span.connection, span.begin, span.end
        if span.bytes == WOULD_BLOCK:
            here = worker if self._is_alone and worker else NOBODY
            yield fresh(here, number, LaneState.WAITING, begin, end, line=span.line)
        elif span.call == "accept":
            yield fresh(worker, number, LaneState.ACCEPTING, begin, end, line=span.line)
        elif span.call == "send" or span.bytes > 0:
            yield fresh(worker, number, MOVING[span.call], begin, end, span.bytes, span.line)

    def proofs(self, span: wire.Span, connection: ConnectionLane) -> tuple[float, float]:
        """Until when the client was waited for before this call, and since when the connection was ready for it."""
        return _proofs(span, connection) if span.call == "recv" else (0.0, NEVER)

    def worker_tail(self, number: int, now: float) -> Iterator[Fresh]:
        activity = self.known.workers[number].activity
        if activity:
            yield from _tail(self.known, activity, self._state(activity), now)
        else:
            yield from _in_doubt(self.known, number, now)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        connection = self.known.connections[number]
        running = self._running(connection)
        left, until = connection.end, min(now, self.known.reported)
        if running and running.connection == number:
            yield from self.worker_tail(running.worker, now)
        elif connection.lost_since:
            yield from self.lost(number, connection, now)
        elif left:
            worker = connection.worker if self._is_alone and connection.call != "accept" else NOBODY
            silent, ready = self._now(number, connection, is_held_up=running is not None)
            yield from _alone(worker, number, left, until, silent, ready)
            yield from self.not_known_since(worker, number, left, now)

    def blocked_readers(self, late: float) -> Iterator[int]:
        for number, each in self.known.connections.items():
            if _is_sending(each) and each.end < late and self.waits_for_all(each) and not self._running(each):
                yield number

    @abstractmethod
    def waits_for_all(self, connection: ConnectionLane) -> bool:
        """Whether the loop of a connection is where it waits for all of them, and would turn to it at once."""

    @property
    def _is_alone(self) -> bool:
        """Whether a worker serves one connection, and so waits for no other one."""
        return self.known.traits.serves == "one"

    def loop_of(self, connection: ConnectionLane) -> WorkerLane | None:
        """The worker in whose turns the connection has its own."""
        return self.known.workers.get(0 if self._is_alone else max(connection.worker, 0))

    def _now(self, number: int, connection: ConnectionLane, is_held_up: bool) -> tuple[float, float]:
        """Until when the client is known to be waited for, and since when the connection is known to be ready."""
        if self._is_alone and connection.speaks_since:
            return 0.0, NEVER  # a task waits outside of its calls: for the rest of a request, or it handles one
        loop = self.loop_of(connection)
        if loop and loop.activity and loop.activity.connection == number and not loop.activity.call:
            return connection.evidence.silent, NEVER
        silent, ready = connection.evidence.silent, connection.evidence.ready or NEVER
        if _is_sending(connection):
            silent, ready = 0.0, NEVER
        elif self.known.polled or ready != NEVER:
            return silent, ready
        return self.known.reported if not is_held_up and self.waits_for_all(connection) else silent, ready

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
        return LaneState.NOT_KNOWN if connection.speaks_since else LaneState.WAITING

    def _running(self, connection: ConnectionLane) -> wire.Activity | None:
        """What the loop of a connection is busy with, if it has been at it for longer than its rounds take."""
        loop = self.loop_of(connection)
        workers = self.known.workers.values() if self._is_alone else [loop]
        activities = [each.activity for each in workers if each and each.activity]
        if self._is_alone:
            mine = self.known.workers.get(connection.served_by)
            inside = [each.activity for each in (mine, *workers) if each and each.activity]
            return next((each for each in inside if each.application_line and not each.call), None)
        if not loop or not loop.activity or loop.activity.call or not activities:
            return None
        newest = max(activities, key=lambda activity: activity.since)
        return newest if self.is_busy(newest) and self.known.reported - loop.activity.since > LONG_ROUND else None

    def is_busy(self, activity: wire.Activity) -> bool:
        """Whether a loop has been out of its calls, for one connection, for longer than its rounds take."""
        return bool(activity.connection) and not activity.call and self.known.reported - activity.since > LONG_ROUND


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
        self._handled: dict[int, deque[tuple[float, float]]] = {}
        """When the requests of each connection were handled of which no reply is reported yet."""

    def handled(self, rows: Iterable[wire.HandlingSample]) -> Iterator[Fresh]:
        for row in rows:
            if row.is_whole:
                worker = self.known.workers.setdefault(row.worker, WorkerLane(row.begin))
                yield from self.before_handling(row)
                yield fresh(row.worker, row.connection, LaneState.HANDLING, row.begin, row.end)
                worker.end = max(worker.end, row.end)
                self._handled.setdefault(row.connection, deque()).append((row.begin, row.end))

    def before_handling(self, row: wire.HandlingSample) -> Iterator[Fresh]:
        """What its worker did before."""
        return iter(())

    def ended(self, number: int) -> None:
        self._handled.pop(number, None)

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        """Before a request is handled, and after it was, its connection is ready and waits for its turn."""
        handled, since, was_handled = self._handled.get(span.connection), connection.end, False
        here = span.worker if self._is_alone and span.worker else NOBODY
        while handled and handled[0][1] <= span.begin + A_MOMENT:
            begin, end = handled.popleft()
            if since and begin >= since - A_MOMENT:
                yield fresh(here, span.connection, LaneState.RUNNABLE, since, begin)
                since, was_handled = end, True
        if was_handled:
            yield fresh(here, span.connection, LaneState.RUNNABLE, since, span.begin)
            yield from self.call(span)
        else:
            yield from super().intervals(span, connection)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        connection, handled = self.known.connections[number], self._handled.get(number)
        left = connection.end
        if not handled or not left:
            yield from super().connection_tail(number, now)
            return
        here = connection.worker if self._is_alone else NOBODY
        for begin, end in handled:
            yield fresh(here, number, LaneState.RUNNABLE, left, begin)
            left = end
        yield fresh(here, number, LaneState.NOT_KNOWN, left, now)

    def polled(self, span: wire.Span) -> None:
        last = self._polls.get(span.worker)
        self._polls[span.worker] = Poll(last.end if last else span.begin, span.begin, span.end)

    def lose_track(self) -> None:
        self._polls.clear()

    def proofs(self, span: wire.Span, connection: ConnectionLane) -> tuple[float, float]:
        silent, ready = super().proofs(span, connection)
        poll = self._polls.get(span.worker) or self._polls.get(0)  # a task has that of its loop
        if poll and poll.end >= connection.end and silent != ready:
            waited = poll.end - poll.begin > LONG_ROUND  # or else it may have been ready all the time
            silent = min(ready, max(silent, poll.end if waited else poll.before))
            ready = min(ready, poll.end)
        return silent, ready

    def waits_for_all(self, connection: ConnectionLane) -> bool:
        loop = self.loop_of(connection)
        return bool(loop and loop.activity and loop.activity.call == "wait")


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

    def waits_for_all(self, connection: ConnectionLane) -> bool:
        return self.loop_of(connection) is not None

    def worker_tail(self, number: int, now: float) -> Iterator[Fresh]:
        activity, moved = self.known.workers[number].activity, self._moved.get(number, 0.0)
        if activity and self.is_busy(activity):
            yield from super().worker_tail(number, now)
        elif activity and self.known.sample_every == 1 and moved:
            yield fresh(number, 0, LaneState.WAITING, moved, min(now, self.known.reported), line=activity.line)
            yield from self.not_known_since(number, 0, moved, now)


class Measured(Interpreter):
    """For workers of which it is not known where they wait: nothing but their calls."""

    def intervals(self, span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
        if span.bytes != WOULD_BLOCK and span.call in MOVING:
            moved = span.bytes if span.call != "accept" else UNKNOWN_BYTES
            yield fresh(span.worker, span.connection, MOVING[span.call], span.begin, span.end, moved, span.line)

    def worker_tail(self, number: int, now: float) -> Iterator[Fresh]:
        activity = self.known.workers[number].activity
        if activity:
            state = LaneState.WAITING if activity.call == "wait" else MOVING.get(activity.call)
            yield from _tail(self.known, activity, state, now)

    def connection_tail(self, number: int, now: float) -> Iterator[Fresh]:
        worker = self.known.connections[number].served_by
        if worker in self.known.workers:
            yield from (each for each in self.worker_tail(worker, now) if each[CONNECTION] == number)

    def blocked_readers(self, late: float) -> Iterator[int]:
        return iter(())


def _proofs(span: wire.Span, connection: ConnectionLane) -> tuple[float, float]:
    """Until when the client of this `recv` was waited for, and since when there was something to read."""
    evidence = connection.evidence
    ready = evidence.ready or NEVER
    if 0 < span.arrived < ready:
        return span.arrived, span.arrived
    return evidence.silent, ready  # some had come before the newest bytes did


def _before_accept(span: wire.Span, connection: ConnectionLane) -> Iterator[Fresh]:
    """What came before the connection was accepted waited in the kernel's queue."""
    if span.arrived and connection.accepting:
        yield fresh(NOBODY, span.connection, LaneState.RUNNABLE, span.arrived, connection.accepting)


def _alone(
    worker: int,
    number: int,
    left: float,
    begin: float,
    silent: float,
    ready: float,
    waits: LaneState = LaneState.WAITING,
    line: int = 0,
) -> Iterator[Fresh]:
    """A connection of which nothing was read from `left` to `begin`: until `silent` its client is waited for, since
    `ready` it is ready, and what is in between is not known."""
    silent = min(max(left, silent), begin)
    ready = min(max(silent, ready), begin)
    yield fresh(worker, number, waits, left, silent, line=line)
    yield fresh(worker, number, LaneState.NOT_KNOWN, silent, ready, line=line)
    yield fresh(worker, number, LaneState.RUNNABLE, ready, begin, line=line)


def _is_sending(connection: ConnectionLane) -> bool:
    """Whether more of a reply is to come."""
    return connection.call == "send" and connection.answered < connection.end


def _is_over(activity: wire.Activity, lane: WorkerLane) -> bool:
    """Whether a span has reported since how it ended."""
    return lane.end > activity.since + INSTANT


def _tail(known: Observed, activity: wire.Activity, state: LaneState | None, now: float) -> Iterator[Fresh]:
    """What a worker does is a tail of its lane, unless a span has reported it since."""
    lane = known.workers[activity.worker]
    begin = max(activity.since, lane.end)
    if state is not None and not _is_over(activity, lane):
        until = min(now, known.reported)
        line = activity.line if activity.call else 0
        yield fresh(activity.worker, activity.connection, state, begin, until, line=line)
        yield fresh(activity.worker, activity.connection, LaneState.NOT_KNOWN, max(begin, until), now)
    else:
        yield from _in_doubt(known, activity.worker, now)


def _in_doubt(known: Observed, number: int, now: float) -> Iterator[Fresh]:
    """What a worker does that is in the middle of a connection is not known yet."""
    lane = known.workers[number]
    if lane.connection in known.connections:
        yield fresh(number, lane.connection, LaneState.NOT_KNOWN, lane.end, now)
    elif known.traits.has_pool and known.sample_every != 1 and number:
        yield fresh(number, 0, LaneState.NOT_KNOWN, lane.end or lane.born, now)  # it may serve one that is not reported
