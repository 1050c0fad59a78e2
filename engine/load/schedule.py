"""When requests are due that come at a rate, however fast they are answered: the open loop."""

from time import monotonic


class Schedule:
    """Requests due at even intervals from now on, each of them taken by the next client that is free.

    A client takes one ahead of its time and waits for it. Where all clients are busy nobody takes the next one, and
    whoever does in the end finds out how late it is: so a server that stalls can't keep requests from being counted.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._interval = 1 / rate
        self._next = monotonic()

    def take(self) -> float:
        """When the next request is due that nobody has taken."""
        due = self._next
        self._next += self._interval
        return due

    def behind(self, now: float) -> float:
        """For how many seconds the oldest request that nobody has taken has been due."""
        return max(0.0, now - self._next)


class Rescheduled(Exception):
    """There is another schedule; raised in a client that waits for its request to be due."""
