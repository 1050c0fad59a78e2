"""The client of a request whose body is received while an application answers it.

Owns how its socket is read then: by the worker that called the application, which waits here, or in the event loop of
one that is awaited. Knows nothing of HTTP.
"""

import socket
from collections.abc import Callable
from typing import Any

from engine.net.handling import HandlingClocks

PIECE = 65536


class UploadingClient:
    """The client behind a traced socket."""

    def __init__(self, client: socket.socket, clocks: HandlingClocks, *, may_wait: bool) -> None:
        """`clocks`: those of the handling that waits; `may_wait`: see `engine.web.incoming.Client`."""
        self.may_wait = may_wait
        self._client = client
        self._clocks = clocks
        self._waiting: Any = None

    def receive(self) -> bytes:
        """The next bytes, which are waited for; empty if it has closed its side. Raises OSError."""
        self._clocks.interrupt()
        try:
            return self._client.recv(PIECE)
        finally:
            self._clocks.go_on()

    async def receive_awaited(self, take: Callable[[bytes], object]) -> None:
        """Wait in an event loop until `take` was called with the next bytes, which are empty at the end."""
        from asyncio import get_running_loop  # only here: it is there already, where a model has tasks

        loop, descriptor = get_running_loop(), self._client.fileno()
        if descriptor < 0:
            take(b"")
            return
        self.stop()  # there is one reader at a time
        self._waiting = waiting = loop.create_future()
        loop.add_reader(descriptor, self._read, waiting, take)
        try:
            await waiting
        finally:
            if self._waiting is waiting:  # or else another wait has begun since this was stopped
                self._waiting = None
                loop.remove_reader(descriptor)

    def stop(self) -> None:
        """End the wait for bytes."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def send(self, data: bytes) -> None:
        """Send the few bytes of `data`. Raises OSError."""
        if self._client.send(data) < len(data):
            raise BlockingIOError("the client takes nothing")

    def _read(self, fut: Any, take: Callable[[bytes], object]) -> None:
        """Called where there is something to read; by `fut` the line of code is found that waits for it."""
        if fut.done():
            return
        try:
            data = self._client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        take(data)
        fut.set_result(None)
