"""One client connection to the server, and what all connections of a process share.

Owns the sockets and their timeouts. Knows nothing of workloads. gevent's loop reports which socket is ready; the calls
are plain ones on non-blocking sockets, since a load of many thousand requests a second needs them cheap.
"""

import contextlib
import errno
import socket
import struct
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import gevent
from gevent.lock import Semaphore

from engine import windows
from engine.clock import monotonic
from engine.load.counters import LoadCounters
from engine.load.requests import OwnRequest
from engine.load.response import OK, References, Refused, Reset, ResponseReader, TimedOut

NEVER = float("inf")
CLOSE = "Connection: close"
TIMER_ERROR = 0.0015
"""Seconds by which a timer of milliseconds may wake a client late; not the server's latency."""
TIMER_TRIES = 5
END_TIMEOUT = 0.5
"""Seconds that a client waits for the server to close, after a response that says so."""
CHUNK = 65536
MAX_CONNECTING = 256 if sys.platform == "linux" else 100
"""Connections being opened at a time: more would only overflow the server's backlog, which elsewhere is 128 or 200."""
_READ, _WRITE = 1, 2
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK)
_EXHAUSTED = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Exhausted(Exception):
    """This machine can open no more connections; the server is not the cause."""


@dataclass(slots=True, eq=False)
class Target:
    """The server under load, and what all clients of this process share."""

    family: int
    address: tuple[Any, ...]
    host: str
    """The value of each request's Host header."""
    timeout: float
    """Seconds without data from the server after which a request fails."""
    timer_error: float = TIMER_ERROR
    """Seconds by which the loop's timer may wake a client late."""
    counters: LoadCounters = field(default_factory=LoadCounters)
    references: References = field(default_factory=References)
    connections: "set[ClientConnection]" = field(default_factory=set)
    """Open connections, and those being opened."""
    closes: bool = False
    """Whether each request asks the server to close the connection after its response."""
    connecting: Semaphore = field(default_factory=lambda: Semaphore(MAX_CONNECTING))

    def request(self, path: str, *headers: str) -> bytes:
        """The bytes of a request for `path`."""
        if self.closes:
            headers += (CLOSE,)
        return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {self.host}", *headers, "\r\n"]).encode()

    def own_request(self, request: OwnRequest) -> bytes:
        """The bytes of one of the user's own requests."""
        return request.data(self.host, *((CLOSE,) if self.closes else ()))

    def enforce_timeouts(self, now: float) -> None:
        """Raise `TimedOut` in each client whose timeout has passed. Only called by the loop."""
        for connection in tuple(self.connections):
            if connection.deadline < now:
                connection.time_out()


class ClientConnection:
    """A connection of the client `owner`; a context manager that closes it.

    Opening, sending and receiving raise a `Failure` if the server is at fault, and `Exhausted` if this machine is.
    """

    __slots__ = ("_readable", "_socket", "_target", "_waiter", "begun", "connected", "deadline", "owner", "reader")

    def __init__(self, target: Target, owner: Any, receive_buffer: int = 0) -> None:
        self.owner = owner
        self.begun = monotonic()
        """When its client began to open it."""
        self.connected = False
        self.deadline = NEVER
        """When the current wait times out."""
        self.reader = ResponseReader(target.references)
        self._waiter: Any = None  # the greenlet that waits for it
        self._target = target
        try:
            self._socket = socket.socket(target.family, socket.SOCK_STREAM)
        except OSError as error:
            raise Exhausted(error.strerror) from error
        self._socket.setblocking(False)
        if receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._readable = gevent.get_hub().loop.io(self._socket.fileno(), _READ)
        target.connections.add(self)
        try:
            with target.connecting:
                self._connect()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "ClientConnection":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def kept(self) -> bool:
        """Whether another request can be sent on it."""
        return self.reader.kept

    def exchange(self, path: str, request: bytes, statuses: Collection[int] = OK, *, compares: bool = True) -> None:
        """Send `request`, which is for `path`, and receive and check the complete response.

        `compares`: whether its body is the same each time.
        """
        self.reader.expect(path, statuses, compares=compares)
        self._target.counters.sent += 1
        self.send(request)
        self.read_response()

    def read_response(self) -> None:
        """Receive until the expected response is complete."""
        reader = self.reader
        while not reader.complete:
            self.read_some()

    def read_some(self, size: int = CHUNK) -> None:
        """Wait for the next bytes of the response and check them."""
        if data := self.receive(size):
            self.reader.feed(data)
        else:
            self.reader.end()

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        while data:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                self._wait_until_writable()
            except OSError as error:
                raise Reset(f"The connection was lost: {error.strerror}.") from error

    def receive(self, size: int = CHUNK) -> bytes:
        """Wait for the next bytes. Empty bytes mean the server has closed the connection."""
        while True:
            self._wait_for(self._readable)
            try:
                data = self._socket.recv(size)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Reset(f"The connection was lost: {error.strerror}.") from error
            self._target.counters.bytes += len(data)
            return data

    def readable_within(self, seconds: float | None) -> bool:
        """Whether the server sends data or closes within `seconds`; None waits without a timeout."""
        with gevent.Timeout(seconds, False):
            gevent.get_hub().wait(self._readable)
            return True
        return False

    def is_unusable(self) -> bool:
        """Whether the server has closed it, or has sent data that was not requested."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def await_end(self) -> None:
        """Let the server close first, whose response said so: who closes first keeps the port for a minute or two."""
        with contextlib.suppress(OSError):
            while self.readable_within(END_TIMEOUT) and self._socket.recv(CHUNK):
                pass

    def half_close(self) -> None:
        """Close the sending direction."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Reset(f"The connection was lost: {error.strerror}.") from error

    def reset(self) -> None:
        """Close it so that the server receives a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close it, whatever is still in flight. May be called again."""
        self._target.connections.discard(self)
        self._readable.close()
        self._socket.close()

    def time_out(self) -> None:
        """Raise `TimedOut` in the greenlet that waits for it. Only called by the loop."""
        self.deadline = NEVER
        self._waiter.throw(TimedOut(f"The server sent nothing for {self._target.timeout:g} s."))

    def _connect(self) -> None:
        windows.end_at_first_refusal(self._socket, self._target.address)
        error = self._socket.connect_ex(self._target.address)
        if error in _IN_PROGRESS:
            self._wait_until_writable()
            error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error in _EXHAUSTED:
            raise Exhausted(windows.strerror(error))
        if error:
            raise Refused(windows.strerror(error))
        self.connected = True

    def _wait_until_writable(self) -> None:
        writable = gevent.get_hub().loop.io(self._socket.fileno(), _WRITE)
        try:
            self._wait_for(writable)
        finally:
            writable.close()

    def _wait_for(self, watcher: Any) -> None:
        self._waiter = gevent.getcurrent()
        self.deadline = monotonic() + self._target.timeout
        gevent.get_hub().wait(watcher)
        self.deadline = NEVER


def measured_timer_error() -> float:
    """Seconds by which the loop's timer wakes a client late, if nothing else keeps it: some systems' are coarse."""
    late = []
    for _ in range(TIMER_TRIES):
        begin = monotonic()
        gevent.sleep(0.001)
        late.append(monotonic() - begin - 0.001)
    return max(TIMER_ERROR, min(late) + TIMER_ERROR / 2)
