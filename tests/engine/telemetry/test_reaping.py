"""Children are ended at any moment from their fork on: nothing of them stays in the counters."""

import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from engine.telemetry.counters import ACCEPTED, CLOSED, DROPPED, RECV, UNSENT, SharedCounterRows, note_open
from engine.telemetry.recorder import Recorder
from engine.telemetry.sink import sink_for
from tests.answered import answered
from tests.engine.client import Address, Client, get, request
from tests.engine.support import Engine, eventually, group
from tests.engine.test_thinning import Connection

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system can't fork")

MOST_DELAY = 0.005
"""Seconds after the fork."""
ENGINE = """
import os, sys
from engine.__main__ import main
{before}
sys.exit(main(sys.argv[sys.argv.index("serve"):]))
"""
SAYS_ITS_PID = """
fifo = os.open({path!r}, os.O_WRONLY)
os.register_at_fork(after_in_child=lambda: os.write(fifo, b"%d\\n" % os.getpid()))
"""
KILLED_AT_ONCE = """
import signal
forks = iter(range({kills}))
at_fork = [False]
os.register_at_fork(before=lambda: at_fork.append(next(forks, None) is not None))
os.register_at_fork(after_in_child=lambda: at_fork[-1] and os.kill(os.getpid(), signal.SIGKILL))
"""
PREFORK = """
import signal
from engine.models import process

def serve(listener, new_exchange):
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            try:
                while True:
                    client, address = listener.accept()
                    process.handle(client, new_exchange(client))
            finally:
                os._exit(0)
    while True:
        signal.pause()

process.serve = serve
"""


def forking(site: Path, before: str, *options: str) -> Engine:
    """An engine of `process` before which a few lines are run."""
    return Engine("process", site, *options, before=(sys.executable, "-c", ENGINE.format(before=before)))


class Killer(threading.Thread):
    """Ends each child that says its pid, after a while and in a way that follow from the seed; spares one in four."""

    def __init__(self, path: Path, seed: int) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._random = random.Random(seed)

    def run(self) -> None:
        with self._path.open() as pids:
            for pid in pids:
                signals = self._random.choice(
                    [(), (signal.SIGKILL,), (signal.SIGTERM,), (signal.SIGSTOP, signal.SIGKILL)]
                )
                moment = monotonic() + self._random.uniform(0, MOST_DELAY)
                while monotonic() < moment:
                    pass
                for number in signals:
                    with suppress(ProcessLookupError):
                        os.kill(int(pid), number)


def ask(address: Address) -> None:
    """One request, whatever comes of it."""
    with suppress(OSError, EOFError), Client(address) as client:
        client.send(request("/page.html", connection="close"))
        client.rest()


