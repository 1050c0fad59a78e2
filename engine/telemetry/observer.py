"""What happens to requests on a connection, counted and recorded.

Owns the way of a request from HTTP to the recorder. Knows neither sockets nor HTTP.
"""

from engine.telemetry.activities import Connection
from engine.telemetry.counters import FAILED, REQUESTS
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import Request
from engine.telemetry.workers import Worker

_NOT_UNDERSTOOD = (b"", b"(")


class RequestObserver:
    """Counts the requests of `connection` for the worker that answers them, and passes them to the recorder."""

    __slots__ = ("_recorder", "connection", "current", "number")

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        self._recorder = recorder
        self.connection = connection
        """Says when the bytes came that were read last."""
        self.current = recorder.current
        self.number = connection.number

    def answered(self, worker: Worker, status: int, request_head: bytes, whole: bool) -> bool:
        """Count a request that `worker` answered, or whose reply broke off; whether it is to be reported.

        A `request_head` that was not understood is empty, or says in brackets what it was.
        """
        counters = worker.row
        counters[REQUESTS] += 1
        if status >= 500 or not whole or (status >= 400 and request_head[:1] in _NOT_UNDERSTOOD):
            counters[FAILED] += 1
        return self.connection.is_reported

    def report(self, row: Request, request_head: bytes, reply_head: bytes) -> None:
        """Record the request. An empty `request_head` was not understood."""
        row.accepted = self.connection.accepted
        self._recorder.request_answered(row, request_head, reply_head)
