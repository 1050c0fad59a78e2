"""One client's life: bytes in, replies out.

Owns the order of things on one connection: read a request, answer it, keep the connection or end it. Knows no
socket: a model carries the bytes, and nothing here ever waits.
"""

from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from typing import Any, Protocol

from engine.web.conversation import Conversation
from engine.web.limits import Limits
from engine.web.refusal import Refusal
from engine.web.website import Body, Response, Site, message

JOINED = 64 * 1024
"""Bytes of a body that leave together with the head."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FAILURE = message(
    HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed to answer this request. Its error output says why."
)


class CurrentWorker(Protocol):
    """The worker that runs now."""

    @property
    def served_by(self) -> bytes:
        """The header line that names the model and the worker."""


class Here(Protocol):
    """Where the worker that runs now is found."""

    @property
    def worker(self) -> CurrentWorker:
        """The worker that runs now."""


class Witness(Protocol):
    """What is told of the requests on a connection."""

    @property
    def here(self) -> Here:
        """Where the worker that runs now is found."""

    def answered(
        self,
        worker: Any,
        request: bytes,
        reply: bytes,
        status: int,
        sent: int,
        begun: float,
        handled: float,
        whole: bool,
    ) -> None:
        """Take note of one request that `worker` has answered, or of a reply broken off."""


class Exchange:
    """What is said on one connection.

    `receive` takes bytes from the client; empty bytes mean that the client has closed its side. `outgoing` is what to
    send next, `sent` takes how much of that went out. While there is something outgoing, nothing more should be
    received. `finished` says that the connection is over and should be closed; `connection_lost` makes it so.

    An exception of the site stops here. Its client gets a 500, or is cut off where the head of a reply is out, and
    `site_failed` is told of it.
    """

    __slots__ = (
        "_active_at", "_begun", "_body", "_conversation", "_handled", "_here", "_keep_alive", "_keeps", "_late",
        "_limits", "_read_at", "_refused", "_reply", "_request", "_rest", "_sent", "_site", "_site_failed", "_status",
        "_witness", "_worker", "finished", "greeting", "outgoing",
    )  # fmt: skip

    def __init__(
        self,
        site: Site,
        witness: Witness,
        limits: Limits,
        site_failed: Callable[[Exception], object],
        *,
        keep_alive: bool,
        greeting: bytes = b"",
    ) -> None:
        self.outgoing: bytes | memoryview = b""
        self.finished = False
        self.greeting = greeting
        """What a client that does not speak HTTP is answered; empty: it is refused."""
        self._site = site
        self._site_failed = site_failed
        self._witness = witness
        self._here = witness.here
        self._keep_alive = keep_alive
        self._limits = limits
        self._conversation = Conversation(limits)
        self._keeps = True
        self._refused = False
        self._late = False
        self._rest: memoryview | None = None
        self._body: Body | None = None  # what of the reply is not in memory
        self._request = self._reply = b""
        self._status = -1  # no reply is under way
        self._sent = 0
        self._begun = self._handled = 0.0
        self._read_at = self._active_at = monotonic()

    @property
    def leaves_unread(self) -> bool:
        """Whether bytes from the client are left that nobody will read."""
        return self._refused or bool(self._conversation.unread)

    def receive(self, data: bytes) -> None:
        """Take `data` from the client; empty if it has said its last."""
        if not data:
            if self._late:
                self._refuse(Refusal(408, "The request took too long to come."))
            else:
                self.finished = True
            return
        self._read_at = self._active_at = now = monotonic()
        if not self._begun:
            self._begun = now
        self._answer_next(data)

    def sent(self, count: int) -> None:
        """Take note that the first `count` bytes of `outgoing` are with the kernel."""
        if self.finished:
            return
        self._sent += count
        self._active_at = monotonic()
        if count < len(self.outgoing):
            self.outgoing = memoryview(self.outgoing)[count:]
            return
        if self._rest is not None:
            self.outgoing, self._rest = self._rest, None
        elif self._body is not None:
            self._read_on(self._body)
        else:
            self.outgoing = b""
            self._end_reply()

    def request_is_late(self, now: float) -> bool:
        """Whether a request has begun to come, but not in time; if so, the client is told when its last is read."""
        self._late = self._handled < self._begun < now - self._limits.head_seconds
        return self._late

    def is_idle(self, now: float) -> bool:
        """Whether nothing has come or gone for too long, and it is not us who keep the client waiting."""
        being_handled = self._status < 0 < self._begun <= self._handled
        return not being_handled and now - self._active_at > self._limits.idle_seconds

    def connection_lost(self) -> None:
        """End it all: the client is gone, or the connection was closed."""
        self.finished = True
        self.outgoing = b""
        if self._status >= 0:
            self._note(whole=False)
        self._close_body()

    def _answer_next(self, data: bytes = b"") -> None:
        try:
            request = self._conversation.next_request(data)
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if request is None:
            if self._conversation.take_continue():
                self.outgoing = CONTINUE
            return
        self._handled = now = self._read_at if data else monotonic()
        try:
            response = self._site.respond(request, now)
        except Exception as error:
            self._site_failed(error)
            response = FAILURE
        self._keeps = self._keep_alive and request.persistent
        body = response.body
        if response.part is not None:
            self._body = response.part
        if request.method == "HEAD":
            body = b""
            self._close_body()
        self._start_reply(request.head, response, body)

    def _refuse(self, refusal: Refusal) -> None:
        self._handled = monotonic()
        self._refused = True
        self._keeps = False
        if self.greeting and not refusal.http:
            self._request, self._reply, self._status = b"", b"", 0
            self._worker = self._here.worker
            self.outgoing = self.greeting
        else:
            response = message(HTTPStatus(refusal.status), refusal.reason)
            self._start_reply(b"", response, b"" if self._conversation.wants_no_body else response.body)

    def _start_reply(self, request: bytes, response: Response, body: bytes) -> None:
        """Answer the `request` of this head, or one not understood, with `body` as far as it is in memory."""
        self._request = request
        self._reply = reply = response.kept if self._keeps else response.closing
        self._status = response.status
        if len(body) > JOINED:
            self._rest = memoryview(body)[JOINED:]
            body = body[:JOINED]
        now = monotonic()  # the work may have taken long
        handled = _handled_in(int((now - self._handled) * 1e6))
        self._worker = worker = self._here.worker
        self.outgoing = b"".join((reply, self._site.date_line(now), worker.served_by, handled, body))

    def _read_on(self, body: Body) -> None:
        try:
            self.outgoing = body.read()
        except Exception as error:
            self._site_failed(error)
            self.outgoing = b""
        if not self.outgoing:
            self.connection_lost()  # the Content-Length can't be kept: only closing tells the client
        elif not body.left:
            self._close_body()

    def _close_body(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.close()

    def _end_reply(self) -> None:
        if self._status < 0:
            return  # that was `100 Continue`; the request is still coming
        self._note(whole=True)
        if not self._keeps:
            self.finished = True
        elif self._conversation.unread:
            self._answer_next()

    def _note(self, whole: bool) -> None:
        begun = self._begun or self._read_at  # 0: it came along with the request before
        self._witness.answered(
            self._worker, self._request, self._reply, self._status, self._sent, begun, self._handled, whole
        )
        self._status = -1
        self._sent = 0
        self._begun = 0.0


@lru_cache(maxsize=1024)
def _handled_in(microseconds: int) -> bytes:
    """The last line of a head, and the empty line."""
    return b"Server-Timing: handle;dur=%.3f\r\n\r\n" % (microseconds / 1000)
