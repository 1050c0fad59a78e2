"""The kinds of virtual client: what a client does, again and again, until it is stopped.

Each client is a greenlet that reads like a program for one connection. `run` is what it does with one connection, or
with one set of them; when `run` ends, with or without an error, it is called again. Knows nothing of other clients.
"""

import itertools
from collections.abc import Iterator

import gevent

from engine.clock import monotonic
from engine.load.connection import CLOSE, ClientConnection, Exhausted, Target
from engine.load.requests import OwnRequests
from engine.load.response import ANY_OK, Failure, Reset, TimedOut, parts
from engine.load.schedule import Rescheduled, Schedule
from engine.load.workloads import LARGE, PAGE, Workload

BROWSER_CONNECTIONS = 6
"""Connections that a browser opens to one server."""
SLOW_SEND_INTERVAL = 1.0
"""Seconds between two bytes of a slow sender."""
SLOW_READ_BYTES = 16 * 1024
SLOW_READ_INTERVAL = 0.1
"""A slow reader reads this many bytes, then waits this many seconds."""
SLOW_READ_BUFFER = 32 * 1024
"""Receive buffer of a slow reader: small, so that the server's send has to wait."""
RUDE_INTERVAL = 0.1
"""Seconds between a rude client's connections, unless they are opened at a rate."""
RETRIES_PER_SECOND = 1000
"""Retries per second of all clients together, at most."""
RETRY_DELAY, EXHAUSTED_DELAY = 0.05, 1.0
"""Seconds until a client retries: after a failure, and after this machine has run out of connections."""


class VirtualClient:
    """A client of a pool."""

    def __init__(self, target: Target, plan: "ClientPlan") -> None:
        self.target = target
        self.counters = target.counters
        self.plan = plan
        self.due = 0.0
        """Open loop: when the client's next request is due; 0: it has taken none."""
        self.stopping = False
        self.waits_since = 0.0
        """When the request was due whose response it waits for; 0: it waits for none."""
        self._awaits_due = False
        self._greenlet = gevent.Greenlet(self._run_repeatedly)

    def start(self) -> None:
        """Start its greenlet."""
        self._greenlet.start()

    @property
    def stopped(self) -> bool:
        """Whether its greenlet has ended."""
        return bool(self._greenlet.dead)

    def run(self) -> None:
        """Do what this kind of client does with one connection."""
        raise NotImplementedError

    # Only called by the loop, while the client waits for something.

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it: after the response, if it waits for one and `at_once` is false."""
        self.stopping = True
        if (at_once or not self.waits_since) and not self.stopped:
            self._greenlet.throw(gevent.GreenletExit)

    def reschedule(self) -> None:
        """Let it take its next request from the new schedule."""
        self.due = 0.0
        if self._awaits_due:
            self._greenlet.throw(Rescheduled)

    # For the kinds of client.

    def wait_until_due(self) -> float:
        """Wait until the next request is due; returns when that was. Closed loop: now."""
        while (schedule := self.plan.schedule) is not None:
            if not self.due:
                self.due = schedule.take()
            if (early := self.due - monotonic()) <= 0:
                return self.due
            try:
                self._sleep(early)
            except Rescheduled:
                continue
            now = monotonic()
            return now if now - self.due < self.target.timer_error else self.due
        return monotonic()

    def exchange(self, connection: ClientConnection, path: str, request: bytes, begin: float) -> None:
        """Send a request that was due at `begin`, and count its response; where there are own requests, one of them."""
        self.due = 0.0
        self.waits_since = begin
        own = self.plan.own
        try:
            if own is None:
                connection.exchange(path, request)
            else:
                one = next(own)
                data = self.target.own_request(one)
                connection.exchange(one.path, data, ANY_OK, compares=False)
        except TimedOut:
            self.count_timeout(begin)
            raise
        self.waits_since = 0.0
        self.count_response(begin)

    def count_response(self, begin: float) -> None:
        """Count a correct response to a request that was due at `begin`."""
        self.counters.answered += 1
        self.counters.latencies.append(monotonic() - begin)

    def count_timeout(self, begin: float) -> None:
        """Count that nothing came for a request that was due at `begin`."""
        self.counters.given_up.append(monotonic() - begin)

    def _sleep(self, seconds: float) -> None:
        self._awaits_due = True
        try:
            gevent.sleep(seconds)
        finally:
            self._awaits_due = False

    def _run_repeatedly(self) -> None:
        while not self.stopping:
            try:
                self.run()
            except Failure as failure:
                self.waits_since = 0.0
                self.counters.count_failure(failure)
                gevent.sleep(max(RETRY_DELAY, self.plan.clients / RETRIES_PER_SECOND))
            except Exhausted as exhausted:
                self.waits_since = 0.0
                self.counters.note_exhausted(exhausted)
                gevent.sleep(EXHAUSTED_DELAY)


class KeepAliveClient(VirtualClient):
    """Keeps its connection and sends one request after the other."""

    def run(self) -> None:
        path = self.plan.path
        request = self.target.request(path)
        begin = monotonic()  # the first request needs the connection: what that took is part of its latency
        try:
            connection = ClientConnection(self.target, self)
        except TimedOut:
            if self.plan.schedule is None:
                self.count_timeout(begin)
            raise
        with connection:
            while connection.kept and not self.stopping:
                if self.plan.schedule is not None:
                    begin = self.wait_until_due()
                if self.due and connection.is_unusable():
                    return  # it waited for its request to be due, and the server has closed the idle connection
                self.exchange(connection, path, request, begin)
                begin = monotonic()
            if not connection.kept:
                connection.await_end()


class NewConnectionClient(VirtualClient):
    """Opens a connection for each request."""

    def run(self) -> None:
        path = self.plan.path
        request = self.target.request(path)
        begin = self.wait_until_due()
        try:
            connection = ClientConnection(self.target, self)
        except TimedOut:
            self.count_timeout(begin)
            raise
        with connection:
            self.exchange(connection, path, request, begin)
            if not connection.kept:
                connection.await_end()


class BrowserClient(VirtualClient):
    """Loads a page, then its parts over six connections."""

    def run(self) -> None:
        connections = [_BrowserConnection(self) for _ in range(BROWSER_CONNECTIONS)]
        try:
            while not self.stopping:
                self._load_page(connections, self.wait_until_due())
        finally:
            for connection in connections:
                connection.close()

    def _load_page(self, connections: "list[_BrowserConnection]", begin: float) -> None:
        path = self.plan.path
        self.waits_since = begin
        body = connections[0].load(path, begin)
        self.due = 0.0
        paths = iter(parts(path, body))
        loaders = [gevent.spawn(connection.load_all, paths) for connection in connections]
        try:
            gevent.joinall(loaders)
        finally:
            gevent.killall(loaders)
        self.waits_since = 0.0


class _BrowserConnection:
    """One of a browser's connections. It is opened when there is something to load, and again if it was not kept."""

    def __init__(self, client: VirtualClient) -> None:
        self._client = client
        self._connection: ClientConnection | None = None

    def load(self, path: str, begin: float) -> bytes:
        """The body at `path`, counted as a request that was due at `begin`."""
        try:
            connection = self._connection
            if connection is None or not connection.kept or connection.is_unusable():
                self.close()
                connection = self._connection = ClientConnection(self._client.target, self._client)
            connection.exchange(path, self._client.target.request(path))
        except TimedOut:
            self._client.count_timeout(begin)
            raise
        self._client.count_response(begin)
        return connection.reader.body

    def load_all(self, paths: Iterator[str]) -> None:
        """Load paths from `paths`, which all connections share, until the first failure."""
        try:
            for path in paths:
                self.load(path, monotonic())
        except Failure as failure:
            self._client.counters.count_failure(failure)
            self.close()
        except Exhausted as exhausted:
            self._client.counters.note_exhausted(exhausted)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SlowSender(VirtualClient):
    """Sends its request one byte a second; a 408 (Request Timeout) is a correct response."""

    def run(self) -> None:
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
    """Requests a large file and reads it slowly."""

    def run(self) -> None:
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
    """Sends one request, to be sure that it is served, and then keeps its connection idle.

    If the server closes the connection after the response, it stays on the next one without a request.
    """

    _was_served = False

    def run(self) -> None:
        path = self.plan.path
        with ClientConnection(self.target, self) as connection:
            if not self._was_served:
                self.exchange(connection, path, self.target.request(path), connection.begun)
                self._was_served = not connection.kept
            if connection.kept:
                connection.readable_within(None)
                self._was_served = False


