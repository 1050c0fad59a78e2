"""Two models side by side: two engines under the same load at once, on one clock."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui.runs.processes import ProcessState
from gui.window import Window
from tests.gui.conftest import RATE

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 40_000


@pytest.fixture
def pair(qtbot: QtBot, open_window: Open) -> Window:
    """A window with threads and epoll side by side, both answering the same load."""
    window = open_window(model="thread", clients=4, rate=RATE)
    window.header.second_requested.emit("epoll")
    window.session.toggle_load()
    histories = (window.live.first, window.live.second)
    qtbot.waitUntil(lambda: all(each.clients.answered_per_second() > 0 for each in histories), timeout=PATIENCE_MS)
    return window


@pytest.mark.slow
def test_both_are_measured_and_neither_was_alone(qtbot: QtBot, pair: Window) -> None:
    session = (pair.session.first, pair.session.second)
    assert [run.ready and run.ready.model for run in session] == ["thread", "epoll"]
    assert len({run.url for run in session}) == 2
    qtbot.waitUntil(lambda: all(run.measurement.row() for run in session), timeout=PATIENCE_MS)
    pair.show_view("scoreboard")
    qtbot.waitUntil(lambda: sum(line.growing for line in pair.scoreboard.table.lines) == 2, timeout=PATIENCE_MS)
    growing = [line.entry.row.model for line in pair.scoreboard.table.lines if line.growing and line.entry]
    assert growing == ["thread", "epoll"], "while they run"
    qtbot.waitUntil(lambda: pair.header.state.text == "Running · Threads ‖ epoll", timeout=PATIENCE_MS)
    pair.session.toggle()
    qtbot.waitUntil(lambda: len(pair.scoreboard_data.entries) == 2, timeout=PATIENCE_MS)
    rows = [entry.row for entry in pair.scoreboard_data.entries]
    assert {row.model for row in rows} == {"thread", "epoll"}
    assert rows[0].conditions == rows[1].conditions
    assert not rows[0].conditions.alone
    qtbot.waitUntil(lambda: pair.session.second.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
    assert pair.session.second.load.state in (ProcessState.STOPPED, ProcessState.STOPPING)


def test_the_views_show_the_one_that_is_picked(qtbot: QtBot, pair: Window) -> None:
    assert [button.text().strip() for button in pair.pair.buttons] == ["Threads", "epoll"]
    qtbot.mouseClick(pair.pair.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pair.requests.table.rowCount() > 0, timeout=PATIENCE_MS)
    assert pair.requests.table.index(0, 3).data() == "loop"
    pair.show_view("timeline")
    lanes = pair.live.second.lanes
    qtbot.waitUntil(lambda: bool(lanes.connections() and pair.timeline.canvas.rows.rows), timeout=PATIENCE_MS)

    pair.session.set_second_model("")
    qtbot.waitUntil(lambda: pair.session.second.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
    assert not pair.pair.isVisible()
    pair.show_view("requests")
    qtbot.waitUntil(lambda: str(pair.requests.table.index(0, 3).data()).startswith("thread"), timeout=PATIENCE_MS)


def test_two_timelines_are_on_one_clock(qtbot: QtBot, pair: Window) -> None:
    pair.resize(1280, 720)
    qtbot.mouseClick(pair.pair.both, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(pair.tabs.views_of("timeline")) == 2, timeout=PATIENCE_MS)
    first, second = pair.tabs.views_of("timeline")
    qtbot.waitUntil(lambda: bool(first.canvas.rows.rows and second.canvas.rows.rows), timeout=PATIENCE_MS)
    assert (first.name.text(), second.name.text()) == ("Threads", "epoll")
    assert first.name.isVisible()
    assert second.name.isVisible()
    pair.toggle_freeze()
    canvases = (first.canvas, second.canvas)
    assert len({each.edge for each in canvases}) == 1
    assert len({each._area.left() for each in canvases}) == 1, "the same moment stands in line"
    canvases[1].zoom(0.5)
    canvases[0].shift(-0.3)
    assert len({(each.edge, each.span) for each in canvases}) == 1
    assert canvases[0].span == canvases[1].span == 1.0
    assert not first.follow.isChecked()
    pair.show_view("source")
    one, other = pair.tabs.views_of("source")
    qtbot.waitUntil(lambda: (one.title.text(), other.title.text()) == ("thread.py", "epoll.py"), timeout=PATIENCE_MS)
    qtbot.mouseClick(pair.pair.buttons[0], Qt.MouseButton.LeftButton)
    assert len(pair.tabs.views_of("timeline")) == 1
    assert not first.name.isVisible()


def test_the_first_is_switched_and_the_other_goes_on(qtbot: QtBot, pair: Window) -> None:
    other = pair.session.second.engine.pid
    pair.session.choose("gevent")
    qtbot.waitUntil(
        lambda: pair.session.first.ready is not None and pair.session.first.ready.model == "gevent", timeout=PATIENCE_MS
    )
    assert pair.session.second.engine.pid == other
    pair.session.choose("epoll")
    assert pair.session.second_model == "", "a model does not stand beside itself"
    qtbot.waitUntil(
        lambda: pair.session.first.ready is not None and pair.session.first.ready.model == "epoll", timeout=PATIENCE_MS
    )
    qtbot.waitUntil(lambda: pair.session.second.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_both_serve_the_same_folder(qtbot: QtBot, pair: Window, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("another site")
    pair.apply(replace(pair.settings, root=str(tmp_path)))
    session = (pair.session.first, pair.session.second)
    qtbot.waitUntil(
        lambda: all(run.ready is not None and run.ready.root == str(tmp_path) for run in session),
        timeout=PATIENCE_MS,
    )


@pytest.mark.slow
def test_one_that_dies_leaves_the_other_alone(qtbot: QtBot, pair: Window) -> None:
    first = pair.session.first.engine.pid
    assert pair.session.second.engine.pid
    os.kill(pair.session.second.engine.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: pair.session.second_model == "" and pair.notice.isVisible(), timeout=PATIENCE_MS)
    assert not pair.notice.button.isVisible(), "nothing that would be done to the first one"
    assert pair.session.first.engine.pid == first
    pair.session.set_second_model("gevent")
    qtbot.waitUntil(lambda: pair.session.second.ready is not None, timeout=PATIENCE_MS)


def test_no_model_stands_beside_itself(window: Window) -> None:
    window.session.set_second_model(window.settings.model)
    assert window.session.second_model == ""


@pytest.mark.slow
def test_a_load_that_is_wanted_again_while_it_ends_comes_back(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="thread", clients=4)
    load = window.session.first.load
    window.session.toggle_load()
    qtbot.waitUntil(lambda: load.state is ProcessState.RUNNING, timeout=PATIENCE_MS)
    window.session.toggle_load()
    assert load.state is ProcessState.STOPPING
    window.session.toggle_load()
    qtbot.waitUntil(lambda: load.state is ProcessState.RUNNING, timeout=PATIENCE_MS)


def test_a_pair_is_replayed_as_a_pair(qtbot: QtBot, pair: Window, tmp_path: Path) -> None:
    pair.recording.record(tmp_path / "pair.servescope", {})
    log = pair.live.second.server.log
    before = log.total
    qtbot.waitUntil(lambda: log.total > before + 100, timeout=PATIENCE_MS)
    with qtbot.waitSignal(pair.recording.recorder.ended, timeout=PATIENCE_MS):
        pair.recording.stop_recording()
    pair.session.toggle()
    qtbot.waitUntil(lambda: pair.session.second.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
    pair.recording.play(tmp_path / "pair.servescope")
    qtbot.waitUntil(lambda: pair.shown is not pair.live and pair.pair.isVisible(), timeout=PATIENCE_MS)
    qtbot.mouseClick(pair.pair.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pair.requests.table.rowCount() > 0, timeout=PATIENCE_MS)
    assert pair.requests.table.index(0, 3).data() == "loop"
    pair.recording.leave()
    assert not pair.pair.isVisible()


@pytest.mark.slow
def test_a_model_beside_itself_is_told_apart_by_what_differs(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="asyncio", keep_alive=True, clients=3)
    window.session.choose_second("asyncio?to_thread")
    window.session.start()
    qtbot.waitUntil(lambda: all(run.ready is not None for run in window.session.both), timeout=PATIENCE_MS)
    assert [bool(run.ready and run.ready.settings["to_thread"]) for run in window.session.both] == [False, True]
    qtbot.waitUntil(lambda: window.pair.isVisible(), timeout=PATIENCE_MS)
    assert [button.text().strip() for button in window.pair.buttons] == ["asyncio", "asyncio · in a thread"]
    qtbot.waitUntil(
        lambda: window.header.state.text == "Running · asyncio ‖ asyncio · in a thread", timeout=PATIENCE_MS
    )
    tile = window.tiles.all["connections"]
    qtbot.waitUntil(lambda: tile.text.other_title == "in a thread", timeout=PATIENCE_MS)
    window.session.choose("thread")
    assert window.session.second_model == "", "the setting is one of the other model's"


@pytest.mark.slow
def test_a_model_with_a_mistake_stands_beside_itself_as_taught(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="asyncio", keep_alive=True, clients=3)
    window.session.choose_mistake("blocking-call")
    window.session.choose_second("asyncio")
    window.session.start()
    qtbot.waitUntil(lambda: all(run.ready is not None for run in window.session.both), timeout=PATIENCE_MS)
    assert [run.ready.mistake for run in window.session.both if run.ready] == ["blocking-call", ""]
    qtbot.waitUntil(lambda: window.pair.isVisible(), timeout=PATIENCE_MS)
    titles = [button.text().strip() for button in window.pair.buttons]
    assert titles[0].startswith("asyncio ✗ ")
    assert titles[1] == "asyncio"
    window.session.choose_mistake("")
    assert window.session.second_model == "", "nothing differs any more"


def test_what_runs_beside_with_a_switch_has_the_mistake_too(open_window: Open) -> None:
    session = open_window(model="thread").session
    session._active_settings.override(mistake="one-recv")
    session.choose_second("thread?all_cores")
    assert session._second_settings().mistake == "one-recv"
    assert not session.is_compared_with_right
    session.choose_second("thread")
    assert session._second_settings().mistake == ""
    assert session.is_compared_with_right
