"""The states of the lanes: from made-up spans, rule by rule, and from real engines."""

import time
from itertools import pairwise

import numpy as np
import pytest

from engine.models import MODELS
from engine.telemetry import wire
from engine.telemetry.wire import Activity, Span
from gui.history.intervals import BEGIN, CONNECTION, END, FIELDS, HANDLED, STATE, Interval, LaneState, as_interval
from gui.history.lanes import Lanes
from tests.engine.support import eventually
from tests.gui.stories import PAUSE, ask, ask_slowly, at_once, telling
from tests.ready import a_ready

available = pytest.mark.parametrize("model", [key for key, model in MODELS.items() if model.available()])
serving_alone = pytest.mark.parametrize(
    "model", [key for key, model in MODELS.items() if model.waits == "call" and model.serves == "one"]
)


def started(model: str, capacity: int = 1_000) -> Lanes:
    lanes = Lanes(capacity)
    lanes.receive(a_ready(model, 0.0, pid=99))
    return lanes


def tell(lanes: Lanes, *spans: Span) -> None:
    lanes.receive(wire.Spans(list(spans)))


def count(lanes: Lanes, now: float, sample_every: int = 1, queued: int = -1) -> None:
    lanes.receive(wire.Counters(now, 0, 0, 0, 0, 0, 0, 1, sample_every, queued))


def states(pieces: list[Interval]) -> list[tuple[LaneState, float, float]]:
    return [(piece.state, round(piece.begin, 4), round(piece.end, 4)) for piece in pieces]


def tail(lanes: Lanes, now: float, workers: tuple[int, ...] = (), connections: tuple[int, ...] = ()) -> list[Interval]:
    return [as_interval(column) for column in lanes.tails(workers, connections, now).T]


# ---- workers that wait


def test_a_worker_waits_reads_handles_and_writes() -> None:
    lanes = started("thread")
    tell(
        lanes,
        Span(0, 1, "accept", 10, 0.0, 1.0, 0),
        Span(1, 1, "recv", 20, 1.002, 2.0, 50),
        Span(1, 1, "send", 21, 2.5, 2.501, 100),
    )
    assert states(lanes.of_connection(1, 0, 9)) == [
        (LaneState.ACCEPTING, 1.0, 1.0),
        (LaneState.RUNNABLE, 1.0, 1.002),
        (LaneState.WAITING, 1.002, 2.0),
        (LaneState.READING, 2.0, 2.0),
        (LaneState.HANDLING, 2.0, 2.5),
        (LaneState.WRITING, 2.5, 2.501),
    ]
    assert [piece.line for piece in lanes.of_connection(1, 0, 9)] == [10, 0, 20, 20, 0, 21]


def test_a_request_that_comes_in_pieces_holds_its_worker() -> None:
    lanes = started("thread")
    tell(
        lanes,
        Span(0, 1, "accept", 10, 0.0, 0.001, 0),
        Span(1, 1, "recv", 20, 0.002, 1.0, 1),
        Span(1, 1, "recv", 20, 1.0, 2.0, 1),
        Span(1, 1, "recv", 20, 2.0, 2.005, 1),
    )
    waits = [
        piece
        for piece in lanes.of_connection(1, 0, 9)
        if piece.state in (LaneState.WAITING, LaneState.BLOCKED_BY_CLIENT)
    ]
    assert states(waits) == [
        (LaneState.WAITING, 0.002, 1.0),
        (LaneState.BLOCKED_BY_CLIENT, 1.0, 2.0),
        (LaneState.WAITING, 2.0, 2.005),
    ]
    assert lanes.slow() == {1: "sender"}


def test_a_reply_that_is_not_read_holds_its_worker() -> None:
    lanes = started("thread")
    tell(lanes, Span(1, 1, "recv", 20, 0.0, 0.00001, 9), Span(1, 1, "send", 21, 0.1, 3.0, 9))
    assert states(lanes.of_connection(1, 0, 9))[-2:] == [
        (LaneState.BLOCKED_BY_CLIENT, 0.1, 3.0),
        (LaneState.WRITING, 3.0, 3.0),
    ]
    assert lanes.slow() == {1: "reader"}


