"""What happens to requests on a connection, counted and recorded.

Owns the way of a request from HTTP to the recorder. Knows neither sockets nor HTTP.
"""

from collections.abc import Callable
from sys import _getframe
from types import FrameType
from typing import TypeAlias

from engine.clock import monotonic
from engine.telemetry.activities import Connection
from engine.telemetry.counters import FAILED, PUT, REQUESTS, note_served, note_taken
from engine.telemetry.recorder import Recorder
from engine.telemetry.spent import UNKNOWN
from engine.telemetry.workers import Worker

_NOT_UNDERSTOOD = (b"", b"(")
Caller: TypeAlias = Callable[[FrameType | None], tuple[int, int]]
"""The number of the file, and the line, of the model's code that makes the call whose caller is the frame."""


class RequestObserver:
    """Counts the requests of `connection` for the worker that answers them, and passes them to the recorder."""

    __slots__ = ("connection", "current", "number", "report")

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        self.connection = connection
        """Says when it was accepted, and when the bytes came that were read last."""
        self.report = recorder.request_answered
        self.current = recorder.current
        self.number = connection.number

    def request_waits(self) -> None:
        """A request waits for a worker: only where requests are handed over."""

    def answer_begins(self) -> Worker:
        """The worker that runs now begins to handle a request of the connection."""
        return self.current.worker

    def answer_ends(self) -> float:
        """It has handled it; the moment."""
        return monotonic()

    def answered(self, worker: Worker, status: int, request_head: bytes, whole: bool) -> bool:
        """Count a request that `worker` answered, or whose reply broke off; whether it is to be reported.

        A `request_head` that was not understood is empty, or says in brackets what it was.
        """
        counters = worker.row
        counters[REQUESTS] += 1
        if status >= 500 or not whole or (status >= 400 and request_head[:1] in _NOT_UNDERSTOOD):
            counters[FAILED] += 1
        return self.connection.is_reported


class SteppedObserver(RequestObserver):
    """The same where others may be served between reading a request and handling it: notes when it was handled."""

    __slots__ = ("_begun", "_handled")

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        super().__init__(recorder, connection)
        self._handled = recorder.handling
        self._begun = 0.0

    def answer_begins(self) -> Worker:
        self._begun = monotonic() if self.connection.is_traced else 0.0
        return self.current.worker

    def answer_ends(self) -> float:
        now = monotonic()
        if self._begun:  # before its reply is sent, so that it is reported before that
            self._handled(self.current.worker, self.number, self._begun, now, UNKNOWN, (0, 0))
        return now


class HandedOverObserver(RequestObserver):
    """The same where other workers handle requests than those that read them: notes what they are doing."""

    __slots__ = ("_caller", "_handled")

    def __init__(self, recorder: Recorder, connection: Connection, caller: Caller) -> None:
        super().__init__(recorder, connection)
        self._handled = recorder.handling
        self._caller = caller

    def request_waits(self) -> None:
        self.current.worker.row[PUT] += 1

    def answer_begins(self) -> Worker:
        worker, now = self.current.worker, monotonic()
        note_taken(worker.row, now)
        if self.connection.is_marked:
            worker.activity = 0, *self._caller(_getframe(1)), self.number, now
        return worker

    def answer_ends(self) -> float:
        worker, now = self.current.worker, monotonic()
        note_served(worker.row, now)
        _, file, line, number, begun = worker.activity
        if number:
            worker.activity = 0, file, line, 0, now
            if self.connection.is_traced:  # before its reply is sent, so that it is reported before that
                self._handled(worker, number, begun, now, UNKNOWN, (0, 0))
        return now
