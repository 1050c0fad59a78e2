"""The details that an engine sends: each connection, request and end, and its worker."""

import re
import time
from typing import Any

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, Reply, get, request
from tests.engine.support import Engine

Story = tuple[wire.Opening, list[wire.Request], wire.Closing]


def story(engine: Engine, client: Client) -> Story:
    """The rows of the connection of `client`, once it has ended."""
    host, port = client.name
    opening = told(engine, wire.Opened, lambda row: row.client == f"{host}:{port}")
    closing = told(engine, wire.Closed, lambda row: row.connection == opening.connection)
    requests = [row for row in engine.rows(wire.Requests) if row.connection == opening.connection]
    return opening, requests, closing


def told(engine: Engine, kind: type[wire.Message], fits: Any) -> Any:
    """The newest row of one kind that `fits`, once it is sent."""
    return engine.heard(
        lambda: next((row for row in reversed(engine.rows(kind)) if fits(row)), None), f"no fitting {kind.__name__}"
    )


def exchange(engine: Engine, *requests: bytes) -> tuple[Client, list[Reply]]:
    """A client that asked for all of these at once, got the replies and left."""
    with Client(engine.address) as client:
        client.send(b"".join(requests))
        return client, [client.reply() for _ in requests]


def steady_head(reply: Reply) -> str:
    """The reply's head as it is sent: without what differs each time."""
    return Reply(reply.version, reply.status, reply.reason, reply.headers, reply.head).steady().decode().rstrip()


def test_one_request(engine: Engine) -> None:
    started = time.time()
    client, (reply,) = exchange(engine, request("/page.html?x=1"))
    opening, (row,), closing = story(engine, client)
    heads = engine.heads()
    assert heads[row.request] == request("/page.html?x=1").decode().rstrip()
    assert heads[row.reply] == steady_head(reply)
    assert (row.status, row.bytes, row.whole) == (200, client.received, True)
    assert row.waited >= 0
    assert row.took >= 0
    assert opening.time <= row.time - row.took <= row.time <= closing.time
    assert started - 0.1 < opening.time + engine.ready.clock <= closing.time + engine.ready.clock < time.time() + 0.1


def test_worker_is_the_one_in_the_reply(engine: Engine) -> None:
    client, (reply,) = exchange(engine, request("/page.html"))
    _, (row,), closing = story(engine, client)
    named = re.search(r"\d+", reply.headers["served-by"])
    assert row.worker == (int(named[0]) if named else 0)
    assert closing.worker == (0 if MODELS[engine.model].hands_over else row.worker)
    model = MODELS[engine.model]
    assert bool(named) == (model.worker != "loop" or model.hands_over)


def test_opened_is_the_acceptor_s(engine: Engine) -> None:
    client, _ = exchange(engine, request("/page.html"))
    opening, rows, _ = story(engine, client)
    assert opening.worker == (rows[0].worker if MODELS[engine.model].accepts == "each" else 0)


def test_connection_of_many_requests(kept: Engine) -> None:
    targets = ["/page.html", "/missing", "/picture.png", "/page.html"]
    client, replies = exchange(kept, *map(request, targets))
    opening, rows, closing = story(kept, client)
    assert [row.status for row in rows] == [200, 404, 200, 200]
    assert [row.bytes for row in rows] == [len(reply.head) + len(reply.body) for reply in replies]
    assert rows[0].request == rows[3].request
    assert rows[0].reply == rows[3].reply
    assert rows == sorted(rows, key=lambda row: row.time)
    assert opening.time <= rows[0].time <= rows[-1].time <= closing.time


def test_what_was_not_understood(engine: Engine) -> None:
    client, (reply,) = exchange(engine, b"GET / HTTP/1.1\r\nno colon\r\n\r\n")
    _, (row,), _ = story(engine, client)
    assert (row.request, row.status, row.whole) == (0, 400, True)
    assert engine.heads()[row.reply] == steady_head(reply)


def test_client_that_does_not_speak_http(engine: Engine) -> None:
    with Client(engine.address) as client:
        client.send(b"hello\r\n")
        client.rest()
    _, (row,), _ = story(engine, client)
    assert (row.request, row.bytes) == (0, client.received)
    if MODELS[engine.model].greets:
        assert (row.status, row.reply) == (0, 0)
    else:
        assert row.status == 400


def test_reply_that_broke_off(engine: Engine, large: bytes) -> None:
    with Client(engine.address, receive_buffer=4096) as client:
        client.send(request("/large.bin"))
        client.head()
        client.reset()
    _, (row,), _ = story(engine, client)
    assert (row.status, row.whole) == (200, False)
    assert 0 < row.bytes < len(large)


def test_client_that_asked_nothing(engine: Engine) -> None:
    client = Client(engine.address)
    client.close()
    _, rows, _ = story(engine, client)
    assert rows == []


def test_waited_is_the_time_before_the_handling(engine: Engine) -> None:
    """A request that comes in two parts waited from its first."""
    with Client(engine.address) as client:
        client.send(b"GET /page.html ")
        first = engine.settled(open=1)
        second = engine.settled(open=1)
        client.send(b"HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.reply()
    _, (row,), _ = story(engine, client)
    assert row.waited >= second.time - first.time


def test_every_one_is_told_at_low_rates(engine: Engine) -> None:
    before = engine.counters
    opened, requests, closed = (len(engine.rows(kind)) for kind in (wire.Opened, wire.Requests, wire.Closed))
    for _ in range(50):
        get(engine.address, "/page.html")
    after = engine.settled(before, accepted=50, requests=50, open=0)
    engine.heard(lambda: len(engine.rows(wire.Closed)) >= closed + 50, "all ends")
    assert (after.requests_every, after.dropped) == (1, 0)
    assert len(engine.rows(wire.Opened)) == opened + 50
    assert len(engine.rows(wire.Requests)) == requests + 50
    assert len({row.connection for row in engine.rows(wire.Opened)}) == opened + 50
    assert len(engine.rows(wire.Closed)) == closed + 50


def test_heads_are_told_before_they_are_meant(engine: Engine) -> None:
    for number in range(10):
        get(engine.address, "/page.html", X_Number=str(number))
        get(engine.address, "/missing")
    engine.settled(open=0)
    known: dict[int, str] = {}
    for message in tuple(engine.messages):
        if isinstance(message, wire.Heads):
            for row in message.rows:
                assert row.number not in known
                known[row.number] = row.text
        elif isinstance(message, wire.Requests):
            for told in message.rows:
                assert {told.request, told.reply} - {0} <= known.keys()
    if MODELS[engine.model].worker != "process":
        assert len(set(known.values())) == len(known)


@pytest.mark.parametrize("padding", ["x" * 15_000, "\x80" * 7_000, '"\\\t' * 4_000], ids=["long", "high", "escaped"])
def test_head_longer_than_a_line(engine: Engine, padding: str) -> None:
    """It is cut: a line of the contract has a bound, which the support checks for each."""
    client, (reply,) = exchange(engine, request("/page.html", X_Padding=padding))
    _, (row,), _ = story(engine, client)
    assert reply.status == 200
    assert engine.heads()[row.request].startswith("GET /page.html HTTP/1.1\r\n")
