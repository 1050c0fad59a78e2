"""What is counted, and where: exact, also across forked children, and without a lock.

Each worker counts in a row of its own, so that no two ever write the same number; the total is the sum of the rows.
There it also says what it is doing now. A child process's row lies in memory that it shares with its parent, which so
knows its counts even if it is killed, and what it is doing even if it waits.
"""

import mmap
import os
import sys
import tempfile
from collections import deque
from collections.abc import MutableSequence
from operator import add
from typing import Any, TypeAlias

ACCEPTED, CLOSED, REQUESTS, FAILED, BYTES, DROPPED = range(6)
FIELDS = 6
CALL, FILE, LINE, CONNECTION, SINCE = range(FIELDS, FIELDS + 5)
"""What the worker is doing: the call as its place in `CALLS`, file and line, for whom, and since when."""
SINCE_UNIT = 1e6
"""In shared memory, that is told in microseconds, as whole numbers; otherwise in seconds."""
CALLS = ("", "accept", "recv", "send", "close", "wait")
ACCEPT, RECV, SEND, CLOSE, WAIT = range(1, 6)

_WIDTH = FIELDS + 5
_PID, _COUNTS = 0, 1
_ROW = _COUNTS + _WIDTH
_CHILDREN = 16384
"""Children at a time that can be counted; the memory is only used where it is written."""
_DETAIL = 2
"""Numbers behind the rows, by which the parent says how much detail is to be told."""

Row: TypeAlias = "MutableSequence[Any] | memoryview[Any]"


class Tallies:
    """The rows of all workers of this process, and of its children."""

    def __init__(self) -> None:
        self._base = [0] * FIELDS  # the sum of the rows of those who have ended
        self._rows: dict[int, Row] = {}
        self._retired: deque[int] = deque()

    def open(self, worker: int) -> Row:
        """A new row for `worker`."""
        row: Row = [0] * _WIDTH
        self._rows[worker] = row
        return row

    def doings(self) -> list[tuple[int, int, int, int, int, float]]:
        """Each worker that has not ended, and what it is doing; see `CALL`."""
        return [(worker, *row[CALL : SINCE + 1]) for worker, row in list(self._rows.items())]

    def retire(self, worker: int) -> None:
        """Keep the counts of `worker`, who has ended, but not its row. Any thread may call this."""
        self._retired.append(worker)

    def total(self) -> list[int]:
        """The sum of all rows. One thread only may call this."""
        while self._retired:
            _add(self._base, self._rows.pop(self._retired.popleft()))
        total = self._base[:]
        for row in list(self._rows.values()):
            _add(total, row)
        return total


def shared_file() -> str:
    """The path of a new file that ends with this process (elsewhere than on Linux: that the system cleans away)."""
    if hasattr(os, "memfd_create"):
        return f"/proc/{os.getpid()}/fd/{os.memfd_create('servescope')}"
    with tempfile.NamedTemporaryFile(prefix="servescope-", delete=False) as file:
        return file.name


def shared_rows(path: str = "") -> memoryview:
    """Memory for the rows of children: forked ones inherit it, others map the file at `path`."""
    size = (_CHILDREN * _ROW + _DETAIL) * 8
    if not path:
        return memoryview(mmap.mmap(-1, size)).cast("q")
    with open(path, "r+b") as file:
        file.truncate(size)
        return memoryview(mmap.mmap(file.fileno(), size)).cast("q")


class ChildTallies:
    """The rows of the children of this process, in memory shared with them."""

    def __init__(self, *, fork: bool) -> None:
        self.path = "" if fork else shared_file()
        """The file behind the memory; empty if children inherit it."""
        self._shared = shared_rows(self.path)
        self.detail = detail_of(self._shared)
        """How much detail children are to tell: of requests one in so many, of spans one in so many."""
        self._base = [0] * FIELDS
        self._free = list(range(0, _CHILDREN * _ROW, _ROW))
        self._used: list[int] = []
        self._inherited: dict[int, list[int]] = {}  # row -> the connections that its child took over
        self._next = 0

    def before_fork(self, inherited: list[int]) -> None:
        """Set a row aside for the child to come, which takes over the connections with these numbers."""
        self._next = row = self._free.pop()
        self._shared[row : row + _ROW] = memoryview(bytes(_ROW * 8)).cast("q")
        self._inherited[row] = inherited
        self._used.append(row)

    def fork_failed(self) -> None:
        """Take back the row that was set aside."""
        self._used.remove(self._next)
        self._free.append(self._next)

    @property
    def place(self) -> int:
        """Where the row is that was set aside last."""
        return self._next

    def doings(self) -> list[tuple[int, int, int, int, int, float]]:
        """The pid of each child that has not been found dead, and what it is doing; see `CALL`."""
        first, end = _COUNTS + CALL, _COUNTS + SINCE + 1
        rows = [(self._shared[row + _PID], *self._shared[row + first : row + end]) for row in self._used]
        return [(pid, call, file, line, of, since / SINCE_UNIT) for pid, call, file, line, of, since in rows if pid]

    def adopt(self) -> Row:
        """The row that was set aside, for the forked child that calls this."""
        return adopt_row(self._shared, self._next)

    def pids(self) -> list[int]:
        """The children that have not been found dead."""
        return [pid for row in self._used if (pid := self._shared[row + _PID])]

    def bury(self) -> list[tuple[int, int]]:
        """Find the children that are gone, keep their counts and free their rows.

        The kernel closed what a killed child had open, so its connections count as closed. Returns a pair of pid and
        connection for each of them.
        """
        cut_off = []
        pids = [(self._shared[row + _PID], row) for row in self._used]  # read once: a child may be giving its own
        newest = dict(pids)  # a pid may have been given out again
        for pid, row in pids:
            if pid == 0 or (newest[pid] == row and _exists(pid)):
                continue
            counts = self._shared[row + _COUNTS : row + _ROW]
            inherited = self._inherited.pop(row)
            if counts[CLOSED] < len(inherited):
                cut_off += [(pid, connection) for connection in inherited]
                counts[CLOSED] = len(inherited)
            _add(self._base, counts)
            self._used.remove(row)
            self._free.append(row)
        return cut_off

    def total(self) -> list[int]:
        """The sum of all children's rows, ended or not."""
        total = self._base[:]
        for row in self._used:
            _add(total, self._shared[row + _COUNTS : row + _ROW])
        return total


def detail_of(shared: memoryview) -> memoryview:
    """The place in the shared memory where the parent says how much detail is to be told."""
    return shared[-_DETAIL:]


def adopt_row(shared: memoryview, place: int) -> Row:
    """The row at `place`, from now on that of this process."""
    shared[place + _PID] = os.getpid()
    return shared[place + _COUNTS : place + _ROW]


def _add(total: list[int], row: Row) -> None:
    total[:] = map(add, total, row)  # as far as `total` goes: the rest of the row is no count


def _exists(pid: int) -> bool:
    if sys.platform == "win32":  # where a signal of 0 is none to ask with
        import psutil

        return bool(psutil.pid_exists(pid))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
