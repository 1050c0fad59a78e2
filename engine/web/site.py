"""The site: a target becomes a response.

Owns what is served: the files under one root folder, and the readable answers to what can't be served. Never a path
outside the root. Knows no socket and no client; the same response goes to everybody who asks for the same.
"""

import mimetypes
import os
import posixpath
import threading
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from urllib.parse import quote, unquote_to_bytes, urlsplit

SERVER = "ServeScope/0.1"
CACHED_FILE = 1024 * 1024
"""Files up to so many bytes are kept in memory, larger ones are read piece by piece."""
CACHED_TOTAL = 64 * 1024 * 1024
CACHED_TARGETS = 1024
FRESH = 0.2
"""Seconds for which a file is not looked at again."""

_METHODS = ("GET", "HEAD")
_TYPES = mimetypes.MimeTypes(filenames=())  # the machine's own table would make the same site differ
_TYPES.add_type("text/javascript", ".js")
_TYPES.add_type("image/svg+xml", ".svg")
_TYPES.add_type("image/webp", ".webp")
_TYPES.add_type("font/woff2", ".woff2")
_TEXTS = ("text/", "application/json", "image/svg+xml", "application/xml")


@dataclass(frozen=True, slots=True)
class FilePart:
    """A stretch of a file that is too large to be kept in memory."""

    path: str
    length: int


@dataclass(frozen=True, slots=True)
class Response:
    """An answer without what differs from reply to reply: `Date`, `Served-By`, `Connection`."""

    status: int
    head: bytes
    """Status line and headers, without the empty line that ends them."""
    body: bytes | FilePart


@dataclass(slots=True)
class _Cached:
    response: Response
    signature: tuple[int, ...]
    path: str
    checked: float


class Site:
    """The files under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)
        self._cache: dict[bytes, _Cached] = {}
        self._cached_bytes = 0
        self._cache_lock = threading.Lock()

    def respond(self, method: str, target: bytes) -> Response:
        """The response to `method` on `target`, as both came in the request."""
        if method not in _METHODS:
            allowed = ", ".join(_METHODS)
            return message(HTTPStatus.METHOD_NOT_ALLOWED, f"This server answers {allowed} only.", f"Allow: {allowed}")
        cached = self._cache.get(target)
        if cached is not None and self._is_fresh(cached):
            return cached.response
        return self._look_up(target)

    def _is_fresh(self, cached: _Cached) -> bool:
        now = monotonic()
        if now - cached.checked > FRESH:
            try:
                if _signature(os.stat(cached.path)) != cached.signature:
                    return False
            except OSError:
                return False
            cached.checked = now
        return True

    def _look_up(self, target: bytes) -> Response:
        names = _decoded_path(target)
        if names is None:
            return message(HTTPStatus.BAD_REQUEST, "The path in this request can't be read.")
        path = os.path.realpath(os.path.join(self.root, *names))
        if os.path.commonpath((self.root, path)) != self.root:  # also where a link leads out
            return not_found()
        if os.path.isdir(path):
            if names and names[-1]:
                location = quote("/" + "/".join(names) + "/")
                return message(HTTPStatus.MOVED_PERMANENTLY, f"This folder is at {location}", f"Location: {location}")
            path = os.path.realpath(os.path.join(path, "index.html"))
            if os.path.commonpath((self.root, path)) != self.root:
                return not_found()
        elif names and not names[-1]:  # `/page.html/` is no file
            return not_found()
        return self._file(target, path)

    def _file(self, target: bytes, path: str) -> Response:
        try:
            with open(path, "rb", opener=_open_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not os.path.isfile(path):
                    return not_found()
                body = file.read() if status.st_size <= CACHED_FILE else FilePart(path, status.st_size)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return not_found()
        except OSError as error:
            return message(HTTPStatus.INTERNAL_SERVER_ERROR, f"This file can't be read: {error.strerror or error}.")
        length = len(body) if isinstance(body, bytes) else body.length
        response = Response(HTTPStatus.OK, _head(HTTPStatus.OK, f"Content-Type: {content_type(path)}", length), body)
        self._remember(target, _Cached(response, _signature(status), path, monotonic()))
        return response

    def _remember(self, target: bytes, cached: _Cached) -> None:
        with self._cache_lock:
            self._forget(target)
            self._cached_bytes += _size(cached.response)
            self._cache[target] = cached
            while len(self._cache) > CACHED_TARGETS or self._cached_bytes > CACHED_TOTAL:
                self._forget(next(iter(self._cache)))

    def _forget(self, target: bytes) -> None:
        gone = self._cache.pop(target, None)
        if gone is not None:
            self._cached_bytes -= _size(gone.response)


def message(status: HTTPStatus, text: str, *headers: str) -> Response:
    """A short readable answer that is no file; `headers` are whole lines."""
    body = f"{status.value} {status.phrase}\n{text}\n".encode()
    lines = ("Content-Type: text/plain; charset=utf-8", *headers)
    return Response(status, _head(status, "\r\n".join(lines), len(body)), body)


def not_found() -> Response:
    """The answer where there is nothing to serve, in two languages."""
    return message(HTTPStatus.NOT_FOUND, "There is nothing here. 没有相关资源")


def content_type(path: str) -> str:
    """The media type by the file's ending, with its charset where it is text."""
    kind, encoding = _TYPES.guess_type(path)
    if kind is None or encoding is not None:
        return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXTS) else kind


def _head(status: HTTPStatus, headers: str, length: int) -> bytes:
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nServer: {SERVER}\r\n{headers}\r\nContent-Length: {length}\r\n"
    ).encode()


def _decoded_path(target: bytes) -> list[str] | None:
    """The names along the path of `target`, `..` resolved; None if they can't be names of files."""
    try:
        if not target.startswith(b"/"):
            target = urlsplit(target).path or b"/"
        path = unquote_to_bytes(target.partition(b"?")[0].partition(b"#")[0]).decode()
    except ValueError:
        return None
    if not path.startswith("/") or "\0" in path or (os.sep != "/" and (os.sep in path or ":" in path)):
        return None
    names = posixpath.normpath("/" + path.lstrip("/")).strip("/").split("/")
    if names == [""]:
        return []
    return [*names, ""] if path.endswith("/") else names


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a named pipe would wait for its writer


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _size(response: Response) -> int:
    return len(response.body) if isinstance(response.body, bytes) else 0
