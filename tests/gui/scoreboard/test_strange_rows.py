"""A scoreboard's file may say anything: each row is shown, or left in the file and said, and nothing else happens."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.lab.summary import sentence, summarize
from gui import appearance
from gui.export import report_html
from gui.exported_table import csv_bytes, tabbed_text
from gui.panels.scoreboard import ScoreboardPanel
from gui.scoreboard.scoreboard import Scoreboard
from gui.scoreboard.store import open_store
from tests.gui.rows import CROWDED, STEADY, row

STRANGE: tuple[Any, ...] = (
    0, -1, 1, 0.0, 1e-300, 1e18, -1e18, 1.7e308, 2**31, 2**63 - 1, 2**64 - 1, 10**30, "", "\0", "nonsense", "a" * 500,
    "=1+1", "<b>", "{n}", "名字‮", None, True, [], {}, {"pool": 3}, {"all_cores": "x" * 300},
)  # fmt: skip
CELLS = (None, 0, -1, 2**62, 1.5, b"\xff\xfe", b"{}", "", "[]", "{}", "null", "\0", "not JSON", '{"model": 3}',
         '{"x": ' + "[" * 100_000)  # fmt: skip


def strange_row(chance: random.Random) -> str:
    """A row as JSON, in which some values are others."""
    made = row(chance.choice(("epoll", "thread", "process")), chance.choice((STEADY, CROWDED)), failed=1)
    said = msgspec.to_builtins(made)
    for _ in range(chance.choice((1, 1, 2, 5))):
        conditions = said.get("conditions")
        place = conditions if conditions and isinstance(conditions, dict) and chance.random() < 0.3 else said
        name = chance.choice(list(place))
        place[name] = chance.choice(STRANGE)
        if chance.random() < 0.1:
            del place[name]
    return msgspec.json.encode(said).decode()


def write(path: Path, seed: int) -> int:
    """A file of strange rows; how many there are."""
    chance = random.Random(seed)
    store, _ = open_store(path)
    store.close()
    with closing(sqlite3.connect(path)) as file, file:
        for number in range(chance.randint(1, 12)):
            values: list[Any] = [f"key{number}", number, strange_row(chance), "name", 0]
            if chance.random() < 0.3:
                values[chance.randrange(len(values))] = chance.choice(CELLS)
            file.execute("INSERT OR IGNORE INTO rows (key, place, row, name, pinned) VALUES (?, ?, ?, ?, ?)", values)
        ((count,),) = file.execute("SELECT count(*) FROM rows")
    return int(count)


def look_at(qtbot: QtBot, path: Path, theme: appearance.Theme, count: int) -> None:
    """Opens the file as a window does, and looks at all that is made of its rows."""
    store, notice = open_store(path)
    with closing(store):
        scoreboard = Scoreboard(store)
        shown = len(scoreboard.entries)
        assert len(store.entries()) + store.unreadable() == count
        assert (notice is not None) == (store.unreadable() > 0)
        panel = ScoreboardPanel(scoreboard)
        qtbot.addWidget(panel)
        panel.set_theme(theme)
        panel.show_growing(None)
        panel.resize(1280, 500)
        panel.show()
        panel.grab()
        for line in range(panel.table.rowCount()):
            for column in range(panel.table.columnCount()):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                    panel.table.index(line, column).data(role)
        for column in range(panel.table.columnCount()):
            panel.table.sort(column, Qt.SortOrder.DescendingOrder)
        found = summarize([entry.row for entry in scoreboard.entries])
        assert csv_bytes(scoreboard.entries).count(b"\r\n") == shown + 1
        assert tabbed_text(scoreboard.entries).count("\n") == shown + 1
        report_html(scoreboard.groups(), sentence(found) if found else "", {}, {})
        panel.close()


def fuzz(qtbot: QtBot, folder: Path, theme: appearance.Theme, seeds: range) -> None:
    for seed in seeds:
        path = folder / f"{seed}.db"
        look_at(qtbot, path, theme, write(path, seed))


def test_strange_rows(qtbot: QtBot, themed: appearance.Theme, tmp_path: Path) -> None:
    fuzz(qtbot, tmp_path, themed, range(5))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1400, 50))
def test_more_strange_rows(qtbot: QtBot, themed: appearance.Theme, tmp_path: Path, first: int) -> None:
    fuzz(qtbot, tmp_path, themed, range(first, first + 50))
