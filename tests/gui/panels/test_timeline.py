"""The Timeline tab: which lanes have a row, what a pixel shows, and what the panel does with a mouse and a keyboard."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.telemetry import wire
from engine.telemetry.wire import Span
from gui import appearance
from gui.history.histories import RunHistory
from gui.history.intervals import BEGIN, END, FIELDS, STATE, LaneState
from gui.history.lanes import Lanes
from gui.history.shapes import Staircase
from gui.panels.strip import RunStrip
from gui.panels.timeline import TimelinePanel
from gui.timeline import raster
from gui.timeline.canvas import HANDFUL, LONGEST, SHORTEST
from gui.timeline.legend import state_words
from gui.timeline.rows import FIRST, REST, LaneRow, LaneRows
from tests.gui.pixels import colours
from tests.gui.stories import ask_slowly, at_once, telling
from tests.ready import a_ready

NOW = 100.0


def started(model: str = "thread") -> Lanes:
    lanes = Lanes()
    lanes.receive(a_ready(model, 0.0, pid=99))
    return lanes


def serve(lanes: Lanes, worker: int, begin: float, seconds: float) -> None:
    """One request of the worker's connection, handled for so long."""
    end = begin + seconds
    rows = [
        Span(0, worker, "accept", 10, begin - 1e-4, begin, 0),
        Span(worker, worker, "recv", 20, begin, begin + 1e-5, 50),
        Span(worker, worker, "send", 21, end, end + 1e-5, 2_345),
    ]
    lanes.receive(wire.Spans(rows))


@pytest.fixture
def lanes() -> Lanes:
    lanes = started()
    for worker in range(1, 6):
        serve(lanes, worker, NOW - 1 + worker / 10, 0.05 * worker)
    return lanes


@pytest.fixture
def panel(qtbot: QtBot, themed: appearance.Theme, lanes: Lanes) -> Iterator[TimelinePanel]:
    panel = TimelinePanel(lanes, lambda connection, moment: f"GET /{connection}")
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1_000, 500)
    panel.show()
    panel.draw(NOW)
    yield panel
    panel.close()


def place_of(panel: TimelinePanel, worker: int, moment: float) -> QPoint:
    """Where a worker's lane is at a moment."""
    canvas = panel.canvas
    row = canvas.rows.rows.index(LaneRow(True, worker))
    y = canvas._top(row) + canvas._row_height / 2
    return QPointF(canvas._x(moment), y).toPoint()


def middle(worker: int) -> float:
    """When the worker was handling."""
    return NOW - 1 + worker / 10 + 0.025 * worker


# ---- which lanes


def chosen(rows: LaneRows, lanes: Lanes, count: int, selected: int = 0, begin: float = NOW - 2) -> list[LaneRow]:
    rows.choose(lanes, lanes.between(begin, NOW), begin, NOW, count, True, selected)
    return rows.rows


def test_the_busiest_have_a_row_and_the_others_are_counted(lanes: Lanes) -> None:
    rows = LaneRows()
    assert chosen(rows, lanes, 4) == [FIRST, LaneRow(True, 4), LaneRow(True, 5), REST]
    assert rows.hidden == 3
    assert chosen(LaneRows(), lanes, 6) == [FIRST, *(LaneRow(True, worker) for worker in range(1, 6))]


def test_who_is_selected_has_a_row(lanes: Lanes) -> None:
    assert LaneRow(True, 1) in chosen(LaneRows(), lanes, 4, selected=1)


def test_a_lane_keeps_its_row_until_it_folds_away(lanes: Lanes) -> None:
    rows = LaneRows()
    before = chosen(rows, lanes, 4)
    serve(lanes, 9, NOW - 0.9, 0.8)
    assert chosen(rows, lanes, 4) == before, "who comes later moves nobody"
    for worker in (4, 5):
        lanes.receive(wire.Spans([Span(worker, worker, "close", 1, NOW, NOW, 0)]))
    after = chosen(rows, lanes, 4, begin=NOW - 0.15)
    assert LaneRow(True, 9) in after
    assert LaneRow(True, 4) not in after


