"""Where the scoreboard outlives the window: one SQLite file, written at once.

Owns the file and its schema. A file that can't be read is set aside under another name, never overwritten. Where
nothing can be written, rows are kept in memory. Either is said in a `Notice`. Knows nothing of who shows the rows.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication

from engine.lab.rows import Row
from gui.board.scoreboard import Entry
from gui.errors import Notice

translate = QCoreApplication.translate
VERSION = 1
"""Of the schema; the file says it as its `user_version`."""
OPENING, WRITING = 2.0, 0.2
"""Seconds that another window which writes is waited for; what could not be written is tried again with the next."""
MAGIC = b"SQLite format 3\0"
UNWRITABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""Errors that say nothing against what is in the file."""

SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS rows (
    key TEXT PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, pinned INTEGER NOT NULL, row TEXT NOT NULL
);
PRAGMA user_version = {VERSION};
COMMIT;
"""
ALL = "SELECT key, row, name, pinned FROM rows ORDER BY place, rowid"
PUT = """
INSERT INTO rows (key, place, row, name, pinned)
VALUES (?, (SELECT coalesce(max(place), 0) + 1 FROM rows), ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET row = excluded.row, name = excluded.name, pinned = excluded.pinned
"""
DROP = "DELETE FROM rows WHERE key = ?"
ORDER = "UPDATE rows SET place = ? WHERE key = ?"


class Damaged(Exception):
    """The file is there, but it is none of ours, or none that this program understands."""


def open_store(path: Path) -> "tuple[Store, Notice | None]":
    """What keeps entries in the file `path`, which is made if there is none, and what to say if that went wrong."""
    try:
        return Store(_connect(path)), None
    except OSError as error:
        return Store.in_memory(), _not_kept(path, error)
    except sqlite3.Error as error:
        if (error.sqlite_errorcode & 0xFF) in UNWRITABLE:
            return Store.in_memory(_readable(path)), _not_kept(path, error)
        return _begin_again(path, error)
    except Damaged as error:
        return _begin_again(path, error)


class Store:
    """The keeper of the scoreboard, see `gui.board.scoreboard.Keeper`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._owed: list[tuple[str, list[tuple[Any, ...]]]] = []
        self.on_trouble: Callable[[Notice], None] = lambda notice: None
        """Called when something could not be written, once until writing succeeds again."""

    @classmethod
    def in_memory(cls, entries: Iterable[Entry] = ()) -> "Store":
        """A store that ends with the window, and begins with these entries."""
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.executescript(SCHEMA)
        connection.executemany(PUT, _values(entries))
        return cls(connection)

    def entries(self) -> list[Entry]:
        """All that are kept, in order."""
        return _read(self._connection)

    def put(self, entries: Iterable[Entry]) -> None:
        """Keeps these entries: one whose key is known at its place, any other at the end."""
        self._write(PUT, _values(entries))

    def drop(self, keys: Iterable[str]) -> None:
        """Forgets these entries."""
        self._write(DROP, [(key,) for key in keys])

    def order(self, keys: Iterable[str]) -> None:
        """Puts the entries into this order."""
        self._write(ORDER, list(enumerate(keys)))

    def close(self) -> None:
        """Writes what could not be written before, if that works now, and lets go of the file."""
        if self._owed:
            self._settle()
        self._connection.close()

    def _write(self, statement: str, values: list[tuple[Any, ...]]) -> None:
        in_trouble = bool(self._owed)
        self._owed.append((statement, values))
        error = self._settle()
        if error and not in_trouble:
            self.on_trouble(
                Notice(
                    translate("store", "The scoreboard could not be written"),
                    translate(
                        "store",
                        "The system says: {error}. Its rows stay in this window, and are tried again with the next.",
                    ).format(error=error),
                    serious=False,
                )
            )

    def _settle(self) -> sqlite3.Error | None:
        """Writes all that is owed, or nothing of it."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, values in self._owed:
                    self._connection.executemany(statement, values)
        except sqlite3.Error as error:
            return error
        self._owed.clear()
        return None


def _connect(path: Path) -> sqlite3.Connection:
    """A connection to a file of ours; raises `Damaged`, or what the system or SQLite says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _check_magic(path)
    with contextlib.ExitStack() as undo:
        connection = sqlite3.connect(path, timeout=OPENING, isolation_level=None)
        undo.callback(connection.close)
        _check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        _read(connection)
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * WRITING)}")
        undo.pop_all()
    return connection


def _check_magic(path: Path) -> None:
    """SQLite takes the shortest of files for empty ones, and would write over them."""
    if path.exists():
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
        if head and head != MAGIC:
            raise Damaged("it is not a database")


def _check(connection: sqlite3.Connection) -> None:
    ((version,),) = connection.execute("PRAGMA user_version")
    if version > VERSION:
        raise Damaged(f"it was written by a later version of this program (its schema is {version}, not {VERSION})")
    ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema")
    if tables and not version:
        raise Damaged("it is another program's database")
    (first, *_) = connection.execute("PRAGMA quick_check(1)")
    if first != ("ok",):
        raise Damaged(str(first[0]))


def _read(connection: sqlite3.Connection) -> list[Entry]:
    try:
        return [
            Entry(key, msgspec.json.decode(row, type=Row), name, bool(pinned))
            for key, row, name, pinned in connection.execute(ALL)
        ]
    except msgspec.DecodeError as error:
        raise Damaged(f"a row can't be read: {error}") from error


def _readable(path: Path) -> list[Entry]:
    """The entries of a file that can't be written; none if they can't be read either."""
    for way in ("mode=ro", "immutable=1"):  # the first sees what others write, the second needs no right to the folder
        try:
            address = f"{path.absolute().as_uri()}?{way}"
            with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
                _check(connection)
                return _read(connection)
        except (sqlite3.Error, Damaged):
            continue
    return []


def _values(entries: Iterable[Entry]) -> list[tuple[Any, ...]]:
    return [(each.key, msgspec.json.encode(each.row).decode(), each.name, each.pinned) for each in entries]


def _begin_again(path: Path, error: Exception) -> tuple[Store, Notice | None]:
    """A fresh file, beside the damaged one under another name."""
    aside = path.with_name(f"{path.stem}-damaged-{datetime.now():%Y%m%d-%H%M%S-%f}{path.suffix}")
    try:
        for ending in ("-wal", "-shm", ""):  # what the file's log holds belongs to it
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        store = Store(_connect(path))
    except (OSError, sqlite3.Error, Damaged) as again:
        return Store.in_memory(), _not_kept(path, again)
    return store, Notice(
        translate("store", "The kept scoreboard could not be read"),
        translate(
            "store", "{file}: {error}. It was set aside as {aside}, untouched, and an empty scoreboard was begun."
        ).format(file=path, error=error, aside=aside.name),
        serious=False,
    )


def _not_kept(path: Path, error: Exception) -> Notice:
    return Notice(
        translate("store", "The scoreboard is not kept"),
        translate(
            "store", "{file} can't be written: {error}. Rows measured from here on are gone when this window is closed."
        ).format(file=path, error=error),
        serious=False,
    )
