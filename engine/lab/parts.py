"""What a request's time in the server went into, from the seven moments that are known of it.

Owns this arithmetic: the window and the lab do the same. Knows nothing of sockets or of who shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

from engine.texts import QT_TRANSLATE_NOOP

PERCENTILES = (50, 90, 99)
NAMED = 0.1
"""The share of the time from which on a sentence names a part."""
BAND = 0.5
"""Percent of the requests on each side of a percentile whose parts are averaged: one request alone is chance."""


class RequestPart(IntEnum):
    """A part of a request's time, in the order in which they come."""

    ACCEPT_QUEUE = 0
    """Its bytes were there, its connection was not accepted yet."""
    TURN = 1
    """Its bytes were there and its connection accepted: the server had not come to read it yet."""
    READING = 2
    """From its first bytes until it was read whole."""
    WORKER = 3
    """It was read whole, and the application was not called yet."""
    HANDLING = 4
    """From calling the application until the reply's head was ready."""
    WRITING = 5
    """Until the reply's last byte was with the kernel."""


NAMES = {
    RequestPart.ACCEPT_QUEUE: QT_TRANSLATE_NOOP("parts", "accept queue"),
    RequestPart.TURN: QT_TRANSLATE_NOOP("parts", "its turn"),
    RequestPart.READING: QT_TRANSLATE_NOOP("parts", "reading"),
    RequestPart.WORKER: QT_TRANSLATE_NOOP("parts", "for a worker"),
    RequestPart.HANDLING: QT_TRANSLATE_NOOP("parts", "handling"),
    RequestPart.WRITING: QT_TRANSLATE_NOOP("parts", "writing"),
}
"""What a part is called as a line or a column."""
PHRASES = {
    RequestPart.ACCEPT_QUEUE: QT_TRANSLATE_NOOP("parts", "{time} in the accept queue"),
    RequestPart.TURN: QT_TRANSLATE_NOOP("parts", "{time} waiting for its turn"),
    RequestPart.READING: QT_TRANSLATE_NOOP("parts", "{time} reading the request"),
    RequestPart.WORKER: QT_TRANSLATE_NOOP("parts", "{time} waiting for a worker"),
    RequestPart.HANDLING: QT_TRANSLATE_NOOP("parts", "{time} handling"),
    RequestPart.WRITING: QT_TRANSLATE_NOOP("parts", "{time} writing the reply"),
}
"""Where `{time}` went, as a piece of a sentence."""


class Stretch(NamedTuple):
    """The time of one part, or of some that follow each other, where the moments between them are not known."""

    parts: tuple[RequestPart, ...]
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


@dataclass(frozen=True)
class Parts:
    """The whole time of one request in the server: stretches without a gap, none of them negative."""

    stretches: tuple[Stretch, ...]
    from_arrival: bool
    """Whether the time begins when its bytes arrived; if that is not known, it begins with the first read."""

    @property
    def begin(self) -> float:
        """When it begins."""
        return self.stretches[0].begin

    @property
    def total(self) -> float:
        """Seconds in the server: the sum of the parts."""
        return self.stretches[-1].end - self.begin

    @cached_property
    def seconds(self) -> dict[tuple[RequestPart, ...], float]:
        """How long each stretch is."""
        return {stretch.parts: stretch.seconds for stretch in self.stretches}

    def of(self, part: RequestPart) -> float | None:
        """The seconds of one part; None if they are not known."""
        return self.seconds.get((part,))


def split(
    arrived: float, accepted: float, begun: float, read: float, handled: float, answered: float, written: float
) -> Parts:
    """The parts of a request, from its moments as `engine.telemetry.wire.Request` has them: 0 is not known."""
    first = RequestPart.HANDLING if not begun else RequestPart.ACCEPT_QUEUE if arrived else RequestPart.READING
    begin = (arrived or begun) if begun else handled or written  # nothing was read: the client only closed
    written = max(begin, written)
    queued = max(arrived, accepted) if accepted else 0.0  # on a kept connection, accepting came before
    ends = queued, begun, read, handled, answered, written
    stretches: list[Stretch] = []
    since = begin
    for part, end in zip(_PARTS[first:], ends[first:], strict=True):
        if end or part is RequestPart.WRITING:
            end = min(max(since, end), written)  # two clocks may differ by microseconds
            stretches.append(Stretch(_PARTS[first : part + 1], since, end))
            since, first = end, RequestPart(min(part + 1, RequestPart.WRITING))
    return Parts(tuple(stretches), stretches[0].parts[0] is RequestPart.ACCEPT_QUEUE)


class Percentile(NamedTuple):
    """What a request at this percentile of the time in the server spent its time on."""

    percent: float
    total: float
    """Seconds in the server."""
    seconds: dict[tuple[RequestPart, ...], float]
    """Of each part, or of some together where the moments between them are not known; their sum is `total`."""


def by_percentile(totals: Sequence[float], parts: Callable[[int], Parts]) -> list[Percentile]:
    """For each of `PERCENTILES` what it is made of; `parts` gives those of the request with this place in `totals`.

    They are averaged over the requests that rank next to the percentile, and scaled to add up to it.
    """
    order = sorted(range(len(totals)), key=totals.__getitem__)
    return [_at(percent, order, parts) for percent in PERCENTILES] if order else []


def longest(at: Percentile) -> list[tuple[tuple[RequestPart, ...], float]]:
    """The parts that a sentence names, with their seconds, the longest first; none if there was no time."""
    ordered = sorted(at.seconds.items(), key=lambda item: -item[1])
    return [(parts, seconds) for parts, seconds in ordered if seconds >= NAMED * at.total > 0]


def rank(percent: float, count: int) -> int:
    """The place of the percentile among `count` ascending values: the least that so many percent do not exceed."""
    return min(count - 1, max(0, -int(-percent * count // 100) - 1))


def _at(percent: float, order: Sequence[int], parts: Callable[[int], Parts]) -> Percentile:
    count = len(order)
    low, high = rank(percent - BAND, count), rank(percent + BAND, count)
    total = parts(order[rank(percent, count)]).total
    sums: dict[tuple[RequestPart, ...], float] = {}
    for place in order[low : high + 1]:
        for key, seconds in parts(place).seconds.items():
            sums[key] = sums.get(key, 0.0) + seconds
    together = sum(sums.values())
    scale = total / together if together else 0.0
    return Percentile(percent, total, {key: sums[key] * scale for key in sorted(sums)})


_PARTS = tuple(RequestPart)