def test_slow_clients_have_a_row_although_they_are_not_busy(lanes: Lanes) -> None:
    lanes.receive(
        wire.Spans(
            [
                Span(7, 7, "recv", 20, NOW - 1, NOW - 0.99999, 1),
                Span(7, 7, "recv", 20, NOW - 0.6, NOW - 0.59999, 1),
            ]
        )
    )
    assert lanes.slow() == {7: "sender"}
    assert LaneRow(True, 7) in chosen(LaneRows(), lanes, 4)


def test_workers_that_do_not_overlap_share_a_row(themed: appearance.Theme) -> None:
    """With a worker for each of many short connections all are seen, and nobody moves when more come."""
    lanes = started()
    for worker in range(1, 61):
        begin = NOW - 2 + worker * 0.03
        serve(lanes, worker, begin, 0.05)
        lanes.receive(wire.Spans([Span(worker, worker, "close", 22, begin + 0.051, begin + 0.051, 0)]))
    rows = LaneRows()
    shown = chosen(rows, lanes, 5)
    assert REST not in shown
    assert len(shown) == 3, "two at a time"
    assert sum(rows.sharing(row) for row in shown[1:]) == 60
    places = {worker: rows.row_of(worker) for worker in range(1, 61)}
    for worker in (61, 62, 63):
        serve(lanes, worker, NOW - 0.05, 0.02)
    chosen(rows, lanes, 5)
    assert {worker: rows.row_of(worker) for worker in range(1, 61)} == places
    placed, table = rows.place(lanes.between(NOW - 2, NOW))
    for row in range(1, len(rows.rows)):
        mine = table[:, (placed == row) & (table[STATE] == LaneState.HANDLING)]
        order = mine[BEGIN].argsort()
        assert (mine[END][order][:-1] <= mine[BEGIN][order][1:]).all()


def test_the_newest_come_first_where_there_is_not_room_for_all() -> None:
    lanes = started()
    for worker in range(1, 41):
        serve(lanes, worker, NOW - 1.5 + worker * 0.03, 1.0)
    rows = LaneRows()
    assert [row.number for row in chosen(rows, lanes, 6)] == [0, 37, 38, 39, 40, 0]
    assert rows.hidden == 36


def test_who_was_not_yet_born_has_no_row(lanes: Lanes) -> None:
    serve(lanes, 9, NOW - 0.1, 0.05)
    rows = LaneRows()
    rows.choose(lanes, lanes.between(NOW - 2, NOW - 0.5), NOW - 2, NOW - 0.5, 20, True, 0)
    assert LaneRow(True, 9) not in rows.rows
    assert LaneRow(True, 3) in rows.rows


@pytest.mark.parametrize("of_workers", [True, False])
def test_all_the_others_together_are_drawn_up_to_now(
    qtbot: QtBot, panel: TimelinePanel, lanes: Lanes, of_workers: bool
) -> None:
    held = [wire.Activity(worker, worker, "", 21, NOW) for worker in range(1, 6)]
    for worker in range(1, 6):
        lanes.receive(wire.Spans([Span(worker, worker, "recv", 20, NOW - 1e-5, NOW, 50)]))
    lanes.receive(wire.Activities(NOW + 1, held, NOW + 1))
    panel.resize(1_000, 190)
    panel.canvas.show_workers(of_workers)
    panel.draw(NOW + 1.2)
    canvas = panel.canvas
    assert canvas.rows.rows[-1] == REST
    together = canvas._pieces[:, canvas._places == len(canvas.rows.rows) - 1]
    handled = together[:, together[STATE] == LaneState.HANDLING]
    assert handled[END].max() == pytest.approx(NOW + 0.95)
    assert (handled[END] == handled[END].max()).sum() == canvas.rows.hidden


def test_of_many_lanes_a_handful_is_shown_until_more_are_wanted(
    qtbot: QtBot, panel: TimelinePanel, lanes: Lanes
) -> None:
    canvas = panel.canvas
    assert not panel.many.isVisible(), "there is no room for more"
    usual = canvas._row_height
    for worker in range(6, 61):
        lanes.receive(wire.Spans([Span(worker, worker, "recv", 20, NOW - 0.5, NOW - 0.4, 50)]))
    panel.resize(1_000, 1_300)
    panel.draw(NOW + 0.1)
    assert len(canvas.rows.rows) == HANDFUL
    assert canvas.rows.rows[-1] == REST
    own = {worker for worker in range(1, 61) if canvas.rows.row_of(worker) >= 0}
    assert canvas.rows.hidden == 60 - len(own)
    assert canvas._labels[REST][0] == f"and {canvas.rows.hidden} more"
    assert canvas._row_height > usual, "there is room"
    qtbot.mouseClick(panel.many, Qt.MouseButton.LeftButton)
    assert len(canvas.rows.rows) > HANDFUL
    assert canvas._row_height == usual
    qtbot.mouseClick(panel.many, Qt.MouseButton.LeftButton)
    assert len(canvas.rows.rows) == HANDFUL


