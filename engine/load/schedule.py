"""The open loop: when requests are due that are sent at a rate, however fast the responses come."""

from engine.clock import monotonic


class Schedule:
    """Requests that are due at even intervals from now on. The next free client takes the next one.

    A client takes a request ahead of its time and waits until it is due. While all clients are busy nobody takes the
    next one, so the client that takes it later sees how late it is: a stalled server can't hide requests from the count
    (no coordinated omission).
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._interval = 1 / rate
        self._next = monotonic()

    def take(self) -> float:
        """When the next request that no client has taken is due."""
        due = self._next
        self._next += self._interval
        return due

    def behind(self, now: float) -> float:
        """For how many seconds the oldest request that no client has taken has been due."""
        return max(0.0, now - self._next)


class Rescheduled(Exception):
    """The schedule was replaced. Raised in a client that waits for its request to be due."""
