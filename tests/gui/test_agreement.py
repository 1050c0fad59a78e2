"""What the window says, beside what independent witnesses say: wrk, ab and ss; and what switching leaves behind."""

import random
import re
import shutil
import socket
import statistics
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeAlias, TypeVar

import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.lab.measurement import Measurement
from engine.models import MODELS
from engine.telemetry import wire
from gui.history.clients import ClientHistory
from gui.history.server import ServerHistory
from gui.runs.processes import Ending, EngineProcess, LoadProcess, ProcessState, group_members
from gui.window import Window
from tests.benchmarks.wrk import wrk
from tests.gui.witness import hold

Open: TypeAlias = Callable[..., Window]
T = TypeVar("T")

PATIENCE = 30_000
"""Milliseconds within which anything that works has happened, however busy the machine."""
WITNESSED = ("process", "thread", "epoll")
"""A model of each kind; all of them are witnessed without a window in `tests/engine`."""
CLIENTS = 8
LOOPS = [key for key, model in MODELS.items() if model.worker == "loop" and not model.hands_over and model.available()]
"""Whose only worker is kept by an application that waits."""
SWITCHES = 8
EACH_MS = (200, 1300)
"""Between which a model is left to run before the next is chosen."""


class Parts(NamedTuple):
    """What a window runs, and what it knows of it."""

    engine: EngineProcess
    load: LoadProcess
    server: ServerHistory
    clients: ClientHistory
    measurement: Measurement


def parts(window: Window) -> Parts:
    """Where a window has them."""
    run, history = window.session.first, window.live.first
    return Parts(run.engine, run.load, history.server, history.clients, run.measurement)


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


def available(model: str, quick: str = "") -> object:
    """The model as a parameter; where one is named that is enough for the quick tests, the others are slow."""
    marks = [pytest.mark.skipif(not MODELS[model].available(), reason="not on this system")]
    if quick and model != quick:
        marks.append(pytest.mark.slow)
    return pytest.param(model, marks=marks)


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    """Lets the window live until `condition` is true."""
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def meanwhile(qtbot: QtBot, work: Callable[[], T]) -> T:
    """What `work` returns, which blocks, while the window lives."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        until(qtbot, future.done)
        return future.result()


def started(qtbot: QtBot, window: Window) -> int:
    """The port at which the chosen model serves, started by the window."""
    window.session.toggle()
    until(qtbot, lambda: parts(window).engine.state is ProcessState.RUNNING and parts(window).server.ready)
    ready = parts(window).server.ready
    assert ready
    return ready.port


def counted(window: Window) -> wire.Counters:
    """The engine's last counters."""
    counters = parts(window).server.counters
    assert counters
    return counters


def everybody_left(qtbot: QtBot, window: Window) -> wire.Counters:
    """The counters from now on, once no client is there."""
    end = monotonic()
    until(qtbot, lambda: counted(window).time > end and not counted(window).open)
    return counted(window)


def thinned(window: Window) -> Callable[[], bool]:
    """A function that returns whether the engine has left out events since now."""
    told: list[wire.Counters] = []
    parts(window).engine.message_arrived.connect(
        lambda message: told.append(message) if isinstance(message, wire.Counters) else None
    )
    return lambda: any(counters.requests_every > 1 or counters.dropped for counters in told)


def ss(*filters: str) -> list[str]:
    """The lines of ss with sockets."""
    command = ["ss", "-Htn", *filters]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


# ---- the load of others


@needs("wrk")
@pytest.mark.parametrize("model", [available(key, "thread") for key in WITNESSED])
def test_the_window_counts_what_wrk_counts(qtbot: QtBot, open_window: Open, model: str) -> None:
    """All that wrk got whole was counted; beyond that only what was under way when wrk left."""
    window = open_window(model=model, keep_alive=True)
    port = started(qtbot, window)
    too_many = thinned(window)
    said = meanwhile(qtbot, lambda: wrk(f"http://127.0.0.1:{port}/index.html", CLIENTS, 1))
    requests = everybody_left(qtbot, window).requests
    assert said.errors == 0
    assert said.requests > CLIENTS
    assert said.requests <= requests <= said.requests + CLIENTS
    until(qtbot, lambda: window.tiles.all["requests_per_second"].text.first == f"{requests:,} in all")
    until(qtbot, lambda: parts(window).server.log.total == requests or too_many())
    assert parts(window).server.log.total <= requests


