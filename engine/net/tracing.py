"""Tracing: Python's own sockets, with a note taken of each call that touches the network.

Owns the wrappers around the methods of the socket class. They are put in place in the class itself, so that what a
program calls is `socket.socket` and nothing else, and they pass everything on, exceptions included. Only connections
that were accepted from a listener given to `Tracer.listen` are noted: all others are distinguished by one look-up. A
connection lasts until the last `close` of its socket, until `detach`, or until its socket is collected.
Knows nothing of HTTP, and allows and forbids nothing.
"""

import os
import weakref
from collections.abc import Callable
from functools import partial
from sys import _getframe
from types import FunctionType
from typing import Any, Protocol

from engine.clock import monotonic
from engine.net.arrival import ROOM, TELLS_TIMES, ask_for_times, time_in
from engine.net.place import Places
from engine.net.readiness import unsent
from engine.net.replacing import Put
from engine.telemetry.activities import LONG_SEND
from engine.telemetry.counters import ACCEPT, BYTES, CLOSE, RECV, SEND
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import DISCONNECTED, WOULD_BLOCK
from engine.telemetry.workers import Worker

Amount = Callable[[Any, tuple[Any, ...]], int]
"""How many bytes a call moved, from its result and its arguments."""

RECEIVING: dict[str, Amount] = {
    "recv_into": lambda count, _: count,
    "recvfrom": lambda result, _: len(result[0]),
    "recvfrom_into": lambda result, _: result[0],
    "recvmsg": lambda result, _: len(result[0]),
    "recvmsg_into": lambda result, _: result[0],
}
SENDING: dict[str, Amount] = {
    "sendto": lambda count, _: count,
    "sendmsg": lambda count, _: count,
    "sendall": lambda _, arguments: memoryview(arguments[0]).nbytes,
}
"""The methods besides `recv` and `send`, which have wrappers of their own: these two are called most."""


_NOT_GIVEN = object()


class Watched(Protocol):
    """What the guard has to know of the HTTP on a connection."""

    @property
    def leaves_unread(self) -> bool:
        """Whether bytes from the client are left that nobody will read."""

    @property
    def is_unread(self) -> bool:
        """Whether nothing the client has sent was read yet."""

    def is_kept_idle(self, since: float) -> bool:
        """Whether it was kept after a reply, and nothing has come since that moment or earlier."""

    def request_is_late(self, now: float) -> bool:
        """Whether a request has begun to come, but not in time."""

    @property
    def is_sending(self) -> bool:
        """Whether a reply is under way that the kernel doesn't hold whole."""

    def note_progress(self, mark: int, now: float) -> None:
        """`mark` has another value when the client has taken more of the reply."""

    def is_idle(self, now: float) -> bool:
        """Whether nothing has come or gone for too long, and it is the client's turn."""

    def connection_lost(self) -> None:
        """The connection is over."""


class TracedConnection(weakref.ref[Any]):
    """What is known of one accepted connection; called, it gives the socket that `accept` gave, while that lives."""

    __slots__ = (
        "accepted", "arrived", "is_cut", "is_marked", "is_opened", "is_reported", "is_traced", "key", "number",
        "tries_file", "tries_line", "tries_since", "tries_until", "twins", "watched",
    )  # fmt: skip

    def __init__(self, client: Any, collected: Callable[["TracedConnection"], None]) -> None:
        """A reference needs no `__init__` of its own: it is made whole before."""
        self.key = id(client)
        self.number = 0
        self.accepted = 0.0
        """When it was accepted, on the monotonic clock; 0: elsewhere."""
        self.arrived = 0.0
        """When the bytes that were read last had come to this machine; 0: not known."""
        self.is_opened = self.is_reported = self.is_traced = self.is_marked = False  # the recorder decides
        self.twins: dict[int, _Twin] | None = None
        """Sockets that `dup` has made of it, by `id`; None: it never did."""
        self.is_cut = False
        """Whether the guard has ended its turn."""
        self.watched: Watched | None = None
        """What the guard holds to its limits; it ends with the connection."""
        self.tries_since = self.tries_until = 0.0  # repeated calls that would block: one span
        self.tries_file = self.tries_line = 0

    @property
    def has_one_socket(self) -> bool:
        """Whether the next `close` is its last."""
        return not self.twins or (not self.key and len(self.twins) == 1)


