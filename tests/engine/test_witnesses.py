"""What the engine says of itself, beside what independent witnesses say: wrk, ss and ps; strace has its own file."""

import re
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually

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
        kept.settled(open=CLIENTS)
        said = subprocess.run(
            ["ss", "-Htn", "state", "established", f"src {host} and sport = :{port}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert len(said.splitlines()) == CLIENTS
        names = {row.client for row in kept.rows(wire.Opened)}
        assert {"{}:{}".format(*client.name) for client in clients} <= names
    finally:
        for client in clients:
            client.close()
    kept.settled(open=0)


def test_ps_sees_the_same_workers(model: str, site: Path) -> None:
    """A client each costs a process, a thread, or nothing that the system knows of."""
    with Engine(model, site, "--keep-alive") as fresh:
        process = psutil.Process(fresh.ready.pid)
        children, threads = len(process.children()), process.num_threads()
        clients = [Client(fresh.address) for _ in range(CLIENTS)]
        try:
            for client in clients:
                client.send(request("/page.html", connection="keep-alive"))
                client.reply()
            fresh.settled(open=CLIENTS)
            more = {"process": (CLIENTS, 0), "thread": (0, CLIENTS)}.get(MODELS[model].worker, (0, 0))
            eventually(lambda: (len(process.children()) - children, process.num_threads() - threads) == more)
        finally:
            for client in clients:
                client.close()
