"""The window with its load: real engines and a real load, put on, kept over a switch, measured and kept."""

import http.client
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from pytestqt.qtbot import QtBot

from engine.lab.measurement import MIN_STEADY
from engine.lab.rows import Conditions
from engine.models import MODELS
from engine.persistence import MODES
from engine.telemetry import wire
from gui.runs.processes import ProcessState
from gui.window import Window
from tests.gui.conftest import RATE
from tests.gui.rows import row

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 40_000


@pytest.fixture
def loaded(qtbot: QtBot, open_window: Open) -> Window:
    """A window whose threads are under a small load."""
    window = open_window(model="thread", clients=4, rate=RATE)
    window.session.toggle_load()
    qtbot.waitUntil(lambda: window.live.first.clients.answered_per_second() > 0, timeout=PATIENCE_MS)
    return window


def answered(window: Window) -> int:
    """Right answers that the clients of the load got since its start."""
    crowd = window.live.first.clients.crowd
    return crowd.answered if crowd else 0


def test_the_load_starts_the_server_and_stays_when_the_model_is_switched(qtbot: QtBot, loaded: Window) -> None:
    load = loaded.session.first.load.pid
    loaded.session.choose("epoll")
    qtbot.waitUntil(
        lambda: loaded.live.first.server.ready is not None and loaded.live.first.server.ready.model == "epoll",
        timeout=PATIENCE_MS,
    )
    answered = loaded.live.first.clients.crowd.answered if loaded.live.first.clients.crowd else 0
    qtbot.waitUntil(
        lambda: (
            loaded.live.first.clients.crowd is not None and loaded.live.first.clients.crowd.answered > answered + 10
        ),
        timeout=PATIENCE_MS,
    )
    assert loaded.session.first.load.pid == load
    loaded.session.first.engine.stop()
    qtbot.waitUntil(lambda: loaded.session.first.load.state is ProcessState.STOPPED, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_steady_stretch_is_kept_between_sessions(qtbot: QtBot, loaded: Window, open_window: Open) -> None:
    qtbot.waitUntil(lambda: loaded.session.first.measurement.row() is not None, timeout=PATIENCE_MS)
    loaded.session.toggle_load()
    qtbot.waitUntil(lambda: len(loaded.scoreboard_data.entries) == 1, timeout=PATIENCE_MS)
    kept = loaded.scoreboard_data.entries[0].row
    assert (kept.model, kept.conditions.clients) == ("thread", 4)
    assert kept.seconds >= MIN_STEADY
    loaded.close()
    assert [entry.row for entry in open_window().scoreboard_data.entries] == [kept]


def test_spans_are_told_only_while_they_are_looked_at(qtbot: QtBot, loaded: Window) -> None:
    def spans_every() -> int:
        counters = loaded.live.first.server.counters
        assert isinstance(counters, wire.Counters)
        return counters.spans_every

    loaded.show_view("scoreboard")
    qtbot.waitUntil(lambda: spans_every() == 0, timeout=PATIENCE_MS)
    loaded.show_view("timeline")
    qtbot.waitUntil(lambda: spans_every() > 0 and bool(loaded.live.first.lanes.connections()), timeout=PATIENCE_MS)
    loaded.show_view("scoreboard")
    qtbot.waitUntil(lambda: spans_every() == 0, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_the_round_goes_from_model_to_model_and_can_be_cancelled(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(clients=4, rate=RATE)
    window.session.begin_sweep(MIN_STEADY, ["process", "thread"])
    qtbot.waitUntil(lambda: window.session.sweep is None or window.session.sweep.number == 2, timeout=PATIENCE_MS)
    assert window.session.sweep
    assert [result.trial.model for result in window.session.sweep.results if not result.row] == []
    qtbot.waitUntil(
        lambda: [entry.row.model for entry in window.scoreboard_data.entries] == ["process"], timeout=PATIENCE_MS
    )
    window.load_panel.run_all_cancelled.emit()
    assert window.session.sweep is None
    assert window.tabs.shown == "scoreboard"
    qtbot.waitUntil(
        lambda: (
            window.session.first.engine.state is ProcessState.STOPPED
            and window.session.first.load.state is ProcessState.STOPPED
        ),
        timeout=PATIENCE_MS,
    )


def test_a_load_that_is_too_much_for_a_model_leaves_it_out(open_window: Open) -> None:
    """A new interpreter for each of a thousand clients would stall the machine."""
    window = open_window(clients=65, rate=RATE, start_method="spawn")
    window.session.begin_sweep(MIN_STEADY, ["process", "thread"])
    assert "interpreter" in window.notice.text.text()
    assert window.session.sweep
    assert window.session.sweep.trial
    assert (window.session.sweep.trial.model, window.session.sweep.count) == ("thread", 1)
    window.session.end_sweep()


@pytest.mark.parametrize(("start_method", "clients", "left_out"), [("spawn", 65, 1), ("spawn", 64, 0), ("fork", 65, 0)])
def test_which_models_a_load_is_too_much_for(start_method: str, clients: int, left_out: int) -> None:
    unable = [model.key for model in MODELS.values() if model.most_clients(start_method) < clients]
    assert len(unable) == left_out


def test_the_scoreboard_is_exported(window: Window, tmp_path: Path) -> None:
    window.scoreboard_data.add(row("thread"))
    window.scoreboard_data.add(row("epoll", requests_per_second=3000.0))
    window.files.export(list(window.scoreboard_data.entries), tmp_path / "rows.csv")
    window.files.export(list(window.scoreboard_data.entries), tmp_path / "report.html")
    window.files.export(list(window.scoreboard_data.entries), tmp_path / "missing" / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text("utf-8-sig").splitlines()) == 3
    assert "3×" in (tmp_path / "report.html").read_text("utf-8")
    assert "rows.csv" in window.notice.title.text()


@pytest.mark.slow
def test_connections_are_kept_under_the_load_and_follow_what_is_chosen(qtbot: QtBot, loaded: Window) -> None:
    """Threads are taught to close: under the load they keep, until a connection a request is chosen; then as before."""
    session, live = loaded.session, loaded.live.first

    def accepted() -> int:
        return live.server.counters.accepted if live.server.counters else 0

    def conditions() -> Conditions | None:
        growing = session.first.measurement.row()
        return growing.conditions if growing else None

    qtbot.waitUntil(lambda: (now := conditions()) is not None and now.connections == "kept", timeout=PATIENCE_MS)
    assert accepted() < 20, "four clients keep their connections"
    loaded.load_panel.connections.setCurrentIndex(MODES.index("one-a-request"))
    qtbot.waitUntil(lambda: accepted() > 100, timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: (now := conditions()) is not None and now.connections == "one-a-request", timeout=PATIENCE_MS
    )
    assert not live.clients.failures
    qtbot.waitUntil(lambda: len(loaded.scoreboard_data.entries) == 1, timeout=PATIENCE_MS)
    assert loaded.scoreboard_data.entries[0].row.conditions.connections == "kept", "a measurement of its own"
    session.toggle_load()
    qtbot.waitUntil(lambda: session.first.load.state is ProcessState.STOPPED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not keeps(session.first.url), timeout=PATIENCE_MS)


def keeps(url: str) -> bool:
    """Whether the server at `url` offers to keep a connection."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return not answer.will_close
