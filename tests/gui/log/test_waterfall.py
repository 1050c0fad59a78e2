"""The parts of a request's time, and the picture of them."""

import os
import statistics

import pytest
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.lab.parts import RequestPart
from engine.models import MODELS
from engine.net.arrival import TELLS_TIMES
from engine.telemetry import wire, wire_v1
from gui import appearance
from gui.formatting import duration_text
from gui.history.intervals import LaneState
from gui.history.lanes import Lanes
from gui.history.phases import request_at, waterfall
from gui.history.request_log import LoggedRequest, RequestLog
from gui.history.search import Search
from gui.log.detail import RequestDetail
from gui.log.table import HANDLED, QUEUED, TOTAL, WAITED, RequestTable
from gui.log.waterfall import WaterfallView
from gui.log.words import part_words
from tests.engine.client import Client, request
from tests.engine.support import eventually
from tests.gui.pixels import colours
from tests.gui.stories import PAUSE, ask, ask_slowly, at_once, telling
from tests.ready import a_ready

CLIENTS = 8
WORK = 0.03
LATE = 2.0
"""Seconds that a busy machine may add."""
"""Seconds."""
POLLING = [key for key, model in MODELS.items() if model.waits == "poller" and model.available()]
available = pytest.mark.parametrize("model", [key for key, model in MODELS.items() if model.available()])


@pytest.mark.quick_with("process", "thread", "asyncio", "epoll")
@available
def test_parts_add_up_to_what_the_request_took(model: str) -> None:
    with telling(model) as (engine, told):
        ask_slowly(engine)
        told.until_over()
    row = told.log.row(0)
    fall = waterfall(told.lanes, row)
    assert fall.is_exact
    for line in fall.lines:
        assert sum(bar.end - bar.begin for bar in line.bars) == pytest.approx(line.stretch.seconds)
    assert sum(line.stretch.seconds for line in fall.lines) == pytest.approx(row.parts.total)
    assert 2.5 * PAUSE < (row.parts.of(RequestPart.READING) or 0) < 3 * PAUSE + LATE, "it came in four pieces"
    assert fall.seconds(LaneState.BLOCKED_BY_CLIENT) >= 2.5 * PAUSE


@pytest.mark.skipif(not POLLING, reason="no model that polls runs here")
def test_row_title_waterfall_and_sentence_say_one_number(qtbot: QtBot, themed: appearance.Theme) -> None:
    """Three clients ask a loop at once: the last waits for the others, whether that was before or after `accept`."""
    with telling(POLLING[0]) as (engine, told):
        at_once(*[lambda: ask(engine, "/work/wait?ms=200")] * 3)
        told.until_over(3)
    row = max((told.log.row(sequence) for sequence in range(3)), key=lambda row: row.parts.total)
    table = RequestTable(told.log, Search)
    table.refresh()
    place = table.place(row.sequence)
    assert place is not None
    queued, waited, handled, total = (table.index(place, at).data() for at in (QUEUED, WAITED, HANDLED, TOTAL))
    detail = RequestDetail(told.lanes)
    qtbot.addWidget(detail)
    detail.set_theme(themed)
    detail.show_request(row)
    lines = {line.stretch.parts: duration_text(line.stretch.seconds) for line in detail.waterfall.lines()}
    assert detail.title.text().endswith(f"in {total}")
    said = detail.waterfall.sentences()
    assert said[0] == f"Took {total} in the server."
    assert lines[RequestPart.HANDLING,] == handled
    assert 0.15 < (row.parts.of(RequestPart.HANDLING) or 0) < 0.2 + LATE
    if row.parts.from_arrival:
        assert (lines[RequestPart.ACCEPT_QUEUE,], lines[RequestPart.TURN,]) == (queued, waited)
        assert 0.3 < row.parts.total < 0.6 + LATE
        longer, words = max(
            (row.parts.of(RequestPart.ACCEPT_QUEUE) or 0, queued), (row.parts.of(RequestPart.TURN) or 0, waited)
        )
        assert longer > 0.1
        assert f"{words} (" in said[1]
    else:
        assert (queued, waited) == ("–", "–")


@pytest.mark.skipif(not (POLLING and TELLS_TIMES), reason="no model that polls, or no system that says when bytes came")
def test_the_log_and_the_client_tell_the_same_wait() -> None:
    """Eight closed-loop clients of a loop: each asks again as soon as it is answered."""
    spent: dict[str, list[float]] = {}

    def ask_again_and_again() -> None:
        with Client(engine.address) as client:
            times = spent["{}:{}".format(*client.name)] = []
            for _ in range(3):
                begin = monotonic()
                client.send(request(f"/work/wait?ms={WORK * 1000:.0f}"))
                client.reply()
                times.append(monotonic() - begin)

    with telling(POLLING[0], "--keep-alive") as (engine, told):
        at_once(*[ask_again_and_again] * CLIENTS)
        told.until_over(CLIENTS)
    rows: dict[str, list[LoggedRequest]] = {}
    for sequence in range(told.log.total):
        row = told.log.row(sequence)
        rows.setdefault(row.client, []).append(row)
    assert rows.keys() == spent.keys()
    apart: list[float] = []
    for client, times in spent.items():
        for seconds, row in zip(times, rows[client], strict=True):
            if row.parts.from_arrival:  # the first on a machine may get no time yet
                waited = (row.parts.of(RequestPart.ACCEPT_QUEUE) or 0) + (row.parts.of(RequestPart.TURN) or 0)
                assert waited + WORK <= row.parts.total
                apart += [abs(seconds - WORK - waited), abs(seconds - row.parts.total)]
    assert statistics.median(apart) < 0.05
    turns = [row.parts.of(RequestPart.TURN) or 0.0 for each in rows.values() for row in each]
    assert max(turns) > 3 * WORK, "others were served meanwhile"


