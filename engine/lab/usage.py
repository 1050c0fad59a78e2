"""What a process and its descendants use: processor, memory, threads, descriptors, context switches.

Owns the reading of the system's counters; the caller decides when. Knows only the engine's process id.
"""

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TypeAlias

import psutil

from engine.clock import monotonic

INTERVAL = 0.5
"""Seconds between two samples of a process tree."""
SAMPLE_TIMEOUT = 1.0
"""Seconds that a sample may take at the end: macOS may not answer at all."""
THREADS_READ = 100
"""Threads of a process whose context switches are read: 0.02 ms each."""
CHILDREN_READ = 24
"""Child processes whose memory is read: about 0.2 ms each, and a fork for each connection makes hundreds."""

Switches: TypeAlias = "dict[int, tuple[int, int, int]]"
"""By thread id: voluntary switches, involuntary switches, and the number of threads that this one represents."""


@dataclass(frozen=True)
class Usage:
    """What a process and all its descendants use together."""

    time: float
    cpu: float
    """Percent of one core since the last sample, including children that ended and were reaped."""
    memory: int
    """Bytes that would be free without them: a page shared by forked processes counts once (PSS on Linux; elsewhere
    USS, the memory that is not shared; where the system says neither, all that it has in memory). Above
    `CHILDREN_READ` children, estimated from some of them."""
    processes: int
    """Running processes, without zombies."""
    threads: int
    zombies: int
    """Children that have ended and were not reaped."""
    descriptors: int | None
    """Open files and sockets; None where the system doesn't count them."""
    voluntary: float | None = None
    """Context switches per second since the last sample because a thread had to wait; None where the system doesn't
    count them. Of threads that ran at both samples; above `THREADS_READ`, estimated from some of them."""
    involuntary: float | None = None
    """The same, because the scheduler took the processor away."""


class ProcessTree:
    """A process and all its descendants. Raises `psutil.NoSuchProcess` once the process has ended."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._time = monotonic()
        self._used: dict[psutil.Process, float] = {}
        self._inherited = 0.0
        self._switches: Switches = {}
        self.sample()

    def sample(self) -> Usage:
        """What they use now; processor time and context switches since the last call."""
        used: dict[psutil.Process, float] = {}
        switches: Switches = {}
        inherited, threads, zombies, descriptors = 0.0, 0, 0, 0
        running: list[psutil.Process] = []
        for process in (self._root, *self._root.children(recursive=True)):
            with contextlib.suppress(psutil.Error), process.oneshot():
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
                running.append(process)
        now = monotonic()
        seconds = self._seconds_since(used, inherited)
        cpu = 100 * seconds / (now - self._time)
        voluntary, involuntary = self._switched_since(switches)
        elapsed = now - self._time
        self._time, self._used, self._inherited, self._switches = now, used, inherited, switches
        return Usage(
            time=now,
            cpu=cpu,
            memory=memory(running),
            processes=len(running),
            threads=threads,
            zombies=zombies,
            descriptors=descriptors if psutil.POSIX else None,
            voluntary=voluntary / elapsed if switches else None,
            involuntary=involuntary / elapsed if switches else None,
        )

    def _seconds_since(self, used: dict[psutil.Process, float], inherited: float) -> float:
        """Processor seconds since the last sample, of running processes and of reaped children."""
        before = self._used
        lived = sum(max(0.0, seconds - before.get(process, 0.0)) for process, seconds in used.items())
        known = sum(seconds for process, seconds in before.items() if process not in used)
        return lived + max(0.0, inherited - self._inherited - known)

    def _switched_since(self, switches: Switches) -> tuple[int, int]:
        """Voluntary and involuntary context switches since the last sample, of threads that ran then already."""
        before = self._switches
        voluntary = involuntary = 0
        for thread in switches.keys() & before.keys():
            (waited, preempted, threads), (waited_before, preempted_before, _) = switches[thread], before[thread]
            voluntary += threads * max(0, waited - waited_before)
            involuntary += threads * max(0, preempted - preempted_before)
        return voluntary, involuntary


def _switches(process: psutil.Process, threads: int) -> Switches:
    """The switches of the process's threads; empty where the system doesn't distinguish the two kinds."""
    if sys.platform != "linux":
        return {}
    if threads == 1:  # the process's own counters are the thread's
        return {process.pid: (*process.num_ctx_switches(), 1)}
    folder = f"/proc/{process.pid}/task"
    sample_every = threads // THREADS_READ + 1
    found: Switches = {}
    with contextlib.suppress(OSError):
        for thread in map(int, os.listdir(folder)):
            is_first = thread == process.pid
            if is_first or thread % sample_every == 0:
                with contextlib.suppress(OSError), open(f"{folder}/{thread}/status", "rb", buffering=0) as status:
                    _, voluntary, involuntary = status.read().split(b"voluntary_ctxt_switches:")
                    represented = 1 if is_first else sample_every
                    found[thread] = int(voluntary.split()[0]), int(involuntary.split()[0]), represented
    return found


def memory(processes: list[psutil.Process]) -> int:
    """The bytes that `processes` use together, the parent first; see `Usage.memory`."""
    parent, children = processes[:1], processes[1:]
    chosen = children[:: len(children) // CHILDREN_READ + 1]
    sizes = [size for child in chosen if (size := _memory_of(child))]
    mean = sum(sizes) / len(sizes) if sizes else 0.0
    return round(sum(_memory_of(each) for each in parent) + mean * len(children))


def _memory_of(process: psutil.Process) -> int:
    """0 if it has ended."""
    try:
        if sys.platform != "darwin":  # there only an administrator may ask for it, and may wait for ever
            with contextlib.suppress(psutil.AccessDenied):
                full = process.memory_full_info()
                return int(getattr(full, "pss", full.uss))
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
