"""The traced socket: does what a socket does, and notes what it did.

Owns the wrappers that a model gets in place of a listening socket, a client's socket and `select.epoll`. They note
who called, for which connection, from which line, when, and how much moved, and they never raise for what a client
did: a client that is gone ends its exchange, and a call that would block returns None, as raw files in Python do.
Wrapped, not subclassed, so that a greenlet's sockets are traced as well.
"""

import contextlib
import errno
import select
import socket
import sys
import time
from collections.abc import Callable
from time import monotonic
from types import SimpleNamespace
from typing import Any

from engine.lingering import Lingering
from engine.telemetry.recorder import Recorder
from engine.telemetry.tally import ACCEPT, BYTES, CLOSE, FAILED, LINE, RECV, REQUESTS, SEND, WAIT
from engine.web.exchange import Exchange

NOTHING_YET = -1
GONE = -2
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
LONG = 0.001
"""Seconds from which on a wait is told also where connections are thinned out."""
PAUSE = 0.02
"""Seconds before asking again when the system has no descriptor left for a client."""


class Client:
    """The socket of one client, as `accept` returned it."""

    __slots__ = (
        "_asking_line", "_asking_since", "_asking_until", "_here", "_lingering", "_recorder", "_recv", "_send",
        "_socket", "_worker", "active_at", "exchange", "is_marked", "is_opened", "is_told", "is_traced", "number",
        "ready_since", "served_by",
    )  # fmt: skip

    def __init__(self, client: socket.socket, number: int, recorder: Recorder, lingering: Lingering) -> None:
        self.number = number
        self.ready_since = self.active_at = monotonic()
        self.exchange: Exchange | None = None
        self.served_by = b""
        """The header line that names the model and the worker, known from the first read on."""
        self.is_opened = self.is_told = self.is_traced = self.is_marked = False  # the recorder decides
        self._socket = client
        self._recv = client.recv
        self._send = client.send
        self._recorder = recorder
        self._lingering = lingering
        self._here = recorder.here
        self._asking_since = self._asking_until = 0.0  # asked in vain, again and again: one span
        self._asking_line = 0

    def __reduce__(self) -> tuple[Any, ...]:
        """How a spawned child gets it."""
        return spawned_client, (self._socket, self.number, self._recorder, self._lingering)

    def fileno(self) -> int:
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def recv(self, size: int) -> bytes | None:
        """The bytes that came; none if the client has said its last or is gone; None if nothing is there yet."""
        self._worker = worker = self._here.worker
        self.served_by = worker.served_by
        begin = 0.0  # nobody looks
        if self.is_marked:
            begin = monotonic()
            worker.enters(RECV, sys._getframe(1).f_lineno, self.number, begin)
        try:
            data = self._recv(size)
        except BlockingIOError:
            if self.is_traced:
                self._asked_in_vain(begin)
            return None
        except OSError:
            data = b""
            moved = GONE
            self._lose()
        else:
            moved = len(data)
        self.ready_since = self.active_at = end = monotonic()
        if begin:
            worker.returns(end)
            if self.is_traced:
                self._tell(RECV, begin, end, moved)
        return data

    def send(self, data: bytes | memoryview) -> int:
        """How many bytes the kernel took; none if it is full, or the client is gone."""
        self._worker = worker = self._here.worker
        begin = 0.0  # nobody looks
        if self.is_marked:
            begin = monotonic()
            worker.enters(SEND, sys._getframe(1).f_lineno, self.number, begin)
        try:
            sent = moved = self._send(data)
        except BlockingIOError:
            if self.is_traced:
                self._asked_in_vain(begin)
            return 0
        except OSError:
            sent, moved = 0, GONE
            self._lose()
        worker.row[BYTES] += sent
        self.active_at = end = monotonic()
        if begin:
            worker.returns(end)
            if self.is_traced:
                self._tell(SEND, begin, end, moved)
        return sent

    def close(self) -> None:
        """Close it; closing twice does no harm."""
        if self.fileno() < 0:
            return
        self._worker = worker = self._here.worker
        begin = 0.0  # nobody looks
        if self.is_marked:
            begin = monotonic()
            worker.enters(CLOSE, sys._getframe(1).f_lineno, self.number, begin)
        leaves_unread = self.exchange is not None and self.exchange.leaves_unread
        self._lose()
        self.exchange = None  # or each would keep the other until the garbage is collected
        if leaves_unread:
            self._lingering.take(self._socket)
        else:
            self._socket.close()
        if begin:
            end = monotonic()
            worker.returns(end)
            if self.is_traced:
                self._tell(CLOSE, begin, end, 0)
        self._recorder.connection_closed(self.number)
        del self._worker  # a model that still holds its last client would keep a worker that has ended
        self._lingering.wait()

    def cut_if_late(self, now: float) -> None:
        """End the client's turn if it takes longer than it may; any thread may call this."""
        exchange = self.exchange
        if exchange is None:
            return
        if exchange.request_is_late(now):
            self._shut(socket.SHUT_RD)
        elif exchange.is_idle(now):
            self._shut(socket.SHUT_RDWR)

    def turn_away(self, farewell: bytes) -> None:
        """Send `farewell` as far as the kernel takes it at once, and close."""
        begin = monotonic()
        self._socket.setblocking(False)
        sent = self.send(farewell)
        head = farewell.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        self.answered(b"", head, 503, sent, begin, begin, sent == len(farewell))
        self._lingering.take(self._socket)
        self._recorder.connection_closed(self.number)

    def answered(
        self, request: bytes, reply: bytes, status: int, sent: int, begun: float, handled: float, whole: bool
    ) -> None:
        """Take note of a request answered; see `Witness.answered`."""
        row = self._worker.row
        row[REQUESTS] += 1
        if not whole or status >= 500 or (status and not request):
            row[FAILED] += 1
        if self.is_told:
            self._recorder.request_answered(
                self._worker, self.number, request, reply, status, sent, begun, handled, whole
            )

    def _lose(self) -> None:
        if self.exchange is not None:
            self.exchange.lose()

    def _shut(self, how: int) -> None:
        """Wake whoever waits for this client: a read finds the end, a write nobody."""
        with contextlib.suppress(OSError):  # closed meanwhile
            self._socket.shutdown(how)

    def _asked_in_vain(self, begin: float) -> None:
        worker = self._worker
        if not self._asking_since:
            self._asking_since = begin
            self._asking_line = worker.row[LINE]
        self._asking_until = now = monotonic()
        worker.returns(now)

    def _tell(self, call: int, begin: float, end: float, moved: int) -> None:
        worker = self._worker
        if self._asking_since:
            self._recorder.span(
                worker, self.number, call, self._asking_line, self._asking_since, self._asking_until, NOTHING_YET
            )
            self._asking_since = 0.0
        self._recorder.span(worker, self.number, call, worker.row[LINE], begin, end, moved)


