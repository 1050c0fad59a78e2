"""What happens to requests on a connection, counted and told.

Owns the way of a request from HTTP to the recorder. Knows neither sockets nor HTTP.
"""

from engine.telemetry.counters import FAILED, REQUESTS
from engine.telemetry.recorder import Connection, Recorder
from engine.telemetry.wire import Request
from engine.telemetry.workers import Worker

_NOT_UNDERSTOOD = (b"", b"(")


class RequestObserver:
    """Counts the requests of `connection` for the worker that answers them, and tells the recorder of them."""

    __slots__ = ("_connection", "_recorder", "current", "number")

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        self._recorder = recorder
        self._connection = connection
        self.current = recorder.current
        self.number = connection.number

    @property
    def arrived(self) -> float:
        """When the bytes that were read last had come to this machine; 0 if that is not known."""
        return self._connection.arrived

    def answered(self, worker: Worker, row: Request, request_head: bytes, reply_head: bytes) -> None:
        """`worker` answered a request, or its reply broke off. A `request_head` that was not understood is empty, or
        says in brackets what it was."""
        counters = worker.row
        counters[REQUESTS] += 1
        if row.status >= 500 or not row.whole or (row.status >= 400 and request_head[:1] in _NOT_UNDERSTOOD):
            counters[FAILED] += 1
        if self._connection.is_reported:
            row.accepted = self._connection.accepted
            self._recorder.request_answered(row, request_head, reply_head)
