"""The traced socket: does what a socket does, and notes what it did.

Owns the wrappers that a model gets in place of a listening socket, a client's socket and `select.epoll`. They note
who called, for which connection, from which line, when, and how much moved, and they never raise for what a client
did: a client that is gone ends its exchange, and a call that would block returns None, as raw files in Python do.
Wrapped, not subclassed, so that gevent's sockets are traced as well.
"""

import select
import socket
import sys
from collections.abc import Callable
from time import monotonic
from types import SimpleNamespace
from typing import Any

from engine.telemetry.recorder import Recorder
from engine.web.exchange import Exchange

NOTHING_YET = -1
GONE = -2
DRAINED = 1024 * 1024
"""Bytes a refused client may have sent in vain before its connection is cut."""


class Client:
    """The socket of one client, as `accept` returned it."""

    __slots__ = (
        "_asking_line", "_asking_since", "_asking_until", "_recorder", "_recv", "_send", "_socket", "exchange",
        "number", "ready_since",
    )  # fmt: skip

    def __init__(self, client: socket.socket, number: int, recorder: Recorder) -> None:
        self.number = number
        self.ready_since = 0.0
        self.exchange: Exchange | None = None
        self._socket = client
        self._recv = client.recv
        self._send = client.send
        self._recorder = recorder
        self._asking_since = self._asking_until = 0.0  # asked in vain, again and again: one span
        self._asking_line = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def recv(self, size: int) -> bytes | None:
        """The bytes that came; none if the client has said its last or is gone; None if nothing is there yet."""
        begin = monotonic()
        try:
            data = self._recv(size)
        except BlockingIOError:
            self._asked_in_vain(begin)
            return None
        except OSError:
            data = b""
            moved = GONE
            self._lose()
        else:
            moved = len(data)
        self.ready_since = end = monotonic()
        if self._recorder.traces(self.number):
            self._span("recv", begin, end, moved)
        return data

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes the kernel took; none if it is full, or the client is gone."""
        begin = monotonic()
        try:
            moved = self._send(data)
        except BlockingIOError:
            self._asked_in_vain(begin)
            return 0
        except OSError:
            moved = GONE
            self._lose()
        else:
            self._recorder.bytes_sent(moved)
        if self._recorder.traces(self.number):
            self._span("send", begin, monotonic(), moved)
        return max(moved, 0)

    def close(self) -> None:
        """Close it; closing twice does no harm."""
        if self.fileno() < 0:
            return
        begin = monotonic()
        exchange = self.exchange
        if exchange is not None:
            if exchange.leaves_unread:
                self._drain()
            exchange.lose()
        self._socket.close()
        if self._recorder.traces(self.number):
            self._span("close", begin, monotonic(), 0)
        self._recorder.connection_closed(self.number)

    def served_by(self) -> bytes:
        """The header line that names the model and the worker."""
        return self._recorder.worker().served_by

    def answered(self, *facts: Any) -> None:
        """Take note of a request answered; see `Witness.answered`."""
        self._recorder.request_answered(self.number, *facts)

    def _lose(self) -> None:
        if self.exchange is not None:
            self.exchange.lose()

    def _drain(self) -> None:
        """Read what the client sent in vain: closing over unread bytes would destroy the reply on its way."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.setblocking(False)
            drained = 0
            while drained < DRAINED and (data := self._recv(65536)):
                drained += len(data)
        except OSError:
            return  # nothing left to read, or nobody there any more

    def _asked_in_vain(self, begin: float) -> None:
        if self._recorder.traces(self.number):
            if not self._asking_since:
                self._asking_since = begin
                self._asking_line = sys._getframe(2).f_lineno
            self._asking_until = monotonic()

    def _span(self, call: str, begin: float, end: float, moved: int) -> None:
        if self._asking_since:
            self._recorder.span(
                self.number, call, self._asking_line, self._asking_since, self._asking_until, NOTHING_YET
            )
            self._asking_since = 0.0
        self._recorder.span(self.number, call, sys._getframe(2).f_lineno, begin, end, moved)


class Listener:
    """The listening socket: `accept` gives traced clients."""

    def __init__(self, listener: socket.socket, recorder: Recorder) -> None:
        self._socket = listener
        self._recorder = recorder

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def close(self) -> None:
        self._socket.close()

    def accept(self) -> tuple[Client, tuple[str, int]] | tuple[None, None]:
        """The next client and its address; None twice if nobody is waiting."""
        begin = monotonic()
        while True:
            try:
                client, address = self._socket.accept()
                break
            except BlockingIOError:
                return None, None
            except ConnectionError:
                continue  # it left before it was accepted
        host, port = address[:2]
        number = self._recorder.connection_accepted(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        if self._recorder.traces(number):
            line = sys._getframe(1).f_lineno
            self._recorder.span(number, "accept", line, begin, monotonic(), 0)
        return Client(client, number, self._recorder), (host, port)


class Epoll:
    """`select.epoll`, with its waiting noted."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._epoll = select.epoll()
        self.register = self._epoll.register
        self.modify = self._epoll.modify
        self.unregister = self._epoll.unregister
        self.close = self._epoll.close
        self.fileno = self._epoll.fileno

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        begin = monotonic()
        events = self._epoll.poll(timeout)
        if self._recorder.spans_every == 1:
            self._recorder.span(0, "wait", sys._getframe(1).f_lineno, begin, monotonic(), len(events))
        return events


def traced_select(recorder: Recorder) -> SimpleNamespace:
    """The module `select`, with a traced `epoll`."""
    names: dict[str, Callable[..., Any] | int] = {
        name: getattr(select, name) for name in dir(select) if not name.startswith("__")
    }
    names["epoll"] = lambda: Epoll(recorder)
    return SimpleNamespace(**names)
