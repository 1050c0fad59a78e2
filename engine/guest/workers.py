"""The workers of a guest and the files of its code, by the numbers that are reported.

Owns these numbers: a worker that is a whole process has its pid, threads and greenlets count from 1, and a file has one
number, though each process numbers files by itself. Owns as well which workers have a lane: those that serve, or may.
Knows nothing of connections or of how rows are sent.
"""

import itertools
import os
from collections.abc import Callable

NAMES_KEPT = 10_000
"""Threads and greenlets that are remembered."""
LIBRARIES = {"site-packages", "dist-packages"}

Emit = Callable[[tuple[int, int, str]], None]


class WorkerNumbers:
    """Who serves, under which number. `emit` takes number, process and name of each that is not a whole process."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._names: dict[int, tuple[int, str]] = {}
        self._numbers: dict[int, int] = {}
        self._next = itertools.count(1)
        self.served: dict[int, int] = {}
        """Workers that have received, and for how many connections they began to."""
        self.acceptors: set[int] = set()
        self._handing_over: set[int] = set()
        """Those that have accepted what another one reads."""
        self.parents: set[int] = set()
        """Processes that have started others of the guest."""
        self.has_threads = False
        """Whether threads or greenlets serve, not whole processes."""

    def name(self, worker: int, pid: int, name: str) -> None:
        """A thread or greenlet of process `pid` has begun."""
        self.forget(worker)
        self._names[worker] = pid, name
        while len(self._names) > NAMES_KEPT:
            self.forget(next(iter(self._names)))

    def forget(self, worker: int) -> None:
        """The system's number of a thread that has ended is now another's."""
        self._names.pop(worker, None)
        self._numbers.pop(worker, None)

    def number(self, worker: int) -> int:
        """The number that is reported of a worker."""
        if worker not in self._names:
            return worker
        number = self._numbers.get(worker)
        if number is None:
            number = self._numbers[worker] = next(self._next)
            self._emit((number, *self._names[worker]))
        return number

    def lane(self, worker: int) -> int:
        """The same for its calls: 0, if all it does is to accept connections that others serve."""
        accepts = worker in self.acceptors and worker not in self._names and worker not in self.served
        return 0 if self.only_accepts(worker) or (accepts and self.has_threads) else self.number(worker)

    def only_accepts(self, worker: int) -> bool:
        """Whether it hands over what it accepts, and serves nothing."""
        return worker in self._handing_over and worker not in self.served

    def has_lane(self, worker: int, pid: int) -> bool:
        """Whether a worker of process `pid` serves, or may: what only starts others, or has no client, does not."""
        is_first = worker == pid and worker not in self.parents and not self.has_threads
        return is_first or worker in self.served or worker in self.acceptors

    def received(self, worker: int, acceptor: int, *, is_new: bool) -> None:
        """It has received on a connection that `acceptor` accepted; `is_new`: not as the one before it there."""
        if worker != acceptor:
            self._handing_over.add(acceptor)
        if is_new:
            self.served[worker] = self.served.get(worker, 0) + 1


class OwnFiles:
    """The files below `folder`, and all others. `emit` takes number and path of each."""

    def __init__(self, folder: str, main: str, emit: Callable[[tuple[int, str]], None]) -> None:
        self._folder = os.path.join(folder, "")
        self._emit = emit
        self._by_path: dict[str, int] = {}
        self._numbers: dict[int, int] = {}
        self._own: set[int] = {0} if main else set()

    def add(self, number: int, path: str) -> None:
        """A process calls the file at `path` by this number."""
        reported = self._numbers[number] = self._by_path.setdefault(path, number)
        if reported == number:
            self._emit((number, path))
            below = path[len(self._folder) :].split(os.sep)
            if path.startswith(self._folder) and not LIBRARIES & set(below):
                self._own.add(number)

    def number(self, number: int) -> int:
        """The number that is reported of it."""
        return self._numbers.get(number, number)

    def is_own(self, number: int) -> bool:
        """Whether it is one of the program's own."""
        return self.number(number) in self._own