class RudeClient(VirtualClient):
    """Resets, closes one direction, sends invalid requests; counts the responses that a careful server gives."""

    def __init__(self, target: Target, plan: "ClientPlan") -> None:
        super().__init__(target, plan)
        self._steps = itertools.cycle((self._reset_early, self._half_close, self._send_invalid, self._reset_late))

    def run(self) -> None:
        begin = self.wait_until_due()
        with ClientConnection(self.target, self) as connection:
            self.due = 0.0
            try:
                next(self._steps)(connection, begin)
            except TimedOut:
                self.count_timeout(begin)
                raise
        if self.plan.schedule is None:
            gevent.sleep(RUDE_INTERVAL)

    def _reset_early(self, connection: ClientConnection, begin: float) -> None:
        connection.send(self.target.request(PAGE)[:20])
        connection.reset()

    def _half_close(self, connection: ClientConnection, begin: float) -> None:
        connection.reader.expect(PAGE)
        self.counters.sent += 1
        connection.send(self.target.request(PAGE, *(() if self.target.closes else (CLOSE,))))
        connection.half_close()
        connection.read_response()
        self.count_response(begin)

    def _send_invalid(self, connection: ClientConnection, begin: float) -> None:
        connection.exchange("invalid", b"GET /index.html HTTP/1.1\r\nHost : nobody\r\n\r\n", (400,))
        self.count_response(begin)

    def _reset_late(self, connection: ClientConnection, begin: float) -> None:
        connection.send(self.target.request(LARGE))
        if not connection.receive():
            raise Reset("The connection was closed without a response.")


class ClientPlan:
    """What the clients of one kind share: what to request, when, and how many of them there are."""

    def __init__(self, path: str, clients: int, rate: float = 0.0, own: OwnRequests | None = None) -> None:
        self.path = path
        self.own = own
        """What is requested in place of `path`."""
        self.clients = clients
        self.schedule = Schedule(rate) if rate else None


_CLASSES: dict[str, type[VirtualClient]] = {
    "browse": BrowserClient,
    "slow-send": SlowSender,
    "slow-read": SlowReader,
    "idle": IdleClient,
    "rude": RudeClient,
}


def client_class(workload: Workload, *, closes: bool) -> type[VirtualClient]:
    """The kind of client for `workload`; `closes`: each request has a connection of its own."""
    if workload.behaviour == "request":
        return NewConnectionClient if closes else KeepAliveClient
    return _CLASSES[workload.behaviour]
