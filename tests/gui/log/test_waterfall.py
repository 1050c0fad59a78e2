"""A request's phases, and the picture of them."""

import pytest
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from gui import appearance
from gui.history.lanes import Lanes
from gui.history.phases import Phase, request_at, waterfall
from gui.log.waterfall import WaterfallView
from tests.engine.support import eventually
from tests.gui.pixels import colours
from tests.gui.stories import PAUSE, Told, ask, ask_slowly, at_once, telling

POLLING = [key for key, model in MODELS.items() if model.waits == "poller" and model.available()]
available = pytest.mark.parametrize("model", [key for key, model in MODELS.items() if model.available()])


def answered(told: Told, count: int = 1) -> None:
    """Waits until so many requests are told, and all of their spans."""
    eventually(lambda: (told.catch_up(), told.log.total >= count)[1], "answered")
    eventually(lambda: (told.catch_up(), not told.lanes.connections())[1], "over")


@available
def test_phases_add_up_to_what_the_request_took(model: str) -> None:
    with telling(model) as (engine, told):
        ask_slowly(engine)
        answered(told)
    row = told.log.row(0)
    fall = waterfall(told.lanes, row)
    assert fall.is_exact
    assert {Phase.ACCEPTED, Phase.READ, Phase.HANDLED, Phase.WRITTEN} <= {bar.phase for bar in fall.bars}
    assert fall.took >= row.waited + row.took - 1e-3
    assert fall.took - fall.unexplained == pytest.approx(
        sum(fall.seconds(phase) for phase in Phase if phase is not Phase.FIRST_BYTE)
    )
    assert fall.seconds(Phase.REST) >= 2.5 * PAUSE, "it came in four pieces"
    assert fall.unexplained < 0.2 * fall.took


@pytest.mark.skipif(not POLLING, reason="no model that polls runs here")
def test_who_is_served_last_waits_for_the_others(qtbot: QtBot, themed: appearance.Theme) -> None:
    with telling(POLLING[0]) as (engine, told):
        at_once(*[lambda: ask(engine, "/work/wait?ms=200")] * 3)
        answered(told, 3)
    view = WaterfallView(told.lanes)
    qtbot.addWidget(view)
    view.set_theme(themed)
    view.show_request(told.log.row(2))
    assert view.waterfall
    assert view.waterfall.seconds(Phase.HANDLED) == pytest.approx(0.2, abs=0.15)
    if view.waterfall.seconds(Phase.TURN) > 0.1:  # its bytes came before the first one's turn began
        assert any("waiting for its turn" in sentence for sentence in view.sentences())
    else:
        assert view.waterfall.seconds(Phase.FIRST_BYTE, Phase.TURN) + view.waterfall.unexplained > 0


def test_without_spans_it_says_what_the_log_knows_and_that_this_is_all(qtbot: QtBot, themed: appearance.Theme) -> None:
    with telling("thread", "--telemetry", "requests") as (engine, told):
        ask_slowly(engine)
        answered(told)
    view = WaterfallView(told.lanes)
    qtbot.addWidget(view)
    view.set_theme(themed)
    row = told.log.row(0)
    view.show_request(row)
    assert dict(view.lines()) == pytest.approx({Phase.COMING: row.waited, Phase.ANSWERING: row.took})
    assert any("only the log's times are known" in sentence for sentence in view.sentences())


def test_a_request_of_an_earlier_engine_is_not_mixed_up_with_this_ones() -> None:
    with telling("thread") as (engine, told):
        ask(engine)
        answered(told)
    row = told.log.row(0)
    with telling("thread") as (engine, later):
        ask(engine)
        answered(later)
    assert waterfall(told.lanes, row).is_exact
    assert not waterfall(later.lanes, row).is_exact


def test_the_request_of_a_moment_is_found() -> None:
    with telling("thread", "--keep-alive") as (engine, told):
        ask(engine, "/index.html")
        ask(engine, "/style.css")
        answered(told, 2)
    for sequence in (0, 1):
        row = told.log.row(sequence)
        found = request_at(told.log, row.connection, row.time - row.took / 2)
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
        answered(told)
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
    assert view.lines() == []
