"""A client by hand in the window, on real engines: what it does is what the server sees, and is marked on its lane."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from engine.telemetry import wire
from gui.by_hand.escapes import parsed
from gui.history.by_hand import LISTED, Act, ClientByHand
from gui.panels.by_hand import ByHandPanel
from gui.runs.processes import ProcessState
from gui.timeline.act_marks import ActMark
from gui.timeline.rows import LaneRow
from gui.window import Window
from tests.engine.client import CHANGING, Client
from tests.gui.test_window_views import PATIENCE_MS, running, until_spans_are_told

Open: TypeAlias = Callable[..., Window]
MODELS = ["thread", pytest.param("epoll", marks=pytest.mark.slow), pytest.param("nonblocking", marks=pytest.mark.slow)]


class Hand:
    """What a person does in the panel, and what is known of it."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot, self.window = qtbot, window
        window.show_view("timeline")
        window.timeline.canvas.zoom(100)  # as long as can be, or a slow machine would have moved a mark out of sight
        if window.by_hand.dock.isHidden():
            window.activateWindow()
            qtbot.keyClick(window, Qt.Key.Key_C)
        assert window.by_hand.dock.isVisible()

    @property
    def panel(self) -> ByHandPanel:
        return self.window.by_hand.panel

    @property
    def client(self) -> ClientByHand:
        client = self.panel.client
        assert client
        return client

    def until(self, look: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(look()), timeout=PATIENCE_MS)

    def open(self) -> ClientByHand:
        self.window.by_hand.draw()
        self.panel.open.click()
        client = self.client
        self.until(lambda: client.state != "opened")
        return client

    def send(self, key: str) -> None:
        self.panel.payload.setCurrentIndex(self.panel.payload.findData(key))
        self.panel.payload.activated.emit(self.panel.payload.currentIndex())
        self.panel.send.click()

    def until_kind(self, client: ClientByHand, *kinds: str) -> None:
        self.until(lambda: any(act.kind in kinds for act in client.acts))
        self.window.by_hand.draw()

    def marks(self, client: ClientByHand, kind: str) -> list[ActMark]:
        marks = self.window.timeline.canvas.by_hand.marks
        return [mark for mark in marks if mark.client is client and mark.act.kind == kind]

    def lane(self, mark: ActMark) -> LaneRow:
        return self.window.timeline.canvas.rows.rows[mark.row]


@pytest.fixture
def hand(qtbot: QtBot, open_window: Open) -> Callable[..., Hand]:
    def opened(**given: object) -> Hand:
        window = open_window(**given)
        running(qtbot, window)
        until_spans_are_told(qtbot, window)
        return Hand(qtbot, window)

    return opened


def received(client: ClientByHand) -> bytes:
    return b"".join(act.data for act in client.acts if act.kind == "received")


def steady(reply: bytes) -> bytes:
    """A reply without what differs each time."""
    return b"\r\n".join(line for line in reply.split(b"\r\n") if not line.startswith(CHANGING))


@pytest.mark.parametrize("model", MODELS)
def test_what_came_back_is_what_another_client_gets(hand: Callable[..., Hand], model: str) -> None:
    here = hand(model=model, keep_alive=False)
    ready = here.window.session.first.ready
    assert ready
    client = here.open()
    here.send("whole")
    here.until_kind(client, "ended")
    with Client((ready.host, ready.port)) as witness:
        witness.send(parsed(here.panel.text.toPlainText()))
        expected = witness.rest()
    assert steady(received(client)) == steady(expected)
    shown = here.panel.transcript.toPlainText().split("\n")
    assert "HTTP/1.1 200 OK\\r\\n" in shown
    assert shown[-1].endswith("← The server has ended its side")


