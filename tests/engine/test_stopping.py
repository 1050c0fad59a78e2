"""However an engine ends, nothing of it is left: no process, no port, and an orderly end says so."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.engine.client import Address, Client, get, request
from tests.engine.conftest import ALL
from tests.engine.support import Engine, can_listen, eventually, group, most_at_once

OVER_ALL_MODELS = True


def interrupt_twice(engine: Engine) -> int:
    engine.process.send_signal(signal.SIGINT)
    return engine.stop(signal.SIGINT)


def terminate_again_and_again(engine: Engine) -> int:
    """Signals that come into the middle of ending must not end it twice."""
    for _ in range(50):
        engine.process.send_signal(signal.SIGTERM)
    return engine.end()


def end_the_group(engine: Engine) -> int:
    os.killpg(engine.pid, signal.SIGTERM)
    return engine.end()


WAYS: dict[str, Callable[[Engine], int]] = {
    "SIGTERM": lambda engine: engine.stop(signal.SIGTERM),
    "SIGINT": lambda engine: engine.stop(signal.SIGINT),
    "SIGINT twice": interrupt_twice,
    "SIGTERM again and again": terminate_again_and_again,
    "SIGTERM to the group": end_the_group,
    "end of stdin": Engine.close_stdin,
}


SELDOM = ("SIGINT twice", "SIGTERM again and again", "SIGTERM to the group")
TRIED_IN = ("process", "thread")
"""The model that ticks by an alarm, and one of those that tick by a thread: the others end as that does."""
ENDS = [
    pytest.param(key, way, marks=marks if way == "SIGTERM" or key in TRIED_IN else [*marks, pytest.mark.slow])
    for key, marks in ((*model.values, model.marks) for model in ALL)
    for way in WAYS
    if way not in SELDOM or key in TRIED_IN
]


@pytest.fixture
def busy(model: str, site: Path, large: bytes) -> Iterator[Engine]:
    """An engine with clients in several states."""
    with Engine(model, site, "--keep-alive") as engine, ExitStack() as clients:
        for data in (b"", b"GET /pag", request("/page.html"), request("/large.bin")):
            for _ in range(2):
                clients.enter_context(Client(engine.address, receive_buffer=4096)).send(data)
        served = min(8, most_at_once(model))
        engine.heard(lambda: (last := engine.latest(wire.Counters)) and last.accepted >= served, "eight clients")
        yield engine


def nothing_is_left(engine: Engine, address: Address) -> None:
    eventually(lambda: not group(engine.pid), "all processes of the group are gone")
    assert can_listen(address)


@pytest.mark.parametrize(("model", "way"), ENDS, indirect=["model"])
def test_orderly_end(busy: Engine, way: str) -> None:
    address = busy.address
    assert WAYS[way](busy) == 0
    assert isinstance(busy.messages[-1], wire.Stopped)
    assert len(busy.all(wire.Stopped)) == 1
    last = busy.latest(wire.Counters)
    assert last
    assert last.accepted >= min(8, most_at_once(busy.model))
    assert busy.stderr() == ""
    nothing_is_left(busy, address)


@pytest.mark.quick_with("process", "thread", "asyncio", "prefork")
def test_engine_that_is_killed(busy: Engine) -> None:
    address = busy.address
    assert busy.stop(signal.SIGKILL) == -signal.SIGKILL
    nothing_is_left(busy, address)


def ask_until_it_ends(address: Address) -> None:
    """Requests, one after the other, until nobody answers any more."""
    while True:
        try:
            get(address, "/page.html")
        except (OSError, EOFError):
            return


@pytest.mark.quick_with("process", "gevent", "asyncio", "prefork")
@pytest.mark.parametrize("mode", [pytest.param("--short", marks=pytest.mark.slow), "--keep-alive"])
def test_end_under_load(model: str, site: Path, mode: str) -> None:
    with Engine(model, site, mode) as engine:
        address = engine.address
        clients = [threading.Thread(target=ask_until_it_ends, args=(address,)) for _ in range(4)]
        for client in clients:
            client.start()
        engine.heard(lambda: (last := engine.latest(wire.Counters)) and last.requests > 100, "load")
        assert engine.stop() == 0
        for client in clients:
            client.join()
        assert isinstance(engine.messages[-1], wire.Stopped)
        assert engine.stderr() == ""
        nothing_is_left(engine, address)


@pytest.mark.quick_with(*TRIED_IN)
def test_next_one_takes_the_port_at_once(model: str, site: Path) -> None:
    with Engine(model, site) as first:
        address = first.address
        with Client(address) as client:
            client.send(request("/page.html"))
            client.reply()
            assert first.stop() == 0
            with Engine(model, site, "--port", str(address[1])) as second:
                assert second.address == address
                assert get(address).status == 200


@pytest.mark.quick_with(*TRIED_IN)
def test_stdin_may_end_where_it_is_not_heeded(model: str, site: Path) -> None:
    with Engine(model, site, stop_on_eof=False) as engine:
        assert engine.process.stdin
        engine.process.stdin.close()
        engine.settled(open=0)
        assert get(engine.address).status == 200
