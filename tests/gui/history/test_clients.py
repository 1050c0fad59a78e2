"""The load's messages, as data."""

import pytest

from engine.load import wire
from engine.load.histogram import Histogram
from engine.telemetry import wire as engine_wire
from gui.history import clients as subject
from gui.history.clients import ClientHistory
from tests.ready import a_ready


class Story:
    """A history of a load, its clock, and a load that sends messages."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.server = ClientHistory(clock=lambda: self.now)
        self._counts = dict.fromkeys(("answered", *subject.KINDS), 0)

    def begin(self) -> None:
        """A load gets ready."""
        self._counts = dict.fromkeys(self._counts, 0)
        self.server.receive(wire.LoadReady(1, "http://127.0.0.1:1", 1, 1, self.now, 0.0))

    def run(self, seconds: float, rate: float, took: float = 0.001, cpu: float = 20.0, **failures: int) -> None:
        """It is answered `rate` times a second in so many seconds each, and fails so often a second."""
        for _ in range(round(seconds * 10)):
            before, self.now = self.now, self.now + 0.1
            answers = round(rate / 10)
            self._counts["answered"] += answers
            for kind, count in failures.items():
                self._counts[kind] += round(count / 10)
            if answers:
                self.server.receive(wire.Latencies(before, self.now, histogram(*[took] * answers)))
            self.server.receive(wire.LoadStats(self.now, 4, 0, sent=0, bytes=0, behind=0.0, cpu=cpu, **self._counts))

    def server_begins(self) -> None:
        """A server gets ready."""
        self.server.note_server(a_ready("thread", self.now))

    def server_ends(self) -> None:
        """The server stops."""
        self.server.note_server(engine_wire.Stopped(self.now))

    def end(self) -> None:
        """It stops."""
        self.server.receive(wire.Stopped(self.now))


def histogram(*seconds: float) -> str:
    """So many latencies, as in the contract."""
    made = Histogram()
    for each in seconds:
        made.record(round(each * 1e6))
    return made.encode()


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_ran_yet(story: Story) -> None:
    record = story.server
    assert (record.ready, record.crowd, record.latency(), record.curves(story.now)) == (None, None, None, None)
    assert (record.failures, record.failures_between(0, 2_000)) == ({}, None)
    assert record.answered_per_second() == 0


def test_latency_is_what_the_histograms_say(story: Story) -> None:
    story.begin()
    seconds = [number / 1000 for number in range(1, 1001)]
    story.now += 0.1
    story.server.receive(wire.Latencies(story.now - 0.1, story.now, histogram(*seconds)))
    latency = story.server.latency()
    assert latency
    assert latency.count == 1000
    assert latency.p50 == pytest.approx(0.5, rel=0.002)
    assert latency.p99 == pytest.approx(0.99, rel=0.002)


@pytest.mark.parametrize("seconds", [1e-6, 0.002, 0.0021, 0.35, 7.0, 599.0])
def test_no_latency_is_lost_between_small_and_large(story: Story, seconds: float) -> None:
    story.begin()
    story.server.receive(wire.Latencies(story.now - 0.1, story.now, histogram(seconds)))
    latency = story.server.latency()
    assert latency
    assert latency.p50 == pytest.approx(seconds, rel=0.002)


def test_latency_is_of_the_last_seconds_and_of_one_model(story: Story) -> None:
    story.begin()
    story.run(6, 100, took=9.0)
    switched = story.now
    story.run(2, 100, took=0.002)
    mixed, alone = story.server.latency(), story.server.latency(since=switched)
    assert mixed
    assert alone
    assert mixed.p99 == pytest.approx(9.0, rel=0.01)
    assert (alone.count, alone.p99) == (200, pytest.approx(0.002, rel=0.01))
    story.end()
    assert story.server.latency() is None, "without a load the server's side counts"


def test_curves_are_rates_and_percentiles(story: Story) -> None:
    story.begin()
    story.run(3, 500, took=0.004, refused=20)
    story.run(1, 0, refused=200)
    curves = story.server.curves(story.now)
    assert curves
    assert curves.times[-1] == 0
    assert curves.answered[20] == pytest.approx(500)
    assert curves.p50[20] == pytest.approx(0.004, rel=0.01)
    assert curves.failed[20] == pytest.approx(20)
    assert curves.failed[-1] == pytest.approx(200)
    assert curves.answered[-1] == 0
    assert curves.p50[-1] != curves.p50[-1], "where nothing was answered nothing is known"
    assert story.server.answered_per_second() == 0


def test_failures_are_told_by_kind_and_by_time(story: Story) -> None:
    story.begin()
    story.run(2, 100)
    begin = story.now
    story.run(0.3, 0, refused=100, reset=40)
    end = story.now
    story.run(2, 100, timed_out=10)
    assert story.server.failures_between(begin, end) == {"refused": 30, "reset": 12}
    assert story.server.failures_between(begin - 1, begin - 0.5) == {}
    assert story.server.failures == {"refused": 30, "reset": 12, "timed_out": 20}


def test_failures_belong_to_the_run_in_which_they_happened(story: Story) -> None:
    story.server_begins()
    story.begin()
    story.run(1, rate=100, timed_out=10)
    assert story.server.failures == {"timed_out": 10}
    story.server_ends()
    story.run(0.5, rate=0, refused=40, reset=20)
    assert story.server.failures == {"timed_out": 10}, "what a switch makes fail is nobody's"
    story.server_begins()
    story.now += 0.02
    assert story.server.failures == {}
    story.run(0.1, rate=0, refused=40)
    assert story.server.failures == {}, "counted until its first report: while it got ready"
    story.run(2, rate=100, reset=10)
    assert story.server.failures == {"reset": 20}
    assert story.server.answered == 200
    story.server_ends()
    story.run(0.5, rate=0, reset=20)
    story.end()
    assert (story.server.failures, story.server.answered) == ({"reset": 20}, 200), "kept until the next begins"
    story.server_begins()
    assert (story.server.failures, story.server.outcome) == ({}, None)


def test_failures_are_not_lost_that_a_starved_load_tells_late(story: Story) -> None:
    story.begin()
    story.run(1, 100)
    begin = story.now
    story.now += 0.3
    story.run(0.1, 100, refused=50)
    assert story.server.failures_between(begin, begin + 0.05) == {"refused": 5}


def test_a_second_load_counts_from_nothing_and_the_first_ones_failures_stay(story: Story) -> None:
    story.begin()
    begin = story.now
    story.run(1, 100, refused=50)
    story.end()
    story.now += 3
    story.begin()
    assert story.server.crowd is None
    story.run(1, 300, refused=10)
    assert story.server.failures == {"refused": 10}
    assert story.server.failures_between(begin, story.now) == {"refused": 60}
    assert story.server.failures_between(begin + 2, begin + 3) is None, "no load ran then"
    assert story.server.answered_per_second() == pytest.approx(300)


def test_a_load_that_was_away_saw_no_gap(story: Story) -> None:
    story.begin()
    story.run(1, 100)
    begin = story.now
    story.end()
    story.now += subject.AWAY + 1
    story.begin()
    story.run(1, 100, refused=50)
    assert story.server.failures_between(begin - 0.5, story.now) is None


def test_the_load_is_the_limit_when_its_processor_is_full_for_a_second(story: Story) -> None:
    story.begin()
    story.run(0.5, 100, cpu=100.0)
    assert not story.server.is_limit, "it has only begun"
    story.run(1, 100, cpu=97.0)
    assert story.server.is_limit
    story.run(0.1, 100, cpu=80.0)
    assert not story.server.is_limit


def test_the_loop_is_as_the_load_said_last(story: Story) -> None:
    story.begin()
    story.server.receive(wire.Change("steady", 4, 0, 0.0, 0, story.now))
    assert not story.server.is_open_loop
    story.server.receive(wire.Change("steady", 4, 0, 50.0, 0, story.now))
    assert story.server.is_open_loop


def test_a_workload_of_another_version_is_shown_as_any_other(story: Story) -> None:
    story.server_begins()
    story.begin()
    story.server.receive(wire.Change("of-tomorrow", 4, 0, 0.0, 0))
    story.run(1.0, 100)
    assert story.server.answered_per_second() == pytest.approx(100)


def test_what_is_held_is_bounded(story: Story) -> None:
    story.begin()
    story.run(400, 100, refused=10)
    curves = story.server.curves(story.now, seconds=1e9)
    assert curves
    assert len(curves.times) <= subject.HELD * 10 + 2
    short = story.server.curves(story.now, seconds=60)
    assert short
    assert 599 <= len(short.times) <= 601
