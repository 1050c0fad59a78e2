"""The client pool: any number of clients of one kind, in this process.

Owns the clients, and starts and stops them. Whatever is done *to* a client (stopped, timed out, rescheduled) is done in
gevent's loop, between two steps of the clients: at that moment each of them is waiting, and its state is consistent.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import gevent
import msgspec

from engine.clock import monotonic
from engine.load.clients import ClientPlan, SlowSender, VirtualClient, client_class
from engine.load.connection import Target
from engine.load.requests import OwnRequests, read_requests
from engine.load.schedule import Schedule
from engine.load.wire import AnyLoadMessage, Change, Latencies, LoadStats, Problem
from engine.load.workloads import PAGE, WORKLOADS
from engine.persistence import ONE_A_REQUEST
from engine.problems import problem

CHECK_INTERVAL = 0.1
"""Seconds between two checks for timeouts."""
STOP_TIMEOUT = 0.5
"""Seconds that a stopping client waits for its response."""
CPU_WINDOW = 1.0


class Pool(Protocol):
    """Clients in this process, or in several."""

    def change(self, change: Change) -> None:
        """Apply `change`; a report says when it took effect."""

    def report(self) -> list[AnyLoadMessage]:
        """The messages since the last call; the statistics are the last one."""

    def close(self) -> None:
        """Stop all clients; returns soon, when they have stopped."""


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
        self._stopping: deque[tuple[float, VirtualClient]] = deque()
        self._applied: list[Change] = []
        self._reported_problems: set[str] = set()
        self._report_time = monotonic()
        self._cpu: deque[tuple[float, float]] = deque([(self._report_time, time.process_time())])
        self._loop = gevent.get_hub().loop
        self._timer = self._loop.timer(CHECK_INTERVAL, CHECK_INTERVAL)
        self._timer.start(self._check)

    def change(self, change: Change) -> None:
        self._loop.run_callback(self._apply, change)

    def report(self) -> list[AnyLoadMessage]:
        now = monotonic()
        messages: list[AnyLoadMessage] = [*self._applied, *self._new_problems(now)]
        self._applied.clear()
        histogram = self._counters.take_histogram()
        if histogram is not None:
            messages.append(Latencies(self._report_time, now, histogram.encode(), histogram.bound))
        self._report_time = now
        return [*messages, self._stats(now)]

    def close(self) -> None:
        self._loop.run_callback(self._apply, None)
        deadline = monotonic() + STOP_TIMEOUT + 2 * CHECK_INTERVAL
        gevent.sleep(0)
        while self._stopping and monotonic() < deadline:
            gevent.sleep(0.005)
            self._remove_stopped()
        self._timer.stop()

    def _apply(self, change: Change | None) -> None:
        """Put `change` into effect; None stops all clients."""
        before, self._change = self._change, change
        if change is None:
            self._shrink(self._clients, 0)
            self._shrink(self._slow, 0)
            return
        if before is None or _kind(before) != _kind(change):
            self._shrink(self._clients, 0)
            self._target.closes = change.connections == ONE_A_REQUEST
            path = WORKLOADS[change.workload].path.format(ms=change.work_ms)
            own = OwnRequests(read_requests(change.requests), change.seed) if change.requests else None
            self._plan = ClientPlan(path, change.clients, change.rate, own)
            self._reported_problems.clear()
            self._counters.problems.clear()
        elif before.rate != change.rate:
            self._plan.schedule = Schedule(change.rate) if change.rate else None
            for client in self._clients:
                client.reschedule()
        self._plan.clients, self._slow_plan.clients = change.clients, change.slow
        kind = client_class(WORKLOADS[change.workload], closes=self._target.closes)
        self._resize(self._clients, change.clients, lambda: kind(self._target, self._plan))
        self._resize(self._slow, change.slow, lambda: SlowSender(self._target, self._slow_plan))
        self._applied.append(msgspec.structs.replace(change, time=monotonic()))

    def _resize(self, clients: list[VirtualClient], wanted: int, new: Callable[[], VirtualClient]) -> None:
        self._shrink(clients, wanted)
        while len(clients) < wanted:
            client = new()
            clients.append(client)
            client.start()

    def _shrink(self, clients: list[VirtualClient], wanted: int) -> None:
        deadline = monotonic() + STOP_TIMEOUT
        while len(clients) > wanted:
            client = clients.pop()
            self._stopping.append((deadline, client))
            client.stop()

    def _check(self) -> None:
        now = monotonic()
        self._target.enforce_timeouts(now)
        for deadline, client in tuple(self._stopping):
            if deadline < now:
                client.stop(at_once=True)
        self._remove_stopped()

    def _remove_stopped(self) -> None:
        self._stopping = deque(entry for entry in self._stopping if not entry[1].stopped)

    def _new_problems(self, now: float) -> Sequence[Problem]:
        new = self._counters.problems.keys() - self._reported_problems
        self._reported_problems |= new
        found = (self._counters.problems[kind] for kind in sorted(new))
        return [problem(now, code, **details) for code, details in found]

    def _stats(self, now: float) -> LoadStats:
        counters = self._counters
        connected = [connection for connection in self._target.connections if connection.connected]
        owners = {connection.owner for connection in connected}
        slow = sum(owner.plan is self._slow_plan for owner in owners)
        waits = self._waits()
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
            connections=len(connected),
            waiting=len(waits),
            longest_wait=now - min(waits, default=now),
        )

    def _waits(self) -> list[float]:
        """Since when each client that waits does so."""
        connecting = (each for each in self._target.connections if not each.connected)
        return [client.waits_since for client in (*self._clients, *self._slow) if client.waits_since] + [
            connection.begun for connection in connecting if not connection.owner.waits_since
        ]

    def _behind(self, now: float) -> float:
        schedule = self._plan.schedule
        if schedule is None:
            return 0.0
        oldest_taken = min((client.due for client in self._clients if client.due), default=now)
        return max(0.0, now - oldest_taken, schedule.behind(now))

    def _cpu_percent(self, now: float) -> float:
        used = time.process_time()
        self._cpu.append((now, used))
        while len(self._cpu) > 2 and now - self._cpu[1][0] >= CPU_WINDOW:
            self._cpu.popleft()
        since, before = self._cpu[0]
        return 100 * (used - before) / max(now - since, 1e-3)


def _kind(change: Change) -> tuple[str, int, bool, str, int]:
    """What clients can't change while they live."""
    return change.workload, change.work_ms, change.connections == ONE_A_REQUEST, change.requests, change.seed
