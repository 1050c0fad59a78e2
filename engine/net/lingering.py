"""The last moments of a connection whose client may still be sending.

Owns connections that are closed for their model. Closing over unread bytes would make the kernel reset the connection
and destroy the reply on its way, so what still comes is read and dropped for a moment.
"""

import _socket  # gevent replaces what `socket` offers, and this runs beside its loop
import functools
import socket
from select import select  # as it is before anything is put in its place
from typing import Any

from engine.clock import monotonic

SECONDS = 1.0
"""How long a client may take to notice that nobody reads any more."""
PIECE = 65536
PIECES = 64
"""How many are dropped in one go."""


class Lingering:
    """Connections that are read on until their client is silent, gone, or out of time."""

    def __init__(self, *, waits: bool = False) -> None:
        self.waits = waits
        """Whether `wait` waits: this process has nothing else to do, and ends when the last client is gone."""
        self._sockets: list[tuple[_socket.socket, float]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        """How a spawned child gets it, which has nothing else to do."""
        return functools.partial(Lingering, waits=True), ()

    def take(self, client: socket.socket) -> None:
        """Say the last to `client` and keep the connection, which `client` itself may close now. May raise OSError."""
        raw = _socket.socket(fileno=_socket.dup(client.fileno()))
        raw.setblocking(False)
        try:
            raw.shutdown(socket.SHUT_WR)
        except OSError:
            raw.close()  # it is gone already
        else:
            self._sockets.append((raw, monotonic() + SECONDS))

    def wait(self) -> None:
        """Wait for the end of them all, if this process has to."""
        while self.waits and self._sockets:
            select([raw for raw, _ in self._sockets], [], [], SECONDS)
            self.tick()

    def tick(self) -> None:
        """Drop what has come, and close those that are done."""
        for entry in self._sockets[:]:
            raw, deadline = entry
            if _is_done(raw) or monotonic() > deadline:
                self._sockets.remove(entry)
                raw.close()


def _is_done(raw: _socket.socket) -> bool:
    try:
        return any(not raw.recv(PIECE) for _ in range(PIECES))
    except BlockingIOError:
        return False
    except OSError:
        return True
