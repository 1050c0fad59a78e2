"""The site: a target becomes a response.

Owns what is served: the files under one root folder, and the readable answers to what can't be served. Never a path
outside the root. Knows no socket and no client; the same response goes to everybody who asks for the same.
"""

import errno
import mimetypes
import os
import posixpath
import re
import stat
import threading
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from time import monotonic, time
from urllib.parse import quote, unquote_to_bytes

from engine.web.conditions import failed_precondition, wanted_range
from engine.web.conversation import Request

SERVER = "ServeScope/0.1"
CACHED_FILE = 1024 * 1024
"""Files up to so many bytes are kept in memory, larger ones are read piece by piece."""
CACHED_TOTAL = 64 * 1024 * 1024
CACHED_TARGETS = 1024
FRESH = 0.2
"""Seconds for which a file is not looked at again."""

_METHODS = ("GET", "HEAD")
_BROKEN_CODE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL)
"""What systems say of names that no file has."""
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
    first: int
    length: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """One block of bytes again and again: a large body that takes no memory."""

    block: bytes
    times: int

    @property
    def length(self) -> int:
        """Bytes altogether."""
        return len(self.block) * self.times


@dataclass(frozen=True, slots=True)
class Response:
    """An answer without what differs from reply to reply: date, worker, timing, connection."""

    status: int
    kept: bytes
    """Status line and headers, with which the connection stays open; without the empty line that ends them."""
    closing: bytes
    """The same with which it ends."""
    body: bytes
    part: FilePart | Repeated | None = None
    """The body, if it is too large to be kept in memory."""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.part.length if self.part else len(self.body)


@dataclass(slots=True)
class Cached:
    """A file and the response that it is in memory."""

    response: Response
    path: str
    status: os.stat_result
    headers: tuple[str, ...]
    """The lines that a part of the file is sent with as well."""
    checked: float

    @property
    def tag(self) -> bytes:
        """The file's entity tag."""
        return _tag(self.status).encode()


class Site:
    """The files under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)
        self._cache: dict[bytes, Cached] = {}
        self._cached_bytes = 0
        self._date_line = b""
        self._dated_until = 0.0
        self._cache_lock = threading.Lock()

    def respond(self, request: Request, now: float) -> Response:
        """The response to `request`, which is handled at `now` on the monotonic clock."""
        if request.method not in _METHODS:
            allowed = ", ".join(_METHODS)
            return message(HTTPStatus.METHOD_NOT_ALLOWED, f"This server answers {allowed} only.", f"Allow: {allowed}")
        cached = self._cache.get(request.target)
        if cached is None or (now - cached.checked > FRESH and not _is_as_it_was(cached, now)):
            found = self.look_up(request.target)
            if isinstance(found, Response):
                return found
            cached = found
        return _part(cached, request) if request.conditions else cached.response

    def date_line(self, now: float) -> bytes:
        """The header of the date at `now` on the monotonic clock."""
        if now >= self._dated_until:
            clock = time()
            self._date_line = b"Date: %s\r\n" % formatdate(clock, usegmt=True).encode()
            self._dated_until = now + 1 - clock % 1
        return self._date_line

    def look_up(self, target: bytes) -> Response | Cached:
        """What is at `target`, as it is at this moment."""
        names = decoded_path(target)
        if names is None:
            return message(HTTPStatus.BAD_REQUEST, "The path in this request can't be read.")
        path = os.path.realpath(os.path.join(self.root, *names))
        if not self._has(path):
            return not_found()
        if os.path.isdir(path):
            if names and names[-1]:
                _, mark, query = target.partition(b"?")
                location = quote("/" + "/".join(names) + "/") + quote(mark + query, safe="?/%&=+;:@,!$'()*~")
                return message(HTTPStatus.MOVED_PERMANENTLY, f"This folder is at {location}", f"Location: {location}")
            path = os.path.realpath(os.path.join(path, "index.html"))
            if not self._has(path):
                return not_found()
        elif names and not names[-1]:  # `/page.html/` is no file
            return not_found()
        return self._file(target, path)

    def _has(self, path: str) -> bool:
        """Whether the real `path` is inside the root; a link may have led out, and a device's name as well."""
        try:
            return os.path.commonpath((self.root, path)) == self.root
        except ValueError:  # on another drive
            return False

    def _file(self, target: bytes, path: str) -> Response | Cached:
        try:
            with open(path, "rb", opener=_open_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return not_found()
                large = status.st_size > CACHED_FILE
                part = FilePart(path, 0, status.st_size) if large else None
                body = b"" if large else file.read()
        except OSError as error:
            return unreadable(error)
        headers = (
            f"Content-Type: {content_type(path)}",
            f"ETag: {_tag(status)}",
            f"Last-Modified: {formatdate(int(status.st_mtime), usegmt=True)}",
            "Cache-Control: no-cache",
            "Accept-Ranges: bytes",
        )
        response = new_response(HTTPStatus.OK, headers, part.length if part else len(body), body, part)
        cached = Cached(response, path, status, headers, monotonic())
        self._remember(target, cached)
        return cached

    def _remember(self, target: bytes, cached: Cached) -> None:
        with self._cache_lock:
            self._forget(target)
            self._cached_bytes += len(cached.response.body)
            self._cache[target] = cached
            while len(self._cache) > CACHED_TARGETS or self._cached_bytes > CACHED_TOTAL:
                self._forget(next(iter(self._cache)))

    def _forget(self, target: bytes) -> None:
        gone = self._cache.pop(target, None)
        if gone is not None:
            self._cached_bytes -= len(gone.response.body)


def message(status: HTTPStatus, text: str, *headers: str) -> Response:
    """A short readable answer that is no file; `headers` are whole lines."""
    body = f"{status.value} {status.phrase}\n{text}\n".encode()
    lines = ("Content-Type: text/plain; charset=utf-8", *headers)
    return new_response(status, lines, len(body), body)


def not_found(hint: str = "") -> Response:
    """The answer where there is nothing to serve, in two languages; `hint`: what to do about it."""
    return message(HTTPStatus.NOT_FOUND, f"There is nothing here. 没有相关资源\n{hint}".rstrip())


def unreadable(error: OSError) -> Response:
    """The answer where a file can't be read."""
    if error.errno in _NO_FILE:
        return not_found()
    if isinstance(error, PermissionError):
        return message(HTTPStatus.FORBIDDEN, "The server has no permission to read this file.")
    return message(HTTPStatus.INTERNAL_SERVER_ERROR, f"This file can't be read: {error.strerror or error}.")


def content_type(path: str) -> str:
    """The media type by the file's ending, with its charset where it is text."""
    kind, encoding = _TYPES.guess_type(path)
    if kind is None or encoding is not None:
        return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXTS) else kind


