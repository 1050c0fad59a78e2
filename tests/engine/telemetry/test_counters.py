"""The counters say exactly what the clients did, in every model."""

import threading
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Address, Client, get, request
from tests.engine.support import Engine, most_at_once

OVER_ALL_MODELS = True
pytestmark = pytest.mark.quick_with("process", "thread", "gevent", "asyncio", "epoll", "prefork")


def test_start_at_nothing(engine: Engine) -> None:
    first = engine.heard(lambda: engine.all(wire.Counters), "the first counters")[0]
    assert (first.accepted, first.open, first.requests, first.failed, first.bytes) == (0, 0, 0, 0, 0)


def test_one_client_at_a_time(engine: Engine) -> None:
    before, received = engine.counters, 0
    for target in ("/page.html", "/missing", "/picture.png", "/empty.txt") * 5:
        with Client(engine.address) as client:
            client.send(request(target))
            client.reply()
            received += client.received
    engine.settled(before, accepted=20, open=0, requests=20, failed=0, bytes=received)


def test_many_requests_on_a_connection(kept: Engine) -> None:
    before = kept.counters
    with Client(kept.address) as client:
        client.send(request("/page.html") * 100 + request("/missing") * 20)
        for _ in range(120):
            client.reply()
        kept.settled(before, accepted=1, open=1, requests=120, failed=0, bytes=client.received)


def ask_often(address: Address, times: int, received: list[int]) -> None:
    """`times` connections, one after the other, of one request each; adds the bytes that came."""
    for _ in range(times):
        with Client(address) as client:
            client.send(request("/page.html", Connection="close"))
            client.reply()
            assert client.is_closed()
            received.append(client.received)


def test_many_clients_at_once(engine: Engine) -> None:
    before = engine.counters
    received: list[int] = []
    clients = [threading.Thread(target=ask_often, args=(engine.address, 40, received)) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(received) == 320
    engine.settled(before, accepted=320, open=0, requests=320, failed=0, bytes=sum(received))


def test_open_connections(kept: Engine) -> None:
    before = kept.counters
    with ExitStack() as clients:
        held = [clients.enter_context(Client(kept.address)) for _ in range(10)]
        first = 10 if MODELS[kept.model].traits.only_accepts else min(10, most_at_once(kept.model))
        kept.settled(before, accepted=first, open=first, requests=0)
        for client in held[:3]:
            client.close()
        for client in held[3:6]:
            client.reset()
        kept.settled(before, open=min(4, first), requests=0)
    kept.settled(before, accepted=10, open=0, requests=0, failed=0)


def test_what_counts_as_failed(engine: Engine) -> None:
    before = engine.counters
    for fine in (request("/missing"), request(method="PUT")):
        with Client(engine.address) as client:
            client.send(fine)
            client.reply()
    engine.settled(before, requests=2, failed=0, open=0)
    for bad in (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", request(version="3.0")):
        with Client(engine.address) as client:
            client.send(bad)
            client.reply()
    engine.settled(before, accepted=4, requests=4, failed=2, open=0)


def test_reply_that_breaks_off(engine: Engine, large: bytes) -> None:
    before = engine.counters
    with Client(engine.address, receive_buffer=4096) as client:
        client.send(request("/large.bin"))
        client.head()
        client.reset()
    after = engine.settled(before, accepted=1, open=0, requests=1, failed=1)
    assert 0 < after.bytes - before.bytes < len(large)


def test_clients_that_ask_nothing(engine: Engine) -> None:
    before = engine.counters
    Client(engine.address).close()
    Client(engine.address).reset()
    with Client(engine.address) as client:
        client.send(b"GET /page.html HTT")
        client.reset()
    engine.settled(before, accepted=3, open=0, requests=0, failed=0, bytes=0)


def test_large_replies(engine: Engine, large: bytes) -> None:
    before, received = engine.counters, 0
    for _ in range(3):
        with Client(engine.address) as client:
            client.send(request("/large.bin"))
            assert client.reply().body == large
            received += client.received
    engine.settled(before, accepted=3, open=0, requests=3, failed=0, bytes=received)


def test_client_that_does_not_speak_http(engine: Engine) -> None:
    before = engine.counters
    with Client(engine.address) as client:
        client.send(b"hello\r\n")
        client.rest()
        failed = int(not MODELS[engine.model].greets)
        engine.settled(before, accepted=1, requests=1, failed=failed, open=0, bytes=client.received)


def test_they_come_ten_times_a_second(engine: Engine) -> None:
    told = engine.all(wire.Counters)
    engine.heard(lambda: len(engine.all(wire.Counters)) > len(told) + 4, "more counters")
    times = [counters.time for counters in engine.all(wire.Counters)]
    gaps = sorted(b - a for a, b in pairwise(times))
    assert gaps[0] > 0
    assert 0.05 < gaps[len(gaps) // 2] < 0.5


@pytest.mark.quick_with("thread", "prefork")
def test_counters_alone(model: str, site: Path) -> None:
    with Engine(model, site, "--telemetry", "counters") as engine:
        received: list[int] = []
        ask_often(engine.address, 20, received)
        engine.settled(accepted=20, open=0, requests=20, bytes=sum(received))
        shares = {wire.Workers} if MODELS[model].traits.has_pool else set()
        assert {type(m) for m in engine.messages} == {wire.Ready, wire.Counters} | shares


@pytest.mark.quick_with("process", "epoll")
def test_telemetry_off(model: str, site: Path) -> None:
    with Engine(model, site, "--telemetry", "off") as engine:
        assert engine.ready.model == model
        assert [get(engine.address).status for _ in range(20)] == [200] * 20
        engine.stop()
        assert {type(m) for m in engine.messages} <= {wire.Ready, wire.Stopped}


def test_polls_are_counted_where_a_poller_waits(engine: Engine) -> None:
    before = engine.counters
    for _ in range(3):
        get(engine.address, "/page.html")
    after = engine.settled(before, accepted=3, open=0, requests=3)
    expected = range(3, 100) if MODELS[engine.model].waits == "poller" else range(1)
    assert after.polls - before.polls in expected
