"""Each moment has the time that the machine's clock showed then, also after it was set or the machine slept."""

from datetime import datetime

import pytest

from engine.telemetry import wire
from gui.history.lanes import Lanes
from gui.history.server import ServerHistory
from gui.history.wall_clock import STEPS, WallClock
from tests.answered import answered
from tests.ready import CLOCK, a_ready

NINETY_MINUTES = 5400.0


def counters(time: float, clock: float) -> wire.Counters:
    return wire.Counters(time, 1, 1, 1, 0, 100, 0, 1, 1, clock=clock)


@pytest.mark.parametrize("step", [NINETY_MINUTES, -NINETY_MINUTES, 8 * 3600.0, 1.0])
def test_moments_before_and_after_a_step(step: float) -> None:
    clock = WallClock(CLOCK)
    clock.note(10.0, CLOCK + 0.01)
    clock.note(20.0, CLOCK + step)
    for moment, offset in ((0.0, CLOCK), (15.0, CLOCK), (20.0, CLOCK + step), (99.0, CLOCK + step)):
        assert clock.at(moment) == datetime.fromtimestamp(moment + offset)


def test_clock_that_is_set_for_ever() -> None:
    """What is long ago has the oldest time that is known."""
    clock = WallClock(0.0)
    for second in range(3 * STEPS):
        clock.note(float(second), 1000.0 * second)
    assert clock.at(3.0 * STEPS) == datetime.fromtimestamp(3.0 * STEPS + 1000 * (3 * STEPS - 1))
    assert clock.at(0.0) == datetime.fromtimestamp(1000.0 * 2 * STEPS)


@pytest.mark.parametrize("told", [True, False], ids=["told", "by an engine that tells nothing of it"])
def test_log_and_timeline_have_the_times_of_the_clock(told: bool) -> None:
    history, lanes = ServerHistory(), Lanes()
    later = CLOCK + NINETY_MINUTES if told else CLOCK
    for message in (
        a_ready("epoll", 0.0),
        wire.Requests([answered(1.0, 1, 0, 0, 0, 200, 9, 0.0, 0.1, True)]),
        counters(1.5, CLOCK if told else 0.0),
        counters(2.0, later if told else 0.0),
        wire.Requests([answered(3.0, 1, 0, 0, 0, 200, 9, 0.0, 0.1, True)]),
    ):
        history.receive(message)
        lanes.receive(message)
    first, second = (history.log.row(number).time_of_day for number in range(2))
    for shown, moment in ((first, 1.0 + CLOCK), (second, 3.0 + later)):
        assert shown == datetime.fromtimestamp(moment).isoformat(timespec="milliseconds")[11:]
    assert lanes.clock.at(1.0).timestamp() == 1.0 + CLOCK
    assert lanes.clock.at(3.0).timestamp() == 3.0 + later
