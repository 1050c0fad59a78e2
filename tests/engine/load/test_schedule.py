"""The open loop: requests are due at even intervals, whatever the server does, and late ones are counted as late."""

import threading
import time
from pathlib import Path

import pytest

from engine.load.histogram import value_of
from engine.load.schedule import Schedule
from tests.engine.load.support import Load, ScriptedConnection, reply, scripted
from tests.engine.support import Engine

PAGE = reply(b"<p>page</p>\n")


def test_requests_are_due_at_even_intervals() -> None:
    schedule = Schedule(8.0)
    first = schedule.take()
    assert [schedule.take() - first for _ in range(3)] == pytest.approx([0.125, 0.25, 0.375])


def test_requests_not_taken_are_behind() -> None:
    schedule = Schedule(10.0)
    first = schedule.take()
    assert schedule.behind(first) == 0.0
    assert schedule.behind(first + 1.0) == pytest.approx(0.9)
    schedule.take()
    assert schedule.behind(first + 1.0) == pytest.approx(0.8)


@pytest.mark.parametrize("workload", ["steady", "visitors"])
def test_stalled_server_keeps_no_request_from_being_counted(workload: str) -> None:
    """The server sends nothing for half a second. 200 requests a second are due, so 100 are late, by up to that long.

    A closed loop of four clients would see four late ones.
    """
    stall = threading.Lock()
    turns = iter(range(10**9))
    stalled = threading.Event()

    def serve(talk: ScriptedConnection) -> None:
        while talk.request():
            with stall:
                if next(turns) == 100:
                    stalled.set()
                    time.sleep(0.5)
            talk.socket.sendall(PAGE)

    with scripted(serve) as address:
        with Load(address, "--workload", workload, "--clients", 4, "--rate", 200) as load:
            assert load.applied(1).rate == 200
            worst = load.stats_when(lambda stats: stats.behind > 0.25, "nobody is behind")
            load.stats_when(lambda stats: stats.behind == 0 and stats.answered > worst.answered + 100, "no recovery")
        assert stalled.is_set()
        assert load.last.failed == 0
        late = sum(count for place, count in load.latencies().counts.items() if value_of(place) > 100_000)
        assert late >= 60
        assert load.latencies().values_at([100])[0] >= 450_000
        assert load.latencies().total == load.last.answered


def test_requests_come_at_the_rate(site: Path) -> None:
    with Engine("epoll", site) as engine, Load(engine.address, "--clients", 16, "--rate", 100) as load:
        first = load.stats_when(lambda stats: stats.answered > 0, "no answers")
        last = load.stats_when(lambda stats: stats.time > first.time + 2, "no figures")
        assert (last.sent - first.sent) / (last.time - first.time) == pytest.approx(100, rel=0.15)


def test_rate_changes_at_once(site: Path) -> None:
    """Also where the next request would have been due in an hour; and the connections stay."""
    with Engine("epoll", site) as engine:
        with Load(engine.address, "--clients", 5, "--rate", 0.0003) as load:
            load.stats_when(lambda stats: stats.sent == 1 and stats.clients == 5, "not all are there")
            for rate in (50.0, 0.0, 0.0003, 500.0):
                change = load.change("steady", 5, rate=rate)
                assert change.rate == rate
                if rate != 0.0003:
                    before = load.last.answered
                    load.stats_when(lambda stats, a=before: stats.answered > a + 20, f"nothing at {rate}")
        assert load.last.failed == 0
        assert engine.counters.accepted == 5


def test_requests_due_without_a_server_are_sent_later(site: Path) -> None:
    """Requests due while there was no server are sent late, not left out."""
    with Engine("epoll", site) as engine:
        address = engine.address
        with Load(address, "--clients", 8, "--rate", 100) as load:
            begun = load.stats_when(lambda stats: stats.answered > 20, "no answers")
            engine.stop()
            load.stats_when(lambda stats: stats.behind > 0.5 and stats.refused, "nobody is behind")
            with Engine("epoll", site, "--port", str(address[1])):
                end = load.stats_when(lambda stats: stats.behind == 0 and stats.answered > begun.answered, "no end")
                due = 100 * (end.time - begun.time)
                assert end.sent - begun.sent >= due - 15
                assert load.stop() == 0
