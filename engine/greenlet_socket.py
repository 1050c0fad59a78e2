"""A TCP socket for greenlets: it tries first, and waits in gevent's loop only where the kernel has nothing yet.

Owns when a greenlet that waits for the network goes on. gevent's own socket makes what it takes to wait when it is
made, for both directions; who sends a request at once and takes the reply never needs it.
"""

import _socket
import socket
from collections.abc import Callable
from typing import Any

import gevent
from gevent.socket import cancel_wait_ex, wait

IN_A_ROW = 100
"""Clients accepted before all others that are ready get their turn."""
_READ, _WRITE = 1, 2


class GreenletSocket(_socket.socket):
    """A socket whose calls wait as those of a blocking one do, while other greenlets go on."""

    _waits = True
    _in_a_row = 0
    _readable: Any = None  # what the loop watches it with, from the first wait on
    _writable: Any = None

    def setblocking(self, flag: bool) -> None:
        self._waits = flag

    def gettimeout(self) -> float | None:
        return None if self._waits else 0.0

    def accept(self) -> tuple["GreenletSocket", Any]:
        """The next client and its address."""
        while True:
            if self._in_a_row < IN_A_ROW or not self._waits:
                try:
                    descriptor, address = self._accept()  # type: ignore[attr-defined]
                except BlockingIOError:
                    if not self._waits:
                        raise
                else:
                    self._in_a_row += 1
                    return adopted(descriptor, self), address
            self._in_a_row = 0
            self._wait_to_read()

    def recv(self, size: int, flags: int = 0) -> bytes:
        while True:
            try:
                return _recv(self, size, flags)
            except BlockingIOError:
                if not self._waits:
                    raise
            self._wait_to_read()

    def send(self, data: bytes | memoryview, flags: int = 0) -> int:  # type: ignore[override]
        while True:
            try:
                return _send(self, data, flags)
            except BlockingIOError:
                if not self._waits:
                    raise
            if self._writable is None:
                self._writable = gevent.get_hub().loop.io(self.fileno(), _WRITE)
            wait(self._writable)

    def close(self) -> None:
        """Close it; a greenlet that waits for it gets an error."""
        self._unwatch_and_then(_close)

    def detach(self) -> int:
        """Give the descriptor away; a greenlet that waits for it gets an error."""
        self._unwatch_and_then(id)
        return _detach(self)

    def _wait_to_read(self) -> None:
        if self._readable is None:
            self._readable = gevent.get_hub().loop.io(self.fileno(), _READ)
        wait(self._readable)

    def _unwatch_and_then(self, then: Callable[[Any], object]) -> None:
        watchers = self._readable, self._writable
        if watchers == (None, None):
            then(self)
        else:
            self._readable = self._writable = None
            gevent.get_hub().cancel_waits_close_and_then(watchers, cancel_wait_ex, then, self)


_recv, _send = _socket.socket.recv, _socket.socket.send
_close, _detach = _socket.socket.close, _socket.socket.detach
_set_blocking = _socket.socket.setblocking


def adopted(descriptor: int, like: socket.socket | GreenletSocket) -> GreenletSocket:
    """The socket of `descriptor`, which is of the same family as `like`; the descriptor is its own from now on."""
    taken = GreenletSocket(like.family, like.type, like.proto, descriptor)
    _set_blocking(taken, False)
    return taken
