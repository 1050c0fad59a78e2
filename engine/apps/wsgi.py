"""A WSGI application, served like any other (PEP 3333).

Owns the environ, `start_response`, and what becomes of the iterable that the application returns: its first piece is
taken before the head of the reply is made, each other one when the piece before it is sent. `wsgi.input` reads what has
come of a request's body, and waits for the rest where there is more to come. Knows no connection.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper, is_hop_by_hop

from engine.web.body import Body, IncomingBody
from engine.web.pieces import close_body
from engine.web.request import Request
from engine.web.request_parser import parse_head
from engine.web.response import SERVER, Response

Client = tuple[str, int]
"""The address of a client: host and port."""

_STATUS = re.compile(r"(\d{3})(?: (.*))?", re.DOTALL)
_SET_BY_SERVER = ("date", "server")
"""Headers of which the server's own are sent."""
_WITHOUT_BODY = (204, 304)
_WITHOUT_PREFIX = ("CONTENT_TYPE", "CONTENT_LENGTH")


class Gateway:
    """Calls a WSGI application for requests."""

    def __init__(
        self,
        application: Callable[..., Any],
        server: Client,
        *,
        multithread: bool,
        multiprocess: bool,
        report_text: Callable[[str], object],
    ) -> None:
        """`report_text` is called where the application gives text or bare bytes, with what it gives in words."""
        self._application = application
        self._report_text = report_text
        self._environ = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": server[0],
            "SERVER_PORT": str(server[1]),
            "SERVER_SOFTWARE": SERVER,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": multithread,
            "wsgi.multiprocess": multiprocess,
            "wsgi.run_once": False,
            "wsgi.file_wrapper": FileWrapper,
            "wsgi.input_terminated": True,
        }

    def respond(self, client: Client, request: Request) -> Response:
        """What the application answers to `request` of `client`. Raises whatever the application raises."""
        reply = _Reply()
        result = _called(self._application, environ(self._environ, client, request), reply.start_response)
        try:
            return self._response(request, reply, result)
        except BaseException:
            close_body(result)
            raise

    def _response(self, request: Request, reply: "_Reply", result: Any) -> Response:
        if isinstance(result, str | bytes):  # as an iterable it would be its characters
            if isinstance(result, bytes):
                self._report_text("bytes that are in no list")
            result = [result]
        pieces: Iterator[bytes] = map(self._as_bytes, result)
        if isinstance(result, list | tuple):
            body = reply.written() + b"".join(pieces)
            has_text = any(isinstance(piece, str) for piece in result)
            response = reply.whole(request, body, trusts_length=not has_text)
            close_body(result)
            return response
        first = reply.written() or _called(next, filter(None, pieces), b"")
        if not first:
            response = reply.whole(request, b"")
            close_body(result)
            return response
        return reply.begun(_Rest(first, pieces, result))

    def _as_bytes(self, piece: Any) -> bytes:
        if isinstance(piece, str):
            self._report_text("text")
            return piece.encode()
        if not isinstance(piece, bytes):
            raise TypeError(f"A WSGI application gives bytes, not {type(piece).__name__}")
        return piece


def environ(server: Mapping[str, Any], client: Client, request: Request) -> dict[str, Any]:
    """What a WSGI application is given for `request`, besides what is the same for each request of the `server`."""
    found = {
        **server,
        **_of_head(request.head),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.input": Input(request.body),
    }
    if request.chunked and not isinstance(request.body, IncomingBody):  # the chunks are joined now
        found["CONTENT_LENGTH"] = str(request.body.length)
    return found


@lru_cache(maxsize=512)
def _of_head(head: bytes) -> dict[str, str]:
    """What the head of a request says. Remembered, because most clients send the same head again and again."""
    request = parse_head(head)
    path, _, query = request.target.partition(b"?")
    found = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if path.startswith(b"/") else "",
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": request.target.decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
    }
    for name, value in request.headers.items():
        if "_" not in name and name != "transfer-encoding":  # or else two headers would have one name here
            key = name.upper().replace("-", "_")
            found[key if key in _WITHOUT_PREFIX else f"HTTP_{key}"] = value
    return found


