"""Answered one after the other, side by side, or neither: on made-up requests, and on those of real engines."""

import threading
from collections.abc import Iterable

import numpy as np
import pytest

from engine.clock import monotonic
from gui.history import shapes
from gui.history.server import ServerHistory
from gui.history.shapes import Answered, Parallel, Shape, Staircase
from tests.engine.client import Client, request
from tests.engine.support import Engine
from tests.gui.stories import SITE

NOW = 1_000.0
Asked = tuple[float, float, int, float]
"""When it was answered, what it took, on which connection, and when that was accepted."""


def told(requests: Iterable[Asked], queue: Iterable[tuple[float, float]] = (), now: float = NOW) -> Shape | None:
    """The shape of these requests, with so many connections in the kernel's queue at those times."""
    columns = np.array(sorted(requests)).reshape(-1, 4).T
    times, queued = np.array(list(queue)).reshape(-1, 2).T
    return shapes.shape(Answered(*columns), times, queued, now)


def steps(count: int, step: float, begin: float = NOW - 5, opened: float = NOW - 6, noise: float = 0.0) -> list[Asked]:
    """Requests that came together and were answered one after the other."""
    lengths = step * (1 + noise * np.random.default_rng(7).uniform(-1, 1, count))
    ends = begin + lengths.cumsum()
    return [
        (end, length - 0.001, number, opened) for number, (end, length) in enumerate(zip(ends, lengths, strict=True))
    ]


def in_queue(count: int, step: float, begin: float = NOW - 5) -> list[tuple[float, float]]:
    """How many of these stand in the kernel's queue, ten times a second; one is out of it."""
    moments = np.arange(begin, begin + count * step, 0.1)
    return [(moment, count - 1 - int((moment - begin) / step)) for moment in moments]


def test_nothing_is_no_shape() -> None:
    assert told([]) is None


@pytest.mark.parametrize(("count", "step"), [(8, 0.5), (3, 0.2), (40, 0.1), (12, 0.06)])
def test_equal_steps_are_a_staircase(count: int, step: float) -> None:
    assert told(steps(count, step)) == Staircase(count, pytest.approx(step), pytest.approx(NOW - 5 + count * step))


def test_steps_differ_a_little_in_truth() -> None:
    shape = told(steps(8, 0.5, noise=0.05))
    assert isinstance(shape, Staircase)
    assert (shape.count, shape.seconds) == (8, pytest.approx(0.5, rel=0.1))
    assert told(steps(8, 0.5, noise=0.4)) is None


def test_another_work_makes_other_steps() -> None:
    before, after = steps(5, 0.5), steps(8, 0.2, begin=NOW - 2.5)
    assert told([*before, *after[:4]]) is None, "four alike may be chance"
    shape = told([*before, *after])
    assert isinstance(shape, Staircase)
    assert (shape.count, shape.seconds) == (8, pytest.approx(0.2))


def test_who_waits_in_the_kernels_queue_stands_there_too() -> None:
    """A server that takes the next connection only when it is done with the one before."""
    requests = [(end, took, number, end - took - 0.0005) for end, took, number, _ in steps(8, 0.5)]
    shape = told(requests, in_queue(8, 0.5))
    assert isinstance(shape, Staircase)
    assert shape.count == 8
    unknown = [(moment, np.nan) for moment, _ in in_queue(8, 0.5)]
    assert told(requests, unknown) is None, "one client that asks again and again looks the same"


def test_one_client_that_asks_again_and_again_is_no_staircase() -> None:
    queue = [(moment, 0.0) for moment, _ in in_queue(8, 0.5)]
    anew = [(end, took, number, end - took - 0.0005) for end, took, number, _ in steps(8, 0.5)]
    assert told(anew, queue) is None
    kept = [(end, took, 1, opened) for end, took, _, opened in steps(8, 0.5)]
    assert told(kept, queue) is None


def test_clients_that_ask_again_and_again_stand_on_as_many_steps_as_there_are_clients() -> None:
    kept = [(end, took, number % 8, opened) for end, took, number, opened in steps(24, 0.2)]
    shape = told(kept)
    assert isinstance(shape, Staircase)
    assert (shape.count, shape.seconds) == (8, pytest.approx(0.2))


def test_a_pause_between_two_is_the_clients() -> None:
    slowly = [(NOW - 5 + number, 0.5, number, NOW - 6) for number in range(5)]
    assert told(slowly) is None


def test_fast_requests_between_the_steps_are_no_matter() -> None:
    slow = steps(8, 0.5)
    fast = [(end + 0.0004, 0.0003, 100 + number, NOW - 6) for number, (end, *_) in enumerate(slow[:-1])]
    assert isinstance(told([*slow, *fast]), Staircase)


