"""The observers of HTTP: they provide the current worker, and record that a request was answered."""

from typing import Any, Protocol

from engine.telemetry.wire import Request as Row


class AnsweringWorker(Protocol):
    """The worker that runs now."""

    @property
    def number(self) -> int:
        """What it is called in the record."""

    @property
    def served_by(self) -> bytes:
        """The header line that names the model and the worker."""


class WorkerPlace(Protocol):
    """Where the worker that runs now is found."""

    @property
    def worker(self) -> AnsweringWorker:
        """The worker that runs now."""


class Arrivals(Protocol):
    """What is known of a connection and of the bytes that come on it."""

    @property
    def accepted(self) -> float:
        """When it was accepted; 0 if that is not known."""

    @property
    def arrived(self) -> float:
        """When those that were read last had come to this machine; 0 if that is not known."""


class ConnectionObserver(Protocol):
    """Records the requests on a connection."""

    @property
    def number(self) -> int:
        """What the connection is called in the record."""

    @property
    def current(self) -> WorkerPlace:
        """Where the worker that runs now is found."""

    @property
    def connection(self) -> Arrivals:
        """What is known of the bytes that come."""

    def request_waits(self) -> None:
        """A request of the connection waits from now on for a worker that handles it."""

    def answer_begins(self) -> AnsweringWorker:
        """The worker that runs now begins to handle a request of the connection, which others may have read."""

    def answer_ends(self) -> float:
        """It has handled it; the moment."""

    def answered(self, worker: Any, status: int, request_head: bytes, whole: bool) -> bool:
        """`worker` has answered a request, or its reply broke off; whether more is wanted of it, in a `report`."""

    def report(self, row: Row, request_head: bytes, reply_head: bytes) -> None:
        """Take all of it.

        Instead of a request that was not understood there is no head, or in brackets what it was; a greeting has none.
        """


class NullObserver:
    """The observer of requests that nobody sent, its place and its worker."""

    number = 0
    accepted = arrived = 0.0
    served_by = b""

    @property
    def current(self) -> "NullObserver":
        return self

    worker = connection = current

    def request_waits(self) -> None:
        """Nothing is noted."""

    def answer_begins(self) -> "NullObserver":
        return self

    def answer_ends(self) -> float:
        return 0.0

    def answered(self, worker: Any, status: int, request_head: bytes, whole: bool) -> bool:
        """Nothing is wanted."""
        return False

    def report(self, row: Row, request_head: bytes, reply_head: bytes) -> None:
        """Nothing is done with it."""
