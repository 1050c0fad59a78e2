"""Files beneath a root folder: found, checked and read.

Owns how a file is opened. Nothing outside the root, nothing but regular files, and nothing that waits or makes a
device act. Knows nothing of HTTP, but that an open file may be the body of a reply.

Where the system can (Linux), what was opened is what is checked: a name or a link that changes meanwhile changes
nothing. Elsewhere the name is checked first, and what was opened is compared with it.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType

from engine.unpatched import unpatched
from engine.web.response import BodyLost

CHUNK = 256 * 1024
"""Bytes of a large file in memory at a time."""
_WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)

_close = unpatched("os", "close")  # that of gevent waits for its loop to come round


class Found:
    """What lies at a place: known, but not opened for reading. A context manager."""

    __slots__ = ("_descriptor", "path", "status")

    def __init__(self, path: str, status: os.stat_result, descriptor: int = -1) -> None:
        self.path = path
        """Where it really lies, links followed."""
        self.status = status
        self._descriptor = descriptor  # refers to it, as long as this system has such descriptors

    def __enter__(self) -> "Found":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._descriptor >= 0:
            _close(self._descriptor)

    def opened(self) -> "OpenFile":
        """The file, opened for reading. Raises OSError, FileNotFoundError if it is no regular file."""
        _require(stat.S_ISREG(self.status.st_mode))
        file = OpenFile(os.open(self.path if self._descriptor < 0 else _link(self._descriptor), _WITHOUT_WAITING))
        _require(stat.S_ISREG(file.status.st_mode) and os.path.samestat(file.status, self.status))
        return file


class OpenFile:
    """A file, or the part of it that was asked for, open for reading until `close` or until nobody holds it."""

    __slots__ = ("_descriptor", "left", "length", "status")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.status = os.fstat(descriptor)
        self.length = self.left = self.status.st_size
        """Bytes that `read` gives altogether, and from here on."""

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, as `read` gives them. Raises OSError, and `BodyLost` in place of an early end."""
        while self.left:
            piece = self.read()
            if not piece:
                raise BodyLost
            yield piece

    def __del__(self) -> None:
        self.close()

    def narrow(self, wanted: range) -> None:
        """Let `read` give these bytes only."""
        os.lseek(self._descriptor, wanted.start, os.SEEK_SET)
        self.length = self.left = len(wanted)

    def start(self, count: int) -> bytes:
        """Its first `count` bytes; what `read` gives stays the same. Raises OSError."""
        data = os.read(self._descriptor, count)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return data

    def read(self) -> bytes:
        """The next piece. Raises OSError.

        Empty if the file has become shorter, and in place of the last piece if it has changed since it was opened:
        nobody gets a whole that is made of two halves.
        """
        data = os.read(self._descriptor, min(CHUNK, self.left))
        self.left -= len(data)
        if self.left:
            return data
        now = os.fstat(self._descriptor)
        is_same = (now.st_size, now.st_mtime_ns) == (self.status.st_size, self.status.st_mtime_ns)
        return data if is_same else b""

    def read_whole(self, most: int) -> bytes | None:
        """All that it has, whatever length its status says; None if that is more than `most` bytes. Raises OSError."""
        pieces, room = [], most + 1
        while room and (piece := os.read(self._descriptor, min(CHUNK, room))):
            pieces.append(piece)
            room -= len(piece)
        return b"".join(pieces) if room else None

    def close(self) -> None:
        """Close it; closing twice does no harm."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):  # nothing was written that could be lost
                _close(descriptor)


def find_by_descriptor(root: str, names: Sequence[str]) -> Found:
    """What lies at `names` below `root`. Raises OSError, FileNotFoundError if that is outside."""
    top = os.open(root, os.O_PATH | os.O_DIRECTORY)
    try:
        descriptor = os.open("/".join(names) or ".", os.O_PATH, dir_fd=top)
        try:
            path = os.readlink(_link(descriptor)).removesuffix(" (deleted)")  # it was there when it was looked for
            _require(_is_beneath(path, os.readlink(_link(top))))
            return Found(path, os.fstat(descriptor), descriptor)
        except BaseException:
            _close(descriptor)
            raise
    finally:
        _close(top)


def find_by_path(root: str, names: Sequence[str]) -> Found:
    """The same on a system that does not tell where an open file lies."""
    place = os.path.join(root, *names)
    status = os.stat(place)  # first: the system refuses long chains of links, `realpath` may end in recursion
    path = os.path.realpath(place)
    _require(_is_beneath(path, os.path.realpath(root)))
    _require(os.path.samestat(os.lstat(path), status))
    return Found(path, status)


def _is_beneath(path: str, root: str) -> bool:
    """Whether the real `path` is the real `root` or below it."""
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)


def _require(is_there: bool) -> None:
    """Raise FileNotFoundError unless it `is_there`, as far as a client is concerned."""
    if not is_there:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _link(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _tells_where_files_lie() -> bool:
    """Whether this system has what `find_by_descriptor` needs."""
    folder, name = os.path.split(__file__)
    try:
        with find_by_descriptor(folder, [name]) as found:
            found.opened().close()
    except (AttributeError, OSError):
        return False
    return True


find = find_by_descriptor if _tells_where_files_lie() else find_by_path
"""What lies at names below a root, as well as this system lets us know."""
