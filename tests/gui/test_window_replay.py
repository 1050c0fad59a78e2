"""The window records what it shows, and shows it again; meanwhile what runs goes on unseen."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
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
    window.show_view("timeline")
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


@pytest.mark.slow
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


PNG, SVG = ("Picture (*.png)", b"\x89PNG"), ("Drawing that can be scaled (*.svg)", b"<?xml")


@pytest.fixture
def name_file(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Lets the user name these files one after the other, with a kind; the names that were proposed."""

    def prepare(kind: str, *paths: Path) -> list[str]:
        proposed: list[str] = []
        answers = [*((str(path), kind) for path in paths), ("", "")]

        def ask(parent: QWidget, title: str, proposal: str, kinds: str) -> tuple[str, str]:
            assert kind in kinds
            proposed.append(proposal)
            return answers[len(proposed) - 1]

        monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
        return proposed

    return prepare


def test_the_plots_are_saved_where_the_user_says_and_that_is_said(
    window: Window, tmp_path: Path, qtbot: QtBot, name_file: Callable[..., list[str]]
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, (kind, begin), written in (
        ("a", PNG, "a.png"),
        ("b.svg", PNG, "b.svg"),
        ("C.SVG", PNG, "C.SVG"),
        ("run 1.5", SVG, "run 1.5.svg"),
        ("d.jpg", PNG, "d.jpg.png"),
    ):
        proposed = name_file(kind, folder / name)
        qtbot.mouseClick(window.header.picture, Qt.MouseButton.LeftButton)
        data = (folder / written).read_bytes()
        assert data.startswith(SVG[1] if written.lower().endswith("svg") else begin), written
        assert written in window.notice.title.text()
        assert str(folder) in window.notice.text.text()
        assert re.fullmatch(r"servescope-plots-\d{4}-\d\d-\d\d-\d{6}\.png", Path(proposed[0]).name)
    assert Path(proposed[0]).parent == folder, "the next one is proposed where the last one went"


def test_no_file_is_replaced_unless_the_user_says_so(
    window: Window, tmp_path: Path, qtbot: QtBot, name_file: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog asks for the name that was typed, and nobody for the one that it becomes with its ending."""
    (tmp_path / "a.png").write_bytes(b"mine")
    for answer, left in ((QMessageBox.StandardButton.No, b"mine"), (QMessageBox.StandardButton.Yes, b"\x89PNG")):
        asked: list[str] = []

        def replace(parent: QWidget, title: str, text: str, asked: list[str] = asked, answer: Any = answer) -> Any:
            asked.append(text)
            return answer

        monkeypatch.setattr(QMessageBox, "question", replace)
        proposed = name_file(PNG[0], tmp_path / "a")
        qtbot.mouseClick(window.header.picture, Qt.MouseButton.LeftButton)
        assert (tmp_path / "a.png").read_bytes().startswith(left)
        assert len(asked) == 1
        assert "a.png" in asked[0]
    assert len(proposed) == 1


def caption_of(window: Window, path: Path) -> str:
    """What is written in a picture of the plots."""
    window.files.draw(path)
    root = ElementTree.fromstring(path.read_text("utf-8"))
    return "\n".join("".join(each.itertext()).strip() for each in root.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.slow
def test_a_picture_says_what_ran_under_which_load_and_when(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    window = open_window(model="thread", workload="waiting-work", clients=3, slow=1, rate=40)
    assert "No load" not in caption_of(window, tmp_path / "empty.svg")
    running(qtbot, window)
    qtbot.waitUntil(lambda: "thread" in window.plots.models, timeout=PATIENCE_MS)
    said = caption_of(window, tmp_path / "quiet.svg")
    assert "Running: Threads · a connection per request" in said
    assert "No load of this program" in said
    window.session.toggle_load()
    qtbot.waitUntil(lambda: window.live.first.clients.change is not None, timeout=PATIENCE_MS)
    said = caption_of(window, tmp_path / "loaded.svg")
    load = "Waiting work · 3 clients · 1 slow client · open loop at 40/s · 100 ms of work · Connections: kept"
    assert f"Load: {load}" in said
    assert re.search(r"ServeScope · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", said)
    window.toggle_freeze()
    window.session.toggle()
    qtbot.waitUntil(lambda: not window.live.is_running, timeout=PATIENCE_MS)
    assert f"Load: {load}" in caption_of(window, tmp_path / "frozen.svg"), "as it was when the picture was frozen"
    window.toggle_freeze()
    assert f"Load, ended: {load}" in caption_of(window, tmp_path / "ended.svg")


@pytest.mark.slow
def test_a_picture_of_a_replay_says_so(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    seen_to_the_end(qtbot, window, VERSION_1)
    said = caption_of(window, tmp_path / "replay.svg")
    with closing(Recording(VERSION_1)) as recording:
        begun = datetime.fromtimestamp(recording.header.begin + recording.header.clock)
    assert f"replay of “{VERSION_1.name}” · {begun:%Y-%m-%d}" in said
    assert {"Threads", "epoll"} <= set(said.splitlines()), "the legend"


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
    assert states["thread"] == worked | {LaneState.FREE, LaneState.BLOCKED_BY_CLIENT, LaneState.NOT_KNOWN}

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
