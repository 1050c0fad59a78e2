"""The presentation: an audience sees several lanes and readable code, and the full screen ends it."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from gui import appearance, formatting
from gui.placement import LEAST
from gui.runs.processes import ProcessState
from gui.views import VIEWS
from gui.window import Window
from tests.ready import a_ready

Open: TypeAlias = Callable[..., Window]
PROJECTOR = QSize(1280, 720)
PATIENCE_MS = 40_000


@pytest.fixture
def presented(qtbot: QtBot, window: Window) -> Window:
    """A window as it is presented on a small projector; without its full screen, which has a test's size."""
    window.presentation._present(True)
    window.resize(PROJECTOR)
    qtbot.waitUntil(lambda: window.size() == PROJECTOR)
    return window


@pytest.mark.slow
def test_a_small_projector_shows_several_lanes_and_readable_code(qtbot: QtBot, presented: Window) -> None:
    presented.show_view("timeline")
    canvas = presented.timeline.canvas
    qtbot.waitUntil(lambda: canvas._row_height > 0 and canvas._area.height() / canvas._row_height >= 6)
    presented.show_view("source")
    view = presented.source.view
    qtbot.waitUntil(lambda: view.font().pointSizeF() >= round(QApplication.font().pointSizeF(), 1) > 12)
    assert view.verticalScrollBar().pageStep() >= 12
    assert not any(panel.isVisible() for panel in (presented.cards, presented.load_panel, presented.tiles))
    presented.presentation._present(False)
    assert all(panel.isVisible() for panel in (presented.cards, presented.tiles, presented.plots))
    assert not presented.strip.isVisible()


