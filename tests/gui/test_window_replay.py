"""The window records what it shows, and shows it again; meanwhile what runs goes on unseen."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.telemetry import wire
from engine.traits import Traits
from gui.history.histories import RunHistory
from gui.history.intervals import STATE, LaneState
from gui.history.lanes import Lanes
from gui.recording.file import Recording
from gui.runs.processes import ProcessState
from gui.runs.streams import ENGINE
from gui.window import Window
from tests.gui.recording.test_file import BEGIN, CLOCK, run, write
from tests.gui.test_window_views import PATIENCE_MS, running, until_spans_are_told
from tests.gui.witness import get
from tests.ready import a_ready

Open: TypeAlias = Callable[..., Window]


def record(qtbot: QtBot, window: Window, path: Path, monkeypatch: pytest.MonkeyPatch, replies: int = 5) -> None:
    """Records an engine's start, some replies and its end, by the window's buttons."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "Recordings (*.servescope)"))
    qtbot.mouseClick(window.header.record, Qt.MouseButton.LeftButton)
    assert window.header.recording.isVisibleTo(window)
    _, port = running(qtbot, window)
    until_spans_are_told(qtbot, window)
    assert [get(port).status for _ in range(replies)] == [200] * replies
    qtbot.waitUntil(lambda: window.live.first.server.log.total == replies, timeout=PATIENCE_MS)
    window.session.toggle()
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.recording.recorder.ended, timeout=PATIENCE_MS):
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
    replay = window.recording.replay
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
    assert not window.picture.is_frozen
    replay.seek(0.0)
    qtbot.waitUntil(lambda: window.shown.first.server.log.total == 0, timeout=PATIENCE_MS)

    window.replay_bar.leave_requested.emit()
    assert window.shown is window.live
    assert window.requests.table.rowCount() == 0
    assert not window.replay_bar.isVisibleTo(window)
    assert window.scoreboard_data.entries == []


