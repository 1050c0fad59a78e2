"""Nobody reads the stream for a while, or ever again: the server serves on, and its counters stay exact."""

from pathlib import Path

from engine.telemetry import wire
from tests.engine.client import Address, Client, get, request
from tests.engine.conftest import PAGE
from tests.engine.support import Engine

CONNECTIONS = 40
EACH = 500
"""Requests a connection; together their details are several times what a pipe holds."""


def ask_a_lot(address: Address) -> int:
    """Many requests on each of many connections, all answered alike; returns the bytes that came."""
    received = 0
    for _ in range(CONNECTIONS):
        with Client(address) as client:
            client.send(request("/page.html") * (EACH - 1) + request("/page.html", connection="close"))
            assert client.rest().count(PAGE.encode()) == EACH
            received += client.received
    return received


def test_counters_are_right_after_a_stall(model: str, site: Path) -> None:
    with Engine(model, site, "--keep-alive") as engine:
        assert engine.ready.keep_alive
        engine.stall()
        received = ask_a_lot(engine.address)
        engine.read_on()
        last = engine.settled(accepted=CONNECTIONS, open=0, requests=CONNECTIONS * EACH, failed=0, bytes=received)
        told = len(engine.rows(wire.Requests))
        assert told < CONNECTIONS * EACH
        assert last.dropped > 0
        assert engine.stop() == 0
        assert engine.stderr() == ""


def test_stop_while_stalled(model: str, site: Path) -> None:
    with Engine(model, site, "--keep-alive") as engine:
        assert engine.ready.keep_alive
        engine.stall()
        ask_a_lot(engine.address)
        engine.process.terminate()
        assert engine.process.wait(20) == 0
        assert engine.stderr() == ""


def test_reader_that_is_gone(model: str, site: Path) -> None:
    with Engine(model, site, "--keep-alive") as engine:
        address = engine.address
        engine.hang_up()
        assert ask_a_lot(address) > 0
        assert get(address).status == 200
        assert engine.stop() == 0
        assert engine.stderr() == ""
