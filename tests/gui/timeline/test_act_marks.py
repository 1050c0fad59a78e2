"""Marks of what was done by hand: on the lane of its connection, or of the worker that serves it, at its moment."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.telemetry import wire
from engine.telemetry.wire import Span
from gui import appearance
from gui.by_hand.words import mark_lines
from gui.history.by_hand import Act
from gui.history.histories import RunHistory
from gui.panels.timeline import TimelinePanel
from gui.timeline.act_marks import QUEUE, ActMark
from gui.timeline.rows import LaneRow
from tests.ready import a_ready

NOW = 100.0


def accepted(history: RunHistory, connection: int, worker: int, port: int, time: float) -> None:
    """The connection, from the client at `port`, whose worker reads at once and waits for more."""
    history.receive_engine(wire.Opened([wire.Opening(time, connection, f"127.0.0.1:{port}", 0)]))
    rows = [
        Span(0, connection, "accept", 10, time - 0.001, time, 0),
        Span(worker, connection, "recv", 20, time, time + 0.001, 5),
    ]
    history.receive_engine(wire.Spans(rows))


def by_hand(history: RunHistory, client: int, port: int, time: float) -> None:
    address = f"127.0.0.1:{port}"
    history.by_hand.receive(Act(time, client, "opened", client_address=address, server_address="127.0.0.1:8888"))
    history.by_hand.receive(Act(time + 0.2, client, "sent", b"GET /\r\n", 7))


def shown(qtbot: QtBot, theme: appearance.Theme, model: str) -> tuple[RunHistory, TimelinePanel]:
    history = RunHistory(lambda: NOW)
    history.receive_engine(a_ready(model, 1.0))
    panel = TimelinePanel(history.lanes, history.request_text)
    qtbot.addWidget(panel)
    panel.set_theme(theme)
    panel.resize(1_000, 500)
    panel.show_run(history)
    panel.show()
    by_hand(history, 2, 4002, NOW - 1.501)
    for number in range(1, 4):
        accepted(history, number, number, 4000 + number, NOW - 1.5)
    panel.draw(NOW)
    return history, panel


@pytest.fixture
def threads(qtbot: QtBot, themed: appearance.Theme) -> Iterator[tuple[RunHistory, TimelinePanel]]:
    history, panel = shown(qtbot, themed, "thread")
    yield history, panel
    panel.close()


def marks(panel: TimelinePanel) -> list[ActMark]:
    panel.canvas.select(0)  # as time stands still, nothing else draws it again
    return panel.canvas.by_hand.marks


def test_they_are_on_the_lane_of_the_worker_or_of_the_connection(threads: tuple[RunHistory, TimelinePanel]) -> None:
    _, panel = threads
    assert [mark.act.kind for mark in marks(panel)] == ["opened", "sent"]
    rows = panel.canvas.rows
    assert {mark.row for mark in marks(panel)} == {rows.row_of(2)}
    assert rows.rows[marks(panel)[0].row] == LaneRow(True, 2)
    panel.connections.click()
    assert rows.rows[marks(panel)[0].row] == LaneRow(False, 2)


def test_they_stand_at_their_moment_and_say_what_was_done(
    qtbot: QtBot, threads: tuple[RunHistory, TimelinePanel]
) -> None:
    _, panel = threads
    canvas = panel.canvas
    sent = marks(panel)[1]
    place = canvas._mark_place(sent)
    assert canvas._moment(place.x()) == pytest.approx(NOW - 1.301, abs=0.01)
    assert canvas.by_hand.at(place, canvas._mark_place) == sent
    assert canvas.by_hand.at(place + QPointF(40, 0), canvas._mark_place) is None
    assert mark_lines(sent.client, sent.act) == ["client 2 sent 7 bytes", "GET /\\r\\n"]


def test_its_lane_has_its_name(threads: tuple[RunHistory, TimelinePanel]) -> None:
    _, panel = threads
    panel.draw(NOW)
    labels = panel.canvas._labels
    assert labels[LaneRow(True, 2)] == ("thread 2", "client 2 by hand")
    assert labels[LaneRow(True, 3)] == ("thread 3", "connection 3")


def test_a_loop_has_them_in_the_only_lane(qtbot: QtBot, themed: appearance.Theme) -> None:
    _, panel = shown(qtbot, themed, "epoll")
    panel.workers.click()
    assert [mark.row for mark in marks(panel)] == [0, 0]
    panel.close()


def test_one_that_is_not_accepted_yet_is_before_accept(threads: tuple[RunHistory, TimelinePanel]) -> None:
    history, panel = threads
    by_hand(history, 5, 4999, NOW - 1.0)
    assert [mark.client.number for mark in marks(panel)] == [2, 2], "there is no lane for it"
    for time in (NOW - 1.2, NOW - 0.5):
        history.receive_engine(wire.Counters(time, 3, 3, 0, 0, 0, 0, 1, 1, queued=1))
    assert [mark.row for mark in marks(panel) if mark.client.number == 5] == [QUEUE, QUEUE]
    accepted(history, 9, 9, 4999, NOW - 0.6)
    panel.canvas.select(0)
    assert {mark.row for mark in marks(panel) if mark.client.number == 5} == {panel.canvas.rows.row_of(9)}


def test_its_lane_is_seen_however_many_others_are_busy(threads: tuple[RunHistory, TimelinePanel]) -> None:
    history, panel = threads
    for number in range(10, 60):
        accepted(history, number, number, 5000 + number, NOW - 1.2)
    panel.canvas.select(0)
    panel.draw(NOW)
    assert panel.canvas.rows.hidden
    assert panel.canvas.rows.row_of(2) > 0


def test_they_can_be_seen(threads: tuple[RunHistory, TimelinePanel], themed: appearance.Theme) -> None:
    _, panel = threads
    sent = marks(panel)[1]
    picture = panel.canvas.grab().toImage()
    place = panel.canvas._mark_place(sent)
    ratio = panel.canvas.devicePixelRatioF()
    colour = picture.pixelColor(round(place.x() * ratio), round((place.y() - 1) * ratio))
    assert colour.name() == themed.text
