"""The figures of a run: what they are read from, and which time they stand for."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from engine.lab.figures import COUNT_GROWTH, FIGURES, HELD, Latency, Over, Seen
from engine.lab.usage import ProcessTree, Usage
from engine.telemetry.wire import Counters
from engine.traits import Traits
from tests.engine.client import Client, request
from tests.engine.support import Engine
from tests.ready import a_ready

NOW = 1000.0


def counters(time: float, requests: int = 0, open: int = 0, queued: int = -1) -> Counters:
    return Counters(time, 0, open, requests, 0, 0, 0, 1, 1, queued)


def usage(time: float, **given: float) -> Usage:
    used = {"cpu": 50.0, "memory": 1, "processes": 1, "threads": 1, "zombies": 0, "descriptors": 5}
    return Usage(time=time, **{**used, **given})  # type: ignore[arg-type]


def value(name: str, seen: Seen) -> float | None:
    return FIGURES[name].value(seen)


def test_before_anything_was_reported_nothing_is_known() -> None:
    assert {name: figure.value(Seen(NOW)) for name, figure in FIGURES.items()} == dict.fromkeys(FIGURES)


def test_a_rate_is_that_of_the_last_second() -> None:
    reported = [counters(NOW - tenths / 10, requests=10_000 - 100 * tenths) for tenths in range(30, -1, -1)]
    ready = a_ready("epoll", NOW - 60)
    assert value("requests_per_second", Seen(NOW, ready, reported)) == pytest.approx(1000)
    assert value("requests_per_second", Seen(NOW + 5, ready, reported)) == 0, "nothing was reported since"
    assert value("requests_per_second", Seen(NOW, None, reported)) is None
    assert value("requests", Seen(NOW, None, reported)) == 10_000, "totals stay"


def test_means_and_peaks_are_of_three_seconds() -> None:
    used = [usage(NOW - ago, memory=10 * ago, zombies=ago) for ago in (9, 2, 1, 0)]
    seen = Seen(NOW, a_ready("process", NOW - 60), [], used)
    assert (value("memory", seen), value("zombies", seen)) == (10, 2)
    assert {name for name, figure in FIGURES.items() if figure.over is Over.MEAN} == {"cpu", "memory"}


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        (Traits("loop", "poller", "many", "first"), 1),
        (Traits("thread", "call", "one", "first"), 12),
        (Traits("process", "call", "many", "each"), 4),
        (Traits("thread", "call", "many", "first"), 3),
        (Traits(), None),
    ],
    ids=["loop", "a worker each", "processes", "threads", "not known"],
)
def test_workers_are_the_model_s_own(traits: Traits, expected: int | None) -> None:
    ready = a_ready("any", NOW - 9, traits=traits)
    seen = Seen(
        NOW, ready, [counters(NOW, open=12)], [usage(NOW, processes=5, threads=4)], by_worker=lambda: {1: 5, 2: 1, 4: 2}
    )
    assert value("workers", seen) == expected


def test_workers_of_a_program_are_those_that_answered() -> None:
    """Which of its threads serve is not known before they have."""
    ready = msgspec.structs.replace(
        a_ready("any", NOW - 9, traits=Traits("thread", "call", "many", "first")), command=["server.py"]
    )
    seen = Seen(NOW, ready, [], [usage(NOW, threads=40)], by_worker=lambda: {1: 5, 2: 1})
    assert value("workers", seen) == 2


def test_threads_of_the_engine_itself_are_not_counted() -> None:
    ready = msgspec.structs.replace(a_ready("thread", NOW - 9), helpers=1)
    assert value("threads", Seen(NOW, ready, [], [usage(NOW, threads=9)])) == 8


def test_an_exact_counter_grows_as_a_sampled_figure_does(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [NOW - HELD + tick / 10 for tick in range(int(HELD * 10) + 1)]
    ready = a_ready("thread", NOW - 60)
    growing = Seen(NOW, ready, [counters(time, open=round(10 * (time - NOW + HELD))) for time in times])
    steady = Seen(NOW, ready, [counters(time, open=100) for time in times])
    threads = [usage(time, threads=round(10 * (time - NOW + HELD))) for time in times[::5]]
    monkeypatch.setitem(FIGURES, "served", replace(FIGURES["served"], growth=COUNT_GROWTH))
    assert FIGURES["served"].is_growing(growing)
    assert not FIGURES["served"].is_growing(steady)
    assert FIGURES["threads"].is_growing(Seen(NOW, ready, [], threads))


def test_a_value_from_the_bound_on_is_a_lower_bound() -> None:
    seen = Seen(NOW, latency=Latency(p50=0.1, p99=3.0, count=9, bound=3.0), from_clients=True)
    assert not FIGURES["p50"].is_bound(seen)
    assert FIGURES["p99"].is_bound(seen)


def test_without_a_window_the_figures_of_a_real_engine(site: Path) -> None:
    """What conditions are judged by needs nothing but the messages."""
    with Engine("thread", site, "--keep-alive") as engine:
        tree = ProcessTree(engine.pid)
        with Client(engine.address) as client, Client(engine.address) as other:
            for each in (client, other, client):
                each.send(request())
                assert each.reply().status == 200
            engine.settled(accepted=2, open=2, requests=3)
            seen = Seen(engine.all(Counters)[-1].time, engine.ready, engine.all(Counters), [tree.sample()])
            assert value("connections", seen) == value("served", seen) == value("workers", seen) == 2
            assert value("threads", seen) == 3, "one accepts"
            assert value("requests", seen) == 3
            assert value("zombies", seen) == 0
