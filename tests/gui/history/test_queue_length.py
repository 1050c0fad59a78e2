"""How many waited, over time."""

from gui.history.queue_length import HOLDS, QueueLength


def noted(*samples: tuple[float, int]) -> QueueLength:
    length = QueueLength(60.0)
    for time, count in samples:
        length.note(time, count)
    return length


def test_equal_neighbours_are_one_step() -> None:
    length = noted((1.0, 2), (1.1, 2), (1.2, 5), (1.3, 0))
    assert list(length.steps(1.05, 1.3)) == [(1.05, 1.2, 2), (1.2, 1.3, 5)]
    assert length.at(1.15) == 2


def test_what_is_not_reported_is_not_known() -> None:
    length = noted((1.0, 2), (1.1, -1), (3.0, 2))
    assert list(length.steps(0.0, 9.0)) == [(1.0, 1.0 + HOLDS, 2), (3.0, 3.0 + HOLDS, 2)]
    assert [length.at(moment) for moment in (0.9, 1.2, 2.0, 3.1)] == [None, 2, None, 2]
    assert list(noted().steps(0.0, 9.0)) == []


def test_no_more_is_kept_than_is_looked_back() -> None:
    length = noted(*((0.1 * tick, tick) for tick in range(3_000)))
    assert 600 <= len(length) <= 1_300
    assert length[-1][1] == 2_999
