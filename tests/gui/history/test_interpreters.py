"""What calls say of states, for each way in which workers wait, serve and accept, in made-up stories."""

import pytest

from engine.telemetry import wire
from engine.telemetry.wire import Activity, Span
from engine.traits import Traits
from gui.history.intervals import CONNECTION, STATE, WORKER, Interval, LaneState, as_interval
from gui.history.lanes import Lanes
from gui.history.line_profile import LineProfile
from tests.ready import a_ready

ITERATIVE = Traits("loop", "call", "many", "first")
THREADPOOL = Traits("thread", "call", "many", "first")
PREFORK = Traits("process", "call", "many", "each")
TASKS = Traits("task", "poller", "one", "first")
POLLER = Traits("loop", "poller", "many", "first")
BUSY = Traits("loop", "never", "many", "first")
REACTOR = Traits("loop", "poller", "many", "first", hands_over=True)
UNKNOWN = Traits()


def started(traits: Traits) -> Lanes:
    lanes = Lanes(1_000)
    lanes.receive(a_ready("another", traits=traits))
    return lanes


def tell(lanes: Lanes, *spans: Span) -> Lanes:
    lanes.receive(wire.Spans(list(spans)))
    return lanes


def count(lanes: Lanes, now: float) -> None:
    lanes.receive(wire.Counters(now, 0, 0, 0, 0, 0, 0, 1, 1))


def of(lanes: Lanes, connection: int) -> list[tuple[int, LaneState, float, float]]:
    """The states of a connection, with the worker in whose lane each is as well."""
    found = lanes.of_connection(connection, 0, 99)
    return [(each.worker, each.state, round(each.begin, 3), round(each.end, 3)) for each in found]


def lane(lanes: Lanes, worker: int) -> list[tuple[int, LaneState]]:
    """What is in a worker's lane: connections and states."""
    table = lanes.between(0, 99)
    mine = table[:, table[WORKER] == worker]
    return [(int(connection), LaneState(int(state))) for connection, state in mine[[CONNECTION, STATE]].T]


def every(lanes: Lanes) -> list[Interval]:
    return [as_interval(column) for column in lanes.between(0, 99).T]


def tail(lanes: Lanes, now: float, worker: int) -> list[Interval]:
    return [as_interval(column) for column in lanes.tails([worker], [], now).T]


# ---- loop, call, many, first: one client after the other


def test_a_loop_that_waits_in_its_calls_waits_for_its_client_and_does_not_read() -> None:
    lanes = tell(
        started(ITERATIVE),
        Span(0, 1, "accept", 10, 0.0, 1.0, 0),
        Span(0, 1, "recv", 20, 1.0, 3.0, 50),
        Span(0, 1, "send", 21, 3.2, 3.201, 100),
    )
    assert of(lanes, 1) == [
        (0, LaneState.ACCEPTING, 1.0, 1.0),
        (0, LaneState.WAITING, 1.0, 3.0),
        (0, LaneState.READING, 3.0, 3.0),
        (0, LaneState.HANDLING, 3.0, 3.2),
        (0, LaneState.WRITING, 3.2, 3.201),
    ]


def test_a_slow_client_holds_the_one_loop() -> None:
    lanes = tell(
        started(ITERATIVE),
        Span(0, 1, "accept", 10, 0.0, 0.1, 0),
        Span(0, 1, "recv", 20, 0.1, 0.2, 1),
        Span(0, 1, "recv", 20, 0.2, 1.2, 1),
    )
    assert (0, LaneState.BLOCKED_BY_CLIENT, 0.2, 1.2) in of(lanes, 1)
    lanes.receive(wire.Activities(2.0, [Activity(0, 1, "recv", 20, 1.2)]))
    assert [(each.connection, each.state) for each in tail(lanes, 2.0, 0)] == [(1, LaneState.BLOCKED_BY_CLIENT)]


def test_the_loop_stays_when_its_client_leaves() -> None:
    lanes = tell(
        started(ITERATIVE),
        Span(0, 1, "accept", 10, 0.0, 0.1, 0),
        Span(0, 1, "close", 20, 0.2, 0.3, 0),
    )
    assert (lanes.connections(), lanes.workers()) == (set(), {0}), "its own close, not that of a copy"


# ---- thread, call, many, first: a pool


