"""The body of a request that is answered while its client may still be sending it.

Owns when more of it is received: when the application reads it, and no sooner, so that a client is held back by the
kernel. What the application leaves unread is received if it is little, or else the connection ends. Knows no socket.
"""

from collections.abc import Callable
from typing import Protocol

from engine.clock import monotonic
from engine.web.body import IncomingBody
from engine.web.errors import HTTPError, IncompleteBody
from engine.web.limits import BODY_RATE
from engine.web.request_parser import RequestParser

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MOST_UNREAD = 64 * 1024
"""Bytes that an application may leave unread without the connection being closed for it."""
_CAUSES = 8
"""Exceptions that are followed at most from one to the one that it was raised for."""
_LEFT = "The client has ended its side within the body."
_LATE = "The body took too long to come."
_NOT_ASKED_FOR = "The body was not read before the reply began, and its client holds it back until it is."


class Client(Protocol):
    """The client that sends a body."""

    may_wait: bool
    """Whether a worker may wait for it in `receive`; otherwise it is only awaited."""

    def receive(self) -> bytes:
        """The next bytes, which are waited for; empty if it has closed its side. Raises OSError."""

    async def receive_awaited(self, take: Callable[[bytes], object]) -> None:
        """Wait in an event loop until `take` was called with them, or `stop` was."""

    def stop(self) -> None:
        """End the wait for bytes."""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises OSError."""


class Incoming:
    """The bodies on one connection, one after the other."""

    __slots__ = (
        "_body", "_client", "_has_begun", "_limit", "_note_read", "_parser", "_since", "_waited", "is_late",
    )  # fmt: skip

    def __init__(
        self,
        client: Client,
        parser: RequestParser,
        limit: float,
        note_read: Callable[[], object],
        has_begun: Callable[[], bool],
    ) -> None:
        """`limit`: how many seconds altogether may be waited; `note_read` is called when bytes have come; `has_begun`:
        whether the reply's head is out."""
        self._client = client
        self._parser = parser
        self._limit = limit
        self._note_read = note_read
        self._has_begun = has_begun
        self._body: IncomingBody | None = None
        self._since = 0.0  # since when the client is waited for; 0: it is not
        self._waited = 0.0
        self.is_late = False
        """Whether the client was waited for too long."""
        parser.new_body = self._new_body

    @property
    def is_whole(self) -> bool:
        """Whether all of the body has come, or there is none."""
        return self._body is None or self._body.is_whole

    def note_time(self, now: float) -> bool:
        """Whether the client is waited for, and too long by `now`."""
        since = self._since
        if since and self._waited + now - since > self._limit:
            self.is_late = True
        return self.is_late

    def settle(self, *, body_follows: bool) -> bool:
        """The application has answered; whether the connection may be kept. `body_follows`: in pieces made later."""
        body = self._body
        if body is None or body.is_whole or body_follows:
            return True  # whether the pieces leave anything unread is seen in the end
        return self._receive_rest(body)

    def end(self) -> bool:
        """The reply has ended, and the body with it; whether the connection may be kept."""
        keeps = self._rest_has_come()
        if keeps:
            self._body = None
        return keeps

    def _rest_has_come(self) -> bool:
        body = self._body
        if body is None or body.is_whole:
            return True
        return self._client.may_wait and self._receive_rest(body)

    async def settle_awaited(self) -> bool:
        """As `settle`, in an event loop, where no pieces follow."""
        body = self._body
        if body is None:
            return True
        end = body.length + MOST_UNREAD
        try:
            while self._awaits_little(body, end):
                await self.receive_awaited()
                body.drop()
        except IncompleteBody:
            return False
        return body.is_whole

    async def receive_awaited(self) -> None:
        """Wait in an event loop until more has come. Raises `IncompleteBody`."""
        self._begin()
        since = self._since
        try:
            await self._client.receive_awaited(self._take)
        finally:
            if self._since == since:  # or else another wait has begun since this was stopped
                self._since = 0.0
        if self._body is not None and self._body.error is not None:
            raise self._body.error

    def stop(self) -> None:
        """End the wait for more of the body."""
        self._client.stop()

    def _receive_rest(self, body: IncomingBody) -> bool:
        """Receive what was not read, if it is little; whether all has come."""
        end = body.length + MOST_UNREAD
        try:
            while self._awaits_little(body, end):
                self._receive_more()
                body.drop()
        except IncompleteBody:
            return False  # the reply is for a client that may have left
        return body.is_whole

    def _awaits_little(self, body: IncomingBody, end: int) -> bool:
        parser = self._parser
        return not (body.is_whole or parser.continue_is_due) and body.length + max(1, parser.body_left) <= end

    def _new_body(self) -> IncomingBody:
        self._waited = 0.0
        self._body = body = IncomingBody(self._receive_more)
        return body

    def _receive_more(self) -> None:
        self._begin()
        try:
            data = self._client.receive()
        except OSError:
            data = b""
        self._take(data)
        if self._body is not None and self._body.error is not None:
            raise self._body.error

    def _begin(self) -> None:
        """The client is waited for from now on."""
        assert self._body is not None
        if self._body.error is not None:
            raise self._body.error
        if self._parser.continue_is_due and self._has_begun():
            raise self._fail(400, _NOT_ASKED_FOR)  # it would be within the reply
        if self._parser.take_continue():
            try:
                self._client.send(CONTINUE)
            except OSError:
                raise self._fail(400, _LEFT) from None
        self._since = monotonic()

    def _take(self, data: bytes) -> None:
        """Take what has come; nothing: the client has ended its side, or was too late."""
        waited, self._since = monotonic() - self._since, 0.0
        self._waited = max(0.0, self._waited + waited - len(data) / BODY_RATE)
        if not data:
            self._fail(*((408, _LATE) if self.is_late else (400, _LEFT)))
            return
        self._note_read()
        self._parser.unread += data
        try:
            self._parser.receive_body()
        except HTTPError as error:
            self._fail(error.status, error.reason)

    def _fail(self, status: int, reason: str) -> IncompleteBody:
        """What is left of the body will not come."""
        assert self._body is not None
        self._body.error = error = IncompleteBody(status, reason)
        return error


def cause_in(error: BaseException) -> IncompleteBody | None:
    """The body that did not come whole, if `error` is that, or was raised for it."""
    seen: BaseException | None = error
    for _ in range(_CAUSES):
        if seen is None or isinstance(seen, IncompleteBody):
            return seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return None