class _Twin(weakref.ref[Any]):
    """One more socket of a connection."""

    __slots__ = ("connection", "key")
    connection: TracedConnection
    key: int


class Tracer:
    """Notes in `recorder` what is done with the connections of a listener, and from where in the user's code."""

    def __init__(self, recorder: Recorder, places: Places) -> None:
        self._recorder = recorder
        self._places = places
        self._listeners: set[int] = set()
        self._traces_sendfile = False
        self.connections: dict[int, TracedConnection] = {}
        """Those that are noted, by the `id` of each of their sockets."""
        self.newest: TracedConnection | None = None
        """The one that was accepted last."""

    def listen(self, listener: Any) -> None:
        """Note the connections that are accepted from `listener`, which has to live as long as this."""
        self._listeners.add(id(listener))
        if TELLS_TIMES:
            ask_for_times(listener)

    def adopt(self, client: Any, number: int) -> TracedConnection:
        """Note from now on what is done with `client`, which was accepted elsewhere as connection `number`."""
        connection = self.connections[id(client)] = TracedConnection(client, self._collected)
        self._recorder.connection_adopted(connection, number)
        return connection

    def install(self, kind: type, put: Put) -> None:
        """Put the wrappers in place in the socket class `kind`, and around `os.sendfile`; for several kinds, call it
        for each."""
        nested = isinstance(vars(kind).get("sendall", kind.sendall), FunctionType)  # type: ignore[attr-defined]
        put(kind, "accept", self._accepting(kind.accept))  # type: ignore[attr-defined]
        put(kind, "recv", self._receiving(kind.recv, getattr(kind, "recvmsg", None)))  # type: ignore[attr-defined]
        put(kind, "send", self._sending(kind.send))  # type: ignore[attr-defined]
        for call, methods in ((RECV, RECEIVING), (SEND, SENDING)):
            for name, amount in methods.items():
                if hasattr(kind, name) and not (nested and name == "sendall"):  # gevent's calls `send`
                    put(kind, name, self._moving(getattr(kind, name), call, amount))
        put(kind, "_real_close", self._closing(kind._real_close))  # type: ignore[attr-defined]
        put(kind, "detach", self._detaching(kind.detach))  # type: ignore[attr-defined]
        put(kind, "dup", self._duplicating(kind.dup))  # type: ignore[attr-defined]
        if hasattr(os, "sendfile") and not self._traces_sendfile:
            self._traces_sendfile = True
            put(os, "sendfile", self._sending_a_file(os.sendfile))

    # The wrappers: each is a function that takes the place of the method `plain`.

    def _accepting(self, plain: Callable[[Any], tuple[Any, Any]]) -> Callable[[Any], tuple[Any, Any]]:
        recorder, current, caller, listeners = (
            self._recorder,
            self._recorder.current,
            self._places.caller,
            self._listeners,
        )
        connections, collected = self.connections, self._collected

        def accept(listener: Any) -> tuple[Any, Any]:
            if id(listener) not in listeners:
                return plain(listener)
            worker = current.worker
            marks = recorder.marks_always or recorder.spans_every
            if marks:
                begin = monotonic()
                file, line = caller(_getframe(1))
                worker.activity = ACCEPT, file, line, 0, begin
            try:
                client, address = plain(listener)
            except BaseException:
                if marks:
                    worker.activity = 0, file, line, 0, monotonic()
                raise
            end = monotonic()
            connection = self.newest = connections[id(client)] = TracedConnection(client, collected)
            connection.accepted = end
            recorder.connection_accepted(connection, address, worker)
            if marks:
                worker.activity = 0, file, line, 0, end
                if connection.is_traced:
                    recorder.span(worker, connection.number, ACCEPT, file, line, begin, end, 0)
            return client, address

        return accept

    def _receiving(self, plain: Callable[..., bytes], plain_message: Any) -> Callable[..., bytes]:
        """Instead of `recv`; where the kernel reports when the bytes arrived, `recvmsg` reads them."""
        find, current, places, recorder = self.connections.get, self._recorder.current, self._places, self._recorder
        file_of, room, tells_times = places.kinds.get, ROOM, TELLS_TIMES

        def recv(sock: Any, size: int, flags: int = 0) -> bytes:
            data: bytes
            connection = find(id(sock))
            if connection is None:
                return plain(sock, size, flags)
            if not connection.is_marked:
                if not (tells_times and connection.is_reported):
                    return plain(sock, size, flags)
                data, ancillary, _, _ = plain_message(sock, size, room, flags)
                connection.arrived = time_in(ancillary) if ancillary else 0.0
                return data
            frame, worker, begin = _getframe(1), current.worker, monotonic()
            file, line = file_of(id(frame.f_code), -1), frame.f_lineno
            if file < 0:
                file, line = places.caller(frame)
            worker.activity = RECV, file, line, connection.number, begin
            try:
                if tells_times and connection.is_reported:
                    data, ancillary, _, _ = plain_message(sock, size, room, flags)
                    connection.arrived = time_in(ancillary) if ancillary else 0.0
                else:
                    data = plain(sock, size, flags)
            except BaseException as error:
                self._failed(worker, connection, RECV, file, line, begin, error)
                raise
            end = monotonic()
            worker.activity = 0, file, line, connection.number, end
            if connection.is_traced:
                if connection.tries_since:
                    self._report_tries(worker, connection, RECV)
                recorder.span(worker, connection.number, RECV, file, line, begin, end, len(data), connection.arrived)
            return data

        return recv

    def _sending(self, plain: Callable[..., int]) -> Callable[..., int]:
        find, current, places, recorder = self.connections.get, self._recorder.current, self._places, self._recorder
        file_of = places.kinds.get

        move = self._moving(plain, SEND, lambda count, _: count)

        def send(sock: Any, data: Any, flags: int = 0, timeout: Any = _NOT_GIVEN) -> int:
            if timeout is not _NOT_GIVEN:  # as gevent's own `sendall` calls it
                return int(move(sock, data, flags, timeout=timeout))
            connection = find(id(sock))
            if connection is None:
                return plain(sock, data, flags)
            worker = current.worker
            if not connection.is_marked:
                sent = plain(sock, data, flags)
                worker.row[BYTES] += sent
                return sent
            frame, begin = _getframe(1), monotonic()
            file, line = file_of(id(frame.f_code), -1), frame.f_lineno
            if file < 0:
                file, line = places.caller(frame)
            worker.activity = SEND, file, line, connection.number, begin
            try:
                sent = plain(sock, data, flags)
            except BaseException as error:
                self._failed(worker, connection, SEND, file, line, begin, error)
                raise
            end = monotonic()
            worker.activity = 0, file, line, connection.number, end
            worker.row[BYTES] += sent
            if connection.is_traced:
                if connection.tries_since:
                    self._report_tries(worker, connection, SEND)
                left = unsent(sock) if end - begin > LONG_SEND else -1  # whether it was the client that kept it
                recorder.span(worker, connection.number, SEND, file, line, begin, end, sent, 0.0, left)
            return sent

        return send

    def _moving(self, plain: Callable[..., Any], call: int, amount: Amount) -> Callable[..., Any]:
        find, current, caller, recorder = (
            self.connections.get,
            self._recorder.current,
            self._places.caller,
            self._recorder,
        )

        def move(sock: Any, *arguments: Any, **options: Any) -> Any:
            connection = find(id(sock))
            if connection is None:
                return plain(sock, *arguments, **options)
            worker, begin = current.worker, monotonic()
            file, line = caller(_getframe(1))
            worker.activity = call, file, line, connection.number, begin
            try:
                result = plain(sock, *arguments, **options)
            except BaseException as error:
                self._failed(worker, connection, call, file, line, begin, error)
                raise
            end = monotonic()
            worker.activity = 0, file, line, connection.number, end
            moved = amount(result, arguments)
            if call == SEND:
                worker.row[BYTES] += moved
            else:
                connection.arrived = 0.0  # the kernel was not asked
            if connection.is_traced:
                if connection.tries_since:
                    self._report_tries(worker, connection, call)
                left = unsent(sock) if call == SEND and end - begin > LONG_SEND else -1
                recorder.span(worker, connection.number, call, file, line, begin, end, moved, 0.0, left)
            return result

        return move

    def _sending_a_file(self, plain: Callable[..., int]) -> Callable[..., int]:
        """`os.sendfile` names its socket by the descriptor, and returns as `send` does."""
        send = self._sending(lambda _, call, flags: call())

        def sendfile(out_fd: int, *arguments: Any, **options: Any) -> int:
            sockets = (connection() for connection in list(self.connections.values()))
            client = next((each for each in sockets if each is not None and each.fileno() == out_fd), None)
            if client is None:
                return plain(out_fd, *arguments, **options)
            return send(client, partial(plain, out_fd, *arguments, **options))

        return sendfile

    def _closing(self, plain: Callable[..., None]) -> Callable[..., None]:
        current, caller, recorder = self._recorder.current, self._places.caller, self._recorder
        find = self.connections.get

        def close(sock: Any, *arguments: Any) -> None:
            key = id(sock)
            connection = find(key)
            if connection is None:
                return plain(sock, *arguments)
            worker = current.worker
            is_traced = connection.is_traced  # a tick may change it meanwhile; it is no call that blocks
            if is_traced:
                begin = monotonic()
                file, line = caller(_getframe(1))
                worker.activity = CLOSE, file, line, connection.number, begin
            self._forget(key, connection)
            try:
                plain(sock, *arguments)
            finally:
                if is_traced:
                    end = monotonic()
                    worker.activity = 0, file, line, connection.number, end
                    if connection.tries_since:
                        self._report_tries(worker, connection, RECV)
                    recorder.span(worker, connection.number, CLOSE, file, line, begin, end, 0)
                self._ended(connection, worker)
            return None

        return close

    def _detaching(self, plain: Callable[[Any], int]) -> Callable[[Any], int]:
        def detach(sock: Any) -> int:
            connection = self.connections.get(id(sock))
            if connection is not None:
                self._forget(id(sock), connection)
                self._ended(connection, self._recorder.current.worker)
            return plain(sock)

        return detach

    def _duplicating(self, plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def dup(sock: Any) -> Any:
            twin = plain(sock)
            connection = self.connections.get(id(sock))
            if connection is not None:
                reference = _Twin(twin, self._collected)
                reference.key, reference.connection = id(twin), connection
                connection.twins = {**(connection.twins or {}), id(twin): reference}
                self.connections[id(twin)] = connection
            return twin

        return dup

    # The connections behind the sockets.

    def _forget(self, key: int, connection: TracedConnection) -> None:
        """The socket of this `id` is one of the connection's no more."""
        del self.connections[key]
        if key == connection.key:
            connection.key = 0
        elif connection.twins:
            del connection.twins[key]

    def _collected(self, reference: "TracedConnection | _Twin") -> None:
        """A socket was collected; without a close, this closes it."""
        if not reference.key:
            return
        connection = reference.connection if isinstance(reference, _Twin) else reference
        if self.connections.get(reference.key) is connection:
            self._forget(reference.key, connection)
            self._ended(connection, self._recorder.current.worker)

    def _ended(self, connection: TracedConnection, worker: Worker) -> None:
        if not connection.key and not connection.twins:
            watched, connection.watched = connection.watched, None  # or each would keep the other
            if watched is not None:
                watched.connection_lost()
            self._recorder.connection_closed(connection.number, worker)

    # What is noted.

    def _failed(
        self,
        worker: Worker,
        connection: TracedConnection,
        call: int,
        file: int,
        line: int,
        begin: float,
        error: BaseException,
    ) -> None:
        end = monotonic()
        worker.activity = 0, file, line, connection.number, end
        if not connection.is_traced or not isinstance(error, OSError):
            return
        if isinstance(error, BlockingIOError | TimeoutError):
            if not connection.tries_since:
                connection.tries_since, connection.tries_file, connection.tries_line = begin, file, line
            connection.tries_until = end
            return
        if connection.tries_since:
            self._report_tries(worker, connection, call)
        self._recorder.span(worker, connection.number, call, file, line, begin, end, DISCONNECTED)

    def _report_tries(self, worker: Worker, connection: TracedConnection, call: int) -> None:
        """Record the preceding calls that would block as one span."""
        tries = connection.tries_file, connection.tries_line, connection.tries_since, connection.tries_until
        self._recorder.span(worker, connection.number, call, *tries, WOULD_BLOCK)
        connection.tries_since = 0.0
