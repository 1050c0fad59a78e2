"""What the counters of a run prove of a mistake: polls without a read, zombies, lost bytes.

Owns when such a consequence is proven; nothing else is said. Knows nothing of which mistake was made, of words or of
Qt. Times are seconds on the monotonic clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from engine.telemetry import wire
from engine.traits import Traits

if TYPE_CHECKING:
    from engine.lab.usage import Usage

LASTING = 1.0
"""Seconds for which it must have been so."""
ZOMBIES_LAST = 2.0
"""The same for children: one that has just ended is reaped in a moment."""
MANY_POLLS = 1_000
"""Polls a second from which on they are no ordinary work."""
TIMES_SERVED = 10
"""How many times as many as there were clients and requests to serve."""
FEWEST = 3
"""Clients of which none was answered at least."""
MOST = 0.5
"""The part of the children that have ended, from which on zombies stay."""
LOST = 0.995
"""The part of what was said to be sent, below which some of it is lost."""


@dataclass(frozen=True)
class UnreadPolls:
    """The kernel was asked again and again for connections that are ready and that nobody reads."""

    per_second: float
    connections: int


@dataclass(frozen=True)
class ZombiesStay:
    """Children that have ended and were not waited for."""

    count: int


@dataclass(frozen=True)
class BytesLost:
    """The kernel was given less than the server said that it had sent."""

    share: float


@dataclass(frozen=True)
class NoneAnswered:
    """Clients were accepted and have sent a request, and none was ever answered."""

    accepted: int


Consequence: TypeAlias = UnreadPolls | ZombiesStay | BytesLost | NoneAnswered


@dataclass
class RunEvidence:
    """What one engine has reported so far."""

    said: int = 0
    """Bytes of the replies that were reported."""
    replies: int = 0
    unread: dict[int, float] = field(default_factory=dict)
    """Connections in which there is something to read, and since when."""
    _partly: list[int] = field(default_factory=list)

    def take_requests(self, rows: Sequence[wire.Request]) -> None:
        """Take the requests of one message."""
        self.said += sum(row.bytes for row in rows)
        self.replies += len(rows)

    def take_activities(self, message: wire.Activities) -> None:
        """Take which connections have something to read; the last of several messages says so."""
        self._partly += message.readable
        if message.polled:
            self.unread = {number: self.unread.get(number, message.polled) for number in self._partly}
            self._partly = []

    def consequence(
        self, traits: Traits, counters: Sequence[wire.Counters], usages: "Sequence[Usage]"
    ) -> Consequence | None:
        """What is proven, if anything; `counters` and `usages`: those of the last seconds, the newest last."""
        last = counters[-1]
        before = next((each for each in reversed(counters) if each.time <= last.time - LASTING), None)
        if before is None:
            return None
        stuck = sum(since <= last.time - LASTING for since in self.unread.values())
        if last.accepted >= FEWEST and not last.requests and stuck >= FEWEST:
            return NoneAnswered(last.accepted)
        served = (last.requests - before.requests) + (last.accepted - before.accepted)
        polls = (last.polls - before.polls) / (last.time - before.time)
        if stuck and polls >= MANY_POLLS and last.polls - before.polls >= TIMES_SERVED * served:
            return UnreadPolls(polls, stuck)
        is_whole = self.replies == last.requests and last.requests_every == 1 and not last.dropped
        if is_whole and self.said and last.bytes < LOST * self.said:
            return BytesLost(last.bytes / self.said)
        return _zombies(traits, counters, usages)


def _zombies(traits: Traits, counters: Sequence[wire.Counters], usages: "Sequence[Usage]") -> ZombiesStay | None:
    """Only where each connection has a child of its own, so that it is known how many have ended."""
    if traits.worker != "process" or traits.serves != "one" or not usages:
        return None
    since = usages[-1].time - ZOMBIES_LAST
    seen = [usage.zombies for usage in usages if usage.time >= since]
    ended = next((each.accepted - each.open for each in counters if each.time >= since), 0)
    lasting = usages[0].time <= since and min(seen) >= max(1, MOST * ended) and seen == sorted(seen)
    return ZombiesStay(seen[-1]) if lasting else None
