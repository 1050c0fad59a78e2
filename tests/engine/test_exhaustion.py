"""The system has nothing more to give, no worker, no descriptor, no disk: the engine says so, stays, and recovers."""

import os
import resource
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

CLIENTS = 12
USER = "54321"
"""Nobody's number; root may have as many processes as it likes."""

needs_limits = pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")


def as_nobody() -> tuple[str, ...]:
    """The command that runs another one as a user with limits and permissions."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("limits do not bind root, and setpriv is missing")
    capability = "-all,+dac_read_search"  # to find Python, wherever it is
    return (setpriv, f"--reuid={USER}", f"--regid={USER}", "--clear-groups", f"--inh-caps={capability}",
            f"--ambient-caps={capability}")  # fmt: skip


def limit(engine: Engine, kind: str, most: int | None, before: tuple[str, ...] = ()) -> None:
    """Let the engine, once it serves, have at most so many of a kind; None: as many as it may."""
    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{kind.upper()}"))[1]
    value = most if most is not None else "unlimited" if hard == resource.RLIM_INFINITY else hard
    subprocess.run([*before, "prlimit", f"--pid={engine.ready.pid}", f"--{kind}={value}:"], check=True)


def cpu_share(engine: Engine, seconds: float) -> float:
    """The part of a core that the engine's first process uses in so many seconds from here."""
    process = psutil.Process(engine.pid)
    before, begin = sum(process.cpu_times()[:2]), monotonic()
    eventually(lambda: monotonic() - begin > seconds)
    return (sum(process.cpu_times()[:2]) - before) / (monotonic() - begin)


WITH_WORKERS = {
    "process": ("process",),
    "spawn": ("process", "--start-method", "spawn"),
    "thread": ("thread",),
}


@pytest.fixture(params=WITH_WORKERS.values(), ids=WITH_WORKERS)
def working(request: pytest.FixtureRequest, site: Path) -> Iterator[Engine]:
    """An engine that makes a worker for each client, and keeps connections."""
    model, *options = request.param
    with Engine(model, site, "--keep-alive", *options, before=as_nobody()) as engine:
        yield engine


@needs_limits
def test_no_worker_to_be_had(working: Engine) -> None:
    """Clients are rejected, served ones go on, and later ones get their workers again."""
    with Client(working.address) as first:
        first.send(request("/page.html"))
        assert first.reply().status == 200
        limit(working, "nproc", 1, as_nobody())
        for _ in range(CLIENTS):
            with Client(working.address) as late:
                reply = late.reply()
                assert (reply.status, reply.headers["connection"]) == (503, "close")
                assert late.is_closed()
        problem = working.heard(lambda: working.latest(wire.Problem), "no word of it")
        assert problem.code == "no-workers"
        assert len(working.all(wire.Problem)) == 1, "it is told once while it lasts"
        first.send(request("/page.html"))
        assert first.reply().status == 200
        working.settled(accepted=1 + CLIENTS, open=1, requests=2 + CLIENTS, failed=CLIENTS)
        assert cpu_share(working, 0.5) < 0.5
        limit(working, "nproc", None, as_nobody())
        assert get(working.address, "/page.html", connection="close").status == 200
    working.settled(accepted=2 + CLIENTS, open=0, requests=3 + CLIENTS, failed=CLIENTS)
    eventually(lambda: not working.zombies(), "zombies are waited for")


PREFORKED = [key for key, model in MODELS.items() if model.traits.has_pool and model.traits.has_processes]


@needs_limits
@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in PREFORKED if MODELS[key].available()])
def test_a_pool_of_processes_goes_on_with_those_that_it_has(site: Path, key: str) -> None:
    """A child that can't be replaced is made later; one that never could be made as well."""
    with Engine(key, site, "--workers", "3", before=as_nobody()) as engine:
        children = engine.heard(lambda: len(found := engine.tree()[1:]) == 3 and found, "three children")
        limit(engine, "nproc", 1, as_nobody())
        subprocess.run([*as_nobody(), "kill", "-KILL", str(children[0].pid)], check=True)
        problem = engine.heard(lambda: engine.latest(wire.Problem), "no word of it")
        assert problem.code == "fewer-workers"
        for _ in range(CLIENTS):
            assert get(engine.address, "/page.html", connection="close").status == 200
        assert {each.pid for each in children[1:]} <= {each.pid for each in engine.tree()[1:]}, "they stay"
        assert cpu_share(engine, 0.5) < 0.5
        assert len([each for each in engine.all(wire.Problem) if each.code == "fewer-workers"]) == 1, "told once"
        limit(engine, "nproc", None, as_nobody())
        eventually(lambda: len([each for each in engine.tree()[1:] if each.status() != psutil.STATUS_ZOMBIE]) == 3)
        assert engine.settled(open=0).requests == CLIENTS
    with Engine(key, site, "--workers", "3", before=(*as_nobody(), "prlimit", "--nproc=1:")) as engine:
        problem = engine.heard(lambda: engine.latest(wire.Problem), "no word of it")
        assert problem.code == "fewer-workers"
        limit(engine, "nproc", None, as_nobody())
        assert get(engine.address, "/page.html", connection="close").status == 200
        eventually(lambda: len(engine.tree()[1:]) == 3)


