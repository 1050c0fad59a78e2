"""Both sides of the last minute on one clock."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.load import wire as load_wire
from engine.telemetry import wire
from gui.history.clients import ClientHistory
from gui.history.plot_data import PlotData, merge, plot_data
from gui.history.server import ServerHistory
from tests.answered import answered
from tests.gui.history.test_clients import histogram
from tests.ready import a_ready


class Story:
    """An engine and a load that tell what happens, in tenths of a second."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.server = ServerHistory(clock=lambda: self.now)
        self.load = ClientHistory(clock=lambda: self.now)
        self._requests = self._answered = self._refused = 0
        self._loading = False

    def serve(self, model: str) -> None:
        """An engine gets ready."""
        self._requests = 0
        self.server.receive(a_ready(model, self.now, clock=0.0))

    def begin_load(self) -> None:
        """A load begins."""
        self._answered = self._refused = 0
        self._loading = True
        self.load.receive(load_wire.LoadReady(1, "http://127.0.0.1:1", 1, 1, self.now, 0.0))

    def end_load(self) -> None:
        """It ends."""
        self._loading = False
        self.load.receive(load_wire.Stopped(self.now))

    def run(self, seconds: float, failed: int = 0) -> None:
        """Each tenth of a second brings ten answers: in 1 ms inside the server, in 5 ms as the clients see it."""
        for _ in range(round(seconds * 10)):
            before, self.now = self.now, self.now + 0.1
            self._requests += 10
            rows = [answered(self.now, 1, 0, 1, 2, 200, 1, 0.0, 0.001, True)] * 10
            self.server.receive(wire.Requests(rows))
            self.server.receive(wire.Counters(self.now, 8, 8, self._requests, failed, 0, 0, 1, 1))
            if self._loading:
                self._answered += 10
                self.load.receive(load_wire.Latencies(before, self.now, histogram(*[0.005] * 10)))
                self._send_crowd()

    def refuse(self, seconds: float) -> None:
        """Nobody listens: each tenth of a second brings six refusals."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            if self._loading:
                self._refused += 6
                self._send_crowd()

    def stop_serving(self) -> None:
        """The engine ends."""
        self.server.receive(wire.Stopped(self.now))

    def plot_data(self) -> PlotData:
        """What is to be seen now."""
        return plot_data(self.server, self.load, self.now)

    def _send_crowd(self) -> None:
        self.load.receive(
            load_wire.LoadStats(self.now, 4, 0, 0, self._answered, self._refused, 0, 0, 0, 0, 0, 0.0, 20.0)
        )


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_is_nothing(story: Story) -> None:
    seen = story.plot_data()
    assert (seen.segments, seen.switches, seen.bands, seen.failed, seen.gaps) == ([], [], [], [], [])


def test_without_a_load_latency_is_the_servers(story: Story) -> None:
    story.serve("thread")
    story.run(2)
    seen = story.plot_data()
    assert not seen.from_clients
    [band] = seen.bands
    assert band.model == "thread"
    assert band.p50 == pytest.approx(0.001)
    assert (seen.failed, seen.gaps) == ([], [])


def test_with_a_load_latency_is_the_clients_and_stays_so_until_nothing_of_it_is_seen(story: Story) -> None:
    story.serve("thread")
    story.begin_load()
    story.run(2)
    story.end_load()
    story.run(1)
    seen = story.plot_data()
    assert seen.from_clients
    [band] = seen.bands
    assert band.p50 == pytest.approx(0.005, rel=0.01)
    story.run(60)
    assert not story.plot_data().from_clients


def test_each_model_has_its_own_band(story: Story) -> None:
    story.serve("thread")
    story.begin_load()
    story.run(2)
    story.stop_serving()
    story.refuse(1)
    story.serve("epoll")
    story.run(2)
    seen = story.plot_data()
    assert [band.model for band in seen.bands] == ["thread", "epoll"]
    thread, epoll = seen.bands
    assert thread.times[-1] < -2.4
    assert epoll.times[0] > -2.1
    assert all(np.isfinite(part).all() for band in seen.bands for part in (band.p50, band.p99))


def test_the_gap_of_a_switch_is_from_answer_to_answer_with_what_failed_meanwhile(story: Story) -> None:
    story.serve("thread")
    story.begin_load()
    story.run(2)
    story.stop_serving()
    story.refuse(0.4)
    story.serve("epoll")
    story.run(3)
    [gap] = story.plot_data().gaps
    assert gap.begin == pytest.approx(-3.4)
    assert gap.end == pytest.approx(-2.9), "the first answer came after the first tenth"
    assert gap.failures == {"refused": 24}
    [times_failed] = [times for times, _ in story.plot_data().failed]
    assert times_failed[0] >= -3.4
    assert times_failed[-1] <= -2.3, "a rate looks back half a second"


def test_without_a_load_the_gap_is_from_engine_to_engine_and_uncounted(story: Story) -> None:
    story.serve("thread")
    story.run(1)
    story.stop_serving()
    story.refuse(0.3)
    assert story.plot_data().gaps == [], "none has followed"
    story.serve("epoll")
    story.run(1)
    [gap] = story.plot_data().gaps
    assert (gap.begin, gap.end) == (pytest.approx(-1.3), pytest.approx(-1.0))
    assert gap.failures is None


def test_a_gap_under_load_is_open_until_somebody_answers(story: Story) -> None:
    story.serve("thread")
    story.begin_load()
    story.run(1)
    story.stop_serving()
    story.refuse(2)
    [gap] = story.plot_data().gaps
    assert (gap.begin, gap.end) == (pytest.approx(-2.0), 0.0)
    assert gap.failures == {"refused": 120}


def test_an_idle_server_was_not_silent_because_it_was_stopped(story: Story) -> None:
    story.serve("thread")
    story.begin_load()
    story.run(1)
    for _ in range(100):
        story.now += 0.1
        story._send_crowd()
    story.stop_serving()
    story.refuse(0.3)
    story.serve("epoll")
    story.run(1)
    [gap] = story.plot_data().gaps
    assert gap.begin == pytest.approx(-1.3)


def test_what_the_server_failed_is_seen_without_a_load(story: Story) -> None:
    story.serve("thread")
    story.run(2)
    story.run(1, failed=5)
    [(times, values)] = story.plot_data().failed
    assert times[0] == pytest.approx(-0.9)
    assert values.max() == pytest.approx(10)


def is_second(first: str, second: str) -> tuple[Story, Story]:
    """Two that run at the same time; the second began a second later."""
    one, other = Story(), Story()
    one.serve(first)
    one.run(1)
    other.now = one.now
    other.serve(second)
    for each in (one, other):
        each.run(2)
    return one, other


def test_two_pictures_are_one_on_one_clock() -> None:
    one, other = is_second("thread", "epoll")
    both = merge(one.plot_data(), other.plot_data())
    assert [(segment.model, segment.is_second) for segment in both.segments] == [("thread", False), ("epoll", True)]
    assert [model for _, model in both.switches] == ["thread", "epoll"]
    assert [moment for moment, _ in both.switches] == pytest.approx([-3, -2])
    assert [band.model for band in both.bands] == ["thread", "epoll"]
    assert both.segments[0].times[-1] == both.segments[1].times[-1] == 0
    assert not both.from_clients


def test_latencies_of_two_kinds_are_not_put_side_by_side() -> None:
    one, other = is_second("thread", "epoll")
    other.begin_load()
    other.run(1)
    one.run(1)
    both = merge(one.plot_data(), other.plot_data())
    assert both.from_clients
    assert {band.model for band in both.bands} == {"epoll"}
    one.begin_load()
    for each in (one, other):
        each.run(1)
    assert {band.model for band in merge(one.plot_data(), other.plot_data()).bands} == {"thread", "epoll"}


def test_a_load_that_has_told_no_latency_hides_none() -> None:
    one, other = is_second("thread", "epoll")
    silent = merge(one.plot_data(), replace(other.plot_data(), bands=[], from_clients=True))
    assert not silent.from_clients
    assert [band.model for band in silent.bands] == ["thread"]


def test_the_gaps_of_both_say_whose_they_are() -> None:
    one, other = is_second("thread", "epoll")
    for each, model in ((other, "keepalive"), (one, "process")):
        each.stop_serving()
        each.refuse(0.4 if each is one else 0.2)
        each.serve(model)
        each.run(1)
    other.now = one.now
    gaps = merge(one.plot_data(), other.plot_data()).gaps
    assert [(gap.model, gap.is_second) for gap in gaps] == [("thread", False), ("epoll", True)]
    assert gaps[0].begin <= gaps[1].begin


def test_a_shape_is_told_of_the_run_that_it_is_of(story: Story) -> None:
    story.serve("keepalive")
    story.server.receive(wire.Opened([wire.Opening(story.now, number, "c:1", 0) for number in range(4)]))
    for number in range(4):
        story.now += 0.5
        row = answered(story.now, number, 0, 1, 2, 200, 1, 0.0, 0.5, True)
        story.server.receive(wire.Requests([row]))
        story.server.receive(wire.Counters(story.now, 4, 4, number + 1, 0, 0, 0, 1, 1, 0, 128))
    found = story.server.shape(story.now)
    assert found
    assert (found[0], found[1].count) == ("keepalive", 4)
    assert story.server.shape(story.now + 20) is None, "it is no longer spoken of"
    story.serve("epoll")
    assert story.server.shape(story.now) is None, "it is of the run before"


def test_old_things_are_gone(story: Story) -> None:
    story.serve("thread")
    story.begin_load()
    story.run(1)
    story.stop_serving()
    story.refuse(0.4)
    story.serve("epoll")
    story.run(61)
    seen = story.plot_data()
    assert (seen.gaps, seen.failed) == ([], [])
    assert [segment.model for segment in seen.segments] == ["epoll"]
    assert not any(math.isnan(value) for band in seen.bands for value in band.p99)
