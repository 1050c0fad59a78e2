"""The guard: what is allowed of a client, and what happens when the system runs out of something.

Owns the policy around our own listener: how many clients at most, how long a request may take to come, how long a
connection may be idle, how a connection is closed over bytes that nobody read, and what to do where there is no
descriptor or no worker left for a client. It wraps `accept` and the last `close` of the socket class, above the
tracing, of which it is no part: a program that is not ours has no guard.
"""

import _socket
import contextlib
import errno
import socket
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

from engine.clock import monotonic
from engine.net import send_queue
from engine.net.lingering import Lingering
from engine.net.replacing import Put
from engine.net.tracing import TracedConnection, Tracer
from engine.telemetry.observer import RequestObserver
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import Request
from engine.unpatched import any_readable
from engine.windows import IS_WINDOWS, end_calls

_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_CLIENT_IS_GONE = tuple(
    getattr(errno, name)
    for name in ("EAGAIN", "ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN", "ENOPROTOOPT", "EHOSTDOWN", "ENONET",
                 "EHOSTUNREACH", "EOPNOTSUPP", "ENETUNREACH", "ECONNRESET", "ETIMEDOUT", "EINTR", "ENOSR",
                 "EPROTONOSUPPORT", "ESOCKTNOSUPPORT")
    if hasattr(errno, name)
)  # fmt: skip
"""What `accept` says of a client that left before it was accepted (accept(2)): the next one may be there."""
_PAUSE, _SHORT_PAUSE = 0.02, 0.001
"""Seconds before asking again when there is no descriptor: where `accept` waits, and in a loop that has more to do."""
_LOOKED_AT = 256
"""Connections, the oldest first, among which those are looked for that no worker has read from."""
_PATIENCE = 0.02
"""Seconds for which a client must have waited: a worker that is free takes the next one sooner."""
_IDLE = 1.0
"""Seconds after its last reply from which a kept connection is closed to make room."""
_IN_A_ROW = 100
"""Clients accepted before other greenlets that are ready get their turn."""


