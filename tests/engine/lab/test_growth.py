"""What grows without end, and what does not."""

from collections.abc import Callable

import pytest

from engine.lab.growth import PARTS, SECONDS, grows

TIMES = [1_000 + tick / 2 for tick in range(round(2 * SECONDS) + 1)]


@pytest.mark.parametrize(
    "leak",
    [
        lambda second: 10 + second,
        lambda second: int(second),  # nothing at first, and not at every look
        lambda second: 200 * second + (50 if int(2 * second) % 2 else 0),
        lambda second: 100 * 1.1**second,
    ],
)
def test_what_becomes_more_and_more_grows(leak: Callable[[float], float]) -> None:
    assert grows(TIMES, [leak(time - TIMES[0]) for time in TIMES], least=5)


@pytest.mark.parametrize(
    "ordinary",
    [
        lambda second: 0,
        lambda second: 64,
        lambda second: 64 if second > 3 else 1,  # a load began
        lambda second: 64 + int(2 * second) * 7 % 11,  # noise
        lambda second: 100 * (second % 5),  # comes and goes
        lambda second: 100 - second,
        lambda second: 10_000 + second,  # grows, but hardly
        lambda second: second / 4,  # hardly anything
        lambda second: min(second, 8),  # grew, and has stopped
    ],
)
def test_anything_else_does_not(ordinary: Callable[[float], float]) -> None:
    assert not grows(TIMES, [ordinary(time - TIMES[0]) for time in TIMES], least=5)


def test_it_takes_the_whole_time_to_tell() -> None:
    values = [10 * time for time in TIMES]
    assert not grows([], [], least=5)
    assert not grows(TIMES[: len(TIMES) // 2], values[: len(TIMES) // 2], least=5)
    holes = [place for place in range(len(TIMES)) if not 4 < place < 4 + 2 * len(TIMES) // PARTS]
    assert not grows([TIMES[place] for place in holes], [values[place] for place in holes], least=5), "nobody looked"


def test_by_how_much_is_the_callers_choice() -> None:
    values = [1_000 + 10 * (time - TIMES[0]) for time in TIMES]
    assert grows(TIMES, values, least=100)
    assert not grows(TIMES, values, least=1_000)
    assert not grows(TIMES, values, least=100, share=0.5)