def test_the_parents_copy_that_is_closed_is_not_the_connections_end() -> None:
    lanes = started("process")
    tell(lanes, Span(0, 1, "accept", 10, 0.0, 1.0, 0), Span(0, 1, "close", 12, 1.1, 1.2, 0))
    assert lanes.connections() == {1}
    tell(lanes, Span(4_321, 1, "recv", 20, 1.2, 1.3, 9), Span(4_321, 1, "close", 22, 1.4, 1.5, 0))
    assert lanes.connections() == set()
    assert lanes.workers() == {0}


def test_the_close_of_the_parents_copy_may_be_told_after_the_childs_first_call() -> None:
    lanes = started("process")
    tell(lanes, Span(0, 1, "accept", 10, 0.0, 1.0, 0), Span(4_321, 1, "recv", 20, 1.2, 1.3, 9))
    tell(lanes, Span(0, 1, "close", 12, 1.1, 1.2, 0))
    assert lanes.connections() == {1}
    tell(lanes, Span(4_321, 1, "recv", 20, 1.3, 3.0, 9))
    assert (LaneState.BLOCKED_BY_CLIENT, 1.3, 3.0) in states(lanes.of_connection(1, 0, 9))


# ---- loops


def test_epoll_serves_one_after_the_other() -> None:
    lanes = started("epoll")
    tell(
        lanes,
        Span(0, 0, "wait", 5, 0.0, 0.5, 1),
        Span(0, 1, "accept", 6, 0.5, 0.501, 0),
        Span(0, 2, "accept", 6, 0.501, 0.502, 0),
        Span(0, 0, "wait", 5, 0.502, 1.0, 2),
        Span(0, 1, "recv", 7, 1.0, 1.001, 9),
        Span(0, 1, "send", 8, 1.3, 1.301, 9),
        Span(0, 2, "recv", 7, 1.301, 1.302, 9),
        Span(0, 2, "send", 8, 1.602, 1.603, 9),
    )
    assert states(lanes.of_connection(2, 0, 9)) == [
        (LaneState.ACCEPTING, 0.501, 0.502),
        (LaneState.WAITING, 0.502, 1.0),
        (LaneState.RUNNABLE, 1.0, 1.301),
        (LaneState.READING, 1.301, 1.302),
        (LaneState.HANDLING, 1.302, 1.602),
        (LaneState.WRITING, 1.602, 1.603),
    ]


def test_when_a_client_became_ready_during_a_long_round_is_not_made_up() -> None:
    lanes = started("epoll")
    tell(
        lanes,
        Span(0, 2, "send", 8, 0.9, 1.0, 9),
        Span(0, 0, "wait", 5, 1.1, 2.0, 1),
        Span(0, 1, "recv", 7, 2.0, 2.001, 9),
        Span(0, 1, "send", 8, 2.5, 2.501, 9),
        Span(0, 0, "wait", 5, 2.502, 2.50201, 1),
        Span(0, 2, "recv", 7, 2.503, 2.504, 9),
    )
    waiting, turn = (
        [piece for piece in lanes.of_connection(2, 0, 9) if piece.state is state]
        for state in (LaneState.WAITING, LaneState.RUNNABLE)
    )
    assert states(waiting) == [(LaneState.WAITING, 1.0, 2.0)], "silent when the poller came back the last time"
    assert states(turn) == [(LaneState.RUNNABLE, 2.502, 2.503)]


def test_a_slow_client_never_holds_a_loop() -> None:
    lanes = started("epoll")
    for second in range(1, 5):
        tell(lanes, Span(0, 0, "wait", 5, second - 0.9, second, 1), Span(0, 1, "recv", 7, second, second + 0.001, 1))
    assert LaneState.BLOCKED_BY_CLIENT not in lanes.between(0, 9)[STATE]
    assert lanes.slow() == {1: "sender"}


