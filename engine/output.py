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
import tempfile
from collections import deque
from collections.abc import Iterator
from time import monotonic
from typing import Any

from engine.unpatched import unpatched

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 0.1
"""Seconds in which a line that has begun is finished where it can't wait for the next one."""
_LENGTH = 8
"""Bytes of shared memory that say how much is left over."""
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
        self._shared_rest = memoryview(b"")
        self._keeps_rest = True

    @property
    def descriptor(self) -> int:
        """Where it writes."""
        return self._descriptor

    @property
    def is_busy(self) -> bool:
        """Whether somebody is in the middle of writing: a signal's handler waits for another moment."""
        return not self._turn

    def share(self, lock: "PipeLock", rest: memoryview) -> None:
        """Several processes write here, and the system may take a line in parts: write only while holding `lock`.

        What is left over is kept in the memory `rest`, which they share, for whoever writes next.
        """
        self._lock = lock
        self._shared_rest = rest

    def forked(self) -> None:
        """This process is a child now: what its parent has begun is its parent's, and what it begins it finishes."""
        self._rest = b""
        self._turn = deque([None])
        self._keeps_rest = False

    def write(self, lines: bytes) -> bool:
        """Whether `lines` go out; False if there is no room. Raises OSError if nobody reads any more."""
        if self._lock is None:  # the same as below, for less: a forked child pays for all code that it runs first
            try:
                turn = self._turn.pop()
            except IndexError:
                return False
            try:
                return (not self._rest or self._finish()) and self._begin(lines)
            finally:
                self._turn.append(turn)
        with self._writing() as may_write:
            return may_write and self._finish() and self._begin(lines)

    def finish(self, seconds: float = 0.0) -> bool:
        """Whether nothing is left over of what was written, after no more than `seconds`."""
        deadline = monotonic() + seconds
        while True:
            with self._writing() as may_write:
                if may_write and self._finish():
                    return True
            if monotonic() >= deadline:
                return False
            unpatched("time", "sleep")(LOOK_AGAIN)

    def restore(self) -> None:
        """Leave the descriptor as it was found: its mode is that of everybody who has it open, such as the shell."""
        if self._was_blocking and os.getpid() == self._pid:
            with contextlib.suppress(OSError):  # it was closed meanwhile
                os.set_blocking(self._found, True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[bool]:
        """Whether this is the only one who writes now, and what another process left over is known."""
        try:
            turn = self._turn.pop()
        except IndexError:
            yield False
            return
        try:
            if self._lock is None:
                yield True
            elif self._lock.acquire():
                try:
                    self._rest = _kept_in(self._shared_rest)
                    yield True
                finally:
                    _keep_in(self._shared_rest, self._rest)
                    self._lock.release()
            else:
                yield False
        finally:
            self._turn.append(turn)

    def _finish(self) -> bool:
        if self._rest:
            self._rest = self._rest[self._sent(self._rest) :]
        return not self._rest

    def _begin(self, lines: bytes) -> bool:
        if self._lock is not None:
            lines = b"\n" + lines  # ends what a process that was killed has begun
        sent = self._sent(lines)
        if not sent:
            return False
        self._rest = lines[sent:]
        if self._rest and self._lock is None and not self._keeps_rest:
            return self._finish_or_give_up()
        return True

    def _finish_or_give_up(self) -> bool:
        deadline = monotonic() + PATIENCE
        while not self._finish():
            if monotonic() >= deadline:
                self._rest = b""
                return False
            unpatched("time", "sleep")(LOOK_AGAIN)
        return True

    def _sent(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0


class PipeLock:
    """Held by the one process that writes; the system frees it when that process is gone."""

    def __init__(self, path: str = "") -> None:
        """On the file at `path`, or on one that forked children inherit."""
        self._file: Any = open(path, "r+b") if path else tempfile.TemporaryFile()  # noqa: SIM115, open to the end

    def acquire(self) -> bool:
        """Whether it is held, after no more than `PATIENCE`."""
        deadline = monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):  # another process has it
                self._call(lock=True)
                return True
            if monotonic() >= deadline:
                return False
            unpatched("time", "sleep")(LOOK_AGAIN)

    def release(self) -> None:
        """Let another process write."""
        self._call(lock=False)

    def close(self) -> None:
        """Nobody asks for it any more."""
        self._file.close()

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


def _kept_in(memory: memoryview) -> bytes:
    end = _LENGTH + int.from_bytes(memory[:_LENGTH], "little")
    return bytes(memory[_LENGTH:end])


def _keep_in(memory: memoryview, rest: bytes) -> None:
    """A process that is killed here leaves nothing of its rest rather than a piece."""
    memory[:_LENGTH] = bytes(_LENGTH)
    if rest:
        memory[_LENGTH : _LENGTH + len(rest)] = rest
        memory[:_LENGTH] = len(rest).to_bytes(_LENGTH, "little")


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
