"""What is counted, and where: exact, also across forked children, and without a lock.

Each worker counts in a row of its own, so that no two ever write the same number; the total is the sum of the rows.
There it also says what it is doing now. A child process's row lies in memory that it shares with its parent, which so
knows its counts even if it is killed, and what it is doing even if it waits.
"""

import contextlib
import errno
import mmap
import os
import sys
import tempfile
import weakref
from collections import deque
from collections.abc import Iterable, MutableSequence
from dataclasses import dataclass
from operator import add
from pathlib import Path
from struct import Struct
from typing import Any, Literal, TypeAlias

from engine.telemetry.bounds import CONNECTIONS_EACH
from engine.telemetry.wire import MAX_LINE, Call

COUNTS = ("accepted", "closed", "requests", "failed", "bytes", "dropped", "polls", "put", "taken", "busy")
"""What is counted, the first but `closed` a field of `wire.Counters`; its place here is its place in a row. Of a pool:
how many connections, or requests, were put into its queue, how many a worker has taken to serve, and microseconds in
which it has served them."""
ACCEPTED, CLOSED, REQUESTS, FAILED, BYTES, DROPPED, POLLS, PUT, TAKEN, BUSY, *_ = range(len(COUNTS))
FIELDS = len(COUNTS)
ActivityTuple: TypeAlias = "tuple[int, int, int, int, float]"
"""What a worker is doing: the call as its place in `CALLS`, file, line, connection, and since when."""
NO_ACTIVITY: ActivityTuple = (0, 0, 0, 0, 0.0)
StandTuple: TypeAlias = "tuple[int, int, int, int, float]"
"""Where a worker was found that handles a request: file and line of the model, those of the application, 0 where they
are not known, and since when its activity lasts, which is over if that is another."""
NO_STAND: StandTuple = (0, 0, 0, 0, 0.0)
_DOING = FIELDS + 10
ACTIVITY_AT, _STAND = 8 * FIELDS, 8 * (FIELDS + 5)
"""At which byte of a row they stand in shared memory."""
_FORM = Struct("4qd")
"""How they are written there."""
note_activity = _FORM.pack_into
"""Called with a child's row, `ACTIVITY_AT`, and the five parts of what it is doing: it is noted around each call."""
_SINCE_UNIT = 1e6
"""Other moments there are whole numbers of microseconds."""
CALLS: tuple[Call | Literal[""], ...] = ("", "accept", "recv", "send", "close", "wait")
ACCEPT, RECV, SEND, CLOSE, WAIT = range(1, 6)

UNSENT, COUNTED, BUSY_SINCE = range(_DOING, _DOING + 3)
"""Of a child: its records that wait to be written, and how many connections its parent counted as open there. Of a
pool's worker: since when it has served what it has taken; 0: it waits for the next."""

_WIDTH = _DOING + 3
_SLOTS = 16
"""Places behind a child's counts where the numbers of its open connections stand."""
_ROW = _WIDTH + _SLOTS
_PREFIX = "servescope-counters-"
_CHILDREN = 16384
"""Children at a time that can be counted; the memory is only used where it is written."""
_ENDED = 64
"""Children that have ended whose rows are kept."""
DETAIL = slice(0, 2)
OPEN = 2
PERSISTENCE = slice(3, 4)
_NOTICES = 4
"""Numbers behind the rows, which the parent writes for all children: how much detail is wanted, how many connections
it counted as open, and how long a connection lasts."""
_REST = (MAX_LINE + 16) // 8
"""Numbers behind these, whose memory keeps what was left over of a line; see `engine.output`."""
PROBLEMS = 128
"""Numbers behind those, in pairs: a problem that was reported, by a number of its own, and when."""
_NOTICES_AT = _CHILDREN * _ROW
_REST_AT = _NOTICES_AT + _NOTICES
_PROBLEMS_AT = _REST_AT + _REST

Row: TypeAlias = "MutableSequence[Any] | memoryview[Any]"


class CounterRows:
    """The rows of all workers of this process, and of its children."""

    def __init__(self) -> None:
        self._base = [0] * FIELDS  # the sum of the rows of those who have ended
        self._rows: dict[int, Row] = {}
        self._workers: dict[int, weakref.ref[Any]] = {}
        self._retired: deque[int] = deque()

    def open(self, worker: int) -> Row:
        """A new row for `worker`."""
        row: Row = [0] * _WIDTH
        self._rows[worker] = row
        return row

    def track(self, number: int, worker: Any) -> None:
        """Ask `worker` for what it is doing, for as long as it lives."""
        self._workers[number] = weakref.ref(worker)

    def workers(self) -> list[Any]:
        """The workers that have not ended."""
        return [worker for reference in list(self._workers.values()) if (worker := reference()) is not None]

    def activities(self) -> list[tuple[int, ActivityTuple, StandTuple]]:
        """The number of each worker that has not ended, what it is doing, and where it was found at that."""
        return [(worker.number, worker.activity, worker.stand) for worker in self.workers()]

    def row(self, worker: int) -> Row:
        """The row of a worker that has not ended."""
        return self._rows[worker]

    def retire(self, worker: int) -> None:
        """Keep the counts of `worker`, who has ended, but not its row. Any thread may call this."""
        self._retired.append(worker)

    def total(self) -> list[int]:
        """The sum of all rows. One thread only may call this."""
        while self._retired:
            worker = self._retired.popleft()
            _add(self._base, self._rows.pop(worker))
            self._workers.pop(worker, None)
        total = self._base[:]
        for row in list(self._rows.values()):
            _add(total, row)
        return total