def pooled() -> Lanes:
    """A pool whose thread 1 has served a client that left."""
    return tell(
        started(THREADPOOL),
        Span(0, 1, "accept", 10, 0.0, 0.1, 0),
        Span(1, 1, "recv", 20, 0.5, 0.6, 50, 0, 0.2),
        Span(1, 1, "send", 21, 0.7, 0.701, 100),
        Span(1, 1, "close", 22, 0.8, 0.801, 0),
    )


def test_a_pools_worker_stays_when_its_first_client_leaves() -> None:
    lanes = pooled()
    assert (0, LaneState.RUNNABLE, 0.1, 0.5) not in of(lanes, 1)
    assert (-1, LaneState.RUNNABLE, 0.2, 0.5) in of(lanes, 1), "it stood in the pool's queue"
    lanes.receive(wire.Closed([wire.Closing(0.8, 1, 1)]))
    lanes.receive(wire.Activities(0.9, [Activity(1, 1, "", 22, 0.801)]))
    for now in (1.0, 1.1, 1.2):
        count(lanes, now)
    assert lanes.connections() == set()
    assert lanes.workers() == {0, 1}
    assert lanes.served(1) == 0, "nobody"
    assert [(each.state, each.begin, each.end) for each in tail(lanes, 1.2, 1)] == [(LaneState.FREE, 0.8, 1.2)]


def test_a_pools_worker_is_free_until_it_begins_with_its_next_client() -> None:
    lanes = tell(pooled(), Span(0, 2, "accept", 10, 0.1, 0.9, 0))
    lanes.receive(wire.Activities(1.1, [Activity(1, 2, "recv", 20, 1.0)]))
    told = [(each.state, each.begin, each.end) for each in tail(lanes, 1.1, 1)]
    assert told == [(LaneState.FREE, 0.8, 1.0), (LaneState.WAITING, 1.0, 1.1)]
    tell(lanes, Span(1, 2, "recv", 20, 1.0, 1.2, 50, arrived=1.2))
    free = [each for each in every(lanes) if each.state is LaneState.FREE and each.worker == 1]
    assert [(each.begin, each.end) for each in free] == [(0.8, 1.0)]


def test_a_pools_worker_is_not_called_free_where_not_all_connections_are_reported() -> None:
    lanes = tell(pooled(), Span(0, 9, "accept", 10, 0.1, 0.9, 0))
    lanes.receive(wire.Counters(1.0, 2, 1, 1, 0, 0, 0, 8, 8))
    lanes.receive(wire.Activities(1.1, []))
    assert {each.state for each in tail(lanes, 1.1, 1)} == {LaneState.NOT_KNOWN}
    tell(lanes, Span(1, 9, "recv", 20, 2.0, 2.1, 50, arrived=2.1))
    assert [each for each in every(lanes) if each.state is LaneState.FREE and each.worker == 1] == []


def test_a_pools_worker_serves_the_next_one_in_the_same_lane() -> None:
    lanes = tell(
        pooled(),
        Span(0, 2, "accept", 10, 0.1, 0.9, 0),
        Span(1, 2, "recv", 20, 1.0, 1.1, 50),
        Span(1, 2, "send", 21, 1.2, 1.3, 100),
    )
    assert {connection for connection, _ in lane(lanes, 1)} == {0, 1, 2}, "0: between the two it was free"
    assert lanes.served(1) == 2
    assert lanes.served_by(2) == 1


def test_a_pools_worker_that_has_ended_has_no_lane() -> None:
    lanes = pooled()
    lanes.receive(wire.Activities(0.9, [Activity(1, 1, "", 22, 0.801)]))
    lanes.receive(wire.Activities(1.0, [Activity(1, 0, "", 0, 1.0)]))
    assert lanes.workers() == {0}


@pytest.mark.parametrize(("traits", "stays"), [(THREADPOOL, True), (Traits("thread", "call", "one", "first"), False)])
def test_the_source_keeps_a_pools_worker(traits: Traits, stays: bool) -> None:
    line_profile = LineProfile()
    line_profile.receive(a_ready("another", traits=traits))
    line_profile.receive(wire.Activities(0.9, [Activity(1, 1, "", 22, 0.8)]))
    line_profile.receive(wire.Closed([wire.Closing(0.9, 1, 1)]))
    line_profile.receive(wire.Counters(1.0, 1, 0, 1, 0, 0, 0, 1, 1))
    assert (22 in line_profile.snapshot().places) == stays


