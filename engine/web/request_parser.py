"""One client's bytes, cut into requests.

Owns HTTP's framing: where a head ends, which body follows, what is an error. Knows no socket and no application.
Bytes are added to `unread`, and `next_request` takes requests from it. The first line is read here, httptools parses
the headers. What may be read in two ways is an error (RFC 9112), and how the bytes were cut on their way never matters.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from http import HTTPMethod

import httptools

from engine.web.body import Body
from engine.web.chunks import Chunks
from engine.web.conditions import CONDITIONAL
from engine.web.errors import HTTPError
from engine.web.limits import Limits
from engine.web.request import Request, decoded_path

_EMPTY_LINES = re.compile(rb"(?:\r\n)*")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ \r]+) HTTP/(\d\.\d)")
_STANDARD = frozenset(method.encode() for method in HTTPMethod)
_HOST = rb"(?P<host>\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::\d*)?"
_IS_HOST = re.compile(_HOST)
_ABSOLUTE_TARGET = re.compile(rb"https?://(?=[^/?:])" + _HOST + rb"(?=[/?]|$)", re.IGNORECASE)
_LINE_ENDS = (
    "A line ends with CR and LF, not with one of them: write \\r\\n instead of \\n, or let `nc -C` send both for each"
    " Enter."
)
_FIRST_LINE = "The first line of a request is a method, a target and HTTP/1.1, with a space between them."
_IS_TLS = "This server speaks HTTP, and this is TLS: ask with http:// instead of https://."


class RequestParser:
    """The requests of one client, one after the other."""

    __slots__ = (
        "_body", "_body_left", "_chunks", "_continue_due", "_limits", "_newest", "_pending", "_probe", "_probed",
        "new_body", "unread",
    )  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.unread = b""
        """What has come and belongs to no request taken so far: what comes is added to it."""
        self.new_body: Callable[[], Body] | None = None
        """Makes a body that is read while it comes, so that a request is given when its head is whole; None: when all
        of it is."""
        self._probe: httptools.HttpRequestParser | None = None  # reads an incomplete head, to find errors early
        self._probed = 0
        self._newest: Request | None = None  # the last one that had no body
        self._pending: Request | None = None  # its body is still coming
        self._body: Body | None = None
        self._body_left = 0
        self._chunks: Chunks | None = None
        self._continue_due = False

    @property
    def wants_no_body(self) -> bool:
        """Whether the request that has not come whole, or is an error, asks for the head of a reply only."""
        return self._pending.method == "HEAD" if self._pending else self.unread.startswith(b"HEAD ")

    @property
    def looks_like_http(self) -> bool:
        """Whether what has come so far begins as requests usually do; methods are in capitals."""
        return self._pending is not None or self.unread in (b"", b"\r") or self.unread[:1].isupper()

    @property
    def awaits_body(self) -> bool:
        """Whether a request was given whose body has not all come."""
        return self._pending is not None and self.new_body is not None

    @property
    def body_length(self) -> int:
        """Bytes that have come of a body that has not all come; 0: none is coming."""
        return self._body.length if self._body else 0

    @property
    def body_left(self) -> int:
        """Bytes of it that will come at least."""
        return self._body_left

    @property
    def continue_is_due(self) -> bool:
        """Whether the client holds its body back until it is sent `100 Continue`."""
        return self._continue_due

    def take_continue(self) -> bool:
        """Whether `100 Continue` is to be sent, once, for a body that the client holds back."""
        due, self._continue_due = self._continue_due, False
        return due

    def next_request(self) -> Request | None:
        """The next request that is whole, its body read; None while there is none. Raises `HTTPError`, OSError."""
        request = self._pending
        if request is None:
            newest = self._newest
            if newest is not None and self.unread == newest.head:
                self.unread = b""
                self._probe = None
                return newest  # most clients ask for the same again
            request = self._take_head()
            if request is None:
                return None
            if not request.has_body:
                self._newest = request
                return request
            request = self._expect_body(request)
            if self.new_body:
                self.receive_body()
                return request
        return request if self.receive_body() else None

    def close(self) -> None:
        """Give back what is held of a body that has not come whole."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _take_head(self) -> Request | None:
        unread = self.unread
        if unread.startswith((b"\r", b"\n")):  # some clients send an empty line after a body (RFC 9112, 2.2)
            unread = self.unread = unread[len(_EMPTY_LINES.match(unread)[0]) :]  # type: ignore[index]
            if unread.startswith(b"\n") or (unread.startswith(b"\r") and len(unread) > 1):
                raise HTTPError(400, _LINE_ENDS, http=False)
        end = unread.find(b"\r\n\r\n") + 4
        limits = self._limits
        if end < 4 or end > limits.max_head:
            if unread and unread != b"\r":
                self._check_incomplete(unread)
            return None
        request = parse_head(unread[:end])
        count = request.head.count(b"\r\n") - 2
        if count > limits.max_headers:
            raise HTTPError(431, f"A request may have {limits.max_headers} headers, this one has {count}.")
        self.unread = unread[end:]
        self._probe = None
        return request

    def _check_incomplete(self, unread: bytes) -> None:
        """Raise `HTTPError` if this will be no head, or is too long for one."""
        most = self._limits.max_head
        method = _method_of(unread)
        if method:
            if self._probe is None:
                self._probe, self._probed = httptools.HttpRequestParser(object()), len(method)
                self._probe.feed_data(_stand_in(method))
            news, self._probed = unread[self._probed : most], len(unread)
            try:
                self._probe.feed_data(news)
            except httptools.HttpParserError as error:
                raise _unreadable(error) from error
        if len(unread) > most:
            raise HTTPError(431, f"The head of a request may have {most} bytes, this one has more.")

    def _expect_body(self, request: Request) -> Request:
        """The `request` with the body that will come."""
        self._pending = request
        most = self._limits.max_body
        if request.body_length > most:
            raise HTTPError(413, f"A body may have {most} bytes, this one has {request.body_length}.")
        self._body = body = self.new_body() if self.new_body else Body()
        self._body_left = request.body_length
        self._chunks = Chunks(self._limits, body.append) if request.chunked else None
        self._continue_due = request.awaits_continue and not self.unread
        self._pending = request = request.with_body(body)
        return request

    def receive_body(self) -> bool:
        """Move what is `unread` of the body to it; whether all of it has come. Raises `HTTPError`, OSError."""
        body = self._body
        assert body is not None
        if self._chunks is not None:
            self.unread = self._chunks.receive(self.unread)
            if not self._chunks.complete:
                return False
        else:
            count = min(self._body_left, len(self.unread))
            body.append(self.unread[:count])
            self.unread = self.unread[count:]
            self._body_left -= count
            if self._body_left:
                return False
        body.complete()
        self._pending = self._body = self._chunks = None
        return True