def shared_file() -> str:
    """The path of a new file that ends with this process; elsewhere than on Linux `remove_shared_file` removes it."""
    if hasattr(os, "memfd_create"):
        return f"/proc/{os.getpid()}/fd/{os.memfd_create('servescope')}"
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if os.name == "nt" else ():
        remove_shared_file(str(left))  # where one that is in use can't be removed
    with tempfile.NamedTemporaryFile(prefix=_PREFIX, delete=False) as file:
        return file.name


def remove_shared_file(path: str) -> None:
    """Remove it, as far as the system does that with a file that is in use."""
    if not path.startswith("/proc/"):
        with contextlib.suppress(OSError):
            os.unlink(path)


def shared_rows(path: str = "") -> memoryview:
    """Memory for the rows of children: forked ones inherit it, others map the file at `path`."""
    size = (_PROBLEMS_AT + PROBLEMS) * 8
    if not path:
        return memoryview(mmap.mmap(-1, size)).cast("q")
    with open(path, "r+b") as file:
        file.truncate(size)
        return memoryview(mmap.mmap(file.fileno(), size)).cast("q")


@dataclass(slots=True, eq=False)
class _Child:
    """What the parent knows of one child."""

    place: int
    """Where its row is."""
    inherited: int
    """Connections that were open when it was made, and are its own since."""
    launch: Any = None
    """The `Popen` of `multiprocessing` that starts it, if it is not forked."""
    forked: int = 0
    """Its pid, as `fork` gave it."""

    @property
    def pid(self) -> int:
        """0 while it is being made."""
        return self.forked or getattr(self.launch, "pid", 0)


class SharedCounterRows:
    """The rows of the children of this process, in memory shared with them.

    The parent notes each child's pid itself: a child may be killed before it has run a single line.
    """

    def __init__(self, *, fork: bool) -> None:
        self.path = "" if fork else shared_file()
        """The file behind the memory; empty if children inherit it."""
        self._shared = shared_rows(self.path)
        self.rest = rest_of(self._shared)
        """Where those who write one pipe keep what was left over of a line."""
        self.notices = notices_of(self._shared)
        """What the parent writes for all children; see `DETAIL`, `OPEN` and `PERSISTENCE`."""
        self.problems = problems_of(self._shared)
        self.ended: deque[tuple[int, Row]] = deque(maxlen=_ENDED)
        """The pids and rows of children that were found dead; who takes note of them removes them."""
        self._base = [0] * FIELDS
        self._free = list(range(0, _CHILDREN * _ROW, _ROW))
        self._children: dict[int, _Child] = {}  # by the place of its row, the oldest first
        self._made = 0
        self._newest = _Child(0, 0)

    def before_fork(self, inherited: int, reported: Iterable[int], launch: Any = None) -> None:
        """Set a row aside for the child to come, which takes over `inherited` connections.

        The opening of those with the numbers `reported` was sent. Raises BlockingIOError for too many children.
        """
        if not self._free:
            raise OSError(errno.EAGAIN, f"more than {_CHILDREN} processes at a time")
        place = self._free.pop()
        row = self._shared[place : place + _ROW]
        row[:] = memoryview(bytes(_ROW * 8)).cast("q")
        for number in reported:
            note_open(row, number)
        self._made += 1
        self._newest = self._children[place] = _Child(place, inherited, launch)

    def after_fork(self, pid: int) -> None:
        """Note the pid of the child for which a row was set aside last."""
        self._newest.forked = pid

    def fork_failed(self) -> None:
        """Take back the row that was set aside last."""
        if self._children.pop(self._newest.place, None):
            self._free.append(self._newest.place)

    @property
    def place(self) -> int:
        """Where the row is that was set aside last."""
        return self._newest.place

    @property
    def numbers(self) -> int:
        """After which number those of the connections begin that the newest child accepts."""
        return self._made * CONNECTIONS_EACH

    def activities(self) -> list[tuple[int, ActivityTuple, StandTuple]]:
        """The pid of each child that has not been found dead, what it is doing, and where it was found at that."""
        rows = [
            (child.pid, self._shared[child.place : child.place + _DOING])
            for child in list(self._children.values())
            if child.pid
        ]
        return [(pid, activity_in(row), stand_in(row)) for pid, row in rows]

    def rows(self) -> list[tuple[int, Row]]:
        """The pid and the row of each child that has not been found dead."""
        return [
            (child.pid, self._shared[child.place : child.place + _WIDTH])
            for child in list(self._children.values())
            if child.pid
        ]

    def settled(self) -> list[tuple[int, ActivityTuple]]:
        """The same of the children that have written all of their records."""
        children = list(self._children.values())
        rows = [(child.pid, self._shared[child.place : child.place + _WIDTH]) for child in children if child.pid]
        return [(pid, activity_in(row)) for pid, row in rows if not row[UNSENT]]

    def adopt(self) -> Row:
        """The row that was set aside, for the forked child that calls this."""
        return row_at(self._shared, self.place)

    def pids(self) -> list[int]:
        """The children that have not been found dead."""
        return [pid for child in list(self._children.values()) if (pid := child.pid)]

    def reap(self) -> list[tuple[int, int]]:
        """Find the children that are gone, keep their counts and free their rows.

        The kernel closed what a killed child had open, so its connections count as closed, and what it had not yet
        written as dropped. Returns a pair of pid and connection for each whose end it has not reported.
        """
        cut_off = []
        children = [(child.pid, child) for child in list(self._children.values())]
        newest = dict(children)  # a pid may have been given out again
        for pid, child in children:
            if pid == 0 or (newest[pid] is child and not _is_gone(pid)):
                continue
            row = self._shared[child.place : child.place + _ROW]
            cut_off += [(pid, number) for number in row[_WIDTH:] if number]
            row[CLOSED] = child.inherited + row[ACCEPTED]
            row[DROPPED] += row[UNSENT]
            self.ended.append((pid, list(row[:_WIDTH])))
            _add(self._base, row)
            del self._children[child.place]
            self._free.append(child.place)
        return cut_off

    def total(self) -> list[int]:
        """The sum of all children's rows, ended or not."""
        total, children = self._base[:], list(self._children.values())
        for child in children:
            _add(total, self._shared[child.place : child.place + FIELDS])
        return total

    def close(self) -> None:
        """Leave no file behind."""
        if self.path:
            remove_shared_file(self.path)

    def tell_open(self, total: int) -> None:
        """Let each child know how many connections are open, and how many of them were counted as its own."""
        self.notices[OPEN] = total
        for child in list(self._children.values()):
            row = self._shared[child.place : child.place + _ROW]
            row[COUNTED] = child.inherited + row[ACCEPTED] - row[CLOSED]