class Input:
    """`wsgi.input`: the body of a request as a file to read."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def read(self, size: int | None = -1) -> bytes:
        """The next `size` bytes; all that are left if it is negative or None."""
        return self._body.read(-1 if size is None else size)

    def readline(self, size: int | None = -1) -> bytes:
        """The next line, or `size` bytes of it."""
        return self._body.readline(-1 if size is None else size)

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """The next lines; once they have `hint` bytes, no more."""
        lines, left = [], hint if hint and hint > 0 else sys.maxsize
        while left > 0 and (line := self.readline()):
            lines.append(line)
            left -= len(line)
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


class _Reply:
    """What the application says of its reply until the head is made."""

    def __init__(self) -> None:
        self._status: tuple[int, str] | None = None
        self._headers: list[tuple[str, str]] = []
        self._written: list[bytes] = []
        self._is_made = False

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., None]:
        """As PEP 3333 has it: a second time only with `exc_info`, which is raised if the reply has begun."""
        if exc_info:
            try:
                if self._is_made:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # or else it would refer to this frame, and this frame to it
        elif self._status is not None:
            raise RuntimeError("start_response was called twice, and the second time without exc_info")
        found = _STATUS.fullmatch(status)
        if found is None:
            raise ValueError(f"This is no status, as '200 OK' is: {status!r}")
        self._status = int(found[1]), found[2] or ""
        self._headers = sendable_headers(headers)
        return self.write

    def write(self, data: bytes) -> None:
        """Send `data` before what the application returns; it is kept until then."""
        if self._is_made:
            raise RuntimeError("write was called after the first piece of the body was given")
        self._written.append(data)

    def written(self) -> bytes:
        """All that was given to `write`."""
        return b"".join(self._written)

    def whole(self, request: Request, body: bytes, *, trusts_length: bool = True) -> Response:
        """The response with all of its body; `trusts_length`: whether the application can have counted its bytes."""
        status, headers, reason = self._head()
        return whole_response(request, status, headers if trusts_length else _without_length(headers), body, reason)

    def begun(self, body: Iterable[bytes]) -> Response:
        """The response whose body is still being made."""
        status, headers, reason = self._head()
        if status in _WITHOUT_BODY:
            close_body(body)
            return Response(status, _without_length(headers), b"", reason)
        return Response(status, headers, body, reason)

    def _head(self) -> tuple[int, list[tuple[str, str]], str]:
        if self._status is None:
            raise RuntimeError("The application has given a body before it has called start_response")
        self._is_made = True
        return self._status[0], self._headers, self._status[1]


class _Rest:
    """A body that is made while it is sent; closing it closes what the application returned."""

    def __init__(self, first: bytes, pieces: Iterator[bytes], result: Any) -> None:
        self._pieces = chain((first,), pieces)
        self._result = result

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece: bytes = _called(next, self._pieces)
        return piece

    def close(self) -> None:
        """Close what the application returned, if it can be closed."""
        result, self._result = self._result, None
        close_body(result)


def sendable_headers(headers: Iterable[tuple[str, str]], dropped: Collection[str] = ()) -> list[tuple[str, str]]:
    """The headers of an application that are sent; those in `dropped` are not. Raises `ValueError` for the server's."""
    kept = []
    for name, value in headers:
        lower = name.lower()
        if lower in _SET_BY_SERVER or lower in dropped:
            continue
        if is_hop_by_hop(name):
            raise ValueError(f"The header {name} is for the server to set, not for an application")
        kept.append((name, value))
    return kept


def whole_response(
    request: Request, status: int, headers: list[tuple[str, str]], body: bytes, reason: str = ""
) -> Response:
    """The response to `request` with all of its body."""
    if status in _WITHOUT_BODY:
        return Response(status, _without_length(headers), b"", reason)
    if request.method == "HEAD" and not body:
        return Response(status, headers, (), reason)  # of the length that the headers say
    return Response(status, headers, body, reason)


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function`, which is the application's; what would end a worker is an error like any other."""
    try:
        return function(*arguments)
    except Exception:
        raise
    except BaseException as error:
        raise RuntimeError(f"The application raised {type(error).__name__}, which ends no server") from error


def _without_length(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [each for each in headers if each[0].lower() != "content-length"]