@pytest.mark.slow
@needs("ab")
@pytest.mark.parametrize("model", [available(key, "process") for key in WITNESSED])
def test_the_window_counts_exactly_what_ab_asked(qtbot: QtBot, open_window: Open, model: str) -> None:
    """An answer and a row in the log for each of its requests; it may connect once more and ask nothing."""
    window = open_window(model=model)
    command = ["ab", "-q", "-n", "200", "-c", "4", f"http://127.0.0.1:{started(qtbot, window)}/index.html"]
    too_many = thinned(window)
    said = meanwhile(qtbot, lambda: subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert re.search(r"Complete requests:\s+200\nFailed requests:\s+0\n", said), said
    counters = everybody_left(qtbot, window)
    assert (counters.requests, counters.failed) == (200, 0)
    assert 200 <= counters.accepted <= 204
    until(qtbot, lambda: window.tiles.all["requests_per_second"].text.first == "200 in all")
    assert window.tiles.all["requests_per_second"].text.second == "0 failed"
    until(qtbot, lambda: window.requests.table.rowCount() == 200 or too_many())
    assert parts(window).server.log.total == 200 or too_many()


@pytest.mark.slow
@needs("wrk")
def test_rate_and_latency_are_what_wrk_measures(qtbot: QtBot, open_window: Open) -> None:
    """Outside load whose time is all spent in the server, where the window measures without a load of its own."""
    window = open_window(model="thread", keep_alive=True)
    port = started(qtbot, window)
    too_many = thinned(window)
    rates: list[float] = []
    parts(window).engine.message_arrived.connect(lambda _: rates.append(parts(window).server.requests_per_second()))
    said = meanwhile(qtbot, lambda: wrk(f"http://127.0.0.1:{port}/work/wait?ms=50", CLIENTS, 3))
    assert statistics.median(rates[len(rates) // 2 :]) == pytest.approx(said.rate, rel=0.3)
    until(qtbot, lambda: parts(window).server.log.total >= said.requests or too_many())
    latency = parts(window).server.latency()
    assert latency
    assert latency.sample_every == 1 or too_many()
    assert latency.p50 * 1000 == pytest.approx(said.p50, rel=0.5)


# ---- the connections


@needs("ss")
@pytest.mark.parametrize("model", [available(key, "epoll") for key in WITNESSED])
def test_the_open_connections_are_those_that_ss_lists(qtbot: QtBot, open_window: Open, model: str) -> None:
    window = open_window(model=model, keep_alive=True)
    port = started(qtbot, window)

    def established() -> int:
        return len(ss("state", "established", f"( sport = :{port} )"))

    with ExitStack() as leaving:
        clients = meanwhile(qtbot, lambda: [leaving.enter_context(client) for client in hold(port, CLIENTS)])
        until(qtbot, lambda: window.tiles.all["connections"].text.value == str(CLIENTS))
        assert established() == counted(window).open == CLIENTS
        for client in clients[:3]:
            client.close()
        until(qtbot, lambda: window.tiles.all["connections"].text.value == str(CLIENTS - 3))
        assert established() == counted(window).open == CLIENTS - 3
    until(qtbot, lambda: window.tiles.all["connections"].text.value == "0")
    assert established() == 0


@needs("ss")
@pytest.mark.quick_with("epoll")
@pytest.mark.parametrize("model", LOOPS)
def test_who_waits_to_be_accepted_is_counted_as_ss_does(qtbot: QtBot, open_window: Open, model: str) -> None:
    """While one client's request keeps the only loop waiting, the others stand in the kernel's queue."""
    window = open_window(model=model, keep_alive=True)
    port = started(qtbot, window)
    with ExitStack() as leaving:
        leaving.enter_context(asking(port, "/work/wait?ms=10000"))
        until(qtbot, lambda: counted(window).open == 1)
        for _ in range(CLIENTS):
            leaving.enter_context(asking(port, "/index.html"))
        until(qtbot, lambda: counted(window).queued == CLIENTS)
        (listening,) = ss("-l", f"( sport = :{port} )")
        _, queued, backlog, *_ = listening.split()
        assert (int(queued), int(backlog)) == (CLIENTS, counted(window).backlog)
        assert counted(window).open == 1


@contextmanager
def asking(port: int, target: str) -> Iterator[None]:
    """A client that has asked and does not wait for the answer."""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield


# ---- our own load


@needs("wrk")
@pytest.mark.slow
def test_the_row_of_our_load_is_what_wrk_measures(qtbot: QtBot, open_window: Open) -> None:
    """At equal load below saturation: the page waits for longer than anything else takes."""
    window = open_window(model="thread", keep_alive=True, workload="waiting-work", clients=CLIENTS, work_ms=100)
    window.session.toggle_load()
    until(qtbot, lambda: (row := parts(window).measurement.row()) and row.seconds >= 3)
    window.session.toggle_load()
    until(qtbot, lambda: parts(window).load.state is ProcessState.STOPPED and window.scoreboard_data.entries)
    row = window.scoreboard_data.entries[0].row
    ready = parts(window).server.ready
    assert ready
    said = meanwhile(qtbot, lambda: wrk(f"http://127.0.0.1:{ready.port}/work/wait?ms=100", CLIENTS, 3))
    assert (row.failed, said.errors) == (0, 0)
    assert row.requests_per_second == pytest.approx(said.rate, rel=0.3)
    assert row.p50 * 1000 == pytest.approx(said.p50, rel=0.5)
    assert row.p99 * 1000 == pytest.approx(said.p99, rel=1.0)  # the slowest few are the machine's


# ---- what switching leaves behind


@pytest.mark.slow
def test_switching_under_load_leaves_nothing_behind(qtbot: QtBot, open_window: Open) -> None:
    """No process, no zombie, no descriptor, no thread."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    groups: set[int] = set()
    failed: list[Ending] = []
    window = open_window(model="process", clients=CLIENTS, rate=500)
    models = [key for key, model in MODELS.items() if model.available()]

    def stopped() -> None:
        window.session.toggle()
        until(qtbot, lambda: {parts(window).engine.state, parts(window).load.state} == {ProcessState.STOPPED})

    def is_answered() -> bool:
        assert not failed, "an engine or a load ended by itself"
        running = parts(window).engine.state is ProcessState.RUNNING
        return running and parts(window).clients.answered_per_second() > 0

    def under_load() -> None:
        window.session.toggle_load()
        until(qtbot, is_answered)

    def note() -> None:
        groups.update(pid for pid in (parts(window).engine.pid, parts(window).load.pid) if pid)

    for process in (parts(window).engine, parts(window).load):
        process.state_changed.connect(note)
        process.ended.connect(lambda ending: None if ending.asked else failed.append(ending))
    under_load()
    stopped()
    me = psutil.Process()
    descriptors, threads = me.num_fds(), threading.active_count()
    under_load()
    for _ in range(SWITCHES):
        window.session.choose(chance.choice([key for key in models if key != window.settings.model]))
        qtbot.wait(chance.randint(*EACH_MS))
    until(qtbot, is_answered)
    crowd = parts(window).clients.crowd
    assert crowd
    assert (crowd.wrong_bytes, crowd.bad_reply) == (0, 0)
    stopped()
    until(qtbot, lambda: threading.active_count() <= threads)
    assert len(groups) >= 4
    assert [pid for group in groups for pid in group_members(group)] == []
    assert me.children(recursive=True) == []
    assert me.num_fds() <= descriptors