class Guard:
    """The policy for the clients of `listener`, and of others that listen too; see `listen`."""

    def __init__(
        self,
        listener: Any,
        tracer: Tracer,
        recorder: Recorder,
        lingering: Lingering,
        *,
        max_connections: int,
        overload_response: bytes,
        yields: bool,
    ) -> None:
        self._listener = listener
        """The one from which clients are accepted."""
        self.listeners = [] if listener is None else [listener]
        self._tracer = tracer
        self._recorder = recorder
        self._lingering = lingering
        self._max_connections = max_connections
        self._overload_response = overload_response
        self._yields = yields
        self._in_a_row = 0
        self._waiting_since = 0.0
        self.must_share: Callable[[], bool] = lambda: False
        """Whether a kept connection has to make room for others that wait for a worker."""

    def listen(self, listener: Any) -> None:
        """The clients of `listener` are guarded as well."""
        if listener not in self.listeners:
            self.listeners.append(listener)

    def install(self, kind: type, put: Put) -> None:
        """Stand between the model and the socket class `kind`."""
        put(kind, "accept", self._accepting(kind.accept))  # type: ignore[attr-defined]
        if IS_WINDOWS:
            put(kind, "recv", self._receiving(kind.recv))  # type: ignore[attr-defined]
        put(kind, "_real_close", self._closing(kind._real_close))  # type: ignore[attr-defined]

    def _receiving(self, plain: Callable[..., bytes]) -> Callable[..., bytes]:
        """In place of `recv` on Windows, where it fails once the reading side was shut: elsewhere it finds the end."""
        find = self._tracer.connections.get

        def recv(client: Any, *arguments: Any) -> bytes:
            connection = find(id(client))
            try:
                return plain(client, *arguments)
            except OSError:
                if connection is None or not connection.is_cut:
                    raise
                return b""

        return recv

    def enforce_timeouts(self) -> None:
        """End the turn of each client of this process that takes longer than it may; any thread may call this."""
        now = monotonic()
        must_share = self.must_share()
        for connection in list(self._tracer.connections.values()):
            client, watched = connection(), connection.watched
            if client is None or watched is None:
                continue
            if watched.is_sending:
                watched.note_progress(send_queue.mark(client), now)
            if watched.request_is_late(now) or (must_share and watched.is_kept_idle(now - _IDLE)):
                self._end_turn(client, connection, socket.SHUT_RD)
            elif watched.is_idle(now):
                self._end_turn(client, connection, socket.SHUT_RDWR)

    def _end_turn(self, client: Any, connection: TracedConnection, how: int) -> None:
        """Wake whatever waits for this client: a read finds the end, a write nobody."""
        connection.is_cut = True
        descriptor = client.fileno()
        if descriptor < 0:
            return  # closed meanwhile
        with contextlib.suppress(OSError):  # the client has left
            # gevent's own may be called by its own thread only
            _socket.socket.shutdown(getattr(client, "_sock", client), how)
        end_calls(descriptor)
        if self._yields and IS_WINDOWS:
            from engine.net import greenlets  # only here: the other models do without gevent

            greenlets.end_waiting(client)

    def others_wait(self) -> bool:
        """Whether clients have been waiting for a worker for a while: to be accepted, or to be read from.

        Asked for each reply, but only where clients share workers.
        """
        oldest = list(islice(self._tracer.connections.values(), _LOOKED_AT))
        unread = (each() for each in oldest if each.watched is None or each.watched.is_unread)
        sockets = [self._listener, *unread]
        if not any_readable([number for each in sockets if each is not None and (number := each.fileno()) >= 0]):
            self._waiting_since = 0.0
            return False
        now = monotonic()
        self._waiting_since = self._waiting_since or now
        return now - self._waiting_since >= _PATIENCE

    def reject(self, client: Any, most: int) -> None:
        """Reject `client`, which the model can't serve: it serves `most` at once."""
        self._recorder.problem("too-many-clients", most=most)
        self._reject(client, self._tracer.connections.get(id(client)))

    def reject_newest(self) -> None:
        """Reject the client accepted last, as there is no worker for it."""
        connection = self._tracer.newest
        client = connection and connection()
        if connection is not None and client is not None and connection.key:
            self._recorder.fork_failed(connection.number)
            self._reject(client, connection)

    def _accepting(self, plain: Callable[[Any], tuple[Any, Any]]) -> Callable[[Any], tuple[Any, Any]]:
        listeners, recorder, most, yields = self.listeners, self._recorder, self._max_connections, self._yields

        def accept(listener: Any) -> tuple[Any, Any]:
            """The next client that may be served; what a client does on its way in is no error."""
            if listener not in listeners:
                return plain(listener)
            self._listener = listener
            if yields:
                self._let_others_go_on()
            while True:
                try:
                    accepted = plain(listener)
                except OSError as error:
                    if error.errno in _EXHAUSTED:
                        self._pause_without_descriptors(error)
                    elif error.errno not in _CLIENT_IS_GONE or self._would_block(error):
                        raise
                    continue
                if not recorder.has_more_open_than(most):
                    return accepted
                recorder.problem("too-many-clients", most=most)
                self._reject(accepted[0], self._tracer.newest)

        return accept

    def _closing(self, plain: Callable[..., None]) -> Callable[..., None]:
        find, lingering = self._tracer.connections.get, self._lingering

        def close(client: Any, *arguments: Any) -> None:
            connection = find(id(client))
            if connection is None:
                plain(client, *arguments)
                return
            watched = connection.watched
            if watched is not None and watched.leaves_unread and connection.has_one_socket:
                self._linger(client)
            try:
                plain(client, *arguments)
            except OSError:
                return  # it is closed all the same
            finally:
                if lingering.waits:
                    lingering.wait()

        return close

    def _would_block(self, error: OSError) -> bool:
        """Whether this is what the model asked for: an exception when there is no client, rather than a wait."""
        return isinstance(error, BlockingIOError) and self._listener.gettimeout() == 0

    def _let_others_go_on(self) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            self._in_a_row = 0
            time.sleep(0)

    def _pause_without_descriptors(self, error: OSError) -> None:
        self._recorder.problem("no-descriptors", reason=str(error.strerror))
        if self._listener.gettimeout() == 0:
            time.sleep(_SHORT_PAUSE)
            raise BlockingIOError(errno.EAGAIN, "no descriptor for a client") from error
        time.sleep(_PAUSE)

    def _reject(self, client: Any, connection: TracedConnection | None) -> None:
        """Send the overload response as far as the kernel takes it at once, and close."""
        self._recorder.connection_taken()
        client.setblocking(False)
        sent = 0
        with contextlib.suppress(OSError):
            sent = client.send(self._overload_response)
        if connection is not None:
            head = self._overload_response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            whole, now = sent == len(self._overload_response), monotonic()
            observer = RequestObserver(self._recorder, connection)
            worker = observer.current.worker
            moments = 0.0, connection.accepted, now, now, now, now, now
            row = Request(connection.number, worker.number, 0, 0, 503, sent, whole, *moments)
            if observer.answered(worker, row.status, b"", row.whole):
                observer.report(row, b"", head)
        self._linger(client)
        client.close()

    def _linger(self, client: Any) -> None:
        with contextlib.suppress(OSError):  # no descriptor is left for this: the client may miss the reply's end
            self._lingering.take(client)
