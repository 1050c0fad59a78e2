"""The site: a path becomes a response.

Owns which files are served: those under one root folder, never one outside of it. Knows no socket and no client; the
same response goes to everybody who asks for the same.
"""

import errno
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from time import time
from urllib.parse import quote

from engine.apps.file_names import is_file_name
from engine.apps.files import Found, OpenFile, find
from engine.apps.media_types import is_utf_8, media_type
from engine.apps.routing import not_found
from engine.clock import monotonic
from engine.web.conditions import failed_precondition, wanted_range
from engine.web.request import Request
from engine.web.response import Response, text_response

CACHED_FILE = 1024 * 1024
"""Files up to so many bytes are kept in memory, larger ones are read piece by piece."""
SAMPLE = 64 * 1024
"""Bytes at the start of a larger one by which its charset is known."""
CACHED_TOTAL = 64 * 1024 * 1024
CACHED_TARGETS = 1024
FRESH = 0.2
"""Seconds for which a file is not looked at again."""
SETTLED = 2.0
"""Seconds without a change after which the next change is sure to have a time of its own, on any file system."""

_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.ENXIO,
            errno.ENODEV, errno.EOPNOTSUPP)  # fmt: skip
"""What systems say of names that no file has."""


@dataclass(slots=True)
class FilePage:
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
    headers: tuple[tuple[str, str], ...]
    """Those that a part of the file is sent with as well."""
    is_settled: bool
    """Whether any change since then shows in its status."""

    @property
    def tag(self) -> str:
        """The file's entity tag."""
        return _tag(self.identity)


class Site:
    """The files under `root`; `respond` is an application for GET and HEAD. `clock` is the monotonic one."""

    def __init__(self, root: Path, clock: Callable[[], float] = monotonic) -> None:
        self._root = os.fspath(root)
        self._clock = clock
        self._cache: dict[bytes, FilePage] = {}
        self._cached_bytes = 0
        self._cache_lock = threading.Lock()

    def respond(self, request: Request) -> Response:
        """What is at the request's path, as it is at this moment. Raises OSError."""
        page = self._cache.get(request.target)
        if page is None or (self._clock() >= page.response.fresh_until and not self._is_as_it_was(page)):
            found = self._look_up(request)
            if isinstance(found, Response):
                return found
            page = found
        return _part(page, request) if request.is_conditional else page.response

    def _look_up(self, request: Request) -> Response | FilePage:
        names = _names(request.path)
        if names is None:
            return text_response(HTTPStatus.BAD_REQUEST, "The path in this request can't be read.")
        if not all(map(is_file_name, names[:-1] if names[-1:] == [""] else names)):
            return not_found()
        try:
            return self._found(request.target, names)
        except PermissionError:
            return text_response(HTTPStatus.FORBIDDEN, "The server has no permission to read this file.")
        except OSError as error:
            if error.errno in _NO_FILE:
                return not_found()
            raise

    def _found(self, target: bytes, names: list[str]) -> Response | FilePage:
        names_folder = not names or not names[-1]
        with find(self._root, names) as found:
            if not stat.S_ISDIR(found.status.st_mode):
                return not_found() if names_folder else self._page(target, names, found)  # `/page.html/` is no file
        if not names_folder:
            _, mark, query = target.partition(b"?")
            location = quote("/" + "/".join(names) + "/") + quote(mark + query, safe="?/%&=+;:@,!$'()*~")
            return text_response(HTTPStatus.MOVED_PERMANENTLY, f"This folder is at {location}", ("Location", location))
        names = [*names[:-1], "index.html"]
        with find(self._root, names) as found:
            return self._page(target, names, found)

    def _page(self, target: bytes, names: list[str], found: Found) -> FilePage:
        clock = time()
        file, content = _content(found)
        status, modified = file.status, _modified(file.status)
        headers = (
            *_described(found.path, file, content),
            ("ETag", _tag(_identity(status))),
            *([] if modified is None else [("Last-Modified", formatdate(modified, usegmt=True))]),
            ("Cache-Control", "no-cache"),
            ("Accept-Ranges", "bytes"),
        )
        response = Response(HTTPStatus.OK, headers, file if content is None else content)
        is_settled = clock - max(status.st_mtime, status.st_ctime) > SETTLED
        page = FilePage(response, names, found.path, _identity(status), modified, headers, is_settled)
        if content is not None:
            response.fresh_until = self._clock() + FRESH
            self._remember(target, page, len(content))
        return page

    def _is_as_it_was(self, page: FilePage) -> bool:
        if not page.is_settled:
            return False
        try:
            with find(self._root, page.names) as found:
                facts = found.path, _identity(found.status), _modified(found.status)
        except OSError:
            return False
        if facts != (page.path, page.identity, page.modified):
            return False
        page.response.fresh_until = self._clock() + FRESH
        return True

    def _remember(self, target: bytes, page: FilePage, size: int) -> None:
        with self._cache_lock:
            self._forget(target)
            self._cached_bytes += size
            self._cache[target] = page
            while len(self._cache) > CACHED_TARGETS or self._cached_bytes > CACHED_TOTAL:
                self._forget(next(iter(self._cache)))

    def _forget(self, target: bytes) -> None:
        gone = self._cache.pop(target, None)
        if gone is not None:
            self._cached_bytes -= gone.response.length or 0


