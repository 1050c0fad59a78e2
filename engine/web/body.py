"""The body of a request: read in pieces, never all of it in memory.

Owns where the bytes are kept until the application reads them: in memory, and beyond `IN_MEMORY` in a temporary file;
those of a client that still sends are not kept at all, but received when they are read. Knows nothing of how they were
framed, or of what receives them.
"""

import io
from collections import deque
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from engine.web.errors import IncompleteBody

IN_MEMORY = 64 * 1024
PIECE = 64 * 1024
"""Bytes that iteration gives at a time."""


class Body:
    """The bytes that came with a request. `read` and iteration go on from where the last read ended."""

    __slots__ = ("_file", "length")

    def __init__(self) -> None:
        self.length = 0
        """Bytes altogether."""
        self._file: BinaryIO | None = None

    def append(self, data: bytes) -> None:
        """Keep `data`, which has come. Raises OSError."""
        if self._file is None:
            self._file = cast(BinaryIO, SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  # closed by `close`
        self._file.write(data)
        self.length += len(data)

    def complete(self) -> None:
        """All of it has come: read from the first byte on."""
        if self._file is not None:
            self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, all that are left if it is negative; empty at the end. Raises OSError."""
        return b"" if self._file is None else self._file.read(size)

    def readline(self, size: int = -1) -> bytes:
        """The next line, its end included, and at most `size` bytes of it; empty at the end. Raises OSError."""
        return b"" if self._file is None else self._file.readline(size)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece

    def close(self) -> None:
        """Give back what it holds; nothing is read after that."""
        if self._file is not None:
            self._file.close()


class IncomingBody(Body):
    """One whose client may still be sending: more is received when more is read. `length`: of what has come so far."""

    __slots__ = ("_pieces", "_receive", "error", "is_whole")

    def __init__(self, receive: Callable[[], object]) -> None:
        """`receive` waits until more has come, and appends it. Raises `IncompleteBody`."""
        super().__init__()
        self.is_whole = False
        """Whether all of it has come."""
        self.error: IncompleteBody | None = None
        """Why the rest of it will not come; None: it may."""
        self._receive = receive
        self._pieces: deque[bytes | memoryview] = deque()
        self._file = cast(BinaryIO, io.BufferedReader(_Raw(self), PIECE))

    def append(self, data: bytes) -> None:
        """Take `data`, which has come."""
        if data:
            self._pieces.append(data)
            self.length += len(data)

    def complete(self) -> None:
        """All of it has come."""
        self.is_whole = True

    def take(self) -> bytes:
        """What has come and was not read, without waiting; not to be mixed with `read`."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken

    def drop(self) -> None:
        """Throw away what has come and was not read."""
        self._pieces.clear()

    def close(self) -> None:
        """Give back what it holds; nothing is read after that."""
        self.drop()
        super().close()

    def fill(self, buffer: memoryview) -> int:
        """Move the next bytes to `buffer`, at least one unless the end has come; returns how many."""
        while not self._pieces and not self.is_whole:
            self._receive()
        if not self._pieces:
            return 0
        piece = memoryview(self._pieces.popleft())
        count = min(len(piece), len(buffer))
        buffer[:count] = piece[:count]
        if count < len(piece):
            self._pieces.appendleft(piece[count:])
        return count


class _Raw(io.RawIOBase):
    """A body that is received, as a file for what buffers it."""

    def __init__(self, body: IncomingBody) -> None:
        self._body: IncomingBody | None = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        assert self._body is not None
        return self._body.fill(memoryview(buffer).cast("B"))

    def close(self) -> None:
        self._body = None  # or else each would keep the other
        super().close()


NO_BODY = Body()
"""The body of every request that has none."""
