"""The window with its load: real engines and a real load, put on, kept over a switch, measured and kept."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from pytestqt.qtbot import QtBot

from engine.lab.measurement import MIN_STEADY
from engine.telemetry import wire
from gui.runs.processes import State
from gui.runs.round import PATIENCE, Round
from gui.window import Window
from tests.gui.conftest import RATE
from tests.gui.rows import row

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 40_000


@pytest.fixture
def loaded(qtbot: QtBot, open_window: Open) -> Window:
    """A window whose threads are under a small load."""
    window = open_window(model="thread", clients=4, rate=RATE)
    window.benches.toggle_load()
    qtbot.waitUntil(lambda: window.live.first.load_record.answered_per_second() > 0, timeout=PATIENCE_MS)
    return window


def answered(window: Window) -> int:
    """Right answers that the clients of the load got since its start."""
    crowd = window.live.first.load_record.crowd
    return crowd.answered if crowd else 0


def test_the_load_starts_the_server_and_stays_when_the_model_is_switched(qtbot: QtBot, loaded: Window) -> None:
    load = loaded.benches.first.load.pid
    loaded.benches.choose("epoll")
    qtbot.waitUntil(
        lambda: loaded.live.first.record.ready is not None and loaded.live.first.record.ready.model == "epoll",
        timeout=PATIENCE_MS,
    )
    answered = loaded.live.first.load_record.crowd.answered if loaded.live.first.load_record.crowd else 0
    qtbot.waitUntil(
        lambda: (
            loaded.live.first.load_record.crowd is not None
            and loaded.live.first.load_record.crowd.answered > answered + 10
        ),
        timeout=PATIENCE_MS,
    )
    assert loaded.benches.first.load.pid == load
    loaded.benches.first.engine.stop()
    qtbot.waitUntil(lambda: loaded.benches.first.load.state is State.STOPPED, timeout=PATIENCE_MS)


def test_a_steady_stretch_is_kept_between_sessions(qtbot: QtBot, loaded: Window, open_window: Open) -> None:
    qtbot.waitUntil(lambda: loaded.benches.first.keeper.row() is not None, timeout=PATIENCE_MS)
    loaded.benches.toggle_load()
    qtbot.waitUntil(lambda: len(loaded.board.entries) == 1, timeout=PATIENCE_MS)
    kept = loaded.board.entries[0].row
    assert (kept.model, kept.conditions.clients) == ("thread", 4)
    assert kept.seconds >= MIN_STEADY
    loaded.close()
    assert [entry.row for entry in open_window().board.entries] == [kept]


def test_spans_are_told_only_while_they_are_looked_at(qtbot: QtBot, loaded: Window) -> None:
    def spans_every() -> int:
        counters = loaded.live.first.record.counters
        assert isinstance(counters, wire.Counters)
        return counters.spans_every

    loaded.tabs.setCurrentWidget(loaded.scoreboard)
    qtbot.waitUntil(lambda: spans_every() == 0, timeout=PATIENCE_MS)
    loaded.tabs.setCurrentWidget(loaded.timeline)
    qtbot.waitUntil(lambda: spans_every() > 0 and bool(loaded.live.first.lanes.connections()), timeout=PATIENCE_MS)
    loaded.tabs.setCurrentWidget(loaded.scoreboard)
    qtbot.waitUntil(lambda: spans_every() == 0, timeout=PATIENCE_MS)


def test_the_round_goes_from_model_to_model_and_can_be_cancelled(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(clients=4, rate=RATE)
    window.benches.begin_round(MIN_STEADY)
    qtbot.waitUntil(lambda: window.benches.round is None or window.benches.round.number == 2, timeout=PATIENCE_MS)
    assert window.benches.round
    assert window.benches.round.left_out == []
    qtbot.waitUntil(lambda: [entry.row.model for entry in window.board.entries] == ["process"], timeout=PATIENCE_MS)
    window.load_panel.run_all_cancelled.emit()
    assert window.benches.round is None
    assert window.tabs.currentWidget() is window.scoreboard
    qtbot.waitUntil(
        lambda: window.benches.first.engine.state is State.STOPPED and window.benches.first.load.state is State.STOPPED,
        timeout=PATIENCE_MS,
    )


def test_the_scoreboard_is_exported(window: Window, tmp_path: Path) -> None:
    window.board.add(row("thread"))
    window.board.add(row("epoll", requests_per_second=3000.0))
    window.files.export(list(window.board.entries), tmp_path / "rows.csv")
    window.files.export(list(window.board.entries), tmp_path / "report.html")
    window.files.export(list(window.board.entries), tmp_path / "missing" / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 3
    assert "3×" in (tmp_path / "report.html").read_text()
    assert "rows.csv" in window.notice.title.text()


def test_a_model_that_answers_too_little_is_left_out() -> None:
    now = [0.0]
    through = Round(["thread", "epoll"], 4.0, lambda: now[0])
    assert not through.look(None)
    now[0] = 4.0 + PATIENCE + 1
    assert through.look(None)
    assert (through.model, through.left_out) == ("epoll", ["thread"])
    assert not through.look(row("thread"))
    assert through.look(row("epoll"))
    assert (through.model, through.left_out) == (None, ["thread"])
