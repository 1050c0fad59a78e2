"""The window records what it shows, and shows it again; meanwhile what runs goes on unseen."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.runs.processes import State
from gui.window import Window
from tests.gui.test_window_views import PATIENCE_MS, running, until_spans_are_told
from tests.gui.witness import get

Open: TypeAlias = Callable[..., Window]


def record(qtbot: QtBot, window: Window, path: Path, monkeypatch: pytest.MonkeyPatch, replies: int = 5) -> None:
    """Records an engine's start, some replies and its end, by the window's buttons."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "Recordings (*.servescope)"))
    qtbot.mouseClick(window.header.record, Qt.MouseButton.LeftButton)
    assert window.header.recording.isVisibleTo(window)
    _, port = running(qtbot, window)
    until_spans_are_told(qtbot, window)
    assert [get(port).status for _ in range(replies)] == [200] * replies
    qtbot.waitUntil(lambda: window.live.first.record.log.total == replies, timeout=PATIENCE_MS)
    window.benches.toggle()
    qtbot.waitUntil(lambda: window.benches.first.engine.state is State.STOPPED, timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.tape.recorder.ended, timeout=PATIENCE_MS):
        qtbot.mouseClick(window.header.record, Qt.MouseButton.LeftButton)
    assert not window.header.recording.isVisibleTo(window)


def test_what_was_recorded_is_seen_again(
    qtbot: QtBot, open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lesson.servescope"
    first = open_window(model="gevent")
    record(qtbot, first, path, monkeypatch)
    first.close()

    window = open_window(model="epoll")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(window.header.play, Qt.MouseButton.LeftButton)
    assert window.replay_bar.isVisibleTo(window)
    window.replay_bar.speed_requested.emit(16.0)
    qtbot.waitUntil(lambda: window.requests.table.rowCount() == 5, timeout=PATIENCE_MS)
    assert window.requests.table.index(0, 4).data() == "GET /"
    replay = window.tape.replay
    assert replay
    qtbot.waitUntil(lambda: not replay.is_playing, timeout=PATIENCE_MS)
    assert window.shown is not window.live
    assert window.shown.first.lanes.model == "gevent", "the spans were recorded as well"
    assert window.shown.first.lanes.between(0.0, float("inf")).size
    window.tabs.setCurrentWidget(window.timeline)
    qtbot.waitUntil(lambda: bool(window.timeline.canvas.rows.rows), timeout=PATIENCE_MS)

    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert replay.is_playing, "from the begin again"
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not replay.is_playing
    assert not window.frozen
    replay.seek(0.0)
    qtbot.waitUntil(lambda: window.shown.first.record.log.total == 0, timeout=PATIENCE_MS)

    window.replay_bar.leave_requested.emit()
    assert window.shown is window.live
    assert window.requests.table.rowCount() == 0
    assert not window.replay_bar.isVisibleTo(window)
    assert window.board.entries == []


def test_a_start_ends_the_replay(
    qtbot: QtBot, open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(model="thread")
    record(qtbot, window, tmp_path / "a.servescope", monkeypatch)
    window.tape.play(tmp_path / "a.servescope")
    qtbot.waitUntil(lambda: window.shown is not window.live, timeout=PATIENCE_MS)
    _, port = running(qtbot, window)
    assert window.tape.replay is None
    assert window.shown is window.live
    assert get(port).status == 200
    qtbot.waitUntil(lambda: window.requests.table.rowCount() == 6, timeout=PATIENCE_MS)


def test_what_is_no_recording_is_named(window: Window, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    window.tape.play(tmp_path / "notes.txt")
    assert "notes.txt" in window.notice.title.text()
    assert window.tape.replay is None
    window.tape.record(tmp_path / "missing" / "a.servescope", {})
    assert "a.servescope" in window.notice.title.text()
    assert not window.header.recording.isVisibleTo(window)


def test_the_plots_are_saved(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    for name, kind, begin in (("a", "Picture (*.png)", b"\x89PNG"), ("b.svg", "Drawing (*.svg)", b"<?xml")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, n=name, k=kind: (str(tmp_path / n), k))
        qtbot.mouseClick(window.header.picture, Qt.MouseButton.LeftButton)
        assert (tmp_path / name).with_suffix(kind[-5:-1]).read_bytes().startswith(begin)
