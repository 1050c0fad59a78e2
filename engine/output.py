"""Bytes to stdout that never wait for their reader: a pipe, a terminal or a file.

Owns the descriptor's mode, what a partial write left over, and the turns of processes that share one pipe. What goes
out is whole lines, in order, though a system may take a line in parts. Knows nothing of what the lines say.
"""

import atexit
import contextlib
import os
import select
import stat
import sys
from collections import deque
from time import monotonic
from typing import Any

from engine.unpatched import unpatched

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 0.1
"""Seconds in which a line that has begun is finished where it can't wait for the next one."""
LOOK_AGAIN = 0.001
"""Seconds between two looks whether the reader has made room."""


class Output:
    """Writes to `descriptor` without waiting; leaves the descriptor as it was found."""

    def __init__(self, descriptor: int) -> None:
        self._pid = os.getpid()
        self._found = descriptor
        self._was_blocking = False
        self._descriptor = _opened_anew(descriptor)
        if self._descriptor < 0:
            self._descriptor = descriptor
            if hasattr(os, "set_blocking"):  # Windows has it from Python 3.12 on
                self._was_blocking = os.get_blocking(descriptor)
                os.set_blocking(descriptor, False)
                atexit.register(self.restore)
        self._rest = b""
        self._turn = deque([None])  # taken by whoever writes: another thread, or what a signal came into the middle of
        self._lock: PipeLock | None = None
        self._keeps_rest = True

    @property
    def descriptor(self) -> int:
        """Where it writes."""
        return self._descriptor

    def share(self, lock: "PipeLock") -> None:
        """Write lines only while holding `lock`: several processes write here, and the system may tear lines."""
        self._lock = lock

    def forked(self) -> None:
        """This process is a child now: what its parent has begun is its parent's, and what it begins it finishes."""
        self._rest = b""
        self._turn = deque([None])
        self._keeps_rest = False
        if self._lock is not None:
            self._lock.forked()

    def write(self, lines: bytes) -> bool:
        """Whether `lines` go out; False if there is no room. Raises OSError if nobody reads any more."""
        try:
            turn = self._turn.pop()
        except IndexError:
            return False
        try:
            return self._write(lines)
        finally:
            self._turn.append(turn)

    def finish(self, seconds: float = 0.0) -> bool:
        """Whether nothing is left over of what was written, after no more than `seconds`."""
        deadline = monotonic() + seconds
        while self._rest:
            self._rest = self._rest[self._sent(self._rest) :]
            if self._rest:
                if monotonic() >= deadline:
                    return False
                unpatched("time", "sleep")(LOOK_AGAIN)
        if self._lock is not None:
            self._lock.release()
        return True

    def restore(self) -> None:
        """Leave the descriptor as it was found: its mode is that of everybody who has it open, such as the shell."""
        if self._was_blocking and os.getpid() == self._pid:
            with contextlib.suppress(OSError):  # it was closed meanwhile
                os.set_blocking(self._found, True)

    def _write(self, lines: bytes) -> bool:
        if not self.finish():
            return False
        if self._lock is not None:
            if not self._lock.acquire():
                return False
            lines = b"\n" + lines  # ends what a process that was killed has begun
        self._rest = lines
        try:
            sent = self._sent(lines)
        except OSError:
            self._rest = b""
            self.finish()
            raise
        if not sent:
            self._rest = b""
        else:
            self._rest = lines[sent:]
        whole = self.finish(0.0 if self._keeps_rest else PATIENCE)
        if not whole and not self._keeps_rest:
            self._rest = b""
            self.finish()
            return False
        return sent > 0

    def _sent(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0


class PipeLock:
    """Held by the one process that writes; the system frees it when that process is gone."""

    def __init__(self, path: str = "") -> None:
        """On the file at `path`, or on one that forked children inherit."""
        import tempfile

        self._file: Any = open(path, "r+b") if path else tempfile.TemporaryFile()  # noqa: SIM115, open to the end
        self._is_held = False

    def forked(self) -> None:
        """The lock is its parent's, if it was held."""
        self._is_held = False

    def acquire(self) -> bool:
        """Whether it is held, after no more than `PATIENCE`."""
        deadline = monotonic() + PATIENCE
        while not self._is_held:
            with contextlib.suppress(OSError):  # another process has it
                self._call(lock=True)
                self._is_held = True
                break
            if monotonic() >= deadline:
                break
            unpatched("time", "sleep")(LOOK_AGAIN)
        return self._is_held

    def release(self) -> None:
        """Let another process write."""
        if self._is_held:
            self._is_held = False
            self._call(lock=False)

    def _call(self, *, lock: bool) -> None:
        if fcntl is not None:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB if lock else fcntl.LOCK_UN)
        elif sys.platform == "win32":
            import msvcrt

            self._file.seek(1 << 40)  # beyond all data, which a lock would keep others from reading
            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK if lock else msvcrt.LK_UNLCK, 1)


def takes_whole_lines(most: int) -> bool:
    """Whether this system's pipes take lines of up to `most` bytes whole or not at all."""
    return getattr(select, "PIPE_BUF", 0) >= most


def _opened_anew(descriptor: int) -> int:
    """The same pipe or terminal, opened again, so that its mode is nobody else's; -1 where that can't be done."""
    flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        if sys.platform == "linux" and (os.isatty(descriptor) or stat.S_ISFIFO(os.fstat(descriptor).st_mode)):
            return os.open(f"/proc/self/fd/{descriptor}", flags)
        if hasattr(os, "ttyname") and os.isatty(descriptor):
            return os.open(os.ttyname(descriptor), flags)
    except OSError:
        return -1
    return -1
