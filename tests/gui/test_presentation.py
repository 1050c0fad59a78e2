"""The presentation: an audience sees several lanes and readable code, and the full screen ends it."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from PySide6.QtCore import QPoint, QSettings, QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.placement import LEAST
from gui.views import VIEWS
from gui.window import Window

Open: TypeAlias = Callable[..., Window]
PROJECTOR = QSize(1280, 720)


@pytest.fixture
def presented(qtbot: QtBot, window: Window) -> Window:
    """A window as it is presented on a small projector; without its full screen, which has a test's size."""
    window.presentation._present(True)
    window.resize(PROJECTOR)
    qtbot.waitUntil(lambda: window.size() == PROJECTOR)
    return window


def test_a_small_projector_shows_several_lanes_and_readable_code(qtbot: QtBot, presented: Window) -> None:
    qtbot.waitUntil(lambda: not presented.cards.isVisible())
    presented.show_view("timeline")
    canvas = presented.timeline.canvas
    qtbot.waitUntil(lambda: canvas._row_height > 0 and canvas._area.height() / canvas._row_height >= 6)
    presented.show_view("source")
    view = presented.source.view
    qtbot.waitUntil(lambda: view.font().pointSizeF() >= round(QApplication.font().pointSizeF(), 1) > 12)
    assert view.verticalScrollBar().pageStep() >= 12
    presented.presentation._present(False)
    assert presented.cards.isVisible()
    assert all(small.isVisible() for small in presented.tiles.small.values())


@pytest.mark.slow
def test_on_a_wide_screen_the_models_stay_beside_the_picture(qtbot: QtBot, presented: Window) -> None:
    presented.resize(1920, 1080)
    qtbot.waitUntil(presented.cards.isVisible)


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