def test_what_is_answered_meanwhile_proves_that_nobody_had_to_wait() -> None:
    slow = steps(8, 0.5)
    fast = [(end + 0.2, 0.001, 100 + number, NOW - 6) for number, (end, *_) in enumerate(slow[:-1])]
    assert told([*slow, *fast]) is None


def test_it_is_spoken_of_for_a_while_and_of_the_newest() -> None:
    requests = steps(4, 0.2)
    end = requests[-1][0]
    assert told(requests, now=end + shapes.RECENT - 0.1)
    assert told(requests, now=end + shapes.RECENT + 0.1) is None
    begun = [(end + 2, 0.7, 50, NOW - 6)]
    shape = told([*requests, *begun], now=end + 2)
    assert shape
    assert shape.count == 4, "a new one is not named before it can be told"


def test_ordinary_fast_load_has_no_shape() -> None:
    random = np.random.default_rng(3)
    for busy in (0.0004, 0.003, 0.02):
        took = random.exponential(busy, shapes.ROWS)
        ends = NOW - 5 + took.cumsum()
        assert told([(ends[n], took[n], n % 64, NOW - 60) for n in range(len(took))]) is None, "one after the other"
        at_once = [(NOW - random.uniform(0, 3), each, n % 64, NOW - 60) for n, each in enumerate(took)]
        assert told(at_once) is None


def test_side_by_side_is_how_many_at_once_and_how_long() -> None:
    burst = [(NOW - 3 + 0.001 * number, 0.5, number, NOW - 4) for number in range(8)]
    assert told(burst) == Parallel(8, pytest.approx(0.5), pytest.approx(NOW - 3 + 0.007))
    again_and_again = [
        (end + 0.5 * turn, took, number, opened) for turn in range(5) for end, took, number, opened in burst
    ]
    shape = told(again_and_again)
    assert isinstance(shape, Parallel)
    assert shape.count == 8
    assert told(burst[:2]) is None
    assert told(burst, now=NOW + shapes.RECENT) is None


def test_what_was_so_only_at_the_beginning_is_not_said() -> None:
    """Four at once, until slow clients hold two of the four workers."""
    first = [(NOW - 6 + worker / 1000, 0.1, worker, -np.inf) for worker in range(4)]
    later = [(NOW - 5.8 + 0.1 * turn + worker / 1000, 0.1, worker, -np.inf) for turn in range(50) for worker in (0, 1)]
    assert told([*first, *later]) is None


def test_side_by_side_is_only_told_of_equal_work() -> None:
    random = np.random.default_rng(5)
    mixed = [(NOW - 3 + random.uniform(), random.uniform(0.1, 2), number, NOW - 6) for number in range(50)]
    assert told(mixed) is None
    burst = [(NOW - 3 + 0.001 * number, 0.5, number, NOW - 4) for number in range(8)]
    fast = [(NOW - 4 + 0.01 * number, 0.001, 9, NOW - 6) for number in range(100)]
    assert told([*burst, *fast]) is None


CLIENTS, MILLISECONDS = 5, 900
"""Long enough that a busy machine hardly shows in it: steps that are unlike, or come late, are rightly called none."""


@pytest.mark.parametrize(
    "model", ["epoll", *(pytest.param(each, marks=pytest.mark.slow) for each in ("nonblocking", "keepalive", "thread"))]
)
def test_a_real_engine_under_slow_work(model: str) -> None:
    """All ask at once for slow work: a loop answers one after the other, threads side by side."""
    record = ServerHistory()
    with Engine(model, SITE) as engine:
        assert engine.ready
        together = threading.Barrier(CLIENTS)

        def ask() -> None:
            with Client(engine.address) as client:
                together.wait()
                client.send(request(f"/work/wait?ms={MILLISECONDS}"))
                client.reply()

        threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        engine.settled(open=0, requests=CLIENTS)
        for message in engine.messages:
            record.receive(message)
    seen = record.shape(monotonic())
    assert seen
    model_seen, shape = seen
    assert (model_seen, shape.count) == (model, CLIENTS)
    assert isinstance(shape, Parallel if model == "thread" else Staircase)
    assert MILLISECONDS / 1000 <= shape.seconds < 1.5 * MILLISECONDS / 1000


def test_a_real_engine_under_ordinary_load_has_no_shape() -> None:
    record = ServerHistory()
    with Engine("epoll", SITE) as engine:
        for _ in range(30):
            with Client(engine.address) as client:
                client.send(request("/index.html"))
                client.reply()
        engine.settled(open=0, requests=30)
        for message in engine.messages:
            record.receive(message)
    assert record.log.total == 30
    assert record.shape(monotonic()) is None
