"""How a program starts, listens and ends: what is said of it, in the words of its user, and that nothing is left."""

import os
import signal
import socket
import sys
from pathlib import Path

import psutil
import pytest

from engine.telemetry import wire
from tests.engine.guest.support import PROGRAMS, REQUEST, Done, Guest, free_port, short, together
from tests.engine.support import eventually

SHARED = Path("/dev/shm")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked as on Linux"),
    pytest.mark.timeout(120),
]


def said(guest: Guest) -> str:
    """All that the program has written."""
    return "\n".join(message.text for message in guest.all(wire.Said))


def test_a_seed_as_it_is_and_the_bug_in_it() -> None:
    """Bound to an address that this machine lacks; it unregisters what it has closed, and ends with its client."""
    port = free_port()
    with Guest("seed_epoll.py", str(port)) as guest:
        assert guest.address == ("127.0.0.1", port)
        with socket.create_connection(guest.address, 20) as client:
            client.sendall(REQUEST)
            reply = b""
            while b"welcome" not in reply:  # its head and its body may come apart
                piece = client.recv(1024)
                assert piece
                reply += piece
            guest.counted(accepted=1, requests=1, failed=0)
        missing = guest.problem("address-missing")
        assert missing.details == {"host": "10.200.202.22", "instead": "127.0.0.1", "port": port}
        assert guest.problem("guest-ended").details == {"status": 1}
        assert guest.end() == 1
        assert guest.places() >= {("accept", "seed_epoll.py"), ("recv", "seed_epoll.py"), ("send", "seed_epoll.py")}
    assert "poller.unregister(number)" in said(guest)


@pytest.mark.slow
def test_a_taken_port_is_said_with_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        with Guest("http_server.py", str(port)) as guest:
            taken = guest.problem("guest-port-taken")
            assert taken.details["port"] == port
            assert taken.details["pid"] == os.getpid()
            assert guest.end() == 1


@pytest.mark.slow
def test_a_port_that_time_wait_keeps_is_said() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            listener.accept()[0].close()  # who closes first waits
            assert client.recv(1) == b""
    with Guest("seed_process.py", str(port)) as guest:
        waits = guest.problem("guest-port-waits")
        assert waits.details["port"] == port
        assert waits.details["connections"] == 1
        assert 0 < int(waits.details["seconds"]) <= 60


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [False, True])
def test_of_several_listeners_the_first_that_accepts_is_shown(chosen: bool, tmp_path: Path) -> None:
    """Or the one that was asked for. A UNIX socket makes no connection."""
    first, second = free_port(), free_port()
    options = ("--port", str(first)) if chosen else ()
    with Guest("two_ports.py", str(first), str(second), str(tmp_path / "control"), options=options) as guest:
        assert guest.address[1] == first
        guest.heard(
            lambda: (named := guest.all(wire.Listeners)) and len(named[-1].rows) == 2, "they are not both named"
        )
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(tmp_path / "control"))
            control.sendall(REQUEST)
            assert control.recv(100)
        done = short(("127.0.0.1", second), 2)
        shown = first if chosen else second
        guest.heard(
            lambda: (
                {row.port: row.is_shown for row in guest.all(wire.Listeners)[-1].rows}
                == {first: shown == first, second: shown == second}
            ),
            "another is shown",
        )
        guest.counted(accepted=2, requests=2, bytes=done.bytes)


@pytest.mark.slow
def test_a_program_that_does_not_listen_is_said() -> None:
    with Guest("-c", "import time; time.sleep(60)") as guest:
        assert 10 <= int(guest.problem("guest-silent").details["seconds"]) < 20


def test_a_program_that_ends_and_the_sitecustomize_that_it_has(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')")
    code = "import sys, sitecustomize; print(sitecustomize.__file__, sys.path[1], flush=True); sys.exit(3)"
    with Guest("-c", code, options=("--env", f"PYTHONPATH={tmp_path}")) as guest:
        assert guest.problem("guest-ended").details == {"status": 3}
        assert guest.end() == 3
    assert said(guest).splitlines() == ["mine", f"{tmp_path}/sitecustomize.py {tmp_path}"]


@pytest.mark.slow
def test_a_program_that_is_killed_is_said() -> None:
    with Guest("-c", "import os; os.kill(os.getpid(), 9)") as guest:
        assert guest.problem("guest-killed").details == {"signal": "SIGKILL"}
        assert guest.end() == 128 + 9


@pytest.mark.slow
def test_a_command_that_is_not_there_is_said() -> None:
    with Guest("no-such-command") as guest:
        assert guest.problem("guest-not-started").details["program"] == "no-such-command"
        assert guest.end() == 1


@pytest.mark.slow
def test_a_daemon_is_traced_and_ended() -> None:
    with Guest("daemon.py", str(free_port())) as guest:
        done = short(guest.address, 3)
        guest.counted(accepted=3, requests=3, bytes=done.bytes)
        pid = guest.all(wire.Listeners)[-1].rows[0].pid
        assert os.getsid(pid) != os.getsid(guest.pid)
        guest.stop()
        assert not psutil.pid_exists(pid)


@pytest.mark.slow
def test_what_a_killed_engine_left_is_removed_by_the_next(tmp_path: Path) -> None:
    with Guest("http_server.py", str(free_port())) as guest:
        assert guest.ready
        before = set(SHARED.glob("servescope-guest-*"))
        children = psutil.Process(guest.pid).children(recursive=True)
        guest.process.kill()
        _, alive = psutil.wait_procs(children, 20)
        assert not alive, "its program ends with it"
    left = [folder for folder in before if folder.exists()]
    for folder in left:
        os.utime(folder, (0, 0))
    with Guest("http_server.py", str(free_port())) as guest:
        assert guest.ready
        assert sum(folder.exists() for folder in left) < len(left)


@pytest.mark.slow
def test_what_a_killed_worker_counted_is_kept() -> None:
    pytest.importorskip("gunicorn")
    port = free_port()
    words = f"-m gunicorn -w 2 -b 127.0.0.1:{port} shop:app"
    with Guest(*words.split(), options=("--cwd", str(PROGRAMS))) as guest:
        done = Done()
        for _ in range(3):
            done += together(short, guest.address, 4, 5)
            guest.counted(accepted=done.connections, requests=done.requests, bytes=done.bytes)
            guest.heard(lambda sum_of=done.connections: _accepted(guest) == sum_of, "the shares are not all")
            rows = guest.workers().values()
            busiest = max((row for row in rows if not row.has_ended), key=lambda row: row.accepted)
            os.kill(busiest.pid, signal.SIGKILL)
            guest.heard(lambda pid=busiest.pid: guest.workers()[pid].has_ended, "its last row is missing")
            assert guest.workers()[busiest.pid].accepted >= busiest.accepted
            alive = {row.pid for row in rows}
            eventually(lambda known=alive: guest.workers().keys() - known, "there is no new worker")
        done += together(short, guest.address, 4, 5)
        counters = guest.counted(accepted=done.connections, requests=done.requests, bytes=done.bytes)
        assert counters.is_exact


def _accepted(guest: Guest) -> int:
    return sum(row.accepted for row in guest.workers().values())
