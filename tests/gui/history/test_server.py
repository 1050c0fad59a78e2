"""One run as data: messages in, curves and figures out."""

import numpy as np
import pytest

from engine.lab import figures
from engine.lab.usage import Usage
from engine.telemetry import wire
from gui.history import server as subject
from gui.history.server import ServerHistory
from tests.answered import answered
from tests.ready import a_ready


class Story:
    """A record, its clock, and an engine that tells it what happens."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.server = ServerHistory(clock=lambda: self.now)
        self._requests = self._failed = 0

    def begin(self, model: str = "epoll") -> None:
        """An engine gets ready."""
        self._requests = self._failed = 0
        self.server.receive(a_ready(model, self.now))

    def run(
        self,
        seconds: float,
        rate: float,
        open_connections: int = 8,
        sample_every: int = 1,
        failed: int = 0,
        queued: int = -1,
    ) -> None:
        """It answers `rate` requests a second and tells its counters ten times a second."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self._requests += round(rate / 10)
            self._failed += round(failed / 10)
            told = wire.Counters(
                self.now, 8, open_connections, self._requests, self._failed, 0, 0, sample_every, sample_every, queued
            )
            self.server.receive(told)

    def answer(self, *taken: float) -> None:
        """It answers requests now that took so long: a fifth of it waiting."""
        rows = [answered(self.now, 1, 0, 1, 2, 200, 1, took / 5, took * 4 / 5, True) for took in taken]
        self.server.receive(wire.Requests(rows))

    def end(self) -> None:
        """It stops."""
        self.server.receive(wire.Stopped(self.now))


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_ran_yet(story: Story) -> None:
    record = story.server
    story.answer(0.1)
    story.run(1, 10)
    assert (record.ready, record.counters, record.usage, record.latency()) == (None, None, None, None)
    assert record.requests_per_second() == 0
    assert (record.segments(story.now), record.switches(story.now), record.measured) == ([], [], {})


def test_requests_per_second_is_over_the_last_second(story: Story) -> None:
    story.begin()
    story.run(0.5, 200)
    assert story.server.requests_per_second() == pytest.approx(200), "right from the start"
    story.run(3, 200)
    story.run(1, 1000)
    assert story.server.requests_per_second() == pytest.approx(1000)
    story.run(0.5, 0)
    assert story.server.requests_per_second() == pytest.approx(500)
    story.run(0.5, 0)
    assert story.server.requests_per_second() == 0


def test_a_rate_that_nobody_confirms_is_not_shown(story: Story) -> None:
    story.begin()
    story.run(2, 200)
    story.now += figures.STALE + 0.1
    assert story.server.requests_per_second() == 0


def test_after_the_end_nothing_runs(story: Story) -> None:
    story.begin()
    story.run(2, 200)
    story.answer(0.1)
    story.server.note_usage(Usage(story.now, 50.0, 1, 1, 1, 0, 5))
    assert story.server.usage
    story.end()
    record = story.server
    assert (record.ready, record.usage, record.latency(), record.requests_per_second()) == (None, None, None, 0)
    assert record.counters
    assert record.counters.requests == 400, "the totals can still be read"
    record.note_usage(Usage(story.now, 50.0, 1, 1, 1, 0, 5))
    assert record.usage is None, "a sample that comes late is of nothing"
    story.begin()
    assert record.counters is None


def test_latency_is_of_the_last_seconds(story: Story) -> None:
    story.begin()
    story.answer(*[9.0] * 50)
    story.now += 6
    story.answer(*[number / 1000 for number in range(1, 101)])
    latency = story.server.latency(seconds=5)
    assert latency
    assert (latency.count, latency.sample_every) == (100, 1)
    assert latency.p50 == pytest.approx(0.0505)
    assert latency.p99 == pytest.approx(0.099, abs=0.0005)
    story.now += 5.1
    assert story.server.latency(seconds=5) is None


def test_latency_says_what_it_is_made_from(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "LATENCY_ROWS", 10)
    story.begin()
    story.run(0.2, 100, sample_every=8)
    story.answer(*[1.0] * 50, *[2.0] * 10)
    latency = story.server.latency()
    assert latency
    assert (latency.p50, latency.p99, latency.count, latency.sample_every) == (2.0, 2.0, 10, 8)


