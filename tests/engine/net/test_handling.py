"""What handling goes into, and where it stands: reported by real engines of each model, witnessed by /proc."""

import errno
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.models import MODELS
from engine.net.handling import Reading, ThreadClock
from engine.telemetry import wire
from engine.telemetry.counters import CounterRows
from engine.telemetry.workers import Worker
from tests.engine.child import PROJECT
from tests.engine.client import Client, request
from tests.engine.support import Engine

OVER_ALL_MODELS = True
WORK = PROJECT / "engine" / "apps" / "work.py"

TELLS_QUEUES = os.path.exists("/proc/self/schedstat")
tells_queues = pytest.mark.skipif(not TELLS_QUEUES, reason="this system tells no waiting")


@pytest.fixture
def engine(model: str, site: Path) -> Iterator[Engine]:
    with Engine(model, site) as engine:
        assert engine.ready
        yield engine


def ask(engine: Engine, *paths: str) -> None:
    """Each path by a client of its own, all at once; returns when all are answered and reported."""
    all_told = len(engine.rows(wire.Requests)) + len(paths)
    clients = [Client(engine.address) for _ in paths]
    for client, path in zip(clients, paths, strict=True):
        client.send(request(path))
    for client in clients:
        client.reply()
    for client in clients:
        client.close()
    engine.heard(lambda: len(engine.rows(wire.Requests)) == all_told, "all requests")


def samples(engine: Engine, connection: int = 1) -> list[wire.HandlingSample]:
    rows = engine.rows(wire.HandlingSamples)
    return [row for row in rows if row.connection == connection and not row.is_whole]


@pytest.mark.quick_with("process", "thread", "gevent", "asyncio", "epoll")
def test_handling_went_into_computing_or_calls_and_stood_on_a_line(engine: Engine) -> None:
    ask(engine, "/work/wait?ms=400")
    (slept,) = engine.rows(wire.Requests)
    ask(engine, "/work/busy?ms=150")
    ask(engine, "/page.html")
    _, busy, page = engine.rows(wire.Requests)
    assert (page.computed, page.in_calls) == (-1.0, -1.0), "no clock is read for what is short"
    assert not samples(engine, page.connection)
    assert slept.computed < 0.1
    assert busy.computed == pytest.approx(0.15, abs=0.05)
    if TELLS_QUEUES:
        assert slept.in_calls > 0.1
        assert busy.in_calls < 0.2 * (busy.answered - busy.handled)
        sampled = samples(engine, slept.connection)
        assert sum(each.end - each.begin for each in sampled) == pytest.approx(slept.answered - slept.handled, abs=0.1)
        assert sum(each.in_calls for each in sampled) == pytest.approx(slept.in_calls, abs=0.1)
    files = {row.number: row.path for row in engine.rows(wire.Files)}
    found = [row for row in engine.rows(wire.Activities) if row.application_line and row.connection == slept.connection]
    assert {files[row.application_file] for row in found} == {str(WORK)}
    lines, model = WORK.read_text().splitlines(), Path(engine.ready.file).read_text().splitlines()
    assert all("time.sleep(" in lines[row.application_line - 1] for row in found)
    calling = re.compile(r"exchange\.(receive|progress|answer)\(")
    assert all(calling.search(model[row.line - 1]) for row in found), "the line that calls the application"


@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.worker == "thread"])
@tells_queues
def test_threads_that_compute_wait_for_each_other(model: str, site: Path) -> None:
    with Engine(model, site) as engine:
        process = psutil.Process(engine.ready.pid)
        before = process.cpu_times()
        ask(engine, "/work/busy?ms=400", "/work/busy?ms=400")
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        rows = engine.rows(wire.Requests)
        assert sum(row.computed for row in rows) == pytest.approx(used, abs=0.2)
        for row in rows:
            lasted = row.answered - row.handled
            assert lasted - row.computed - row.in_calls > 0.2, "the other one had the lock for so long at least"
            assert row.in_calls < 0.2 * lasted


@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.worker == "greenlet"])
def test_one_greenlet_computes_while_another_waits(model: str, site: Path) -> None:
    with Engine(model, site) as engine:
        ask(engine, "/work/wait?ms=100", "/work/busy?ms=300")
        waited, computed = sorted(engine.rows(wire.Requests), key=lambda row: row.computed)
        assert waited.computed < 0.05
        assert waited.in_calls > 0.09
        assert computed.computed == pytest.approx(0.3, abs=0.05)
        assert computed.in_calls < 0.05


