"""One client's life: bytes in, replies out.

Owns the order of things on one connection: read a request, answer it, keep the connection or end it. Knows no
socket: a model carries the bytes, and nothing here ever waits.
"""

import os
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from typing import Any, Protocol

from engine.web.conversation import Conversation
from engine.web.limits import Limits
from engine.web.refusal import Refusal
from engine.web.website import FilePart, Repeated, Response, Site, message, unreadable

CHUNK = 256 * 1024
"""Bytes of a large file in memory at a time."""
JOINED = 64 * 1024
"""Bytes of a body that leave together with the head."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


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
    """

    __slots__ = (
        "_active_at", "_begun", "_conversation", "_file", "_handled", "_here", "_keep_alive", "_keeps", "_late",
        "_limits", "_read_at", "_refused", "_reply", "_request", "_rest", "_sent", "_site", "_status", "_witness", "_worker",
        "finished", "greeting", "outgoing",
    )  # fmt: skip

    def __init__(
        self, site: Site, witness: Witness, limits: Limits, *, keep_alive: bool, greeting: bytes = b""
    ) -> None:
        self.outgoing: bytes | memoryview = b""
        self.finished = False
        self.greeting = greeting
        """What a client that does not speak HTTP is answered; empty: it is refused."""
        self._site = site
        self._witness = witness
        self._here = witness.here
        self._keep_alive = keep_alive
        self._limits = limits
        self._conversation = Conversation(limits)
        self._keeps = True
        self._refused = False
        self._late = False
        self._rest: memoryview | None = None
        self._file: _OpenFile | _Repeater | None = None
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
        elif self._file is not None:
            self._read_on(self._file)
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
        if self._file is not None:
            self._file.close()
            self._file = None

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
        response = self._site.respond(request, now)
        self._keeps = self._keep_alive and request.persistent
        body = response.body
        if request.method == "HEAD":
            body = b""
        elif response.part is not None:
            try:
                self._file = _opened(response.part)
            except OSError as error:
                response = unreadable(error)
                body = response.body
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

    def _read_on(self, file: "_OpenFile | _Repeater") -> None:
        self.outgoing = file.read()
        if file.left:
            return
        file.close()
        self._file = None
        if file.cut_short:
            self.connection_lost()  # it has become shorter than its Content-Length: only closing tells the client

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


class _OpenFile:
    """A large file on its way to one client."""

    __slots__ = ("_descriptor", "cut_short", "left")

    def __init__(self, part: FilePart) -> None:
        self._descriptor = os.open(part.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        if part.first:
            os.lseek(self._descriptor, part.first, os.SEEK_SET)
        self.left = part.length
        self.cut_short = False

    def read(self) -> bytes:
        """The next piece; nothing, and `cut_short`, if the file has become shorter or can't be read any more."""
        try:
            data = os.read(self._descriptor, min(CHUNK, self.left))
        except OSError:
            data = b""
        self.left -= len(data)
        if not data:
            self.left, self.cut_short = 0, True
        return data

    def close(self) -> None:
        os.close(self._descriptor)


class _Repeater:
    """One block of bytes on its way to one client, again and again."""

    __slots__ = ("_block", "left")
    cut_short = False

    def __init__(self, part: Repeated) -> None:
        self._block = part.block
        self.left = part.length

    def read(self) -> bytes:
        """The block once more."""
        self.left -= len(self._block)
        return self._block

    def close(self) -> None:
        """There is nothing to close."""


def _opened(part: FilePart | Repeated) -> _OpenFile | _Repeater:
    return _Repeater(part) if isinstance(part, Repeated) else _OpenFile(part)


@lru_cache(maxsize=1024)
def _handled_in(microseconds: int) -> bytes:
    """The last line of a head, and the empty line."""
    return b"Server-Timing: handle;dur=%.3f\r\n\r\n" % (microseconds / 1000)
