"""What the counters of a run prove of a mistake, and what they do not."""

from typing import Any

import pytest

from engine.lab.usage import Usage
from engine.telemetry import wire
from engine.traits import Traits
from gui.history.consequences import BytesLost, Consequence, NoneAnswered, RunEvidence, UnreadPolls, ZombiesStay

LOOP = Traits("loop", "poller", "many", "first")
PROCESSES = Traits("process", "call", "one", "first")


def counters(time: float, **counts: Any) -> wire.Counters:
    """Counters in which all is reported."""
    rest = {"accepted": 0, "open": 0, "requests": 0, "failed": 0, "bytes": 0, "dropped": 0}
    return wire.Counters(time, **{"requests_every": 1, "spans_every": 1, **rest, **counts})


def usage(time: float, zombies: int) -> Usage:
    return Usage(time, 0.0, 0, 1, 1, zombies, 0)


def reply(size: int) -> wire.Request:
    return wire.Request(1, 0, 1, 1, 200, size, True, 0, 0, 0, 0, 0, 0, 0)


def proven(
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    unread: tuple[int, ...] = (),
    zombies: tuple[int, ...] = (),
    traits: Traits = LOOP,
    sent: int = 0,
) -> Consequence | None:
    """What follows from counters three seconds apart, and from what was seen meanwhile."""
    evidence = RunEvidence()
    for moment in (0.5, 2.9):
        evidence.take_activities(wire.Activities(moment, [], moment, list(unread)))
    if sent:
        evidence.take_requests([reply(sent)])
    usages = [usage(0.6 * number, count) for number, count in enumerate(zombies)]
    return evidence.consequence(traits, [counters(0, **before), counters(3, **after)], usages)


SPINS = {"accepted": 4, "open": 1, "requests": 3, "polls": 300_000}


@pytest.mark.parametrize(
    ("before", "after", "more", "found"),
    [
        ({"accepted": 4, "requests": 3}, SPINS, {"unread": (2,)}, UnreadPolls(100_000.0, 1)),
        ({"accepted": 4, "requests": 3}, SPINS, {}, None),
        ({}, SPINS | {"requests": 40_000}, {"unread": (2,)}, None),
        ({}, SPINS | {"polls": 300}, {"unread": (2,)}, None),
        ({}, {"accepted": 8, "open": 8}, {"unread": tuple(range(8))}, NoneAnswered(8)),
        ({}, {"accepted": 8, "open": 8}, {"unread": (1,)}, None),
        ({}, {"accepted": 8, "open": 8, "requests": 1}, {"unread": tuple(range(8))}, None),
        ({}, {"accepted": 1, "requests": 1, "bytes": 196}, {"sent": 1000}, BytesLost(0.196)),
        ({}, {"accepted": 1, "requests": 1, "bytes": 1000}, {"sent": 1000}, None),
        ({}, {"accepted": 1, "requests": 2, "bytes": 196}, {"sent": 1000}, None),
        ({}, {"accepted": 1, "requests": 1, "bytes": 196, "dropped": 1}, {"sent": 1000}, None),
        ({}, {"accepted": 3, "requests": 3}, {"zombies": (3,) * 6, "traits": PROCESSES}, ZombiesStay(3)),
        ({}, {"accepted": 3, "requests": 3}, {"zombies": (3, 3, 3, 3, 3, 0), "traits": PROCESSES}, None),
        ({}, {"accepted": 900, "requests": 900}, {"zombies": (2,) * 6, "traits": PROCESSES}, None),
        ({}, {"accepted": 3, "requests": 3}, {"zombies": (3,) * 6}, None),
    ],
)  # fmt: skip
def test_only_what_is_proven_is_found(
    before: dict[str, Any], after: dict[str, Any], more: dict[str, Any], found: Consequence | None
) -> None:
    assert proven(before, after, **more) == found


def test_nothing_is_proven_at_once() -> None:
    assert RunEvidence().consequence(LOOP, [counters(0)], []) is None


def test_a_connection_that_is_read_in_between_is_not_stuck() -> None:
    evidence = RunEvidence()
    for moment, readable in ((0.5, [7]), (1.5, []), (2.9, [7])):
        evidence.take_activities(wire.Activities(moment, [], moment, readable))
    assert evidence.consequence(LOOP, [counters(0), counters(3, **SPINS)], []) is None


def test_a_list_in_several_messages_counts_when_it_is_complete() -> None:
    evidence = RunEvidence()
    evidence.take_activities(wire.Activities(1, [], readable=[1, 2]))
    assert not evidence.unread
    evidence.take_activities(wire.Activities(1, [], 1.0, [3]))
    assert set(evidence.unread) == {1, 2, 3}
