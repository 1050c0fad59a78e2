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
from typing import Protocol
from urllib.parse import quote, unquote_to_bytes

from engine.web.conditions import failed_precondition, wanted_range
from engine.web.conversation import Request
from engine.web.files import Found, OpenFile, find

SERVER = "ServeScope/0.1"
CACHED_FILE = 1024 * 1024
"""Files up to so many bytes are kept in memory, larger ones are read piece by piece."""
CACHED_TOTAL = 64 * 1024 * 1024
CACHED_TARGETS = 1024
FRESH = 0.2
"""Seconds for which a file is not looked at again."""
SETTLED = 2.0
"""Seconds without a change after which the next change is sure to have a time of its own, on any file system."""

_METHODS = ("GET", "HEAD")
_BROKEN_CODE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.ENXIO,
            errno.ENODEV, errno.EOPNOTSUPP)  # fmt: skip
"""What systems say of names that no file has."""
_TYPES = mimetypes.MimeTypes(filenames=())  # the machine's own table would make the same site differ
_TYPES.add_type("text/javascript", ".js")
_TYPES.add_type("image/svg+xml", ".svg")
_TYPES.add_type("image/webp", ".webp")
_TYPES.add_type("font/woff2", ".woff2")
_TEXTS = ("text/", "application/json", "image/svg+xml", "application/xml")


class Body(Protocol):
    """A body that is too large to be kept in memory, on its way to one client."""

    length: int
    """Bytes altogether."""
    left: int
    """Bytes that are still to come."""

    def read(self) -> bytes:
        """The next piece; none if there will be no more, so that the reply can only break off."""

    def close(self) -> None:
        """Give back what it holds; nothing is read after that. Raises nothing."""


class Repeated:
    """One block of bytes again and again: a large body that takes no memory."""

    __slots__ = ("_block", "left", "length")

    def __init__(self, block: bytes, times: int) -> None:
        self._block = block
        self.length = self.left = len(block) * times

    def read(self) -> bytes:
        """The block once more."""
        self.left -= len(self._block)
        return self._block

    def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer without what differs from reply to reply: date, worker, timing, connection."""

    status: int
    kept: bytes
    """Status line and headers, with which the connection stays open; without the empty line that ends them."""
    closing: bytes
    """The same with which it ends."""
    body: bytes
    part: Body | None = None
    """The body, if it is too large to be kept in memory; whoever takes the response closes it."""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.part.length if self.part else len(self.body)


@dataclass(slots=True)
class Page:
    """A file as it was when it was opened, and the response that it is."""

    response: Response
    names: list[str]
    """Where it was looked for, below the root."""
    path: str
    """Where it was found, links followed."""
    identity: tuple[int, ...]
    """What no two states of a file have in common."""
    modified: int | None
    """When it was last changed, in seconds of Unix time; None if that can't be said."""
    headers: tuple[str, ...]
    """The lines that a part of the file is sent with as well."""
    checked: float
    """When it was last looked at, on the monotonic clock."""
    is_settled: bool
    """Whether any change since then shows in its status."""

    @property
    def tag(self) -> bytes:
        """The file's entity tag."""
        return _tag(self.identity).encode()


