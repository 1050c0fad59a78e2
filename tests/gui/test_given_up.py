"""A server that stands still for longer than clients wait: what they gave up is shown as at least that long."""

import csv
import io
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from engine.lab.compare import cells
from engine.lab.measurement import Measurement
from engine.lab.rows import Row
from gui import appearance
from gui.export import report_html
from gui.exported_table import csv_bytes
from gui.history.clients import ClientHistory
from gui.history.plot_data import plot_data
from gui.history.server import ServerHistory
from gui.panels.plots import Plots
from gui.panels.tiles import Tiles
from gui.scoreboard.scoreboard import Entry, Scoreboard
from gui.scoreboard.store import Store
from gui.scoreboard.table import P50, P99, ScoreboardModel
from tests.engine.load.support import Load
from tests.engine.support import Engine
from tests.gui.stories import SITE

TIMEOUT = 0.4
"""Seconds that a client waits."""


@dataclass
class Frozen:
    """What engine and load reported of a server that answered a few requests and then stood still."""

    server: ServerHistory
    clients: ClientHistory
    row: Row
    now: float


@pytest.fixture(scope="module")
def frozen() -> Iterator[Frozen]:
    options = ("--workload", "steady", "--clients", 4, "--rate", 20, "--timeout", TIMEOUT)
    with Engine("epoll", SITE, "--telemetry", "counters") as engine:
        with Load(engine.address, *options) as load:
            answered = load.stats_when(lambda stats: stats.answered > 2, "nothing was answered").answered
            os.kill(engine.pid, signal.SIGSTOP)
            try:
                last = load.stats_when(lambda stats: stats.timed_out > 2 * answered + 8, "nothing timed out")
            finally:
                os.kill(engine.pid, signal.SIGCONT)
        now = last.time
        server, clients = ServerHistory(lambda: now), ClientHistory(lambda: now)
        measurement = Measurement(min_steady=0.2)
        measurement.receive_engine(engine.ready)
        server.receive(engine.ready)
        for message in load.messages:
            if getattr(message, "time", getattr(message, "end", now)) <= now:
                clients.receive(message)
                measurement.receive_load(message)
        measurement.advance(now + 1)
        row = measurement.row()
        assert row, "what was given up makes a steady period as well"
        yield Frozen(server, clients, row, now)


@pytest.mark.slow
def test_the_tile_says_at_least(frozen: Frozen, qtbot: QtBot, themed: appearance.Theme) -> None:
    tiles = Tiles()
    qtbot.addWidget(tiles)
    tiles.set_theme(themed)
    tiles.show_histories(frozen.server, frozen.clients)
    shown = tiles.all["p50"].text
    assert shown.value.startswith("≥ ")
    assert float(shown.value[2:]) >= (TIMEOUT * 1000 if shown.unit.startswith("ms") else TIMEOUT)
    assert shown.first.startswith("≥ ")


def test_the_curve_says_at_least(frozen: Frozen, qtbot: QtBot, themed: appearance.Theme) -> None:
    plots = Plots()
    qtbot.addWidget(plots)
    plots.set_theme(themed)
    data = plot_data(frozen.server, frozen.clients, frozen.now)
    plots.draw(data)
    model, said = plots.latency.readings(float(data.bands[-1].times[-1]))[-2:]
    assert (model, said.count("≥")) == ("epoll", 2)


def test_the_row_says_at_least(frozen: Frozen) -> None:
    row = frozen.row
    assert row.bound >= TIMEOUT
    assert all(row.is_bound(latency) and latency >= TIMEOUT for latency in (row.p50, row.p99, row.p999))
    assert [cell.startswith("≥ ") for cell in cells([row])[2:5]] == [True] * 3


def test_board_and_export_say_at_least(frozen: Frozen) -> None:
    entry = Entry("1", frozen.row)
    scoreboard = Scoreboard(Store.in_memory())
    scoreboard.add(frozen.row)
    table = ScoreboardModel(scoreboard)
    table.show_growing(None)
    [line] = [line for line in table.lines if line.entry]
    for column in (P50, P99):
        assert table.text(line, column).startswith("≥ ")
    [values] = csv.DictReader(io.StringIO(csv_bytes([entry]).decode("utf-8-sig")))
    assert float(values["lower_bound_from_ms"]) >= 1000 * TIMEOUT
    assert "≥ " in report_html(scoreboard.groups(), "", {}, {})


def test_what_is_answered_in_time_is_exact() -> None:
    with (
        Engine("epoll", SITE, "--telemetry", "counters") as engine,
        Load(engine.address, "--workload", "steady", "--clients", 2, "--rate", 50) as load,
    ):
        load.stats_when(lambda stats: stats.answered > 5, "nothing was answered")
        latencies = load.latencies()
    assert (latencies.bound, latencies.total > 5) == (0, True)
