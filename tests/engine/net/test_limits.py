"""What one client may take: each limit has its answer, and nobody else notices."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually, most_at_once

LIMITS = {
    "--max-head": 2000,
    "--max-headers": 10,
    "--max-body": 1000,
    "--head-seconds": 0.5,
    "--idle-seconds": 1.2,
    "--max-connections": 4,
}

OTHERS = [key for key, model in MODELS.items() if model.available() and key != "thread" and most_at_once(key) > 1]


@pytest.fixture(scope="module")
def limited(model: str, site: Path) -> Iterator[Engine]:
    """An engine with small limits, connections kept."""
    options = [str(word) for pair in LIMITS.items() for word in pair]
    with Engine(model, site, "--keep-alive", *options) as engine:
        yield engine


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("/" + "x" * 2000), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 5000, 431),
        (request(**{f"X_{number}": "x" for number in range(10)}), 431),
        (request("/", "POST", Content_Length="1001"), 413),
        (request("/", "POST", Transfer_Encoding="chunked") + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHos", 408),
    ],
    ids=["long head", "endless head", "many headers", "long body", "long chunks", "unfinished"],
)
def test_too_much_is_refused_and_closed(limited: Engine, sent: bytes, status: int) -> None:
    with Client(limited.address) as client:
        client.send(sent)
        assert client.reply().status == status
        assert client.rest() == b""
    assert get(limited.address, "/page.html", connection="close").status == 200


def test_silent_client_is_closed(limited: Engine) -> None:
    with Client(limited.address) as client:
        assert client.rest() == b""


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the system doesn't say what a client has taken")
@pytest.mark.parametrize("key", ["thread", *(pytest.param(key, marks=pytest.mark.slow) for key in OTHERS)])
def test_slow_reader_is_not_idle(key: str, site: Path, large: bytes) -> None:
    """It takes a little again and again, while another that takes nothing is closed; one call sends for longer."""
    idle = 1.0
    with (
        Engine(key, site, "--idle-seconds", str(idle)) as engine,
        Client(engine.address) as client,
        Client(engine.address, receive_buffer=4096) as deaf,
    ):
        for each in (client, deaf):
            each.send(request("/large.bin", connection="close"))
        assert client.head().status == 200
        body, begin = b"", monotonic()
        while monotonic() - begin < 3 * idle:
            body += b"".join(client.pieces(15_000))
            time.sleep(0.1)
        engine.settled(open=1, requests=1, failed=1)
        body += client.rest()
        assert body == large
        engine.settled(open=0, requests=2, failed=1)


def test_client_beyond_the_last_is_turned_away(limited: Engine) -> None:
    """In the model of processes the parent learns ten times a second who has left."""
    if most_at_once(limited.model) <= LIMITS["--max-connections"]:
        pytest.skip("nobody accepts the next one: it waits")
    limited.settled(open=0)
    clients = [Client(limited.address) for _ in range(LIMITS["--max-connections"])]
    try:
        limited.settled(open=len(clients))
        with Client(limited.address) as late:
            reply = late.reply()
            assert reply.status == 503
            assert b"Try again" in reply.body
    finally:
        for client in clients:
            client.close()
    limited.settled(open=0)
    assert get(limited.address, "/page.html", connection="close").status == 200


@pytest.mark.usefixtures("keeps_connections")
@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
def test_descriptors_run_out(model: str, site: Path) -> None:
    """The engine says so, does not spin, goes on serving those it has, and accepts the others as these leave."""
    if MODELS[model].worker == "process":
        pytest.skip("each of its children has descriptors of its own")
    if most_at_once(model) < sys.maxsize:
        pytest.skip("those that are silent keep the workers of a pool, however many descriptors there are")
    with Engine(model, site, "--keep-alive") as engine:
        subprocess.run(["prlimit", f"--pid={engine.ready.pid}", "--nofile=40:40"], check=True)
        with Client(engine.address) as first:
            first.send(request("/page.html"))
            assert first.reply().status == 200
            crowd = [Client(engine.address) for _ in range(60)]
            try:
                problem = engine.heard(lambda: engine.latest(wire.Problem), "no word of it")
                assert problem.code == "no-descriptors"
                process = psutil.Process(engine.pid)
                before, begin = sum(process.cpu_times()[:2]), monotonic()
                first.send(request("/page.html"))
                assert first.reply().status == 200
                eventually(lambda: monotonic() - begin > 0.5)
                used = sum(process.cpu_times()[:2]) - before
                assert used < 0.8 * (monotonic() - begin), "it spins"
                for client in crowd[:40]:
                    client.close()
                crowd[-1].send(request("/page.html"))
                assert crowd[-1].reply().status == 200
            finally:
                for client in crowd:
                    client.close()
