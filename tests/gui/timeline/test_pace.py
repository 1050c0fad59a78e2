"""Slow motion, by the clock."""

import pytest

from gui.timeline.pace import PACES, Pace


def test_what_is_shown_falls_behind_and_never_jumps_before_it_ends() -> None:
    pace = Pace()
    assert pace.moment(10.0) == 10.0
    pace.slow_down(10.0)
    assert (pace.part, pace.moment(10.0)) == (0.25, 10.0)
    assert pace.moment(14.0) == 11.0
    pace.slow_down(14.0)
    assert (pace.part, pace.moment(14.0)) == (0.1, 11.0)
    assert pace.moment(24.0) == pytest.approx(12.0)
    pace.slow_down(24.0)
    assert not pace.is_slow
    assert pace.moment(24.0) == 24.0


@pytest.mark.parametrize("times", range(1, len(PACES)))
def test_any_pace_ends_at_once(times: int) -> None:
    pace = Pace()
    for _ in range(times):
        pace.slow_down(5.0)
    pace.end()
    assert pace.moment(9.0) == 9.0