def test_a_start_ends_the_replay(
    qtbot: QtBot, open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(model="thread")
    record(qtbot, window, tmp_path / "a.servescope", monkeypatch)
    window.recording.play(tmp_path / "a.servescope")
    qtbot.waitUntil(lambda: window.shown is not window.live, timeout=PATIENCE_MS)
    _, port = running(qtbot, window)
    assert window.recording.replay is None
    assert window.shown is window.live
    assert get(port).status == 200
    qtbot.waitUntil(lambda: window.requests.table.rowCount() == 6, timeout=PATIENCE_MS)


def test_the_frame_of_a_replay_is_the_replays(qtbot: QtBot, open_window: Open) -> None:
    """What runs meanwhile is neither said nor stopped by a button that seems to be the replay's."""
    window = open_window(model="gevent", clients=3, workload="browser")
    running(qtbot, window)
    window.show_view("timeline")
    qtbot.waitUntil(lambda: window.timeline.canvas._tick_text(window.timeline.canvas.edge) == "now")
    window.recording.play(VERSION_1)
    qtbot.waitUntil(lambda: window.header.state.text == "Replay · epoll", timeout=PATIENCE_MS)
    assert window.cards.cards["epoll"].isChecked()
    assert not window.load_panel.toggle.isEnabled()
    replay = window.recording.replay
    assert replay
    qtbot.waitUntil(lambda: window.load_panel.toggle.accessibleName() == "Stop load", timeout=PATIENCE_MS)
    assert window.load_panel.clients.exact.value() == 4
    assert ":" in window.timeline.canvas._tick_text(window.timeline.canvas.edge), "a time of day, not now"
    replay.seek(next(moment for moment, model in replay.recording.marks() if model == "thread") + 1)
    qtbot.waitUntil(lambda: window.cards.cards["thread"].isChecked(), timeout=PATIENCE_MS)

    qtbot.mouseClick(window.header.toggle, Qt.MouseButton.LeftButton)
    assert window.recording.replay is None
    assert window.session.first.engine.state is ProcessState.RUNNING, "what was not seen was not stopped"
    assert window.header.state.text == "Running · Greenlets"
    assert window.cards.cards["gevent"].isChecked()
    assert window.load_panel.clients.exact.value() == 3
    assert window.load_panel.toggle.isEnabled()

    window.recording.play(VERSION_1)
    qtbot.waitUntil(lambda: window.shown is not window.live, timeout=PATIENCE_MS)
    qtbot.mouseClick(window.cards.cards["epoll"], Qt.MouseButton.LeftButton)
    assert window.recording.replay is None
    assert window.settings.model == "epoll"


def test_what_is_no_recording_is_named(window: Window, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    window.recording.play(tmp_path / "notes.txt")
    assert "notes.txt" in window.notice.title.text()
    assert window.recording.replay is None
    window.recording.record(tmp_path / "missing" / "a.servescope", {})
    assert "a.servescope" in window.notice.title.text()
    assert not window.header.recording.isVisibleTo(window)


def test_the_plots_are_saved(window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    for name, kind, begin in (("a", "Picture (*.png)", b"\x89PNG"), ("b.svg", "Drawing (*.svg)", b"<?xml")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, n=name, k=kind: (str(tmp_path / n), k))
        qtbot.mouseClick(window.header.picture, Qt.MouseButton.LeftButton)
        assert (tmp_path / name).with_suffix(kind[-5:-1]).read_bytes().startswith(begin)


VERSION_1 = Path(__file__).with_name("version-1.servescope")
"""Three seconds of epoll, then of threads, each with four clients and a slow sender, as version 1 wrote them."""


def seen_to_the_end(qtbot: QtBot, window: Window, path: Path) -> RunHistory:
    """What a window shows that has played a recording, and each of its views was looked at."""
    window.recording.play(path)
    qtbot.waitUntil(lambda: window.shown is not window.live, timeout=PATIENCE_MS)
    replay = window.recording.replay
    assert replay
    window.replay_bar.speed_requested.emit(16.0)
    for view in range(window.tabs.count()):
        window.tabs.setCurrentIndex(view)
        assert not window.grab().isNull()
    qtbot.waitUntil(lambda: not replay.is_playing, timeout=PATIENCE_MS)
    return window.shown.first


def test_a_recording_of_version_1_plays_and_what_it_does_not_tell_is_not_known(qtbot: QtBot, window: Window) -> None:
    with closing(Recording(VERSION_1)) as recording:
        assert recording.header.wire == 1
        assert [model for _, model in recording.marks()] == ["epoll", "", "thread", ""]
        looks: dict[str, Lanes] = {}
        lanes = Lanes()
        for event in recording.events():
            if event.stream == ENGINE:
                lanes.receive(event.message)
                if isinstance(event.message, wire.Stopped):
                    looks[lanes.model], lanes = lanes, Lanes()
    assert {key: each.traits for key, each in looks.items()} == {
        "epoll": Traits("loop", "poller", "many", "first"),
        "thread": Traits("thread", "call", "one", "first"),
    }
    states = {key: set(each.between(0.0, float("inf"))[STATE]) for key, each in looks.items()}
    worked = {LaneState.WAITING, LaneState.ACCEPTING, LaneState.READING, LaneState.HANDLING, LaneState.WRITING}
    assert states["epoll"] == worked | {LaneState.RUNNABLE, LaneState.NOT_KNOWN}, "when bytes came"
    assert states["thread"] == worked | {LaneState.BLOCKED_BY_CLIENT, LaneState.NOT_KNOWN}

    history = seen_to_the_end(qtbot, window, VERSION_1)
    rows = [history.server.log.row(number) for number in range(history.server.log.total)]
    assert {row.traits.worker for row in rows} == {"loop", "thread"}
    assert history.lanes.traits.worker == "thread"


def test_a_server_that_is_not_in_the_table_is_shown(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    path = tmp_path / "guest.servescope"
    entries = run(BEGIN, 2)
    guest = a_ready("shop", BEGIN, clock=CLOCK, traits=Traits())
    amended = wire.Amended(BEGIN + 1, Traits("thread", "call", "many", "first"))
    activities = wire.Activities(BEGIN + 1.2, [wire.Activity(1, 1, "recv", 20, BEGIN + 0.5)])
    entries[0] = (ENGINE, BEGIN, guest)
    entries += [(ENGINE, BEGIN + 1, amended), (ENGINE, BEGIN + 1.2, activities)]
    write(path, sorted(entries, key=lambda entry: entry[1]))
    history = seen_to_the_end(qtbot, window, path)
    assert history.server.ready
    assert history.server.ready.traits == amended.traits
    row = history.server.log.row(0)
    assert row.traits.worker_name(row.worker) == "acceptor"
    qtbot.waitUntil(lambda: window.source.title.text() == "shop", timeout=PATIENCE_MS)
    with closing(Recording(path)) as recording:
        assert [model for _, model in recording.marks()] == ["shop"], "what is known now is no other engine"
