"""The scoreboard as data: measured rows, what a person called them, pinned, deleted, and put in order.

Owns the list and what undo brings back. Each change is handed to a keeper at once, so that what is on the scoreboard
outlives a crash; before it, what other windows have changed is taken over, so that nothing they did is
undone. Knows nothing of Qt, of files, or of who shows it.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from engine.lab.rows import Conditions, Row
from engine.load.workloads import WORKLOADS
from engine.models import MODELS


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the scoreboard."""

    key: str
    """Never changes and is never used again, in whichever window it came to be."""
    row: Row
    name: str = ""
    """What a person called it; empty: what its model is called."""
    pinned: bool = False
    """Whether it stays when the scoreboard is cleared."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that were measured under the same conditions, so that they compare."""

    conditions: Conditions
    entries: tuple[Entry, ...]


class EntryStore(Protocol):
    """Where entries outlive the window."""

    def entries(self) -> list[Entry]:
        """All that are kept, in order."""

    def changed(self) -> list[Entry] | None:
        """All that are kept, if another window has changed them since they were read; None if not, or not known."""

    def put(self, entries: Iterable[Entry]) -> None:
        """Keeps these entries: one whose key is known at its place, any other at the end."""

    def rename(self, key: str, name: str) -> None:
        """Calls an entry so, if it is still there."""

    def pin(self, keys: Iterable[str], pinned: bool) -> None:
        """Marks these entries, those that are still there, as pinned or not."""

    def drop(self, keys: Iterable[str]) -> None:
        """Forgets these entries."""

    def order(self, keys: Iterable[str]) -> None:
        """Puts the entries into this order."""


class Scoreboard:
    """The rows in the order in which they are shown."""

    def __init__(self, keeper: EntryStore) -> None:
        """Begins with what the keeper has, but for models and workloads that this program does not know."""
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
        """How many rows `undo` would bring back."""
        return len(self._removed[-1]) if self._removed else 0

    def groups(self) -> list[Group]:
        """The rows by their conditions, those measured last first."""
        found: dict[Conditions, list[Entry]] = {}
        for entry in self._entries:
            found.setdefault(entry.row.conditions, []).append(entry)
        groups = [Group(conditions, tuple(entries)) for conditions, entries in found.items()]
        return sorted(groups, key=lambda group: max(entry.row.begin for entry in group.entries), reverse=True)

    def refresh(self) -> None:
        """Takes over what other windows have changed."""
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
        """Calls an entry `name`; an empty one gives it its model's title back."""
        self._change({key}, name=name.strip())
        self._keeper.rename(key, name.strip())

    def pin(self, keys: Collection[str], pinned: bool) -> None:
        """Lets these entries stay when the scoreboard is cleared, or no longer."""
        self._change(keys, pinned=pinned)
        self._keeper.pin(keys, pinned)

    def delete(self, keys: Collection[str]) -> None:
        """Takes these entries away."""
        self.refresh()
        gone = [(place, entry) for place, entry in enumerate(self._entries) if entry.key in keys]
        if not gone:
            return
        self._removed.append(gone)
        self._entries = [entry for entry in self._entries if entry.key not in keys]
        self.revision += 1
        self._keeper.drop([entry.key for _, entry in gone])

    def clear(self) -> None:
        """Takes all entries away that are not pinned."""
        self.refresh()
        self.delete({entry.key for entry in self._entries if not entry.pinned})

    def undo(self) -> None:
        """Brings back what was last taken away, to where it was."""
        self.refresh()
        if not self._removed:
            return
        removed = self._removed.pop()
        for place, entry in removed:
            self._entries.insert(place, entry)
        self._keeper.put([entry for _, entry in removed])
        self._reorder()

    def move(self, key: str, steps: int) -> None:
        """Moves an entry so many places down (up if negative) among those measured under the same conditions."""
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
    return row.model in MODELS and row.conditions.workload in WORKLOADS
