"""The kinds of client: what one of the clients does, again and again, until it is dismissed.

Each is a greenlet that reads like a program for one connection. `live` is what it does with one connection, or one
set of them; when that ends, in order or not, it begins anew. Knows nothing of how many others there are.
"""

import itertools
from collections.abc import Iterator
from time import monotonic

import gevent

from engine.load.connection import ClientConnection, Exhausted, Target
from engine.load.response import Failure, Reset, parts
from engine.load.schedule import Rescheduled, Schedule
from engine.load.workloads import LARGE, PAGE, Workload

BROWSER_CONNECTIONS = 6
"""Connections of a browser."""
SLOW_SEND_INTERVAL = 1.0
"""Seconds between two bytes of a slow sender."""
SLOW_READ_BYTES = 16 * 1024
SLOW_READ_INTERVAL = 0.1
"""A slow reader takes so many bytes, so many seconds apart."""
SLOW_READ_BUFFER = 32 * 1024
"""Bytes that the kernel takes for a slow reader, so that the server notices its slowness."""
RUDE_INTERVAL = 0.1
"""Seconds between a rude client's connections, unless they come at a rate."""
RETRIES_PER_SECOND = 1000
"""How many times a second all clients together try again at most."""
RETRY_DELAY, EXHAUSTED_DELAY = 0.05, 1.0
"""Seconds until a client tries again: after a failure, and where it is this machine that gives no more."""
TIMER_ERROR = 0.0015
"""Seconds that the loop's clock, which ticks in milliseconds, may wake a client late: that is no server's doing."""


class VirtualClient:
    """One of the clients: `begin` lets it live, `dismiss` ends it."""

    def __init__(self, target: Target, plan: "ClientPlan") -> None:
        self.target = target
        self.counters = target.counters
        self.plan = plan
        self.due = 0.0
        """Open loop: when the request was due that it is to send next; 0: none is."""
        self.dismissed = False
        self._asking = False
        self._resting = False
        self._greenlet = gevent.Greenlet(self._run)

    def begin(self) -> None:
        """Start to live."""
        self._greenlet.start()

    @property
    def gone(self) -> bool:
        """Whether it lives no more."""
        return bool(self._greenlet.dead)

    def live(self) -> None:
        """Do what it does with one connection."""
        raise NotImplementedError

    # Only for the loop to call, while the client waits for something

    def dismiss(self, *, at_once: bool = False) -> None:
        """Let it leave: when its request is answered, if it has asked for something."""
        self.dismissed = True
        if (at_once or not self._asking) and not self.gone:
            self._greenlet.throw(gevent.GreenletExit)

    def reschedule(self) -> None:
        """Let it forget when its next request was due."""
        self.due = 0.0
        if self._resting:
            self._greenlet.throw(Rescheduled)

    # For the kinds

    def turn(self) -> float:
        """Wait until it is time for a request, and give when it was. Closed loop: at once."""
        while (schedule := self.plan.schedule) is not None:
            if not self.due:
                self.due = schedule.take()
            if (early := self.due - monotonic()) <= 0:
                return self.due
            try:
                self._rest(early)
            except Rescheduled:
                continue
            now = monotonic()
            return now if now - self.due < TIMER_ERROR else self.due
        return monotonic()

    def ask(self, connection: ClientConnection, path: str, request: bytes, begin: float) -> None:
        """Ask for something that was due at `begin`, and count the answer."""
        self.due = 0.0
        self._asking = True
        connection.ask(path, request)
        self._asking = False
        self.answered(begin)

    def answered(self, begin: float) -> None:
        """Count a right answer to what was due at `begin`."""
        self.counters.answered += 1
        self.counters.latencies.append(monotonic() - begin)

    def _rest(self, seconds: float) -> None:
        self._resting = True
        try:
            gevent.sleep(seconds)
        finally:
            self._resting = False

    def _run(self) -> None:
        while not self.dismissed:
            try:
                self.live()
            except Failure as failure:
                self._asking = False
                self.counters.fail(failure)
                gevent.sleep(max(RETRY_DELAY, self.plan.clients / RETRIES_PER_SECOND))
            except Exhausted as exhausted:
                self._asking = False
                self.counters.note_problem("exhausted", exhausted)
                gevent.sleep(EXHAUSTED_DELAY)


class KeepAliveClient(VirtualClient):
    """Keeps its connection, and asks again and again."""

    def live(self) -> None:
        path = self.plan.path
        request = self.target.request(path)
        with ClientConnection(self.target, self) as connection:
            while connection.kept and not self.dismissed:
                begin = self.turn()
                if self.due and connection.closed_by_server():
                    return  # it had to wait, and the server's patience has ended
                self.ask(connection, path, request, begin)


class NewConnectionClient(VirtualClient):
    """Makes a connection for each request."""

    def live(self) -> None:
        path = self.plan.path
        request = self.target.request(path, "Connection: close")
        begin = self.turn()
        with ClientConnection(self.target, self) as connection:
            self.ask(connection, path, request, begin)