def test_clients_that_turn_out_to_be_slow_move_nobody_if_some_of_them_have_a_row() -> None:
    lanes = started()
    for worker in range(1, 11):
        lanes.receive(wire.Spans([Span(worker, worker, "recv", 20, NOW - 1, NOW - 0.99999, 1)]))
    rows = LaneRows()
    before = chosen(rows, lanes, 6)
    for worker in (1, 10, 2, 3, 4, 5, 6, 7, 8, 9):
        lanes.receive(wire.Spans([Span(worker, worker, "recv", 20, NOW - 0.6, NOW - 0.59999, 1)]))
    assert len(lanes.slow()) == 10
    assert chosen(rows, lanes, 6) == before


# ---- what a pixel shows


def pixels(table: list[tuple[LaneState, float, float]], columns: int = 10) -> raster.Pixels:
    """The one row of these pieces, from 0 to 10 seconds, without stripes."""
    array = np.ones((FIELDS, len(table)))
    array[2:5] = np.array(table).T
    parts = raster.shares(np.zeros(len(table), dtype=np.intp), array, 1, columns, 0.0, 10.0)
    stripes = np.zeros((20, columns), dtype=np.uint8)
    return raster.drawn(parts, 20, stripes, -1, np.zeros(0, dtype=np.intp))[0]


def test_a_state_fills_the_columns_that_it_lasted() -> None:
    shown = pixels([(LaneState.READING, 2.0, 4.0), (LaneState.WRITING, 4.0, 5.0)])
    assert (shown[:, 2:4] == LaneState.READING).all()
    assert (shown[:, 4] == LaneState.WRITING).all()
    assert (shown[:, 6:] == raster.NOTHING).all(), "a band that is nowhere"


def test_states_share_a_column_as_they_shared_its_time() -> None:
    shown = pixels([(LaneState.READING, 2.0, 2.25), (LaneState.HANDLING, 2.25, 3.0)])
    assert ((shown[:, 2] == LaneState.READING).sum(), (shown[:, 2] == LaneState.HANDLING).sum()) == (5, 15)


def test_the_shortest_is_seen_and_the_fuller_is_the_higher() -> None:
    heights = []
    for seconds in (1e-4, 0.4, 1.0):
        shown = pixels([(LaneState.WAITING, 0.0, 10.0), (LaneState.READING, 2.0, 2.0 + seconds)])
        heights.append(int((shown[:, 2] == LaneState.READING).sum()))
        assert (shown[:, 5] == raster.WAITING).all()
    assert 0 < heights[0] < heights[1] < heights[2] == 20


def test_what_is_out_of_sight_is_not_drawn() -> None:
    shown = pixels([(LaneState.READING, -5.0, -1.0), (LaneState.WRITING, 11.0, 12.0)])
    assert (shown == raster.NOTHING).all()


# ---- the panel


def test_colours_are_those_of_the_legend(panel: TimelinePanel, themed: appearance.Theme) -> None:
    shown = colours(panel.canvas.grab().toImage())
    assert {themed.state_colour("handling"), themed.state_colour("accepting")} <= shown.keys()
    assert themed.state_colour("blocked_by_client") not in shown
    assert {themed.state_colour("not_known")} <= shown.keys(), "what follows the last call"
    for state in LaneState:
        assert state_words(state) in panel.legend.accessibleDescription()
    assert themed.state_colour("runnable") in colours(panel.legend.grab().toImage())


