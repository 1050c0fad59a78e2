"""A client pool in several processes. Each of them is a load of its own with a share of the clients.

Owns the processes, sends them their share of each change, and adds up their reports. The sums are exact once all
processes have ended.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gevent
import msgspec
from gevent.os import tp_read

from engine.clock import monotonic
from engine.load.connection import CHUNK
from engine.load.histogram import Histogram
from engine.load.wire import AnyLoadMessage, Change, Latencies, LoadStats, Problem, decode, encode
from engine.options import child_command, child_variables
from engine.problems import problem
from engine.settings import Part
from engine.telemetry.bounds import Count
from engine.windows import OWN_SESSION

END_TIMEOUT = 3.0
"""Seconds that the processes have to end."""
_SUMMED = tuple(row.name for row in msgspec.structs.fields(LoadStats) if row.type in (int, Count))
"""All counts. Of the other statistics the largest one is reported."""


@dataclass(slots=True, eq=False)
class _PoolProcess:
    """One process, and what it has reported."""

    process: "subprocess.Popen[bytes]"
    stats: LoadStats | None = None
    applied: list[Change] = field(default_factory=list)
    """The changes that have taken effect there."""
    ended: bool = False


class DistributedPool:
    """The clients of `count` processes, each started with the load settings `values`."""

    def __init__(self, count: int, values: Mapping[str, Any]) -> None:
        self._processes = [_PoolProcess(self._start(values)) for _ in range(count)]
        self._requested: list[Change] = []
        self._reported_changes = 0
        self._problems: list[Problem] = []
        self._reported_problems: set[tuple[str, str]] = set()
        self._histogram = Histogram()
        self._report_time = monotonic()
        self._closing = False
        gevent.get_hub().threadpool.maxsize += count  # a thread waits for each process
        self._readers = [gevent.spawn(self._read, process) for process in self._processes]

    def change(self, change: Change) -> None:
        self._requested.append(change)
        self._reported_problems.clear()
        for each, part in zip(self._processes, split(change, len(self._processes)), strict=True):
            assert each.process.stdin
            with suppress(OSError):  # it has ended, which is reported elsewhere
                each.process.stdin.write(encode(part))

    def report(self) -> list[AnyLoadMessage]:
        now = monotonic()
        messages: list[AnyLoadMessage] = [*self._applied_everywhere(), *self._problems]
        self._problems = []
        if self._histogram.total:
            messages.append(Latencies(self._report_time, now, self._histogram.encode(), self._histogram.bound))
            self._histogram = Histogram()
        self._report_time = now
        return [*messages, self._sum(now)]

    def close(self) -> None:
        self._closing = True
        for each in self._processes:
            assert each.process.stdin
            each.process.stdin.close()
        gevent.joinall(self._readers, timeout=END_TIMEOUT)
        for each in self._processes:
            if not each.ended:
                each.process.kill()
            each.process.wait()

    def _start(self, values: Mapping[str, Any]) -> "subprocess.Popen[bytes]":
        command = child_command(Part.LOAD, {**values, "clients": 0})
        # A session of its own: Ctrl+C reaches only this process, which then ends the others in order.
        pipe, variables = subprocess.PIPE, {**os.environ, **child_variables()}
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, env=variables, **OWN_SESSION)

    def _read(self, process: _PoolProcess) -> None:
        for line in _lines(process.process):
            message = decode(line)
            if isinstance(message, LoadStats):
                process.stats = message
            elif isinstance(message, Latencies):
                self._histogram.add(Histogram.decode(message.histogram, message.bound))
            elif isinstance(message, Change):
                process.applied.append(message)
            elif isinstance(message, Problem):
                self._report_once(message)
        process.ended = True
        if not self._closing:
            pid = process.process.pid
            self._report_once(problem(monotonic(), "load-ended", pid=pid))

    def _report_once(self, problem: Problem) -> None:
        """Report a problem that several processes may have only once."""
        key = problem.code, problem.message
        if key not in self._reported_problems:
            self._reported_problems.add(key)
            self._problems.append(problem)

    def _applied_everywhere(self) -> Iterator[Change]:
        """The changes that have taken effect in all processes and have not been reported."""
        living = [each for each in self._processes if not each.ended]
        while living and all(len(each.applied) > self._reported_changes + 1 for each in living):
            change = self._requested[self._reported_changes]
            self._reported_changes += 1
            # The first change of each process is its start without clients.
            time = max(each.applied[self._reported_changes].time for each in living)
            yield msgspec.structs.replace(change, time=time)

    def _sum(self, now: float) -> LoadStats:
        reported = [each.stats for each in self._processes if each.stats is not None]
        return LoadStats(
            time=now,
            **{name: sum(getattr(stats, name) for stats in reported) for name in _SUMMED},
            behind=max((stats.behind for stats in reported), default=0.0),
            cpu=max((stats.cpu for stats in reported), default=0.0),
            longest_wait=max((stats.longest_wait for stats in reported), default=0.0),
        )


def split(change: Change, count: int) -> list[Change]:
    """The share of `change` for each of `count` processes: clients as evenly as possible, the rate in proportion."""
    parts = []
    for number in range(count):
        clients = change.clients // count + (number < change.clients % count)
        slow = change.slow // count + (number >= count - change.slow % count)
        rate = change.rate * clients / change.clients if change.clients else 0.0
        seed = change.seed + number if change.requests else 0  # or else all would send the same at a time
        parts.append(msgspec.structs.replace(change, clients=clients, slow=slow, rate=rate, seed=seed))
    return parts


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """The lines that `process` writes, until it ends."""
    assert process.stdout
    rest = b""
    while data := tp_read(process.stdout.fileno(), CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    process.stdout.close()
