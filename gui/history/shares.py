"""Who gets the next connection: the share of each of several workers, lately and since the server began.

Owns the counts of each worker. Knows nothing of Qt or of pixels. Times are seconds on the monotonic clock.
"""

from collections import deque
from dataclasses import dataclass
from math import sqrt

from engine.telemetry import wire

LATELY = 5.0
"""Seconds that a live share is of."""
MOST = 512
"""Workers that are kept, the newest."""
FEWEST = 40
"""Connections from which on it is said whether shares are even."""
SURE = 4.0
"""Standard deviations from the even share from which on a larger one is no chance."""
UNEVEN = 1.25
"""Times the even share from which on the largest is worth a word."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker got in a stretch of time."""

    worker: int
    """Its number, as in `wire.Request`."""
    got: int
    """Connections; requests, where these are what the pool's queue holds."""
    part: float
    """Of all that the workers got; 0 if none got any."""
    requests: int
    requests_part: float
    busy: float | None
    """The part of the time for which it served; None: not known."""
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class Division:
    """How connections were divided among workers."""

    shares: tuple[Share, ...]
    """By the workers' numbers."""
    seconds: float
    """Of which stretch of time."""
    of_requests: bool
    """Whether requests are divided, as the loop that hands them over has all connections."""

    @property
    def total(self) -> int:
        """What all of them got."""
        return sum(each.got for each in self.shares)

    @property
    def even(self) -> float:
        """The part of each, if all got as many."""
        return 1 / len(self.shares) if self.shares else 0.0

    @property
    def unevenness(self) -> float:
        """How many times the even share the largest one is; 1: all are even."""
        return max((each.part for each in self.shares), default=0.0) * len(self.shares)

    @property
    def is_uneven(self) -> bool:
        """Whether the largest is so much larger that it is no chance."""
        chance = sqrt(self.even * (1 - self.even) / self.total) if self.total else 1.0
        return (
            self.total >= FEWEST
            and self.unevenness >= UNEVEN
            and max(each.part for each in self.shares) - self.even >= SURE * chance
        )

    @property
    def is_even(self) -> bool:
        """Whether it is known that all got about as many."""
        return self.total >= FEWEST * len(self.shares) and self.unevenness < UNEVEN


class Shares:
    """The counts of the workers of the server that runs, or ran last."""

    def __init__(self) -> None:
        self.since = 0.0
        """When the server was ready."""
        self._workers: dict[int, deque[tuple[float, wire.WorkerCounts]]] = {}
        self._now = 0.0

    def receive(self, message: wire.AnyMessage) -> None:
        """Takes one message of an engine's stream, in the stream's order."""
        match message:
            case wire.Ready():
                self._workers.clear()
                self.since = self._now = message.time
            case wire.Counters():
                self._now = message.time
            case wire.Workers():
                self._now = message.time
                for row in message.rows:
                    self._take(message.time, row)

    def _take(self, time: float, row: wire.WorkerCounts) -> None:
        kept = self._workers.setdefault(row.worker or row.pid, deque())
        kept.append((time, row))
        while len(kept) > 2 and kept[1][0] <= time - LATELY:
            kept.popleft()
        while len(self._workers) > MOST:
            self._workers.pop(next(iter(self._workers)))

    def whole(self) -> Division:
        """Since the server began."""
        return self._division(self.since)

    def lately(self) -> Division:
        """In the last seconds, of the workers that have not ended."""
        return self._division(max(self.since, self._now - LATELY), with_ended=False)

    def _division(self, begin: float, *, with_ended: bool = True) -> Division:
        rows = {number: kept[-1][1] for number, kept in self._workers.items() if kept}
        accepting = [row for row in rows.values() if row.accepted]
        of_requests = not accepting and any(row.requests for row in rows.values())
        masters = {row.parent for row in rows.values()}
        counts = []
        for number, row in sorted(rows.items()):
            is_master = row.pid in masters and not row.worker and not row.accepted and not row.requests
            if is_master or (row.has_ended and not (with_ended and (row.accepted or row.requests))):
                continue
            before = self._before(number, begin)
            got = row.requests if of_requests else row.accepted
            got -= (before.requests if of_requests else before.accepted) if before else 0
            counts.append((row, got, row.requests - (before.requests if before else 0), before))
        total, requests = sum(got for _, got, *_ in counts), sum(each for _, _, each, _ in counts)
        shares = tuple(
            Share(
                row.worker or row.pid,
                got,
                got / total if total else 0.0,
                answered,
                answered / requests if requests else 0.0,
                self._busy(row, before, begin),
                row.has_ended,
            )
            for row, got, answered, before in counts
        )
        return Division(shares, self._now - begin, of_requests)

    def _before(self, number: int, begin: float) -> wire.WorkerCounts | None:
        """The counts of a worker when the stretch of time began; None: it had none then."""
        if begin <= self.since:
            return None
        older = [row for time, row in self._workers[number] if time <= begin]
        return older[-1] if older else None

    def _busy(self, row: wire.WorkerCounts, before: wire.WorkerCounts | None, begin: float) -> float | None:
        """The part of the time for which it served; its processor's, if no more is known."""
        spent, earlier = (
            (row.busy, before.busy if before else 0.0)
            if row.busy >= 0
            else (row.computed, before.computed if before else 0.0)
        )
        lasted = self._now - begin
        return min(1.0, max(0.0, (spent - earlier) / lasted)) if spent >= 0 and lasted > 0 else None
