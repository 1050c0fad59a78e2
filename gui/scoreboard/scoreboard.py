"""The scoreboard as data: measured rows that the user names, pins, deletes and orders.

Owns the list and what undo brings back. Each change is stored at once, so that the scoreboard survives a crash;
before it, the changes of other windows are loaded, so that none of them is undone. Knows nothing of Qt, of files, or of
what shows it.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from engine.lab.rows import Conditions, Row
from engine.load.workloads import WORKLOADS
from engine.own_model import known


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the scoreboard."""

    key: str
    """Unique over all windows and all time."""
    row: Row
    name: str = ""
    """The user's name for it; empty: the model's title."""
    pinned: bool = False
    """Whether clearing the scoreboard keeps it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that were measured under the same conditions, so that they can be compared."""

    conditions: Conditions
    entries: tuple[Entry, ...]


class EntryStore(Protocol):
    """Stores entries beyond the window's end."""

    def entries(self) -> list[Entry]:
        """All stored entries, in order."""

    def changed(self) -> list[Entry] | None:
        """All stored entries, if another window has changed them since they were read; None if not, or not known."""

    def put(self, entries: Iterable[Entry]) -> None:
        """Stores these entries: one with a stored key at its place, any other at the end."""

    def rename(self, key: str, name: str) -> None:
        """Renames an entry, if it is still stored."""

    def pin(self, keys: Iterable[str], pinned: bool) -> None:
        """Marks those of these entries that are still stored as pinned or not."""

    def drop(self, keys: Iterable[str]) -> None:
        """Deletes these entries."""

    def order(self, keys: Iterable[str]) -> None:
        """Puts the entries into this order."""


class Scoreboard:
    """The rows in the order in which they are shown."""

    def __init__(self, keeper: EntryStore) -> None:
        """Begins with the stored entries, without models and workloads that are not in the tables."""
        self._keeper = keeper
        self._entries = [entry for entry in keeper.entries() if _known(entry.row)]
        self._removed: list[list[tuple[int, Entry]]] = []
        self.revision = 0
        """Grows with each change."""

    @property
    def entries(self) -> Sequence[Entry]:
        """All rows, in order."""
        return self._entries

    @property
    def removed(self) -> int:
        """The number of rows that `undo` would restore."""
        return len(self._removed[-1]) if self._removed else 0

    def groups(self) -> list[Group]:
        """The rows by their conditions, those measured last first."""
        found: dict[Conditions, list[Entry]] = {}
        for entry in self._entries:
            found.setdefault(entry.row.conditions, []).append(entry)
        groups = [Group(conditions, tuple(entries)) for conditions, entries in found.items()]
        return sorted(groups, key=lambda group: max(entry.row.begin for entry in group.entries), reverse=True)

    def refresh(self) -> None:
        """Loads the changes of other windows."""
        kept = self._keeper.changed()
        if kept is not None:
            self._entries = [entry for entry in kept if _known(entry.row)]
            self.revision += 1

    def add(self, row: Row) -> Entry:
        """Appends a finished row."""
        self.refresh()
        entry = Entry(uuid.uuid4().hex, row)
        self._entries.append(entry)
        self.revision += 1
        self._keeper.put([entry])
        return entry

    def rename(self, key: str, name: str) -> None:
        """Names an entry `name`; empty: the model's title again."""
        self._change({key}, name=name.strip())
        self._keeper.rename(key, name.strip())

    def pin(self, keys: Collection[str], pinned: bool) -> None:
        """Marks these entries as pinned or not."""
        self._change(keys, pinned=pinned)
        self._keeper.pin(keys, pinned)

    def delete(self, keys: Collection[str]) -> None:
        """Deletes these entries; `undo` restores them."""
        self.refresh()
        gone = [(place, entry) for place, entry in enumerate(self._entries) if entry.key in keys]
        if not gone:
            return
        self._removed.append(gone)
        self._entries = [entry for entry in self._entries if entry.key not in keys]
        self.revision += 1
        self._keeper.drop([entry.key for _, entry in gone])

    def clear(self) -> None:
        """Deletes all entries that are not pinned."""
        self.refresh()
        self.delete({entry.key for entry in self._entries if not entry.pinned})

    def undo(self) -> None:
        """Restores the entries deleted last, in their places."""
        self.refresh()
        if not self._removed:
            return
        removed = self._removed.pop()
        for place, entry in removed:
            self._entries.insert(place, entry)
        self._keeper.put([entry for _, entry in removed])
        self._reorder()

    def move(self, key: str, steps: int) -> None:
        """Moves an entry `steps` places down (up if negative) among those measured under the same conditions."""
        self.refresh()
        entry = self._find(key)
        if not entry:
            return
        peers = [place for place, other in enumerate(self._entries) if other.row.conditions == entry.row.conditions]
        at = next(index for index, place in enumerate(peers) if self._entries[place].key == key)
        to = min(max(at + steps, 0), len(peers) - 1)
        if to != at:
            self._entries.insert(peers[to], self._entries.pop(peers[at]))
            self._reorder()

    def sort(self, value: Callable[[Entry], Any], falling: bool = False) -> None:
        """Orders all entries by their value; equal ones stay as they are."""
        self.refresh()
        self._entries.sort(key=value, reverse=falling)
        self._reorder()

    def _find(self, key: str) -> Entry | None:
        return next((entry for entry in self._entries if entry.key == key), None)

    def _change(self, keys: Collection[str], **fields: Any) -> None:
        self.refresh()
        self._entries = [replace(entry, **fields) if entry.key in keys else entry for entry in self._entries]
        self.revision += 1

    def _reorder(self) -> None:
        self.revision += 1
        self._keeper.order([entry.key for entry in self._entries])


def _known(row: Row) -> bool:
    return known(row.model) is not None and row.conditions.workload in WORKLOADS
