"""Writes to stdout without blocking, whatever it is: a pipe, a terminal or a file.

Owns the descriptor's mode, the rest of a partial write, and the lock of processes that share one pipe. Lines are
written whole and in order, though a system may accept only a part at a time. Knows nothing of what the lines mean.
"""

import atexit
import contextlib
import os
import select
import stat
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from typing import Any

from engine.clock import monotonic
from engine.unpatched import unpatched

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 0.1
"""Seconds to finish a partly written line that can't wait for the next write."""
_LENGTH = 8
"""Bytes of shared memory that hold the length of the rest."""
POLL_INTERVAL = 0.001
"""Seconds between two checks whether there is room."""


class Output:
    """Writes to `descriptor` without blocking. `restore` resets the descriptor's mode."""

    def __init__(self, descriptor: int) -> None:
        self._pid = os.getpid()
        self._original = descriptor
        self._was_blocking = False
        self._descriptor = _reopened(descriptor)
        if self._descriptor < 0:
            self._descriptor = descriptor
            if hasattr(os, "set_blocking"):  # Windows has it from Python 3.12 on
                with contextlib.suppress(OSError):  # Windows knows it of pipes only, not of terminals and files
                    self._was_blocking = os.get_blocking(descriptor)
                    os.set_blocking(descriptor, False)
                    atexit.register(self.restore)
        self._rest = b""
        self._token = deque([None])  # held by the writer: a thread, or code that a signal has interrupted
        self._lock: PipeLock | None = None
        self._shared_rest = memoryview(b"")
        self._keeps_rest = True

    @property
    def descriptor(self) -> int:
        """The descriptor that is written to."""
        return self._descriptor

    @property
    def is_busy(self) -> bool:
        """Whether a write is in progress; a signal handler must then not write."""
        return not self._token

    def share(self, lock: "PipeLock", rest: memoryview) -> None:
        """From now on several processes write here, and the system may accept a line in parts: write only with `lock`.

        The rest of a partial write is kept in the shared memory `rest`, and the next writer finishes it.
        """
        self._lock = lock
        self._shared_rest = rest

    def forked(self) -> None:
        """Call this in a forked child: the parent finishes its own line, and the child each line that it begins."""
        self._rest = b""
        self._token = deque([None])
        self._keeps_rest = False

    def write(self, lines: bytes) -> bool:
        """Whether `lines` were accepted; False if there is no room. Raises OSError if the reader is gone."""
        if self._lock is None:  # a short cut: a forked child pays for every new code path
            try:
                token = self._token.pop()
            except IndexError:
                return False
            try:
                return (not self._rest or self._finish()) and self._begin(lines)
            finally:
                self._token.append(token)
        with self._writing() as may_write:
            return may_write and self._finish() and self._begin(lines)

    def finish(self, seconds: float = 0.0) -> bool:
        """Whether everything accepted is written, after at most `seconds`."""
        deadline = monotonic() + seconds
        while True:
            with self._writing() as may_write:
                if may_write and self._finish():
                    return True
            if monotonic() >= deadline:
                return False
            unpatched("time", "sleep")(POLL_INTERVAL)

    def restore(self) -> None:
        """Reset the descriptor's mode, which all processes with this file share, such as the shell."""
        if self._was_blocking and os.getpid() == self._pid:
            with contextlib.suppress(OSError):  # it was closed meanwhile
                os.set_blocking(self._original, True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[bool]:
        """Whether this is the only writer now, with the rest that another process left."""
        try:
            token = self._token.pop()
        except IndexError:
            yield False
            return
        try:
            if self._lock is None:
                yield True
            elif self._lock.acquire():
                try:
                    self._rest = _load_rest(self._shared_rest)
                    yield True
                finally:
                    _save_rest(self._shared_rest, self._rest)
                    self._lock.release()
            else:
                yield False
        finally:
            self._token.append(token)

    def _finish(self) -> bool:
        if self._rest:
            self._rest = self._rest[self._write_some(self._rest) :]
        return not self._rest

    def _begin(self, lines: bytes) -> bool:
        if self._lock is not None:
            lines = b"\n" + lines  # ends a line that a killed process left incomplete
        sent = self._write_some(lines)
        if not sent:
            return False
        self._rest = lines[sent:]
        if self._rest and self._lock is None and not self._keeps_rest:
            return self._finish_or_drop()
        return True

    def _finish_or_drop(self) -> bool:
        deadline = monotonic() + PATIENCE
        while not self._finish():
            if monotonic() >= deadline:
                self._rest = b""
                return False
            unpatched("time", "sleep")(POLL_INTERVAL)
        return True

    def _write_some(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0


class PipeLock:
    """Held by the process that writes; the system releases it when that process ends."""

    def __init__(self, path: str = "") -> None:
        """A lock on the file at `path`, or on a temporary file that forked children inherit."""
        self._file: Any = open(path, "r+b") if path else tempfile.TemporaryFile()  # noqa: SIM115, open to the end

    def acquire(self) -> bool:
        """Whether it was acquired, after at most `PATIENCE`."""
        deadline = monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):  # another process has it
                self._call(lock=True)
                return True
            if monotonic() >= deadline:
                return False
            unpatched("time", "sleep")(POLL_INTERVAL)

    def release(self) -> None:
        """Release it."""
        self._call(lock=False)

    def close(self) -> None:
        """Close its file."""
        self._file.close()

    def _call(self, *, lock: bool) -> None:
        if fcntl is not None:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB if lock else fcntl.LOCK_UN)
        elif sys.platform == "win32":
            import msvcrt

            self._file.seek(1 << 40)  # beyond all data, since Windows' locks also forbid reading
            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK if lock else msvcrt.LK_UNLCK, 1)


def takes_whole_lines(most: int) -> bool:
    """Whether this system's pipes accept lines of up to `most` bytes whole or not at all."""
    return getattr(select, "PIPE_BUF", 0) >= most


def _load_rest(memory: memoryview) -> bytes:
    end = _LENGTH + int.from_bytes(memory[:_LENGTH], "little")
    return bytes(memory[_LENGTH:end])


def _save_rest(memory: memoryview, rest: bytes) -> None:
    """A process killed in here leaves no rest rather than a part of one."""
    memory[:_LENGTH] = bytes(_LENGTH)
    if rest:
        memory[_LENGTH : _LENGTH + len(rest)] = rest
        memory[:_LENGTH] = len(rest).to_bytes(_LENGTH, "little")


def _reopened(descriptor: int) -> int:
    """The same pipe or terminal, opened again so that its mode is not shared; -1 if that is not possible."""
    flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        if sys.platform == "linux" and (os.isatty(descriptor) or stat.S_ISFIFO(os.fstat(descriptor).st_mode)):
            return os.open(f"/proc/self/fd/{descriptor}", flags)
        if hasattr(os, "ttyname") and os.isatty(descriptor):
            return os.open(os.ttyname(descriptor), flags)
    except OSError:
        return -1
    return -1
