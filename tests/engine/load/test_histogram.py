"""The histogram against a sorted list of the same values, and its text with that of the package `hdrhistogram`."""

import base64
import math
import struct
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.load.histogram import DIGITS, HIGHEST, LOWEST, Histogram, _varint, value_of

FROM_THE_PACKAGE = "HISTFAAAADF4nJNpmSzMwMAgxAABzFCaEUQoH3ZjsP8AFWD7Kc/E9pefq9+vYavE7cOMTADAqgnA"
"""What hdrhistogram 0.10.8 writes of `THE_SAME`."""
THE_SAME = {1: 3, 2047: 1, 2048: 2, 2049: 1, 4096: 5, 123_456: 200_000, HIGHEST: 1}

values = st.lists(st.integers(LOWEST, HIGHEST) | st.integers(LOWEST, 5000), max_size=200)


def counted(numbers: list[int]) -> Histogram:
    histogram = Histogram()
    for number in numbers:
        histogram.record(number)
    return histogram


@given(values.filter(bool), st.floats(0, 100))
@example([2047, 2048, 4095, 4096, HIGHEST], 50)
def test_percentiles_are_those_of_the_sorted_values_to_three_digits(numbers: list[int], percent: float) -> None:
    (found,) = counted(numbers).values_at([percent])
    place = max(1, math.floor(percent * len(numbers) / 100 + 0.5))
    exact = sorted(numbers)[place - 1]
    assert exact <= found <= exact * (1 + 1 / 1024)
    assert exact == found or exact >= 2048


@given(values, values)
def test_what_several_counted_is_what_one_counts_of_all(one: list[int], other: list[int]) -> None:
    merged = counted(one)
    merged.add(counted(other))
    whole = counted(one + other)
    assert (merged.counts, merged.total) == (whole.counts, whole.total)


@given(values)
def test_what_is_encoded_is_decoded(numbers: list[int]) -> None:
    histogram = counted(numbers)
    decoded = Histogram.decode(histogram.encode())
    assert (decoded.counts, decoded.total) == (histogram.counts, len(numbers))


def test_recordings_and_scoreboards_of_before_are_read_and_written_alike() -> None:
    histogram = Histogram()
    for value, count in THE_SAME.items():
        histogram.record(value, count)
    before = Histogram.decode(FROM_THE_PACKAGE)
    assert (before.counts, before.total) == (histogram.counts, 200_013)
    assert histogram.values_at((0, 50, 100)) == [1, 123_519, 600_309_759]
    assert plain(histogram.encode()) == plain(FROM_THE_PACKAGE)


def plain(text: str) -> bytes:
    """The coded counts, however zlib packs them here."""
    return zlib.decompress(base64.b64decode(text)[8:])


def test_values_outside_count_as_the_nearest_inside() -> None:
    assert counted([-5, 0]).values_at([100]) == [LOWEST]
    assert counted([HIGHEST * 9]).counts == counted([HIGHEST]).counts


def test_nothing_counted() -> None:
    empty = Histogram.decode(Histogram().encode())
    assert (empty.total, empty.counts, empty.values_at((50, 99))) == (0, {}, [0, 0])


def packed(*numbers: int) -> str:
    """A histogram with these coded counts, whatever they mean."""
    data = b"".join(map(_varint, numbers))
    head = struct.pack(">IIIIQQd", 0x1C849313, len(data), 0, DIGITS, LOWEST, HIGHEST, 1.0)
    return base64.b64encode(b"12345678" + zlib.compress(head + data)).decode()


LAST = max(counted([HIGHEST]).counts)


def test_the_largest_that_can_be_is_understood() -> None:
    largest = Histogram.decode(packed(*[2**53] * (LAST + 1)))
    assert (len(largest.counts), largest.total) == (LAST + 1, (LAST + 1) * 2**53)
    assert Histogram.decode(packed(-LAST, 1)).counts == {LAST: 1}


@pytest.mark.parametrize(
    "text",
    [
        *("", "no base64", "名字", "=", base64.b64encode(b"12345678" + zlib.compress(b"short")).decode()),
        *(packed(2**53 + 1), packed(-LAST - 1, 1), packed(-(2**60), 1), packed(*[1] * (LAST + 2)), packed(2**200)),
        base64.b64encode(b"12345678" + zlib.compress(bytes(50_000_000))).decode(),
    ],
    ids=lambda text: text[:20],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a histogram"):
        Histogram.decode(text)


def test_indexes_rise_with_their_values() -> None:
    ends = [value_of(place) for place in range(30_000)]
    assert ends == sorted(set(ends))
