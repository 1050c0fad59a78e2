"""A setting that one model owns, followed through the window: one row is enough for all of it."""

import csv
import io
import shlex
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QSpinBox
from pytestqt.qtbot import QtBot

from engine.__main__ import main
from engine.lab.runs import Plan
from engine.load.wire import Change
from engine.models import MODELS
from engine.setting import Setting
from gui import app, formatting, settings
from gui.exported_table import csv_bytes, tabbed_text
from gui.panels.settings_dialog import SettingsDialog
from gui.runs.processes import ProcessState, engine_command
from gui.scoreboard.scoreboard import Entry, Scoreboard
from gui.scoreboard.store import Store
from gui.scoreboard.table import MODEL, ScoreboardModel
from gui.settings import Settings
from gui.window import Window
from tests.gui.rows import row

with_pool = pytest.mark.usefixtures("pool")
POOL_SIZE = Setting(
    "pool_size", int, 8, "How many threads there are", least=1, most=64, title="Pool size", condition=True,
    condition_texts={1: "a pool of one", None: "a pool of {n}"},
)  # fmt: skip


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """One model more, which has a setting of its own."""
    monkeypatch.setitem(MODELS, "pool", replace(MODELS["thread"], key="pool", title="Pool", settings=(POOL_SIZE,)))


@with_pool
@pytest.mark.parametrize("command", ["serve", "compare"])
@with_pool
def test_it_is_on_the_engines_command_lines(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "--pool-size POOL_SIZE How many threads there are (default: 8)" in told


@with_pool
def test_it_is_on_the_windows_command_line() -> None:
    options = app.command_line().parse_args(["--model", "pool", "--pool-size", "3"])
    assert app.given(options) == {"model": "pool", "pool_size": 3}


@with_pool
def test_it_has_a_field_while_its_model_is_chosen(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(model="pool", pool_size=5), running=False)
    qtbot.addWidget(dialog)
    field = dialog.fields["pool_size"].widget
    assert isinstance(field, QSpinBox)
    assert (field.value(), field.minimum(), field.maximum()) == (5, 1, 64)
    field.setValue(3)
    assert dialog.chosen() == Settings(model="pool", pool_size=3)
    other = SettingsDialog(Settings(model="epoll", pool_size=5), running=False)
    qtbot.addWidget(other)
    assert "pool_size" not in other.fields


@with_pool
def test_it_is_kept(store: QSettings) -> None:
    settings.ActiveSettings(store, {}).change(pool_size=3)
    assert settings.load(store) == Settings(pool_size=3)
    store.setValue("pool_size", "65")
    assert settings.load(store) == Settings()


@with_pool
def test_both_command_lines_carry_it_to_its_model_only() -> None:
    plan = Plan(Change("steady", 1, 0, 0.0, 0), 1.0, serve={"root": "/", "pool_size": 3})
    for made, other in (
        (engine_command(Settings(model="pool", pool_size=3)), engine_command(Settings(model="epoll", pool_size=3))),
        (plan.engine_command("pool"), plan.engine_command("epoll")),
    ):
        assert "--pool-size 3" in shlex.join(made)
        assert "--pool-size" not in other


@with_pool
def test_a_row_says_it_in_words(qtbot: QtBot) -> None:
    scoreboard = Scoreboard(Store.in_memory())
    for made in (row("pool", settings={"pool_size": 3}), row("pool", settings={"pool_size": 1}), row("epoll")):
        scoreboard.add(made)
    table = ScoreboardModel(scoreboard)
    table.show_growing(None)
    titles = [table.index(number, MODEL).data() for number in range(1, table.rowCount())]
    assert titles == ["Pool · a pool of 3", "Pool · a pool of one", "epoll"], "they compare, under one heading"
    assert "a pool of 3" in table.index(1, MODEL).data(Qt.ItemDataRole.ToolTipRole)
    assert formatting.contestant(row("thread", settings={"all_cores": False})) == "Threads"
    assert formatting.contestant(row("thread", settings={"all_cores": True})) == "Threads · on all cores"


@with_pool
def test_an_exported_table_has_a_column_for_it() -> None:
    entries = [Entry("1", row("pool", settings={"pool_size": 3})), Entry("2", row("epoll"))]
    rows = list(csv.DictReader(io.StringIO(csv_bytes(entries).decode("utf-8-sig"), newline=""), strict=True))
    assert [each["pool_size"] for each in rows] == ["3", ""]
    assert "\tpool_size" in tabbed_text(entries).splitlines()[0]


@pytest.mark.slow
def test_a_server_that_runs_is_started_again_with_it(qtbot: QtBot, open_window: Callable[..., Window]) -> None:
    window = open_window(model="thread")
    window.session.start()
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.RUNNING, timeout=20_000)
    ready = window.session.first.ready
    assert ready
    assert ready.settings == {"all_cores": False}
    window.apply(window.settings.changed(all_cores=True))
    qtbot.waitUntil(
        lambda: bool(window.session.first.ready) and window.session.first.ready.settings == {"all_cores": True},
        timeout=20_000,
    )