def test_latency_is_of_the_engine_that_runs(story: Story) -> None:
    story.begin("thread")
    story.answer(9.0)
    story.begin("epoll")
    assert story.server.latency() is None
    story.answer(1.0)
    latency = story.server.latency()
    assert latency
    assert (latency.p99, latency.count) == (1.0, 1)


def test_curves_of_one_engine(story: Story) -> None:
    story.begin()
    begun = story.now
    story.run(3, 500, open_connections=64)
    [segment] = story.server.segments(story.now)
    assert segment.model == "epoll"
    assert len(segment.times) == len(segment.open) == len(segment.rate) == 31
    assert segment.times[0] == pytest.approx(begun - story.now)
    assert segment.times[-1] == 0
    assert (segment.open[0], segment.rate[0]) == (0, 0)
    assert set(segment.open[1:]) == {64}
    assert segment.rate[1:] == pytest.approx([500] * 30)


def test_curves_go_back_so_far_and_no_further(story: Story) -> None:
    story.begin()
    story.run(300, 10)
    [segment] = story.server.segments(story.now, seconds=60)
    assert -60 <= segment.times[0] < -59.8
    assert 599 <= len(segment.times) <= 601
    [longest] = story.server.segments(story.now, seconds=1_000)
    assert len(longest.times) <= subject.HELD * 10 + 1


def test_a_switch_begins_a_segment_and_a_pause_is_a_gap(story: Story) -> None:
    story.begin("thread")
    story.run(2, 100)
    story.end()
    story.now += 5
    story.begin("epoll")
    story.run(1, 300)
    thread, epoll = story.server.segments(story.now)
    assert (thread.model, epoll.model) == ("thread", "epoll")
    assert thread.times[-1] == pytest.approx(-6)
    assert epoll.times[0] == pytest.approx(-1)
    assert epoll.rate[-1] == pytest.approx(300), "an engine's rate knows nothing of the one before"
    assert story.server.switches(story.now) == [(pytest.approx(-8), "thread"), (pytest.approx(-1), "epoll")]
    assert story.server.switches(story.now, seconds=3) == [(pytest.approx(-1), "epoll")]
    story.now += 61
    assert story.server.segments(story.now, seconds=60) == []


def test_a_curve_has_the_latency_and_the_failures_of_the_moment(story: Story) -> None:
    story.begin()
    story.run(1, 100)
    story.answer(*[0.004] * 10)
    story.run(0.3, 100)
    story.answer(*[0.02] * 10)
    story.run(1, 100, failed=40)
    [segment] = story.server.segments(story.now)
    assert np.isnan(segment.p50[:11]).all(), "nothing was told"
    assert segment.p50[11] == pytest.approx(0.004)
    assert segment.p99[14] == pytest.approx(0.02)
    assert np.isnan(segment.p99[-1]), "half a second later it is past"
    assert segment.failed[10] == 0
    assert segment.failed[-1] == pytest.approx(40)


def test_a_curve_has_who_stands_in_the_kernels_queue(story: Story) -> None:
    story.begin()
    story.run(1, 100)
    story.run(1, 100, queued=7)
    story.run(1, 100, queued=0)
    [segment] = story.server.segments(story.now)
    assert np.isnan(segment.queued[:11]).all(), "the system did not say"
    assert set(segment.queued[11:21]) == {7}
    assert set(segment.queued[21:]) == {0}
    assert not segment.is_second


def test_what_the_last_requests_looked_like(story: Story) -> None:
    story.begin("keepalive")
    story.server.receive(wire.Opened([wire.Opening(story.now, number, "c:1", 0) for number in range(8)]))
    for number in range(8):
        story.run(0.5, 0, queued=0)
        story.server.receive(wire.Requests([answered(story.now, number, 0, 1, 2, 200, 1, 0.0, 0.5, True)]))
    story.run(0.1, 0)
    told = story.server.shape(story.now)
    assert told
    model, shape = told
    assert (model, shape.count, shape.seconds) == ("keepalive", 8, pytest.approx(0.5))
    story.end()
    assert story.server.shape(story.now) == told, "the picture still shows it"
    assert story.server.shape(story.now + 20) is None
    story.begin("epoll")
    assert story.server.shape(story.now) is None


