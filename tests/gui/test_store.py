"""The scoreboard's file: what it keeps, through crashes and damage."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gui.board import store as store_module
from gui.board.scoreboard import Scoreboard
from gui.board.store import Store, open_store
from gui.errors import Notice
from tests.gui.rows import CROWDED, row

PROJECT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from gui.board.scoreboard import Scoreboard
from gui.board.store import open_store
from tests.gui.rows import row
store, notice = open_store(Path(sys.argv[1]))
assert notice is None, notice
board, made = Scoreboard(store), row("epoll")
for _ in range(int(sys.argv[2])):
    print(board.add(made).key, flush=True)
"""
"""Adds rows and says the key of each as soon as it is on the scoreboard."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "scoreboard.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], tuple[Scoreboard, Notice | None]]]:
    """Opens the file as a window does; each is closed in the end."""
    stores = []

    def open_one() -> tuple[Scoreboard, Notice | None]:
        store, notice = open_store(path)
        stores.append(store)
        return Scoreboard(store), notice

    yield open_one
    for store in stores:
        store.close()


def writer(path: Path, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )


def filled(path: Path) -> list[object]:
    """A file with two rows, and what is in it."""
    store, _ = open_store(path)
    board = Scoreboard(store)
    board.add(row("thread"))
    board.add(row("epoll"))
    store.close()
    return list(board.entries)


def asides(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*-damaged-*.db"))


def test_rows_names_pins_and_order_are_there_in_the_next_session(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    board, notice = opened()
    assert notice is None
    for model, conditions in (("thread", CROWDED), ("gevent", CROWDED), ("epoll", CROWDED)):
        board.add(row(model, conditions, failed=3, load_limited=True))
    thread, gevent, epoll = board.entries
    board.rename(gevent.key, "of grün")
    board.pin([epoll.key], True)
    board.move(epoll.key, -2)
    board.delete([thread.key])
    again, notice = opened()
    assert notice is None
    assert list(again.entries) == list(board.entries)
    assert [(entry.row.model, entry.name, entry.pinned) for entry in again.entries] == [
        ("epoll", "", True),
        ("gevent", "of grün", False),
    ]


def test_a_window_that_is_killed_in_the_middle_of_writing_loses_nothing(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    for lines in (1, 7, 30):
        with writer(path, 100_000) as child:
            assert child.stdout
            told = [child.stdout.readline().strip() for _ in range(lines)]
            child.send_signal(signal.SIGKILL)
            told += [line.strip() for line in child.stdout if line.endswith("\n")]
        assert child.returncode == -signal.SIGKILL
        board, notice = opened()
        assert notice is None
        assert set(told) <= {entry.key for entry in board.entries}
    assert asides(path) == []


def test_two_windows_write_at_once(path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]) -> None:
    with writer(path, 100) as one, writer(path, 100) as other:
        told = [child.communicate(timeout=30)[0].split() for child in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0]
    board, notice = opened()
    assert notice is None
    keys = [entry.key for entry in board.entries]
    assert sorted(keys) == sorted(told[0] + told[1])
    for each in told:
        assert [key for key in keys if key in set(each)] == each, "each window's rows are in its order"


def truncated(path: Path) -> None:
    filled(path)
    path.write_bytes(path.read_bytes()[:5_000])


def garbage(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(os.urandom(20_000))


def text(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("x")


def unreadable_row(path: Path) -> None:
    filled(path)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE rows SET row = '{}'")
    file.close()


def foreign(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE somebody (elses)")
    file.close()


def newer(path: Path) -> None:
    filled(path)
    with sqlite3.connect(path) as file:
        file.execute(f"PRAGMA user_version = {store_module.VERSION + 1}")
    file.close()


@pytest.mark.parametrize("damage", [truncated, garbage, text, unreadable_row, foreign, newer])
def test_a_file_that_cannot_be_read_is_set_aside_and_said(
    damage: Callable[[Path], None], path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    damage(path)
    before = path.read_bytes()
    board, notice = opened()
    assert notice
    (aside,) = asides(path)
    assert aside.name in notice.text
    assert aside.read_bytes() == before
    assert list(board.entries) == []
    board.add(row("epoll"))
    again, notice = opened()
    assert notice is None
    assert list(again.entries) == list(board.entries)
    assert asides(path) == [aside]


def test_a_later_version_is_named_as_the_reason(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    newer(path)
    _, notice = opened()
    assert notice
    assert "later version" in notice.text


def test_what_is_only_in_the_log_of_a_file_is_set_aside_with_it(
    path: Path, tmp_path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    store, _ = open_store(elsewhere)
    Scoreboard(store).add(row("epoll"))
    later = sqlite3.connect(elsewhere, isolation_level=None)
    later.execute(f"PRAGMA user_version = {store_module.VERSION + 1}")
    path.parent.mkdir()
    for ending in ("", "-wal"):  # as a window leaves them that is killed
        shutil.copy(f"{elsewhere}{ending}", f"{path}{ending}")
    later.close()
    store.close()
    board, notice = opened()
    assert notice
    assert list(board.entries) == []
    (aside,) = asides(path)
    with sqlite3.connect(aside) as file:
        assert file.execute("SELECT count(*) FROM rows").fetchall() == [(1,)]
    file.close()


def test_where_nothing_can_be_written_rows_are_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store, notice = open_store(tmp_path / "file" / "scoreboard.db")
    assert notice
    assert "gone when this window is closed" in notice.text
    board = Scoreboard(store)
    board.add(row("epoll"))
    assert list(Scoreboard(store).entries) == list(board.entries)
    store.close()
    assert (tmp_path / "file").read_text() == "no folder"


@pytest.fixture
def anybodys_folder() -> Iterator[Path]:
    """A folder that a user without rights can look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="rights are Unix'")
def test_rows_of_a_file_that_is_read_only_are_shown(anybodys_folder: Path) -> None:
    path = anybodys_folder / "scoreboard.db"
    entries = filled(path)
    path.chmod(0o444)
    anybodys_folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        store, notice = open_store(path)
    finally:
        if root:
            os.seteuid(0)
        anybodys_folder.chmod(0o755)
    assert notice
    assert list(Scoreboard(store).entries) == entries
    store.close()
    assert asides(path) == []


def test_a_file_that_another_program_holds_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = filled(path)
    monkeypatch.setattr(store_module, "OPENING", 0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store, notice = open_store(path)
    assert notice
    assert list(Scoreboard(store).entries) == entries
    assert asides(path) == []
    store.close()
    holder.close()


def test_what_could_not_be_written_is_said_once_and_written_with_the_next(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    store, _ = open_store(path)
    told: list[Notice] = []
    store.on_trouble = told.append
    board = Scoreboard(store)
    board.add(row("thread"))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    board.add(row("gevent"))
    board.delete([board.entries[0].key])
    assert len(told) == 1
    assert "locked" in told[0].text
    holder.execute("ROLLBACK")
    holder.close()
    board.add(row("epoll"))
    again, notice = opened()
    assert notice is None
    assert [entry.row.model for entry in again.entries] == ["gevent", "epoll"]
    store.close()


def test_what_is_still_owed_is_written_at_the_end(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    store, _ = open_store(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    Scoreboard(store).add(row("gevent"))
    holder.execute("ROLLBACK")
    holder.close()
    store.close()
    board, _ = opened()
    assert [entry.row.model for entry in board.entries] == ["gevent"]


def test_a_store_in_memory_is_one_like_any_other() -> None:
    store = Store.in_memory()
    board = Scoreboard(store)
    board.add(row("epoll"))
    assert store.entries() == list(board.entries)
    store.close()