def test_half_a_head_holds_a_worker_and_is_marked_on_its_lane(hand: Callable[..., Hand]) -> None:
    here = hand(model="thread")
    client, lanes = here.open(), here.window.live.first.lanes
    here.send("half")
    here.until(lambda: client.connection and here.marks(client, "sent"))
    here.until(lambda: client.connection in lanes.slow() or lanes.served_by(client.connection) > 0)
    worker = lanes.served_by(client.connection)
    assert worker > 0
    here.until(lambda: here.lane(here.marks(client, "sent")[0]) == LaneRow(True, worker))
    other = here.open()
    here.send("whole")
    here.until(lambda: b"200 OK" in received(other))
    here.until(lambda: here.marks(other, "sent"))
    assert received(client) == b"", "the first one's worker waits still"
    assert worker in lanes.workers()
    here.panel.choose(client.number)
    here.send("rest")
    here.until(lambda: b"200 OK" in received(client))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["iterative", "epoll", "nonblocking"])
def test_half_a_head_stops_those_who_serve_one_after_the_other(hand: Callable[..., Hand], model: str) -> None:
    here = hand(model=model)
    client = here.open()
    here.send("half")
    here.until(lambda: client.connection)
    other = here.open()
    here.send("whole")
    if model == "iterative":
        here.until(lambda: any(queued for _, queued in here.window.live.first.lanes.queue))
        here.qtbot.wait(500)
        assert received(other) == b""
    else:
        here.until(lambda: b"\r\n\r\n" in received(other))
        here.window.timeline.connections.click()
        here.until(lambda: here.marks(other, "sent"))
        here.until(lambda: here.lane(here.marks(other, "sent")[0]) == LaneRow(False, other.connection))
    assert received(client) == b""
    here.panel.choose(client.number)
    here.send("rest")
    here.until(lambda: b"\r\n\r\n" in received(client) and b"\r\n\r\n" in received(other))


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_reset_is_one_for_the_server(hand: Callable[..., Hand], model: str) -> None:
    here = hand(model=model)
    spans: list[wire.Span] = []
    here.window.session.first.message_arrived.connect(
        lambda _, message: spans.extend(message.rows if isinstance(message, wire.Spans) else [])
    )
    client = here.open()
    here.panel.send_byte.click()
    here.until(lambda: client.connection)
    here.panel.reset.click()
    assert client.state == "reset"
    assert "Reset the connection" in here.panel.transcript.toPlainText()

    here.until(lambda: any(span.connection == client.connection and span.bytes == wire.DISCONNECTED for span in spans))
    here.until(lambda: here.marks(client, "reset"))


def test_a_server_that_stops_ends_its_connections(hand: Callable[..., Hand]) -> None:
    here = hand(model="thread")
    client = here.open()
    here.send("half")
    here.window.session.toggle()
    here.until(lambda: here.window.session.first.engine.state is ProcessState.STOPPED)
    assert client.is_over
    assert any(act.kind in ("ended", "was-reset") for act in client.acts), "as the kernel says it"
    here.window.by_hand.draw()
    assert not here.panel.open.isEnabled()
    assert here.panel.note.text() == "No server runs: start one first."
    assert "←" in here.panel.transcript.toPlainText().rsplit("\n", 1)[-1]


@pytest.mark.slow
def test_connections_to_the_model_before_are_over(hand: Callable[..., Hand]) -> None:
    here = hand(model="thread")
    client = here.open()
    here.window.session.choose("epoll")
    here.until(lambda: client.is_over)
    here.until(lambda: here.window.live.first.lanes.model == "epoll")
    until_spans_are_told(here.qtbot, here.window)
    assert client.connection == 0
    other = here.open()
    here.send("whole")
    here.until(lambda: b"200 OK" in received(other))
    here.until(lambda: here.marks(other, "sent"))
    assert here.marks(client, "opened") == []


@pytest.mark.slow
def test_of_two_side_by_side_it_is_the_one_that_is_shown(hand: Callable[..., Hand]) -> None:
    here = hand(model="thread")
    session = here.window.session
    session.set_second_model("epoll")
    here.until(lambda: session.second.ready)
    here.window.picture.show_run()
    here.window.pair.buttons[1].click()
    second = session.second.ready
    assert second
    client = here.open()
    assert client.server_address.endswith(f":{second.port}")
    here.send("whole")
    here.until(lambda: b"200 OK" in received(client))
    here.until(lambda: here.window.live.second.server.log.total == 1)
    here.window.pair.buttons[0].click()
    here.window.by_hand.draw()
    assert here.panel.client is None, "it has none to this one"