def notices_of(shared: memoryview) -> memoryview:
    """The place in the shared memory where the parent writes for all children."""
    return shared[_NOTICES_AT:_REST_AT]


def rest_of(shared: memoryview) -> memoryview:
    """The place in the shared memory for what was left over of a line."""
    return shared[_REST_AT:_PROBLEMS_AT].cast("B")


def problems_of(shared: memoryview) -> memoryview:
    """The place in the shared memory where all processes note which problems were reported."""
    return shared[_PROBLEMS_AT:]


def row_at(shared: memoryview, place: int) -> Row:
    """The row at `place`."""
    return shared[place : place + _ROW]


def note_open(row: Row, number: int) -> None:
    """Keep in a child's row that the connection is open; of too many at a time, the newest are kept."""
    row[_WIDTH + number % _SLOTS] = number


def note_closed(row: Row, number: int) -> None:
    """The child itself reported the end of the connection."""
    slot = _WIDTH + number % _SLOTS
    if row[slot] == number:
        row[slot] = 0


def activity_in(row: Row) -> ActivityTuple:
    """What the child that shares `row` is doing."""
    return _FORM.unpack_from(row, ACTIVITY_AT)  # type: ignore[arg-type]


def stand_in(row: Row) -> StandTuple:
    """Where the child that shares `row` was found."""
    return _FORM.unpack_from(row, _STAND)  # type: ignore[arg-type]


def note_stand(row: Row, stand: StandTuple) -> None:
    """Let the parent know, in the shared `row`, where this child was found."""
    _FORM.pack_into(row, _STAND, *stand)  # type: ignore[arg-type]


def note_taken(row: Row, now: float) -> None:
    """The worker of `row` has taken a connection, or a request, and serves it from now on."""
    row[TAKEN] += 1
    row[BUSY_SINCE] = int(now * _SINCE_UNIT)


def note_served(row: Row, now: float) -> None:
    """It has served it."""
    since = row[BUSY_SINCE]
    if since:
        row[BUSY] += int(now * _SINCE_UNIT) - since
        row[BUSY_SINCE] = 0


def busy_seconds(row: Row, now: float) -> float:
    """For how many seconds the worker of `row` has served what it has taken."""
    since = row[BUSY_SINCE]
    served: float = row[BUSY] / _SINCE_UNIT
    return served + max(0.0, now - since / _SINCE_UNIT) if since else served


def _add(total: list[int], row: Row) -> None:
    total[:] = map(add, total, row)  # as far as `total` goes: the rest of the row is no count


def _is_gone(pid: int) -> bool:
    """Whether the child has ended; it can still be waited for."""
    if hasattr(os, "waitid"):
        try:
            return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True  # it was waited for
    if sys.platform == "win32":  # where a signal of 0 is none to ask with
        import psutil

        return not psutil.pid_exists(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):  # or its pid is that of another user's process now
        return True
    return False
