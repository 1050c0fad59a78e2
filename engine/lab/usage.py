"""What a process and its descendants use: processor, memory, threads, descriptors, context switches.

Owns the reading of the system's counters. Knows only the engine's process id. What the system refuses to
report is not known: it is no error, and no 0.
"""

import contextlib
import ctypes
import functools
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeAlias

import psutil

from engine.clock import monotonic
from engine.telemetry.bounds import Count, Real, Seconds

INTERVAL = 0.5
"""Seconds between two samples of a process tree."""
THREADS_READ = 100
"""Threads of a process whose context switches are read: 0.02 ms each."""
CHILDREN_READ = 24
"""Child processes whose memory is read: about 0.2 ms each, and a fork for each connection makes hundreds."""

JOIN_TIMEOUT = 1.0
"""Seconds to wait for the end of a thread with `samples`: the system's answer may never come."""
REFUSALS = (psutil.Error, OSError, NotImplementedError, ValueError, LookupError)
"""What psutil raises where the system doesn't report something: it forbids it, lacks it, or answers with nonsense."""
_FOOTPRINT = struct.Struct("72x Q 16x")
"""macOS's `rusage_info_v0` with `ri_phys_footprint`, the memory that its Activity Monitor shows."""

Switches: TypeAlias = "dict[int, tuple[int, int, int]]"
"""By thread id: voluntary switches, involuntary switches, and the number of threads that this one represents."""


@dataclass(frozen=True)
class Usage:
    """What a process and all its descendants use together."""

    time: Seconds
    cpu: Real
    """Percent of one core since the last sample, including children that ended and were reaped."""
    memory: Count | None
    """Bytes that would be free without them: a page shared by forked processes counts once (PSS on Linux, the physical
    footprint on macOS, elsewhere USS, the memory that is not shared). Above `CHILDREN_READ` children, estimated from
    some of them. None where the system doesn't report it."""
    processes: Count
    """Running processes, without zombies."""
    threads: Count
    zombies: Count
    """Children that have ended and were not reaped."""
    descriptors: Count | None
    """Open files and sockets; None where the system doesn't report it."""
    voluntary: Real | None = None
    """Context switches per second since the last sample because a thread had to wait; None where the system doesn't
    count them. Of threads that ran at both samples; above `THREADS_READ`, estimated from some of them."""
    involuntary: Real | None = None
    """The same, because the scheduler took the processor away."""
    idle: Real | None = None
    """Processors of the machine that ran nothing since the last sample, on average; None: not known."""


def samples(pid: int, enough: Event, *, with_root: bool = True) -> Iterator[Usage]:
    """A sample of process `pid` each `INTERVAL` until `enough` is set or it has ended, except where it is refused.

    `with_root`: whether the process itself counts, or only what it has started.
    """
    tree = None
    while not enough.wait(INTERVAL if tree else 0):
        try:
            if tree:
                yield tree.sample()
            else:
                tree = ProcessTree(pid, with_root=with_root)
        except psutil.NoSuchProcess:
            return
        except REFUSALS:
            enough.wait(INTERVAL)


class ProcessTree:
    """A process, unless not `with_root`, and all its descendants.

    Raises `psutil.NoSuchProcess` once the process has ended, and one of `REFUSALS` where the system reports nothing of
    them.
    """

    def __init__(self, pid: int, *, with_root: bool = True) -> None:
        self._root = psutil.Process(pid)
        self._with_root = with_root
        self._time = monotonic()
        self._used: dict[psutil.Process, float] = {}
        self._inherited = 0.0
        self._switches: Switches = {}
        self._idle = 0.0
        self.sample()

    def sample(self) -> Usage:
        """What they use now; processor time and context switches since the last call."""
        used: dict[psutil.Process, float] = {}
        switches: Switches = {}
        inherited, threads, zombies = 0.0, 0, 0
        descriptors: int | None = 0
        running: list[psutil.Process] = []
        for process in (self._root, *self._root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess), process.oneshot():
                user, system, children_user, children_system = process.cpu_times()[:4]
                inherited += children_user + children_system
                if process == self._root and not self._with_root:
                    continue
                used[process] = user + system
                if process.status() == psutil.STATUS_ZOMBIE:
                    zombies += 1
                    continue
                own = process.num_threads()
                threads += own
                switches |= _switches(process, own)
                if descriptors is not None:
                    count = _or_none(process, "num_fds")
                    descriptors = None if count is None else descriptors + count
                running.append(process)
        now = monotonic()
        seconds = self._seconds_since(used, inherited)
        cpu = 100 * seconds / (now - self._time)
        voluntary, involuntary = self._switched_since(switches)
        elapsed = now - self._time
        self._time, self._used, self._inherited, self._switches = now, used, inherited, switches
        idle_before, self._idle = self._idle, psutil.cpu_times().idle
        return Usage(
            time=now,
            cpu=cpu,
            memory=memory(running),
            processes=len(running),
            threads=threads,
            zombies=zombies,
            descriptors=descriptors,
            voluntary=voluntary / elapsed if switches else None,
            involuntary=involuntary / elapsed if switches else None,
            idle=(self._idle - idle_before) / elapsed if elapsed > 0 else None,
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
        own = _or_none(process, "num_ctx_switches")
        return {process.pid: (*own, 1)} if own else {}
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


def memory(processes: list[psutil.Process]) -> int | None:
    """The bytes that `processes` use together, the parent first; see `Usage.memory`."""
    parent, children = processes[:1], processes[1:]
    chosen = children[:: len(children) // CHILDREN_READ + 1]
    try:
        sizes = [size for child in chosen if (size := _memory_of(child))]
        mean = sum(sizes) / len(sizes) if sizes else 0.0
        return round(sum(_memory_of(each) for each in parent) + mean * len(children))
    except REFUSALS:
        return None


def _memory_of(process: psutil.Process) -> int:
    """0 if it has ended. Raises one of `REFUSALS`."""
    try:
        if sys.platform == "darwin":
            return _footprint(process.pid)
        full = process.memory_full_info()
    except (psutil.NoSuchProcess, ProcessLookupError):
        return 0
    return int(getattr(full, "pss", full.uss))


def _footprint(pid: int) -> int:
    """On macOS, which lets no process read another's memory map. Raises OSError."""
    buffer = ctypes.create_string_buffer(_FOOTPRINT.size)
    if _libproc().proc_pid_rusage(pid, 0, buffer):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(_FOOTPRINT.unpack(buffer.raw)[0])


@functools.cache
def _libproc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _or_none(process: psutil.Process, name: str) -> Any:
    """What the method `name` returns, None where the system doesn't report it. Raises `psutil.NoSuchProcess`."""
    try:
        return getattr(process, name)()
    except psutil.NoSuchProcess:
        raise
    except (*REFUSALS, AttributeError):  # on Windows psutil lacks some methods
        return None
