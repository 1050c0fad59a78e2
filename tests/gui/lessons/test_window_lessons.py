"""A lesson in the window: by keys and clicks, nothing seen before a guess, and everything as before when it is left."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from PySide6.QtCore import QLocale, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.lab.measurement import LAG
from gui.lessons.flow import Stage, Verdict
from gui.runs.processes import ProcessState
from gui.window import Window

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 90_000
LONGEST = "closed-and-open-loop"


@pytest.fixture
def chinese() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    yield
    QLocale.setDefault(before)


def crowded(window: Window) -> list[str]:
    """The texts of the band that have too little room."""
    window.centralWidget().layout().activate()
    window.lessons.band.layout().activate()
    labels = (each for each in window.lessons.band.findChildren(QLabel) if each.isVisible() and each.wordWrap())
    found = []
    for label in labels:
        room = QRect(0, 0, label.width(), 10_000)
        needed = QFontMetrics(label.font()).boundingRect(room, Qt.TextFlag.TextWordWrap, label.text())
        if needed.height() > label.height() + 1:
            found.append(label.text())
    return found


@pytest.mark.parametrize(
    "size",
    [(1000, 620), *(pytest.param(each, marks=pytest.mark.slow) for each in ((1280, 720), (1920, 1080)))],
    ids=str,
)
def test_each_text_has_room(window: Window, request: pytest.FixtureRequest, size: tuple[int, int]) -> None:
    lessons = window.lessons
    for language in ("en", "zh"):
        if language == "zh":
            request.getfixturevalue("chinese")
        window.resize(*size)
        for key, _ in lessons.offered():
            lessons.open(key)
            flow = lessons.flow
            assert flow
            heights = set()
            for flow.stage in Stage:
                figures = {run.name: dict.fromkeys(flow.lesson.figures(), 12345.678) for run in flow.lesson.runs}
                flow.verdict = Verdict(figures, None)
                lessons._draw()
                assert crowded(window) == [], (key, language, flow.stage)
                heights.add(lessons.band.height())
            assert len(heights) == 1, "nothing below moves from step to step"
            assert max(heights) < 200
    lessons.leave()


def test_keys_guess_and_nothing_is_seen_before(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="thread", workload="browser", clients=7)
    window.header.lessons_wanted.emit()
    actions = window.header.lessons.menu().actions()
    assert [action.data() for action in actions] == [key for key, _ in window.lessons.offered()]
    window.header.lesson_requested.emit("waiting-page")
    flow = window.lessons.flow
    assert flow
    assert window.lessons.curtain.isVisible()
    assert window.lessons.curtain.geometry() == window._seen.geometry()
    assert not window.lessons.band.action.isEnabled()
    qtbot.keyClick(window.lessons.band, Qt.Key.Key_2)
    assert (flow.guess, window.settings.model) == (1, "thread")
    assert window.lessons.band.answers[1].isChecked()
    qtbot.mouseClick(window.lessons.band.answers[2], Qt.MouseButton.LeftButton)
    assert flow.guess == 2
    assert window.lessons.band.action.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.lessons.flow is None
    assert not window.lessons.band.isVisible()
    assert not window.lessons.curtain.isVisible()
    assert (window.settings.model, window.settings.workload, window.settings.clients) == ("thread", "browser", 7)


def test_what_is_not_there_is_said(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = window.lessons.lessons["waiting-page"]
    monkeypatch.setattr(type(lesson), "missing", lambda self: ["fastest"])
    window.open_lesson("waiting-page")
    assert window.lessons.flow is None
    assert "fastest" in window.notice.text.text()
    assert window.lessons.offered() == []


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_lesson_from_the_guess_to_the_reason(qtbot: QtBot, open_window: Open) -> None:
    """Three clicks: open, guess, run. Its rows are not for the scoreboard, and afterwards all is as before."""
    window = open_window(model="gevent", clients=7)
    session, lessons = window.session, window.lessons
    session.set_second_model("thread")
    lessons.open("waiting-page")
    flow = lessons.flow
    assert flow
    qtbot.keyClick(lessons.band, Qt.Key.Key_3)
    qtbot.keyClick(lessons.band, Qt.Key.Key_Return)
    assert not lessons.curtain.isVisible()
    qtbot.waitUntil(lambda: session.trials is not None and session.trials.number == 2, timeout=PATIENCE_MS)
    assert window.settings.model == "epoll"
    qtbot.waitUntil(lambda: flow.stage is Stage.REVEAL, timeout=PATIENCE_MS)
    assert flow.verdict
    assert flow.verdict.shown == 2, flow.verdict
    assert flow.is_right
    assert lessons.band.text.text().startswith("Right.")
    assert "ms" in lessons.band.text.text()
    assert lessons.band.answers[2].accessibleName().startswith("Measured: ")
    qtbot.keyClick(lessons.band, Qt.Key.Key_Return)
    assert "one after the other" in lessons.band.text.text()
    qtbot.mouseClick(lessons.band.show_source, Qt.MouseButton.LeftButton)
    assert window.tabs.shown == "source"
    line = window.source.view.textCursor().blockNumber() + 1
    assert lessons.band.source.text().startswith(f"epoll.py:{line} ")
    assert session.first.load.state is ProcessState.RUNNING, "to try it oneself"
    qtbot.waitUntil(lambda: session.first.measurement.row() is not None, timeout=PATIENCE_MS)
    qtbot.keyClick(lessons.band, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: session.first.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
    assert (window.settings.model, window.settings.clients, session.second_model) == ("gevent", 7, "thread")
    assert session.second.engine.state is ProcessState.STOPPED
    qtbot.wait(round(2 * LAG * 1000))
    assert window.scoreboard_data.entries == []


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_lesson_is_cancelled_by_what_the_user_does(qtbot: QtBot, window: Window) -> None:
    window.open_lesson("busy-loop")
    flow = window.lessons.flow
    assert flow
    window.lessons.choose(0)
    window.lessons.act()
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.RUNNING, timeout=PATIENCE_MS)
    qtbot.mouseClick(window.header.toggle, Qt.MouseButton.LeftButton)
    assert flow.stage is Stage.ASK
    assert window.session.trials is None
    window.lessons.act()
    assert flow.stage is Stage.RUN
    window.lessons.back()
    assert flow.stage is Stage.ASK
    window.lessons.leave()
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
