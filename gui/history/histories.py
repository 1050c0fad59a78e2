"""The history of both runs, filled from their streams, on one clock.

Owns which history gets which stream, the same for a live run and a replay. Knows nothing of where streams come from.
"""

from collections.abc import Callable
from typing import Any

from engine.telemetry import wire
from gui.history.by_hand import HandHistory
from gui.history.clients import ClientHistory
from gui.history.lanes import Lanes
from gui.history.line_profile import LineProfile
from gui.history.phases import request_at
from gui.history.phones import PhoneHistory
from gui.history.program import ProgramHistory
from gui.history.server import ServerHistory
from gui.runs.streams import FIRST, SECOND


class RunHistory:
    """The histories of one engine and of the load on it."""

    def __init__(self, clock: Callable[[], float], is_replay: bool = False) -> None:
        self.is_replay = is_replay
        """Whether what it shows was recorded."""
        self.server = ServerHistory(clock)
        self.clients = ClientHistory(clock)
        self.lanes = Lanes()
        self.line_profile = LineProfile()
        self.program = ProgramHistory()
        self.phones = PhoneHistory()
        self.by_hand = HandHistory()

    @property
    def is_running(self) -> bool:
        """Whether its engine or its load runs."""
        return bool(self.server.ready or self.clients.ready)

    @property
    def revision(self) -> int:
        """Grows with each message that changes what is shown."""
        return self.server.revision + self.clients.revision + self.by_hand.revision

    def request_text(self, connection: int, moment: float) -> str:
        """The request that the connection was busy with at that moment, as in `GET /`; empty if it is not known."""
        row = request_at(self.server.log, connection, moment)
        return f"{row.method} {row.target}".strip() if row else ""

    def receive_engine(self, message: Any) -> None:
        """Receive one message of the engine's stream, in the stream's order."""
        if isinstance(message, wire.Phones):
            self.phones.receive(message)
            names = {row.connection: self.phones.name(row) for row in message.rows}
            self.server.log.name_clients(names)
            self.lanes.name_clients(names)
            return
        for take in (
            self.server.receive,
            self.clients.note_server,
            self.lanes.receive,
            self.line_profile.receive,
            self.program.receive,
            self.phones.receive,
            self.by_hand.receive_engine,
        ):
            take(message)


class Histories:
    """The history of the first run, and that of the second, which may be empty."""

    def __init__(self, clock: Callable[[], float], is_replay: bool = False) -> None:
        self.first, self.second = RunHistory(clock, is_replay), RunHistory(clock, is_replay)
        self._receivers: dict[str, Callable[[Any], None]] = {}
        for streams, history in ((FIRST, self.first), (SECOND, self.second)):
            self._receivers[streams.engine] = history.receive_engine
            self._receivers[streams.load] = history.clients.receive
            self._receivers[streams.usage] = history.server.note_usage
            self._receivers[streams.by_hand] = history.by_hand.receive

    @property
    def is_running(self) -> bool:
        """Whether anything runs."""
        return self.first.is_running or self.second.is_running

    @property
    def revision(self) -> int:
        """Grows with each message that changes what is shown."""
        return self.first.revision + self.second.revision

    def receive(self, stream: str, message: Any) -> None:
        """Receive a message of one of the streams in `gui.runs.streams`."""
        self._receivers[stream](message)
