"""Applications that can take long, with what handling took noted in their responses.

Owns when the clocks are read: around the application, and nowhere else. Knows nothing of clocks.
"""

from typing import Any, Protocol

from engine.telemetry.spent import UNKNOWN, Spent
from engine.web.request import Request
from engine.web.response import Application, Response


class Clocks(Protocol):
    """What says how the worker that runs now spends its time."""

    @property
    def worker(self) -> Any:
        """The worker that runs now."""

    def begin(self, worker: Any = None) -> Any:
        """It begins to handle a request, or `worker` does, for which it is called; returns what `end` takes."""

    def end(self, begun: Any) -> Spent:
        """It has ended; what it did meanwhile."""


class NoClocks:
    """Where nobody asks what handling took."""

    worker = None

    def begin(self, worker: None = None) -> None:
        """Read nothing."""

    def end(self, begun: None) -> Spent:
        """Nothing is known."""
        return UNKNOWN


NO_CLOCKS = NoClocks()


def measured(application: Application, clocks: Clocks) -> Application:
    """`application`, called between two readings of `clocks`."""

    def respond(request: Request) -> Response:
        begun, spent = clocks.begin(), UNKNOWN
        try:
            response = application(request)
        finally:
            spent = clocks.end(begun)
        if not response.fresh_until:  # or else it may be given again without being made again
            response.spent = spent
        return response

    return respond
