"""The states of the lanes: from made-up spans, rule by rule, and from real engines."""

from itertools import pairwise
from math import inf

import numpy as np
import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from engine.telemetry.wire import Activity, Span
from gui.history.intervals import BEGIN, CONNECTION, END, FIELDS, HANDLED, STATE, Interval, LaneState, as_interval
from gui.history.lanes import Lanes
from tests.gui.stories import ask, ask_slowly, at_once, telling
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


def answer(lanes: Lanes, now: float, *connections: int) -> None:
    rows = [wire.Request(each, 0, 0, 0, 200, 9, True, 0, 0, 0, 0, 0, 0, now) for each in connections]
    lanes.receive(wire.Requests(rows))


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
        (LaneState.WAITING, 1.0, 1.002),
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
        (LaneState.WAITING, 0.001, 0.002),
        (LaneState.WAITING, 0.002, 1.0),
        (LaneState.BLOCKED_BY_CLIENT, 1.0, 2.0),
        (LaneState.WAITING, 2.0, 2.005),
    ]
    assert lanes.slow() == {1: "sender"}


READY_BEFORE_ACCEPT = [(LaneState.RUNNABLE, 0.4, 1.0), (LaneState.RUNNABLE, 1.0, 1.5)]
READY_AFTER_ACCEPT = [(LaneState.WAITING, 1.0, 1.2), (LaneState.RUNNABLE, 1.2, 1.5)]


@available
@pytest.mark.parametrize(("arrived", "expected"), [(0.4, READY_BEFORE_ACCEPT), (1.2, READY_AFTER_ACCEPT)])
def test_a_request_is_ready_from_its_arrival_on(
    model: str, arrived: float, expected: list[tuple[LaneState, float, float]]
) -> None:
    lanes = started(model)
    worker = 0 if MODELS[model].worker == "loop" else 7
    tell(
        lanes,
        Span(0, 0, "wait", 5, 0.9, 0.999, 1),
        Span(0, 1, "accept", 10, 1.0, 1.00001, 0),
        Span(0, 0, "wait", 5, 1.3, 1.301, 1),
        Span(worker, 1, "recv", 20, 1.5, 1.50001, 50, 0, arrived),
    )
    told = states(lanes.of_connection(1, 0, 9))
    assert [
        each for each in told if each[0] in (LaneState.WAITING, LaneState.RUNNABLE, LaneState.NOT_KNOWN)
    ] == expected


@serving_alone
def test_a_worker_that_is_late_in_its_call_does_not_wait_for_its_client(model: str) -> None:
    """As one that was stopped, or had no processor, or whose thread had not the lock."""
    lanes = started(model)
    tell(
        lanes,
        Span(7, 1, "recv", 20, 1.0, 1.001, 50, 0, 1.0),
        Span(7, 1, "recv", 20, 1.002, 3.0, 50, 0, 1.003),
        Span(7, 1, "send", 21, 3.0, 4.0, 99, 0, 0.0, 0),
    )
    told = states(lanes.of_connection(1, 0, 9))
    assert told[2:] == [
        (LaneState.HANDLING, 1.001, 1.002),
        (LaneState.WAITING, 1.002, 1.003),
        (LaneState.RUNNABLE, 1.003, 3.0),
        (LaneState.READING, 3.0, 3.0),
        (LaneState.WRITING, 3.0, 4.0),
    ]
    assert lanes.slow() == {}


@pytest.mark.parametrize(
    ("unsent", "state"),
    [(9, LaneState.BLOCKED_BY_CLIENT), (0, LaneState.WRITING), (-1, LaneState.NOT_KNOWN)],
)
def test_a_reply_holds_its_worker_if_its_client_has_no_room(unsent: int, state: LaneState) -> None:
    lanes = started("thread")
    tell(lanes, Span(1, 1, "recv", 20, 0.0, 0.00001, 9), Span(1, 1, "send", 21, 0.1, 3.0, 9, 0, 0.0, unsent))
    assert states(lanes.of_connection(1, 0, 9))[2][:2] == (state, 0.1)
    assert lanes.slow() == ({1: "reader"} if unsent > 0 else {})


def polled(
    lanes: Lanes, now: float, *rows: Activity, readable: tuple[int, ...] = (), delayed: tuple[int, ...] = ()
) -> None:
    lanes.receive(wire.Activities(now, list(rows), now, list(readable), list(delayed)))


