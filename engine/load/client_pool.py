"""The crowd: as many clients of a kind as wanted, in this process.

Owns who is there, who comes and who leaves. What is done *to* a client (dismissed, given up, rescheduled) is done by
gevent's loop, between two steps of the clients: then each of them waits, and its state is what it says.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

import gevent

from engine.load.clients import ClientPlan, SlowSender, VirtualClient, client_class
from engine.load.connection import Target
from engine.load.schedule import Schedule
from engine.load.wire import AnyLoadMessage, Change, Latencies, LoadStats, Problem
from engine.load.workloads import PAGE, WORKLOADS

LOOK = 0.1
"""Seconds between two looks for clients that wait for too long."""
GRACE = 0.5
"""Seconds that a client which leaves has for the answer it waits for."""
CPU_WINDOW = 1.0


class Pool(Protocol):
    """A crowd in this process, or in several."""

    def change(self, change: Change) -> None:
        """Do `change` from now on; that it holds is among the news."""

    def news(self) -> list[AnyLoadMessage]:
        """What there is to tell since the last call; the figures come last."""

    def leave(self) -> None:
        """Let all clients leave; returns when they have, soon."""


class ClientPool:
    """The clients of this process."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._counters = target.counters
        self._change: Change | None = None
        self._plan = ClientPlan(PAGE, 0)
        self._slow_plan = ClientPlan(PAGE, 0)
        self._clients: list[VirtualClient] = []
        self._slow: list[VirtualClient] = []
        self._leaving: deque[tuple[float, VirtualClient]] = deque()
        self._held: list[Change] = []
        self._reported: set[str] = set()
        self._told = monotonic()
        self._cpu: deque[tuple[float, float]] = deque([(self._told, time.process_time())])
        self._loop = gevent.get_hub().loop
        self._look = self._loop.timer(LOOK, LOOK)
        self._look.start(self._look_around)

    def change(self, change: Change) -> None:
        self._loop.run_callback(self._apply, change)

    def news(self) -> list[AnyLoadMessage]:
        now = monotonic()
        news: list[AnyLoadMessage] = [*self._held, *self._problems(now)]
        self._held.clear()
        histogram = self._counters.take_histogram()
        if histogram is not None:
            news.append(Latencies(self._told, now, histogram.encode()))
        self._told = now
        return [*news, self._stats(now)]

    def leave(self) -> None:
        self._loop.run_callback(self._apply, None)
        deadline = monotonic() + GRACE + 2 * LOOK
        gevent.sleep(0)
        while self._leaving and monotonic() < deadline:
            gevent.sleep(0.005)
            self._forget_the_gone()
        self._look.stop()

    def _apply(self, change: Change | None) -> None:
        """Make `change` hold; None: nobody stays."""
        before, self._change = self._change, change
        if change is None:
            self._resize(self._clients, 0, _nobody)
            self._resize(self._slow, 0, _nobody)
            return
        if before is None or (before.workload, before.work_ms) != (change.workload, change.work_ms):
            self._resize(self._clients, 0, _nobody)
            path = WORKLOADS[change.workload].path.format(ms=change.work_ms)
            self._plan = ClientPlan(path, change.clients, change.rate)
            self._reported.clear()
            self._counters.problems.clear()
        elif before.rate != change.rate:
            self._plan.schedule = Schedule(change.rate) if change.rate else None
            for client in self._clients:
                client.reschedule()
        self._plan.clients, self._slow_plan.clients = change.clients, change.slow
        kind = client_class(WORKLOADS[change.workload])
        self._resize(self._clients, change.clients, lambda: kind(self._target, self._plan))
        self._resize(self._slow, change.slow, lambda: SlowSender(self._target, self._slow_plan))
        self._held.append(Change(*_facts(change), time=monotonic()))

    def _resize(self, clients: list[VirtualClient], wanted: int, new: Callable[[], VirtualClient]) -> None:
        until = monotonic() + GRACE
        while len(clients) > wanted:
            client = clients.pop()
            self._leaving.append((until, client))
            client.dismiss()
        while len(clients) < wanted:
            client = new()
            clients.append(client)
            client.begin()

    def _look_around(self) -> None:
        now = monotonic()
        self._target.time_out_silent(now)
        for until, client in tuple(self._leaving):
            if until < now:
                client.dismiss(at_once=True)
        self._forget_the_gone()

    def _forget_the_gone(self) -> None:
        self._leaving = deque(entry for entry in self._leaving if not entry[1].gone)

    def _problems(self, now: float) -> Sequence[Problem]:
        news = self._counters.problems.keys() - self._reported
        self._reported |= news
        return [_problem(now, kind, self._counters.problems[kind]) for kind in sorted(news)]

    def _stats(self, now: float) -> LoadStats:
        counters = self._counters
        open_now = [connection for connection in self._target.connections if connection.connected]
        owners = {connection.owner for connection in open_now}
        slow = sum(owner.plan is self._slow_plan for owner in owners)
        return LoadStats(
            time=now,
            clients=len(owners) - slow,
            slow=slow,
            sent=counters.sent,
            answered=counters.answered,
            **counters.failed,
            bytes=counters.bytes,
            behind=self._behind(now),
            cpu=self._cpu_percent(now),
            connections=len(open_now),
        )

    def _behind(self, now: float) -> float:
        schedule = self._plan.schedule
        if schedule is None:
            return 0.0
        held = min((client.due for client in self._clients if client.due), default=now)
        return max(0.0, now - held, schedule.behind(now))

    def _cpu_percent(self, now: float) -> float:
        used = time.process_time()
        self._cpu.append((now, used))
        while len(self._cpu) > 2 and now - self._cpu[1][0] >= CPU_WINDOW:
            self._cpu.popleft()
        since, before = self._cpu[0]
        return 100 * (used - before) / max(now - since, 1e-3)


def _nobody() -> VirtualClient:
    raise AssertionError("nobody is wanted")


def _facts(change: Change) -> tuple[str, int, int, float, int]:
    return change.workload, change.clients, change.slow, change.rate, change.work_ms


def _problem(now: float, kind: str, reason: str) -> Problem:
    code = kind.replace("_", "-")
    if kind == "exhausted":
        message = f"This machine gives the load no more connections: {reason}. Use fewer clients."
    else:
        message = f"{reason} Such answers are counted as failures."
    return Problem(now, code, message, {"reason": reason})
