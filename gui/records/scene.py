"""All that is known of what runs, or ran: the records that the streams fill, on one clock.

Owns which record takes which stream, the same for a live run and a replay. Knows nothing of where streams come from.
"""

from collections.abc import Callable
from typing import Any

from gui.records.lanes import Lanes
from gui.records.load_record import LoadRecord
from gui.records.record import Record
from gui.records.whereabouts import Whereabouts
from gui.runs.streams import FIRST, SECOND


class Scene:
    """What is known of one engine and of the load on it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.record = Record(clock)
        self.load_record = LoadRecord(clock)
        self.lanes = Lanes()
        self.whereabouts = Whereabouts()

    @property
    def is_running(self) -> bool:
        """Whether its engine or its load runs."""
        return bool(self.record.ready or self.load_record.ready)

    @property
    def revision(self) -> int:
        """Grows with each arrival that can be seen."""
        return self.record.revision + self.load_record.revision

    def hear_engine(self, message: Any) -> None:
        """Takes one message of the engine's stream, in the stream's order."""
        for take in (self.record.receive, self.lanes.receive, self.whereabouts.receive):
            take(message)


class Scenes:
    """The scene of the engine that was chosen, and that of the one beside it, if one ever ran there."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.first, self.second = Scene(clock), Scene(clock)
        self._takes: dict[str, Callable[[Any], None]] = {}
        for streams, scene in ((FIRST, self.first), (SECOND, self.second)):
            self._takes[streams.engine] = scene.hear_engine
            self._takes[streams.load] = scene.load_record.receive
            self._takes[streams.usage] = scene.record.note_usage

    @property
    def is_running(self) -> bool:
        """Whether anything runs."""
        return self.first.is_running or self.second.is_running

    @property
    def revision(self) -> int:
        """Grows with each arrival that can be seen."""
        return self.first.revision + self.second.revision

    def receive(self, stream: str, message: Any) -> None:
        """Takes a message of one of the streams that `gui.runs.streams` names."""
        self._takes[stream](message)
