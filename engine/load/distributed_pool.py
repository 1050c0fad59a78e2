"""A crowd in several processes: each is a load of its own, with its share of the clients.

Owns the processes, what they are told, and the sums of what they tell. A sum is exact once they have ended.
"""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import gevent
from gevent.os import tp_read

from engine.load.connection import CHUNK
from engine.load.histogram import Histogram
from engine.load.wire import AnyLoadMessage, Change, Latencies, LoadStats, Problem, decode, encode
from engine.options import command_line
from engine.settings import Part

PATIENCE = 3.0
"""Seconds that the processes have to end."""
_SUMS = (
    "clients", "slow", "sent", "answered", "refused", "reset", "timed_out", "bad_reply", "wrong_bytes", "bytes",
    "connections",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class _PoolProcess:
    """One process, and what it told."""

    process: "subprocess.Popen[bytes]"
    stats: LoadStats | None = None
    held: list[Change] = field(default_factory=list)
    """The changes that hold, or have held, there."""
    ended: bool = False


class DistributedPool:
    """The clients of `count` processes, each told `values` of the load's settings."""

    def __init__(self, count: int, values: Mapping[str, Any]) -> None:
        self._processes = [_PoolProcess(self._start(values)) for _ in range(count)]
        self._asked: list[Change] = []
        self._told_changes = 0
        self._news: list[Problem] = []
        self._said: set[tuple[str, str]] = set()
        self._histogram = Histogram()
        self._begin = monotonic()
        self._leaving = False
        gevent.get_hub().threadpool.maxsize += count  # a thread waits for each process
        self._readers = [gevent.spawn(self._read, share) for share in self._processes]

    def change(self, change: Change) -> None:
        self._asked.append(change)
        self._said.clear()
        for share, part in zip(self._processes, split(change, len(self._processes)), strict=True):
            assert share.process.stdin
            with suppress(BrokenPipeError):  # it has ended, and that is told
                share.process.stdin.write(encode(part))

    def news(self) -> list[AnyLoadMessage]:
        now = monotonic()
        news: list[AnyLoadMessage] = [*self._changes(), *self._news]
        self._news = []
        if self._histogram.total:
            news.append(Latencies(self._begin, now, self._histogram.encode()))
            self._histogram = Histogram()
        self._begin = now
        return [*news, self._sum(now)]

    def leave(self) -> None:
        self._leaving = True
        for share in self._processes:
            assert share.process.stdin
            share.process.stdin.close()
        gevent.joinall(self._readers, timeout=PATIENCE)
        for share in self._processes:
            if not share.ended:
                share.process.kill()
            share.process.wait()

    def _start(self, values: Mapping[str, Any]) -> "subprocess.Popen[bytes]":
        command = command_line(Part.LOAD, {**values, "clients": 0, "stop_on_eof": True})
        # A session of its own: Ctrl+C is for us, who let it end in order.
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, start_new_session=True)

    def _read(self, share: _PoolProcess) -> None:
        for line in _lines(share.process):
            message = decode(line)
            if isinstance(message, LoadStats):
                share.stats = message
            elif isinstance(message, Latencies):
                self._histogram.add(Histogram.decode(message.histogram))
            elif isinstance(message, Change):
                share.held.append(message)
            elif isinstance(message, Problem):
                self._tell(message)
        share.ended = True
        if not self._leaving:
            pid = share.process.pid
            self._tell(
                Problem(
                    monotonic(),
                    "load-ended",
                    f"A process of the load (process {pid}) has ended, and its clients with it. Start the load again.",
                    {"pid": pid},
                )
            )

    def _tell(self, problem: Problem) -> None:
        """Tell what several processes may find out, once."""
        said = problem.code, problem.message
        if said not in self._said:
            self._said.add(said)
            self._news.append(problem)

    def _changes(self) -> Iterator[Change]:
        """The changes that hold everywhere and have not been told."""
        living = [share for share in self._processes if not share.ended]
        while living and all(len(share.held) > self._told_changes + 1 for share in living):
            asked = self._asked[self._told_changes]
            self._told_changes += 1
            time = max(share.held[self._told_changes].time for share in living)
            yield Change(asked.workload, asked.clients, asked.slow, asked.rate, asked.work_ms, time)

    def _sum(self, now: float) -> LoadStats:
        all_stats = [share.stats for share in self._processes if share.stats is not None]
        return LoadStats(
            time=now,
            **{name: sum(getattr(stats, name) for stats in all_stats) for name in _SUMS},
            behind=max((stats.behind for stats in all_stats), default=0.0),
            cpu=max((stats.cpu for stats in all_stats), default=0.0),
        )


def split(change: Change, count: int) -> list[Change]:
    """What each of `count` processes does of `change`: the clients dealt out, and the rate as they are."""
    parts = []
    for number in range(count):
        clients = change.clients // count + (number < change.clients % count)
        slow = change.slow // count + (number >= count - change.slow % count)
        rate = change.rate * clients / change.clients if change.clients else 0.0
        parts.append(Change(change.workload, clients, slow, rate, change.work_ms))
    return parts


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    """What `process` writes, line by line, until it ends."""
    assert process.stdout
    rest = b""
    while data := tp_read(process.stdout.fileno(), CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    process.stdout.close()