class BrowserClient(VirtualClient):
    """Loads a page, then its parts over six connections."""

    def live(self) -> None:
        lines = [_BrowserConnection(self) for _ in range(BROWSER_CONNECTIONS)]
        try:
            while not self.dismissed:
                self._load_page(lines, self.turn())
        finally:
            for line in lines:
                line.close()

    def _load_page(self, lines: "list[_BrowserConnection]", begin: float) -> None:
        path = self.plan.path
        self._asking = True
        body = lines[0].load(path, begin)
        self.due = 0.0
        todo = iter(parts(path, body))
        loaders = [gevent.spawn(line.load_all, todo) for line in lines]
        try:
            gevent.joinall(loaders)
        finally:
            gevent.killall(loaders)
        self._asking = False


class _BrowserConnection:
    """One of a browser's connections, made when there is something to load, and anew when it was not kept."""

    def __init__(self, client: VirtualClient) -> None:
        self._client = client
        self._connection: ClientConnection | None = None

    def load(self, path: str, begin: float) -> bytes:
        """What `path` gives, counted as wanted at `begin`."""
        connection = self._connection
        if connection is None or not connection.kept or connection.closed_by_server():
            self.close()
            connection = self._connection = ClientConnection(self._client.target, self._client)
        connection.ask(path, self._client.target.request(path))
        self._client.answered(begin)
        return connection.reader.body

    def load_all(self, todo: Iterator[str]) -> None:
        """Load what is left in `todo`, which all lines share, as long as all goes well."""
        try:
            for path in todo:
                self.load(path, monotonic())
        except Failure as failure:
            self._client.counters.fail(failure)
            self.close()
        except Exhausted as exhausted:
            self._client.counters.note_problem("exhausted", exhausted)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SlowSender(VirtualClient):
    """Sends its request a byte a second, and takes a 408 from a server that is not that patient."""

    def live(self) -> None:
        request = self.target.request(PAGE)
        with ClientConnection(self.target, self) as connection:
            while connection.kept:
                connection.reader.expect(PAGE, (200, 408))
                self.counters.sent += 1
                for byte in request:
                    connection.send(bytes((byte,)))
                    if connection.readable_within(SLOW_SEND_INTERVAL):
                        break
                connection.read_response()
                self.counters.answered += 1


class SlowReader(VirtualClient):
    """Asks for something large, and sips it."""

    def live(self) -> None:
        path = self.plan.path
        request = self.target.request(path)
        with ClientConnection(self.target, self, SLOW_READ_BUFFER) as connection:
            while connection.kept:
                connection.reader.expect(path)
                self.counters.sent += 1
                connection.send(request)
                while not connection.reader.complete:
                    gevent.sleep(SLOW_READ_INTERVAL)
                    connection.read_some(SLOW_READ_BYTES)
                self.counters.answered += 1


class IdleClient(VirtualClient):
    """Asks once, to know that it is served, and then stays and says nothing.

    Where the server keeps no connection, it stays on the next one without having asked.
    """

    _has_asked = False

    def live(self) -> None:
        path = self.plan.path
        with ClientConnection(self.target, self) as connection:
            if not self._has_asked:
                self.ask(connection, path, self.target.request(path), monotonic())
                self._has_asked = not connection.kept
            if connection.kept:
                connection.readable_within(None)
                self._has_asked = False


class RudeClient(VirtualClient):
    """Hangs up, closes halfway, talks nonsense; what a careful server does about it is right."""

    def __init__(self, target: Target, plan: "ClientPlan") -> None:
        super().__init__(target, plan)
        self._acts = itertools.cycle((self._break_off, self._half_close, self._talk_nonsense, self._hang_up))

    def live(self) -> None:
        begin = self.turn()
        with ClientConnection(self.target, self) as connection:
            self.due = 0.0
            next(self._acts)(connection, begin)
        if self.plan.schedule is None:
            gevent.sleep(RUDE_INTERVAL)

    def _break_off(self, connection: ClientConnection, begin: float) -> None:
        connection.send(self.target.request(PAGE)[:20])
        connection.reset()

    def _half_close(self, connection: ClientConnection, begin: float) -> None:
        connection.reader.expect(PAGE)
        self.counters.sent += 1
        connection.send(self.target.request(PAGE, "Connection: close"))
        connection.half_close()
        connection.read_response()
        self.answered(begin)

    def _talk_nonsense(self, connection: ClientConnection, begin: float) -> None:
        connection.ask("nonsense", b"GET /index.html HTTP/1.1\r\nHost : nobody\r\n\r\n", (400,))
        self.answered(begin)

    def _hang_up(self, connection: ClientConnection, begin: float) -> None:
        connection.send(self.target.request(LARGE))
        if not connection.receive():
            raise Reset("The connection was closed instead of an answer.")


class ClientPlan:
    """What the clients of one pool have in common: what to ask for, when, and how many of them there are."""

    def __init__(self, path: str, clients: int, rate: float = 0.0) -> None:
        self.path = path
        self.clients = clients
        self.schedule = Schedule(rate) if rate else None


def client_class(workload: Workload) -> type[VirtualClient]:
    """What the clients of `workload` do."""
    if workload.behaviour == "ask":
        return KeepAliveClient if workload.kept else NewConnectionClient
    return {"browse": BrowserClient, "drip": SlowSender, "sip": SlowReader, "stay": IdleClient, "rude": RudeClient}[
        workload.behaviour
    ]
