"""The recorder by itself, with an sink that keeps all: details thin out by whole connections, counters never do."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.models import MODELS
from engine.telemetry import recorder as module
from engine.telemetry.counters import REQUESTS
from engine.telemetry.recorder import Recorder
from engine.telemetry.thinning import REQUESTS_BUDGET, SPANS_A_REQUEST, SPANS_BUDGET
from engine.telemetry.wire import Counters, Message, Ready, Request

TICK = 0.1
"""Seconds that the clock is put forward between two tellings of the counters."""


class Kept:
    """An sink that keeps what it is given, and loses it while it is `shut`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        kinds = ("files", "heads", "opened", "requests", "closed", "spans")
        self.rows: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in kinds}
        self.shut = False

    def send(self, message: Message) -> bool:
        if not self.shut:
            self.messages.append(message)
        return not self.shut

    def send_rows(self, kind: str, rows: Sequence[tuple[Any, ...]]) -> int:
        if self.shut:
            return len(rows)
        self.rows[kind] += rows
        return 0

    @property
    def counters(self) -> Counters:
        return next(message for message in reversed(self.messages) if isinstance(message, Counters))


class Connection:
    """A connection that reports to the recorder what a test wants."""

    def __init__(self, recorder: Recorder) -> None:
        self.is_opened = self.is_reported = self.is_traced = self.is_marked = False
        self.accepted = self.arrived = 0.0
        self.number = 0
        self._recorder = recorder
        recorder.connection_accepted(self, ("127.0.0.1", 1), recorder.current.worker)

    def ask(self, times: int = 1) -> None:
        worker = self._recorder.current.worker
        for _ in range(times):
            worker.row[REQUESTS] += 1
            if self.is_reported:
                row = Request(self.number, worker.number, 0, 0, 200, 9, True, *[0.0] * 7)
                self._recorder.request_answered(row, b"G", b"R")
            if self.is_traced:
                self._recorder.span(worker, self.number, 2, 0, 1, 0.0, 0.0, 9)

    def close(self) -> None:
        self._recorder.connection_closed(self.number, self._recorder.current.worker)