# ---- process, call, many, each: processes that all accept


def test_each_process_of_a_prefork_server_accepts_in_its_own_lane() -> None:
    lanes = tell(
        started(PREFORK),
        Span(71, 1, "accept", 10, 0.0, 1.0, 0),
        Span(72, 2, "accept", 10, 0.0, 1.5, 0),
        Span(71, 1, "recv", 20, 1.001, 1.1, 50),
        Span(71, 1, "send", 21, 1.2, 1.201, 100),
        Span(71, 1, "close", 22, 1.3, 1.301, 0),
    )
    assert lane(lanes, 71)[:2] == [(0, LaneState.FREE), (1, LaneState.ACCEPTING)]
    assert lane(lanes, 72) == [(0, LaneState.FREE), (2, LaneState.ACCEPTING)]
    assert lane(lanes, 0) == [], "the parent accepts nobody"
    assert lanes.connections() == {2}
    assert lanes.workers() == {71, 72}
    lanes.receive(wire.Activities(2.0, [Activity(71, 0, "accept", 10, 1.4)]))
    assert [(each.connection, each.state) for each in tail(lanes, 2.0, 71)] == [(0, LaneState.FREE)] * 2


def test_a_process_that_closes_what_it_accepted_ends_it() -> None:
    lanes = tell(started(PREFORK), Span(71, 1, "accept", 10, 0.0, 1.0, 0), Span(71, 1, "close", 22, 1.1, 1.2, 0))
    assert lanes.connections() == set()


# ---- task, poller, one, first: a task a connection


def served_by_tasks() -> Lanes:
    return tell(
        started(TASKS),
        Span(0, 0, "wait", 5, 0.0, 0.5, 1),
        Span(0, 1, "accept", 6, 0.5, 0.501, 0),
        Span(1, 1, "recv", 7, 0.502, 0.503, -1),
        Span(0, 0, "wait", 5, 0.504, 1.0, 1),
        Span(1, 1, "recv", 7, 1.1, 1.101, 9),
        Span(0, 0, "wait", 5, 1.102, 1.3, 1),
        Span(1, 1, "send", 8, 1.301, 1.302, 9),
    )


def test_a_task_waits_with_its_connection() -> None:
    assert of(served_by_tasks(), 1) == [
        (0, LaneState.ACCEPTING, 0.5, 0.501),
        (-1, LaneState.WAITING, 0.501, 0.502),
        (1, LaneState.WAITING, 0.502, 0.503),
        (1, LaneState.WAITING, 0.503, 1.0),
        (1, LaneState.RUNNABLE, 1.0, 1.1),
        (1, LaneState.READING, 1.1, 1.101),
        (1, LaneState.HANDLING, 1.101, 1.301),
        (1, LaneState.WRITING, 1.301, 1.302),
    ]


def test_a_slow_client_holds_no_task_up_and_is_named() -> None:
    lanes = started(TASKS)
    for second in range(1, 4):
        tell(lanes, Span(0, 0, "wait", 5, second - 0.9, second, 1), Span(1, 1, "recv", 7, second, second + 0.001, 1))
    assert LaneState.BLOCKED_BY_CLIENT not in lanes.between(0, 99)[STATE]
    assert lanes.slow() == {1: "sender"}


def test_what_a_task_does_now_is_drawn_as_far_as_it_is_proven() -> None:
    lanes = served_by_tasks()
    lanes.receive(wire.Activities(2.0, [Activity(0, 0, "wait", 5, 1.4), Activity(1, 1, "", 8, 1.302)]))
    assert [each.state for each in tail(lanes, 2.0, 1)] == [LaneState.WAITING], "all is answered"
    tell(lanes, Span(1, 1, "recv", 7, 2.0, 2.001, 9))
    lanes.receive(wire.Activities(2.5, [Activity(0, 0, "wait", 5, 2.1), Activity(1, 1, "", 7, 2.001)]))
    assert [each.state for each in tail(lanes, 2.5, 1)] == [LaneState.NOT_KNOWN], (
        "it may handle the request, or wait for its rest"
    )
    lanes.receive(wire.HandlingSamples([wire.HandlingSample(1, 1, 2.1, 2.5, 0.0, 0.4, 4, 57)]))
    lanes.receive(wire.Activities(2.6, [Activity(0, 0, "", 5, 2.0), Activity(1, 1, "", 7, 2.001, 0, 4, 57)]))
    so_far = [(LaneState.NOT_KNOWN, 2.001, 2.1), (LaneState.IN_CALL, 2.1, 2.5), (LaneState.NOT_KNOWN, 2.5, 2.6)]
    assert [(each.state, each.begin, each.end) for each in tail(lanes, 2.6, 1)] == so_far
    lanes.receive(wire.HandlingSamples([wire.HandlingSample(1, 1, 2.1, 2.55, -1.0, -1.0)]))
    tell(lanes, Span(1, 1, "send", 8, 2.7, 2.701, 99))
    assert sorted(of(lanes, 1), key=lambda each: each[2])[-5:-1] == [
        (1, LaneState.RUNNABLE, 2.001, 2.1),
        (1, LaneState.IN_CALL, 2.1, 2.5),
        (1, LaneState.HANDLING, 2.5, 2.55),
        (1, LaneState.RUNNABLE, 2.55, 2.7),
    ]