@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.worker in ("thread", "greenlet")])
def test_without_a_look_only_computing_is_known(model: str, site: Path) -> None:
    with Engine(model, site, "--telemetry", "requests") as engine:
        ask(engine, "/work/busy?ms=50")
        (row,) = engine.rows(wire.Requests)
        if MODELS[model].worker == "greenlet":
            assert (row.computed, row.in_calls) == (-1.0, -1.0)
        else:
            assert row.computed == pytest.approx(0.05, abs=0.02)
            assert row.in_calls == -1.0


@tells_queues
def test_a_spawned_process_is_looked_at_as_well(site: Path) -> None:
    model = next(key for key, each in MODELS.items() if each.worker == "process")
    with Engine(model, site, "--start-method", "spawn") as engine:
        ask(engine, "/work/wait?ms=300")
        (row,) = engine.rows(wire.Requests)
        assert row.in_calls > 0.1
        assert any(each.line for each in samples(engine)), "on a line of the application"


# ---- what two readings prove


def spent(
    lasted: float, computed: float, delayed: float, slices: int, others: float, *, blocked: bool = True, waits: int = -1
) -> tuple[float, float]:
    """What is proven of so many seconds; `waits`: how often the thread waited in them, where it was asked itself."""
    before = Reading(10.0, 1.0, 2.0, 100, 5.0, blocked_before=min(waits, 0))
    after = Reading(
        10.0 + lasted, 1.0 + computed, 2.0 + delayed, 100 + slices, 5.0 + others, blocked=blocked, blocked_before=waits
    )
    found = ThreadClock().spent(before, after)
    return round(found.computed, 6), round(found.in_calls, 6)


def test_who_was_never_woken_waited_in_a_call() -> None:
    assert spent(0.05, 0.0, 0.0, 0, 0.05) == (0.0, 0.05), "though another one computed all the time"


def test_who_was_ready_all_the_time_waited_in_none() -> None:
    assert spent(0.05, 0.0, 0.0, 0, 0.0, blocked=False) == (0.0, 0.0), "the queue's time is counted when it is over"


def test_who_is_ready_only_now_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, clock = Worker(0, b"", None, CounterRows().open(0)), ThreadClock()
    worker.thread = worker.thread[0], -1
    readings = iter([Reading(10.0, 1.0, 2.0, 100), Reading(10.05, 1.0, 2.0, 100), Reading(10.1, 1.0, 2.001, 101)])
    monkeypatch.setattr(clock, "_tells", True)
    monkeypatch.setattr(clock, "_read", lambda _: next(readings))
    monkeypatch.setattr("engine.net.handling._is_blocked", lambda _: False)
    before = clock.look(worker, None)
    assert before
    assert clock.look(worker, before) is None, "since when it is ready is not told yet"
    assert clock.look(worker, before), "it has run since"


def test_who_never_waited_was_in_no_call() -> None:
    assert spent(0.05, 0.03, 0.01, 5, 0.0, blocked=False, waits=0) == (0.03, 0.0), "the machine itself had no processor"
    assert spent(0.05, 0.03, 0.0, 5, 0.0, blocked=False, waits=1) == (0.03, 0.02)


def test_who_woke_up_again_and_again_may_have_waited_for_the_lock() -> None:
    assert spent(0.05, 0.02, 0.0, 10, 0.03) == (0.02, 0.0)
    assert spent(0.05, 0.0, 0.0, 1, 0.05) == (0.0, 0.04), "for two switch intervals at most"


def test_nobody_waits_for_a_lock_that_nobody_has() -> None:
    assert spent(0.05, 0.001, 0.0, 10, 0.001) == (0.001, 0.048)


def test_the_queue_of_a_processor_is_no_call() -> None:
    assert spent(0.05, 0.02, 0.03, 4, 0.0) == (0.02, 0.0)


def test_what_the_system_does_not_tell_is_not_known() -> None:
    found = ThreadClock().spent(Reading(10.0, 1.0), Reading(10.5, 1.1))
    assert (round(found.computed, 6), found.in_calls) == (0.1, -1.0)


def test_without_a_descriptor_left_only_computing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EMFILE, "too many open files")

    worker, clock = Worker(0, b"", None, CounterRows().open(0)), ThreadClock()
    before = clock.begin(worker)
    monkeypatch.setattr(os, "open", refuse)
    found = clock.spent(before, clock.end(worker))
    assert found.computed >= 0
    assert found.in_calls == -1.0


def test_this_very_sleep_is_seen() -> None:
    worker, clock = Worker(0, b"", None, CounterRows().open(0)), ThreadClock()
    before = clock.begin(worker)
    time.sleep(0.05)
    assert clock.spent(before, clock.end(worker)).computed < 0.04
