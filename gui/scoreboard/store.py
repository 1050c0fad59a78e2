"""Where the scoreboard outlives the window: one SQLite file, written at once.

Owns the file and its schema, which several windows share. A file that SQLite calls corrupt is set aside under another
name, never overwritten. Where nothing can be written for any other reason, the file is left alone, what was to be
written is kept in memory, and it is tried again. Either is said in a `Notice`. Knows nothing of who shows the rows.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication

from engine.lab.rows import decoded
from gui import formatting
from gui.errors import Notice
from gui.scoreboard.scoreboard import Entry

translate = QCoreApplication.translate
VERSION = 1
"""Of the schema; the file says it as its `user_version`."""
OPENING, WRITING = 2.0, 0.2
"""Seconds that another window which writes is waited for, in the beginning and later."""
MAGIC = b"SQLite format 3\0"
CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""The errors that speak against the file itself; any other may be over by the next try."""

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
RENAME = "UPDATE rows SET name = ? WHERE key = ?"
PIN = "UPDATE rows SET pinned = ? WHERE key = ?"
ORDER = "UPDATE rows SET place = ? WHERE key = ?"


class Damaged(Exception):
    """The file is there, but it is no database any more."""


class Foreign(Exception):
    """The file is whole, but none that this program understands."""


def open_store(path: Path) -> "tuple[Store, Notice | None]":
    """What keeps entries in the file `path`, which is made if there is none, and what to say if that went wrong."""
    store = Store(path)
    try:
        store.connect(OPENING)
        return store, _left_out(path, store.unreadable())
    except (OSError, sqlite3.Error, Damaged, Foreign) as error:
        if _is_damage(error):
            store.close()
            return _begin_again(path, error)
        store.begin_with(_readable(path))
        return store, store.not_kept(error)


class Store:
    """The keeper of the scoreboard, see `gui.scoreboard.scoreboard.EntryStore`."""

    def __init__(self, path: Path | None = None) -> None:
        """Keeps entries in the file `path`, once that is connected; None: in memory."""
        self._path = path
        self._connection = None if path else _in_memory()
        self._seen = -1
        """The version of the data that was read last; -1: none was."""
        self._begun: list[Entry] = []
        self._owed: list[tuple[str, list[tuple[Any, ...]]]] = []
        self._in_trouble = False
        self.on_notice: Callable[[Notice], None] = lambda notice: None
        """Called when something could not be written, once until writing succeeds again, and when it does."""

    @classmethod
    def in_memory(cls) -> "Store":
        """A store that ends with the window."""
        return cls()

    def connect(self, patience: float) -> None:
        """Opens the file if that is not done yet; raises what the system or SQLite says, `Damaged` or `Foreign`."""
        if self._path and not self._connection:
            self._connection = _connect(self._path, patience)

    def begin_with(self, entries: list[Entry]) -> None:
        """Has these entries until the file can be opened."""
        self._begun = entries

    def entries(self) -> list[Entry]:
        """All that are kept, in order."""
        return self._read(self._connection)[0] if self._connection else list(self._begun)

    def unreadable(self) -> int:
        """How many rows of the file say nothing that this program understands; they stay there."""
        return self._read(self._connection)[1] if self._connection else 0

    def changed(self) -> list[Entry] | None:
        """All that are kept, if another window has changed them since they were read; None if not, or not known."""
        error = self._settle() if self._owed or not self._connection else None
        if error or not self._connection:
            return None
        try:
            return self._read(self._connection)[0] if _version(self._connection) != self._seen else None
        except sqlite3.Error:
            return None

    def put(self, entries: Iterable[Entry]) -> None:
        """Keeps these entries: one whose key is known at its place, any other at the end."""
        self._write(PUT, _values(entries))

    def rename(self, key: str, name: str) -> None:
        """Calls an entry so, if it is still there."""
        self._write(RENAME, [(name, key)])

    def pin(self, keys: Iterable[str], pinned: bool) -> None:
        """Marks these entries, those that are still there, as pinned or not."""
        self._write(PIN, [(pinned, key) for key in keys])

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
        if self._connection:
            self._connection.close()

    def not_kept(self, error: Exception) -> Notice:
        """What to say when the file can't be opened or written; after this, that it can again is said as well."""
        self._in_trouble = True
        return Notice(
            translate("store", "The scoreboard cannot be saved at the moment"),
            translate(
                "store",
                "{file}: {error}. The file is left as it is. Rows stay in this window, and saving is tried "
                "again with each change; rows that are not saved are lost when the window is closed.",
            ).format(file=self._path, error=error),
            serious=False,
            lasting=True,
        )

    def _write(self, statement: str, values: list[tuple[Any, ...]]) -> None:
        self._owed.append((statement, values))
        error = self._settle()
        if error and not self._in_trouble:
            self.on_notice(self.not_kept(error))

    def _settle(self) -> Exception | None:
        """Writes all that is owed, or nothing of it; returns what was in the way."""
        try:
            self.connect(WRITING)
            assert self._connection
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, values in self._owed:
                    self._connection.executemany(statement, values)
        except (OSError, sqlite3.Error, Damaged, Foreign) as error:
            return error
        self._owed.clear()
        if self._in_trouble:
            self._in_trouble = False
            said = translate("store", "All rows of this window are now saved in {file}.").format(file=self._path)
            self.on_notice(Notice(translate("store", "The scoreboard is saved again"), said, serious=False))
        return None

    def _read(self, connection: sqlite3.Connection) -> tuple[list[Entry], int]:
        self._seen = _version(connection)
        return _read(connection)


