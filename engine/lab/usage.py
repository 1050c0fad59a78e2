"""What a process and its descendants use: processor, memory, threads, descriptors, context switches.

Owns the reading of the system's figures; when to read them is the caller's. Knows of the engine only its process id.
"""

import contextlib
import os
import sys
import time
from dataclasses import dataclass
from typing import TypeAlias

import psutil

INTERVAL = 0.5
"""Seconds between two samples of one tree."""
THREADS_READ = 100
"""Of how many threads of a process the context switches are read: 0.02 ms each."""
CHILDREN_READ = 24
"""Of how many processes the memory is read one by one: some 0.2 ms each, and a fork a connection makes hundreds."""

Switches: TypeAlias = "dict[int, tuple[int, int, int]]"
"""By a thread's id: how often it gave the processor up of itself, how often it was taken away, and for how many
threads it stands."""


@dataclass(frozen=True)
class Usage:
    """What a process and all its descendants used, together."""

    time: float
    cpu: float
    """Percent of one core since the sample before, with what children used that ended and were waited for."""
    memory: int
    """Bytes that would be free without them: a page that several forked processes share counts once (Linux's PSS;
    elsewhere what is theirs alone, USS). Of more than `CHILDREN_READ` children the mean of some of them counts."""
    processes: int
    """Those that live; zombies are counted apart."""
    threads: int
    zombies: int
    """Children that have ended and that nobody waited for."""
    descriptors: int | None
    """Open files and sockets; None where the system doesn't say."""
    voluntary: float | None = None
    """Context switches a second since the sample before, because a thread had to wait; None where the system doesn't
    say. By threads that lived at both samples; of more than `THREADS_READ` it is put at the mean of some of them."""
    involuntary: float | None = None
    """The same, because another's turn had come."""


class ProcessTree:
    """A process and all its descendants; raises `psutil.NoSuchProcess` once the process is gone."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._time = time.monotonic()
        self._used: dict[psutil.Process, float] = {}
        self._inherited = 0.0
        self._switches: Switches = {}
        self.sample()

    def sample(self) -> Usage:
        """What they use now, and how much of the processor since the last call."""
        used: dict[psutil.Process, float] = {}
        switches: Switches = {}
        inherited, threads, zombies, descriptors = 0.0, 0, 0, 0
        living: list[psutil.Process] = []
        for process in (self._root, *self._root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess), process.oneshot():
                user, system, children_user, children_system = process.cpu_times()[:4]
                used[process] = user + system
                inherited += children_user + children_system
                if process.status() == psutil.STATUS_ZOMBIE:
                    zombies += 1
                    continue
                own = process.num_threads()
                threads += own
                switches |= _switches(process, own)
                descriptors += process.num_fds() if psutil.POSIX else 0
                living.append(process)
        now = time.monotonic()
        seconds = self._seconds_since(used, inherited)
        cpu = 100 * seconds / (now - self._time)
        voluntary, involuntary = self._switched_since(switches)
        elapsed = now - self._time
        self._time, self._used, self._inherited, self._switches = now, used, inherited, switches
        return Usage(
            time=now,
            cpu=cpu,
            memory=memory(living),
            processes=len(living),
            threads=threads,
            zombies=zombies,
            descriptors=descriptors if psutil.POSIX else None,
            voluntary=voluntary / elapsed if switches else None,
            involuntary=involuntary / elapsed if switches else None,
        )

    def _seconds_since(self, used: dict[psutil.Process, float], inherited: float) -> float:
        """Seconds of processor since the last sample, by those that live and by those that a parent waited for."""
        before = self._used
        lived = sum(max(0.0, seconds - before.get(process, 0.0)) for process, seconds in used.items())
        known = sum(seconds for process, seconds in before.items() if process not in used)
        return lived + max(0.0, inherited - self._inherited - known)

    def _switched_since(self, switches: Switches) -> tuple[int, int]:
        """Voluntary and other context switches since the last sample, by threads that lived then already."""
        before = self._switches
        voluntary = involuntary = 0
        for thread in switches.keys() & before.keys():
            (waited, pushed, stands_for), (waited_before, pushed_before, _) = switches[thread], before[thread]
            voluntary += stands_for * max(0, waited - waited_before)
            involuntary += stands_for * max(0, pushed - pushed_before)
        return voluntary, involuntary


def _switches(process: psutil.Process, threads: int) -> Switches:
    """Those of the process's threads; nothing where the system doesn't tell the two kinds apart."""
    if sys.platform != "linux":
        return {}
    if threads == 1:  # what was just read of the process says it as well
        return {process.pid: (*process.num_ctx_switches(), 1)}
    folder = f"/proc/{process.pid}/task"
    every = threads // THREADS_READ + 1
    found: Switches = {}
    with contextlib.suppress(OSError):
        for thread in map(int, os.listdir(folder)):
            is_first = thread == process.pid
            if is_first or thread % every == 0:
                with contextlib.suppress(OSError), open(f"{folder}/{thread}/status", "rb", buffering=0) as status:
                    _, voluntary, involuntary = status.read().split(b"voluntary_ctxt_switches:")
                    stands_for = 1 if is_first else every
                    found[thread] = int(voluntary.split()[0]), int(involuntary.split()[0]), stands_for
    return found


def memory(processes: list[psutil.Process]) -> int:
    """Bytes that `processes`, the parent first, use together; see `Usage.memory`."""
    parent, children = processes[:1], processes[1:]
    chosen = children[:: len(children) // CHILDREN_READ + 1]
    weights = [weight for child in chosen if (weight := _weight(child))]
    mean = sum(weights) / len(weights) if weights else 0.0
    return round(sum(_weight(each) for each in parent) + mean * len(children))


def _weight(process: psutil.Process) -> int:
    """0 if it is gone by now."""
    try:
        full = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(full, "pss", full.uss))
