"""Where each worker is, by the engine's messages."""

import psutil
import pytest

from engine.models import MODELS
from engine.telemetry import wire
from gui.history.line_profile import COST_SECONDS, FORGET_SECONDS, LineProfile, ProfileSnapshot
from gui.panels.source import source_file
from tests.engine.child import PROJECT
from tests.engine.client import Client, request
from tests.engine.support import Engine
from tests.ready import a_ready

SITE = PROJECT / "html_test"
RECV, SEND, ACCEPT = 22, 20, 12
WAITING = [key for key, model in MODELS.items() if model.waits == "call" and model.serves == "one"]
POLLERS = [key for key, model in MODELS.items() if model.waits == "poller" and model.available()]
POLLING = [key for key in POLLERS if MODELS[key].worker == "loop"]


class Story:
    """An engine's messages, as it would send them."""

    def __init__(self, model: str = "thread") -> None:
        self.line_profile = LineProfile()
        self.time = 100.0
        self.line_profile.receive(a_ready(model, self.time, clock=0.0))

    def tell(self, *rows: wire.Activity) -> None:
        self.line_profile.receive(wire.Activities(self.time, list(rows)))

    def call(self, line: int, took: float, *, connection: int = 1, moved: int = 10) -> None:
        span = wire.Span(1, connection, "recv", line, self.time - took, self.time, moved)
        self.line_profile.receive(wire.Spans([span]))

    def sample(self, seconds: float = 0.1, sample_every: int = 1) -> ProfileSnapshot:
        """Lets time pass, then the counters come."""
        self.time += seconds
        self.line_profile.receive(wire.Counters(self.time, 0, 0, 0, 0, 0, 0, sample_every, sample_every))
        return self.line_profile.snapshot()


def activity(worker: int, call: str = "recv", line: int = RECV, since: float = 99.0) -> wire.Activity:
    return wire.Activity(worker, worker, call, line, since)


def test_workers_stand_where_they_were_told_last() -> None:
    story = Story()
    story.tell(activity(0, "accept", ACCEPT), activity(1), activity(2, since=98.0), activity(3, "send", SEND))
    snapshot = story.sample()
    assert {line: [place.worker for place in there] for line, there in snapshot.places.items()} == {
        ACCEPT: [0],
        RECV: [2, 1],
        SEND: [3],
    }
    story.tell(activity(1, "send", SEND, since=100.05))
    assert [place.since for place in story.sample().places[SEND]] == [99.0, 100.05]


def test_what_was_seen_stays_as_it_was() -> None:
    story = Story()
    story.tell(activity(1))
    before = story.sample()
    story.tell(wire.Activity(1, 0, "", 0, story.time))
    assert story.sample().places == {}
    assert [place.worker for place in before.places[RECV]] == [1]


def test_workers_that_end_between_two_samples_are_seen_where_they_were() -> None:
    """Those of one request each, which all end just after a sample, would never be seen otherwise."""
    story = Story("gevent")
    story.tell(activity(1, ""), activity(2))
    story.sample()
    story.line_profile.receive(wire.Closed([wire.Closing(story.time, 1, 1)]))
    assert [place.worker for place in story.line_profile.snapshot().places[RECV]] == [1, 2]
    assert [place.worker for place in story.sample().places[RECV]] == [2]


def test_a_worker_that_ended_is_gone() -> None:
    story = Story()
    story.tell(activity(0, "accept", ACCEPT), activity(1), activity(2))
    story.tell(wire.Activity(1, 0, "", 0, story.time))
    story.line_profile.receive(wire.Closed([wire.Closing(story.time, 2, 2), wire.Closing(story.time, 0, 0)]))
    assert story.sample().places.keys() == {ACCEPT}


def test_a_worker_of_whom_nothing_is_told_is_forgotten() -> None:
    story = Story()
    story.tell(activity(1))
    assert story.sample(FORGET_SECONDS - 0.1).places
    assert not story.sample(0.2).places


def test_a_share_is_of_all_workers_time_and_of_the_last_seconds() -> None:
    story = Story()
    story.tell(activity(0, "accept", ACCEPT), activity(1), activity(2), activity(3))
    for _ in range(5):
        snapshot = story.sample()
    assert snapshot.costs[RECV].share == pytest.approx(0.75)
    assert snapshot.costs[ACCEPT].share == pytest.approx(0.25)
    story.tell(*(activity(worker, "send", SEND) for worker in (1, 2, 3)), activity(0, "accept", ACCEPT))
    story.sample(COST_SECONDS - 0.5)
    story.tell(*(activity(worker, "send", SEND) for worker in (1, 2, 3)), activity(0, "accept", ACCEPT))
    snapshot = story.sample(COST_SECONDS)
    assert RECV not in snapshot.costs
    assert snapshot.costs[SEND].share == pytest.approx(0.75)


