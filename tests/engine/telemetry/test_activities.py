"""What workers are doing now, reported while it is requested; and the connections that wait to be accepted."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.conftest import skip_unless_settable
from tests.engine.net.test_spans import makes, source
from tests.engine.support import Engine

OVER_ALL_MODELS = True

LOOK, LOOK_AWAY = wire.encode(wire.Detail(spans=True)), wire.encode(wire.Detail(spans=False))


@pytest.fixture
def watched(model: str, site: Path) -> Iterator[Engine]:
    """An engine that sends requests, and spans when they are requested."""
    skip_unless_settable(model, keep_alive=True)
    with Engine(model, site, "--keep-alive", "--telemetry", "requests") as engine:
        assert engine.ready
        yield engine


def order(engine: Engine, line: bytes) -> None:
    assert engine.process.stdin
    engine.process.stdin.write(line)
    engine.process.stdin.flush()


def counters_where(engine: Engine, look: Callable[[wire.Counters], bool], why: str) -> wire.Counters:
    """The first counters from now on of which `look` is true."""
    told = len(engine.messages)

    def found() -> wire.Counters | None:
        return next((c for c in engine.messages[told:] if isinstance(c, wire.Counters) and look(c)), None)

    return engine.heard(found, why)


def doing_for(engine: Engine, connection: int) -> wire.Activity | None:
    """The newest word about the worker of `connection`, or of the listening socket and the poller if that is 0."""
    rows = [row for row in engine.rows(wire.Activities) if row.connection == connection and row.line]
    return rows[-1] if rows else None


@pytest.mark.quick_with("process", "epoll")
def test_nothing_is_told_until_somebody_looks(watched: Engine) -> None:
    with Client(watched.address) as client:
        client.send(request("/page.html"))
        client.reply()
    watched.settled(open=0, requests=1)
    assert not watched.all(wire.Spans)
    assert not watched.all(wire.Activities)


def test_who_has_waited_for_long_is_seen_by_whoever_begins_to_look(watched: Engine) -> None:
    waits = MODELS[watched.model].waits
    if waits == "never":
        pytest.skip("this loop never waits")
    with Client(watched.address) as client:
        client.send(request("/page.html"))
        client.reply()
        watched.settled(open=1, requests=1)
        looked = monotonic()
        order(watched, LOOK)
        polls = waits == "poller"
        connection = 0 if polls else watched.rows(wire.Opened)[-1].connection
        doing = watched.heard(lambda: doing_for(watched, connection), "what the worker is doing")
        assert doing.call == ("wait" if polls else "recv")
        assert makes(doing.call, source(watched.model)[doing.line])
        assert doing.since < looked


def ask_until_spans(watched: Engine, client: Client) -> int:
    """How many requests it took until their spans were sent: a child that serves already looks once a second."""
    for asked in count(1):
        client.send(request("/page.html"))
        client.reply()
        watched.settled(requests=asked)
        if any(span.call == "send" for span in watched.rows(wire.Spans)):
            return asked
    raise AssertionError


@pytest.mark.quick_with("process", "thread", "gevent", "epoll")
def test_looking_away_ends_it(watched: Engine) -> None:
    order(watched, LOOK)
    counters_where(watched, lambda c: c.spans_every == 1, "counters that tell spans")
    with Client(watched.address) as client:
        asked = ask_until_spans(watched, client)
        order(watched, LOOK_AWAY)
        counters_where(watched, lambda c: c.spans_every == 0, "counters that tell no spans")
        if MODELS[watched.model].worker == "process":  # a child that serves already asks once a second
            time.sleep(1.5)
        told = len(watched.rows(wire.Spans))
        client.send(request("/page.html"))
        client.reply()
        watched.settled(open=1, requests=asked + 1)
        busy = [span for span in watched.rows(wire.Spans)[told:] if span.connection]
        assert not busy


@pytest.mark.quick_with("process", "thread", "gevent")
def test_worker_that_has_ended_is_told(watched: Engine) -> None:
    if MODELS[watched.model].serves == "many" or MODELS[watched.model].waits == "poller":
        pytest.skip("its worker goes on, or is in no call of its own while it waits")
    order(watched, LOOK)
    with Client(watched.address) as client:
        client.send(request("/page.html"))
        client.reply()
        worker = watched.heard(lambda: doing_for(watched, 1), "what the worker is doing").worker
    watched.heard(
        lambda: any(row.worker == worker and row.line == 0 for row in watched.rows(wire.Activities)), "the worker's end"
    )


@pytest.mark.quick_with("thread")
def test_an_order_that_is_none_is_said_and_harms_nobody(watched: Engine) -> None:
    order(watched, b'{"type":"detail","spans":1}\n' + LOOK[:10])
    problem = watched.heard(lambda: watched.latest(wire.Problem), "a problem")
    assert problem.code == "unreadable-order"
    order(watched, LOOK[10:])
    counters_where(watched, lambda c: c.spans_every == 1, "the order that came in two pieces")


@pytest.mark.quick_with("thread", "epoll")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who waits to be accepted")
def test_who_waits_to_be_accepted_is_counted(model: str, site: Path) -> None:
    with Engine(model, site) as engine, Client(engine.address) as busy:
        busy.send(request("/work/busy?ms=1200"))
        engine.heard(lambda: any(row.connection and not row.call for row in engine.rows(wire.Activities)), "busy work")
        waiting = [Client(engine.address) for _ in range(5)]
        if MODELS[model].worker in ("loop", "greenlet") and not MODELS[model].hands_over:
            assert counters_where(engine, lambda c: c.queued == 5, "five in the queue").backlog > 100
            if shutil.which("ss"):
                listening = subprocess.check_output(["ss", "-ltn", f"sport = :{engine.ready.port}"], text=True)
                assert listening.splitlines()[1].split()[1] in ("5", "0")  # 0: the busy work has ended meanwhile
        busy.reply()
        for client in waiting:
            client.close()
        counters_where(engine, lambda c: c.queued == 0, "an empty queue")
