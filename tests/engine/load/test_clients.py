"""What each kind of client does with a real server, and that both count the same."""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import gevent
import psutil
import pytest

from engine.load import clients, connection
from engine.load.client_pool import ClientPool
from engine.load.connection import Target
from engine.load.response import Failure, WrongResponse
from engine.load.wire import FAILURES, Change, LoadStats
from engine.load.workloads import WORKLOADS
from engine.telemetry import wire
from tests.engine.child import PROJECT
from tests.engine.load.support import Load
from tests.engine.support import Engine, can_listen, eventually


@pytest.fixture(scope="module")
def epoll() -> Iterator[Engine]:
    """An engine with the project's own site, which has a page with parts."""
    with Engine("epoll", PROJECT / "html_test") as engine:
        yield engine


@pytest.mark.quick_with("thread", "epoll")
@pytest.mark.parametrize("workload", ["steady", "visitors"])
def test_load_and_engine_count_the_same(engine: Engine, workload: str) -> None:
    before = engine.counters
    with Load(engine.address, "--workload", workload, "--clients", 8) as load:
        load.stats_when(lambda stats: stats.answered > 100, "no answers")
    stats = load.last
    engine.settled(before, open=0, requests=stats.answered, bytes=stats.bytes)
    assert stats.failed == 0
    assert stats.sent == stats.answered
    assert load.latencies().total == stats.answered
    assert stats.clients == stats.connections == 0


@pytest.mark.slow
@pytest.mark.parametrize("workload", ["visitors", "steady"])
def test_no_port_of_the_load_is_kept_after_its_use(workload: str, site: Path) -> None:
    """Who closes a connection first keeps the port for a minute or two, and there are 16,384 of them."""
    with Engine("gevent", site, "--short") as engine:
        with Load(engine.address, "--workload", workload, "--clients", 8) as load:
            load.stats_when(lambda stats: stats.answered > 400, "no answers")
        kept = [
            each
            for each in psutil.net_connections("tcp")
            if each.status == psutil.CONN_TIME_WAIT and each.raddr and each.raddr.port == engine.ready.port
        ]
        assert len(kept) <= 8, "but those that were open at the end"