def test_calls_are_counted_even_if_no_look_meets_them() -> None:
    story = Story()
    for _ in range(10):
        story.call(RECV, 0.002)
    story.call(SEND, 0.5, moved=-1)  # that is many calls, each of which would block
    snapshot = story.sample(1.0)
    assert snapshot.costs[RECV].calls == pytest.approx(10)
    assert snapshot.costs[RECV].took == pytest.approx(0.002)
    assert SEND not in snapshot.costs


def test_where_connections_are_thinned_out_those_told_stand_for_the_others() -> None:
    story = Story()
    story.sample(sample_every=4)
    story.tell(wire.Activity(0, 0, "accept", ACCEPT, 99.0), activity(1))
    for _ in range(5):
        story.call(RECV, 0.001)
    snapshot = story.sample(1.0, sample_every=4)
    assert snapshot.sample_every == 4
    assert snapshot.costs[RECV].calls == pytest.approx(20 / 1.1)
    assert snapshot.costs[RECV].share == pytest.approx(0.8)


def test_nothing_is_known_while_nothing_is_told_and_after_the_end() -> None:
    story = Story()
    story.tell(activity(1))
    story.sample()
    assert story.sample(sample_every=0).places == {}
    story.tell(activity(1))
    story.sample()
    story.line_profile.receive(wire.Stopped(story.time))
    snapshot = story.line_profile.snapshot()
    assert (snapshot.ready, snapshot.places, snapshot.costs) == (None, {}, {})


def test_another_engine_begins_with_nothing() -> None:
    story = Story()
    story.tell(activity(1))
    story.sample()
    story.line_profile.receive(a_ready("epoll", story.time, clock=0.0))
    snapshot = story.line_profile.snapshot()
    assert snapshot.ready
    assert snapshot.ready.model == "epoll"
    assert not snapshot.places
    assert not snapshot.costs


def watched(engine: Engine) -> ProfileSnapshot:
    """The profile of an engine from all its messages."""
    line_profile = LineProfile()
    for message in tuple(engine.messages):
        line_profile.receive(message)
    return line_profile.snapshot()


@pytest.mark.parametrize(
    "model", [key for key, model in MODELS.items() if model.waits == "call" and model.serves == "one"]
)
def test_a_worker_whose_client_says_nothing_waits_where_it_reads(model: str) -> None:
    lines = source_file(model).read_text("utf-8").split("\n")
    with Engine(model, SITE) as engine, Client(engine.address) as client:
        client.send(b"GET / HT")

        def waiting() -> ProfileSnapshot | None:
            snapshot = watched(engine)
            found = [line for line, places in snapshot.places.items() if any(place.connection == 1 for place in places)]
            if not found or snapshot.time - snapshot.places[found[0]][0].since < 1.0:
                return None
            return snapshot

        snapshot = engine.heard(waiting, "nobody waits for the client")
        ((line, place),) = [
            (line, place) for line, places in snapshot.places.items() for place in places if place.connection == 1
        ]
        assert ".recv(" in lines[line - 1]
        assert "# waits" in lines[line - 1]
        assert place.call == "recv"
        if MODELS[model].worker == "process":
            assert place.worker in [child.pid for child in psutil.Process(engine.pid).children()]
        (acceptor,) = [line for line, places in snapshot.places.items() for each in places if each.worker == 0]
        assert ".accept(" in lines[acceptor - 1]
        client.send(b"TP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        client.reply()
        engine.heard(lambda: len(watched(engine).places) == 1, "the worker is not gone")


@pytest.mark.skipif(not POLLING, reason="no model that polls runs here")
def test_a_loop_waits_where_it_polls_and_stands_still_where_a_handler_works() -> None:
    lines = source_file(POLLING[0]).read_text("utf-8").split("\n")
    with Engine(POLLING[0], SITE) as engine, Client(engine.address) as client:

        def polls() -> bool:
            return any("# waits" in lines[line - 1] for line in watched(engine).places)

        engine.heard(polls, "it does not wait")
        client.send(request("/work/wait?ms=1500"))

        def stuck() -> bool:
            snapshot = watched(engine)
            return any(
                place.connection == 1 and place.call == "" and snapshot.time - place.since > 0.5
                for places in snapshot.places.values()
                for place in places
            )

        engine.heard(stuck, "it is not seen at work")
        client.reply()
        engine.heard(polls, "it does not wait again")


@pytest.mark.parametrize("model", [key for key in MODELS if MODELS[key].worker == "loop" and MODELS[key].available()])
def test_lines_that_served_a_client_are_warm(model: str) -> None:
    lines = source_file(model).read_text("utf-8").split("\n")
    with Engine(model, SITE) as engine, Client(engine.address) as client:
        client.send(request("/index.html"))
        client.reply()

        def warm() -> set[str]:
            called = {line for line, costs in watched(engine).costs.items() if costs.calls}
            return {call for call in (".recv(", ".send(") if any(call in lines[line - 1] for line in called)}

        engine.heard(lambda: warm() == {".recv(", ".send("}, "the calls are not counted")
        total = sum(costs.share for costs in watched(engine).costs.values())
        assert total == pytest.approx(1.0)
