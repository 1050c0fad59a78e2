"""The seven moments of a request, beside a client that notes its own times: one story, in every model."""

import socket
import threading
from itertools import pairwise

import pytest

from engine.clock import monotonic
from engine.net.arrival import TELLS_TIMES
from engine.telemetry import wire
from tests.engine.client import request
from tests.engine.support import Engine

OVER_ALL_MODELS = True
SLACK = 0.05
"""Seconds by which a busy machine may be late."""
WORK = 0.1


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
        if row.arrived:  # the first on a machine may be told nothing yet
            assert began - 0.002 < row.arrived < began + SLACK
            assert row.accepted
            assert abs((row.written - row.arrived) - (ended - began)) < SLACK * 2, row
    assert any(row.arrived for row in rows)
