"""The top row."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui import appearance, formatting
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


@pytest.mark.parametrize(
    ("first", "second", "said", "brief"),
    [
        (ProcessState.RUNNING, ProcessState.RUNNING, "Running · Threads ‖ epoll", "Threads ‖ epoll"),
        (ProcessState.RUNNING, ProcessState.STARTING, "Running · Threads ‖ Starting epoll …", "Threads ‖ epoll"),
        (ProcessState.STOPPED, ProcessState.STOPPING, "Stopped ‖ Stopping epoll …", "Threads ‖ epoll"),
        (ProcessState.RUNNING, ProcessState.STOPPED, "Running · Threads", "Running · Threads"),
    ],
)
def test_the_state_says_what_runs_on_both_sides(
    header: Header, first: ProcessState, second: ProcessState, said: str, brief: str
) -> None:
    header.show_state(first, "Threads", second, "epoll")
    assert header.state.text == header.state.toolTip() == said
    assert formatting.shortest(header.state.shown) == brief


def test_in_a_replay_it_says_what_the_replay_shows(header: Header) -> None:
    header.show_replay(["Threads", "epoll"])
    header.show_state(ProcessState.RUNNING, "gevent")  # runs meanwhile, unseen
    assert header.state.text == "Replay · Threads ‖ epoll"
    assert header.toggle.accessibleName() == "Leave"
    assert not header.open.isEnabled(), "what was recorded can't be opened"
    header.show_replay([])
    assert header.state.text == "Replay · nothing runs"
    header.show_replay(None)
    header.show_state(ProcessState.RUNNING, "gevent")
    assert header.state.text == "Running · gevent"
    assert header.toggle.accessibleName() == "Stop"


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


ICONS = ("freeze", "theme", "record", "play", "picture", "second", "present", "settings")


def test_icons_have_words_where_there_is_room_and_else_a_tooltip_at_once(
    qtbot: QtBot, header: Header, monkeypatch: pytest.MonkeyPatch
) -> None:
    tips: list[str] = []
    monkeypatch.setattr("gui.controls.QToolTip.showText", lambda _, text, __: tips.append(text))
    buttons = [getattr(header, name) for name in ICONS]
    for width, worded in ((880, set()), (2400, set(ICONS))):
        header.window().resize(width, 56)
        qtbot.waitUntil(lambda width=width: header.width() == width)
        assert {name for name in ICONS if getattr(header, name).has_word} == worded
        assert all(button.text().strip() for button in buttons), "a word for each"
        tips.clear()
        for button in buttons:
            QApplication.sendEvent(button, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
        assert tips == ([] if worded else [button.toolTip() for button in buttons])


def test_icons_stand_in_groups(header: Header) -> None:
    places = [getattr(header, name).geometry() for name in ICONS]
    gaps = [after.left() - before.right() for before, after in itertools.pairwise(places)]
    far = [number for number, gap in enumerate(gaps, 1) if gap > 2 * min(gaps)]
    assert far == [2, 5, 7], "view, data, class, settings"


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("name", ["theme", "second"])
def test_a_menu_that_was_closed_leaves_its_button_as_it_was(qtbot: QtBot, header: Header, name: str) -> None:
    button = getattr(header, name)
    before = button.grab().toImage()
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as Qt leaves it
    QTimer.singleShot(50, button.menu().close)
    button.showMenu()
    assert not button.isDown()
    assert button.grab().toImage() == before


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
