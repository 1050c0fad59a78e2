"""The ring of intervals keeps the newest, from a few to more than it has room for."""

import pytest

from gui.history.intervals import ROOM, LaneState, Ring, fresh

CAPACITY = 2 * ROOM + ROOM // 2


@pytest.mark.parametrize("count", [1, ROOM, ROOM + 1, CAPACITY, CAPACITY + ROOM])
def test_the_newest_are_held(count: int) -> None:
    ring = Ring(CAPACITY)
    rows = [fresh(1, number, LaneState.READING, float(number), number + 0.5) for number in range(count)]
    for start in range(0, count, 700):
        ring.append(rows[start : start + 700])
    connections = ring.between(0.0, float("inf"))[1].tolist()
    assert sorted(connections) == [float(number) for number in range(max(0, count - CAPACITY), count)]
    ring.clear()
    assert not ring.between(0.0, float("inf")).size
    ring.append(rows[:1])
    assert ring.between(0.0, float("inf")).shape[1] == 1
