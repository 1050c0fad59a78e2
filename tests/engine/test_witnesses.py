"""What the engine says of itself, beside what independent witnesses say: wrk, ss and ps; strace has its own file."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually, most_accepted, most_at_once

CLIENTS = 8


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


@pytest.mark.quick_with("thread", "epoll")
@needs("wrk")
def test_wrk_counts_the_same_requests(engine: Engine) -> None:
    """All that wrk got whole was counted; beyond that only what was under way when wrk left."""
    before = engine.counters
    url = "http://{}:{}/page.html".format(*engine.address)
    said = subprocess.run(
        ["wrk", "-t1", f"-c{CLIENTS}", "-d1s", url], capture_output=True, text=True, check=True
    ).stdout
    got = int(re.search(r"(\d+) requests in", said)[1])
    counted = engine.counters.requests - before.requests
    assert "Socket errors" not in said, said
    assert got <= counted <= got + 2 * CLIENTS


@needs("ss")
def test_ss_sees_the_same_connections(kept: Engine) -> None:
    host, port = kept.address
    clients = [Client(kept.address) for _ in range(CLIENTS)]
    try:
        accepted = most_accepted(kept.model, CLIENTS)
        kept.settled(open=accepted)
        said = subprocess.run(
            ["ss", "-Htn", "state", "established", f"src {host} and sport = :{port}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert len(said.splitlines()) == CLIENTS
        names = {row.client for row in kept.rows(wire.Opened)}
        assert len({"{}:{}".format(*client.name) for client in clients} & names) == accepted
    finally:
        for client in clients:
            client.close()
    kept.settled(open=0)


@contextmanager
def served(engine: Engine, count: int) -> Iterator[None]:
    """So many clients that were answered, and keep their connections."""
    with ExitStack() as clients:
        for _ in range(count):
            client = clients.enter_context(Client(engine.address))
            client.send(request("/page.html", connection="keep-alive"))
            client.reply()
        engine.settled(open=count)
        yield
    engine.settled(open=0)


@pytest.mark.usefixtures("keeps_connections")
def test_ps_sees_the_same_workers(model: str, site: Path) -> None:
    """A client each costs a process, a thread, or nothing that the system knows of; in a pool nothing more."""
    row, count = MODELS[model], min(CLIENTS, most_at_once(model))
    with Engine(model, site, "--keep-alive") as engine:
        process = psutil.Process(engine.ready.pid)

        def workers() -> tuple[int, int]:
            return len(process.children()), process.num_threads()

        with served(engine, count):
            pass  # now a pool is complete
        eventually(lambda: not engine.zombies())
        children, threads = workers()
        more = {"process": (count, 0), "thread": (0, count)}.get(row.worker, (0, 0))
        if row.traits.shares_workers:
            more = (0, 0)
        with served(engine, count):
            eventually(lambda: workers() == (children + more[0], threads + more[1]))
