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
import weakref
from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol

from engine.net.lingering import Lingering
from engine.net.replacing import Put
from engine.net.tracing import TracedConnection, Tracer
from engine.telemetry.observer import RequestObserver
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import Request
from engine.unpatched import any_readable

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
"""Seconds for which somebody must have waited: a worker that is free takes the next client sooner."""
_IDLE = 1.0
"""Seconds after its last reply from which a kept connection is closed to make room."""
_IN_A_ROW = 100
"""Clients accepted before other greenlets that are ready get their turn."""


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

    def is_idle(self, now: float) -> bool:
        """Whether nothing has come or gone for too long, and it is the client's turn."""

    def connection_lost(self) -> None:
        """The connection is over."""


class Guard:
    """The policy for the clients of one `listener`."""

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
        self._tracer = tracer
        self._recorder = recorder
        self._lingering = lingering
        self._max_connections = max_connections
        self._overload_response = overload_response
        self._yields = yields
        self._in_a_row = 0
        self._watched: dict[int, tuple[Any, Watched]] = {}
        self._waiting_since = 0.0
        self.must_share: Callable[[], bool] = lambda: False
        """Whether a kept connection has to make room for others that wait for a worker."""
        self._newest: Callable[[], Any] = lambda: None  # a weak reference: who is done with a client may drop it

    def install(self, kind: type, put: Put) -> None:
        """Stand between the model and the socket class `kind`."""
        self._plain_accept = kind.accept  # type: ignore[attr-defined]
        self._plain_close = kind._real_close  # type: ignore[attr-defined]
        guard = self

        def accept(listener: Any) -> tuple[Any, Any]:
            return guard._accept() if listener is guard._listener else guard._plain_accept(listener)

        def close(client: Any, *arguments: Any) -> None:
            if guard._tracer.connection_of(client) is None:
                guard._plain_close(client, *arguments)
                return
            if id(client) in guard._watched:
                guard._close(client)
            with contextlib.suppress(OSError):  # it is closed all the same
                guard._plain_close(client, *arguments)
            guard._lingering.wait()

        put(kind, "accept", accept)
        put(kind, "_real_close", close)

    def watch(self, client: Any, http: Watched) -> None:
        """Hold `client`, on which `http` is spoken, to the limits."""
        key = id(client)
        self._watched[key] = weakref.ref(client, lambda _: self._collected(key)), http

    def enforce_timeouts(self) -> None:
        """End the turn of each client of this process that takes longer than it may; any thread may call this."""
        now = time.monotonic()
        must_share = self.must_share()
        for reference, http in list(self._watched.values()):
            client = reference()
            if client is None:
                continue
            if http.request_is_late(now) or (must_share and http.is_kept_idle(now - _IDLE)):
                _shut(client, socket.SHUT_RD)
            elif http.is_idle(now):
                _shut(client, socket.SHUT_RDWR)

    def others_wait(self) -> bool:
        """Whether clients have been waiting for a worker for a while: to be accepted, or to be read from.

        Asked for each reply, but only where clients share workers.
        """
        watched = list(islice(self._watched.values(), _LOOKED_AT))
        sockets = [self._listener, *(reference() for reference, http in watched if http.is_unread)]
        if not any_readable([number for each in sockets if each is not None and (number := each.fileno()) >= 0]):
            self._waiting_since = 0.0
            return False
        now = time.monotonic()
        self._waiting_since = self._waiting_since or now
        return now - self._waiting_since >= _PATIENCE

    def reject_newest(self) -> None:
        """There is no worker for the client accepted last: tell it so, and close it."""
        client = self._newest()
        connection = client and self._tracer.connection_of(client)
        if connection is not None:
            self._recorder.fork_failed(connection.number)
            self._reject(client, connection)

    def _accept(self) -> tuple[Any, Any]:
        """The next client that may be served, and its address; what a client does on its way in is no error here."""
        if self._yields:
            self._let_others_go_on()
        while True:
            try:
                client, address = self._plain_accept(self._listener)
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._pause_without_descriptors(error)
                elif error.errno not in _CLIENT_IS_GONE or self._would_block(error):
                    raise
                continue
            self._newest = weakref.ref(client)
            if self._recorder.has_more_open_than(self._max_connections):
                self._reject(client, self._tracer.connection_of(client))
                continue
            return client, address

    def _would_block(self, error: OSError) -> bool:
        """Whether this is what the model asked for: to be told that nobody is there, rather than to wait."""
        return isinstance(error, BlockingIOError) and self._listener.gettimeout() == 0

    def _let_others_go_on(self) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW:
            self._in_a_row = 0
            time.sleep(0)

    def _pause_without_descriptors(self, error: OSError) -> None:
        self._recorder.problem(
            "no-descriptors",
            f"No new client can be accepted: {error.strerror}. Those who are waiting are accepted as others leave.",
            reason=str(error.strerror),
        )
        if self._listener.gettimeout() == 0:
            time.sleep(_SHORT_PAUSE)
            raise BlockingIOError(errno.EAGAIN, "no descriptor for a client") from error
        time.sleep(_PAUSE)

    def _reject(self, client: Any, connection: TracedConnection | None) -> None:
        """Send the overload response as far as the kernel takes it at once, and close."""
        client.setblocking(False)
        sent = 0
        with contextlib.suppress(OSError):
            sent = client.send(self._overload_response)
        if connection is not None:
            head = self._overload_response.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            whole, now = sent == len(self._overload_response), time.monotonic()
            observer = RequestObserver(self._recorder, connection)
            worker = observer.current.worker
            row = Request(connection.number, worker.number, 0, 0, 503, sent, whole, 0.0, 0.0, now, now, now, now, now)
            observer.answered(worker, row, b"", head)
        self._linger(client)
        client.close()

    def _collected(self, key: int) -> None:
        """A client was collected before anybody closed it, which closes it."""
        watched = self._watched.pop(key, None)
        if watched is not None:
            watched[1].connection_lost()

    def _close(self, client: Any) -> None:
        _, http = self._watched.pop(id(client))
        if http.leaves_unread:
            self._linger(client)
        http.connection_lost()

    def _linger(self, client: Any) -> None:
        with contextlib.suppress(OSError):  # no descriptor is left for this: the client may miss the reply's end
            self._lingering.take(client)


def _shut(client: Any, how: int) -> None:
    """Wake whatever waits for this client: a read finds the end, a write nobody."""
    with contextlib.suppress(OSError):  # closed meanwhile
        _socket.socket.shutdown(getattr(client, "_sock", client), how)  # gevent's may be called by its own thread only
