"""Systems that have only what Windows, or macOS, has: the engine says what is missing, and serves with all else."""

import json
import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from engine.model import START_METHOD
from engine.models import MODELS
from engine.shortage import LEAST_SPAWNED
from engine.telemetry import wire
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.client import Client, get, request
from tests.engine.conftest import PAGE, skip_unless_settable
from tests.engine.load.support import Load
from tests.engine.support import Engine, eventually, group
from tests.engine.test_start_errors import failed_start
from tests.other_systems import MACOS, SYSTEMS, WINDOWS, variables
from tests.other_systems.sitecustomize import COARSE

AVAILABLE = [key for key, model in MODELS.items() if not model.needs]
SPAWNED = [key for key, model in MODELS.items() if START_METHOD in model.settings]
LACKS = {WINDOWS: ("select.epoll", "select.poll", "os.fork"), MACOS: ("select.epoll",)}
"""What models need and a system does not have."""
MIB = 1024 * 1024

windows = pytest.mark.parametrize("system", [WINDOWS], indirect=True)
every_model = pytest.mark.parametrize("key", AVAILABLE)
"""Of those that are there."""


@pytest.fixture(
    params=[each if each == WINDOWS else pytest.param(each, marks=pytest.mark.slow) for each in SYSTEMS], autouse=True
)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The system that every child is on."""
    become(request.param, monkeypatch)
    return str(request.param)


def become(system: str, monkeypatch: pytest.MonkeyPatch, free_memory: int | None = None) -> None:
    """Let every child be on `system`."""
    for name, value in variables(system, free_memory).items():
        monkeypatch.setenv(name, value)


def test_table_says_what_is_missing(system: str) -> None:
    told = subprocess.run(command("models"), cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=True)
    missing = [line.split()[0] for line in told.stdout.splitlines() if "(needs " in line]
    assert missing == [key for key, model in MODELS.items() if model.needs in LACKS[system]]


@windows
def test_missing_model_is_refused_with_the_reason(site: Path) -> None:
    problem = failed_start("--model", "epoll", "--port", "0", root=site)
    assert (problem.code, problem.details["systems"]) == ("model-unavailable", "Linux")


@windows
def test_fork_can_not_be_asked_for(site: Path) -> None:
    asked = command("serve", "--model", "process", "--root", site, "--start-method", "fork")
    told = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert told.returncode == 2
    assert "spawn" in told.stderr


@windows
def test_first_model_is_one_that_is_cheap_there() -> None:
    asked = [command()[0], "-c", "from engine.settings import MODEL; print(MODEL.default)"]
    told = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert MODELS[told.stdout.strip()].worker != "process"


@pytest.mark.quick_with("process", "thread", "asyncio")
@every_model
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
        assert engine.close_stdin() == 0
        assert isinstance(engine.messages[-1], wire.Stopped)
        eventually(lambda: not group(engine.pid), "nobody is left")


@pytest.mark.quick_with("process", "thread")
@windows
@every_model
def test_late_client_is_told_so(key: str, site: Path) -> None:
    """`shutdown` wakes nobody there, and makes the next call fail."""
    if MODELS[key].waits == "poller":
        pytest.skip("not true yet: the end of a late client does not wake a poller that is as on Windows")
    with Engine(key, site, "--head-seconds", "0.5", "--idle-seconds", "1") as engine:
        with Client(engine.address) as client, Client(engine.address) as silent:
            client.send(b"GET /page.html HTT")
            assert client.reply().status == 408
            assert silent.rest() == b""
        engine.settled(open=0)


@windows
def test_load_is_put_on_it(site: Path) -> None:
    with Engine("thread", site) as engine:
        with Load(engine.address, "--clients", 2, "--rate", 100) as load:
            load.stats_when(lambda crowd: crowd.answered > 100, "nothing was answered")
            assert load.last.failed == 0
            assert load.close_stdin() == 0
            assert load.stderr() == ""
        engine.settled(open=0)


def test_load_in_several_processes(site: Path) -> None:
    with Engine("thread", site, "--host", "localhost") as engine:
        with Load(engine.address, "--clients", 2, "--processes", 2) as load:
            assert load.stats_when(lambda crowd: crowd.answered > 10, "nothing was answered").failed == 0
            assert load.close_stdin() == 0
        engine.settled(open=0)


@pytest.mark.parametrize("key", SPAWNED)
def test_killed_child_is_counted(key: str, site: Path) -> None:
    with Engine(key, site, "--keep-alive") as engine:
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


@windows
@pytest.mark.parametrize("key", SPAWNED)
def test_workers_end_with_an_engine_that_is_killed(key: str, site: Path) -> None:
    """The number of the parent does not change there, and no signal comes."""
    with Engine(key, site, "--keep-alive") as engine, Client(engine.address) as client:
        client.send(request("/page.html"))
        client.reply()
        workers = psutil.Process(engine.ready.pid).children()
        assert workers
        os.kill(engine.ready.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, PATIENCE)
        assert alive == []


@windows
@pytest.mark.parametrize("key", SPAWNED)
def test_workers_have_no_stdin_in_common_with_the_engine(key: str, site: Path) -> None:
    """There a process can't be started while another thread waits for what is its stdin too."""
    with Engine(key, site, "--keep-alive") as engine, Client(engine.address) as client:
        client.send(request("/page.html"))
        client.reply()
        null = os.stat(os.devnull).st_rdev
        family = [psutil.Process(engine.ready.pid), *psutil.Process(engine.ready.pid).children()]
        assert {os.stat(f"/proc/{process.pid}/fd/0").st_rdev for process in family} == {null}


