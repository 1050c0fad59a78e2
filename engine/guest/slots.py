"""The files in which traced processes count and write rows, as the engine reads them.

Owns the folder, the reading of rows in order, and the sums of counters. Knows nothing of what a row means.
"""

import contextlib
import mmap
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.guest.inside.servescope_inside import layout
from engine.guest.inside.servescope_inside.layout import COUNTER_WORDS, COUNTERS_AT, RING, RING_AT, ROW, WORDS

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

PREFIX = "servescope-guest-"
NEW_FOR = 30.0
"""Seconds in which a new folder is locked by the engine that made it."""
LEAST_FREE = 64 << 20
"""Bytes that must be free where the files lie: a process that writes to a full disk through a map is killed."""
SHARED_MEMORY = "/dev/shm"
_SEPARATE = 0o1733
"""Everybody may make a file there, also a process that has changed its user; only its owner may list or remove."""


class SlotRow(NamedTuple):
    """One row, in the fields of `layout.ROW` with the copied bytes at the end."""

    size: int
    kind: int
    copied: int
    number: int
    line: int
    connection: int
    worker: int
    begin: float
    end: float
    moved: int
    file: int
    arrived: float
    data: bytes


class Totals(NamedTuple):
    """What a process has counted."""

    accepted: int
    turns: int
    sent: int
    received: int
    polls: int
    blocked: int
    dropped: int


class SlotActivity(NamedTuple):
    """What a worker does, by the numbers of its process."""

    worker: int
    call: int
    connection: int
    file: int
    line: int
    since: float
    inside_file: int
    inside_line: int
    """The line of the program's own code that waits in a call of its own; 0: none does."""
    inside_since: float


class Slot:
    """The file of one process. Raises ValueError if it is not to be read yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with open(path, "r+b", buffering=0) as file:
            if os.fstat(file.fileno()).st_size != layout.SIZE:
                raise ValueError("it is being made")
            self._memory = memoryview(mmap.mmap(file.fileno(), layout.SIZE))
        self._words = self._memory[: WORDS.size].cast("q")
        if self._words[layout.KIND] != layout.MAGIC:
            raise ValueError("it is being made")
        self._ring = self._memory[RING_AT:]
        self._counters = self._memory[COUNTERS_AT:RING_AT].cast("q")
        self.pid = self._words[layout.PID]
        self.parent = self._words[layout.PARENT]
        """The process that forked it; 0: it was started."""
        self.fork = self._words[layout.FORK]
        self.started = self._words[layout.STARTED] * 1e-6
        self._read = self._number = 0
        self.missed = 0
        """Rows that were lost, as far as it is known from the numbers of those that came."""

    @property
    def has_greenlets(self) -> bool:
        return bool(self._words[layout.TRAITS] & layout.HAS_GREENLETS)

    def order(self, requests_every: int, spans_every: int) -> None:
        """Say how much is wanted."""
        self._words[layout.EVERY], self._words[layout.SPANS] = requests_every, spans_every

    def rows(self) -> Iterator[SlotRow]:
        """The rows that were written since the last call."""
        ring, head = self._ring, self._words[layout.HEAD]
        while self._read < head:
            at = self._read % RING
            size, kind = layout.MARK.unpack_from(ring, at)
            if kind != layout.SKIP_ROW:
                fields = ROW.unpack_from(ring, at)
                data = bytes(ring[at + ROW.size : at + ROW.size + fields[2]])
                self._number += 1
                if fields[3] != self._number & 0xFFFFFFFF:
                    self.missed += (fields[3] - self._number) & 0xFFFFFFFF
                    self._number = fields[3]
                yield SlotRow._make((*fields, data))
            self._read += size
            self._words[layout.TAIL] = self._read

    def totals(self) -> Totals:
        """What it has counted so far, exact also if it was killed."""
        end = self._words[layout.PLACES] * COUNTER_WORDS
        sums = [sum(self._counters[word:end:COUNTER_WORDS]) for word in range(layout.BLOCKED + 1)]
        return Totals._make((*sums, self._words[layout.DROPPED]))

    def activities(self) -> Iterator["SlotActivity"]:
        """What each worker does that has done anything."""
        for place in range(self._words[layout.PLACES]):
            words = self._counters[place * COUNTER_WORDS : (place + 1) * COUNTER_WORDS]
            since, inside_since = words[layout.SINCE], words[layout.INSIDE_SINCE]
            found = words[layout.WORKER : layout.LINE + 1].tolist()
            file, line = words[layout.INSIDE_FILE : layout.INSIDE_LINE + 1].tolist()
            if since and words[layout.SINCE] == since and found[-1]:
                waits = inside_since >= since and words[layout.INSIDE_SINCE] == inside_since
                inside = (file, line, inside_since * 1e-6) if waits else (0, 0, 0.0)
                yield SlotActivity._make((*found, since * 1e-6, *inside))

    def remove(self) -> None:
        """Remove the file; what is mapped stays."""
        with contextlib.suppress(OSError):
            self._path.unlink()


class Slots:
    """The folder of one guest's files."""

    def __init__(self) -> None:
        place = _place()
        _remove_left_over(place)
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        self._lock = _locked(self._folder)
        self._folder.chmod(0o711)
        self.path = self._folder / "processes"
        self.path.mkdir()
        self.path.chmod(_SEPARATE)
        self._known: set[str] = set()

    def new(self) -> list[Slot]:
        """The slots that were made since the last call, the oldest first."""
        found = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.name not in self._known:
                    with contextlib.suppress(ValueError, OSError):
                        found.append(Slot(Path(entry.path)))
                        self._known.add(entry.name)
        return sorted(found, key=lambda slot: slot.started)

    def remove(self) -> None:
        """Remove all that is there."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _locked(folder: Path) -> int:
    """A descriptor that locks the folder as long as this process lives; -1 if another has locked it, or none can."""
    if fcntl is None:
        return -1
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def _remove_left_over(place: str | None) -> None:
    """Remove the folders of engines that were killed: nobody has locked them."""
    for folder in Path(place or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > NEW_FOR and (lock := _locked(folder)) >= 0:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _place() -> str | None:
    """Where memory is not written to a disk, if there is room."""
    if os.path.isdir(SHARED_MEMORY) and os.access(SHARED_MEMORY, os.W_OK):
        room = os.statvfs(SHARED_MEMORY)
        if room.f_bavail * room.f_frsize >= LEAST_FREE:
            return SHARED_MEMORY
    return None