@needs_limits
def test_no_descriptor_for_another_process(site: Path) -> None:
    """A spawned process takes descriptors of its parent's; without any the client is rejected."""
    with Engine("process", site, "--keep-alive", "--start-method", "spawn") as engine:
        assert get(engine.address, connection="close").status == 200
        engine.settled(open=0)
        limit(engine, "nofile", engine.descriptors() + 3)
        clients = [Client(engine.address) for _ in range(4)]
        try:
            for client in clients:
                client.send(request("/page.html"))
            engine.heard(lambda: engine.latest(wire.Problem), "no word of it")
            assert cpu_share(engine, 0.5) < 0.8
            clients[0].close()
        finally:
            for client in clients:
                client.close()
        limit(engine, "nofile", None)
        eventually(lambda: get(engine.address, connection="close").status == 200)
        engine.settled(open=0)


@needs_limits
def test_descriptors_are_awaited_without_spinning(model: str, site: Path) -> None:
    """Nobody leaves for a while: the engine waits for that, and does not ask again and again."""
    row = MODELS[model]
    if row.traits.has_processes:
        pytest.skip("its children have descriptors of their own")
    if row.waits == "never":
        pytest.skip("it is never at rest")
    if row.traits.shares_workers and not row.traits.only_accepts:
        pytest.skip("it accepts no more clients than it serves")
    with Engine(model, site, "--keep-alive") as engine:
        assert get(engine.address, "/page.html", connection="close").status == 200
        engine.settled(open=0)  # all that serving needs is open
        limit(engine, "nofile", engine.descriptors() + 10)
        crowd = [Client(engine.address) for _ in range(30)]
        try:
            problem = engine.heard(lambda: engine.latest(wire.Problem), "no word of it")
            assert problem.code == "no-descriptors"
            assert cpu_share(engine, 1.0) < 0.3
        finally:
            for client in crowd:
                client.close()
        eventually(lambda: get(engine.address, "/page.html", connection="close").status == 200)
        counters = engine.settled(open=0)
        assert counters.failed == 0


@pytest.mark.usefixtures("keeps_connections")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_disk_is_full_where_it_tells(model: str, site: Path) -> None:
    """Nothing can be reported, and all is served; it ends in order."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = probe.getsockname()
    with open("/dev/full", "wb") as full:
        engine = subprocess.Popen(
            command("serve", "--model", model, "--port", str(address[1]), "--root", site, "--keep-alive"),
            cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    try:
        eventually(lambda: answers(lambda: get(address, "/page.html", connection="close").status == 200))
        for _ in range(3):
            with Client(address) as client:
                client.send(request("/page.html") * 50)
                assert [client.reply().status for _ in range(50)] == [200] * 50
        engine.terminate()
        assert engine.wait(PATIENCE) == 0
        assert engine.stderr
        assert engine.stderr.read() == b""
    finally:
        engine.kill()
        engine.wait()
        if engine.stderr:
            engine.stderr.close()


def answers(ask: Callable[[], bool]) -> bool:
    """What `ask` gives, or False while nobody listens yet."""
    try:
        return ask()
    except ConnectionRefusedError:
        return False


@pytest.mark.usefixtures("keeps_connections")
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no /proc")
def test_file_that_gives_an_error(model: str) -> None:
    """A process's memory is a file whose first byte nobody can read; its status is longer than it says."""
    with Engine(model, Path("/proc/self"), "--keep-alive", may_fail=True) as engine:
        with Client(engine.address) as client:
            for target, expected in (("/mem", (500, 403)), ("/status", (200,)), ("/missing", (404,))):
                client.send(request(target))
                reply = client.reply()
                assert reply.status in expected
                assert reply.length == len(reply.body) > 0
        engine.settled(accepted=1, open=0, requests=3)


@pytest.mark.skipif(not Path("/proc/1/environ").exists(), reason="there is no /proc")
def test_file_that_may_not_be_read(model: str) -> None:
    with Engine(model, Path("/proc/1"), before=as_nobody()) as engine:
        assert get(engine.address, "/environ").status == 403
        assert get(engine.address, "/status").status == 200
        engine.settled(accepted=2, open=0, requests=2, failed=0)
