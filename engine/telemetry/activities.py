"""What workers are doing, ten times a second while spans are wanted, and what the kernel says of their connections.

Owns what was sent last, so that only what has changed is sent again, and what the kernel was asked. Knows neither HTTP
nor the sockets that it asks for.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from engine.clock import monotonic
from engine.model import Model
from engine.telemetry.counters import (
    CALLS,
    NO_STAND,
    RECV,
    SEND,
    ActivityTuple,
    CounterRows,
    SharedCounterRows,
    StandTuple,
)
from engine.telemetry.sink import Sink
from engine.telemetry.wire import Activities, Activity

ACTIVITIES_A_LINE = 32
NUMBERS_A_LINE = 300
"""Numbers of connections or workers."""
LONG_SEND = 0.01
"""Seconds from which on it is asked whether a `send` waits for its client."""
RESEND_EVERY = 2.0
"""Resend unchanged activities after this many seconds."""


class Connection(Protocol):
    """An open connection; called, it gives its socket, or None."""

    def __call__(self) -> Any: ...

    number: int
    is_opened: bool
    """Whether its opening was reported, so that its end is reported as well, whatever comes between."""
    is_reported: bool
    """Whether its requests are reported."""
    is_traced: bool
    """Whether its spans are reported."""
    is_marked: bool
    """Whether a worker notes the call that it is in for this connection."""
    accepted: float
    """When it was accepted; 0: in another process."""
    arrived: float
    """When the bytes that were read last had come to this machine; 0 if that is not known."""


class WaitProbe(Protocol):
    """What the kernel reports at the moment; see `engine.net.readiness`."""

    can_poll: bool

    def readable(self, connections: Iterable[Connection]) -> list[int]: ...

    def is_asleep(self, pid: int) -> bool: ...

    def is_held(self, sock: Any) -> bool: ...

    def has_news(self, sock: Any, arrived: float) -> bool: ...


class ActivityReport:
    """Sends what the workers of this process and of its children are doing."""

    def __init__(self, sink: Sink, model: Model, counter_rows: CounterRows, children: SharedCounterRows | None) -> None:
        self.readiness: WaitProbe | None = None
        """Asks the kernel; None: it is not asked."""
        self._sink = sink
        self._model = model
        self._counter_rows = counter_rows
        self._children = children
        self._sent: dict[int, tuple[ActivityTuple, StandTuple]] = {}
        self._resent_at = 0.0
        self._polled = 0.0
        self._readable: list[int] = []
        self._served: list[int] = []

    def forget(self) -> None:
        """Send all activities again."""
        self._sent.clear()

    def poll(self, open_here: Mapping[int, Connection]) -> None:
        """Ask the kernel which connections have something to read; sent with the activities."""
        self._polled, self._readable, self._served = 0.0, [], []
        if self.readiness and self.readiness.can_poll:
            self._polled = monotonic()
            self._readable = self.readiness.readable(each for each in list(open_here.values()) if each.is_traced)
            if self._model.worker == "loop":  # after the answer, and before calls are reported
                activities = [activity for _, activity, _ in self._counter_rows.activities()]
                self._served = [connection for *_, connection, _ in activities if connection]

    def send(self, now: float, open_here: Mapping[int, Connection], is_sampled: Callable[[int], bool]) -> None:
        """Send the activities that have changed since they were last sent, of connections that are sampled."""
        all_again = now - self._resent_at >= RESEND_EVERY
        if all_again:
            self._resent_at = now
        before, self._sent = self._sent, {}
        news = []
        for worker, activity, stand in self._counter_rows.activities() + (
            self._children.activities() if self._children else []
        ):
            call, file, line, connection, since = activity
            if line and (not connection or is_sampled(connection)):
                if stand[-1] != since:  # of what it did before
                    stand = NO_STAND
                elif stand[1]:
                    file, line = stand[:2]
                self._sent[worker] = activity, stand
                if all_again or before.get(worker) != (activity, stand):
                    news.append(Activity(worker, connection, CALLS[call], line, since, file, *stand[2:4]))
        news += [Activity(worker, 0, "", 0, now) for worker in before.keys() - self._sent.keys()]
        for first in range(0, len(news), ACTIVITIES_A_LINE):
            if not self._sink.send(Activities(now, news[first : first + ACTIVITIES_A_LINE])):
                self.forget()  # it did not arrive: it is sent again
        self._send_polled(now, open_here)

    def _send_polled(self, now: float, open_here: Mapping[int, Connection]) -> None:
        delayed = self._delayed(open_here)
        if not self._polled or len(delayed) > NUMBERS_A_LINE:
            return
        readable = self._readable
        while len(readable) > NUMBERS_A_LINE:
            if not self._sink.send(Activities(now, [], readable=readable[:NUMBERS_A_LINE])):
                return  # which are silent is not known
            readable = readable[NUMBERS_A_LINE:]
        self._sink.send(Activities(now, [], self._polled, readable, delayed, self._served))

    def _delayed(self, open_here: Mapping[int, Connection]) -> list[int]:
        """Workers that are in a call of which it is not known that they wait there for their client."""
        ask = self.readiness
        if not ask:
            return []
        in_call = {worker: each for worker, (each, _) in self._sent.items() if each[0] in (RECV, SEND)}
        if self._children:
            asleep = {worker for worker in in_call if ask.is_asleep(worker)}
            still = dict(self._children.settled())  # a child may have gone on, and sleep in another call
            return [worker for worker, each in in_call.items() if worker not in asleep or still.get(worker) != each]
        connections = [(worker, each, open_here.get(each[3])) for worker, each in in_call.items()]
        return [
            worker for worker, each, connection in connections if connection and self._is_late(ask, each, connection)
        ]

    def _is_late(self, ask: WaitProbe, activity: ActivityTuple, connection: Connection) -> bool:
        """Whether it is not its client that keeps a worker in its call for `connection`."""
        call, _, _, _, since = activity
        if call == SEND:
            return self._polled - since >= LONG_SEND and not ask.is_held(connection())
        is_thread = self._model.worker == "thread"  # the bytes of all others are still to be read, as the poll says
        return is_thread and ask.has_news(connection(), connection.arrived)
