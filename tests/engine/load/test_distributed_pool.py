"""A pool in several processes reports what a single one would, and leaves no process behind."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from engine.load import wire
from engine.load.distributed_pool import split
from tests.engine.load.support import Load
from tests.engine.support import Engine


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize(("clients", "slow", "rate"), [(64, 0, 0.0), (5, 3, 100.0), (1, 1, 7.0), (0, 0, 9.0)])
def test_shares_add_up(count: int, clients: int, slow: int, rate: float) -> None:
    parts = split(wire.Change("steady", clients, slow, rate, 0), count)
    assert len(parts) == count
    assert sum(part.clients for part in parts) == clients
    assert sum(part.slow for part in parts) == slow
    assert sum(part.rate for part in parts) == pytest.approx(rate if clients else 0)
    assert max(part.clients for part in parts) - min(part.clients for part in parts) <= 1
    assert all(part.rate == 0 for part in parts if not part.clients)


def test_sums_are_exact(site: Path) -> None:
    with Engine("epoll", site) as engine:
        with Load(engine.address, "--clients", 9, "--slow", 3, "--processes", 3) as load:
            stats = load.stats_when(lambda c: (c.clients, c.slow) == (9, 3) and c.answered > 100, "not all are there")
            assert stats.connections == 12
            assert load.applied(1) == wire.Change("steady", 9, 3, 0.0, 0, load.applied(1).time)
            assert len(psutil.Process(load.pid).children()) == 3
            change = load.change("visitors", 4, rate=300.0)
            assert (change.workload, change.clients, change.slow, change.rate) == ("visitors", 4, 0, 300.0)
            load.stats_when(lambda c: c.slow == 0 and c.answered > stats.answered + 100, "no visitors")
        last, counters = load.last, engine.counters
        assert last.failed == 0
        assert last.answered == counters.requests == load.latencies().total
        assert last.bytes == counters.bytes
        assert (last.clients, last.connections) == (0, 0)
        assert [type(message) for message in load.messages[-2:]] == [wire.LoadStats, wire.Stopped]


@pytest.mark.slow
def test_process_that_ends_is_reported_and_the_others_continue(site: Path) -> None:
    with Engine("epoll", site) as engine, Load(engine.address, "--clients", 4, "--processes", 2) as load:
        load.stats_when(lambda stats: stats.clients == 4, "not all are there")
        psutil.Process(load.pid).children()[0].kill()
        assert load.problem("load-ended").details["pid"]
        before = load.last.answered
        load.stats_when(lambda stats: stats.answered > before + 50, "the other does not go on")
        assert load.change("steady", 6).clients == 6


def test_problem_of_all_processes_is_reported_once(site: Path) -> None:
    with Engine("epoll", site, "--no-work-pages") as engine:
        with Load(engine.address, "--workload", "busy-work", "--clients", 6, "--processes", 3) as load:
            load.stats_when(lambda stats: stats.bad_reply > 12, "no failures")
        assert len(load.all(wire.Problem)) == 1


def test_interrupt_ends_all_processes_in_order(site: Path) -> None:
    """A terminal sends it to the whole process group."""
    with Engine("epoll", site) as engine, Load(engine.address, "--clients", 6, "--processes", 2) as load:
        load.stats_when(lambda stats: stats.clients == 6, "not all are there")
        children = psutil.Process(load.pid).children()
        os.killpg(load.pid, signal.SIGINT)
        assert load.end() == 0
        assert load.all(wire.Problem) == []
        assert load.last.answered == load.latencies().total
        assert not any(child.is_running() for child in children)