def test_a_client_that_reads_on_in_the_end_has_held_its_worker_as_long_as_that_was_seen() -> None:
    lanes = started("thread")
    tell(lanes, Span(1, 1, "recv", 20, 0.0, 0.00001, 9))
    polled(lanes, 1.0, Activity(1, 1, "send", 21, 0.5))
    assert states(tail(lanes, 1.0, workers=(1,))) == [(LaneState.BLOCKED_BY_CLIENT, 0.5, 1.0)]
    tell(lanes, Span(1, 1, "send", 21, 0.5, 1.05, 9, 0, 0.0, 0))
    assert states(lanes.of_connection(1, 0, 9))[2:] == [
        (LaneState.BLOCKED_BY_CLIENT, 0.5, 1.0),
        (LaneState.NOT_KNOWN, 1.0, 1.05),
        (LaneState.WRITING, 1.05, 1.05),
    ]


def test_what_the_kernel_says_is_drawn_and_never_drawn_anew() -> None:
    lanes = started("epoll")
    tell(lanes, Span(0, 1, "send", 8, 0.9, 1.0, 9), Span(0, 2, "recv", 7, 1.0, 1.001, 9))
    answer(lanes, 1.0, 1)
    at_work = Activity(0, 2, "", 7, 1.001)
    polled(lanes, 1.1, at_work)
    assert states(tail(lanes, 1.1, connections=(1,))) == [(LaneState.WAITING, 1.0, 1.1)]
    polled(lanes, 1.2, readable=(1,))
    polled(lanes, 1.3, readable=(1,))
    drawn = [(LaneState.WAITING, 1.0, 1.1), (LaneState.NOT_KNOWN, 1.1, 1.2), (LaneState.RUNNABLE, 1.2, 1.3)]
    assert states(tail(lanes, 1.3, connections=(1,))) == drawn
    assert states(tail(lanes, 1.4, connections=(1,))) == [*drawn, (LaneState.NOT_KNOWN, 1.3, 1.4)]
    tell(lanes, Span(0, 1, "recv", 7, 1.5, 1.501, 9, 0, 1.15))
    assert states(lanes.of_connection(1, 0, 9))[1:3] == [
        (LaneState.WAITING, 1.0, 1.15),
        (LaneState.RUNNABLE, 1.15, 1.5),
    ]


def test_what_more_came_while_the_first_bytes_lay_there_changes_nothing() -> None:
    """The kernel reports the time of the newest bytes only."""
    lanes = started("epoll")
    tell(lanes, Span(0, 1, "send", 8, 0.9, 1.0, 9))
    polled(lanes, 1.1)
    polled(lanes, 1.2, readable=(1,))
    tell(lanes, Span(0, 1, "recv", 7, 1.5, 1.501, 9, 0, 1.4))
    assert states(lanes.of_connection(1, 0, 9))[1:4] == [
        (LaneState.WAITING, 1.0, 1.1),
        (LaneState.NOT_KNOWN, 1.1, 1.2),
        (LaneState.RUNNABLE, 1.2, 1.5),
    ]


def test_a_connection_in_a_workers_hands_is_not_silent() -> None:
    lanes = started("epoll")
    tell(lanes, Span(0, 1, "recv", 7, 1.0, 1.001, 9))
    polled(lanes, 1.005, Activity(0, 1, "", 7, 1.001))
    assert states(tail(lanes, 1.005, connections=(1,))) == [(LaneState.NOT_KNOWN, 1.001, 1.005)]
    polled(lanes, 1.1)
    assert states(tail(lanes, 1.1, connections=(1,))) == [(LaneState.HANDLING, 1.001, 1.1)]


def test_what_a_loop_has_read_but_not_reported_yet_is_not_silent() -> None:
    """Its bytes had come before the kernel was asked, and were in no queue any more."""
    lanes = started("nonblocking")
    tell(lanes, Span(0, 1, "accept", 10, 0.0, 0.1, 0), Span(0, 2, "accept", 10, 0.1, 0.2, 0))
    lanes.receive(wire.Activities(1.1, [Activity(0, 1, "", 20, 1.05)], polled=1.0, served=[1]))
    pieces = tail(lanes, 1.1, connections=(1, 2))
    assert [piece for piece in pieces if piece.connection == 1 and piece.state is LaneState.WAITING] == []
    assert next((piece.begin, piece.end) for piece in pieces if piece.connection == 2) == (0.2, 1.0)
    tell(lanes, Span(0, 1, "recv", 20, 0.99, 1.05, 50, arrived=0.3))
    found = states(lanes.of_connection(1, 0.15, 9))
    assert (LaneState.WAITING, 0.1, 0.3) in found
    assert (LaneState.RUNNABLE, 0.3, 0.99) in found


