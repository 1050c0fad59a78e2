"""A forked child of `process` is ended: what it counted stays, its connection is over, others don't notice."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually

EACH = 5
SIGNALLED_AT_ONCE = """
import os, signal, sys
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGTERM))
from engine.__main__ import main
sys.exit(main(sys.argv[sys.argv.index("serve"):]))
"""
"""An engine whose children are asked to end before anything else."""


@pytest.fixture
def forking(site: Path) -> Iterator[Engine]:
    """An engine with a child for each connection, which stays open."""
    if not MODELS["process"].available():
        pytest.skip(f"process needs {MODELS['process'].systems}")
    with Engine("process", site, "--keep-alive") as engine:
        yield engine


@pytest.fixture
def served(forking: Engine) -> Iterator[dict[int, Client]]:
    """Four clients by the pid of the child that has answered their `EACH` requests."""
    with ExitStack() as stack:
        clients = {}
        for _ in range(4):
            client = stack.enter_context(Client(forking.address))
            client.send(request("/page.html") * EACH)
            named = [re.search(r"\d+", client.reply().headers["served-by"]) for _ in range(EACH)]
            assert named[0]
            clients[int(named[0][0])] = client
        yield clients


def kill(forking: Engine, pid: int) -> None:
    """Ends one child of the engine, which can't say a last word."""
    child = psutil.Process(pid)
    assert child.ppid() == forking.pid
    child.send_signal(signal.SIGKILL)


def test_counters_stay_exact(forking: Engine, served: dict[int, Client]) -> None:
    received = sum(client.received for client in served.values())
    forking.settled(accepted=4, open=4, requests=4 * EACH, bytes=received)
    for pid in list(served)[:2]:
        kill(forking, pid)
    forking.settled(accepted=4, open=2, requests=4 * EACH, bytes=received)
    for client in served.values():
        client.close()
    forking.settled(accepted=4, open=0, requests=4 * EACH, bytes=received)
    eventually(lambda: not forking.zombies(), "zombies are waited for")
    assert forking.stderr() == ""


def test_others_are_served_on(forking: Engine, served: dict[int, Client]) -> None:
    (first, lost), *others = served.items()
    kill(forking, first)
    assert lost.rest() == b""
    for _, client in others:
        client.send(request("/page.html"))
        assert client.reply().status == 200


def test_end_of_its_connection_is_told(forking: Engine, served: dict[int, Client]) -> None:
    kill(forking, next(iter(served)))
    forking.settled(accepted=4, open=3)
    forking.heard(lambda: len(forking.rows(wire.Closed)) == 1, "the connection of the killed child is closed")


def test_a_signal_before_a_child_knows_what_it_is_ends_that_child_alone(site: Path) -> None:
    """As when a whole group is signalled while one of it is being forked."""
    with Engine("process", site, before=(sys.executable, "-c", SIGNALLED_AT_ONCE)) as engine:
        for _ in range(3):
            with Client(engine.address) as client:
                assert client.rest() == b""
        engine.settled(accepted=3, open=0)
        assert engine.stop() == 0
        assert len(engine.all(wire.Stopped)) == 1
