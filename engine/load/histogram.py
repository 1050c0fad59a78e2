"""A histogram of latencies with three significant digits, and its text on the wire.

Owns the bucket indexes and the encoding, which are HdrHistogram's (V2, zlib, base64), so that its tools can read the
text. Knows nothing of clients or messages.

A value below 2048 is its own index; above, each doubling of the value has 1024 more indexes.
"""

import base64
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

LOWEST, HIGHEST, DIGITS = 1, 600_000_000, 3
"""Range, and precision in significant digits; of latencies in microseconds: to ten minutes."""
_HALF_BITS = 10
"""A doubling has 2**10 indexes, the fewest that keep three digits distinct."""
_OUTER = struct.Struct(">II")
_INNER = struct.Struct(">IIIIQQd")
_COMPRESSED, _PLAIN = 0x1C849314, 0x1C849313
"""The magic numbers of HdrHistogram's two V2 headers."""


class Histogram:
    """Counts of whole numbers from `LOWEST` to `HIGHEST`; values outside count as the nearer of the two."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        """By index; an index without a count is left out."""
        self.total = 0
        self.bound = 0
        """A value from here on is a lower bound, since so long was waited in vain for something; 0: no value is."""

    def record(self, value: int, count: int = 1) -> None:
        """Count `value`, `count` times."""
        index = _index_of(min(max(value, LOWEST), HIGHEST))
        self.counts[index] = self.counts.get(index, 0) + count
        self.total += count

    def record_bound(self, value: int) -> None:
        """Count something whose value is `value` at least."""
        self.record(value)
        self.limit(value)

    def limit(self, bound: int) -> None:
        """Values from `bound` on are lower bounds; 0 changes nothing."""
        self.bound = min(filter(None, (self.bound, bound)), default=0)

    def add(self, other: "Histogram") -> None:
        """Add the counts of `other`."""
        for index, count in other.counts.items():
            self.counts[index] = self.counts.get(index, 0) + count
        self.total += other.total
        self.limit(other.bound)

    def values_at(self, percents: Iterable[float]) -> list[int]:
        """The value at each percentile; 0 if nothing was recorded."""
        indexes = sorted(self.counts)
        counted = list(accumulate(map(self.counts.__getitem__, indexes)))
        if not counted:
            return [0 for _ in percents]
        wanted = (max(1, int(min(percent, 100.0) * self.total / 100 + 0.5)) for percent in percents)
        return [value_of(indexes[bisect_left(counted, count)]) for count in wanted]

    def encode(self) -> str:
        """The text on the wire, without the bound, for which HdrHistogram has no place."""
        data = b"".join(map(_varint, self._runs()))
        inner = _INNER.pack(_PLAIN, len(data), 0, DIGITS, LOWEST, HIGHEST, 1.0) + data
        compressed = zlib.compress(inner)
        return base64.b64encode(_OUTER.pack(_COMPRESSED, len(compressed)) + compressed).decode()

    @classmethod
    def decode(cls, text: str, bound: int = 0) -> "Histogram":
        """The histogram that `encode` wrote as `text`. Raises `ValueError` for any other text."""
        histogram = cls()
        histogram.limit(bound)
        index = 0
        try:
            data = zlib.decompressobj().decompress(base64.b64decode(text)[_OUTER.size :], _MOST_BYTES)
            cookie, length, _, *kind, _ = _INNER.unpack_from(data)
        except (ValueError, zlib.error, struct.error) as error:  # base64 raises it, also for what is not ASCII
            raise ValueError(f"not a histogram: {error}") from error
        if cookie != _PLAIN or kind != [DIGITS, LOWEST, HIGHEST] or length != len(data) - _INNER.size:
            raise ValueError("not a histogram of this kind")
        for number in _numbers(data[_INNER.size :]):
            if number > _MOST or (number > 0 and index > _LAST):
                raise ValueError("not a histogram of this range")
            if number > 0:
                histogram.counts[index] = number
                histogram.total += number
            index += -number if number < 0 else 1
        return histogram

    def _runs(self) -> Iterator[int]:
        """The counts up to the last index used; a run of n indexes without a count is -n."""
        next_index = 0
        for index, count in sorted(self.counts.items()):
            skipped = index - next_index
            if skipped:
                yield -skipped
            yield count
            next_index = index + 1


def _index_of(value: int) -> int:
    """The index at which `value` is counted."""
    bucket = max(0, value.bit_length() - _HALF_BITS - 1)
    return (bucket << _HALF_BITS) + (value >> bucket)


def value_of(index: int) -> int:
    """The highest value counted at `index`."""
    bucket = max(0, (index >> _HALF_BITS) - 1)
    return ((index - (bucket << _HALF_BITS) + 1) << bucket) - 1


_LAST = _index_of(HIGHEST)
_MOST = 2**53
"""The largest count: what a float holds exactly."""
_MOST_BYTES = _INNER.size + 8 * (_LAST + 1)
"""Of one whose every index has a count: eight bytes hold the largest."""


def _varint(number: int) -> bytes:
    """`number` as ZigZag LEB128."""
    left = number << 1 if number >= 0 else (-number << 1) - 1
    encoded = bytearray()
    while left > 0x7F:
        encoded.append(left & 0x7F | 0x80)
        left >>= 7
    encoded.append(left)
    return bytes(encoded)


def _numbers(data: bytes) -> Iterator[int]:
    """The numbers that `_varint` encoded."""
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield -(value + 1 >> 1) if value & 1 else value >> 1
            value = shift = 0
