"""What each worker of a pool has got, as the engine counts it and as the replies of its workers say."""

import os
import re
import signal
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Address, Client, get, request
from tests.engine.support import Engine, eventually

POOLS = [key for key, model in MODELS.items() if model.traits.has_pool and model.available()]
QUEUES = [key for key in POOLS if MODELS[key].traits.has_queue]
CLIENTS, CONNECTIONS, REQUESTS = 6, 10, 3
"""Clients at a time, connections that each makes, and requests on each connection."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made for forked processes")


def worker_of(served_by: str) -> int:
    """The number of the worker that a reply names."""
    found = re.search(r"(\d+)\"$", served_by)
    assert found
    return int(found[1])


def ask(address: Address, connections: list[int], requests: list[int]) -> None:
    """Make connections, and note which worker answered on each, and which each request."""
    for _ in range(CONNECTIONS):
        with Client(address) as client:
            for number in range(REQUESTS):
                client.send(request("/page.html", connection="close" if number == REQUESTS - 1 else "keep-alive"))
                worker = worker_of(client.reply().headers["served-by"])
                requests.append(worker)
        connections.append(worker)


def shares(engine: Engine) -> dict[int, wire.WorkerCounts]:
    """The newest counts of each worker."""
    return {row.worker or row.pid: row for row in engine.rows(wire.Workers)}


@pytest.mark.parametrize("model", POOLS)
def test_shares_are_what_the_replies_say(model: str, site: Path) -> None:
    connections: list[int] = []
    requests: list[int] = []
    with Engine(model, site, "--keep-alive") as engine:
        address = engine.address
        assert engine.process.stdin
        engine.process.stdin.write(wire.encode(wire.Connections("always-kept")))
        engine.process.stdin.flush()
        engine.heard(lambda: engine.latest(wire.Connections), "no answer to the order")
        clients = [threading.Thread(target=ask, args=(address, connections, requests)) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
        engine.settled(open=0, requests=CLIENTS * CONNECTIONS * REQUESTS)
        expected = Counter(requests)
        engine.heard(
            lambda: {n: row.requests for n, row in shares(engine).items() if row.requests} == dict(expected),
            f"expected {expected}",
        )
        if not MODELS[model].hands_over:
            accepted = {number: row.accepted for number, row in shares(engine).items() if row.accepted}
            assert accepted == dict(Counter(connections))
        assert all(0 <= row.busy < 60 for row in shares(engine).values())


@pytest.mark.skipif("prefork" not in POOLS, reason="no fork")
def test_counts_of_a_killed_worker_stay(site: Path) -> None:
    with Engine("prefork", site, "--workers", "1") as engine:
        served_by = get(engine.address).headers["served-by"]
        pid = worker_of(served_by)
        eventually(lambda: shares(engine).get(pid) and shares(engine)[pid].accepted == 1)
        os.kill(pid, signal.SIGKILL)
        engine.heard(lambda: shares(engine)[pid].has_ended, "its end was not reported")
        assert shares(engine)[pid].accepted == shares(engine)[pid].requests == 1
        other = worker_of(get(engine.address).headers["served-by"])
        engine.heard(lambda: other in shares(engine) and shares(engine)[other].accepted == 1, "no other worker")


@pytest.mark.parametrize("model", QUEUES)
def test_those_that_wait_in_the_queue_are_counted(model: str, site: Path) -> None:
    """Two workers, each with a page that takes long, and three more that wait for one of them."""
    with Engine(model, site, "--threads", "2") as engine:
        clients = [Client(engine.address) for _ in range(5)]
        begun = monotonic()
        for client in clients:
            client.send(request("/work/wait?ms=1500"))
        engine.heard(lambda: any(each.waiting == 3 for each in engine.all(wire.Counters)), "nobody waits")
        for client in clients:
            assert client.reply().status == 200
            client.close()
        took = monotonic() - begun
        last = engine.settled(open=0)
        assert last.waiting == 0
        engine.heard(lambda: sum(row.requests for row in shares(engine).values()) == 5, "not 5 requests")
        assert 5 * 1.5 - 0.1 <= sum(row.busy for row in shares(engine).values()) <= 2 * (took + 1.0)
