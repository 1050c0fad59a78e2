"""One process of a guest: its file, its workers, and what a fork leaves of them.

Owns the mapped file and the order in which rows are written to it. Knows nothing of sockets.
"""

from __future__ import annotations

import _thread
import mmap
import os
import sys
from _weakref import ref
from collections import deque
from time import perf_counter as monotonic
from typing import Any

from . import layout
from .layout import COUNTER_WORDS, COUNTERS_AT, MARK, RING, RING_AT, ROW, WORDS

_HEADER = ROW.size
_pack_row = ROW.pack_into


class Worker:
    """A thread or greenlet, with the words that it counts in. These go to the next one when it ends."""

    __slots__ = ("__weakref__", "home", "number", "words")

    def __init__(self, process: Process, number: int, place: int) -> None:
        self.home = process.words
        """The memory of its process: a greenlet may find itself in a forked child."""
        self.number = number
        self.words = process.counter_words(place)


class Process:
    """This process. A forked child makes a new file, and counts from 0."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._begin(0, 0, 1, 0)

    def _begin(self, parent: int, fork: int, every: int, spans: int) -> None:
        self.pid = os.getpid()
        self._main = _thread.get_native_id()
        try:
            whole = _new_file(os.path.join(self._folder, f"{self.pid}-{int(monotonic() * 1e9)}"))
        except OSError:
            if not parent:
                raise
            whole, every, spans = memoryview(bytearray(layout.SIZE)), 0, 0  # out of reach: nobody reads it
        self.words = words = whole[: WORDS.size].cast("q")
        self._ring = whole[RING_AT:]
        self._counters = whole[COUNTERS_AT:RING_AT].cast("q")
        words[layout.PID], words[layout.PARENT], words[layout.FORK] = self.pid, parent, fork
        words[layout.EVERY], words[layout.SPANS] = every, spans
        words[layout.PLACES] = 1
        words[layout.STARTED] = int(monotonic() * 1e6)
        words[layout.KIND] = layout.MAGIC  # from now on it may be read
        self._head = self._rows = 0
        self._tail = 0
        """As it was when it was read last: it only grows."""
        self._pending: deque[tuple[Any, ...]] = deque()
        self._writing = _thread.allocate_lock()  # only tried: who finds it taken leaves its row to the one that has it
        self._places = deque(range(1, layout.COUNTER_ROWS))
        self._ended: dict[Any, int] = {}
        self._local = _thread._local()
        self._forks = 0

    # Workers.

    def current(self) -> Worker:
        """The worker that runs now."""
        try:
            return self._local.worker  # type: ignore[no-any-return]
        except AttributeError:
            native = _thread.get_native_id()
            worker = self._local.worker = self.new_worker(self.pid if native == self._main else native)
            if native != self._main:
                self.name(worker.number, _name_of_thread())
            return worker

    def new_worker(self, number: int) -> Worker:
        """A worker with words of its own, as long as there are any."""
        try:
            place = self._places.popleft()
        except IndexError:
            return Worker(self, number, 0)
        worker = Worker(self, number, place)
        if place >= self.words[layout.PLACES]:
            self.words[layout.PLACES] = place + 1
        weak = ref(worker, self._worker_ended)
        self._ended[weak] = place
        return worker

    def _worker_ended(self, weak: Any) -> None:
        place = self._ended.pop(weak, 0)
        if not place:
            return  # it was another process's
        self.counter_words(place)[layout.SINCE] = 0
        self.counter_words(place)[layout.INSIDE_SINCE] = 0
        self.counter_words(place)[layout.LINE] = 0
        self._places.append(place)

    def counter_words(self, place: int) -> memoryview:
        """The words of the counter row at `place`."""
        return self._counters[place * COUNTER_WORDS : (place + 1) * COUNTER_WORDS]

    def name(self, worker: int, name: str) -> None:
        """Report the name of a worker that is not the whole process."""
        self.put(layout.NAME_ROW, 0, worker, data=name.encode("utf-8", "replace")[:200])

    # Rows.

    def put(
        self,
        kind: int,
        connection: int,
        worker: int,
        begin: float = 0.0,
        end: float = 0.0,
        moved: int = 0,
        file: int = 0,
        line: int = 0,
        arrived: float = 0.0,
        data: Any = b"",
    ) -> None:
        """Write a row. It is counted and lost where the engine is too far behind."""
        row = (kind, connection, worker, begin, end, moved, file, line, arrived, data)
        if self._pending or not self._writing.acquire(False):
            self._pending.append(row)
        else:
            try:
                self._write(*row)
            finally:
                self._writing.release()
        while self._pending and self._writing.acquire(False):
            try:
                self._write_pending()
            finally:
                self._writing.release()

    def _write_pending(self) -> None:
        pending = self._pending
        while pending:
            self._write(*pending.popleft())

    def _write(
        self, kind: int, connection: int, worker: int, begin: float, end: float, moved: int, file: int, line: int,
        arrived: float, data: Any,
    ) -> None:  # fmt: skip
        head, ring = self._head, self._ring
        copied = len(data)
        size = (_HEADER + copied + 7) & ~7
        at = head % RING
        self._rows += 1
        skipped = RING - at if at + size > RING else 0
        needed = size + skipped
        if head + needed - self._tail > RING:
            self._tail = self.words[layout.TAIL]
            if head + needed - self._tail > RING:
                self.words[layout.DROPPED] += 1
                return
        if skipped:
            MARK.pack_into(ring, at, skipped, layout.SKIP_ROW)
            at = 0
        _pack_row(
            ring, at, size, kind, copied, self._rows & 0xFFFFFFFF, line, connection, worker, begin, end, moved, file,
            arrived,
        )  # fmt: skip
        if copied:
            at += _HEADER
            ring[at : at + copied] = data
        self._head = self.words[layout.HEAD] = head + needed

    # Forks.

    def before_fork(self) -> None:
        """Say that the connections of this process may belong to a child from now on."""
        self._forks += 1
        self.put(layout.FORK_ROW, 0, self.pid, moved=self._forks)

    def become_child(self) -> None:
        """This is a forked child. What another thread was writing at the fork is its parent's."""
        self._begin(self.pid, self._forks, self.words[layout.EVERY], self.words[layout.SPANS])