def _part(cached: Cached, request: Request) -> Response:
    """What a request with conditions gets of a file: nothing new, a part, or all of it."""
    status, whole, conditions = cached.status, cached.response, request.conditions
    facts = (cached.tag, int(status.st_mtime))
    failed = failed_precondition(conditions, *facts)
    if failed == HTTPStatus.NOT_MODIFIED:
        return new_response(HTTPStatus.NOT_MODIFIED, cached.headers[1:], None, b"")
    if failed:
        return message(HTTPStatus.PRECONDITION_FAILED, "The file is not the one that this request is about.")
    length = whole.length
    wanted = wanted_range(conditions, *facts, length) if request.method == "GET" else None
    if wanted is None:
        return whole
    if not wanted:
        text = f"This file has {length} bytes, and none of those asked for."
        return message(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, text, f"Content-Range: bytes */{length}")
    headers = (*cached.headers, f"Content-Range: bytes {wanted.start}-{wanted.stop - 1}/{length}")
    part = FilePart(whole.part.path, wanted.start, len(wanted)) if isinstance(whole.part, FilePart) else None
    return new_response(HTTPStatus.PARTIAL_CONTENT, headers, len(wanted), whole.body[wanted.start : wanted.stop], part)


def _is_as_it_was(cached: Cached, now: float) -> bool:
    try:
        if _tag(os.stat(cached.path)) != _tag(cached.status):
            return False
    except OSError:
        return False
    cached.checked = now
    return True


def new_response(
    status: HTTPStatus,
    headers: tuple[str, ...],
    length: int | None,
    body: bytes,
    part: FilePart | Repeated | None = None,
) -> Response:
    """A response with whole lines of `headers` and, where it is not None, the `length` of its body."""
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Server: {SERVER}", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    kept, closing = ("\r\n".join([*lines, f"Connection: {word}\r\n"]).encode() for word in ("keep-alive", "close"))
    return Response(status, kept, closing, body, part)


def decoded_path(target: bytes) -> list[str] | None:
    """The names along the path of `target`, `..` resolved, and an empty one for a slash at its end.

    None if they can't be names of files.
    """
    encoded = target.partition(b"?")[0]
    if _BROKEN_CODE.search(encoded):
        return None
    try:
        path = unquote_to_bytes(encoded).decode()
        os.fsencode(path)  # this system's names may know fewer characters
    except ValueError:
        return None
    if "\0" in path or (os.sep != "/" and (os.sep in path or ":" in path)):
        return None
    names = posixpath.normpath("/" + path.lstrip("/")).strip("/").split("/")
    if names == [""]:
        return []
    return [*names, ""] if path.endswith("/") else names


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a named pipe would wait for its writer


def _tag(status: os.stat_result) -> str:
    return f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"'
