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

from gui.errors import Notice
from gui.scoreboard import store as store_module
from gui.scoreboard.scoreboard import Scoreboard
from gui.scoreboard.store import Store, open_store
from tests.gui.rows import CROWDED, row

PROJECT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from gui.scoreboard.scoreboard import Scoreboard
from gui.scoreboard.store import open_store
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
    scoreboard = Scoreboard(store)
    scoreboard.add(row("thread"))
    scoreboard.add(row("epoll"))
    store.close()
    return list(scoreboard.entries)


def asides(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*-damaged-*.db"))


def test_rows_names_pins_and_order_are_there_in_the_next_session(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    scoreboard, notice = opened()
    assert notice is None
    for model, conditions in (("thread", CROWDED), ("gevent", CROWDED), ("epoll", CROWDED)):
        scoreboard.add(row(model, conditions, failed=3, load_limited=True))
    thread, gevent, epoll = scoreboard.entries
    scoreboard.rename(gevent.key, "of grün")
    scoreboard.pin([epoll.key], True)
    scoreboard.move(epoll.key, -2)
    scoreboard.delete([thread.key])
    again, notice = opened()
    assert notice is None
    assert list(again.entries) == list(scoreboard.entries)
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
        scoreboard, notice = opened()
        assert notice is None
        assert set(told) <= {entry.key for entry in scoreboard.entries}
    assert asides(path) == []


def test_two_windows_write_at_once(path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]) -> None:
    with writer(path, 100) as one, writer(path, 100) as other:
        told = [child.communicate(timeout=30)[0].split() for child in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0]
    scoreboard, notice = opened()
    assert notice is None
    keys = [entry.key for entry in scoreboard.entries]
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


def torn_page(path: Path) -> None:
    filled(path)
    data = bytearray(path.read_bytes())
    data[4096:4500] = os.urandom(404)
    path.write_bytes(data)


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


@pytest.mark.parametrize("damage", [truncated, garbage, text, torn_page])
def test_a_damaged_file_is_set_aside_and_said(
    damage: Callable[[Path], None], path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    damage(path)
    before = path.read_bytes()
    scoreboard, notice = opened()
    assert notice
    assert notice.lasting, "a start of the server does not hide it"
    (aside,) = asides(path)
    assert aside.name in notice.text
    assert aside.read_bytes() == before
    assert list(scoreboard.entries) == []
    scoreboard.add(row("epoll"))
    again, notice = opened()
    assert notice is None
    assert list(again.entries) == list(scoreboard.entries)
    assert asides(path) == [aside]


@pytest.mark.parametrize(("other", "reason"), [(foreign, "another program"), (newer, "later version")])
def test_a_whole_file_that_is_not_understood_is_left_alone_with_the_reason(
    other: Callable[[Path], None],
    reason: str,
    path: Path,
    opened: Callable[[], tuple[Scoreboard, Notice | None]],
) -> None:
    other(path)
    before = path.read_bytes()
    scoreboard, notice = opened()
    assert notice
    assert reason in notice.text
    scoreboard.add(row("epoll"))
    assert len(scoreboard.entries) == 1
    assert path.read_bytes() == before
    assert asides(path) == []


def test_a_row_that_cannot_be_read_stays_in_the_file_and_is_said(
    path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    first, second = filled(path)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE rows SET row = '{}' WHERE key = ?", (first.key,))
    scoreboard, notice = opened()
    assert notice
    assert "1 row can't be read" in notice.text
    assert list(scoreboard.entries) == [second]
    scoreboard.clear()
    assert [key for (key,) in file.execute("SELECT key FROM rows")] == [first.key]
    file.close()
    assert asides(path) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (sqlite3.SQLITE_PROTOCOL, "locking protocol"),
        (sqlite3.SQLITE_BUSY, "database is locked"),
        (sqlite3.SQLITE_IOERR | 22 << 8, "disk I/O error"),
        (sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
        (sqlite3.SQLITE_CANTOPEN, "unable to open database file"),
        (sqlite3.SQLITE_ERROR, "SQL logic error"),
    ],
)
def test_a_healthy_file_that_cannot_be_opened_now_is_left_alone_and_tried_again(
    code: int, text: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = filled(path)
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code

    class Refusing(sqlite3.Connection):
        def executescript(self, script: str) -> sqlite3.Cursor:
            raise error

    connect = sqlite3.connect
    with monkeypatch.context() as trouble:
        trouble.setattr(
            sqlite3,
            "connect",
            lambda *given, **named: connect(*given, factory=Refusing, **named),
        )
        store, notice = open_store(path)
        assert notice
        assert text in notice.text
        assert notice.lasting
        told: list[Notice] = []
        store.on_notice = told.append
        scoreboard = Scoreboard(store)
        assert list(scoreboard.entries) == entries
        added = scoreboard.add(row("gevent"))
        assert told == [], "it is said already"
    assert asides(path) == []
    scoreboard.refresh()
    assert [notice.title for notice in told] == ["The scoreboard is saved again"]
    assert list(scoreboard.entries) == [*entries, added]
    other, notice = open_store(path)
    assert notice is None
    assert other.entries() == [*entries, added]
    other.close()
    store.close()


def test_what_is_only_in_the_log_of_a_damaged_file_is_set_aside_with_it(
    path: Path, tmp_path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]
) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    store, _ = open_store(elsewhere)
    Scoreboard(store).add(row("epoll"))
    path.parent.mkdir()
    for ending in ("", "-wal"):  # as a window leaves them that is killed
        shutil.copy(f"{elsewhere}{ending}", f"{path}{ending}")
    store.close()
    log = path.with_name(path.name + "-wal").read_bytes()
    with path.open("r+b") as file:
        file.write(b"no database here")
    scoreboard, notice = opened()
    assert notice
    assert list(scoreboard.entries) == []
    (aside,) = asides(path)
    assert aside.with_name(aside.name + "-wal").read_bytes() == log


def test_where_nothing_can_be_written_rows_are_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store, notice = open_store(tmp_path / "file" / "scoreboard.db")
    assert notice
    assert "lost when the window is closed" in notice.text
    scoreboard = Scoreboard(store)
    scoreboard.add(row("epoll"))
    assert len(scoreboard.entries) == 1
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
    store.on_notice = told.append
    scoreboard = Scoreboard(store)
    scoreboard.add(row("thread"))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    scoreboard.add(row("gevent"))
    scoreboard.delete([scoreboard.entries[0].key])
    assert len(told) == 1
    assert "locked" in told[0].text
    holder.execute("ROLLBACK")
    holder.close()
    scoreboard.add(row("epoll"))
    assert told[1].title == "The scoreboard is saved again"
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
    scoreboard, _ = opened()
    assert [entry.row.model for entry in scoreboard.entries] == ["gevent"]


def test_a_store_in_memory_is_one_like_any_other() -> None:
    store = Store.in_memory()
    scoreboard = Scoreboard(store)
    scoreboard.add(row("epoll"))
    assert store.entries() == list(scoreboard.entries)
    store.close()


@pytest.fixture
def two(path: Path, opened: Callable[[], tuple[Scoreboard, Notice | None]]) -> tuple[Scoreboard, Scoreboard]:
    """The scoreboards of two windows that have seen the same rows."""
    filled(path)
    return opened()[0], opened()[0]


@pytest.mark.parametrize(
    "then",
    [
        lambda scoreboard, key: scoreboard.rename(key, "mine"),
        lambda scoreboard, key: scoreboard.pin([key], True),
        lambda scoreboard, key: scoreboard.move(key, 1),
        lambda scoreboard, key: scoreboard.sort(lambda entry: entry.row.model),
        lambda scoreboard, key: scoreboard.delete([key]),
        lambda scoreboard, key: scoreboard.add(row("gevent")),
    ],
    ids=["rename", "pin", "move", "sort", "delete", "add"],
)
def test_rows_cleared_in_one_window_do_not_come_back_through_another(
    two: tuple[Scoreboard, Scoreboard],
    opened: Callable[[], tuple[Scoreboard, Notice | None]],
    then: Callable[[Scoreboard, str], object],
) -> None:
    one, other = two
    gone = [entry.key for entry in one.entries]
    one.clear()
    then(other, gone[0])
    for scoreboard in (other, opened()[0]):
        assert not {entry.key for entry in scoreboard.entries} & set(gone)
    one.undo()
    other.refresh()
    assert gone == [entry.key for entry in other.entries if entry.key in gone], "who deleted them may bring them back"


def test_what_two_windows_change_in_one_row_is_both_there(two: tuple[Scoreboard, Scoreboard]) -> None:
    one, other = two
    key = one.entries[0].key
    one.rename(key, "mine")
    other.pin([key], True)
    one.refresh()
    for scoreboard in two:
        assert (scoreboard.entries[0].name, scoreboard.entries[0].pinned) == ("mine", True)


def test_what_one_window_pinned_stays_when_another_clears(two: tuple[Scoreboard, Scoreboard]) -> None:
    one, other = two
    one.pin([one.entries[1].key], True)
    other.clear()
    assert [entry.row.model for entry in other.entries] == ["epoll"]


def test_a_look_at_what_nobody_changed_changes_nothing(two: tuple[Scoreboard, Scoreboard]) -> None:
    one, _ = two
    one.rename(one.entries[0].key, "mine")
    before = one.revision
    one.refresh()
    assert one.revision == before