class _Head:
    """What httptools calls while it parses one head."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value.strip(b" \t")))

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]


@lru_cache(maxsize=512)
def parse_head(head: bytes) -> Request:
    """The request in `head`, which ends with the empty line. Raises `HTTPError`.

    Remembered, because most clients send the same head again and again.
    """
    method = _method_of(head)
    line = _REQUEST_LINE.match(head)
    assert line is not None
    parsed = _Head()
    parser = httptools.HttpRequestParser(parsed)
    try:
        parser.feed_data(_stand_in(method) + head[len(method) :])
    except httptools.HttpParserUpgrade:
        pass  # an offer to change the protocol may be ignored (RFC 9110, 7.8)
    except httptools.HttpParserError as error:
        raise _unreadable(error) from error
    version = line[3].decode()
    length, chunked = _framing(parsed, version)
    hosts = parsed.all(b"host")
    if len(hosts) > 1 or (not hosts and version == "1.1") or not all(map(_IS_HOST.fullmatch, hosts)):
        raise HTTPError(400, "A request of HTTP/1.1 names its host, once.")
    options = {word.strip().lower() for line in parsed.all(b"connection") for word in line.split(b",")}
    authority, target = _split_target(method, line[2])
    headers: dict[str, str] = {}
    for each, value in parsed.headers:
        name, text = each.decode("latin-1"), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return Request(
        head=head,
        method=method.decode(),
        target=target,
        path=decoded_path(target),
        query=target.partition(b"?")[2].decode("latin-1"),
        host=_name_in(authority or b"".join(hosts)),
        headers=headers,
        version=version,
        persistent=b"close" not in options and (version == "1.1" or b"keep-alive" in options),
        is_conditional=not CONDITIONAL.isdisjoint(headers),
        body_length=length,
        chunked=chunked,
        awaits_continue=version == "1.1" and any(v.lower() == b"100-continue" for v in parsed.all(b"expect")),
    )


def _framing(parsed: _Head, version: str) -> tuple[int, bool]:
    """The length of the body, and whether it comes in chunks. Raises `HTTPError`."""
    lengths, encodings = parsed.all(b"content-length"), parsed.all(b"transfer-encoding")
    if len(lengths) > 1 or (lengths and encodings):
        raise HTTPError(400, "The length of the body is said twice.")
    if lengths and not (lengths[0].isdigit() and len(lengths[0]) < 20):
        raise HTTPError(400, "Content-Length is not a number.")
    if not encodings:
        return int(lengths[0]) if lengths else 0, False
    codings = [coding.strip(b" \t").lower() for coding in b",".join(encodings).split(b",")]
    is_chunked = codings.index(b"chunked") == len(codings) - 1 if b"chunked" in codings else False
    if version == "1.0" or not is_chunked or not all(map(_TOKEN.fullmatch, codings)):
        raise HTTPError(400, "A Transfer-Encoding ends with chunked, once, and is for HTTP/1.1.")
    if len(codings) > 1:
        raise HTTPError(501, "The only Transfer-Encoding that this server understands is chunked.")
    return 0, True


def _split_target(method: bytes, target: bytes) -> tuple[bytes, bytes]:
    """What `target` calls this server, if it does, and its path and query. Raises `HTTPError`."""
    authority = b""
    if (method == b"OPTIONS" and target == b"*") or method == b"CONNECT":
        return authority, target
    if not target.startswith(b"/"):
        named = _ABSOLUTE_TARGET.match(target)
        if named is None:
            raise HTTPError(400, "This is neither a path nor the address of a page.")
        authority, target = named[0].partition(b"//")[2], target[named.end() :]
        target = target if target.startswith(b"/") else b"/" + target
    if b"#" in target:
        raise HTTPError(400, "A fragment is the client's own and not asked for.")
    return authority, target


def _name_in(authority: bytes) -> str:
    """The host in `authority`, in the form in which names are compared."""
    named = _IS_HOST.fullmatch(authority)
    assert named is not None
    return named["host"].decode("latin-1").lower().rstrip(".")


def _method_of(head: bytes) -> bytes:
    """The method in the first line of `head`; empty while that line is not whole. Raises `HTTPError`.

    Any token is a method: what it means, and whether anything is known of it, is the application's business.
    """
    line, ended, _ = head.partition(b"\n")
    if not ended:
        method, _, rest = line.partition(b" ")
        if not _TOKEN.fullmatch(method) or b"\r" in rest[:-1]:
            _reject_tls(line)
            raise HTTPError(400, _FIRST_LINE, http=_is_http(line))
        return b""
    match = _REQUEST_LINE.fullmatch(line.removesuffix(b"\r"))
    if match is None:
        _reject_tls(line)
        raise HTTPError(400, _FIRST_LINE, http=_is_http(line))
    if match[3] not in (b"1.0", b"1.1"):
        raise HTTPError(505, f"This server speaks HTTP/1.0 and HTTP/1.1, not HTTP/{match[3].decode()}.")
    if not line.endswith(b"\r"):
        raise HTTPError(400, _LINE_ENDS)
    return match[1]


def _reject_tls(line: bytes) -> None:
    """Raise `HTTPError` if `line` begins as TLS does: with the version of a handshake, or the first byte of it."""
    if line.startswith(b"\x16\x03") or line == b"\x16":
        raise HTTPError(400, _IS_TLS, http=False, note=b"(TLS)")


def _is_http(line: bytes) -> bool:
    """Whether a wrong first line is at least meant to be a request."""
    return line.partition(b" ")[0].rstrip(b"\r") in _STANDARD


def _stand_in(method: bytes) -> bytes:
    """A method for httptools, which accepts some only, instead of `method`: one with the same kind of target."""
    return method if method == b"CONNECT" else b"GET"


def _unreadable(error: httptools.HttpParserError) -> HTTPError:
    return HTTPError(400, f"This request can't be read: {error}.")
