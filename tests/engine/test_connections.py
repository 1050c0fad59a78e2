"""How long connections last, ordered while the server runs: each model and its children follow, and say so."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.persistence import ALWAYS_KEPT, AS_TAUGHT, KEPT, MODES, ONE_A_REQUEST, Mode, server_keeps
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.load.support import Load
from tests.engine.support import Engine, most_at_once

OVER_ALL_MODELS = True
SOON = 5.0
"""Seconds within which a busy machine shows what takes a few hundredths of one."""
SHARING = {"iterative": (), "threadpool": ("--threads", "1"), "prefork": ("--workers", "1")}
"""Models with one worker, which all clients share."""


def order(engine: Engine, mode: Mode) -> wire.Connections:
    """What the engine reports once connections last as ordered."""
    assert engine.ready
    told = len(engine.all(wire.Connections))
    assert engine.process.stdin
    engine.process.stdin.write(wire.encode(wire.Connections(mode)))
    engine.process.stdin.flush()
    return engine.heard(lambda: engine.all(wire.Connections)[told:], f"{mode} is not reported")[0]


def is_kept(client: Client) -> bool:
    """Whether the next reply says that the connection stays open."""
    client.send(request("/page.html"))
    return client.reply().headers.get("connection", "") != "close"


@pytest.mark.quick_with("process", "thread", "asyncio", "epoll", "keepalive")
def test_an_order_holds_for_the_next_reply_also_on_a_connection_that_is_there(engine: Engine) -> None:
    model = MODELS[engine.model]
    for mode in (*MODES, *reversed(MODES)):
        report = order(engine, mode)
        keeps = server_keeps(model, mode)
        assert (report.mode, report.keep_alive, report.time > 0) == (mode, keeps, True)
        with Client(engine.address) as client:
            assert is_kept(client) == keeps, mode
            if not keeps:
                assert client.is_closed()
                continue
            assert is_kept(client)
            order(engine, ONE_A_REQUEST)
            if model.keep_alive_in_file:
                assert is_kept(client), "the file decides"
                client.send(request("/page.html", connection="close"))
                client.reply()
            else:
                assert not is_kept(client)
            assert client.is_closed()


@pytest.mark.quick_with("process", "prefork", "epoll")
def test_a_load_is_served_on_kept_connections_and_then_on_one_a_request(engine: Engine) -> None:
    """The counters of accepted connections show it, in children as well, and show when it is over."""
    if MODELS[engine.model].keep_alive_in_file:
        pytest.skip("its file decides how long a connection lasts")
    order(engine, KEPT)
    clients = min(4, most_at_once(engine.model))
    with Load(engine.address, "--clients", str(clients), "--rate", "200") as load:
        load.stats_when(lambda stats: stats.clients == clients and stats.answered > 20, "no load")
        before = engine.settled_accepted()
        since = order(engine, ONE_A_REQUEST).time
        moved = engine.heard(
            lambda: [each for each in engine.all(wire.Counters) if each.accepted >= before + 20], "no connections"
        )[0]
        assert moved.time - since < SOON
        assert load.last.failed == 0
        order(engine, KEPT)
        engine.settled_accepted()
        assert load.last.failed == 0


def test_spawned_children_follow(site: Path) -> None:
    with Engine("process", site, "--start-method", "spawn") as engine:
        assert order(engine, KEPT).keep_alive
        with Client(engine.address) as client:
            assert is_kept(client)
            order(engine, ONE_A_REQUEST)
            assert not is_kept(client)
            assert client.is_closed()


def test_an_order_nobody_knows_is_a_problem_and_changes_nothing(engine: Engine) -> None:
    order(engine, KEPT)
    assert engine.process.stdin
    engine.process.stdin.write(b'{"type":"connections","mode":"sometimes"}\n')
    engine.process.stdin.flush()
    engine.heard(lambda: [each for each in engine.all(wire.Problem) if each.code == "unreadable-order"], "no problem")
    assert order(engine, AS_TAUGHT).keep_alive == MODELS[engine.model].keep_alive


@pytest.fixture
def sharing(request: pytest.FixtureRequest, site: Path) -> Iterator[Engine]:
    """A server whose one worker all clients share."""
    key: str = request.param
    with Engine(key, site, *SHARING[key], "--telemetry", "counters") as engine:
        yield engine


@pytest.mark.parametrize("sharing", SHARING, indirect=True)
def test_one_worker_goes_round_among_clients_that_keep_asking(sharing: Engine) -> None:
    """Each reply ends its connection while others wait, so that all of them are served; alone, a client keeps it."""
    assert order(sharing, KEPT).keep_alive
    with Client(sharing.address) as alone:
        assert all(is_kept(alone) for _ in range(20))
    with Load(sharing.address, "--clients", "6") as load:
        sharing.heard(lambda: (last := sharing.latest(wire.Counters)) and last.accepted > 60, "nobody makes room")
        assert load.last.longest_wait < SOON
        assert load.last.failed == 0


@pytest.mark.parametrize(
    "sharing", ["iterative", "threadpool", pytest.param("prefork", marks=pytest.mark.slow)], indirect=True
)
def test_a_connection_that_is_kept_idle_makes_room(sharing: Engine) -> None:
    order(sharing, KEPT)
    with Client(sharing.address) as idle, Client(sharing.address) as waits:
        assert is_kept(idle)
        assert is_kept(waits), "served as soon as the other one was closed"
        assert idle.is_closed()


@pytest.mark.parametrize("sharing", SHARING, indirect=True)
def test_always_kept_starves_those_that_wait(sharing: Engine) -> None:
    order(sharing, ALWAYS_KEPT)
    with Client(sharing.address) as first, Client(sharing.address) as waits:
        assert is_kept(first)
        waits.send(request("/page.html"))
        done = threading.Event()
        threading.Thread(target=lambda: (waits.reply(), done.set()), daemon=True).start()
        assert all(is_kept(first) for _ in range(200))
        assert not done.wait(2.5), "nobody makes room"
        first.close()
        assert done.wait(SOON * 4)