@pytest.mark.slow
@windows
@pytest.mark.parametrize("key", SPAWNED)
def test_no_more_processes_than_memory(key: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become(WINDOWS, monkeypatch, free_memory=50 * MIB)
    with Engine(key, site, "--keep-alive") as engine:
        clients = [Client(engine.address) for _ in range(LEAST_SPAWNED + 3)]
        try:
            engine.settled(accepted=len(clients), open=LEAST_SPAWNED)
            rejected = clients[LEAST_SPAWNED:]
            assert [client.reply().status for client in rejected] == [503] * len(rejected)
            problem = engine.latest(wire.Problem)
            assert problem
            assert (problem.code, problem.details["most"]) == ("too-many-clients", LEAST_SPAWNED)
            clients[0].send(request("/page.html"))
            assert clients[0].reply().status == 200
        finally:
            for client in clients:
                client.close()
        engine.settled(open=0)


@windows
def test_shortage_of_memory_is_no_end(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows says it with numbers of its own."""
    short = tmp_path / "short.py"
    short.write_text(
        "import multiprocessing.context as c, sys\n"
        "def start(self):\n    error = OSError(22, 'The paging file is too small')\n    error.winerror = 1455\n"
        "    raise error\n"
        "c.SpawnProcess.start = start\n"
        "sys.argv[1:] = sys.argv[1:]\nfrom engine.__main__ import main\nsys.exit(main())\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.environ["PYTHONPATH"], str(PROJECT)]))
    python = command()[0]
    words = ("serve", "--model", SPAWNED[0], "--port", "0", "--root", str(site), "--stop-on-eof")
    with subprocess.Popen(
        [python, str(short), *words], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as engine:
        assert engine.stdin
        assert engine.stdout
        ready = wire.decode(next(line for line in engine.stdout if line.strip()))
        assert isinstance(ready, wire.Ready)
        for _ in range(2):
            with Client((ready.host, ready.port)) as client:
                assert client.reply().status == 503
        engine.stdin.close()
        codes = [json.loads(line).get("code") for line in engine.stdout if b'"problem"' in line]
    assert codes == ["no-workers"]
    assert engine.returncode == 0


def test_server_is_where_its_name_is_asked_for(site: Path) -> None:
    """`localhost` is ::1 first, and most clients ask 127.0.0.1."""
    with Engine("thread", site, "--host", "localhost") as engine:
        assert engine.ready.host == "localhost"
        assert get(("127.0.0.1", engine.ready.port), "/page.html", connection="close").status == 200
        with Load(engine.address, "--clients", 1) as load:
            assert load.stats_when(lambda crowd: crowd.answered > 2, "nothing was answered").failed == 0


@windows
def test_times_are_as_fine_as_elsewhere(site: Path) -> None:
    """Python's own clock moves in steps of 15.6 ms there."""
    with Engine("thread", site, "--keep-alive") as engine, Client(engine.address) as client:
        for _ in range(50):
            client.send(request("/page.html"))
            client.reply()
        engine.heard(lambda: len(engine.rows(wire.Requests)) == 50, "all requests")
        assert any(0 < row.took < COARSE / 2 for row in engine.rows(wire.Requests))


@windows
def test_work_is_as_long_as_asked(site: Path) -> None:
    """Also by a clock of processor time that moves in steps of 15.6 ms."""
    with Engine("thread", site, "--keep-alive") as engine, Client(engine.address) as client:
        process = psutil.Process(engine.ready.pid)
        client.send(request("/work/busy?ms=1"))
        client.reply()
        before = sum(process.cpu_times()[:2])
        for _ in range(50):
            client.send(request("/work/busy?ms=5"))
            client.reply()
        assert 0.1 < sum(process.cpu_times()[:2]) - before < 50 * COARSE * 0.9


@windows
def test_threads_are_kept_to_one_core(site: Path) -> None:
    with Engine("thread", site) as engine:
        assert len(psutil.Process(engine.ready.pid).cpu_affinity()) == 1
    with Engine("thread", site, "--all-cores") as engine:
        assert len(psutil.Process(engine.ready.pid).cpu_affinity()) == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("system", [MACOS], indirect=True)
def test_descriptors_are_allowed_where_the_most_is_refused(site: Path) -> None:
    with Engine("thread", site) as engine:
        assert get(engine.address, "/page.html", connection="close").status == 200
        assert engine.stderr() == ""