def test_a_task_ends_with_its_connection() -> None:
    lanes = tell(served_by_tasks(), Span(1, 1, "close", 9, 1.4, 1.401, 0))
    assert lanes.workers() == {0}


# ---- loop, poller or never, many, first


@pytest.mark.parametrize("traits", [POLLER, BUSY])
def test_a_loops_connection_waits_by_itself(traits: Traits) -> None:
    lanes = tell(
        started(traits),
        Span(0, 1, "accept", 6, 0.5, 0.501, 0),
        Span(0, 1, "recv", 7, 0.502, 0.8, -1),
        Span(0, 1, "recv", 7, 0.801, 0.802, 9),
        Span(0, 1, "send", 8, 0.9, 0.901, 9),
    )
    waits = [worker for worker, state, _, _ in of(lanes, 1) if state is LaneState.WAITING]
    assert set(waits) == {-1}
    assert {LaneState.READING, LaneState.HANDLING, LaneState.WRITING} <= {state for _, state in lane(lanes, 0)}
    tell(lanes, Span(0, 1, "close", 9, 1.0, 1.001, 0))
    assert lanes.workers() == {0}


def test_each_of_several_loops_has_its_own_polls() -> None:
    lanes = started(Traits("process", "poller", "many", "each"))
    tell(
        lanes,
        Span(71, 1, "accept", 6, 0.0, 0.001, 0),
        Span(72, 2, "accept", 6, 0.0, 0.001, 0),
        Span(71, 0, "wait", 5, 0.002, 1.0, 1),
        Span(72, 0, "wait", 5, 0.002, 3.0, 1),
        Span(71, 1, "recv", 7, 1.2, 1.201, 9),
    )
    assert (-1, LaneState.RUNNABLE, 1.0, 1.2) in of(lanes, 1), (
        "since its own loop's poll, whatever the other one waits for"
    )


# ---- nothing is known


def test_where_nothing_is_known_only_calls_are_drawn() -> None:
    lanes = tell(
        started(UNKNOWN),
        Span(0, 1, "accept", 10, 0.0, 1.0, 0),
        Span(3, 1, "recv", 20, 1.5, 2.5, 50),
        Span(3, 1, "recv", 20, 2.5, 2.6, -1),
        Span(3, 1, "recv", 20, 2.7, 4.0, 1),
        Span(3, 1, "send", 21, 5.0, 8.0, 100),
    )
    assert of(lanes, 1) == [
        (0, LaneState.ACCEPTING, 0.0, 1.0),
        (3, LaneState.READING, 1.5, 2.5),
        (3, LaneState.READING, 2.7, 4.0),
        (3, LaneState.WRITING, 5.0, 8.0),
    ]
    assert lanes.slow() == {}, "nobody's fault"
    lanes.receive(wire.Activities(9.0, [Activity(3, 1, "", 21, 8.0), Activity(0, 0, "accept", 10, 8.5)]))
    assert tail(lanes, 9.0, 3) == []
    assert [each.state for each in tail(lanes, 9.0, 0)] == [LaneState.ACCEPTING]
    assert lanes.traits.worker_name(3) == "worker 3"


