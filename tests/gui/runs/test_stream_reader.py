"""A stream that comes faster than it is read: what is exact stays new, and what was dropped is counted."""

import pytest

from engine.telemetry import wire
from gui.runs import stream_reader
from gui.runs.stream_reader import ENGINE, StreamReader
from tests.answered import answered

ROWS = 7


def counters(moment: float, dropped: int = 0) -> bytes:
    return wire.encode(wire.Counters(moment, 0, 0, round(100 * moment), 0, 0, dropped, 1, 1))


def details(moment: float) -> bytes:
    request = answered(moment, 1, 0, 1, 2, 200, 1, 0.001, 0.002, True)
    return b"".join(
        wire.encode(each)
        for each in (
            wire.Heads([wire.Head(1, 'GET /],["requests"],[ HTTP/1.1')]),
            wire.Opened([wire.Opening(moment, 1, "[::1]:80", 0)]),
            wire.Requests([request] * ROWS),
            wire.HandlingSamples([wire.HandlingSample(0, 1, moment, moment, 0.0, 0.0)]),
            wire.Spans([wire.Span(0, 1, "recv", 1, moment, moment, 9)] * ROWS),
            wire.Activities(moment, []),
            wire.Closed([wire.Closing(moment, 1, 0)]),
        )
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment that the reader sees."""
    now = [1.0]
    monkeypatch.setattr(stream_reader, "monotonic", lambda: now[0])
    return now


def names(messages: list[wire.Message]) -> list[str]:
    return [type(message).__name__ for message in messages]


def test_a_reader_in_time_drops_nothing(clock: list[float]) -> None:
    reader = StreamReader(ENGINE)
    for turn in range(9):
        reader.receive(details(turn) + counters(turn))
        read = list(reader.messages())
        assert "Requests" in names(read)
        assert isinstance(read[-1], wire.Counters)
        assert read[-1].dropped == 0
        assert not reader.has_more()
        clock[0] += 1.0
        assert not reader.is_behind


def test_a_reader_that_is_late_drops_details_up_to_the_newest_counters(clock: list[float]) -> None:
    """What is exact, and what later lines refer to, is read; each gap is reported by the counters that follow it."""
    reader = StreamReader(ENGINE)
    reader.receive(b"".join(details(turn) + counters(turn, dropped=5) for turn in range(1, 9)))
    first = next(reader.messages())
    assert isinstance(first, wire.Heads)
    assert reader.has_more()
    assert not reader.is_behind
    clock[0] += stream_reader.LATE + 0.1
    assert reader.is_behind
    reader.receive(details(9) + counters(9, dropped=5) + details(10))
    read = list(reader.messages())
    kept = ["Heads", "Opened", "Activities", "Closed", "Counters"] * 9
    everything = ["Heads", "Opened", "Requests", "HandlingSamples", "Spans", "Activities", "Closed"]
    assert names(read) == kept[1:] + everything
    *_, newest = (message for message in read if isinstance(message, wire.Counters))
    assert (newest.time, newest.dropped) == (9.0, 5 + 9 * (2 * ROWS + 1))
    assert not reader.has_more()
    reader.receive(counters(11, dropped=6))
    assert [message.dropped for message in reader.messages() if isinstance(message, wire.Counters)] == [
        6 + 9 * (2 * ROWS + 1)
    ]


def test_without_counters_nothing_is_dropped(clock: list[float]) -> None:
    reader = StreamReader(ENGINE)
    reader.receive(details(1) * 3)
    assert reader.has_more()
    clock[0] += 9.0
    reader.receive(details(2))
    assert names(list(reader.messages())).count("Spans") == 4
