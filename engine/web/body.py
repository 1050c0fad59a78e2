"""The body of a request: read in pieces, never all of it in memory.

Owns where the bytes are kept until the application reads them: in memory, and beyond `IN_MEMORY` in a temporary file.
Knows nothing of how they were framed.
"""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

IN_MEMORY = 64 * 1024
PIECE = 64 * 1024
"""Bytes that iteration gives at a time."""


class Body:
    """The bytes that came with a request. `read` and iteration go on from where the last read ended."""

    __slots__ = ("_file", "length")

    def __init__(self) -> None:
        self.length = 0
        """Bytes altogether."""
        self._file: SpooledTemporaryFile[bytes] | None = None

    def append(self, data: bytes) -> None:
        """Keep `data`, which has come. Raises OSError."""
        if self._file is None:
            self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - open until `close`
        self._file.write(data)
        self.length += len(data)

    def rewind(self) -> None:
        """Read from the first byte on."""
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


NO_BODY = Body()
"""The body of every request that has none."""