@pytest.mark.slow
def test_the_wall_shows_ten_lanes_large_code_and_the_whole_idea(
    qtbot: QtBot, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(model="epoll", workload="waiting-work", clients=20, work_ms=20)
    window.session.toggle_load()
    screen = appearance.presented(1080)  # a test's screen is smaller
    monkeypatch.setattr(appearance, "presented", lambda height: screen)
    window.presentation._present(True)
    window.resize(1920, 1080)
    window.show_view("timeline")
    canvas = window.timeline.canvas
    qtbot.waitUntil(lambda: len(canvas.rows.rows) >= 10, timeout=PATIENCE_MS)
    run = window.strip.runs[0]
    qtbot.waitUntil(lambda: bool(run.sentence.shown), timeout=PATIENCE_MS)
    assert not window.timeline.sentence.shown, "it is not said twice"
    assert run.title.text() == "epoll"
    assert run.idea.shown == formatting.model_idea("epoll")
    assert run.figures["requests_per_second"].value not in ("", "0", "–")
    assert run.sentence.height() >= run.sentence.fontMetrics().height() * len(run.sentence.shown)
    window.show_view("source")
    view = window.source.view
    qtbot.waitUntil(lambda: QFontInfo(view.font()).pixelSize() >= 24)


def test_a_small_projector_shows_every_idea_whole(qtbot: QtBot, presented: Window) -> None:
    presented.header.show_state(ProcessState.RUNNING, "epoll", ProcessState.RUNNING, "Threads")
    histories = presented.live
    for key in MODELS:
        histories.first.receive_engine(a_ready(key))
        presented.strip.show_histories(histories, 1.0)
        QApplication.processEvents()
        assert presented.strip.runs[0].idea.shown == formatting.model_idea(key)


@pytest.mark.slow
def test_views_come_by_key_and_the_curves_are_one_of_them(qtbot: QtBot, presented: Window) -> None:
    qtbot.waitUntil(presented.isActiveWindow)
    for key, name in ((Qt.Key.Key_F3, "requests"), (Qt.Key.Key_F4, "source"), (Qt.Key.Key_F7, "plots")):
        qtbot.keyClick(presented, key)
        assert presented.tabs.shown == name
    assert presented.plots.isVisible()
    qtbot.keyClick(presented, Qt.Key.Key_PageDown)
    assert presented.tabs.shown == "timeline", "after the last one comes the first"
    for name in ("plots", "scoreboard", "source"):  # no program runs that writes an output
        qtbot.keyClick(presented, Qt.Key.Key_PageUp)
        assert presented.tabs.shown == name
    qtbot.keyClick(presented, Qt.Key.Key_F7)
    presented.presentation._present(False)
    assert presented.plots.isVisible()
    assert presented.plots.height() < presented.height() / 2
    qtbot.keyClick(presented, Qt.Key.Key_F7)
    assert presented.tabs.shown != "plots", "they stand above the views"


@pytest.mark.slow
def test_they_lie_over_it_also_beside_a_client_by_hand(qtbot: QtBot, window: Window) -> None:
    window.resize(PROJECTOR)
    window.by_hand.toggle()
    qtbot.waitUntil(lambda: not window.cards.isVisible())  # which has made room
    window.presentation._present(True)
    window.presentation.toggle_side()
    qtbot.wait(50)
    assert window.cards.isVisible()
    window.presentation._present(False)
    qtbot.waitUntil(lambda: not window.cards.isVisible())
    window.by_hand.toggle()
    qtbot.waitUntil(window.cards.isVisible)


@pytest.mark.slow
def test_models_and_load_lie_over_the_picture_and_move_nothing(qtbot: QtBot, presented: Window) -> None:
    qtbot.waitUntil(presented.isActiveWindow)
    presented.show_view("timeline")

    def places() -> list[QRect]:
        shown = (presented.tabs, presented.timeline.canvas, presented.strip, presented.header)
        return [QRect(each.mapTo(presented, QPoint()), each.size()) for each in shown]

    before = places()
    qtbot.keyClick(presented, Qt.Key.Key_M)
    assert presented.cards.isVisible()
    assert presented.load_panel.isVisible()
    assert presented.load_panel.visibleRegion().boundingRect().size() == presented.load_panel.size(), "all of it"
    assert places() == before
    qtbot.keyClick(presented, Qt.Key.Key_Escape)
    assert not presented.cards.isVisible()
    assert presented.presentation.is_on, "Escape ends what came last"
    qtbot.keyClick(presented, Qt.Key.Key_Escape)
    assert not presented.presentation.is_on
    assert presented.cards.isVisible()
    qtbot.keyClick(presented, Qt.Key.Key_M)
    assert presented.cards.isVisible(), "beside the picture it stays"


@pytest.mark.slow
def test_it_ends_with_the_full_screen_whatever_ends_that(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(window.isActiveWindow)  # or else it gets no keys
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.presentation.is_on
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)  # as a window manager does
    qtbot.waitUntil(lambda: not window.presentation.is_on)
    assert window.header.settings.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen(), "the key is not inverted"
    assert window.presentation.is_on
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    assert not window.presentation.is_on


@pytest.mark.slow
@pytest.mark.parametrize("by_key", [False, True])
def test_the_next_window_is_not_full_screen(qtbot: QtBot, open_window: Open, store: QSettings, by_key: bool) -> None:
    first = open_window()
    if by_key:
        first.presentation.toggle()
    else:
        first.showFullScreen()
    first.close()
    second = open_window()
    assert not second.isFullScreen()
    assert not second.presentation.is_on
    store.setValue("geometry", first.saveGeometry())  # as an earlier version kept it
    third = Window(store)
    qtbot.addWidget(third)
    assert not third.windowState() & Qt.WindowState.WindowFullScreen
    assert third.size().expandedTo(LEAST) == third.size()


@pytest.mark.slow
def test_view_and_splitter_are_as_they_were(qtbot: QtBot, open_window: Open) -> None:
    first = open_window()
    assert first.tabs.shown == "timeline", "the most telling one, until another was seen"
    for name in reversed(VIEWS):
        first.show_view(name)
    first.show_view("source")
    handle = first._stage.handle(1)
    place = handle.rect().center()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(handle, place - QPoint(0, 60))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=place - QPoint(0, 60))
    sizes = first._stage.sizes()
    first.close()
    second = open_window()
    assert second.tabs.shown == "source"
    qtbot.waitUntil(lambda: second._stage.sizes() == sizes)


@pytest.mark.slow
def test_a_view_that_is_no_more_is_not_sought(open_window: Open, store: QSettings) -> None:
    store.setValue("view", "removed")
    store.setValue("splitter", "rubbish")
    assert open_window().tabs.shown == "timeline"


def test_the_handle_can_be_seen(window: Window) -> None:
    picture = window._stage.handle(1).grab().toImage()
    middle = picture.pixelColor(picture.width() // 2, picture.height() // 2)
    assert abs(middle.lightness() - picture.pixelColor(2, picture.height() // 2).lightness()) > 60