def _described(path: str, file: OpenFile, content: bytes | None) -> list[tuple[str, str]]:
    """The headers that say what the file at `path` is. Raises OSError.

    A charset there would outrank what the text says of itself, so it is said of UTF-8 only.
    """
    kind, coding = media = media_type(path)
    if media.is_text:
        start = file.start(SAMPLE) if content is None else content
        kind += "; charset=utf-8" if is_utf_8(kind, start, is_whole=content is not None) else ""
    return [("Content-Type", kind), *([("Content-Encoding", coding)] if coding else [])]


def _content(found: Found) -> tuple[OpenFile, bytes | None]:
    """The file `found`, open, and all its bytes; None if it is too large to be kept in memory. Raises OSError."""
    for _ in range(2):  # it may grow too large while it is read
        file = found.opened()
        if file.length > CACHED_FILE:
            return file, None
        content = file.read_whole(CACHED_FILE)
        if content is not None:
            return file, content
    raise OSError(errno.EFBIG, "The file is longer than it says", found.path)


def _part(page: FilePage, request: Request) -> Response:
    """What a request with conditions gets of a file: nothing new, a part, or all of it."""
    whole, conditions = page.response, request.headers
    facts = (page.tag, page.modified)
    failed = failed_precondition(conditions, *facts)
    if failed == HTTPStatus.NOT_MODIFIED:
        known = (each for each in page.headers if not each[0].startswith("Content-"))  # the client has the others
        return Response(HTTPStatus.NOT_MODIFIED, known)
    if failed:
        return text_response(HTTPStatus.PRECONDITION_FAILED, "The file is not the one that this request is about.")
    length = whole.length or 0
    wanted = wanted_range(conditions, *facts, length) if request.method == "GET" else None
    if wanted is None:
        return whole
    if not wanted:
        text = f"This file has {length} bytes, and none of those asked for."
        return text_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, text, ("Content-Range", f"bytes */{length}"))
    headers = (*page.headers, ("Content-Range", f"bytes {wanted.start}-{wanted.stop - 1}/{length}"))
    body = whole.body
    if isinstance(body, OpenFile):
        body.narrow(wanted)
    elif isinstance(body, bytes):
        body = body[wanted.start : wanted.stop]
    return Response(HTTPStatus.PARTIAL_CONTENT, headers, body)


def _names(path: str) -> list[str] | None:
    """The names along `path`, and an empty one for a slash at its end; None if they can't be written here."""
    try:
        os.fsencode(path)  # this system's names may know fewer characters
    except ValueError:
        return None
    if not path or "\0" in path:
        return None
    return [] if path == "/" else path[1:].split("/")


def _modified(status: os.stat_result) -> int | None:
    """When the file of this `status` was last changed, as far as that is a time that a server can say."""
    seconds = status.st_mtime_ns // 1_000_000_000
    return seconds if 0 <= seconds <= time() else None


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _tag(identity: tuple[int, ...]) -> str:
    return f'"{"-".join(f"{fact:x}" for fact in identity)}"'
