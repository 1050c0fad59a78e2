"""The phones of a class, as data: who is there, and what each is called in the picture.

Two phones may have the same name: the second is called with a number then. Knows nothing of Qt.
"""

from typing import Any

from engine.apps.phone_limits import MOST_PHONES
from engine.telemetry import wire

HERE = 60.0
"""Seconds after its last request for which a phone is said to be here."""


class PhoneHistory:
    """The phones of one run: of more than there may be, those that asked last, since a page chooses its key freely."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._typed: dict[str, str] = {}
        self._seen: dict[str, float] = {}
        """When each asked last, the oldest first."""

    def receive(self, message: Any) -> None:
        """Receive one message of the engine's stream."""
        match message:
            case wire.Ready():
                self._names.clear()
                self._typed.clear()
                self._seen.clear()
            case wire.Phones():
                for row in message.rows:
                    self.name(row)

    def name(self, row: wire.Phone) -> str:
        """What this phone is called, which asks: as it says, or with a number where another one is called so."""
        self._seen.pop(row.key, None)
        self._seen[row.key] = row.time
        if len(self._seen) > MOST_PHONES:
            oldest = next(iter(self._seen))
            for each in (self._seen, self._names, self._typed):
                del each[oldest]
        if self._typed.get(row.key) != row.name:
            self._typed[row.key] = row.name
            others = {name for key, name in self._names.items() if key != row.key}
            name, number = row.name, 1
            while name in others:
                number += 1
                name = f"{row.name} {number}"
            self._names[row.key] = name
        return self._names[row.key]

    def here(self, now: float) -> int:
        """How many have asked lately."""
        return sum(seen > now - HERE for seen in self._seen.values())
