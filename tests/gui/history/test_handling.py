"""How handling is divided by what was sampled of it: in made-up stories, and of real engines of each model."""

import os
from typing import TypeVar

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from engine.telemetry.wire import HandlingSample, Span
from gui.history.intervals import BEGIN, CONNECTION, END, FILE, HANDLED, LINE, SHARE, STATE, Interval, LaneState, Table
from gui.history.lanes import Lanes
from gui.history.sentences import ComputeTogether, Occupied, WaitTogether, fact
from tests.engine.support import eventually
from tests.gui.stories import Told, ask, at_once, telling
from tests.ready import a_ready

T = TypeVar("T")

FIRST_OF_EACH_KIND = {each.traits: key for key, each in reversed(MODELS.items()) if each.available()}
tells_queues = pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="this system tells no waiting")


def started(model: str = "thread") -> Lanes:
    lanes = Lanes(1_000)
    lanes.receive(a_ready(model, 0.0))
    return lanes


def sample(lanes: Lanes, *rows: tuple[float, float, float, float]) -> None:
    """Samples of thread 1, which serves connection 1: begin, end, computed, in calls."""
    lanes.receive(wire.HandlingSamples([HandlingSample(1, 1, *row, 7, 57) for row in rows]))


def serve(lanes: Lanes, begin: float, end: float) -> list[Interval]:
    """What was reported of one request that was handled from `begin` to `end`."""
    recv, send = Span(1, 1, "recv", 20, begin - 0.1, begin, 50), Span(1, 1, "send", 20, end, end + 0.001, 100)
    lanes.receive(wire.Spans([recv, send]))
    return [each for each in lanes.of_connection(1, begin, end) if each.state in HANDLED]


def told(intervals: list[Interval]) -> list[tuple[LaneState, float, float, float]]:
    return [(each.state, round(each.begin, 3), round(each.end, 3), round(each.share, 2)) for each in intervals]


def test_what_was_not_sampled_stays_handling() -> None:
    assert told(serve(started(), 1.0, 1.3)) == [(LaneState.HANDLING, 1.0, 1.3, 1.0)]


def test_a_sample_divides_handling() -> None:
    lanes = started()
    sample(lanes, (1.1, 1.2, 0.025, 0.0))
    assert told(serve(lanes, 1.0, 1.3)) == [
        (LaneState.HANDLING, 1.0, 1.1, 1.0),
        (LaneState.COMPUTING, 1.1, 1.2, 0.25),
        (LaneState.NOT_RUNNING, 1.1, 1.2, 0.75),
        (LaneState.HANDLING, 1.2, 1.3, 1.0),
    ]


def test_neighbours_that_are_alike_are_one() -> None:
    lanes = started()
    sample(lanes, (1.0, 1.1, 0.0, 0.1), (1.1, 1.2, 0.001, 0.099), (1.2, 1.3, 0.1, 0.0))
    pieces = serve(lanes, 1.0, 1.3)
    assert told(pieces) == [(LaneState.IN_CALL, 1.0, 1.2, 1.0), (LaneState.COMPUTING, 1.2, 1.3, 1.0)]
    assert {(each.file, each.line) for each in pieces} == {(7, 57)}


def test_of_a_sample_that_reaches_beyond_a_part_is_taken() -> None:
    lanes = started()
    sample(lanes, (0.9, 1.1, 0.1, 0.1))
    assert told(serve(lanes, 1.0, 1.1)) == [(LaneState.COMPUTING, 1.0, 1.1, 0.5), (LaneState.IN_CALL, 1.0, 1.1, 0.5)]


def test_where_only_computing_is_known_the_rest_stays_handling() -> None:
    lanes = started()
    sample(lanes, (1.0, 1.1, 0.04, -1.0))
    assert told(serve(lanes, 1.0, 1.1)) == [(LaneState.COMPUTING, 1.0, 1.1, 0.4), (LaneState.HANDLING, 1.0, 1.1, 0.6)]


def test_samples_of_one_request_are_not_the_next_ones() -> None:
    lanes = started()
    sample(lanes, (1.0, 1.1, 0.0, 0.1))
    serve(lanes, 1.0, 1.1)
    assert told(serve(lanes, 2.0, 2.1)) == [(LaneState.HANDLING, 2.0, 2.1, 1.0)]