@pytest.mark.slow
def test_there_are_at_most_eight(hand: Callable[..., Hand]) -> None:
    here = hand(model="epoll")
    for _ in range(LISTED):
        here.open()
    here.window.by_hand.draw()
    assert not here.panel.open.isEnabled()
    assert here.panel.note.text() == "8 are open, and no more can be: close one first."
    here.panel.close_one.click()
    here.window.by_hand.draw()
    assert here.panel.open.isEnabled()


def test_a_recording_has_what_was_done(hand: Callable[..., Hand], tmp_path: Path) -> None:
    here = hand(model="thread")
    window = here.window
    before = here.open()
    window.recording.record(tmp_path / "hand.servescope", {})
    client = here.open()
    here.send("whole")
    here.until(lambda: client.connection and b"200 OK" in received(client))
    here.panel.reset.click() if not client.is_over else None
    here.qtbot.wait(300)
    with here.qtbot.waitSignal(window.recording.recorder.ended, timeout=PATIENCE_MS):
        window.recording.stop_recording()
    window.recording.play(tmp_path / "hand.servescope")
    replay = window.recording.replay
    assert replay
    replay.seek(replay.seconds)
    here.until(lambda: window.shown is not window.live and not replay._coming)
    shown = window.shown.first.by_hand

    def facts(acts: list[Act]) -> list[tuple[float, str, bytes]]:
        return [(act.time, act.kind, act.data) for act in acts]

    assert facts(shown.clients[client.number].acts) == facts(client.acts)
    assert shown.clients[client.number].connection == client.connection
    assert shown.clients[before.number].connection == before.connection, "it was open when the recording began"
    window.by_hand.draw()
    assert not here.panel.open.isEnabled()
    assert here.panel.note.text() == "This is a replay: it shows what was done."
    assert "HTTP/1.1 200 OK" in here.panel.transcript.toPlainText()
    here.until(lambda: {mark.client.number for mark in window.timeline.canvas.by_hand.marks} >= {client.number})


@pytest.mark.slow
def test_it_stands_where_it_was_closed(qtbot: QtBot, open_window: Open, store: QSettings) -> None:
    window = open_window()
    assert window.by_hand.dock.isHidden()
    assert not window.header.by_hand.isChecked()
    qtbot.mouseClick(window.header.by_hand, Qt.MouseButton.LeftButton)
    assert window.by_hand.dock.isVisible()
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.by_hand.dock)
    window.close()
    other = open_window()
    assert other.by_hand.dock.isVisible()
    assert other.dockWidgetArea(other.by_hand.dock) == Qt.DockWidgetArea.BottomDockWidgetArea
    assert other.header.by_hand.isChecked()
    qtbot.mouseClick(other.header.by_hand, Qt.MouseButton.LeftButton)
    assert other.by_hand.dock.isHidden()


def test_the_timeline_is_seen_beside_it_on_a_projector(qtbot: QtBot, open_window: Open) -> None:
    window = open_window()
    window.resize(1280, 720)
    side, canvas = window._side, window.timeline.canvas
    assert side.isVisible()
    qtbot.mouseClick(window.header.by_hand, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not side.isVisible(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: canvas.width() > 850, timeout=PATIENCE_MS)
    assert not canvas.visibleRegion().isEmpty()
    assert canvas.visibleRegion().boundingRect().width() == canvas.width(), "all of it"
    window.resize(1600, 900)
    qtbot.waitUntil(side.isVisible, timeout=PATIENCE_MS)
    window.resize(1280, 720)
    qtbot.mouseClick(window.header.by_hand, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(side.isVisible, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_one_that_is_held_keeps_a_worker_in_send(hand: Callable[..., Hand]) -> None:
    here = hand(model="thread")
    client, lanes = here.open(), here.window.live.first.lanes
    here.panel.hold.click()
    here.send("large")
    here.until(lambda: client.connection)

    def stands_in_send() -> bool:
        worker = lanes._known.workers.get(lanes.served_by(client.connection))
        activity = worker.activity if worker else None
        return activity is not None and activity.call == "send" and lanes._known.reported - activity.since > 0.5

    here.until(stands_in_send)
    assert received(client) == b""
    here.panel.hold.click()
    here.until(lambda: client.received > 1 << 20)
