"""The curves of the last minute."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from gui import theme
from gui.panels.plots import Plots, nice_step, nice_top
from gui.record import Segment


@pytest.fixture
def plots(qtbot: QtBot, dressed: theme.Look) -> Plots:
    plots = Plots()
    qtbot.addWidget(plots)
    plots.set_look(dressed)
    plots.resize(1200, 300)
    plots.show()
    return plots


def segment(model: str, begin: float, end: float, open: float, rate: float) -> Segment:
    times = np.linspace(begin, end, 100)
    return Segment(model, times, np.full(100, open), np.full(100, rate))


def picture(qtbot: QtBot, plots: Plots) -> QImage:
    """What the plot of the rate shows, once Qt has painted it."""
    qtbot.wait(30)
    return plots.rate.grab().toImage()


def columns_with(image: QImage, colour: str) -> list[int]:
    """The x of each column of pixels in which `colour` is seen."""
    wanted = QColor(colour).rgb()
    return [x for x in range(image.width()) if any(image.pixel(x, y) == wanted for y in range(image.height()))]


def test_each_stretch_is_seen_in_its_colour_and_in_its_place(qtbot: QtBot, plots: Plots, dressed: theme.Look) -> None:
    segments = [segment("thread", -60, -40, 60, 6_000), segment("epoll", -20, 0, 72, 21_000)]
    plots.draw(segments, [(-20.0, "epoll")])
    image = picture(qtbot, plots)
    early = columns_with(image, dressed.model_fill("thread"))
    late = columns_with(image, dressed.model_fill("epoll"))
    assert len(early) > 100
    assert len(late) > 100
    assert late[0] - early[-1] > 100, "where nothing ran there is a gap"


def test_a_switch_is_marked_with_the_models_title(qtbot: QtBot, plots: Plots, dressed: theme.Look) -> None:
    plots.draw([segment("epoll", -20, 0, 1, 10)], [])
    without = picture(qtbot, plots)
    plots.draw([segment("epoll", -20, 0, 1, 10)], [(-20.0, "epoll")])
    marked = picture(qtbot, plots)
    changed = [
        (x, y)
        for x in range(marked.width())
        for y in range(marked.height())
        if marked.pixel(x, y) != without.pixel(x, y)
    ]
    assert changed
    assert max(x for x, _ in changed) - min(x for x, _ in changed) <= 3, "one thin line"
    assert max(y for _, y in changed) - min(y for _, y in changed) > 100, "from the top to the ground"
    gaps = len({y for _, y in changed}) / (max(y for _, y in changed) - min(y for _, y in changed))
    assert gaps < 0.9, "dashed"


def test_an_empty_plot_says_how_to_fill_it(qtbot: QtBot, plots: Plots, dressed: theme.Look) -> None:
    plots.draw([], [])
    empty = picture(qtbot, plots)
    plots.draw([segment("epoll", -1e-9, 0, 0, 0)], [])
    assert picture(qtbot, plots) != empty


def test_a_change_of_theme_repaints(qtbot: QtBot, plots: Plots) -> None:
    plots.draw([segment("epoll", -60, 0, 1, 10)], [])
    light = picture(qtbot, plots)
    plots.set_look(theme.DARK)
    dark = picture(qtbot, plots)
    middle = light.width() // 2, light.height() // 2
    assert dark.pixelColor(*middle).lightness() < 90 < 200 < light.pixelColor(*middle).lightness()


def test_values_are_kept_as_they_were_given(plots: Plots) -> None:
    given = segment("epoll", -20, 0, 72, 21_000)
    plots.draw([given], [])
    ((model, times, values),) = plots.open.curves
    assert model == "epoll"
    assert np.array_equal(times, given.times)
    assert np.array_equal(values, given.open)


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