class Bench:
    """A recorder, its sink and its clock."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.taken = 0
        patch.setattr(module, "monotonic", lambda: self.now)
        self.sink = Kept()
        self.recorder = Recorder(self.sink, MODELS["epoll"], "full")
        self.connections = [Connection(self.recorder) for _ in range(64)]

    def run(self, rate: float, ticks: int = 1) -> None:
        """So many requests a second, evenly from all connections, and the counters sent after each tick."""
        for _ in range(ticks):
            each, more = divmod(round(rate * TICK), len(self.connections))
            for place, connection in enumerate(self.connections):
                connection.ask(each + (place < more))
            self.now += TICK
            self.recorder.tick()

    def told(self, kind: str) -> set[int]:
        """The connections with rows of one kind since the last call of this function."""
        rows, self.sink.rows[kind] = self.sink.rows[kind], []
        return {row.connection if isinstance(row, Request) else row[1] for row in rows}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def every(bench: Bench) -> tuple[int, int]:
    return bench.sink.counters.requests_every, bench.sink.counters.spans_every


def one_in(bench: Bench, k: int) -> set[int]:
    return {each.number for each in bench.connections if k == 1 or each.number % k == 1}


def test_ready_is_the_first_message(bench: Bench) -> None:
    """However long a start takes."""
    bench.recorder.is_preparing = True
    bench.run(1000, ticks=20)
    assert bench.sink.messages == []
    bench.recorder.ready("127.0.0.1", 1, "/", True, "epoll.py", {})
    bench.run(1000, ticks=2)
    assert [type(message) for message in bench.sink.messages[:2]] == [Ready, Counters]


def test_all_is_told_within_the_budget(bench: Bench) -> None:
    bench.run(1000, ticks=5)
    assert every(bench) == (1, 1)
    everybody = one_in(bench, 1)
    assert bench.told("opened") == bench.told("requests") == bench.told("spans") == everybody


@pytest.mark.parametrize("rate", [12_800, 19_200, 51_200, 102_400])
def test_whole_connections_are_told_above_it(bench: Bench, rate: int) -> None:
    bench.run(rate, ticks=3)
    requests_every, spans_every = every(bench)
    assert rate / requests_every <= REQUESTS_BUDGET < rate / requests_every * 2
    assert rate * SPANS_A_REQUEST / spans_every <= SPANS_BUDGET
    bench.told("requests")
    bench.told("spans")
    bench.run(rate)
    assert len(bench.sink.rows["requests"]) == len(one_in(bench, requests_every)) * round(rate * TICK / 64)
    assert bench.told("requests") == one_in(bench, requests_every)
    assert bench.told("spans") == one_in(bench, spans_every)


def test_k_rises_at_once_and_falls_step_by_step(bench: Bench) -> None:
    ks = []
    for rate, ticks in ((1000, 2), (7.9 * REQUESTS_BUDGET, 3), (1000, 5)):
        for _ in range(ticks):
            bench.run(rate)
            ks.append(every(bench)[0])
    assert ks == [1, 1, 8, 8, 8, 4, 2, 1, 1, 1]


def test_k_does_not_swing_at_the_edge(bench: Bench) -> None:
    for share in (1.04, 0.96, 1.04):
        bench.run(round(share * REQUESTS_BUDGET), ticks=10)
    assert {counters.requests_every for counters in bench.sink.messages[1:] if isinstance(counters, Counters)} == {2}


def test_open_connections_follow_the_change(bench: Bench) -> None:
    bench.run(200_000)
    k, spans_k = every(bench)
    assert 1 < k <= spans_k
    assert {each.number for each in bench.connections if each.is_reported} == one_in(bench, k)
    assert {each.number for each in bench.connections if each.is_traced} == one_in(bench, spans_k)
    bench.run(100, ticks=10)
    assert every(bench) == (1, 1)
    assert all(each.is_reported and each.is_traced for each in bench.connections)


def test_connection_that_comes_later_is_told_as_the_others(bench: Bench) -> None:
    bench.run(200_000)
    bench.told("opened")
    later = [Connection(bench.recorder) for _ in range(64)]
    k = every(bench)[0]
    told = {each.number for each in later if each.number % k == 1}
    assert {each.number for each in later if each.is_reported} == told
    for each in later:
        each.ask()
        each.close()
    bench.told("requests")
    bench.recorder.flush()
    assert bench.told("opened") == bench.told("requests") == bench.told("closed") == told


def test_end_is_told_of_each_whose_opening_was(bench: Bench) -> None:
    """Also of those without rows in between; and of no other."""
    bench.run(200_000)
    later = [Connection(bench.recorder) for _ in range(64)]
    bench.run(100, ticks=10)
    for connection in (*bench.connections, *later):
        connection.close()
    bench.recorder.flush()
    opened = bench.told("opened")
    assert one_in(bench, 1) < opened < {each.number for each in (*bench.connections, *later)}
    assert bench.told("closed") == opened


def test_counters_are_exact_throughout(bench: Bench) -> None:
    asked = 0
    for rate in (640, 320_000, 64_000, 640):
        bench.run(rate, ticks=3)
        asked += 3 * round(rate * TICK / 64) * 64
        counters = bench.sink.counters
        assert (counters.accepted, counters.open, counters.requests) == (64, 64, asked)
        assert counters.dropped == 0
    for connection in bench.connections[:10]:
        connection.close()
    bench.run(0)
    assert (bench.sink.counters.accepted, bench.sink.counters.open) == (64, 54)


def test_what_nobody_took_is_counted(bench: Bench) -> None:
    bench.run(640)
    bench.sink.shut = True
    bench.run(640, ticks=3)
    told_meanwhile = len(bench.sink.rows["requests"])
    bench.sink.shut = False
    bench.run(640)
    counters = bench.sink.counters
    assert told_meanwhile == 64
    assert counters.requests == 5 * 64
    assert counters.dropped == 3 * 64 * 2


@pytest.mark.parametrize("detail", ["off", "counters"])
def test_nothing_is_told_unless_asked_for(detail: str) -> None:
    sink = Kept()
    recorder = Recorder(sink, MODELS["epoll"], detail)
    connection = Connection(recorder)
    connection.ask(1000)
    connection.close()
    recorder.tick()
    assert not any(sink.rows.values())
    assert (recorder.requests_every, recorder.spans_every) == (0, 0)


def test_details_that_do_not_fit_make_k_grow_until_they_do(bench: Bench) -> None:
    """A reader that takes so many rows a tick, and no more: k grows, then nothing is dropped, and all is counted."""
    room, rate = 300, 8_000

    def send_rows(kind: str, rows: Sequence[tuple[Any, ...]]) -> int:
        bench.taken += len(rows)
        return min(len(rows), max(0, bench.taken - room))

    bench.sink.send_rows = send_rows  # type: ignore[method-assign]
    for _ in range(60):
        bench.taken = 0
        bench.run(rate)
    dropped = bench.sink.counters.dropped
    assert dropped > 0
    assert sum(rate * TICK / k for k in every(bench)) <= room
    for _ in range(10):
        bench.taken = 0
        bench.run(rate)
    assert bench.sink.counters.dropped == dropped
    assert bench.sink.counters.requests == round(rate * TICK) * 70


def test_k_grows_when_the_reader_is_behind_and_falls_slowly_after_that(bench: Bench) -> None:
    bench.run(640, ticks=2)
    assert every(bench) == (1, 1)
    for _ in range(40):
        bench.recorder.reader_is_behind()
        bench.run(640)
    behind = every(bench)
    assert behind == (4, 4)
    bench.run(640, ticks=10)
    assert every(bench) == behind
    bench.run(640, ticks=1200)
    assert every(bench) == (1, 1)
