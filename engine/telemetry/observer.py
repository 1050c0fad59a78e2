"""What happens to requests on a connection, counted and told.

Owns the way of a request from HTTP to the recorder. Knows neither sockets nor HTTP.
"""

from engine.telemetry.recorder import Connection, Recorder
from engine.telemetry.tally import FAILED, REQUESTS
from engine.telemetry.workers import Worker


class RequestObserver:
    """Counts the requests of `connection` for the worker that answers them, and tells the recorder of them."""

    __slots__ = ("_connection", "_recorder", "here")

    def __init__(self, recorder: Recorder, connection: Connection) -> None:
        self._recorder = recorder
        self._connection = connection
        self.here = recorder.here

    def answered(
        self,
        worker: Worker,
        request: bytes,
        reply: bytes,
        status: int,
        sent: int,
        begun: float,
        handled: float,
        whole: bool,
    ) -> None:
        """`worker` answered a request, or its reply broke off (not `whole`). An empty `request` was not understood."""
        row = worker.row
        row[REQUESTS] += 1
        if not whole or status >= 500 or (status and not request):
            row[FAILED] += 1
        if self._connection.is_told:
            self._recorder.request_answered(
                worker, self._connection.number, request, reply, status, sent, begun, handled, whole
            )