def begin() -> None:
    """Trace this process and all that it forks."""
    from . import place, tracing

    process = Process(os.environ["SERVESCOPE_GUEST"])
    places = place.places(process, os.environ.get("SERVESCOPE_FOLDERS", ""), os.environ.get("SERVESCOPE_FILE", ""))
    seam = tracing.Seam(process, places.caller, places.application)
    seam.install()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=process.before_fork, after_in_child=seam.become_child)


def _new_file(path: str) -> memoryview:
    """The memory of the new file at `path`, mapped until the process ends; its descriptor is closed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        os.ftruncate(descriptor, layout.SIZE)
        return _mapped(descriptor)
    finally:
        os.close(descriptor)


def _mapped(descriptor: int) -> memoryview:
    """The bytes of the file. Before Python 3.13 `mmap.mmap` keeps a copy of the descriptor, so it is not used there."""
    if os.name == "nt" or sys.version_info >= (3, 13):
        options: Any = {} if os.name == "nt" else {"trackfd": False}
        return memoryview(mmap.mmap(descriptor, layout.SIZE, **options))
    import ctypes

    system = ctypes.CDLL(None, use_errno=True)
    system.mmap.restype = ctypes.c_void_p
    system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    at = system.mmap(None, layout.SIZE, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, descriptor, 0)
    if at in (None, ctypes.c_void_p(-1).value):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return memoryview((ctypes.c_ubyte * layout.SIZE).from_address(at)).cast("B")


def _name_of_thread() -> str:
    threading = sys.modules.get("threading")
    thread = threading._active.get(_thread.get_ident()) if threading else None
    return str(thread.name) if thread else "thread"