def test_asking_in_vain_is_waiting() -> None:
    lanes = started("nonblocking")
    tell(
        lanes,
        Span(0, 1, "accept", 5, 0.0, 0.001, 0),
        Span(0, 1, "recv", 6, 0.002, 0.8, -1),
        Span(0, 1, "recv", 6, 0.801, 0.802, 9),
        Span(0, 1, "send", 7, 0.803, 0.804, 9),
        Span(0, 1, "recv", 6, 0.9, 0.901, 9),
    )
    assert states(lanes.of_connection(1, 0, 9)) == [
        (LaneState.ACCEPTING, 0.0, 0.001),
        (LaneState.RUNNABLE, 0.001, 0.002),
        (LaneState.WAITING, 0.002, 0.8),
        (LaneState.WAITING, 0.8, 0.801),
        (LaneState.READING, 0.801, 0.802),
        (LaneState.HANDLING, 0.802, 0.803),
        (LaneState.WRITING, 0.803, 0.804),
        (LaneState.READING, 0.9, 0.901),
    ], "what was for a tenth of a second not asked may have been ready"


# ---- what goes on at the moment


def test_what_has_no_span_yet_is_a_tail() -> None:
    lanes = started("thread")
    tell(lanes, Span(0, 1, "accept", 5, 0.0, 1.0, 0))
    lanes.receive(wire.Activities(1.1, [Activity(0, 0, "accept", 5, 1.0), Activity(1, 1, "recv", 9, 1.01)]))
    assert states(tail(lanes, 1.2, workers=(1,))) == [(LaneState.WAITING, 1.01, 1.2)]
    assert states(tail(lanes, 1.2, connections=(1,))) == [(LaneState.WAITING, 1.01, 1.2)]
    assert states(tail(lanes, 9.0, workers=(1,))) == [(LaneState.WAITING, 1.01, 1.4)], "not beyond what is known"
    tell(lanes, Span(1, 1, "recv", 9, 1.01, 1.3, 5))
    assert tail(lanes, 1.35, workers=(1,)) == [], "the span knows better"


def test_a_worker_held_at_the_moment_is_seen() -> None:
    lanes = started("thread")
    tell(lanes, Span(1, 1, "recv", 9, 0.0, 1.0, 5))
    lanes.receive(wire.Activities(2.0, [Activity(1, 1, "recv", 9, 1.001)]))
    assert states(tail(lanes, 2.0, workers=(1,))) == [(LaneState.BLOCKED_BY_CLIENT, 1.001, 2.0)]


def test_while_a_loop_is_busy_nothing_is_said_of_others() -> None:
    lanes = started("epoll")
    tell(lanes, Span(0, 2, "send", 8, 0.0, 0.1, 9), Span(0, 1, "recv", 7, 1.0, 1.001, 9))
    lanes.receive(wire.Activities(1.5, [Activity(0, 1, "", 7, 1.001)]))
    assert states(tail(lanes, 1.6, workers=(0,))) == [(LaneState.HANDLING, 1.001, 1.6)]
    assert states(tail(lanes, 1.6, connections=(2,))) == [(LaneState.WAITING, 0.1, 1.001)]


def test_a_worker_that_has_ended_has_no_tail() -> None:
    lanes = started("thread")
    tell(lanes, Span(0, 1, "accept", 5, 0.0, 1.0, 0))
    lanes.receive(wire.Activities(1.1, [Activity(1, 1, "recv", 9, 1.01)]))
    lanes.receive(wire.Activities(1.2, [Activity(1, 0, "", 0, 1.2)]))
    assert lanes.workers() == {0}
    assert tail(lanes, 1.3, workers=(1,)) == []


# ---- bounds


def test_the_last_spans_of_a_closed_connection_come_after_its_end() -> None:
    lanes = started("thread")
    tell(lanes, Span(1, 1, "recv", 9, 0.0, 0.1, 5))
    lanes.receive(wire.Closed([wire.Closing(0.3, 1, 1)]))
    tell(lanes, Span(1, 1, "send", 9, 0.2, 0.25, 5))
    assert (LaneState.HANDLING, 0.1, 0.2) in states(lanes.of_connection(1, 0, 9))
    count(lanes, 0.4)
    count(lanes, 0.5)
    assert lanes.connections() == set()


def test_only_the_newest_pieces_are_kept() -> None:
    lanes = started("epoll", capacity=100)
    for number in range(1_000):
        tell(lanes, Span(0, number, "accept", 5, number, number + 0.5, 0))
    kept = lanes.between(0, 2_000)
    assert kept.shape == (FIELDS, 100)
    assert kept[BEGIN].min() == 900
    assert lanes.between(950, 960).shape[1] == 11