def test_a_process_that_is_stopped_in_its_call_is_not_known_to_wait() -> None:
    lanes = started("process")
    tell(lanes, Span(7, 1, "recv", 20, 0.9, 1.0, 50))
    polled(lanes, 1.1, Activity(7, 1, "recv", 20, 1.0))
    assert states(tail(lanes, 1.1, workers=(7,))) == [(LaneState.BLOCKED_BY_CLIENT, 1.0, 1.1)]
    polled(lanes, 1.2, delayed=(7,))
    polled(lanes, 1.3, Activity(7, 1, "recv", 20, 1.0), delayed=(7,))
    assert states(tail(lanes, 1.3, workers=(7,))) == [
        (LaneState.BLOCKED_BY_CLIENT, 1.0, 1.1),
        (LaneState.NOT_KNOWN, 1.1, 1.3),
    ]


def test_a_greenlet_whose_bytes_have_come_waits_for_its_turn_inside_its_call() -> None:
    lanes = started("gevent")
    tell(lanes, Span(7, 1, "send", 20, 0.9, 1.0, 50))
    polled(lanes, 1.1, Activity(7, 1, "recv", 20, 1.0))
    polled(lanes, 1.2, readable=(1,))
    assert states(tail(lanes, 1.2, workers=(7,))) == [(LaneState.WAITING, 1.0, 1.1), (LaneState.NOT_KNOWN, 1.1, 1.2)]
    polled(lanes, 1.3, readable=(1,))
    assert states(tail(lanes, 1.3, workers=(7,)))[2:] == [(LaneState.RUNNABLE, 1.2, 1.3)]


def test_many_connections_that_can_be_read_take_several_messages() -> None:
    lanes = started("epoll")
    tell(lanes, *(Span(0, number, "send", 8, 0.9, 1.0, 9) for number in (1, 2, 3)))
    answer(lanes, 1.0, 1, 2, 3)
    lanes.receive(wire.Activities(1.1, [], readable=[1]))
    assert states(tail(lanes, 1.1, connections=(3,))) == [(LaneState.NOT_KNOWN, 1.0, 1.1)], "the answer is not whole"
    polled(lanes, 1.1, readable=(2,))
    shown = [states(tail(lanes, 1.1, connections=(number,)))[0][0] for number in (1, 2, 3)]
    assert shown == [LaneState.NOT_KNOWN, LaneState.NOT_KNOWN, LaneState.WAITING]


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


def test_where_the_system_does_not_say_when_bytes_came_it_is_not_made_up() -> None:
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
    assert (LaneState.NOT_KNOWN, 2.0, 2.502) in states(lanes.of_connection(2, 0, 9))


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
        (LaneState.WAITING, 0.001, 0.002),
        (LaneState.WAITING, 0.002, 0.8),
        (LaneState.NOT_KNOWN, 0.8, 0.801),
        (LaneState.READING, 0.801, 0.802),
        (LaneState.HANDLING, 0.802, 0.803),
        (LaneState.WRITING, 0.803, 0.804),
        (LaneState.NOT_KNOWN, 0.804, 0.9),
        (LaneState.READING, 0.9, 0.901),
    ], "when the bytes came is not said"


# ---- what goes on at the moment


def test_what_has_no_span_yet_is_a_tail() -> None:
    lanes = started("thread")
    tell(lanes, Span(0, 1, "accept", 5, 0.0, 1.0, 0))
    lanes.receive(wire.Activities(1.1, [Activity(0, 0, "accept", 5, 1.0), Activity(1, 1, "recv", 9, 1.01)]))
    assert states(tail(lanes, 1.05, workers=(1,))) == [(LaneState.WAITING, 1.01, 1.05)]
    so_far = [(LaneState.WAITING, 1.01, 1.1), (LaneState.NOT_KNOWN, 1.1, 1.2)]
    assert states(tail(lanes, 1.2, workers=(1,))) == so_far, "not beyond what is known"
    assert states(tail(lanes, 1.2, connections=(1,))) == so_far
    tell(lanes, Span(1, 1, "recv", 9, 1.01, 1.3, 5))
    assert states(tail(lanes, 1.35, workers=(1,))) == [(LaneState.NOT_KNOWN, 1.3, 1.35)], "the span knows better"


def test_a_worker_held_at_the_moment_is_seen() -> None:
    lanes = started("thread")
    tell(lanes, Span(1, 1, "recv", 9, 0.0, 1.0, 5))
    lanes.receive(wire.Activities(2.0, [Activity(1, 1, "recv", 9, 1.001)]))
    assert states(tail(lanes, 2.0, workers=(1,))) == [(LaneState.BLOCKED_BY_CLIENT, 1.001, 2.0)]


