"""The parts of a request's time: a plain reckoning of moments that may be known or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lab.parts import PERCENTILES, Parts, RequestPart, by_percentile, split
from engine.telemetry import wire, wire_v1


def seconds(parts: Parts) -> list[float | None]:
    """How long each part is, None where that is not known."""
    return [known if (known := parts.of(part)) is None else round(known, 6) for part in RequestPart]


def test_each_moment_ends_a_part() -> None:
    parts = split(1.0, 1.4, 1.6, 1.61, 1.63, 1.73, 1.74)
    assert seconds(parts) == [0.4, 0.2, 0.01, 0.02, 0.1, 0.01]
    assert parts.total == pytest.approx(0.74)
    assert parts.from_arrival


def test_on_a_kept_connection_nothing_stood_in_the_accept_queue() -> None:
    parts = split(9.0, 1.0, 9.5, 9.5, 9.5, 9.6, 9.6)
    assert seconds(parts) == [0.0, 0.5, 0.0, 0.0, 0.1, 0.0]


def test_without_arrival_it_is_told_from_the_first_read() -> None:
    parts = split(0.0, 1.0, 1.6, 1.61, 1.63, 1.73, 1.74)
    assert seconds(parts) == [None, None, 0.01, 0.02, 0.1, 0.01]
    assert (parts.begin, parts.from_arrival) == (1.6, False)


def test_what_is_not_known_apart_is_told_together() -> None:
    parts = split(1.0, 0.0, 1.6, 0.0, 1.63, 0.0, 1.74)
    assert seconds(parts) == [None] * 6
    assert {key: round(length, 6) for key, length in parts.seconds.items()} == {
        (RequestPart.ACCEPT_QUEUE, RequestPart.TURN): 0.6,
        (RequestPart.READING, RequestPart.WORKER): 0.03,
        (RequestPart.HANDLING, RequestPart.WRITING): 0.11,
    }


def test_of_a_client_that_sent_nothing_only_the_answer_is_known() -> None:
    parts = split(0.0, 1.0, 0.0, 1.0, 5.0, 5.1, 5.2)
    assert seconds(parts) == [None, None, None, None, 0.1, 0.1]


def test_a_row_of_version_1_has_two_stretches() -> None:
    old = wire_v1.Request(12.5, 1, 0, 1, 2, 200, 612, 0.25, 0.5, True)
    row = wire.Request(*old.moved())
    parts = split(row.arrived, row.accepted, row.begun, row.read, row.handled, row.answered, row.written)
    assert parts.seconds == {
        (RequestPart.READING, RequestPart.WORKER): 0.25,
        (RequestPart.HANDLING, RequestPart.WRITING): 0.5,
    }


@given(st.lists(st.one_of(st.just(0.0), st.floats(0.001, 1e6)), min_size=7, max_size=7))
def test_parts_are_never_negative_and_add_up_whatever_is_unknown(moments: list[float]) -> None:
    arrived, _, begun, _, handled, _, written = moments
    parts = split(*moments)
    assert all(stretch.seconds >= 0 for stretch in parts.stretches)
    assert sum(parts.seconds.values()) == pytest.approx(parts.total)
    begin = (arrived or begun) if begun else handled or written
    assert parts.total == max(0.0, written - begin)
    assert parts.from_arrival == (begun > 0 and arrived > 0)
    told = [part for stretch in parts.stretches for part in stretch.parts]
    assert told == list(RequestPart)[told[0] :], "each part once, in order"
    for one, other in zip(parts.stretches, parts.stretches[1:], strict=False):
        assert one.end == other.begin


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300), st.floats(0, 1))
def test_percentiles_are_those_of_the_totals_and_their_parts_add_up(totals: list[float], share: float) -> None:
    rows = [split(100.0, 0.5, 100 + total * share, 0, 0, 0, 100 + total) for total in totals]
    found = by_percentile([row.total for row in rows], rows.__getitem__)
    assert [at.percent for at in found] == list(PERCENTILES)
    for at in found:
        assert sum(row.total <= at.total for row in rows) >= at.percent / 100 * len(rows)
        assert sum(row.total < at.total for row in rows) < max(1, at.percent / 100 * len(rows))
        assert sum(at.seconds.values()) == pytest.approx(at.total)


def test_the_slowest_are_told_by_their_own_parts() -> None:
    """Of a hundred, three stood in the accept queue for 0.4 s."""
    quick = [split(1.0, 0.5, 1.0, 1.0, 1.0, 1.1, 1.1)] * 97
    slow = [split(1.0, 1.4, 1.6, 1.6, 1.6, 1.7, 1.7)] * 3
    rows = quick + slow
    p50, _, p99 = by_percentile([row.total for row in rows], rows.__getitem__)
    assert p50.total == pytest.approx(0.1)
    assert p50.seconds[RequestPart.HANDLING,] == pytest.approx(0.1)
    assert p99.total == pytest.approx(0.7)
    assert p99.seconds[RequestPart.ACCEPT_QUEUE,] == pytest.approx(0.4)
    assert p99.seconds[RequestPart.TURN,] == pytest.approx(0.2)


def test_of_no_requests_there_are_no_percentiles() -> None:
    assert by_percentile([], [].__getitem__) == []
