"""One client's connection: bytes in, requests out; responses in, bytes out.

Owns the order of things on one connection: a request is read, is answered, and the connection is kept or ended. Knows
no socket and no application. Nothing here waits, but for the body of a request where `stream_bodies` was called.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http import HTTPStatus
from typing import cast

from engine.clock import monotonic
from engine.persistence import OwnPersistence, Persistence
from engine.telemetry.spent import UNKNOWN
from engine.telemetry.wire import Request as Row
from engine.web.body import NO_BODY
from engine.web.date import DateHeader
from engine.web.errors import HTTPError
from engine.web.incoming import CONTINUE, Client, Incoming, cause_in
from engine.web.limits import BODY_RATE, Limits
from engine.web.observer import AnsweringWorker, ConnectionObserver
from engine.web.pieces import Pieces, close_body
from engine.web.request import Request
from engine.web.request_parser import RequestParser, parse_head
from engine.web.response import Application, BodyLost, Response, text_response

JOINED = 64 * 1024
"""Bytes of a body that leave together with the head."""
STRANGE_SECONDS = 1.0
"""Seconds in which a line must have ended that does not begin as requests do: its client may wait for an answer."""
FAILURE = text_response(
    HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed to answer this request. Its error output says why."
)
_REJECTED, _REJECTED_HEAD = (
    replace(parse_head(method + b" / HTTP/1.0\r\n\r\n"), head=b"") for method in (b"GET", b"HEAD")
)
"""Stand for a request that was not understood: it asks for a reply, or for its head only, and ends the connection."""
_CLOSED = OwnPersistence(False)
LOST = text_response(HTTPStatus.SERVICE_UNAVAILABLE, "This changed while it was read. Ask again.")
_NO_REQUEST = "This is no request of HTTP."


@dataclass(slots=True)
class Newest:
    """The newest response that may be given again, with the request that it answers."""

    pair: tuple[Request | None, Response] = None, FAILURE


@dataclass(frozen=True, slots=True)
class Service:
    """What all connections of a server have in common."""

    application: Application
    limits: Limits
    application_failed: Callable[[Exception], object]
    """Called with each exception of the application."""
    date: DateHeader
    newest: Newest = field(default_factory=Newest)
    """Most clients ask for what others have asked for."""


class HTTPConnection:
    """What comes and goes on one connection.

    `receive_data` takes bytes from the client; empty bytes mean that the client has closed its side. After that, and
    when all that was `outgoing` is sent, `next_request` gives a request that is whole, if there is one. `call` has an
    application answer it, in any thread; `reply` makes the answer `outgoing`, and `sent` takes how much of it went out.
    While something is outgoing, nothing more should be received. `finished` says that the connection is over and
    should be closed; `connection_lost` makes it so.

    An exception of the application stops here. Its client gets a 500, or is cut off where the head of a reply is out,
    and `application_failed` is called with it.
    """

    __slots__ = (
        "_active_at",
        "_answered",
        "_arrived",
        "_begun",
        "_body_seen",
        "_current",
        "_date",
        "_due_since",
        "_handled",
        "_incoming",
        "_keeps",
        "_last_request",
        "_last_response",
        "_late",
        "_observer",
        "_parser",
        "_persistence",
        "_pieces",
        "_progress",
        "_read",
        "_read_at",
        "_rejected",
        "_reply_head",
        "_request",
        "_response",
        "_rest",
        "_sent",
        "_service",
        "_spent",
        "_status",
        "_worker",
        "finished",
        "greeting",
        "outgoing",
    )  # fmt: skip

    def __init__(
        self, service: Service, observer: ConnectionObserver, *, persistence: Persistence, greeting: bytes = b""
    ) -> None:
        self.outgoing: bytes | memoryview = b""
        self.finished = False
        self.greeting = greeting
        """What a client that does not speak HTTP is answered; empty: it gets an error."""
        self._service = service
        self._date = service.date
        self._observer = observer
        self._current = observer.current
        self._persistence = persistence
        self._parser = RequestParser(service.limits)
        self._incoming: Incoming | None = None
        self._body_seen = 0
        self._keeps = True
        self._rejected = False
        self._late = False
        self._request: Request | None = None  # being handled, or answered
        self._last_request, self._last_response = service.newest.pair  # most clients ask for the same again
        self._response: Response | None = None  # its body has to be closed
        self._pieces: Pieces | None = None
        self._rest: memoryview | None = None
        self._reply_head = b""
        self._status = -1  # no reply is under way
        self._sent = self._progress = 0
        self._spent = UNKNOWN
        self._arrived = self._begun = self._read = self._handled = self._answered = 0.0
        self._due_since = 0.0  # since when the rest of a request is awaited
        self._read_at = self._active_at = monotonic()

    def stream_bodies(self, client: Client) -> None:
        """From now on give requests whose head is whole: `client` is received from while the application reads."""
        limit = self._service.limits.head_seconds
        self._incoming = Incoming(client, self._parser, limit, self._note_read, lambda: self._status >= 0)

    @property
    def leaves_unread(self) -> bool:
        """Whether bytes from the client are left that nobody will read."""
        return self._rejected or bool(self._parser.unread) or self._parser.awaits_body

    @property
    def is_unread(self) -> bool:
        """Whether nothing the client has sent was read yet."""
        return not self._begun and not self._read

    def receive_data(self, data: bytes) -> None:
        """Take `data` from the client; empty if it has closed its side."""
        if data:
            self._read_at = self._active_at = now = monotonic()
            if not self._begun:
                self._begun = self._due_since = now
                self._arrived = self._observer.connection.arrived
            parser = self._parser
            parser.unread = parser.unread + data if parser.unread else data
        elif not self._parser.looks_like_http:
            self._reject(HTTPError(400, _NO_REQUEST, http=False))
        elif self._late:
            self._reject(HTTPError(408, "The request took too long to come."))
        else:
            self.finished = True

    def next_request(self) -> Request | None:
        """The next request; None while there is none, or the one before is not answered yet.

        Its body has come whole, unless bodies are streamed.
        """
        if self._request is not None or self.finished:
            return None
        try:
            request = self._request = self._parser.next_request()
        except HTTPError as error:
            self._reject(error)
        except OSError as error:  # its body can't be kept
            self._service.application_failed(error)
            self._reject(HTTPError(500, "The server failed to read this request. Its error output says why."))
        else:
            if request is not None:
                self._read = self._read_at
                return request
            self._give_time()
            if self._parser.take_continue():
                self.outgoing = CONTINUE
        return None

    def handling_begins(self) -> None:
        """The request that came last is handled from now on."""
        self._handled = monotonic()

    @property
    def answered_request(self) -> Request | None:
        """The request that is being answered."""
        return self._request

    def call(self, application: Application, request: Request) -> Response:
        """What `application` answers to `request`, the one that came last; a 500 if it fails."""
        self._handled = now = monotonic()
        if request is self._last_request and now < self._last_response.fresh_until:
            return self._last_response
        try:
            response = application(request)
            if type(response) is not Response:
                raise TypeError(f"An application answers with a Response, not with {type(response).__name__}")
        except Exception as error:
            return self.failure(error)
        if response.fresh_until:
            self._last_request, self._last_response = self._service.newest.pair = request, response
        elif self._incoming is not None:
            self.settle_body(response)
        return response

    def failure(self, error: Exception) -> Response:
        """The response where the application has raised `error`, which is reported unless it is the client's."""
        response = self._failed(error)
        self.settle_body(response)
        return response

    def settle_body(self, response: Response) -> None:
        """End the connection after `response` if much of the request's body was not read."""
        if self._incoming is not None:
            has_pieces = not isinstance(response.body, bytes)
            if not self._incoming.settle(body_follows=has_pieces):
                self.close_after_reply()

    def close_after_reply(self) -> None:
        """Keep the connection no longer than this."""
        self._persistence = _CLOSED

    def reply(
        self, request: Request, response: Response, worker: AnsweringWorker | None = None, answered: float = 0.0
    ) -> None:
        """Answer `request`, the one that came last, with `response`.

        `worker` has made it, and it was ready at `answered`, if that is not here and now.
        """
        if self.finished:  # the client left meanwhile
            self._response = response
            self._close_bodies()
            return
        self._keeps = keeps = request.persistent and self._persistence.kept
        body = response.body
        if isinstance(body, bytes):
            head = response.kept if keeps else response.closing
            if request.method == "HEAD":
                body = b""
        else:
            response, head, body = self._open_body(request, response, body)
        if len(body) > JOINED:
            self._rest = memoryview(body)[JOINED:]
            body = body[:JOINED]
        self._status = response.status
        self._spent = response.spent
        self._reply_head = head
        self._worker = worker = worker or self._current.worker
        self._answered = now = answered or monotonic()
        date = self._date
        line = date.line if now < date.until else date.renew(now)
        handled = _handled_in(int((now - self._handled) * 1e6))
        self.outgoing = b"".join((head, line, worker.served_by, handled, body))

    def sent(self, count: int) -> None:
        """Take note that the first `count` bytes of `outgoing` are with the kernel."""
        if self.finished:
            return
        self._sent += count
        self._active_at = now = monotonic()
        outgoing = self.outgoing
        if count < len(outgoing):
            self.outgoing = memoryview(outgoing)[count:]
            return
        self.outgoing = b""
        if self._rest is not None:
            self.outgoing, self._rest = self._rest, None
        elif self._pieces is not None and self._send_next_piece(self._pieces):
            return
        elif self._status >= 0:  # or else that was `100 Continue`
            self._end_reply(now, whole=True)

    def go_on_sending(self) -> None:
        """The next piece of the body is there, which was waited for while nothing was `outgoing`."""
        if not (self._pieces is not None and self._send_next_piece(self._pieces)) and self._status >= 0:
            self._end_reply(monotonic(), whole=True)

    def request_is_late(self, now: float) -> bool:
        """Whether a request has begun to arrive, but not in time; if so, an error follows its last bytes."""
        if self._incoming is not None and self._incoming.note_time(now):
            return True
        is_awaited = self._request is None and self._status < 0 < self._begun
        seconds = self._service.limits.head_seconds
        if not self._parser.looks_like_http:
            seconds = min(seconds, STRANGE_SECONDS)
        self._late = is_awaited and self._due_since < now - seconds
        return self._late

    @property
    def is_sending(self) -> bool:
        """Whether a reply is under way that was not handed over whole."""
        return self._status >= 0

    def note_progress(self, mark: int, now: float) -> None:
        """`mark` has another value when the client has taken more of what was handed over."""
        if mark != self._progress:
            self._progress, self._active_at = mark, now

    def is_idle(self, now: float) -> bool:
        """Whether nothing has come or gone for too long, and it is not us who keep the client waiting."""
        is_handled = self._request is not None and self._status < 0
        return not is_handled and now - self._active_at > self._service.limits.idle_seconds

    def is_kept_idle(self, since: float) -> bool:
        """Whether it was kept after a reply, and nothing has come since that moment or earlier."""
        return bool(self._read) and not self._begun and self._request is None and self._active_at <= since

    def connection_lost(self) -> None:
        """End it all: the client is gone, or the connection was closed."""
        self.finished = True
        self.outgoing = b""
        if self._status >= 0:
            self._close_bodies()
            self._end_reply(monotonic(), whole=False)
        self._parser.close()

    def _reject(self, error: HTTPError) -> None:
        """Answer what is no request, and end the connection."""
        self._handled = monotonic()
        self._read = self._read_at
        self._rejected = True
        rejected = _REJECTED_HEAD if self._parser.wants_no_body else _REJECTED
        self._request = replace(rejected, head=error.note) if error.note else rejected
        if self.greeting and not error.http:
            self._keeps = False
            self._worker = self._current.worker
            self._answered = self._handled
            self._reply_head, self._status, self._spent = b"", 0, UNKNOWN
            self.outgoing = self.greeting
        else:
            self.reply(self._request, text_response(HTTPStatus(error.status), error.reason))

    def _failed(self, error: Exception) -> Response:
        """Report `error` unless it is the client's; the response that says so."""
        incomplete = cause_in(error)
        if incomplete is not None:
            return text_response(HTTPStatus(incomplete.status), incomplete.reason)
        self._service.application_failed(error)
        return FAILURE

    def _open_body(self, request: Request, response: Response, body: Iterable[bytes]) -> tuple[Response, bytes, bytes]:
        """The response, its head, and the first piece of its `body`: that is there before the head says all is well."""
        self._response = response
        is_chunked = response.length is None and request.version != "1.0"
        self._keeps = self._keeps and (is_chunked or response.length is not None)
        piece = b""
        if request.method != "HEAD":
            try:
                self._pieces = Pieces(body, response.length, chunked=is_chunked)
                piece = self._pieces.take()
            except Exception as error:
                self._pieces = None
                response = LOST if isinstance(error, BodyLost) else self._failed(error)
                self._keeps = self._keeps and (self._incoming is None or self._incoming.is_whole)
                piece = cast(bytes, response.body)
        if self._pieces is None or self._pieces.complete:
            self._close_bodies()
        if response.length is None and not is_chunked:
            return response, response.head("close", chunked=False), piece
        return response, response.kept if self._keeps else response.closing, piece

    def _send_next_piece(self, pieces: Pieces) -> bool:
        """Whether there is more to send."""
        try:
            self.outgoing = pieces.take()
        except BodyLost:
            self.connection_lost()
        except Exception as error:
            self._failed(error)
            self.connection_lost()  # the head is out: only closing can report the error
        else:
            if pieces.complete:
                self._close_bodies()
        return bool(self.outgoing)

    def _close_bodies(self) -> None:
        """Close the body of the response, and that of the request, which may be the same."""
        self._pieces = None
        request, response, self._response = self._request, self._response, None
        try:
            if response is not None:
                close_body(response.body)
        except Exception as error:
            self._service.application_failed(error)
        if request is not None and request.body is not NO_BODY:
            request.body.close()

    def _end_reply(self, now: float, *, whole: bool) -> None:
        request = self._request
        observer, worker = self._observer, self._worker
        assert request is not None
        head = request.head
        if observer.answered(worker, self._status, head, whole):
            row = Row(
                observer.number, worker.number, 0, 0, self._status, self._sent, whole,
                self._arrived, observer.connection.accepted, self._begun, self._read, self._handled, self._answered,
                now,
            )  # fmt: skip
            if self._spent is not UNKNOWN:
                row.computed, row.in_calls = self._spent
            observer.report(row, head, self._reply_head)
        self._status = -1
        self._sent = 0
        if request.body is not NO_BODY:
            if self._incoming is not None and self._keeps:
                self._keeps = whole and self._incoming.end()
            self._close_bodies()
        self._request = None
        if not self._keeps:
            self.finished = True
        elif self._parser.unread:
            self._begun, self._due_since = self._read_at, now  # it came along with the request before
            self._arrived = observer.connection.arrived
            self._go_on()
        else:
            self._begun = 0.0

    def _note_read(self) -> None:
        """More of the body has come while the request is answered."""
        self._read_at = self._active_at = monotonic()

    def _give_time(self) -> None:
        """The more of a body comes, the longer it may take."""
        come = self._parser.body_length
        if come > self._body_seen:
            self._due_since = min(self._read_at, self._due_since + (come - self._body_seen) / BODY_RATE)
        self._body_seen = come

    def _go_on(self) -> None:
        """Called when more has arrived than was answered: the next request can be read."""


@lru_cache(maxsize=1024)
def _handled_in(microseconds: int) -> bytes:
    """The last line of a head, and the empty line."""
    return b"Server-Timing: handle;dur=%.3f\r\n\r\n" % (microseconds / 1000)
