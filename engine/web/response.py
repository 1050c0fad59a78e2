"""The answer to a request: status, headers, and a body of bytes, of a part of a file, or of what an iterable gives.

Owns the head of a reply, and what an application may put into it. Knows no connection: the same response may go to
everybody who asks for the same, as long as its body is bytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Protocol, runtime_checkable

from engine.telemetry.spent import UNKNOWN
from engine.web.request import Request

SERVER = "ServeScope/0.1"

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_OWN = frozenset(("connection", "date", "keep-alive", "server", "transfer-encoding", "upgrade"))
"""Headers that the connection sets, or that would change how it goes on."""
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class BodyLost(Exception):
    """The rest of a body is not to be had any more, through nobody's fault: the reply breaks off."""


@runtime_checkable
class SizedBody(Protocol):
    """An iterable of bytes that knows how many it gives: a part of a file, the body of a request."""

    length: int

    def __iter__(self) -> Iterator[bytes]:
        """The bytes in pieces. May raise `BodyLost`."""

    def close(self) -> None:
        """Give back what it holds."""


class Response:
    """An answer without what differs from reply to reply: date, worker, timing.

    `body` is bytes or an iterable of bytes, which is closed by its `close`, if it has one, whatever becomes of it.
    Raises TypeError and ValueError for what can't be sent.
    """

    __slots__ = ("_lines", "body", "closing", "fresh_until", "kept", "length", "spent", "status")

    def __init__(
        self,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | Iterable[bytes] = b"",
        reason: str = "",
    ) -> None:
        """`reason`: what stands behind the status; empty: as is usual."""
        self.status = int(status)
        self.body = body if isinstance(body, bytes) else _checked_body(body)
        fields, given = _checked_headers(headers)
        if self.status in _WITHOUT_BODY and self.body != b"":
            raise ValueError(f"A response with the status {self.status} has no body")
        self.length = _length(self.body, given)
        """Bytes of the body; None if nobody knows."""
        self._lines = [_status_line(self.status, reason), f"Server: {SERVER}", *fields]
        self.kept = self.head("keep-alive")
        """The head with which the connection stays open; without the empty line that ends it."""
        self.closing = self.head("close")
        """The same with which it ends."""
        self.fresh_until = 0.0
        """Until then, on the monotonic clock, the same request gets this again and the application is not asked.

        For a body of bytes only.
        """
        self.spent = UNKNOWN
        """What the application did until it was made."""

    def head(self, connection: str, *, chunked: bool = True) -> bytes:
        """The head with this Connection header; `chunked`: whether a body of unknown length comes in chunks."""
        lines = list(self._lines)
        if self.length is None:
            lines += ["Transfer-Encoding: chunked"] if chunked else []
        elif self.status not in _WITHOUT_BODY:
            lines.append(f"Content-Length: {self.length}")
        return "\r\n".join([*lines, f"Connection: {connection}\r\n"]).encode("latin-1")

    def header(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        return next(
            (line.partition(": ")[2] for line in self._lines if line.lower().startswith(name.lower() + ":")), ""
        )


Application = Callable[[Request], Response]
"""What answers requests. Whatever it raises becomes a 500 for that client."""


def text_response(status: HTTPStatus, text: str, *headers: tuple[str, str]) -> Response:
    """A short readable answer."""
    body = f"{status.value} {status.phrase}\n{text}\n".encode()
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), body)


def _status_line(status: int, reason: str) -> str:
    if not 200 <= status <= 999:
        raise ValueError(f"{status} is no status of a response")
    if not _VALUE.fullmatch(reason):
        raise ValueError(f"This is no reason of a status: {reason!r}")
    if reason:
        return f"HTTP/1.1 {status} {reason}"
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP/1.1 {status} "


def _checked_body(body: object) -> bytes | Iterable[bytes]:
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    if isinstance(body, str) or not isinstance(body, Iterable):
        raise TypeError(f"A body is bytes or an iterable of bytes, not {type(body).__name__}")
    return body


def _checked_headers(headers: Iterable[tuple[str, str]]) -> tuple[list[str], int | None]:
    """The lines of `headers`, and the length that they say."""
    lines, length = [], None
    for name, value in headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"This is no header: {name}: {value!r}")
        if name.lower() in _OWN:
            raise ValueError(f"The header {name} is set by the server itself")
        if name.lower() == "content-length":
            length = int(value)
        else:
            lines.append(f"{name}: {value}")
    return lines, length


def _length(body: bytes | Iterable[bytes], given: int | None) -> int | None:
    if isinstance(body, bytes):
        length: int | None = len(body)
    else:
        length = body.length if isinstance(body, SizedBody) else given
    if given not in (None, length):
        raise ValueError(f"The body has {length} bytes, and its Content-Length says {given}")
    return length
