"""One client's bytes, cut into requests.

Owns HTTP's framing: where a head ends, which body follows, what is refused. Knows no socket and no file. Bytes
go into `next_request` and requests come out of it; httptools does the parsing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import httptools

from engine.web.conditions import CONDITIONAL
from engine.web.limits import Limits

_OTHER_VERSION = re.compile(rb"[^\r\n]* HTTP/([02-9]|1\.[2-9])")
_HOST = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]*")


class Refusal(Exception):
    """What a client sent can't be answered as asked: carries the status and reason to answer with."""

    def __init__(self, status: int, reason: str, *, http: bool = True) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.http = http
        """False if this does not look like HTTP at all."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its head parsed."""

    head: bytes
    """As it came, the empty line at its end included."""
    method: str
    target: bytes
    conditions: dict[bytes, bytes]
    """The headers, by name in lower case, that ask for less than the whole file."""
    persistent: bool
    """Whether the client wants the connection kept."""
    headers: int
    """How many there are."""
    body_length: int
    chunked: bool
    awaits_continue: bool
    """Whether the client holds its body back until it is told to go on."""

    @property
    def has_body(self) -> bool:
        return self.chunked or self.body_length > 0


class Conversation:
    """The requests of one client, one after the other."""

    __slots__ = (
        "_body_left", "_chunks", "_continue_due", "_limits", "_newest", "_pending", "_probe", "_probed", "_unread",
    )  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unread = b""
        self._probe: httptools.HttpRequestParser | None = None  # reads an incomplete head, to refuse it early
        self._probed = 0
        self._newest: Request | None = None  # the last one that had no body
        self._pending: Request | None = None  # its body is still coming
        self._body_left = 0
        self._chunks: ChunkedBody | None = None
        self._continue_due = False

    @property
    def has_unread(self) -> bool:
        """Whether bytes are left that belong to no request taken so far."""
        return bool(self._unread)

    def take_continue(self) -> bool:
        """Whether the client is to be told, once, to go on with the body that it holds back."""
        due, self._continue_due = self._continue_due, False
        return due

    def next_request(self, data: bytes = b"") -> Request | None:
        """Take `data` that came from the client, and give the next request that is whole, its body read and dropped.

        None while it is incomplete. Raises `Refusal`.
        """
        if not self._unread:
            newest = self._newest
            if newest is not None and data == newest.head and self._pending is None:
                return newest  # most clients ask for the same again
            self._unread = data
        elif data:
            self._unread += data
        request = self._pending
        if request is None:
            request = self._take_head()
            if request is None:
                return None
            if not request.has_body:
                self._newest = request
                return request
            self._expect_body(request)
        if not self._drop_body():
            return None
        self._pending = None
        return request

    def _take_head(self) -> Request | None:
        unread = self._unread
        while unread.startswith(b"\r\n"):  # some clients send an empty line after a body (RFC 9112, 2.2)
            unread = self._unread = unread[2:]
        end = unread.find(b"\r\n\r\n") + 4
        if end < 4:
            if unread and unread != b"\r":
                self._check_incomplete(unread)
            return None
        self._unread = unread[end:]
        self._probe = None
        limits = self._limits
        if end > limits.max_head:
            raise Refusal(431, f"The head of a request may have {limits.max_head} bytes, this one has {end}.")
        request = parse_head(unread[:end])
        if request.headers > limits.max_headers:
            raise Refusal(431, f"A request may have {limits.max_headers} headers, this one has {request.headers}.")
        return request

    def _check_incomplete(self, unread: bytes) -> None:
        if len(unread) > self._limits.max_head:
            raise Refusal(431, f"The head of a request may have {self._limits.max_head} bytes, this one has more.")
        if self._probe is None:
            self._probe, self._probed = httptools.HttpRequestParser(object()), 0
        news, self._probed = unread[self._probed :], len(unread)
        try:
            self._probe.feed_data(news)
        except httptools.HttpParserError as error:
            raise _refusal(unread, error) from error

    def _expect_body(self, request: Request) -> None:
        most = self._limits.max_body
        if request.body_length > most:
            raise Refusal(413, f"A body may have {most} bytes, this one has {request.body_length}.")
        self._pending = request
        self._body_left = request.body_length
        self._chunks = ChunkedBody(request.head, most) if request.chunked else None
        self._continue_due = request.awaits_continue and not self._unread

    def _drop_body(self) -> bool:
        """Whether the body has all come; what has come is dropped."""
        if self._chunks is not None:
            data, self._unread = self._unread, b""
            return self._chunks.complete_after(data)
        dropped = min(self._body_left, len(self._unread))
        self._unread = self._unread[dropped:]
        self._body_left -= dropped
        return self._body_left == 0