def _is_damage(error: Exception) -> bool:
    return isinstance(error, Damaged) or (getattr(error, "sqlite_errorcode", 0) & 0xFF) in CORRUPT


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    return connection


def _connect(path: Path, patience: float) -> sqlite3.Connection:
    """A connection to a file of ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _check_magic(path)
    with contextlib.ExitStack() as undo:
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
        undo.callback(connection.close)
        _check(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * WRITING)}")
        undo.pop_all()
    return connection


def _version(connection: sqlite3.Connection) -> int:
    """Changes when another connection has written."""
    ((version,),) = connection.execute("PRAGMA data_version")
    return int(version)


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
        raise Foreign(f"it was written by a later version of this program (its schema is {version}, not {VERSION})")
    ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema")
    if tables and not version:
        raise Foreign("it is another program's database")
    (first, *_) = connection.execute("PRAGMA quick_check(1)")
    if first != ("ok",):
        raise Damaged(str(first[0]))


def _read(connection: sqlite3.Connection) -> tuple[list[Entry], int]:
    """The entries, and how many rows are none."""
    entries, unreadable = [], 0
    for key, row, name, pinned in connection.execute(ALL):
        try:
            if not (isinstance(key, str) and isinstance(row, str | bytes) and isinstance(name, str)):
                raise ValueError("a column has values of another type")
            entries.append(Entry(key, decoded(row), name, bool(pinned)))
        except ValueError:
            unreadable += 1
    return entries, unreadable


def _readable(path: Path) -> list[Entry]:
    """The entries of a file that can't be written; none if they can't be read either."""
    for way in ("mode=ro", "immutable=1"):  # the first sees what others write, the second needs no right to the folder
        try:
            address = f"{path.absolute().as_uri()}?{way}"
            with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
                _check(connection)
                return _read(connection)[0]
        except (sqlite3.Error, Damaged, Foreign):
            continue
    return []


def _values(entries: Iterable[Entry]) -> list[tuple[Any, ...]]:
    return [(each.key, msgspec.json.encode(each.row).decode(), each.name, each.pinned) for each in entries]


def _begin_again(path: Path, error: Exception) -> tuple[Store, Notice | None]:
    """A fresh file, beside the damaged one under another name."""
    aside = path.with_name(f"{path.stem}-damaged-{datetime.now():%Y%m%d-%H%M%S-%f}{path.suffix}")
    store = Store(path)
    try:
        for ending in ("-wal", "-shm", ""):  # what the file's log holds belongs to it
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        store.connect(OPENING)
    except (OSError, sqlite3.Error, Damaged, Foreign) as again:
        return store, store.not_kept(again)
    return store, Notice(
        translate("store", "The saved scoreboard is damaged"),
        translate(
            "store", "{file}: {error}. It was renamed to {aside}, unchanged, and an empty scoreboard was started."
        ).format(file=path, error=error, aside=aside.name),
        serious=False,
        lasting=True,
    )


def _left_out(path: Path, rows: int) -> Notice | None:
    """What to say of rows that can't be read."""
    if not rows:
        return None
    said = formatting.counted(
        rows, translate("store", "1 row can't be read"), translate("store", "{n} rows can't be read")
    )
    return Notice(
        translate("store", "Not all rows of the scoreboard are shown"),
        translate("store", "{file}: {rows}. What can't be read stays there, but is not shown.").format(
            file=path, rows=said
        ),
        serious=False,
        lasting=True,
    )
