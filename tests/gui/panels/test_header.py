"""The top row."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui import appearance
from gui.panels.header import Header
from gui.runs.processes import ProcessState


@pytest.fixture
def header(qtbot: QtBot, themed: appearance.Theme) -> Iterator[Header]:
    header, window = Header(), QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(header)
    qtbot.addWidget(window)
    header.set_theme(themed)
    window.setMinimumSize(1, 1)
    window.resize(1280, 56)
    window.show()
    yield header
    window.close()


def test_states_differ_in_words_and_in_shape(header: Header) -> None:
    pictures = []
    for state, text in (
        (ProcessState.STOPPED, "Stopped"),
        (ProcessState.STARTING, "Starting epoll …"),
        (ProcessState.RUNNING, "Running · epoll"),
    ):
        header.show_state(state, "epoll")
        assert header.state.accessibleName() == text
        header.state.resize(header.state.sizeHint())
        picture = header.state.grab().toImage()
        middle = round(appearance.line_height() * 0.95)
        pictures.append(picture.pixelColor(middle, picture.height() // 2))
    hollow, _, full = pictures
    assert hollow.lightness() > full.lightness(), "a ring is empty inside, a full sign is not"


def test_the_big_button_says_what_it_does(header: Header) -> None:
    header.show_running(False)
    assert header.toggle.accessibleName() == "Start"
    assert not header.open.isEnabled()
    header.show_running(True, reachable=True)
    assert header.toggle.accessibleName() == "Stop"
    assert header.open.isEnabled()


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        (lambda header: header.toggle, "toggle_requested"),
        (lambda header: header.freeze, "freeze_requested"),
        (lambda header: header.settings, "settings_requested"),
    ],
)
def test_buttons_ask(qtbot: QtBot, header: Header, button: Callable[[Header], object], signal: str) -> None:
    with qtbot.waitSignal(getattr(header, signal), timeout=1000):
        qtbot.mouseClick(button(header), Qt.MouseButton.LeftButton)


def test_a_click_does_not_take_the_keyboard(header: Header) -> None:
    for button in (header.toggle, header.freeze, header.settings, header.copy):
        assert button.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_the_address_is_copied_and_said_to_be(qtbot: QtBot, header: Header) -> None:
    header.show_url("http://127.0.0.1:8888")
    before = header.copy.icon().pixmap(24).toImage()
    qtbot.mouseClick(header.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:8888"
    assert header.copy.icon().pixmap(24).toImage() != before
    header.show_url("")
    assert header.url.text() == ""
    assert not header.copy.isEnabled()


def test_a_theme_is_asked_for_and_marked(qtbot: QtBot, header: Header) -> None:
    actions = {action.data(): action for action in header.theme.menu().actions()}
    assert list(actions) == ["system", "light", "dark"]
    with qtbot.waitSignal(header.theme_requested, timeout=1000) as asked:
        actions["dark"].trigger()
    assert asked.args == ["dark"]
    header.show_theme("light")
    assert [name for name, action in actions.items() if action.isChecked()] == ["light"]


def test_an_audience_sees_state_and_address_only(header: Header) -> None:
    header.show_url("http://127.0.0.1:8888")
    header.show_presenting(True)
    assert header.state.isVisible()
    assert header.url.isVisible()
    assert header.hint.isVisible()
    assert not header.settings.isVisible()
    header.show_presenting(False)
    assert header.settings.isVisible()
    assert not header.hint.isVisible()


def test_frozen_is_said(qtbot: QtBot, header: Header) -> None:
    """By a sign beside the state, or by its button where there is no room for one."""
    header.show_frozen(True)
    assert header.frozen.isVisible()
    assert header.freeze.isChecked()
    header.window().resize(860, 56)
    qtbot.waitUntil(lambda: not header.frozen.isVisible())
    assert header.freeze.isChecked()
    header.window().resize(1280, 56)
    qtbot.waitUntil(header.frozen.isVisible)
    header.show_frozen(False)
    assert not header.frozen.isVisible()
    assert not header.freeze.isChecked()


@pytest.mark.parametrize("width", [860, 1280, 1920])
def test_nothing_moves_whatever_is_said(qtbot: QtBot, header: Header, width: int) -> None:
    header.window().resize(width, 56)
    places = set()
    for state, model, url in (
        (ProcessState.STOPPED, "", ""),
        (ProcessState.RUNNING, "epoll", "http://127.0.0.1:8888"),
        (ProcessState.SWITCHING, "Non-blocking + keep-alive", "http://[2001:db8:1111:2222:3333:4444:5555:6666]:50123"),
    ):
        for marked in (False, True):
            header.show_state(state, model)
            header.show_url(url)
            header.show_frozen(marked)
            header.show_recording(marked)
            qtbot.wait(20)
            assert header.width() == width
            moving = (header.url, header.copy, header.open, header.freeze, header.theme, header.settings, header.toggle)
            places.add(tuple(each.geometry().getRect() for each in moving))
    assert len(places) == 1
    assert header.rect().contains(header.toggle.geometry())


def test_of_a_long_address_both_ends_are_seen(header: Header) -> None:
    header.show_url("http://[2001:db8:1111:2222:3333:4444:5555:6666]:50123")
    shown = header.url.shown
    assert shown.startswith("http://[")
    assert shown.endswith(":50123")
    assert header.url.text() in header.url.toolTip()
