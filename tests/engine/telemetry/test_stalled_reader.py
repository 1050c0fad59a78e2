"""Nobody reads the stream for a while, or ever again: the server serves on, and its counters stay exact."""

import signal
import subprocess
from pathlib import Path

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.client import Address, Client, get, request
from tests.engine.conftest import PAGE
from tests.engine.support import Engine, eventually

CONNECTIONS = 10
EACH = 500
"""Requests a connection."""
LONG = 600
"""Requests of the first connection, whose long heads are more than a pipe holds: it is always reported."""
REQUESTS = LONG + CONNECTIONS * EACH
STOPPED = 3.0
"""Seconds that a reader is stopped for."""


def ask_a_lot(address: Address) -> int:
    """Long requests on one connection, many on each of many others, all answered; returns the bytes that came."""
    with Client(address) as client:
        for number in range(LONG):
            client.send(request("/page.html", X_Long=f"{number} {'x' * 3000}"))
            assert client.reply().status == 200
    return client.received + sum(ask_often(address) for _ in range(CONNECTIONS))


def ask_often(address: Address) -> int:
    """Many requests on a connection, all answered alike; returns the bytes that came."""
    with Client(address) as client:
        client.send(request("/page.html") * (EACH - 1) + request("/page.html", connection="close"))
        assert client.rest().count(PAGE.encode()) == EACH
    return client.received


@pytest.mark.usefixtures("keeps_connections")
def test_counters_are_right_after_a_stall(model: str, site: Path) -> None:
    with Engine(model, site, "--keep-alive") as engine:
        assert engine.ready.keep_alive
        engine.stall()
        received = ask_a_lot(engine.address)
        engine.read_on()
        last = engine.settled(accepted=1 + CONNECTIONS, open=0, requests=REQUESTS, failed=0, bytes=received)
        assert len(engine.rows(wire.Requests)) < REQUESTS
        assert last.dropped > 0
        assert engine.stop() == 0
        assert engine.stderr() == ""


@pytest.mark.quick_with("epoll")
@pytest.mark.usefixtures("keeps_connections")
def test_stop_while_stalled(model: str, site: Path) -> None:
    with Engine(model, site, "--keep-alive") as engine:
        assert engine.ready.keep_alive
        engine.stall()
        ask_a_lot(engine.address)
        engine.process.terminate()
        assert engine.process.wait(20) == 0
        assert engine.stderr() == ""


@pytest.mark.quick_with("thread")
@pytest.mark.usefixtures("keeps_connections")
def test_reader_that_is_gone(model: str, site: Path) -> None:
    with Engine(model, site, "--keep-alive") as engine:
        address = engine.address
        engine.hang_up()
        assert ask_a_lot(address) > 0
        assert get(address).status == 200
        assert engine.stop() == 0
        assert engine.stderr() == ""


@pytest.mark.quick_with("thread")
@pytest.mark.parametrize("model", [pytest.param("process", marks=pytest.mark.slow), "thread", "epoll"])
def test_reader_that_is_stopped_and_goes_on(model: str, site: Path, tmp_path: Path) -> None:
    """A real reader, stopped under load as by Ctrl+Z: nobody waits for it, and in the end it has every count."""
    if not MODELS[model].available():
        pytest.skip(f"{model} needs {MODELS[model].systems}")
    stream = tmp_path / "stream"
    with stream.open("wb") as file, (tmp_path / "errors").open("wb") as errors:
        engine = subprocess.Popen(
            command("serve", "--model", model, "--port", "0", "--root", site, "--keep-alive"),
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
        reader = subprocess.Popen(["cat"], stdin=engine.stdout, stdout=file)
    assert engine.stdout
    engine.stdout.close()  # the reader has its own
    try:
        eventually(lambda: b"\n" in stream.read_bytes(), "the first message")
        ready = messages(stream)[0]
        assert isinstance(ready, wire.Ready)
        address = ready.host, ready.port
        reader.send_signal(signal.SIGSTOP)
        begin = monotonic()
        received, connections, longest = ask_a_lot(address), 0, 0.0
        while monotonic() - begin < STOPPED or not connections:
            asked = monotonic()
            received, connections = received + ask_often(address), connections + 1
            longest = max(longest, monotonic() - asked)
        assert longest < STOPPED, "somebody waited for the reader"
        expected = (1 + CONNECTIONS + connections, 0, REQUESTS + connections * EACH, received)
        reader.send_signal(signal.SIGCONT)
        eventually(lambda: counted(stream) == expected, "exact counts")
        engine.terminate()
        assert engine.wait(PATIENCE) == 0
        assert reader.wait(PATIENCE) == 0
    finally:
        for process in (engine, reader):
            process.kill()
            process.wait()
    told = messages(stream)
    last = [message for message in told if isinstance(message, wire.Counters)][-1]
    assert last.dropped > 0
    assert isinstance(told[-1], wire.Stopped)
    assert (tmp_path / "errors").read_bytes() == b""


def messages(stream: Path) -> list[wire.AnyMessage]:
    """The whole lines of a stream; none may be torn."""
    return [wire.decode(line) for line in stream.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def counted(stream: Path) -> tuple[int, int, int, int]:
    """The newest counts: accepted, open, requests, bytes."""
    last = [message for message in messages(stream) if isinstance(message, wire.Counters)][-1:]
    return (last[0].accepted, last[0].open, last[0].requests, last[0].bytes) if last else (0, 0, 0, 0)