def test_a_part_of_the_requests_has_no_shape(story: Story) -> None:
    story.begin("keepalive")
    for number in range(8):
        story.run(0.5, 0, sample_every=8)
        story.server.receive(wire.Requests([answered(story.now, number, 0, 1, 2, 200, 1, 0.0, 0.5, True)]))
    story.run(0.1, 0, sample_every=8)
    assert story.server.shape(story.now) is None


def test_usage_is_held_as_long_as_it_takes_to_see_it_grow(story: Story) -> None:
    def use(threads: int) -> None:
        story.server.note_usage(Usage(story.now, 50.0, 1, 1, threads, 0, 5))

    use(1)
    assert not story.server.usages, "nothing runs"
    story.begin()
    for threads in range(1_000):
        story.now += 0.5
        use(threads)
    held = story.server.usages
    assert held[-1].threads == 999
    assert held[-1].time - held[0].time == pytest.approx(figures.HELD)
    story.end()
    assert not story.server.usages


def test_pauses_are_from_one_engine_to_the_next(story: Story) -> None:
    story.begin("thread")
    story.run(1, 100)
    assert story.server.pauses(story.now) == []
    story.answer(0.1)
    story.now += 0.25
    story.end()
    [pause] = story.server.pauses(story.now + 1)
    assert (pause.stopped, pause.last_answer) == (pytest.approx(-1), pytest.approx(-1.25))
    assert (pause.ready, pause.first_answer) == (0, 0)
    assert pause.model == "thread"
    story.now += 1
    story.begin("epoll")
    story.now += 0.5
    story.answer(0.1)
    story.run(1, 100)
    [pause] = story.server.pauses(story.now)
    assert (pause.ready, pause.first_answer) == (pytest.approx(-1.5), pytest.approx(-1.0))
    assert story.server.pauses(story.now + 100) == []


def test_old_stretches_are_forgotten(story: Story) -> None:
    for _ in range(50):
        story.begin()
        story.run(10, 10)
        story.end()
    assert len(story.server.segments(story.now, seconds=1e9)) <= subject.HELD / 10 + 2


def test_what_a_model_keeps_up_is_kept(story: Story) -> None:
    story.begin("thread")
    story.run(1, 900)
    assert story.server.measured == {}, "not settled yet"
    story.run(3, 900)
    assert story.server.measured == {"thread": pytest.approx(900)}
    story.run(10, 0)
    assert story.server.measured["thread"] == pytest.approx(900, rel=0.25), "the end of a load is no rate"
    story.begin("epoll")
    story.run(4, 9_000)
    assert set(story.server.measured) == {"thread", "epoll"}
    assert story.server.measured["epoll"] == pytest.approx(9_000)


def test_a_person_clicking_is_no_load(story: Story) -> None:
    story.begin()
    for _ in range(10):
        story.run(0.1, 60)
        story.run(1.5, 0)
    story.run(5, 5 / 0.5)
    assert story.server.measured in ({}, {"epoll": pytest.approx(10)})


def test_problems_are_kept_within_bounds(story: Story) -> None:
    for number in range(500):
        story.server.receive(wire.Problem(story.now, f"code {number}", "something"))
    assert [problem.code for problem in story.server.problems] == [f"code {number}" for number in range(400, 500)]


def test_the_revision_grows_with_what_can_be_seen(story: Story) -> None:
    seen = [story.server.revision]

    def grown() -> bool:
        seen.append(story.server.revision)
        return seen[-1] > seen[-2]

    story.begin()
    assert grown()
    story.run(0.1, 10)
    assert grown()
    story.answer(1.0)
    assert grown()
    story.server.receive(wire.Closed([wire.Closing(story.now, 1, 0)]))
    assert not grown()
    story.end()
    assert grown()
    story.server.log.clear()


def test_messages_reach_the_log(story: Story) -> None:
    story.begin()
    for message in (
        wire.Heads([wire.Head(1, "GET /a HTTP/1.1\r\n"), wire.Head(2, "HTTP/1.1 200 OK\r\n")]),
        wire.Opened([wire.Opening(story.now, 1, "127.0.0.1:4", 0)]),
        wire.Requests([answered(story.now, 1, 0, 1, 2, 200, 5, 0.0, 0.0, True)]),
    ):
        line = wire.encode(message)
        story.server.receive(wire.decode(line))
    row = story.server.log.row(0)
    assert (row.target, row.reason, row.client, row.worker) == ("/a", "OK", "127.0.0.1:4", "loop")
