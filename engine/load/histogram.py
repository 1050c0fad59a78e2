"""How often which latency came: a histogram with three significant digits, and its text on the wire.

Owns the places of the counts and the coding, both those of HdrHistogram (V2, zlib, base64), so that its tools read what
is written here. Knows nothing of clients or messages.

A place is a number: below 2048 the value itself; above, each doubling of the value has 1024 places more.
"""

import base64
import binascii
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

LOWEST, HIGHEST, DIGITS = 1, 600_000_000, 3
"""Range, and precision in significant digits; of latencies in microseconds: to ten minutes."""
_HALF_BITS = 10
"""A doubling has 2**10 places, the least that keeps three digits apart."""
_OUTER = struct.Struct(">II")
_INNER = struct.Struct(">IIIIQQd")
_COMPRESSED, _PLAIN = 0x1C849314, 0x1C849313
"""How the two headers of HdrHistogram's V2 begin."""


class Histogram:
    """Counts of whole numbers from `LOWEST` to `HIGHEST`; what lies outside counts as the nearer of these."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        """By place; a place without any is left out."""
        self.total = 0

    def record(self, value: int, count: int = 1) -> None:
        """Count `value`, `count` times."""
        value = min(max(value, LOWEST), HIGHEST)
        bucket = max(0, value.bit_length() - _HALF_BITS - 1)
        place = (bucket << _HALF_BITS) + (value >> bucket)
        self.counts[place] = self.counts.get(place, 0) + count
        self.total += count

    def add(self, other: "Histogram") -> None:
        """Count what `other` has counted."""
        for place, count in other.counts.items():
            self.counts[place] = self.counts.get(place, 0) + count
        self.total += other.total

    def values_at(self, percents: Iterable[float]) -> list[int]:
        """For each percentile the value that so many percent of all values do not exceed; 0 if there are none."""
        places = sorted(self.counts)
        counted = list(accumulate(map(self.counts.__getitem__, places)))
        if not counted:
            return [0 for _ in percents]
        wanted = (max(1, int(min(percent, 100.0) * self.total / 100 + 0.5)) for percent in percents)
        return [value_of(places[bisect_left(counted, count)]) for count in wanted]

    def encode(self) -> str:
        """The text on the wire."""
        words = b"".join(map(_word, self._runs()))
        inner = _INNER.pack(_PLAIN, len(words), 0, DIGITS, LOWEST, HIGHEST, 1.0) + words
        compressed = zlib.compress(inner)
        return base64.b64encode(_OUTER.pack(_COMPRESSED, len(compressed)) + compressed).decode()

    @classmethod
    def decode(cls, text: str) -> "Histogram":
        """What `encode` made `text` of; raises `ValueError` for anything else."""
        histogram = cls()
        place = 0
        try:
            data = zlib.decompress(base64.b64decode(text)[_OUTER.size :])
            cookie, length, _, *kind, _ = _INNER.unpack_from(data)
        except (binascii.Error, zlib.error, struct.error) as error:
            raise ValueError(f"not a histogram: {error}") from error
        if cookie != _PLAIN or kind != [DIGITS, LOWEST, HIGHEST] or length != len(data) - _INNER.size:
            raise ValueError("not a histogram of this kind")
        for number in _numbers(data[_INNER.size :]):
            if number > 0:
                histogram.counts[place] = number
                histogram.total += number
            place += -number if number < 0 else 1
        return histogram

    def _runs(self) -> Iterator[int]:
        """The counts of all places up to the last one used; of a run of empty places, its length below 0."""
        next_place = 0
        for place, count in sorted(self.counts.items()):
            skipped = place - next_place
            if skipped:
                yield -skipped
            yield count
            next_place = place + 1


def value_of(place: int) -> int:
    """The highest value that is counted at `place`."""
    bucket = max(0, (place >> _HALF_BITS) - 1)
    return ((place - (bucket << _HALF_BITS) + 1) << bucket) - 1


def _word(number: int) -> bytes:
    """`number` as ZigZag LEB128."""
    left = number << 1 if number >= 0 else (-number << 1) - 1
    word = bytearray()
    while left > 0x7F:
        word.append(left & 0x7F | 0x80)
        left >>= 7
    word.append(left)
    return bytes(word)


def _numbers(words: bytes) -> Iterator[int]:
    """What `_word` made of each number."""
    value = shift = 0
    for byte in words:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield -(value + 1 >> 1) if value & 1 else value >> 1
            value = shift = 0