def test_what_goes_on_is_divided_as_far_as_it_is_known() -> None:
    lanes = started()
    lanes.receive(wire.Spans([Span(1, 1, "recv", 20, 0.9, 1.0, 50)]))
    lanes.receive(wire.Activities(1.25, [wire.Activity(1, 1, "", 20, 1.0)]))
    sample(lanes, (1.0, 1.2, 0.0, 0.2))
    tail = lanes.tails([1], [], 1.25)
    states = [LaneState(int(state)) for state in tail[STATE]]
    assert states == [LaneState.IN_CALL, LaneState.HANDLING]
    assert tail[END].tolist() == [1.2, 1.25]


# ---- real engines


def handled(story: Told, requests: int) -> dict[LaneState, float]:
    """Seconds that so many requests were in each state of handling."""

    def table_of_all() -> Table | None:
        story.catch_up()
        table = story.lanes.between(0, monotonic())
        written = len(set(table[CONNECTION, table[STATE] == LaneState.WRITING]))
        return table if min(story.log.total, written) >= requests else None

    table = eventually(lambda: (found := table_of_all()) is not None and [found], "all are answered")[0]
    seconds = (table[END] - table[BEGIN]) * table[SHARE]
    return {state: float(seconds[table[STATE] == state].sum()) for state in HANDLED}


def proven(story: Told, kind: type[T], count: int) -> T:
    """The fact of this kind, about at least so many, as soon as it is proven."""

    def found() -> T | None:
        story.catch_up()
        now = monotonic()
        seen = fact(story.lanes.traits, story.lanes.between(0, now), story.lanes.queue, now)
        return seen if isinstance(seen, kind) and getattr(seen, "count", getattr(seen, "others", 0)) >= count else None

    seen = eventually(found, kind.__name__)
    assert seen
    return seen


@tells_queues
@pytest.mark.parametrize("model", FIRST_OF_EACH_KIND.values())
def test_sleeping_and_computing_are_drawn_as_what_they_are(model: str) -> None:
    with telling(model) as (engine, story):
        ask(engine, "/work/wait?ms=300")
        slept = eventually(lambda: (found := handled(story, 1))[LaneState.IN_CALL] and found)
        assert slept[LaneState.IN_CALL] == pytest.approx(0.3, abs=0.1)
        assert slept[LaneState.COMPUTING] < 0.1
        place = story.lanes.between(0, monotonic())
        place = place[:, (place[STATE] == LaneState.IN_CALL) & (place[LINE] > 0)]
        assert {os.path.basename(story.lanes.files[int(file)]) for file in place[FILE]} == {"work.py"}
        ask(engine, "/work/busy?ms=200")
        both = handled(story, 2)
        assert both[LaneState.COMPUTING] - slept[LaneState.COMPUTING] == pytest.approx(0.2, abs=0.06)
        assert both[LaneState.IN_CALL] - slept[LaneState.IN_CALL] < 0.06


@tells_queues
@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.worker == "thread"])
def test_two_threads_that_compute_run_half_of_the_time(model: str) -> None:
    with telling(model) as (engine, story):
        at_once(*[lambda: ask(engine, "/work/busy?ms=300")] * 2)
        seconds = handled(story, 2)
        assert seconds[LaneState.COMPUTING] == pytest.approx(0.6, abs=0.15)
        assert seconds[LaneState.NOT_RUNNING] > 0.3
        found = proven(story, ComputeTogether, 2)
        assert found.count == 2
        assert found.share < 0.7


WAIT_TOGETHER = [key for key, each in MODELS.items() if each.waits == "call" and each.worker != "loop"]


@tells_queues
@pytest.mark.parametrize("model", WAIT_TOGETHER)
def test_workers_of_their_own_wait_together(model: str) -> None:
    with telling(model) as (engine, story):
        at_once(*[lambda: ask(engine, "/work/wait?ms=300")] * 4)
        found = proven(story, WaitTogether, 3)
        assert found.count <= 4
        assert 0 < found.seconds <= 0.45, "as far as it is proven so far"


ONE_FOR_ALL = [
    key
    for key, each in MODELS.items()
    if each.worker == "loop" and each.waits != "call" and not each.hands_over and each.available()
]
"""Loops that serve many clients at once, and call the application themselves."""


@tells_queues
@pytest.mark.parametrize("model", ONE_FOR_ALL)
def test_a_loop_that_waits_lets_others_wait(model: str) -> None:
    with telling(model) as (engine, story):
        at_once(*[lambda: ask(engine, "/work/wait?ms=200")] * 3)
        found = proven(story, Occupied, 1)
        assert found.waits
        assert found.others <= 2
        assert found.connection in (1, 2, 3)
