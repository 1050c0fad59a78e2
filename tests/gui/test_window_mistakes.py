"""A mistake in the window: chosen, marked, shown by its load, said in words, and gone with the next model."""

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.lab.session import Trial
from engine.mistakes import MISTAKES, mistakes_of
from engine.models import MODELS
from gui.panels.source import AS_IT_IS_RIGHT
from gui.runs.processes import ProcessState
from gui.runs.trials import LessonRunner
from gui.window import Window
from tests.gui.conftest import RATE

PATIENCE = 30_000
"""Milliseconds within which anything that works has happened, however busy the machine."""

WORDS = {
    "no-waitpid": "zombie",
    "joinall": "one after the other",
    "patched-late": "0 of 8 answered",
    "drops-the-rest": "% arrived",
    "equals-epollin": "polls a second for",
}
"""What the sentence says while it is proven."""


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def choose(window: Window, key: str) -> None:
    """As the user does in the list of mistakes."""
    picker = window.cards.mistakes.list
    picker.setCurrentIndex(picker.findData(key))
    picker.activated.emit(picker.currentIndex())


def runs_with(window: Window, key: str) -> bool:
    ready = window.live.first.server.ready
    return window.session.first.engine.state is ProcessState.RUNNING and ready is not None and ready.mistake == key


def test_it_is_marked_wherever_the_name_stands(qtbot: QtBot, open_window: Callable[..., Window]) -> None:
    window = open_window(model="gevent", workload="visitors", clients=2, rate=RATE)
    window.session.start()
    until(qtbot, lambda: runs_with(window, ""))
    choose(window, "joinall")
    title = "Greenlets ✗ joinall in the accept loop"
    assert window.cards.cards["gevent"].accessibleName().startswith(title)
    assert window.notice.notice
    until(qtbot, lambda: runs_with(window, "joinall"))
    assert window.header.state.text == f"Running · {title}"
    assert window.live.first.server.segments(window.live.first.server.ready.time)[-1].mistake == "joinall"  # type: ignore[union-attr]

    window.show_view("source")
    until(qtbot, lambda: window.source.title.text() == "joinall.py")
    window.source.compare.setChecked(True)
    assert window.source.other.currentData() == AS_IT_IS_RIGHT
    wrong = [line.text for line in window.source.diff.right.lines if line.sign]
    assert any("joinall" in line for line in wrong)

    window.session.choose("thread")
    assert window.settings.mistake == ""
    until(qtbot, lambda: runs_with(window, "") and window.source.title.text() == "thread.py")
    assert window.header.state.text == "Running · Threads"
    assert window.cards.cards["gevent"].accessibleName().startswith("Greenlets, ")


@pytest.mark.parametrize("key", [key for key, each in MISTAKES.items() if not each.model])
def test_lines_of_the_server_are_shown_beside_the_right_ones(open_window: Callable[..., Window], key: str) -> None:
    window = open_window(model="thread", mistake=key)
    assert window.source.compare.isChecked()
    assert {line.sign for side in (window.source.diff.left, window.source.diff.right) for line in side.lines} > {""}


@pytest.mark.slow
@pytest.mark.parametrize("key", WORDS)
def test_one_click_shows_it_and_words_say_it_with_the_mistake_alone(
    qtbot: QtBot, open_window: Callable[..., Window], key: str
) -> None:
    mistake = MISTAKES[key]
    if mistake not in mistakes_of(MODELS[mistake.model]):
        pytest.skip("this system can't run it")
    window = open_window(model=mistake.model)
    window.show_view("timeline")
    choose(window, key)
    window.cards.mistakes.show_it.click()
    settings: dict[str, Any] = {name: getattr(window.settings, name) for name in mistake.load}
    assert settings == mistake.load
    until(qtbot, lambda: runs_with(window, key))
    until(qtbot, lambda: WORDS[key] in window.timeline.sentence.text())

    choose(window, "")
    until(qtbot, lambda: runs_with(window, ""))
    until(qtbot, lambda: (last := window.live.first.server.counters) and last.requests > 20)
    qtbot.wait(4000)  # longer than what is looked back on
    assert window.live.first.server.consequence() is None
    if key != "joinall":
        assert WORDS[key] not in window.timeline.sentence.text()


def test_two_clicks_put_the_right_one_beside_it(qtbot: QtBot, open_window: Callable[..., Window]) -> None:
    window = open_window(model="epoll" if "epoll" in MODELS and MODELS["epoll"].available() else "thread")
    key = next(each.key for each in mistakes_of(MODELS[window.settings.model]) if each.own_port is False)
    assert not window.cards.mistakes.compare.isEnabled()
    choose(window, key)
    window.cards.mistakes.compare.click()
    session, model = window.session, window.settings.model
    until(qtbot, lambda: runs_with(window, key))
    until(
        qtbot,
        lambda: session.second.ready and (session.second.ready.model, session.second.ready.mistake) == (model, ""),
    )
    until(qtbot, lambda: all(run.load.state is ProcessState.RUNNING for run in session.both))
    assert {name: getattr(window.settings, name) for name in MISTAKES[key].load} == MISTAKES[key].load
    until(qtbot, lambda: window.pair.isVisible())
    wrong, right = window.pair.buttons
    assert "✗" in wrong.text()
    assert "color" in wrong.styleSheet(), "its name is red"
    assert "✗" not in right.text()
    assert not right.styleSheet()

    session.choose(model)
    assert session.second_model == model, "chosen already"
    choose(window, "")
    assert session.second_model == "", "no model stands beside itself"
    until(qtbot, lambda: session.second.engine.state is ProcessState.STOPPED)


@pytest.mark.slow
def test_a_port_that_is_kept_is_refused_once(qtbot: QtBot, open_window: Callable[..., Window]) -> None:
    window = open_window(model="thread", mistake="no-reuseaddr")
    window.cards.mistakes.show_it.click()
    until(qtbot, lambda: runs_with(window, "no-reuseaddr"))
    until(qtbot, lambda: (last := window.live.first.server.counters) and last.requests > 20)
    window.session.start()
    until(qtbot, lambda: window.session.first.engine.state is ProcessState.STOPPED)
    assert window.notice.notice
    assert "SO_REUSEADDR" in window.notice.notice.text
    window.session.start()
    until(qtbot, lambda: runs_with(window, "no-reuseaddr"))


def test_a_lesson_does_not_take_the_usual_port_with_a_mistake_that_keeps_it(window: Window) -> None:
    """It has to be there for what runs next."""
    window.session._active_settings.override(port=8888)
    asked: list[int] = []
    window.session.run_trial = lambda settings: asked.append(settings.port)  # type: ignore[method-assign]
    runner = LessonRunner(window.session)
    for serve in ({}, {"mistake": "joinall"}, {"mistake": "no-reuseaddr"}):
        runner.start(Trial("gevent", 1.0, serve=serve))
    assert asked == [8888, 8888, 0]