def test_what_becomes_known_counts_from_then_on() -> None:
    lanes = tell(started(UNKNOWN), Span(0, 1, "accept", 10, 0.0, 0.1, 0), Span(1, 1, "recv", 20, 0.2, 1.0, 5))
    assert of(lanes, 1)[-1][1] is LaneState.READING
    lanes.receive(wire.Amended(1.1, Traits("thread", "call", "one", "first")))
    tell(lanes, Span(1, 1, "send", 21, 1.5, 1.501, 5))
    assert of(lanes, 1)[-2:] == [(1, LaneState.HANDLING, 1.0, 1.5), (1, LaneState.WRITING, 1.5, 1.501)]
    assert lanes.traits.worker_name(1) == "thread 1"


@pytest.mark.parametrize(
    ("traits", "first", "second"),
    [
        (ITERATIVE, "loop", "loop 2"),
        (THREADPOOL, "acceptor", "thread 2"),
        (PREFORK, "parent", "process 2"),
        (TASKS, "acceptor", "task 2"),
        (BUSY, "loop", "loop 2"),
        (UNKNOWN, "worker 0", "worker 2"),
    ],
)
def test_workers_are_named_by_what_they_are(traits: Traits, first: str, second: str) -> None:
    assert (traits.worker_name(0), traits.worker_name(2)) == (first, second)


# ---- loop, poller, many, first, with a pool of threads that handle requests


def test_a_request_that_is_handed_over_waits_for_its_thread_and_then_for_the_loop() -> None:
    lanes = tell(started(REACTOR), Span(0, 1, "accept", 10, 0.1, 0.101, 0), Span(0, 1, "recv", 20, 0.999, 1.0, 50))
    samples = [wire.HandlingSample(3, 1, 1.4, 1.5, 0.0, 0.1), wire.HandlingSample(3, 1, 1.4, 1.6, -1.0, -1.0)]
    lanes.receive(wire.HandlingSamples(samples))
    tell(lanes, Span(0, 1, "send", 21, 1.7, 1.701, 100))
    assert sorted(of(lanes, 1), key=lambda each: each[2])[-6:] == [
        (0, LaneState.READING, 0.999, 1.0),
        (-1, LaneState.RUNNABLE, 1.0, 1.4),
        (3, LaneState.IN_CALL, 1.4, 1.5),
        (3, LaneState.HANDLING, 1.5, 1.6),
        (-1, LaneState.RUNNABLE, 1.6, 1.7),
        (0, LaneState.WRITING, 1.7, 1.701),
    ]


def test_a_thread_that_handles_what_is_handed_over_is_free_in_between() -> None:
    lanes = started(REACTOR)
    lanes.receive(wire.HandlingSamples([wire.HandlingSample(3, 1, 1.0, 1.2, -1.0, -1.0)]))
    lanes.receive(wire.Activities(1.5, [Activity(3, 0, "", 40, 1.2)]))
    assert [(each.state, each.begin, each.end) for each in tail(lanes, 1.5, 3)] == [(LaneState.FREE, 1.2, 1.5)]
    lanes.receive(wire.Activities(1.7, [Activity(3, 2, "", 40, 1.6)]))
    assert [(each.state, each.begin, each.end) for each in tail(lanes, 1.7, 3)] == [
        (LaneState.FREE, 1.2, 1.6),
        (LaneState.HANDLING, 1.6, 1.7),
    ]
    lanes.receive(wire.HandlingSamples([wire.HandlingSample(3, 2, 1.6, 1.8, -1.0, -1.0)]))
    assert (LaneState.FREE, 1.2, 1.6) in [(each.state, each.begin, each.end) for each in every(lanes)]


def test_a_request_in_the_pools_queue_is_not_one_whose_client_is_waited_for() -> None:
    lanes = tell(started(REACTOR), Span(0, 1, "accept", 10, 0.1, 0.101, 0), Span(0, 1, "recv", 20, 0.999, 1.0, 50))
    lanes.receive(wire.Activities(1.3, [Activity(0, 0, "wait", 5, 1.0)], polled=1.3))
    (piece,) = [as_interval(column) for column in lanes.tails([], [1], 1.3).T]
    assert piece.state is LaneState.NOT_KNOWN, "the rest of it may still have to come"
    lanes.receive(wire.Activities(1.5, [Activity(3, 1, "", 40, 1.4)]))
    told = [as_interval(column) for column in lanes.tails([], [1], 1.5).T]
    assert [(each.state, each.begin, each.end) for each in told] == [
        (LaneState.RUNNABLE, 1.0, 1.4),
        (LaneState.HANDLING, 1.4, 1.5),
    ]
