"""The seven moments of a request, beside a client that notes its own times: one story, in every model."""

import socket
import threading
from itertools import pairwise

import pytest

from engine.clock import monotonic
from engine.net.arrival import TELLS_TIMES
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.support import Engine

OVER_ALL_MODELS = True
pytestmark = pytest.mark.quick_with("process", "thread", "asyncio", "epoll")
SLACK = 0.05
"""Seconds by which a busy machine may be late."""
WORK = 0.1
CLOCKS = 0.002
"""Seconds by which clocks that are read one after the other may differ."""


def moments(row: wire.Request) -> list[float]:
    """Those of `row` that are known, in the order in which they must come; accepting may come before the bytes."""
    return [at for at in (row.arrived, row.begun, row.read, row.handled, row.answered, row.written) if at]


@pytest.mark.skipif(not TELLS_TIMES, reason="this system does not say when bytes came")
def test_waiting_is_measured_before_and_after_accept(engine: Engine) -> None:
    """Clients that ask at once for work, on connections of their own: what a request waits for its turn is in it."""
    asked: dict[int, float] = {}
    done: dict[int, float] = {}

    def ask() -> None:
        with socket.create_connection(engine.address, timeout=20) as client:
            port = client.getsockname()[1]
            asked[port] = monotonic()
            client.sendall(request(f"/work/wait?ms={WORK * 1000:.0f}", connection="close"))
            while client.recv(65536):
                pass
            done[port] = monotonic()

    before = len(engine.rows(wire.Requests))
    clients = [threading.Thread(target=ask) for _ in range(5)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(20)
    engine.heard(lambda: len(engine.rows(wire.Requests)) >= before + len(clients), "all requests")
    ports = {row.connection: int(row.client.rpartition(":")[2]) for row in engine.rows(wire.Opened)}
    rows = [row for row in engine.rows(wire.Requests) if ports[row.connection] in asked]
    assert len(rows) == len(clients)
    for row in rows:
        began, ended = asked[ports[row.connection]], done[ports[row.connection]]
        known = moments(row)
        assert all(one <= other + 0.001 for one, other in pairwise(known)), row
        assert began - SLACK < row.begun
        assert row.written < ended + SLACK
        assert row.written - row.handled > WORK * 0.9
        if row.arrived:  # the first on a machine may get no time yet
            assert began - 0.002 < row.arrived < began + SLACK
            assert row.accepted
            assert abs((row.written - row.arrived) - (ended - began)) < SLACK * 2, row
    assert any(row.arrived for row in rows)


@pytest.mark.skipif(not TELLS_TIMES, reason="this system does not say when bytes came")
@pytest.mark.parametrize("together", [True, False])
def test_what_comes_in_parts_arrives_after_it_was_sent_and_before_it_is_read(engine: Engine, together: bool) -> None:
    """The kernel reports the time of the newest bytes of a read only: no more than the order is certain."""
    before = len(engine.rows(wire.Requests))
    asks = request("/page.html", connection="close")
    with Client(engine.address) as client:
        sent = monotonic()
        if together:
            client.send(request("/page.html") + asks)
        else:
            client.send(asks[:20], asks[20:])
        client.reply()
        client.rest()
        port = client.name[1]
    engine.heard(lambda: len(engine.rows(wire.Requests)) > before, "the request")
    ports = {row.connection: int(row.client.rpartition(":")[2]) for row in engine.rows(wire.Opened)}
    rows = [row for row in engine.rows(wire.Requests)[before:] if ports[row.connection] == port]
    assert rows
    for row in rows:
        if row.arrived:  # the first on a machine may have no time yet
            assert sent - CLOCKS <= row.arrived <= row.begun + CLOCKS
        known = moments(row)
        assert all(one <= other + CLOCKS for one, other in pairwise(known)), row