def test_what_is_proven_is_said_above_the_lanes(panel: TimelinePanel, lanes: Lanes) -> None:
    assert panel.sentence.text() == "", "it is not known what handling went into"
    samples = [wire.HandlingSample(n, n, NOW + 1, NOW + 1.3, 0.0, 0.3) for n in (1, 2, 3)]
    lanes.receive(wire.HandlingSamples(samples))
    for worker in (1, 2, 3):
        serve(lanes, worker, NOW + 1, 0.3)
    panel.draw(NOW + 3)
    assert panel.sentence.text().startswith("3 threads wait in a call at the same time")
    panel.shape_at = lambda now: ("", Staircase(8, 0.5, NOW))
    panel.draw(NOW + 3.1)
    assert "steps" not in panel.sentence.text(), "there was no time to read what is said yet"
    panel.draw(NOW + 9)
    assert panel.sentence.text().startswith("one after the other: 8 steps")


def test_pointing_says_what_handling_went_into(panel: TimelinePanel, lanes: Lanes) -> None:
    sample = wire.HandlingSample(1, 1, NOW + 1, NOW + 1.3, 0.09, 0.06)
    lanes.receive(wire.HandlingSamples([sample]))
    serve(lanes, 1, NOW + 1, 0.3)
    panel.draw(NOW + 2)
    piece = panel.canvas.piece_at(QPointF(place_of(panel, 1, NOW + 1.15)))
    assert piece
    said, *_ = panel.canvas.description(piece)
    assert said == "Handling · 300 ms: computing 90.0 ms, waiting in a call 60.0 ms, not running 150 ms"


def test_dark_is_dark(panel: TimelinePanel, qapp: QApplication) -> None:
    appearance.apply_theme(qapp, appearance.DARK)
    panel.set_theme(appearance.DARK)
    image = panel.canvas.grab().toImage()
    assert image.pixelColor(2, 2).lightness() < 90
    assert appearance.DARK.state_colour("handling") in colours(image)


def test_pointing_says_who_what_when_and_where(panel: TimelinePanel) -> None:
    position = place_of(panel, 3, middle(3))
    piece = panel.canvas.piece_at(position.toPointF())
    assert piece
    assert (piece.worker, piece.connection, piece.state) == (3, 3, LaneState.HANDLING)
    said = "\n".join(panel.canvas.description(piece))
    for fact in ("Handling", "150 ms", "thread 3", "connection 3", "GET /3", "from "):
        assert fact in said
    written = panel.canvas.piece_at(place_of(panel, 3, NOW - 0.7 + 0.15).toPointF())
    assert written
    assert "2,345 bytes" in "\n".join(panel.canvas.description(written))
    assert "thread.py, line 21" in "\n".join(panel.canvas.description(written))
    assert panel.canvas.piece_at(place_of(panel, 3, NOW - 1.9).toPointF()) is None


def test_a_click_selects_the_connection(qtbot: QtBot, panel: TimelinePanel, themed: appearance.Theme) -> None:
    with qtbot.waitSignal(panel.connection_selected) as selected:
        qtbot.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=place_of(panel, 4, middle(4)))
    assert selected.args == [4, pytest.approx(middle(4), abs=0.05)]
    before = colours(panel.canvas.grab().toImage())
    panel.select(4)
    assert themed.accent in colours(panel.canvas.grab().toImage()).keys() - before.keys()
    assert panel.follow.isChecked(), "a click moves nothing"