@pytest.mark.parametrize(
    ("seed", "clients"), [(1, 100), pytest.param(2, 5000, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_schedule_of_kills_leaves_nothing(site: Path, tmp_path: Path, seed: int, clients: int) -> None:
    fifo = tmp_path / "pids"
    os.mkfifo(fifo)
    killer = Killer(fifo, seed)
    killer.start()
    with forking(site, SAYS_ITS_PID.format(path=str(fifo)), "--max-connections", str(clients)) as engine:
        for _ in range(clients):
            ask(engine.address)
        last = engine.settled(accepted=clients, open=0)
        closed = engine.heard(
            lambda: (rows := engine.rows(wire.Closed)) and len({r.connection for r in rows}) == clients and rows,
            "all ends",
        )
        assert {row.connection for row in closed} == {row.connection for row in engine.rows(wire.Opened)}
        assert last.requests <= len(engine.rows(wire.Requests)) + last.dropped
        eventually(lambda: not engine.zombies(), "zombies are waited for")
    killer.join(10)
    assert not killer.is_alive()


def test_limit_of_connections_holds_after_kills(site: Path) -> None:
    """Children that did not live to run a line of ours are not counted as open for ever."""
    with forking(site, KILLED_AT_ONCE.format(kills=6), "--max-connections", "3") as engine:
        for number in range(1, 7):
            ask(engine.address)
            engine.settled(accepted=number, open=0)
        assert get(engine.address, "/page.html", connection="close").status == 200
        assert {row.connection for row in engine.rows(wire.Closed)} >= set(range(1, 7))


def test_killed_child_is_reaped_where_nobody_waits_for_it(site: Path) -> None:
    """A model that forgets its zombies still has true counters."""
    forgets = (
        KILLED_AT_ONCE.format(kills=3)
        + "\nsignal.signal = lambda *_, real=signal.signal: _[0] != signal.SIGCHLD and real(*_)\n"
    )
    with forking(site, forgets) as engine:
        for _ in range(3):
            ask(engine.address)
        engine.settled(accepted=3, open=0)
        assert len(engine.zombies()) == 3


def test_what_a_killed_child_had_not_written_is_dropped() -> None:
    children = SharedCounterRows(fork=True)
    children.before_fork(2, [7, 8])
    pid = os.fork()
    if pid == 0:
        row = children.adopt()
        row[ACCEPTED] += 1
        row[UNSENT] += 3
        note_open(row, 9)
        os.kill(os.getpid(), signal.SIGKILL)
    children.after_fork(pid)
    cut_off = eventually(children.reap)
    os.waitpid(pid, 0)
    assert sorted(cut_off) == [(pid, 7), (pid, 8), (pid, 9)]
    total = children.total()
    assert (total[ACCEPTED], total[CLOSED], total[DROPPED]) == (1, 3, 3)
    assert children.pids() == []


def test_records_of_every_kind_count_until_they_are_written() -> None:
    """Or else what a killed child had not written would be dropped less than nothing."""
    told, tells = os.pipe()
    recorder = Recorder(sink_for(tells), MODELS["process"], "full")
    recorder.set_flush_scheduler(lambda: None)
    Connection(recorder)
    recorder.is_child = True
    recorder.file(1, "/app.py")
    recorder.span(recorder.current.worker, 1, RECV, 1, 20, 1.0, 2.0, 9)
    recorder.request_answered(answered(2.0, 1, 0, 0, 0, 200, 9, 0.0, 0.1, True), b"GET / HTTP/1.1", b"HTTP/1.1 200 OK")
    assert recorder._own_row[UNSENT] == sum(map(len, recorder._batches.values())) == 6
    recorder.flush()
    assert recorder._own_row[UNSENT] == 0
    for each in (told, tells):
        os.close(each)


def test_fork_that_fails_takes_no_row() -> None:
    children = SharedCounterRows(fork=True)
    children.before_fork(1, [1])
    children.fork_failed()
    assert children.reap() == []
    assert children.total()[CLOSED] == 0


@pytest.fixture
def prefork(site: Path) -> Iterator[Engine]:
    """An engine whose two children accept for themselves."""
    with forking(site, PREFORK, "--keep-alive") as engine:
        yield engine


def pids_of(engine: Engine) -> dict[int, int]:
    """Connection by the pid of the child that accepted it."""
    return {row.worker: row.connection for row in engine.rows(wire.Opened)}


def test_children_that_accept_give_each_connection_a_number_of_its_own(prefork: Engine) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            client = stack.enter_context(Client(prefork.address))
            client.send(request("/page.html"))
            assert client.reply().status == 200
        prefork.settled(accepted=2, open=2, requests=2)
        prefork.heard(lambda: len(pids_of(prefork)) == 2, "both children accept")
    for _ in range(10):
        assert get(prefork.address, "/page.html", connection="close").status == 200
    prefork.settled(accepted=12, open=0, requests=12)
    prefork.heard(lambda: len(prefork.rows(wire.Closed)) == 12, "all ends")
    assert len({row.connection for row in prefork.rows(wire.Opened)}) == 12


def test_connections_that_a_killed_child_accepted_are_closed(prefork: Engine) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(prefork.address)) for _ in range(2)]
        for client in clients:
            client.send(request("/page.html"))
            assert client.reply().status == 200
        prefork.heard(lambda: len(pids_of(prefork)) == 2, "both children accept")
        pid, connection = next(iter(pids_of(prefork).items()))
        os.kill(pid, signal.SIGKILL)
        prefork.settled(accepted=2, open=1, requests=2)
        prefork.heard(lambda: prefork.rows(wire.Closed), "its end")
        assert [(row.worker, row.connection) for row in prefork.rows(wire.Closed)] == [(pid, connection)]
    prefork.settled(accepted=2, open=0)


def test_end_with_children_that_do_not_run(prefork: Engine) -> None:
    for process in prefork.tree()[1:]:
        process.suspend()
    begin = monotonic()
    assert prefork.stop() == 0
    assert monotonic() - begin < 5
    assert isinstance(prefork.messages[-1], wire.Stopped)
    eventually(lambda: not group(prefork.pid), "nobody is left")


def test_spawned_child_that_is_killed_at_once_is_reaped(site: Path) -> None:
    assert MODELS["process"].without_fork
    with Engine("process", site, "--start-method", "spawn") as engine:
        with Client(engine.address):
            child = eventually(lambda: [p for p in engine.tree()[1:] if "spawn_main" in " ".join(p.cmdline())])[0]
            child.kill()
            engine.settled(accepted=1, open=0)
        assert get(engine.address, "/page.html", connection="close").status == 200
        engine.settled(accepted=2, open=0)