def test_while_a_loop_is_busy_nothing_is_said_of_others() -> None:
    lanes = started("epoll")
    tell(lanes, Span(0, 2, "send", 8, 0.0, 0.1, 9), Span(0, 1, "recv", 7, 1.0, 1.001, 9))
    lanes.receive(wire.Activities(1.5, [Activity(0, 1, "", 7, 1.001)]))
    assert states(tail(lanes, 1.5, workers=(0,))) == [(LaneState.HANDLING, 1.001, 1.5)]
    assert states(tail(lanes, 1.5, connections=(2,))) == [(LaneState.NOT_KNOWN, 0.1, 1.5)]


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


@available
def test_nothing_is_said_of_what_came_between_where_records_were_dropped(model: str) -> None:
    """A call that follows a gap is not the next one of the call before: neither handling nor waiting is drawn."""
    lanes = started(model)
    tell(lanes, Span(0, 1, "accept", 10, 0.0, 1.0, 0), Span(1, 1, "recv", 20, 1.0, 1.1, 50))
    count(lanes, 1.2)
    lanes.receive(wire.Counters(1.9, 0, 0, 0, 0, 0, 7, 1, 1))
    assert lanes.dropped == 7
    assert {piece.state for piece in tail(lanes, 2.5, connections=(1,))} <= {LaneState.NOT_KNOWN}
    tell(lanes, Span(1, 1, "send", 21, 3.0, 3.001, 100), Span(1, 1, "recv", 20, 3.001, 4.0, 50, arrived=4.0))
    after = [piece for piece in lanes.of_connection(1, 0, 9) if piece.end > 1.1 + 1e-3]
    assert states(after[:2]) == [(LaneState.NOT_KNOWN, 1.1, 3.0), (LaneState.WRITING, 3.0, 3.001)]
    assert {piece.state for piece in after[2:]} <= {LaneState.WAITING, LaneState.READING}, "from here on it is known"
    assert not lanes.slow()
    count(lanes, 5.0)
    assert lanes.dropped == 7


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


@pytest.mark.quick_with("process", "thread", "asyncio", "keepalive", "epoll")
@available
def test_states_agree_with_what_the_client_did(model: str) -> None:
    with telling(model) as (engine, told):
        begin = monotonic()
        at_once(lambda: ask_slowly(engine), lambda: ask(engine))
        end = monotonic()
        told.until_over(2)
        worked = {LaneState.ACCEPTING, LaneState.READING, LaneState.HANDLING, LaneState.WRITING}
        connections = {row.connection for row in engine.rows(wire.Opened)}  # children number theirs in blocks
        assert len(connections) == 2
        for connection in connections:
            pieces = told.lanes.of_connection(connection, 0, inf)
            assert worked <= {piece.state for piece in pieces}
            # A call that takes what is there may have begun before that was there, and may end after it was taken.
            assert all(begin <= piece.end and piece.begin <= end for piece in pieces if piece.state in worked)
            assert all(one.end <= next_one.begin + 1e-9 for one, next_one in pairwise(pieces)), "one state at a time"
        waited = told.lanes.between(begin, end)
        seconds = {state: (waited[END] - waited[BEGIN])[waited[STATE] == state].sum() for state in LaneState}
        waits = MODELS[model].waits
        assert (seconds[LaneState.BLOCKED_BY_CLIENT] > 0) == (waits == "call"), "only one that waits is blocked"


@serving_alone
def test_each_slow_client_holds_a_worker_of_its_own(model: str) -> None:
    with telling(model) as (engine, told):
        at_once(*[lambda: ask_slowly(engine)] * 3)
        told.until_over(3)
        held = told.lanes.between(0, monotonic())
        held = held[:, held[STATE] == LaneState.BLOCKED_BY_CLIENT]
        assert len({int(worker) for worker in held[0]}) == 3


@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.waits == "poller" and each.available()])
def test_a_handler_that_waits_keeps_a_loops_others_waiting(model: str) -> None:
    if MODELS[model].hands_over:
        pytest.skip("its loop waits for no handler: it hands them over")
    with telling(model) as (engine, told):
        at_once(*[lambda: ask(engine, "/work/wait?ms=200")] * 3)
        told.until_over(3)
        table = told.lanes.between(0, monotonic())
        handled = table[:, np.isin(table[STATE], list(HANDLED))]
        each = [handled[:, handled[CONNECTION] == connection] for connection in sorted(set(handled[CONNECTION]))]
        times = sorted((mine[BEGIN].min(), mine[END].max()) for mine in each)
        assert all(one[1] <= other[0] for one, other in pairwise(times)), "one after the other"
        assert len(times) == 3