def test_dragging_moves_and_lets_go_of_the_newest(qtbot: QtBot, panel: TimelinePanel) -> None:
    edge, place = panel.canvas.edge, place_of(panel, 4, middle(4))
    qtbot.mousePress(panel.canvas, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(panel.canvas, place + QPoint(100, 0))
    qtbot.mouseRelease(panel.canvas, Qt.MouseButton.LeftButton, pos=place + QPoint(100, 0))
    assert panel.canvas.edge < edge
    assert not panel.follow.isChecked()
    moved = panel.canvas.edge
    panel.draw(NOW + 1)
    assert panel.canvas.edge == moved
    assert panel.note.text().startswith("you look at ")
    panel.follow.click()
    panel.draw(NOW + 2)
    assert panel.canvas.edge > edge
    assert panel.note.text() == ""


@pytest.mark.parametrize("span", [60.0, 0.5, 0.1])
def test_it_goes_to_what_is_chosen_elsewhere_near_enough_to_see_it(panel: TimelinePanel, span: float) -> None:
    canvas = panel.canvas
    canvas.look_from(NOW, span)
    begin, end = NOW - 0.6, NOW - 0.6 + 0.2 + 1e-5  # of the fourth worker's request
    panel.select(4, end)
    panel.draw(NOW + 0.1)
    assert canvas.selected == 4
    assert canvas.edge - canvas.span < begin < end < canvas.edge
    assert (end - begin) / canvas.span >= 0.05
    assert not panel.follow.isChecked()
    assert panel.note.text().startswith("you look at ")
    panel.follow.click()
    assert canvas.span == span, "as it was before"


def test_a_moment_of_which_nothing_is_kept_is_no_empty_picture(panel: TimelinePanel) -> None:
    panel.select(4, NOW - 90)
    panel.draw(NOW)
    assert panel.note.text().startswith("nothing is kept of ")


def test_a_run_that_began_unseen_does_not_take_it_away_again(panel: TimelinePanel, lanes: Lanes) -> None:
    panel.hide()
    lanes.receive(a_ready("thread", NOW + 1, pid=100))
    serve(lanes, 7, NOW + 2, 0.1)
    panel.select(7, NOW + 2.1)
    panel.show()
    panel.draw(NOW + 5)
    assert panel.canvas.selected == 7
    assert not panel.follow.isChecked()


def test_a_new_run_is_followed_though_the_user_looked_at_the_one_before(panel: TimelinePanel, lanes: Lanes) -> None:
    panel.canvas.shift(-1.0)
    panel.select(4)
    assert not panel.follow.isChecked()
    lanes.receive(a_ready("thread", NOW + 1, pid=100))
    panel.draw(NOW + 5)
    assert panel.follow.isChecked()
    assert panel.canvas.selected == 0
    assert panel.canvas.edge > NOW + 4


def wheel(panel: TimelinePanel, place: QPoint, up: int) -> None:
    event = QWheelEvent(
        place.toPointF(),
        panel.canvas.mapToGlobal(place).toPointF(),
        QPoint(),
        QPoint(0, up),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(panel.canvas, event)


def test_the_wheel_zooms_about_the_mouse(panel: TimelinePanel) -> None:
    canvas = panel.canvas
    canvas.moved.emit()
    place = place_of(panel, 4, middle(4))
    before = canvas._moment(place.x())
    wheel(panel, place, 240)
    assert canvas.span < 2.0
    assert canvas._moment(place.x()) == pytest.approx(before, abs=1e-6)
    for _ in range(60):
        wheel(panel, place, 120)
    assert canvas.span == SHORTEST
    assert not panel.zoom_in.isEnabled()
    for _ in range(80):
        wheel(panel, place, -120)
    assert canvas.span == LONGEST
    assert "60" in panel.length.text()


def test_while_it_follows_the_newest_stays_at_the_edge(panel: TimelinePanel) -> None:
    edge = panel.canvas.edge
    wheel(panel, place_of(panel, 4, middle(4)), -120)
    assert panel.canvas.edge == pytest.approx(edge)


def test_a_short_time_in_sight_stands_still_so_that_it_can_be_read(panel: TimelinePanel) -> None:
    panel.canvas.look_from(panel.canvas.edge, 0.1)
    panel.draw(NOW + 10.3)
    edge = panel.canvas.edge
    panel.draw(NOW + 10.5)
    assert panel.canvas.edge == edge
    panel.draw(NOW + 10.8)
    assert panel.canvas.edge > edge


def test_frozen_it_stands_still_and_can_be_moved(panel: TimelinePanel) -> None:
    panel.show_frozen(True)
    edge = panel.canvas.edge
    panel.draw(NOW + 5)
    assert panel.canvas.edge == edge
    panel.zoom_out.click()
    assert panel.canvas.span > 2.0
    panel.show_frozen(False)
    panel.draw(NOW + 5)
    assert panel.canvas.edge > edge


def test_keys_move_and_zoom_and_leave_space_and_digits_to_the_window(qtbot: QtBot, panel: TimelinePanel) -> None:
    edge, span = panel.canvas.edge, panel.canvas.span
    qtbot.keyClick(panel.canvas, Qt.Key.Key_Plus)
    assert panel.canvas.span < span
    qtbot.keyClick(panel.canvas, Qt.Key.Key_Left)
    assert panel.canvas.edge < edge
    assert not panel.follow.isChecked()


def test_thinning_is_said(panel: TimelinePanel, lanes: Lanes) -> None:
    assert panel.note.text() == ""
    lanes.receive(wire.Counters(NOW, 0, 0, 0, 0, 0, 0, 1, 8))
    panel.draw(NOW + 1)
    assert panel.note.text() == "1 in 8 connections"
    lanes.receive(wire.Counters(NOW, 0, 0, 0, 0, 0, 1234, 1, 8))
    panel.draw(NOW + 2)
    assert panel.note.text() == "1 in 8 connections · records dropped: 1,234"


def test_loops_show_connections_until_the_user_chooses(panel: TimelinePanel, lanes: Lanes) -> None:
    assert panel.workers.isChecked()
    lanes.receive(a_ready("epoll", NOW, clock=0.0, pid=99))
    panel.draw(NOW + 1)
    assert panel.connections.isChecked()
    panel.workers.click()
    panel.draw(NOW + 2)
    assert panel.canvas.of_workers


def queue_names(panel: TimelinePanel) -> list[str]:
    """The queues' lanes, from top to bottom."""
    return [lane.name for lane in panel.canvas._queues]


def test_the_queues_stay_in_their_place_whatever_their_length(panel: TimelinePanel, lanes: Lanes) -> None:
    assert queue_names(panel) == ["accept queue"]
    places = {(panel.canvas._top(0), *panel.canvas._queue_tops())}
    for queued in (-1, 0, 7, 20_000):
        lanes.receive(wire.Counters(NOW, 0, 0, 0, 0, 0, 0, 1, 1, queued=queued))
        panel.draw(NOW + 1)
        places.add((panel.canvas._top(0), *panel.canvas._queue_tops()))
    assert len(places) == 1
    (lowest,) = panel.canvas._queue_tops()
    assert lowest + panel.canvas._row_height == panel.canvas._area.bottom(), "beneath all workers"
    assert appearance.LIGHT.state_colour("runnable") in colours(panel.canvas.grab().toImage())


def test_a_pools_queue_is_told_from_the_kernels(qtbot: QtBot, themed: appearance.Theme) -> None:
    lanes = started("threadpool")
    panel = TimelinePanel(lanes, lambda connection, moment: "")
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1_000, 500)
    panel.show()
    lanes.receive(wire.Counters(NOW, 0, 0, 0, 0, 0, 0, 1, 1, queued=36, waiting=20))
    panel.draw(NOW + 0.3)
    pool, kernel = panel.canvas._queues
    said = [panel.canvas.queue_description(lane, NOW + 0.01)[0] for lane in (pool, kernel)]
    assert said == ["Pool's queue · 20 waiting", "Accept queue · 36 waiting"]
    assert panel.canvas._queue_at(panel.canvas._queue_tops()[0] + 1) is pool
    assert panel.canvas.queue_description(pool, NOW - 1)[0] == "Pool's queue · not known", "before it was reported"


def test_a_recording_without_the_pools_queue_says_that_it_is_not_known(panel: TimelinePanel) -> None:
    lanes = started("threadpool")
    lanes.receive(wire.Counters(NOW, 0, 0, 0, 0, 0, 0, 1, 1))
    panel.show_lanes(lanes)
    panel.draw(NOW + 0.3)
    said = [panel.canvas.queue_description(lane, NOW + 0.01)[0] for lane in panel.canvas._queues]
    assert said == ["Pool's queue · not known", "Accept queue · not known"]


def test_a_parent_that_only_watches_its_processes_has_no_lane(panel: TimelinePanel) -> None:
    lanes = started("prefork")
    calls = [Span(71, 1, "accept", 10, NOW - 2, NOW - 1, 0), Span(71, 1, "recv", 20, NOW - 1, NOW, 5)]
    lanes.receive(wire.Spans(calls))
    rows = LaneRows()
    assert chosen(rows, lanes, 4) == [LaneRow(True, 71)]
    assert rows.row_of(71) == 0


def test_a_worker_whose_bytes_have_come_does_not_run_while_its_connection_is_ready() -> None:
    lanes = started("threadpool")
    lanes.receive(
        wire.Spans(
            [
                Span(0, 1, "accept", 10, NOW - 2, NOW - 1.9, 0),
                Span(1, 1, "recv", 20, NOW - 1.8, NOW - 1, 50, arrived=NOW - 1.5),
            ]
        )
    )
    for of_workers, state in ((True, LaneState.NOT_RUNNING), (False, LaneState.RUNNABLE)):
        rows, table = LaneRows(), lanes.between(NOW - 9, NOW)
        rows.choose(lanes, table, NOW - 9, NOW, 4, of_workers, 0)
        places, pieces = rows.place(table)
        lane = [LaneState(int(each)) for each, row in zip(pieces[STATE], places, strict=True) if row == 1]
        assert state in lane
        assert {LaneState.NOT_RUNNING, LaneState.RUNNABLE} & set(lane) == {state}


def test_before_anything_ran_it_says_how_to_fill_it(qtbot: QtBot, themed: appearance.Theme) -> None:
    panel = TimelinePanel(Lanes(), lambda connection, moment: "")
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(800, 300)
    panel.show()
    panel.draw(NOW)
    assert themed.muted in colours(panel.canvas.grab().toImage())


@pytest.mark.parametrize("model", ["thread", "epoll"])
def test_a_slow_client_is_seen_to_hold_a_thread_and_not_a_loop(
    qtbot: QtBot, themed: appearance.Theme, model: str
) -> None:
    with telling(model) as (engine, told):
        panel = TimelinePanel(told.lanes, lambda connection, moment: "")
        qtbot.addWidget(panel)
        panel.set_theme(themed)
        panel.resize(1_000, 400)
        panel.show()
        at_once(lambda: ask_slowly(engine, 6))
        told.until_over()
        panel.draw(monotonic() + 0.2)
        colour = themed.state_colour("blocked_by_client")
        assert (colour in colours(panel.canvas.grab().toImage())) == (model == "thread")


def test_a_pool_whose_workers_have_not_come_yet_is_painted(qtbot: QtBot, themed: appearance.Theme) -> None:
    """Every worker accepts, and there is none."""
    panel = TimelinePanel(started("prefork"), lambda connection, moment: "")
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1_000, 500)
    panel.show()
    panel.draw(NOW)
    assert not panel.canvas.grab().isNull()


