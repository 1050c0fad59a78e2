"""A measurement on made-up streams: what becomes a row, and what does not."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.lab.compare import UNKNOWN, cells
from engine.lab.measurement import LAG, MIN_STEADY, Measurement, SwitchGap
from engine.lab.rows import Conditions, Row
from engine.lab.usage import Usage
from engine.load.histogram import Histogram
from engine.load.wire import VERSION, Change, Latencies, LoadReady, LoadStats
from engine.telemetry import wire
from engine.telemetry.wire import Counters, Stopped
from engine.traits import Traits
from tests.answered import answered
from tests.ready import a_ready

TICK = 0.1
CLOCK = 1_000_000.0
"""Unix time minus monotonic time."""
MIB = 1024 * 1024

Event = tuple[str, wire.AnyMessage | LoadReady | Change | LoadStats | Latencies | Usage]
"""Its sender (`engine`, `load` or `usage`), and the message."""


def time_of(event: Event) -> float:
    """When it is sent."""
    message = event[1]
    return message.end if isinstance(message, Latencies) else message.time


def ticks(begin: float, end: float, each: float = TICK) -> Iterator[float]:
    """The times from just after `begin` to `end`."""
    for number in range(1, round((end - begin) / each) + 1):
        yield begin + number * each


def engine(model: str, begin: float, end: float, keep_alive: bool = True, opened: int = 64) -> list[Event]:
    """All messages of an engine, and what it uses: half a core and 32 MiB."""
    ready = a_ready(model, begin, clock=CLOCK, keep_alive=keep_alive, pid=7)
    messages: list[Event] = [("engine", ready)]
    messages += [("engine", Counters(now, opened, opened, 0, 0, 0, 0, 1, 1)) for now in ticks(begin, end)]
    messages += [("usage", Usage(now, 50.0, 32 * MIB, 1, 2, 0, 9)) for now in ticks(begin + 0.03, end - 0.1, 0.5)]
    return [*messages, ("engine", Stopped(end))]


def histogram(*seconds: float) -> str:
    """The latencies as they are sent."""
    made = Histogram()
    for each in seconds:
        made.record(round(each * 1e6))
    return made.encode()


def change(time: float, clients: int = 64, workload: str = "steady", rate: float = 0.0) -> Change:
    return Change(workload, clients, 0, rate, 0, time)


def load(
    begin: float,
    end: float,
    *changes: Change,
    answers: Callable[[float], int] = lambda now: 100,
    refusals: Callable[[float], int] = lambda now: 0,
    latency: Callable[[float], float] = lambda now: 0.002,
    connected: int = 64,
    cpu: Callable[[float], float] = lambda now: 40.0,
) -> list[Event]:
    """All messages of a load; `answers` and `refusals` are those of the tick that ends at a time."""
    messages: list[Event] = [("load", LoadReady(VERSION, "http://127.0.0.1:8888", 8, 1, begin, CLOCK))]
    messages += [("load", each) for each in changes or [change(begin)]]
    answered = refused = 0
    for now in ticks(begin, end):
        answered += answers(now)
        refused += refusals(now)
        if answers(now):
            messages.append(("load", Latencies(now - TICK, now, histogram(*[latency(now)] * answers(now)))))
        messages.append(
            ("load", LoadStats(now, connected, 0, answered, answered, refused, 0, 0, 0, 0, 0, 0.0, cpu(now)))
        )
    return [*messages, ("load", Stopped(end))]


def receive(measurement: Measurement, event: Event) -> None:
    {"engine": measurement.receive_engine, "load": measurement.receive_load, "usage": measurement.receive_usage}[
        event[0]
    ](event[1])


def rows(*streams: list[Event], measurement: Measurement | None = None) -> list[Row]:
    """All rows of `streams`, received at once."""
    measurement = measurement or Measurement()
    for stream in streams:
        for event in stream:
            receive(measurement, event)
    return measurement.finish()


def test_an_order_for_connections_begins_a_new_period_and_is_a_condition() -> None:
    stream = engine("thread", 10, 26, keep_alive=False)
    stream += [("engine", wire.Connections("kept", True, 10.1)), ("engine", wire.Connections("kept", True, 12.0))]
    stream += [("engine", wire.Connections("always-kept", True, 18.0))]
    first, second = rows(stream, load(11, 25))
    assert (first.conditions.keep_alive, first.conditions.always_kept, first.conditions.connections) == (
        True, False, "kept",
    )  # fmt: skip
    assert second.conditions.connections == "always-kept"
    assert first.begin + first.seconds <= CLOCK + 18 <= second.begin - 1 + TICK


def test_a_mistake_is_a_condition() -> None:
    wrong = engine("thread", 10, 20)
    kind, ready = wrong[0]
    assert isinstance(ready, wire.Ready)
    wrong[0] = kind, msgspec.structs.replace(ready, mistake="one-recv")
    [made], [taught] = rows(wrong, load(11, 19)), rows(engine("thread", 10, 20), load(11, 19))
    assert (made.conditions.mistake, taught.conditions.mistake) == ("one-recv", "")


def test_clients_that_ask_for_one_connection_a_request_get_it_from_any_server() -> None:
    one = msgspec.structs.replace(change(15.0), connections="one-a-request")
    kept, closed = rows(engine("keepalive", 10, 20), load(10, 20, change(10.0), one))
    assert (kept.conditions.connections, closed.conditions.connections) == ("kept", "one-a-request")


def test_failures_of_a_row_are_told_apart() -> None:
    (row,) = rows(engine("thread", 10, 20), load(11, 19, refusals=lambda now: now > 15))
    assert row.failures == {"refused": row.failed}
    assert row.failed > 20


def test_a_steady_period_becomes_a_row() -> None:
    (row,) = rows(engine("thread", 10, 20), load(11, 19))
    assert row.model == "thread"
    assert row.conditions == Conditions("steady", 64, 0, 0.0, 0, True)
    assert row.requests_per_second == pytest.approx(1000)
    assert row.p50 == row.p99 == row.p999 == pytest.approx(0.002, rel=1e-3)
    assert row.failed == 0
    assert row.cpu == pytest.approx(50)
    assert row.cpu_per_request == pytest.approx(500)
    assert row.memory == 32 * MIB
    assert row.workers == 64
    assert row.begin == pytest.approx(CLOCK + 12.1)
    assert row.seconds == pytest.approx(19 - 0.2 - 12.1, abs=0.11)
    assert not row.load_limited


@pytest.mark.parametrize("refused", ["memory", "all"])
def test_what_the_system_does_not_tell_is_not_known(refused: str) -> None:
    told = [each for each in engine("epoll", 10, 20) if refused == "memory" or each[0] != "usage"]
    messages = [(kind, replace(each, memory=None) if isinstance(each, Usage) else each) for kind, each in told]
    (row,) = rows(messages, load(11, 19))
    assert row.memory == 0
    assert row.has_usage == (refused == "memory")
    assert row.cpu == pytest.approx(50 if row.has_usage else 0)
    shown = cells([row])
    assert [shown[-2], shown[-3] == UNKNOWN] == [UNKNOWN, refused == "all"]


def test_a_row_has_the_time_that_the_clock_showed_when_it_began() -> None:
    """The clock was set, or the machine slept, after the engine was ready; later settings change nothing."""
    messages = engine("thread", 10, 20)
    for _, message in messages:
        if isinstance(message, Counters):
            message.clock = CLOCK + (5400 if message.time < 15 else 0)
    (row,) = rows(messages, load(11, 19))
    assert row.begin == pytest.approx(CLOCK + 5400 + 12.1, abs=0.2)


def test_a_loop_is_one_worker() -> None:
    assert [row.workers for row in rows(engine("epoll", 10, 20), load(11, 19))] == [1]


def test_the_workers_of_a_pool_are_those_that_answered() -> None:
    pool = Traits("thread", "call", "many", "first")
    messages = engine("thread", 0, 8)
    messages[0] = ("engine", a_ready("pool", 0.0, clock=CLOCK, traits=pool))
    measurement = Measurement()
    for event in sorted([*messages, *load(0, 8)], key=time_of):
        receive(measurement, event)
        answers = [answered(time_of(event), 9, worker, 1, 2, 200, 9, 0.0, 0.1, True) for worker in (1, 2, 3)]
        if isinstance(event[1], Counters):
            measurement.receive_engine(wire.Requests(answers))
    assert {row.workers for row in measurement.finish()} == {3}


def test_workers_that_were_not_reported_are_not_known() -> None:
    """They are never the connections."""
    messages = engine("thread", 0, 8)
    messages[0] = ("engine", a_ready("pool", 0.0, clock=CLOCK, traits=Traits("thread", "call", "many", "first")))
    assert {row.workers for row in rows(messages, load(0, 8))} == {0}


def test_requests_are_kept_of_the_steady_period_alone_and_not_without_end() -> None:
    measurement = Measurement(keep_requests=50)
    for event in sorted([*engine("epoll", 0, 8), *load(0, 8)], key=time_of):
        receive(measurement, event)
        if isinstance(event[1], Counters):
            row = answered(time_of(event), 9, 0, 1, 2, 200, 9, 0.0, 0.1, True)
            measurement.receive_engine(wire.Requests([row]))
    measurement.advance(2.5)
    assert 0 < len(measurement.requests()) < 20
    assert min(row.time for row in measurement.requests()) >= 1.0, "not while it warms up"
    measurement.advance(7.9)
    assert len(measurement.requests()) == 50


def test_a_row_grows_once_it_is_long_enough() -> None:
    measurement = Measurement()
    seen: list[Row | None] = []
    for event in sorted(engine("epoll", 10, 20) + load(10, 20), key=time_of):
        receive(measurement, event)
        assert not measurement.advance(time_of(event)) or time_of(event) > 19
        row = measurement.row()
        if time_of(event) < 10 + 1 + MIN_STEADY:
            assert row is None
        if row and row != (seen[-1] if seen else None):
            seen.append(row)
    lengths = [row.seconds for row in seen if row]
    assert lengths == sorted(lengths)
    assert lengths[0] == pytest.approx(MIN_STEADY, abs=0.15)
    assert len(lengths) > 20
    assert len({row.begin for row in seen if row}) == 1


def test_the_first_second_does_not_count() -> None:
    (row,) = rows(
        engine("epoll", 10, 20),
        load(10, 20, answers=lambda now: 7 if now < 11 else 100, latency=lambda now: 5.0 if now < 11 else 0.001),
    )
    assert row.requests_per_second == pytest.approx(1000)
    assert row.p999 == pytest.approx(0.001, rel=1e-3)


def test_the_moment_before_an_end_does_not_count() -> None:
    (row,) = rows(engine("epoll", 10, 20), load(10, 21, refusals=lambda now: 50 if now > 19.9 else 0))
    assert row.failed == 0
    assert row.requests_per_second == pytest.approx(1000)


def test_a_switch_makes_two_rows_and_a_gap() -> None:
    def answers(now: float) -> int:
        return 0 if 16 < now < 16.45 else 100

    def refusals(now: float) -> int:
        return 9 if 16 < now < 16.35 else 0

    measurement = Measurement()
    thread, epoll = rows(
        engine("thread", 10, 16, keep_alive=False),
        engine("epoll", 16.35, 23),
        load(10, 22, answers=answers, refusals=refusals),
        measurement=measurement,
    )
    assert (thread.model, epoll.model) == ("thread", "epoll")
    assert thread.failed == epoll.failed == 0
    assert thread.requests_per_second == pytest.approx(1000)
    assert epoll.requests_per_second == pytest.approx(1000)
    assert (thread.conditions.keep_alive, epoll.conditions.keep_alive) == (False, True)
    gap = measurement.gap
    assert gap
    assert (gap.before, gap.after) == ("thread", "epoll")
    assert gap.seconds == pytest.approx(0.5, abs=0.01)
    assert (gap.refused, gap.failed) == (27, 27)


def test_no_gap_where_the_load_did_not_go_on() -> None:
    measurement = Measurement()
    messages = [engine("thread", 10, 16), load(10, 15.5), engine("epoll", 16.3, 23), load(17, 22)]
    assert [row.model for row in rows(*messages, measurement=measurement)] == ["thread", "epoll"]
    assert measurement.gap is None


def test_a_change_makes_two_rows() -> None:
    messages = load(10, 20, change(10), change(12.5), change(15, clients=128), connected=128)
    few, many = rows(engine("epoll", 10, 21), messages)
    assert (few.conditions.clients, many.conditions.clients) == (64, 128)
    assert few.seconds == pytest.approx(3.9, abs=0.15)
    assert many.begin == pytest.approx(CLOCK + 16.1, abs=0.11)


def test_a_change_too_soon_makes_none() -> None:
    messages = load(10, 20, change(10), change(13, clients=128), change(16, clients=64))
    assert rows(engine("epoll", 10, 18), messages) == []


def test_a_restart_makes_two_rows() -> None:
    first, second = rows(engine("epoll", 10, 16), engine("epoll", 16.3, 23), load(10, 22))
    assert first.model == second.model == "epoll"
    assert second.begin > first.begin + first.seconds


def test_an_engine_that_ends_at_once_is_gone() -> None:
    assert rows(engine("epoll", 10, 10.1), load(10, 20)) == []


def test_a_load_that_starts_again_counts_from_nothing() -> None:
    first, second = rows(engine("epoll", 10, 21), load(10, 15), load(15.5, 20.5))
    assert [first.requests_per_second, second.requests_per_second] == pytest.approx([1000, 1000])


@pytest.mark.parametrize(
    "messages", [engine("epoll", 10, 20), load(10, 20), []], ids=["no load", "no engine", "nothing"]
)
def test_half_a_story_is_no_row(messages: list[Event]) -> None:
    assert rows(messages) == []


def test_clients_without_responses_are_a_row() -> None:
    (row,) = rows(engine("epoll", 10, 20), load(10, 20, answers=lambda now: 0))
    assert (row.requests_per_second, row.cpu_per_request, row.p50, row.histogram) == (0, 0, 0, "")
    assert row.memory == 32 * MIB
    assert rows(engine("epoll", 10, 20), load(10, 20, answers=lambda now: 0, connected=3)) == []


def test_what_failed_is_counted() -> None:
    (row,) = rows(engine("epoll", 10, 20), load(10, 19, refusals=lambda now: 1))
    assert row.failed == pytest.approx(row.seconds * 10, abs=1)


@pytest.mark.parametrize(("full_until", "limited"), [(14, False), (18, True)])
def test_a_load_at_its_limit_is_shown(full_until: float, limited: bool) -> None:
    (row,) = rows(engine("epoll", 10, 20), load(10, 20, cpu=lambda now: 99.0 if now < full_until else 50.0))
    assert row.load_limited is limited


def test_side_by_side_is_another_condition() -> None:
    measurement = Measurement()
    measurement.set_exclusive(False)
    (row,) = rows(engine("epoll", 10, 20), load(10, 20), measurement=measurement)
    assert not row.conditions.alone


def test_a_period_ends_when_another_engine_comes() -> None:
    measurement = Measurement()
    for event in engine("epoll", 10, 22) + load(10, 22):
        receive(measurement, event)
    measurement.advance(16.0)
    measurement.set_exclusive(False)
    assert [row.conditions.alone for row in measurement.finish()] == [True, False]


def story() -> list[Event]:
    """Two switches, a change of clients, a restart of the load."""
    messages = engine("thread", 10, 16) + engine("epoll", 16.35, 30) + engine("epoll", 30.2, 36)
    messages += load(
        10, 27, change(10), change(21.5, clients=128), answers=lambda now: 0 if 16 < now < 16.4 else round(now)
    )
    return sorted(messages + load(27.54, 35.5, answers=lambda now: 40), key=time_of)


@cache
def whole_story() -> tuple[list[Row], SwitchGap | None]:
    """Its rows if it is received at once, in the order of time."""
    measurement = Measurement()
    measured = rows(story(), measurement=measurement)
    assert [row.model for row in measured] == ["thread", "epoll", "epoll", "epoll"]
    return measured, measurement.gap


@settings(max_examples=20)
@given(st.lists(st.floats(0, LAG - 2 * TICK), min_size=1, max_size=50), st.lists(st.floats(10, 40), max_size=30))
def test_live_and_whole_agree(delays: list[float], asked: list[float]) -> None:
    """However late each message arrives, and however often the rows are requested meanwhile."""
    events = story()
    arrivals, newest = [], {"engine": 0.0, "load": 0.0, "usage": 0.0}
    for number, event in enumerate(events):  # a stream keeps its order
        newest[event[0]] = max(newest[event[0]], time_of(event) + delays[number % len(delays)])
        arrivals.append((newest[event[0]], number))
    measurement, live = Measurement(), []
    questions = iter([*sorted(asked), math.inf])
    question = next(questions)
    for arrival, number in sorted(arrivals):
        while question < arrival:
            live += measurement.advance(question)
            measurement.row()
            question = next(questions)
        receive(measurement, events[number])
    expected, gap = whole_story()
    assert live + measurement.finish() == expected
    assert measurement.gap == gap
