"""How many waited in a queue, over time.

Owns the samples. Knows nothing of which queue it is. Times are seconds on the monotonic clock.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import overload

Sample = tuple[float, int]
"""When, and how many."""
HOLDS = 0.5
"""Seconds for which a sample holds if none follows: there are ten a second."""


class QueueLength(Sequence[Sample]):
    """The samples of the last `held` seconds, in the order of time; none where it is not known."""

    def __init__(self, held: float) -> None:
        self._held = held
        self._samples: list[Sample] = []

    @overload
    def __getitem__(self, place: int) -> Sample: ...
    @overload
    def __getitem__(self, place: slice) -> list[Sample]: ...
    def __getitem__(self, place: int | slice) -> Sample | list[Sample]:
        return self._samples[place]

    def __len__(self) -> int:
        return len(self._samples)

    def clear(self) -> None:
        """Forget all samples."""
        self._samples.clear()

    def note(self, time: float, count: int) -> None:
        """Add a sample; a `count` of -1 is not known."""
        if count < 0:
            return
        self._samples.append((time, count))
        if self._samples[0][0] < time - 2 * self._held:
            del self._samples[: self._place(time - self._held)]

    def at(self, moment: float) -> int | None:
        """How many waited then; None: not known."""
        place = self._place(moment, after=True)
        time, count = self._samples[place - 1] if place else (-HOLDS, 0)
        return count if place and moment - time <= HOLDS else None

    def steps(self, begin: float, end: float) -> Iterator[tuple[float, float, int]]:
        """From when until when so many waited, from `begin` to `end`; neighbours differ, or what is between them is not
        known."""
        first = max(0, self._place(begin, after=True) - 1)
        since = until = begin
        now: int | None = None
        for time, count in self._samples[first : self._place(end, after=True)]:
            if now is not None and (count != now or time > until):
                yield since, min(until, time), now
                now = None
            if now is None:
                since, now = max(begin, time), count
            until = time + HOLDS
        if now is not None and min(until, end) > since:
            yield since, min(until, end), now

    def _place(self, time: float, *, after: bool = False) -> int:
        """The place of the first sample at or `after` a time."""
        return bisect_left(self._samples, (time, 1 << 62) if after else (time, -1))