def test_connections_not_told_of_any_more_are_forgotten() -> None:
    lanes = started("epoll")
    tell(lanes, *(Span(0, number, "accept", 5, 1.0, 1.1, 0) for number in range(1, 21)))
    count(lanes, 2.0, sample_every=8)
    assert lanes.connections() == {1, 9, 17}
    count(lanes, 3.0, sample_every=0)
    assert lanes.connections() == set()


def test_the_last_spans_of_one_not_told_of_any_more_make_no_slow_reader() -> None:
    lanes = started("epoll")
    tell(lanes, Span(0, 8, "recv", 30, 1.0, 1.001, 50))
    count(lanes, 1.1, sample_every=8)
    tell(lanes, Span(0, 8, "send", 31, 1.002, 1.003, 100), Span(0, 9, "recv", 30, 1.0, 1.001, 50))
    count(lanes, 1.2, sample_every=8)
    count(lanes, 2.0, sample_every=8)
    assert lanes.slow() == {}
    assert lanes.connections() == {9}


def test_another_engine_begins_with_nothing() -> None:
    lanes = started("epoll")
    tell(lanes, Span(0, 1, "accept", 5, 1.0, 1.1, 0))
    lanes.receive(a_ready("thread", 2.0, clock=0.0, pid=99))
    assert lanes.between(0, 9).shape[1] == 0
    assert lanes.connections() == set()


# ---- real engines


@available
def test_states_agree_with_what_the_client_did(model: str) -> None:
    with telling(model) as (engine, told):
        begin = time.monotonic()
        at_once(lambda: ask_slowly(engine), lambda: ask(engine))
        end = time.monotonic()
        eventually(lambda: (told.catch_up(), told.log.total >= 2)[1], "both are answered")
        eventually(lambda: (told.catch_up(), not told.lanes.connections())[1], "both are over")
        worked = {LaneState.ACCEPTING, LaneState.READING, LaneState.HANDLING, LaneState.WRITING}

        def states(connection: int) -> set[LaneState]:
            return {each.state for each in told.lanes.of_connection(connection, 0, end)}

        # A connection's end may be told a tick before its last calls.
        eventually(lambda: (told.catch_up(), all(worked <= states(each) for each in (1, 2)))[1], "each state is seen")
        for connection in (1, 2):
            pieces = told.lanes.of_connection(connection, 0, end)
            assert all(begin <= piece.begin <= end for piece in pieces if piece.state)
            assert all(one.end <= next_one.begin + 1e-9 for one, next_one in pairwise(pieces)), "one state at a time"
        waited = told.lanes.between(begin, end)
        seconds = {state: (waited[END] - waited[BEGIN])[waited[STATE] == state].sum() for state in LaneState}
        waits = MODELS[model].waits
        assert (seconds[LaneState.BLOCKED_BY_CLIENT] >= 2.5 * PAUSE) == (waits == "call"), (
            "only one that waits is blocked"
        )


@serving_alone
def test_each_slow_client_holds_a_worker_of_its_own(model: str) -> None:
    with telling(model) as (engine, told):
        at_once(*[lambda: ask_slowly(engine)] * 3)
        eventually(lambda: (told.catch_up(), told.log.total >= 3)[1], "all are answered")
        held = told.lanes.between(0, time.monotonic())
        held = held[:, held[STATE] == LaneState.BLOCKED_BY_CLIENT]
        assert len({int(worker) for worker in held[0]}) == 3


@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.waits == "poller" and each.available()])
def test_a_handler_that_waits_keeps_a_loops_others_waiting(model: str) -> None:
    with telling(model) as (engine, told):
        at_once(*[lambda: ask(engine, "/work/wait?ms=200")] * 3)
        eventually(lambda: (told.catch_up(), told.log.total >= 3)[1], "all are answered")
        table = told.lanes.between(0, time.monotonic())
        handled = table[:, np.isin(table[STATE], list(HANDLED))]
        each = [handled[:, handled[CONNECTION] == connection] for connection in sorted(set(handled[CONNECTION]))]
        times = sorted((mine[BEGIN].min(), mine[END].max()) for mine in each)
        assert all(one[1] <= other[0] for one, other in pairwise(times)), "one after the other"
        assert len(times) == 3
