"""The model `process` where it can't fork: each client gets a new interpreter, and all else is as ever."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.conftest import PAGE
from tests.engine.support import Engine, eventually, group


@pytest.fixture
def spawning(site: Path) -> Iterator[Engine]:
    with Engine("process", site, "--start-method", "spawn", "--keep-alive") as engine:
        yield engine


def workers(engine: Engine) -> list[psutil.Process]:
    """The children that serve, also those that ended and nobody waited for; the resource tracker is none."""

    def serves(child: psutil.Process) -> bool:
        try:
            return any("spawn_main" in word for word in child.cmdline())
        except psutil.ZombieProcess:
            return True
        except psutil.NoSuchProcess:
            return False

    return [child for child in psutil.Process(engine.pid).children() if serves(child)]


def test_each_client_has_an_interpreter_of_its_own(spawning: Engine) -> None:
    with Client(spawning.address) as one, Client(spawning.address) as other:
        for client in (one, other):
            client.send(request("/page.html"), request("/missing"))
        replies = [(client.reply(), client.reply()) for client in (one, other)]
        assert [[reply.status for reply in pair] for pair in replies] == [[200, 404]] * 2
        assert all(pair[0].body == PAGE.encode() for pair in replies)
        served_by = {reply.headers["served-by"] for pair in replies for reply in pair}
        assert served_by == {f'process; worker="process {child.pid}"' for child in workers(spawning)}
    counters = spawning.counters
    assert (counters.accepted, counters.requests, counters.failed) == (2, 4, 0)
    assert len(spawning.rows(wire.Requests)) == 4
    assert {row.call for row in spawning.rows(wire.Spans)} == {"accept", "recv", "send", "close"}


def test_ended_children_are_buried(spawning: Engine) -> None:
    assert get(spawning.address, "/page.html", connection="close").status == 200
    eventually(lambda: not workers(spawning), "the child is still there")


def test_killed_child_is_counted(spawning: Engine) -> None:
    with Client(spawning.address) as client:
        client.send(request("/page.html"))
        client.reply()
        spawning.settled(open=1, requests=1)
        os.kill(workers(spawning)[0].pid, signal.SIGKILL)
        counters = spawning.settled(open=0)
    assert (counters.accepted, counters.requests) == (1, 1)
    assert [row.connection for row in spawning.rows(wire.Closed)] == [1]


def test_stop_leaves_nobody(spawning: Engine) -> None:
    with Client(spawning.address) as client:
        client.send(request("/page.html"))
        client.reply()
        assert spawning.stop() == 0
    eventually(lambda: not group(spawning.pid), "somebody is left")