def spawned_client(client: socket.socket, number: int, recorder: Recorder, lingering: Lingering) -> Client:
    """The client that a spawned child takes over."""
    taken = Client(client, number, recorder, lingering)
    recorder.takes_care_of(taken)
    return taken


class Listener:
    """The listening socket: `accept` gives traced clients.

    A client beyond `max_connections` is sent `farewell` and closed, and the model never sees it.
    """

    def __init__(
        self,
        listener: socket.socket,
        recorder: Recorder,
        lingering: Lingering,
        *,
        max_connections: int,
        farewell: bytes,
    ) -> None:
        self.fileno = listener.fileno
        self._socket = listener
        self._recorder = recorder
        self._lingering = lingering
        self._max_connections = max_connections
        self._farewell = farewell
        self.newest: Client | None = None
        """The client accepted last."""

    def setblocking(self, flag: bool) -> None:
        self._socket.setblocking(flag)

    def close(self) -> None:
        self._socket.close()

    def accept(self) -> tuple[Client, tuple[str, int]] | tuple[None, None]:
        """The next client and its address; None twice if nobody is waiting."""
        recorder = self._recorder
        worker = recorder.here.worker
        while True:
            begin = monotonic()
            if recorder.marks_always or recorder.spans_every:
                worker.enters(ACCEPT, sys._getframe(1).f_lineno, 0, begin)
            try:
                client, address = self._socket.accept()
            except BlockingIOError:
                return None, None
            except ConnectionError:
                continue  # it left before it was accepted
            except OSError as error:
                if error.errno not in EXHAUSTED:
                    raise
                self._wait_for_descriptors(error)
                if self._socket.gettimeout() == 0:
                    return None, None  # the loop goes on with those it has
                continue
            host, port = address[:2]
            number = recorder.connection_accepted(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
            self.newest = accepted = Client(client, number, recorder, self._lingering)
            recorder.takes_care_of(accepted)
            if accepted.is_marked:
                end = monotonic()
                worker.returns(end)
                if accepted.is_traced:
                    recorder.span(worker, number, ACCEPT, worker.row[LINE], begin, end, 0)
            if recorder.has_more_open_than(self._max_connections):
                self.turn_away(accepted)
                continue
            return accepted, (host, port)

    def turn_away(self, client: Client) -> None:
        """Tell `client` that it can't be served now, and close it."""
        client.turn_away(self._farewell)

    def _wait_for_descriptors(self, error: OSError) -> None:
        self._recorder.problem(
            "no-descriptors",
            f"No new client can be accepted: {error.strerror}. Those who are waiting are accepted as others leave.",
            reason=str(error.strerror),
        )
        time.sleep(PAUSE)


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
        recorder = self._recorder
        worker, begin = recorder.here.worker, monotonic()
        worker.enters(WAIT, sys._getframe(1).f_lineno, 0, begin)
        events = self._epoll.poll(timeout)
        end = monotonic()
        worker.returns(end)
        if recorder.spans_every == 1 or (recorder.spans_every and end - begin >= LONG):
            recorder.span(worker, 0, WAIT, worker.row[LINE], begin, end, len(events))
        return events


def traced_select(recorder: Recorder) -> SimpleNamespace:
    """The module `select`, with a traced `epoll`."""
    names: dict[str, Callable[..., Any] | int] = {
        name: getattr(select, name) for name in dir(select) if not name.startswith("__")
    }
    names["epoll"] = lambda: Epoll(recorder)
    return SimpleNamespace(**names)
