"""One client's bytes, cut into requests.

Owns HTTP's framing: where a head ends, which body follows, what is refused. Knows no socket and no file. Bytes
go into `next_request` and requests come out of it; httptools parses the heads. What may be read in two ways is refused
(RFC 9112), and how the bytes were cut on their way never matters.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import httptools

from engine.web.chunks import Chunks
from engine.web.conditions import CONDITIONAL
from engine.web.limits import Limits
from engine.web.refusal import Refusal

_EMPTY_LINES = re.compile(rb"(?:\r\n)*")
_REQUEST_LINE = re.compile(rb"[^ ]+ [^ ]+ HTTP/\d\.\d")
_OTHER_VERSION = re.compile(rb"[^\r\n]* HTTP/(?!1\.[01])\d\.\d")
_HOST = rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::\d*)?"
_IS_HOST = re.compile(_HOST)
_ABSOLUTE_TARGET = re.compile(rb"https?://(?=[^/?:])" + _HOST + rb"(?=[/?]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its head parsed."""

    head: bytes
    """As it came, the empty line at its end included."""
    method: str
    target: bytes
    """The path and query; `*` and the name of a host, which some methods may ask for, are as they came."""
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
        "_body_left", "_chunks", "_continue_due", "_limits", "_newest", "_pending", "_probe", "_probed", "unread",
    )  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.unread = b""
        """What belongs to no request taken so far."""
        self._probe: httptools.HttpRequestParser | None = None  # reads an incomplete head, to refuse it early
        self._probed = 0
        self._newest: Request | None = None  # the last one that had no body
        self._pending: Request | None = None  # its body is still coming
        self._body_left = 0
        self._chunks: Chunks | None = None
        self._continue_due = False

    @property
    def wants_no_body(self) -> bool:
        """Whether the request that has not come whole, or is refused, asks for the head of a reply only."""
        return self._pending.method == "HEAD" if self._pending else self.unread.startswith(b"HEAD ")

    def take_continue(self) -> bool:
        """Whether the client is to be told, once, to go on with the body that it holds back."""
        due, self._continue_due = self._continue_due, False
        return due

    def next_request(self, data: bytes = b"") -> Request | None:
        """Take `data` that came from the client, and give the next request that is whole, its body read and dropped.

        None while it is incomplete. Raises `Refusal`.
        """
        if not self.unread:
            newest = self._newest
            if newest is not None and data == newest.head and self._pending is None:
                return newest  # most clients ask for the same again
            self.unread = data
        elif data:
            self.unread += data
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
        unread = self.unread
        if unread.startswith((b"\r", b"\n")):  # some clients send an empty line after a body (RFC 9112, 2.2)
            unread = self.unread = unread[len(_EMPTY_LINES.match(unread)[0]) :]  # type: ignore[index]
            if unread.startswith(b"\n") or (unread.startswith(b"\r") and len(unread) > 1):
                raise Refusal(400, "A line ends with CR and LF, not with one of them.", http=False)
        end = unread.find(b"\r\n\r\n") + 4
        limits = self._limits
        if end < 4 or end > limits.max_head:
            if unread and unread != b"\r":
                self._check_incomplete(unread)
            return None
        request = parse_head(unread[:end])
        if request.headers > limits.max_headers:
            raise Refusal(431, f"A request may have {limits.max_headers} headers, this one has {request.headers}.")
        self.unread = unread[end:]
        self._probe = None
        return request

    def _check_incomplete(self, unread: bytes) -> None:
        """Raise `Refusal` if this will be no head, or is too long for one."""
        most = self._limits.max_head
        if self._probe is None:
            self._probe, self._probed = httptools.HttpRequestParser(object()), 0
        news, self._probed = unread[self._probed : most], len(unread)
        try:
            self._probe.feed_data(news)
        except httptools.HttpParserError as error:
            raise _refusal(unread, error) from error
        _check_request_line(unread)
        if len(unread) > most:
            raise Refusal(431, f"The head of a request may have {most} bytes, this one has more.")

    def _expect_body(self, request: Request) -> None:
        self._pending = request
        most = self._limits.max_body
        if request.body_length > most:
            raise Refusal(413, f"A body may have {most} bytes, this one has {request.body_length}.")
        self._body_left = request.body_length
        self._chunks = Chunks(self._limits) if request.chunked else None
        self._continue_due = request.awaits_continue and not self.unread

    def _drop_body(self) -> bool:
        """Whether the body has all come; what has come is dropped."""
        if self._chunks is not None:
            self.unread = self._chunks.drop(self.unread)
            return self._chunks.complete
        dropped = min(self._body_left, len(self.unread))
        self.unread = self.unread[dropped:]
        self._body_left -= dropped
        return self._body_left == 0


class _Head:
    """What httptools calls while it parses one head."""

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))

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
    _check_request_line(head)
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
    if len(hosts) > 1 or (not hosts and version == "1.1") or not all(map(_IS_HOST.fullmatch, hosts)):
        raise Refusal(400, "A request of HTTP/1.1 names its host, once.")
    method = parser.get_method().decode("ascii")
    options = {word.strip().lower() for line in parsed.all(b"connection") for word in line.split(b",")}
    return Request(
        head=head,
        method=method,
        target=_own_target(method, parsed.target),
        conditions={name: b", ".join(parsed.all(name)) for name, _ in parsed.headers if name in CONDITIONAL},
        persistent=b"close" not in options and (version == "1.1" or b"keep-alive" in options),
        headers=len(parsed.headers),
        body_length=int(lengths[0]) if lengths else 0,
        chunked=bool(encodings),
        awaits_continue=version == "1.1" and any(v.lower() == b"100-continue" for v in parsed.all(b"expect")),
    )


def _own_target(method: str, target: bytes) -> bytes:
    """The path and query of `target`, which may name this server before them. Raises `Refusal`."""
    if (method == "OPTIONS" and target == b"*") or method == "CONNECT":
        return target
    if not target.startswith(b"/"):
        named = _ABSOLUTE_TARGET.match(target)
        if named is None:
            raise Refusal(400, "This is neither a path nor the address of a page.")
        target = target[named.end() :]
        target = target if target.startswith(b"/") else b"/" + target
    if b"#" in target:
        raise Refusal(400, "A fragment is the client's own and not asked for.")
    return target


def _check_request_line(head: bytes) -> None:
    """Raise `Refusal` if the first line, as far as it is whole, is not that of a request of HTTP/1."""
    line, ended, _ = head.partition(b"\r\n")
    if ended and not _REQUEST_LINE.fullmatch(line):
        raise Refusal(400, "The first line of a request is a method, a target and HTTP/1.1, with a space between them.")


def _refusal(head: bytes, error: httptools.HttpParserError) -> Refusal:
    """How to answer a head, or the beginning of one, that httptools could not parse."""
    if _OTHER_VERSION.match(head):
        return Refusal(505, "This server speaks HTTP/1.0 and HTTP/1.1 only.")
    return Refusal(
        400, f"This request can't be read: {error}.", http=not isinstance(error, httptools.HttpParserInvalidMethodError)
    )
