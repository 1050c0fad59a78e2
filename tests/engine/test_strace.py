"""The spans agree with strace: each is a system call, each system call has one, and both at the same time.

What takes how long is up to the machine, and strace slows it down: so a span is held to what no machine can change,
that its call lies within it and no other call does. How near they are is measured by `tests/benchmarks/strace.py`.
"""

import statistics
from collections import defaultdict
from itertools import pairwise
from math import inf
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from gui.history.interpreters import INSTANT
from gui.history.intervals import Interval, LaneState
from gui.history.lanes import Lanes
from tests.engine.strace import POLLER, Act, Pair, Scene, Witnessed, refusal, witness

OVER_ALL_MODELS = True
pytestmark = pytest.mark.quick_with("process", "thread", "asyncio", "epoll")

ROUNDING = 10e-6
"""Seconds: strace writes microseconds, and two clocks are compared."""
NEAR = 0.02
"""Seconds by which half of the spans may differ, however busy the machine."""


@pytest.fixture(scope="module")
def witnessed(model: str, site: Path, large: bytes, tmp_path_factory: pytest.TempPathFactory) -> Witnessed:
    """One engine of each model that had all clients, under strace."""
    if why := refusal():
        pytest.skip(why)
    trace = tmp_path_factory.mktemp("strace") / model
    return witness(model, site, trace, "/page.html", "/large.bin")


def ports(scene: Scene) -> list[int]:
    return [scene.quick, scene.silent, scene.halves, scene.reader, scene.rude]


def of_client(witnessed: Witnessed, port: int) -> list[Pair]:
    return [pair for pair in witnessed.pairs if pair[0].port == port]


def test_each_span_is_a_system_call(witnessed: Witnessed) -> None:
    """With as many bytes, for the same client."""
    assert witnessed.unseen == []


def test_each_system_call_is_told(witnessed: Witnessed) -> None:
    assert witnessed.unseen == []
    for port in ports(witnessed.scenes[0]):
        seen = [theirs for _, theirs in of_client(witnessed, port)]
        assert {act.call for act in seen} == {"accept", "recv", "send", "close"}
    assert -2 in [theirs.bytes for _, theirs in of_client(witnessed, witnessed.scenes[0].rude)]


def test_each_worker_is_a_thread(witnessed: Witnessed) -> None:
    """Processes and threads each make their own calls; greenlets and loops are all in one thread."""
    first = witnessed.engine.ready.pid
    pairs = {(ours.who, theirs.who) for ours, theirs in witnessed.pairs}
    workers, threads = ({pair[side] for pair in pairs} for side in (0, 1))
    match MODELS[witnessed.engine.model].worker:
        case "process":
            assert pairs == {(thread if thread != first else 0, thread) for thread in threads}
        case "thread":
            assert len(workers) == len(threads) == len(pairs)
            assert (0, first) in pairs
        case _:
            assert threads == {first}


def test_spans_enclose_their_calls(witnessed: Witnessed) -> None:
    for ours, theirs in witnessed.pairs:
        assert ours.begin <= theirs.begin + ROUNDING, (ours, theirs)
        assert theirs.end <= ours.end + ROUNDING, (ours, theirs)


def test_spans_enclose_no_other_calls(witnessed: Witnessed) -> None:
    """A worker is in one call at a time; a loop's calls that would block lie between others for the client."""
    groups: dict[tuple[int, ...], list[Pair]] = defaultdict(list)
    for pair in witnessed.pairs:
        groups[pair[0].who, pair[0].port].append(pair)
        if pair[0].bytes != wire.WOULD_BLOCK:
            groups[pair[0].who,].append(pair)
    for group in groups.values():
        for (ours, theirs), (our_next, their_next) in pairwise(group):
            assert ours.end <= their_next.begin + ROUNDING, (ours, their_next)
            assert theirs.end <= our_next.begin + ROUNDING, (theirs, our_next)


def test_spans_are_near_their_calls(witnessed: Witnessed) -> None:
    assert statistics.median(theirs.begin - ours.begin for ours, theirs in witnessed.pairs) < NEAR
    assert statistics.median(ours.end - theirs.end for ours, theirs in witnessed.pairs) < NEAR


@pytest.fixture(scope="module")
def lanes(witnessed: Witnessed) -> dict[int, list[Interval]]:
    """What the timeline shows of each client, by its port."""
    lanes = Lanes()
    for message in witnessed.engine.messages:
        lanes.receive(message)
    opened = witnessed.engine.rows(wire.Opened)
    return {int(row.client.rpartition(":")[2]): lanes.of_connection(row.connection, 0.0, inf) for row in opened}


def test_timeline_moves_the_same_bytes(witnessed: Witnessed, lanes: dict[int, list[Interval]]) -> None:
    """Each read and each write is shown, and not over before its call was."""
    states = {"recv": LaneState.READING, "send": LaneState.WRITING}
    for port in ports(witnessed.scenes[0]):
        moved = [theirs for _, theirs in of_client(witnessed, port) if theirs.call in states and theirs.bytes > 0]
        shown = [piece for piece in lanes[port] if piece.state in states.values() and piece.bytes > 0]
        assert [(piece.state, piece.bytes) for piece in shown] == [(states[act.call], act.bytes) for act in moved]
        for piece, act in zip(shown, moved, strict=True):
            assert act.end <= piece.end + ROUNDING


def test_timeline_waits_as_long(witnessed: Witnessed, lanes: dict[int, list[Interval]]) -> None:
    """While a client keeps the server waiting, it is shown in one state for the whole of the call that waits, but for
    what its bytes waited once they had come, or what is not known since it was last seen to have no room."""
    waits = MODELS[witnessed.engine.model].waits
    scene = witnessed.scenes[0]
    by_slow = LaneState.BLOCKED_BY_CLIENT if waits == "call" else LaneState.WAITING
    for port, moment, call, state in (
        (scene.silent, scene.silent_at, "recv", LaneState.WAITING),
        (scene.halves, scene.halves_at, "recv", by_slow),
        (scene.reader, scene.reader_at, "send", by_slow),
    ):
        waiting = under_way(witnessed, port, moment)
        assert waiting.call == ("wait" if waits == "poller" else call)
        shown = [piece for piece in lanes[port] if piece.begin <= moment <= piece.end]
        assert [piece.state for piece in shown] == [state], shown
        assert shown[0].begin <= waiting.begin + ROUNDING
        came = shown[0].end
        late = (LaneState.RUNNABLE, LaneState.NOT_KNOWN)
        rest = [piece.end for piece in lanes[port] if piece.state in late and piece.begin == came]
        assert waiting.end <= max([came, *rest]) + INSTANT + ROUNDING


def under_way(witnessed: Witnessed, port: int, moment: float) -> Act:
    """What strace saw going on at a `moment` for the client of this `port`, or for all of them."""
    acts = [theirs for _, theirs in witnessed.pairs if theirs.begin <= moment <= theirs.end]
    (act,) = [act for act in acts if act.port in (port, POLLER)]
    return act
