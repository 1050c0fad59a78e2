"""A system that has only what Windows has: the engine says what is missing, and serves with all else.

Hidden in every interpreter that is started here, children included, by a `sitecustomize` of our own.
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.client import Client, get, request
from tests.engine.conftest import PAGE, skip_unless_settable
from tests.engine.load.support import Load
from tests.engine.support import Engine, eventually, group
from tests.engine.test_start_errors import failed_start

HIDING = """
import os, select, signal, stat, sys

for module, names in {
    os: "fork forkpty register_at_fork memfd_create sched_setaffinity sched_getaffinity",
    select: "epoll poll kqueue",
    signal: "setitimer SIGALRM SIGCHLD ITIMER_REAL",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["resource"] = sys.modules["fcntl"] = None

def select_sockets(readers, writers, others, timeout=None, select=select.select):
    for each in (*readers, *writers, *others):
        if not stat.S_ISSOCK(os.fstat(each if isinstance(each, int) else each.fileno()).st_mode):
            raise OSError(10038, "not a socket")
    return select(readers, writers, others, timeout)

select.select = select_sockets
"""
AVAILABLE = [key for key, model in MODELS.items() if not model.needs]


@pytest.fixture(autouse=True)
def _hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_table_says_what_is_missing() -> None:
    told = subprocess.run(command("models"), cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=True)
    missing = [line.split()[0] for line in told.stdout.splitlines() if "(needs " in line]
    assert missing == ["epoll"]


def test_missing_model_is_refused_with_the_reason(site: Path) -> None:
    problem = failed_start("--model", "epoll", "--port", "0", root=site)
    assert (problem.code, problem.details["systems"]) == ("model-unavailable", "Linux")


def test_fork_can_not_be_asked_for(site: Path) -> None:
    asked = command("serve", "--model", "process", "--root", site, "--start-method", "fork")
    told = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert told.returncode == 2
    assert "spawn" in told.stderr


@pytest.mark.parametrize("key", AVAILABLE)
def test_all_others_serve(key: str, site: Path) -> None:
    skip_unless_settable(key, keep_alive=True)
    with Engine(key, site, "--keep-alive") as engine:
        with Client(engine.address) as client:
            for target, status in (("/page.html", 200), ("/missing", 404), ("/page.html", 200)):
                client.send(request(target))
                reply = client.reply()
                assert reply.status == status
            assert reply.body == PAGE.encode()
            engine.settled(accepted=1, open=1, requests=3, failed=0)
            engine.heard(lambda: len(engine.rows(wire.Requests)) == 3, "all requests")
        engine.settled(accepted=1, open=0, requests=3, failed=0, bytes=client.received)
        engine.heard(lambda: len(engine.rows(wire.Closed)) == 1, "its end")
        assert engine.stop() == 0
        assert isinstance(engine.messages[-1], wire.Stopped)
        eventually(lambda: not group(engine.pid), "nobody is left")


@pytest.mark.parametrize("key", AVAILABLE)
def test_all_others_end_with_their_stdin(key: str, site: Path) -> None:
    with Engine(key, site, "--keep-alive") as engine, Client(engine.address) as client:
        client.send(request("/page.html"))
        assert client.reply().status == 200
        assert engine.close_stdin() == 0
        eventually(lambda: not group(engine.pid), "nobody is left")


@pytest.mark.parametrize("key", AVAILABLE)
def test_late_client_is_told_so(key: str, site: Path) -> None:
    with Engine(key, site, "--head-seconds", "0.5") as engine:
        with Client(engine.address) as client:
            client.send(b"GET /page.html HTT")
            assert client.reply().status == 408
        engine.settled(open=0)


def test_load_is_put_on_it(site: Path) -> None:
    with Engine("thread", site) as engine:
        with Load(engine.address, "--clients", 2) as load:
            assert load.stats_when(lambda crowd: crowd.answered > 10, "nothing was answered").failed == 0
            assert load.close_stdin() == 0
        engine.settled(open=0)


def test_killed_child_is_counted(site: Path) -> None:
    with Engine("process", site, "--keep-alive") as engine:
        with Client(engine.address) as client:
            client.send(request("/page.html"))
            worker = int(client.reply().headers["served-by"].split()[-1].strip('"'))
            engine.settled(accepted=1, open=1, requests=1)
            os.kill(worker, signal.SIGKILL)
            assert client.is_closed()

        def is_buried() -> bool:
            """By the next one, where nothing else does it; its threads may have ended after its sockets were closed."""
            assert get(engine.address, connection="close").status == 200
            return worker not in engine.zombies()

        eventually(is_buried, "it was not buried")
        engine.settled(open=0)