def test_without_spans_it_says_the_parts_and_what_it_does_not_know(qtbot: QtBot, themed: appearance.Theme) -> None:
    with telling("thread", "--telemetry", "requests") as (engine, told):
        ask_slowly(engine)
        eventually(lambda: (told.catch_up(), told.log.total)[1], "answered")
    view = WaterfallView(told.lanes)
    qtbot.addWidget(view)
    view.set_theme(themed)
    row = told.log.row(0)
    view.show_request(row)
    assert tuple(line.stretch for line in view.lines()) == row.parts.stretches
    assert all(len(line.bars) <= 1 for line in view.lines())
    assert any("slow client is not known" in sentence for sentence in view.sentences())


def test_a_row_of_version_1_says_what_it_knows(qtbot: QtBot, themed: appearance.Theme) -> None:
    log = RequestLog()
    log.begin(a_ready("thread", 0.0))
    log.append([wire.Request(*wire_v1.Request(12.5, 1, 1, 0, 0, 200, 612, 0.25, 0.5, True).moved())])
    table = RequestTable(log, Search)
    table.refresh()
    assert [table.index(0, at).data() for at in (QUEUED, WAITED, HANDLED, TOTAL)] == ["–", "–", "–", "750 ms"]
    detail = RequestDetail(Lanes())
    qtbot.addWidget(detail)
    detail.set_theme(themed)
    detail.show_request(log.row(0))
    assert detail.title.text().endswith("in 750 ms from the first read")
    shown = {part_words(line.stretch.parts): line.stretch.seconds for line in detail.waterfall.lines()}
    assert shown == {"reading + for a worker": 0.25, "handling + writing": 0.5}
    assert "When its bytes arrived is not known." in detail.waterfall.sentences()


def test_a_request_of_an_earlier_engine_is_not_mixed_up_with_this_ones() -> None:
    with telling("thread") as (engine, told):
        ask(engine)
        told.until_over()
    row = told.log.row(0)
    with telling("thread") as (engine, later):
        ask(engine)
        later.until_over()
    assert waterfall(told.lanes, row).is_exact
    assert not waterfall(later.lanes, row).is_exact


def test_the_request_of_a_moment_is_found() -> None:
    with telling("thread", "--keep-alive") as (engine, told):
        ask(engine, "/index.html")
        ask(engine, "/style.css")
        told.until_over(2)
    for sequence in (0, 1):
        row = told.log.row(sequence)
        found = request_at(told.log, row.connection, (row.handled + row.time) / 2)
        assert found
        assert found.sequence == sequence
    assert request_at(told.log, 99, row.time) is None
    assert request_at(told.log, row.connection, row.time + 9) is None


def test_it_is_drawn_and_told_to_who_does_not_see_it(qtbot: QtBot, themed: appearance.Theme) -> None:
    view = WaterfallView(Lanes())
    qtbot.addWidget(view)
    view.set_theme(themed)
    assert view.sizeHint().height() == 0
    with telling("gevent") as (engine, told):
        ask_slowly(engine)
        told.until_over()
    view = WaterfallView(told.lanes)
    qtbot.addWidget(view)
    view.set_theme(themed)
    view.show_request(told.log.row(0))
    view.resize(600, view.heightForWidth(600))
    view.show()
    assert {themed.state_colour(state) for state in ("reading", "blocked_by_client")} <= colours(
        view.grab().toImage()
    ).keys()
    assert "waiting for a slow client" in view.accessibleDescription()
    view.show_request(None)
    assert view.lines() == ()


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="this system tells no waiting")
def test_what_handling_went_into_is_said_and_drawn(qtbot: QtBot, themed: appearance.Theme) -> None:
    with telling("thread") as (engine, told):
        ask(engine, "/work/wait?ms=200")
        told.until_over()
    view = WaterfallView(told.lanes)
    qtbot.addWidget(view)
    view.set_theme(themed)
    view.show_request(told.log.row(0))
    assert any(said.startswith("Handling: ") and "waiting in a call" in said for said in view.sentences())
    assert "It did not wait." not in view.sentences()
    assert view.waterfall
    assert 0.1 < view.waterfall.seconds(LaneState.IN_CALL) < 0.2 + LATE
