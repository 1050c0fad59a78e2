"""The spans: each network call, its worker, its connection, its line in the model's own file, and its duration."""

import re
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.child import PROJECT
from tests.engine.client import Client, request
from tests.engine.support import Engine

OVER_ALL_MODELS = True
pytestmark = pytest.mark.quick_with("process", "thread", "gevent", "asyncio", "epoll", "prefork")

CALLS = {
    "accept": r"accept\(",
    "recv": r"recv\(",
    "send": r"send",
    "close": r"\.close\(",
    "wait": r"\.(poll|select)\(|asyncio\.run\(",
}
"""How a model's line is written that makes the call, or that runs the loop which makes it."""


def makes(call: str, line: str) -> bool:
    """Whether the line of a model is one of that call."""
    return bool(re.search(CALLS[call], line))


def spans_of(engine: Engine, client: Client) -> list[wire.Span]:
    """The spans of the connection of `client`, in the order of time, once its worker has closed it."""
    host, port = client.name

    def told() -> list[wire.Span]:
        numbers = [row.connection for row in engine.rows(wire.Opened) if row.client == f"{host}:{port}"][-1:]
        ends = [(row.connection, row.worker) for row in engine.rows(wire.Closed) if row.connection in numbers]
        spans = [span for span in engine.rows(wire.Spans) if span.connection in numbers]
        closed = any((span.connection, span.worker) in ends for span in spans if span.call == "close")
        return spans if closed else []

    return sorted(engine.heard(told, "the spans of a connection"), key=lambda span: span.begin)


def source(model: str) -> list[str]:
    """The lines of the model's file; the first one is number 1."""
    return ["", *(PROJECT / "engine" / "models" / f"{model}.py").read_text().splitlines()]


def scripted(engine: Engine, data: bytes) -> Client:
    """A client that sends `data`, reads one reply and leaves."""
    with Client(engine.address) as client:
        client.send(data)
        client.reply()
    return client


def test_each_call_is_on_its_line(engine: Engine) -> None:
    client = scripted(engine, request("/page.html"))
    spans = spans_of(engine, client)
    lines = source(engine.model)
    assert {span.call for span in spans} == {"accept", "recv", "send", "close"}
    for span in spans:
        assert makes(span.call, lines[span.line])
        assert span.begin <= span.end


def test_calls_come_in_order(engine: Engine) -> None:
    spans = spans_of(engine, scripted(engine, request("/page.html")))
    moved = [span.call for span in spans if span.bytes >= 0]
    assert moved[0] == "accept"
    assert moved[-1] == "close"
    assert moved.index("recv") < moved.index("send")
    assert all(span.end <= spans[-1].end for span in spans)


def test_bytes_are_those_that_moved(engine: Engine, large: bytes) -> None:
    data = request("/large.bin")
    client = scripted(engine, data)
    spans = spans_of(engine, client)
    assert sum(span.bytes for span in spans if span.call == "recv" and span.bytes > 0) == len(data)
    assert sum(span.bytes for span in spans if span.call == "send" and span.bytes > 0) == client.received
    assert client.received > len(large)


def test_client_that_is_gone_is_told(engine: Engine, large: bytes) -> None:
    with Client(engine.address, receive_buffer=4096) as client:
        client.send(request("/large.bin"))
        client.head()
        client.reset()
    spans = spans_of(engine, client)
    assert spans[-1].call == "close"
    assert [span.bytes for span in spans].count(-2) == 1
    assert 0 < sum(span.bytes for span in spans if span.call == "send" and span.bytes > 0) < len(large)


def test_waiting_for_the_client_is_seen(engine: Engine) -> None:
    """While a client says nothing, its worker is in `recv`, in the poller's `wait`, or asks without result."""
    with Client(engine.address) as client:
        first = engine.settled(open=1)
        second = engine.settled(open=1)
        client.send(request("/page.html"))
        client.reply()
    silence = second.time - first.time
    spans = spans_of(engine, client)
    waits = MODELS[engine.model].waits
    if waits == "call":
        waiting = next(span for span in spans if span.call == "recv")
        assert waiting.bytes > 0
        assert waiting.end - waiting.begin >= silence
    elif waits == "poller":
        polls = [span for span in engine.rows(wire.Spans) if span.call == "wait"]
        assert {makes("wait", source(engine.model)[span.line]) for span in polls} == {True}
        assert {span.connection for span in polls} == {0}
        assert any(s.begin <= first.time and s.end >= second.time for s in polls)
    else:
        asking = next(span for span in spans if span.call == "recv")
        assert asking.bytes == -1
        assert asking.end - asking.begin >= silence


def test_workers_are_those_of_the_rows(engine: Engine) -> None:
    client = scripted(engine, request("/page.html"))
    spans = spans_of(engine, client)
    number = spans[0].connection
    rows = engine.heard(lambda: [row for row in engine.rows(wire.Requests) if row.connection == number], "its request")
    traits = MODELS[engine.model].traits
    acceptor = next(span.worker for span in spans if span.call == "accept")
    assert acceptor == (rows[0].worker if traits.accepts == "each" else 0)
    workers = {span.worker for span in spans if span.call in ("recv", "send") and span.bytes > 0}
    assert workers == ({0} if traits.hands_over else {rows[0].worker})


@pytest.mark.quick_with("process", "asyncio")
@pytest.mark.parametrize("telemetry", ["counters", "off"])
def test_none_unless_asked_for(model: str, site: Path, telemetry: str) -> None:
    with Engine(model, site, "--telemetry", telemetry) as engine:
        scripted(engine, request("/page.html"))
        engine.stop()
        assert engine.rows(wire.Spans) == []
