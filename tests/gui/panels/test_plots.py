"""The curves of the last minute."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import appearance
from gui.formatting import longest
from gui.history.plot_data import Band, Outage, PlotData
from gui.history.server import Segment
from gui.panels.plots import Plots
from gui.plots.plot import TimePlot


@pytest.fixture
def plots(qtbot: QtBot, themed: appearance.Theme) -> Plots:
    plots = Plots()
    qtbot.addWidget(plots)
    plots.set_theme(themed)
    plots.resize(1200, 300)
    plots.show()
    return plots


def segment(
    model: str,
    begin: float,
    end: float,
    open: float,
    rate: float,
    queued: float = 0.0,
    p50: float = 0.002,
    is_second: bool = False,
) -> Segment:
    times = np.linspace(begin, end, 100)
    constant = (np.full(100, value) for value in (open, rate, 0.0, p50, 5 * p50, queued))
    return Segment(model, times, *constant, is_second=is_second)


def seen(
    *segments: Segment,
    switches: Sequence[tuple[float, str]] = (),
    failed: Sequence[tuple[float, float]] = (),
    gaps: Sequence[Outage] = (),
    from_clients: bool = True,
    is_open_loop: bool = False,
) -> PlotData:
    """A picture of these stretches; `failed` are times and requests a second."""
    return PlotData(
        segments=list(segments),
        switches=list(switches),
        bands=[Band(each.model, each.times, each.p50, each.p99, is_second=each.is_second) for each in segments],
        from_clients=from_clients,
        is_open_loop=is_open_loop,
        failed=[tuple(np.array(failed).T)] if failed else [],
        gaps=list(gaps),
    )


def point(plot: TimePlot, x: int, kind: QEvent.Type = QEvent.Type.MouseMove) -> None:
    """Moves the mouse to that column of the plot's own area, or away."""
    view = plot._view.viewport()
    place = QPointF(QPoint(x, view.height() // 2))
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(kind, place, view.mapToGlobal(place), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event if kind == QEvent.Type.MouseMove else QEvent(kind))


def plot_data(qtbot: QtBot, plots: Plots) -> QImage:
    """What the plot of the rate shows, once Qt has painted it."""
    qtbot.wait(30)
    return plots.rate.grab().toImage()


def near(one: QColor, other: QColor) -> bool:
    """Whether two colours look alike; a thin line is mixed with what lies under it."""
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return max(abs(part - same) for part, same in pairs) < 50


def columns_with(image: QImage, colour: str) -> list[int]:
    """The x of each column of pixels in which `colour` is seen."""
    wanted = QColor(colour).rgb()
    return [x for x in range(image.width()) if any(image.pixel(x, y) == wanted for y in range(image.height()))]


def test_each_stretch_is_seen_in_its_colour_and_in_its_place(
    qtbot: QtBot, plots: Plots, themed: appearance.Theme
) -> None:
    segments = [segment("thread", -60, -40, 60, 6_000), segment("epoll", -20, 0, 72, 21_000)]
    plots.draw(seen(*segments, switches=[(-20.0, "epoll")]))
    image = plot_data(qtbot, plots)
    early = columns_with(image, themed.model_fill("thread"))
    late = columns_with(image, themed.model_fill("epoll"))
    assert len(early) > 100
    assert len(late) > 100
    assert late[0] - early[-1] > 100, "where nothing ran there is a gap"


def test_a_switch_is_marked_with_the_models_title(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    plots.draw(seen(segment("epoll", -20, 0, 1, 10)))
    without = plot_data(qtbot, plots)
    plots.draw(seen(segment("epoll", -20, 0, 1, 10), switches=[(-20.0, "epoll")]))
    marked = plot_data(qtbot, plots)
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


def test_an_empty_plot_says_how_to_fill_it(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    plots.draw(seen())
    empty = plot_data(qtbot, plots)
    plots.draw(seen(segment("epoll", -1e-9, 0, 0, 0)))
    assert plot_data(qtbot, plots) != empty


def test_a_change_of_theme_repaints(qtbot: QtBot, plots: Plots) -> None:
    plots.draw(seen(segment("epoll", -60, 0, 1, 10)))
    light = plot_data(qtbot, plots)
    plots.set_theme(appearance.DARK)
    dark = plot_data(qtbot, plots)
    middle = light.width() // 2, light.height() // 2
    assert dark.pixelColor(*middle).lightness() < 90 < 200 < light.pixelColor(*middle).lightness()


def test_values_are_kept_as_they_were_given(plots: Plots) -> None:
    given = segment("epoll", -20, 0, 72, 21_000)
    plots.draw(seen(given))
    ((model, times, values),) = plots.open.curves
    assert model == "epoll"
    assert np.array_equal(times, given.times)
    assert np.array_equal(values, given.open)


def test_latency_says_whose_it_is_and_which_loop(plots: Plots) -> None:
    stretch = segment("epoll", -20, 0, 1, 10)
    for given, said in (
        (seen(stretch, from_clients=False), "inside the server"),
        (seen(stretch), "as the clients see it"),
        (seen(stretch, is_open_loop=True), "as the clients see it, from when due"),
    ):
        plots.draw(given)
        assert plots.latency.note.text().split("\x9c")[0] == said
        assert plots.latency.note.toolTip()
    plots.draw(seen())
    assert plots.latency.note.text() == ""


def test_latency_is_on_an_axis_of_powers_of_ten(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    plots.draw(seen(segment("epoll", -60, 0, 1, 10)))
    ((_, _, values),) = plots.latency.curves
    assert values == pytest.approx(np.log10(0.002))
    bottom, top = plots.latency._range
    assert bottom < np.log10(0.002) < np.log10(0.01) < top
    qtbot.wait(30)
    image = plots.latency.grab().toImage()
    fill = QColor(themed.model_fill("epoll")).rgb()
    x = image.width() // 2
    filled = [y for y in range(image.height()) if image.pixel(x, y) == fill]
    assert filled, "between p50 and p99"
    assert filled[-1] < image.height() - 40, "not down to the ground"


def test_failed_requests_are_red_and_crossed(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    stretch = segment("epoll", -60, 0, 72, 21_000)
    plots.draw(seen(stretch))
    assert columns_with(plot_data(qtbot, plots), themed.bad) == []
    assert plots.rate.note.text() == ""
    plots.draw(seen(stretch, failed=[(-30.0, 2.0), (-29.9, 2.0), (-29.8, 1.0)]))
    image = plot_data(qtbot, plots)
    reds = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if (colour := image.pixelColor(x, y)).red() > 150 and colour.green() < 110 and colour.blue() < 110
    ]
    assert len(reds) > 8, "two of 21,000 are seen"
    assert max(x for x, _ in reds) - min(x for x, _ in reds) < 30
    assert plots.rate.note.text() == "× failed"


def test_a_gap_is_shaded_and_labelled(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    stretches = segment("thread", -60, -30, 60, 6_000), segment("epoll", -25, 0, 72, 21_000)
    plots.draw(seen(*stretches, gaps=[Outage(-30.0, -25.0, {"refused": 18})]))
    image = plot_data(qtbot, plots)
    shaded = columns_with(image, themed.bad_back)
    assert len(shaded) > 15
    assert columns_with(image, themed.bad), "and says how long, in words"
    plots.draw(seen(*stretches, gaps=[Outage(-30.0, -25.0, None)]))
    quiet = plot_data(qtbot, plots)
    assert columns_with(quiet, themed.calm_back)
    assert not columns_with(quiet, themed.bad), "nobody counted"


def test_the_moment_under_the_mouse_is_read_in_each_plot(plots: Plots) -> None:
    stretches = segment("thread", -60, -30, 60, 6_000), segment("epoll", -25, 0, 72, 21_000)
    plots.draw(seen(*stretches, failed=[(-10.0, 12.0)], gaps=[Outage(-30.0, -25.0, {"refused": 18, "reset": 2})]))
    assert plots.open.readings(-45.0) == ["45.0 s ago", "Threads", "60 open"]
    assert plots.rate.readings(-10.0) == ["10.0 s ago", "epoll", "21,000/s", "failed: 12/s"]
    assert plots.latency.readings(-10.0) == ["10.0 s ago", "epoll", "p50 2.00 ms, p99 10.0 ms"]
    assert plots.rate.readings(-27.0) == ["27.0 s ago", "no answers: 5.00 s, 18 refused · 2 reset"]
    plots.draw(seen(stretches[1]))
    assert plots.open.readings(-45.0) == ["45.0 s ago", "nothing ran"]


def test_who_waits_for_accept_is_a_curve_of_its_own(qtbot: QtBot, plots: Plots) -> None:
    plots.draw(seen(segment("nonblocking", -60, 0, 20, 10)))
    qtbot.wait(30)
    without = plots.open.grab().toImage()
    assert plots.open.note.text() == ""
    assert plots.open.readings(-20.0) == ["20.0 s ago", "Non-blocking", "20 open"]
    plots.draw(seen(segment("nonblocking", -60, 0, 20, 10, queued=7)))
    qtbot.wait(30)
    waiting = plots.open.grab().toImage()
    assert longest(plots.open.note.text()) == "┄ waiting for accept"
    assert plots.open.readings(-20.0) == ["20.0 s ago", "Non-blocking", "20 open", "7 waiting for accept"]
    rows = [
        sum(waiting.pixel(x, y) != without.pixel(x, y) for x in range(waiting.width()))
        for y in range(60, waiting.height())
    ]
    assert 0.3 * waiting.width() < max(rows) < 0.7 * waiting.width(), "one dashed line from side to side"


def test_an_axis_holds_those_who_wait_as_well(plots: Plots) -> None:
    plots.draw(seen(segment("nonblocking", -60, 0, 1, 10, queued=90)))
    assert plots.open.top > 90
    unknown = segment("nonblocking", -60, 0, 1, 10, queued=np.nan)
    plots.draw(seen(unknown))
    assert plots.open.top == 5
    assert plots.open.note.text() == ""


def test_two_at_once_are_both_seen_and_read(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    first = segment("thread", -60, 0, 60, 6_000)
    second = segment("process", -60, 0, 72, 21_000, p50=0.001, is_second=True)
    plots.draw(seen(first, second))
    assert plots.rate.readings(-20.0) == ["20.0 s ago", "Threads", "6,000/s", "Processes", "21,000/s"]
    assert plots.latency.readings(-20.0) == [
        *("20.0 s ago", "Threads", "p50 2.00 ms, p99 10.0 ms"),
        *("Processes", "p50 1.00 ms, p99 5.00 ms"),
    ]
    qtbot.wait(30)
    for plot in plots.all:
        image = plot.grab().toImage()
        columns = range(image.width() * 2 // 5, image.width() * 4 // 5)
        with_line = {
            model: sum(
                any(
                    near(image.pixelColor(x, y), QColor(themed.model_line(model)))
                    for y in range(60, image.height() - 30)
                )
                for x in columns
            )
            for model in ("thread", "process")
        }
        assert with_line["thread"] == len(columns)
        assert 0.4 < with_line["process"] / len(columns) < 0.9, "dashed: colours of two models may look alike"


def test_titles_of_two_at_once_stand_below_each_other(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    first = segment("thread", -60, 0, 0, 0)
    second = segment("process", -60, 0, 0, 0, is_second=True)
    plots.draw(seen(first, second))
    image = plot_data(qtbot, plots)
    view = plots.rate._view
    origin = view.mapTo(plots.rate, QPoint(0, 0))
    rows = {
        model: [
            y
            for y in range(origin.y(), origin.y() + 50)
            if any(image.pixelColor(x, y) == QColor(themed.model_text(model)) for x in range(origin.x(), 200))
        ]
        for model in ("thread", "process")
    }
    assert rows["thread"]
    assert rows["process"]
    assert max(rows["thread"]) < min(rows["process"])


def test_a_gap_of_one_of_two_says_whose_it_is(plots: Plots) -> None:
    stretches = segment("thread", -60, -30, 60, 6_000), segment("process", -25, 0, 60, 2_000)
    other = segment("epoll", -60, 0, 72, 21_000, is_second=True)
    plots.draw(seen(*stretches, other, gaps=[Outage(-30.0, -25.0, {"refused": 18}, "thread")]))
    assert plots.rate.readings(-27.0) == [
        *("27.0 s ago", "Threads, no answers: 5.00 s, 18 refused"),
        *("epoll", "21,000/s"),
    ]


def test_failures_of_two_are_added_up(plots: Plots) -> None:
    pair = segment("thread", -60, 0, 60, 6_000), segment("epoll", -60, 0, 72, 21_000, is_second=True)
    both = replace(seen(*pair), failed=[(np.array([-10.0]), np.array([12.0])), (np.array([-10.0]), np.array([3.0]))])
    plots.draw(both)
    assert plots.rate.readings(-10.0)[-1] == "failed: 15/s"


def test_the_crosshair_follows_the_mouse_in_all_plots(qtbot: QtBot, plots: Plots) -> None:
    plots.draw(seen(segment("epoll", -60, 0, 72, 21_000)))
    before = [plot.grab().toImage() for plot in plots.all]
    point(plots.open, plots.open._view.width() // 2)
    qtbot.wait(80)
    pointed = [plot.grab().toImage() for plot in plots.all]
    assert all(one != other for one, other in zip(before, pointed, strict=True))
    point(plots.open, 0, QEvent.Type.Leave)
    qtbot.wait(80)
    assert [plot.grab().toImage() for plot in plots.all] == before


def test_runs_close_together_are_named_by_pictures(qtbot: QtBot, plots: Plots, themed: appearance.Theme) -> None:
    keys = ("process", "thread", "gevent", "nonblocking", "keepalive", "epoll")
    begins = [-36.0 + 6 * number for number in range(6)]
    plots.draw(seen(*(segment(key, begin, begin + 6, 10, 10) for key, begin in zip(keys, begins, strict=True))))
    image = plot_data(qtbot, plots)
    view = plots.rate._view
    origin = view.mapTo(plots.rate, QPoint(0, 0))
    for key, begin in zip(keys, begins, strict=True):
        colour = QColor(themed.model_text(key))
        left = origin.x() + view.getViewBox().sceneBoundingRect().left()
        width = view.getViewBox().sceneBoundingRect().width()
        x = round(left + (begin + 60) / 60 * width)
        found = [
            (column, row)
            for column in range(x + 3, x + 3 + round(width / 10))
            for row in range(origin.y(), origin.y() + 24)
            if column < image.width() and near(image.pixelColor(column, row), colour)
        ]
        assert found, f"{key} is named"
