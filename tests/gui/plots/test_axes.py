"""The axes of the plots."""

import pytest

from gui.plots.axes import nice_step, nice_top


@pytest.mark.parametrize("peak", [1, 3, 9, 10, 64, 72, 999, 1_902, 21_408, 67_000, 250_000])
def test_an_axis_leaves_room_above_the_peak_and_uses_its_height(peak: float) -> None:
    top = nice_top(peak, 5.0, 5.0)
    assert peak <= 0.84 * top or top == 5.0
    assert top == 5.0 or peak >= 0.36 * top


def test_an_axis_does_not_jump_with_every_value() -> None:
    top = nice_top(21_000, 10, 10)
    assert {nice_top(peak, top, 10) for peak in range(12_000, 24_000, 100)} == {top}
    assert nice_top(0, top, 10) == 10


@pytest.mark.parametrize("top", [5, 8, 10, 15, 20, 30, 40, 50, 60, 80, 150, 30_000, 80_000])
def test_ticks_are_few_and_round(top: float) -> None:
    step = nice_step(top)
    assert 2 <= top / step <= 6
    assert str(f"{step:g}").strip("0.e+") in ("1", "2", "5")
