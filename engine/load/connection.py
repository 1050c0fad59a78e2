"""One connection to the server, and what all connections of a process have in common.

Owns the sockets, and how long each of them is waited for. Knows no workload. gevent's loop says which socket is
ready; the calls themselves are plain ones on non-blocking sockets, as many thousand requests a second need.
"""

import errno
import os
import socket
import struct
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Any

import gevent
from gevent.lock import Semaphore

from engine.load.counters import LoadCounters
from engine.load.response import OK, References, Refused, Reset, ResponseReader, TimedOut

NEVER = float("inf")
CHUNK = 65536
CONNECTING_AT_MOST = 256
"""Connections that are being made at a time: more would only overflow the server's backlog."""
_READ, _WRITE = 1, 2
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)
_EXHAUSTED = (errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Exhausted(Exception):
    """This machine gives no more connections: none of the server's doing."""


@dataclass(slots=True, eq=False)
class Target:
    """The server, as all clients of this process see it."""

    family: int
    address: tuple[Any, ...]
    host: str
    """As the clients name it in each request."""
    timeout: float
    """Seconds of silence after which a client gives up."""
    counters: LoadCounters = field(default_factory=LoadCounters)
    references: References = field(default_factory=References)
    connections: "set[ClientConnection]" = field(default_factory=set)
    """Those that are made, and those that are being made."""
    gate: Semaphore = field(default_factory=lambda: Semaphore(CONNECTING_AT_MOST))

    def request(self, path: str, *headers: str) -> bytes:
        """The bytes that ask for `path`."""
        return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {self.host}", *headers, "\r\n"]).encode()

    def time_out_silent(self, now: float) -> None:
        """Let everybody who has been waiting for too long go on with `TimedOut`. Only for the loop to call."""
        for connection in tuple(self.connections):
            if connection.deadline < now:
                connection.time_out()


class ClientConnection:
    """A connection of `owner`; a context manager that closes it.

    Making it, sending and receiving raise a `Failure` where the server is not as it should be, and `Exhausted`.
    """

    __slots__ = ("_readable", "_socket", "_target", "_waits", "begun", "connected", "deadline", "owner", "reader")

    def __init__(self, target: Target, owner: Any, receive_buffer: int = 0) -> None:
        self.owner = owner
        self.begun = monotonic()
        """When it was wanted."""
        self.connected = False
        self.deadline = NEVER
        """Until when it is waited for."""
        self.reader = ResponseReader(target.references)
        self._waits: Any = None  # the greenlet that waits for it
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
            with target.gate:
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
        """Whether another request may be sent on it."""
        return self.reader.kept

    def ask(self, path: str, request: bytes, statuses: tuple[int, ...] = OK) -> None:
        """Send `request`, which asks for `path`, and take its answer, all of it, checked."""
        self.reader.expect(path, statuses)
        self._target.counters.sent += 1
        self.send(request)
        self.read_response()

    def read_response(self) -> None:
        """Receive until the answer that the reader expects is complete."""
        reader = self.reader
        while not reader.complete:
            self.read_some()

    def read_some(self, size: int = CHUNK) -> None:
        """Wait for the next bytes of the answer, and check them."""
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
                raise Reset(f"The connection was broken off: {error.strerror}.") from error

    def receive(self, size: int = CHUNK) -> bytes:
        """Wait for the next bytes; empty when the server has closed the connection."""
        while True:
            self._wait_for(self._readable)
            try:
                data = self._socket.recv(size)
            except BlockingIOError:
                continue
            except OSError as error:
                raise Reset(f"The connection was broken off: {error.strerror}.") from error
            self._target.counters.bytes += len(data)
            return data

    def readable_within(self, seconds: float | None) -> bool:
        """Whether the server says something, or closes, within so many seconds; None: wait as long as it takes."""
        with gevent.Timeout(seconds, False):
            gevent.get_hub().wait(self._readable)
            return True
        return False

    def closed_by_server(self) -> bool:
        """Whether the server has closed it, or says what nobody has asked for."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise Reset(f"The connection was broken off: {error.strerror}.") from error

    def reset(self) -> None:
        """Break it off: the server gets a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close it, whatever is still on its way; more than once does no harm."""
        self._target.connections.discard(self)
        self._readable.close()
        self._socket.close()

    def time_out(self) -> None:
        """Let whoever waits for it go on with `TimedOut`. Only for the loop to call."""
        self.deadline = NEVER
        self._waits.throw(TimedOut(f"The server was silent for {self._target.timeout:g} s."))

    def _connect(self) -> None:
        failed = self._socket.connect_ex(self._target.address)
        if failed in _UNDER_WAY:
            self._wait_until_writable()
            failed = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed in _EXHAUSTED:
            raise Exhausted(os.strerror(failed))
        if failed:
            raise Refused(os.strerror(failed))
        self.connected = True

    def _wait_until_writable(self) -> None:
        writable = gevent.get_hub().loop.io(self._socket.fileno(), _WRITE)
        try:
            self._wait_for(writable)
        finally:
            writable.close()

    def _wait_for(self, watcher: Any) -> None:
        self._waits = gevent.getcurrent()
        self.deadline = monotonic() + self._target.timeout
        gevent.get_hub().wait(watcher)
        self.deadline = NEVER