@pytest.mark.parametrize(("late", "least", "most"), [(0.0, 0.0015, 0.01), (0.0156, 0.016, 0.05)])
def test_lateness_of_the_timer_is_known(
    late: float, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds + late

    monkeypatch.setattr(gevent, "sleep", sleep)
    monkeypatch.setattr(connection, "monotonic", lambda: now[0])
    assert least <= connection.measured_timer_error() <= most


def test_connections_agree_with_the_system(epoll: Engine) -> None:
    with Load(epoll.address, "--workload", "idle-crowd", "--clients", 300, "--slow", 20) as load:
        stats = load.stats_when(lambda stats: (stats.clients, stats.slow) == (300, 20), "not all are there")
        assert stats.connections == 320
        seen = [
            c for c in psutil.Process(load.pid).net_connections("tcp") if c.raddr and c.raddr.port == epoll.ready.port
        ]
        assert len(seen) == 320
        assert epoll.heard(lambda: (c := epoll.latest(wire.Counters)) and c.open == 320, "the engine counts others")
        answered = load.stats_when(lambda stats: stats.answered >= 300, "not all are served").answered
        later = load.stats_when(lambda each: each.time > stats.time + 0.5, "no figures")
        assert later.answered == answered == 300, "an idle crowd says nothing"


def test_idle_clients_stay_without_keep_alive(site: Path) -> None:
    with (
        Engine("thread", site, "--short") as engine,
        Load(engine.address, "--workload", "idle-crowd", "--clients", 40) as load,
    ):
        load.stats_when(lambda c: (c.answered, c.connections) == (40, 40), "they did not come back to stay")
        assert load.last.failed == 0


def test_idle_clients_reconnect_after_the_server_closes(site: Path) -> None:
    with (
        Engine("epoll", site, "--idle-seconds", "0.3") as engine,
        Load(engine.address, "--workload", "idle-crowd", "--clients", 5) as load,
    ):
        load.stats_when(lambda stats: stats.answered >= 15, "they did not come back")
        assert load.last.failed == 0


def test_browsers_load_the_page_and_its_parts(epoll: Engine) -> None:
    with Load(epoll.address, "--workload", "browser", "--clients", 3) as load:
        load.stats_when(lambda stats: stats.answered > 50, "no answers")
        stats = load.stats_when(lambda stats: stats.connections > 3, "one connection each")
        assert stats.clients <= 3
        assert stats.connections <= 3 * clients.BROWSER_CONNECTIONS
    assert load.last.failed == 0
    asked = {head.split()[1] for head in epoll.heads().values() if head.startswith("GET ")}
    assert asked == {"/index.html", "/logo.svg", "/style.css", "/script.js", "/crowd.png"}


def test_slow_senders_time_out(site: Path) -> None:
    with (
        Engine("epoll", site, "--head-seconds", "1") as engine,
        Load(engine.address, "--workload", "slow-senders", "--clients", 6) as load,
    ):
        stats = load.stats_when(lambda stats: stats.answered >= 6, "no answers")
        assert stats.failed == 0
        assert load.latencies().total == 0, "how long a slow sender takes is its own doing"
        engine.heard(lambda: {row.status for row in engine.rows(wire.Requests)} == {408}, "other answers")


def test_slow_senders_get_their_response(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, so that they can be a hundred times faster."""
    monkeypatch.setattr(clients, "SLOW_SEND_INTERVAL", 0.01)
    with Engine("epoll", site) as engine:
        target = Target(2, engine.address, "localhost", 5.0)
        pool = ClientPool(target)
        pool.change(Change("slow-senders", 4, 0, 0.0, 0))
        while target.counters.answered < 12:
            gevent.sleep(0.01)
        pool.close()
        assert target.counters.failed == dict.fromkeys(FAILURES, 0)
        engine.settled(open=0)
        assert {row.status for row in engine.rows(wire.Requests)} == {200}


def test_slow_readers_read_slowly(epoll: Engine) -> None:
    with Load(epoll.address, "--workload", "slow-readers", "--clients", 4) as load:
        first = load.stats_when(lambda stats: stats.bytes > 0, "nothing comes")
        later = load.stats_when(lambda stats: stats.time > first.time + 1, "no figures")
        sips = 4 * (later.time - first.time) / clients.SLOW_READ_INTERVAL
        assert first.bytes < later.bytes <= first.bytes + (sips + 8) * clients.SLOW_READ_BYTES
        assert (later.sent, later.answered, later.failed) == (4, 0, 0)


@pytest.mark.quick_with("epoll")
def test_large_files_arrive_whole(engine: Engine) -> None:
    with Load(engine.address, "--workload", "large-files", "--clients", 3) as load:
        stats = load.stats_when(lambda stats: stats.answered >= 6, "no answers")
        assert stats.bytes > 6 * 8 * 1024 * 1024
        assert stats.failed == 0


@pytest.mark.parametrize("workload", ["waiting-work", "busy-work"])
def test_work_pages(epoll: Engine, workload: str) -> None:
    with Load(epoll.address, "--workload", workload, "--clients", 2, "--work-ms", 30) as load:
        load.stats_when(lambda stats: stats.answered >= 4, "no answers")
        assert load.applied(1).work_ms == 30
    assert load.last.failed == 0
    assert load.latencies().values_at([0])[0] >= 30_000


def test_missing_work_pages_are_reported_failures(site: Path) -> None:
    with (
        Engine("epoll", site, "--no-work-pages") as engine,
        Load(engine.address, "--workload", "waiting-work") as load,
    ):
        assert "404" in load.problem("wrong-status").message
        stats = load.stats_when(lambda stats: stats.bad_reply > 0, "no failures")
        assert stats.answered == 0


@pytest.mark.quick_with("thread")
def test_rude_clients_get_correct_responses(engine: Engine) -> None:
    before = len(engine.rows(wire.Requests))
    with Load(engine.address, "--workload", "rude-clients", "--clients", 12) as load:
        load.stats_when(lambda stats: stats.answered >= 24, "no answers")
    assert load.last.failed == 0
    engine.settled(open=0)
    assert {200, 400} <= {row.status for row in engine.rows(wire.Requests)[before:]}


def test_server_is_replaced_while_they_are_there(site: Path) -> None:
    """As when the window switches models: the load continues, and the gap is counted."""
    with Engine("epoll", site) as first:
        address = first.address
        with Load(address, "--clients", 10) as load:
            load.stats_when(lambda stats: stats.answered > 100, "no answers")
            first.stop()
            gap = load.stats_when(lambda stats: stats.refused > 20 and not stats.clients, "nobody was refused")
            assert 1 <= gap.reset <= 10
            eventually(lambda: can_listen(address), "the port is free")
            with Engine("thread", site, "--port", str(address[1])):
                again = load.stats_when(lambda stats: stats.answered > gap.answered + 100, "they did not come back")
                assert load.stop() == 0
        assert (again.timed_out, again.bad_reply, again.wrong_bytes) == (0, 0, 0)
        tries = (again.time - gap.time) / clients.RETRY_DELAY * 10
        assert again.refused - gap.refused <= tries + 10


def test_no_server(site: Path) -> None:
    with Engine("epoll", site) as engine:
        address = engine.address
    eventually(lambda: can_listen(address))
    with Load(address, "--clients", 4, "--seconds", 1) as load:
        assert load.end() == 0
        assert load.last.refused > 4
        assert (load.last.sent, load.last.answered) == (0, 0)


def test_each_failure_is_counted_as_its_kind() -> None:
    failures = [*Failure.__subclasses__(), *WrongResponse.__subclasses__()]
    assert {failure.kind for failure in failures if failure is not WrongResponse} == set(FAILURES)
    assert set(FAILURES) < set(LoadStats.__struct_fields__)


def test_every_behaviour_of_the_table_has_a_kind_of_client() -> None:
    kinds = [clients.client_class(workload, closes=not workload.kept) for workload in WORKLOADS.values()]
    assert all(issubclass(kind, clients.VirtualClient) for kind in kinds)
    assert len(set(kinds)) == 7


def test_which_workloads_can_have_a_rate() -> None:
    paced = {key for key, workload in WORKLOADS.items() if workload.paced}
    own_pace = {"slow-senders", "slow-readers", "idle-crowd"}
    assert paced | own_pace == set(WORKLOADS)
    assert not paced & own_pace


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits can be set on Linux only")
def test_no_more_descriptors_is_reported_and_the_load_continues(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 5) as load:
        load.stats_when(lambda stats: stats.clients == 5, "not all are there")
        resource.prlimit(load.pid, resource.RLIMIT_NOFILE, (60, 60))
        load.change("steady", 200)
        assert "no more connections" in load.problem("exhausted").message
        stats = load.stats_when(lambda stats: stats.clients > 20, "those who can do not come")
        assert stats.clients < 60
        load.stats_when(lambda later: later.answered > stats.answered + 100, "it does not go on")
        load.change("steady", 10)
        load.stats_when(lambda stats: stats.clients == 10, "they do not leave")
        assert load.last.failed == 0