def test_who_only_accepts_waits_for_no_client(qtbot: QtBot, themed: appearance.Theme) -> None:
    """The task that accepts waits in the poller like the others, and is free then."""
    lanes = started("asyncio")
    lanes.receive(wire.Spans([Span(0, 0, "wait", 10, NOW - 1, NOW - 0.5, 0)]))
    rows = LaneRows()
    table = lanes.between(NOW - 2, NOW)
    rows.choose(lanes, table, NOW - 2, NOW, 5, True, 0)
    _, pieces = rows.place(table)
    assert LaneState.WAITING in table[STATE]
    assert set(pieces[STATE]) == {LaneState.FREE}


def test_slow_motion_ends_with_the_run_that_it_shows(panel: TimelinePanel, lanes: Lanes) -> None:
    panel.slow_down(NOW)
    panel.draw(NOW + 1)
    assert panel.is_slow
    panel.show_run(RunHistory(lambda: NOW, is_replay=True))
    assert not panel.is_slow, "a replay has a speed of its own"
    panel.show_lanes(lanes)
    panel.draw(NOW + 1)
    panel.slow_down(NOW + 1)
    lanes.receive(a_ready("epoll", NOW + 2))
    panel.draw(NOW + 3)
    assert not panel.is_slow
    assert panel.speed.text() == "1×"


def test_in_slow_motion_nothing_is_said_of_the_present(panel: TimelinePanel) -> None:
    panel.shape_at = lambda now: ("", Staircase(8, 0.5, NOW))
    panel.draw(NOW + 5)
    assert panel.sentence.text()
    panel.slow_down(NOW + 5)
    panel.draw(NOW + 5.1)
    assert panel.sentence.text() == ""
    panel.end_slow_motion()
    panel.draw(NOW + 5.2)
    assert panel.sentence.text()


def test_in_slow_motion_the_strip_says_nothing_either(qtbot: QtBot, themed: appearance.Theme) -> None:
    history, strip = RunHistory(lambda: NOW), RunStrip()
    qtbot.addWidget(strip)
    strip.set_theme(themed)
    history.receive_engine(a_ready("thread", NOW))
    strip.sentence.say(["what was said before"])
    strip.show_run(history, NOW, is_slow=True)
    assert strip.sentence.text() == ""