class Site:
    """The files under `root`."""

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._cache: dict[bytes, Page] = {}
        self._cached_bytes = 0
        self._date = 0
        self._date_line = b""
        self._dated_until = 0.0
        self._cache_lock = threading.Lock()

    def respond(self, request: Request, now: float) -> Response:
        """The response to `request`, which is handled at `now` on the monotonic clock."""
        if request.method not in _METHODS:
            allowed = ", ".join(_METHODS)
            return message(HTTPStatus.METHOD_NOT_ALLOWED, f"This server answers {allowed} only.", f"Allow: {allowed}")
        page = self._cache.get(request.target)
        if page is None or (now - page.checked > FRESH and not self._is_as_it_was(page, now)):
            found = self.look_up(request.target)
            if isinstance(found, Response):
                return found
            page = found
        return _part(page, request) if request.conditions else page.response

    def date_line(self, now: float) -> bytes:
        """The header of the date at `now` on the monotonic clock."""
        if now >= self._dated_until:
            clock = time()
            self._date = int(clock)
            self._date_line = b"Date: %s\r\n" % formatdate(clock, usegmt=True).encode()
            self._dated_until = now + 1 - clock % 1
        return self._date_line

    def look_up(self, target: bytes) -> Response | Page:
        """What is at `target`, as it is at this moment. Raises OSError."""
        names = decoded_path(target)
        if names is None:
            return message(HTTPStatus.BAD_REQUEST, "The path in this request can't be read.")
        try:
            return self._found(target, names)
        except PermissionError:
            return message(HTTPStatus.FORBIDDEN, "The server has no permission to read this file.")
        except OSError as error:
            if error.errno in _NO_FILE:
                return not_found()
            raise

    def _found(self, target: bytes, names: list[str]) -> Response | Page:
        names_folder = not names or not names[-1]
        with find(self._root, names) as found:
            if not stat.S_ISDIR(found.status.st_mode):
                return not_found() if names_folder else self._page(target, names, found)  # `/page.html/` is no file
        if not names_folder:
            _, mark, query = target.partition(b"?")
            location = quote("/" + "/".join(names) + "/") + quote(mark + query, safe="?/%&=+;:@,!$'()*~")
            return message(HTTPStatus.MOVED_PERMANENTLY, f"This folder is at {location}", f"Location: {location}")
        names = [*names[:-1], "index.html"]
        with find(self._root, names) as found:
            return self._page(target, names, found)

    def _page(self, target: bytes, names: list[str], found: Found) -> Page:
        clock = time()
        file, body = _content(found)
        part = file if file.length > CACHED_FILE else None
        status, modified = file.status, self._modified(file.status)
        headers = (
            f"Content-Type: {content_type(found.path)}",
            f"ETag: {_tag(_identity(status))}",
            *([] if modified is None else [f"Last-Modified: {formatdate(modified, usegmt=True)}"]),
            "Cache-Control: no-cache",
            "Accept-Ranges: bytes",
        )
        response = new_response(HTTPStatus.OK, headers, part.length if part else len(body), body, part)
        is_settled = clock - max(status.st_mtime, status.st_ctime) > SETTLED
        page = Page(response, names, found.path, _identity(status), modified, headers, monotonic(), is_settled)
        if part is None:
            self._remember(target, page)
        return page

    def _modified(self, status: os.stat_result) -> int | None:
        """When the file of this `status` was last changed, as far as that is a time that a server can say."""
        self.date_line(monotonic())
        seconds = status.st_mtime_ns // 1_000_000_000
        return seconds if 0 <= seconds <= self._date else None

    def _is_as_it_was(self, page: Page, now: float) -> bool:
        if not page.is_settled:
            return False
        try:
            with find(self._root, page.names) as found:
                facts = found.path, _identity(found.status), self._modified(found.status)
        except OSError:
            return False
        if facts != (page.path, page.identity, page.modified):
            return False
        page.checked = now
        return True

    def _remember(self, target: bytes, page: Page) -> None:
        with self._cache_lock:
            self._forget(target)
            self._cached_bytes += len(page.response.body)
            self._cache[target] = page
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


def content_type(path: str) -> str:
    """The media type by the file's ending, with its charset where it is text."""
    kind, encoding = _TYPES.guess_type(path)
    if kind is None or encoding is not None:
        return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXTS) else kind


def _content(found: Found) -> tuple[OpenFile, bytes]:
    """The file `found`, open, and all its bytes unless it is too large to be kept in memory. Raises OSError."""
    for _ in range(2):  # it may grow too large while it is read
        file = found.opened()
        body = b"" if file.length > CACHED_FILE else file.read_whole(CACHED_FILE)
        if body is not None:
            return file, body
    raise OSError(errno.EFBIG, "The file is longer than it says", found.path)


def _part(page: Page, request: Request) -> Response:
    """What a request with conditions gets of a file: nothing new, a part, or all of it."""
    whole, conditions = page.response, request.conditions
    facts = (page.tag, page.modified)
    failed = failed_precondition(conditions, *facts)
    if failed == HTTPStatus.NOT_MODIFIED:
        return new_response(HTTPStatus.NOT_MODIFIED, page.headers[1:], None, b"")
    if failed:
        return message(HTTPStatus.PRECONDITION_FAILED, "The file is not the one that this request is about.")
    length = whole.length
    wanted = wanted_range(conditions, *facts, length) if request.method == "GET" else None
    if wanted is None:
        return whole
    if not wanted:
        text = f"This file has {length} bytes, and none of those asked for."
        return message(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, text, f"Content-Range: bytes */{length}")
    headers = (*page.headers, f"Content-Range: bytes {wanted.start}-{wanted.stop - 1}/{length}")
    if isinstance(whole.part, OpenFile):
        whole.part.narrow(wanted)
    return new_response(
        HTTPStatus.PARTIAL_CONTENT, headers, len(wanted), whole.body[wanted.start : wanted.stop], whole.part
    )


def new_response(
    status: HTTPStatus,
    headers: tuple[str, ...],
    length: int | None,
    body: bytes,
    part: Body | None = None,
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


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _tag(identity: tuple[int, ...]) -> str:
    return f'"{"-".join(f"{fact:x}" for fact in identity)}"'