class ChunkedBody:
    """A body in chunks, read and dropped. The connection is closed behind it, so nothing may follow."""

    def __init__(self, head: bytes, most: int) -> None:
        self._most = most
        self._complete = False
        self._length = 0
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(head)

    def complete_after(self, data: bytes) -> bool:
        """Whether the body ends in `data`. Raises `Refusal`."""
        try:
            if data:
                self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self._complete:
                raise Refusal(400, f"The body's chunks can't be read: {error}.") from error
        if self._length > self._most:
            raise Refusal(413, f"A body may have {self._most} bytes, this one has more.")
        return self._complete

    def on_body(self, body: bytes) -> None:
        self._length += len(body)

    def on_message_complete(self) -> None:
        self._complete = True


class _Head:
    """What httptools calls while it parses one head."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]


@lru_cache(maxsize=512)
def parse_head(head: bytes) -> Request:
    """The request in `head`, which ends with the empty line. Raises `Refusal`.

    Remembered, because most clients send the same head again and again.
    """
    parsed = _Head()
    parser = httptools.HttpRequestParser(parsed)
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass  # an offer to change the protocol may be ignored (RFC 9110, 7.8)
    except httptools.HttpParserError as error:
        raise _refusal(head, error) from error
    version = parser.get_http_version()
    if version not in ("1.0", "1.1"):
        raise Refusal(505, f"This server speaks HTTP/1.0 and HTTP/1.1, not HTTP/{version}.")
    lengths, encodings = parsed.all(b"content-length"), parsed.all(b"transfer-encoding")
    if len(lengths) > 1 or (lengths and encodings):
        raise Refusal(400, "The length of the body is said twice.")
    if lengths and not (lengths[0].isdigit() and len(lengths[0]) < 20):
        raise Refusal(400, "Content-Length is not a number.")
    if encodings and (version == "1.0" or [e.strip().lower() for e in encodings] != [b"chunked"]):
        raise Refusal(400, "The only Transfer-Encoding understood is chunked, in HTTP/1.1.")
    hosts = parsed.all(b"host")
    if len(hosts) > 1 or (not hosts and version == "1.1") or not all(map(_HOST.fullmatch, hosts)):
        raise Refusal(400, "A request of HTTP/1.1 names its host, once.")
    options = {word.strip().lower() for line in parsed.all(b"connection") for word in line.split(b",")}
    return Request(
        head=head,
        method=parser.get_method().decode("ascii"),
        target=parsed.target,
        conditions={name: value for name, value in parsed.headers if name in CONDITIONAL},
        persistent=b"close" not in options and not encodings and (version == "1.1" or b"keep-alive" in options),
        headers=len(parsed.headers),
        body_length=int(lengths[0]) if lengths else 0,
        chunked=bool(encodings),
        awaits_continue=version == "1.1" and any(v.lower() == b"100-continue" for v in parsed.all(b"expect")),
    )


def _refusal(head: bytes, error: httptools.HttpParserError) -> Refusal:
    """How to answer a head, or the beginning of one, that httptools could not parse."""
    if _OTHER_VERSION.match(head):
        return Refusal(505, "This server speaks HTTP/1.0 and HTTP/1.1 only.")
    return Refusal(
        400, f"This request can't be read: {error}.", http=not isinstance(error, httptools.HttpParserInvalidMethodError)
    )
