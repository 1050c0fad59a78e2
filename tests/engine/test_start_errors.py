"""An engine that can't start says what happened and why, to programs and to people, and exits with 1."""

import errno
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.engine.child import PATIENCE, PROJECT, command


def failed_start(*options: str, root: Path, before: tuple[str, ...] = (), prelude: str = "") -> wire.Problem:
    """What `serve` with `options` says when it fails; `before` is put before the command, `prelude` starts it."""
    words = command("serve", "--root", root, *options)
    if prelude:
        words[1:2] = ["-c", prelude]
    told = subprocess.run(
        [*before, *words],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    messages = [wire.decode(line) for line in told.stdout.splitlines(keepends=True)]
    problem = messages[0]
    assert isinstance(problem, wire.Problem)
    assert not any(isinstance(message, wire.Ready) for message in messages)
    assert told.returncode == 1
    assert told.stderr.decode().strip().replace("\\udce9", "\ufffd") == problem.message
    assert "Traceback" not in problem.message
    assert len(problem.message) > 30
    return problem


def test_port_in_use(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        problem = failed_start("--model", "thread", "--port", str(port), root=site)
    assert problem.code == "port-in-use"
    assert problem.details["port"] == port
    assert problem.details["pid"] == os.getpid()
    assert str(problem.details["program"]) in problem.message
    assert "python" in str(problem.details["program"]).lower()
    assert str(port) in problem.message


def test_phones_where_each_process_would_count_by_itself(site: Path) -> None:
    problem = failed_start("--model", "process", "--start-method", "spawn", "--phones", "--port", "0", root=site)
    assert problem.code == "phones-spawned"


def test_privileged_port(site: Path) -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first <= 1:
        pytest.skip("this system lets everybody listen on every port")
    without: tuple[str, ...] = ()
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if not setpriv:
            pytest.skip("root may listen on every port, and setpriv is missing")
        without = (setpriv, "--inh-caps=-net_bind_service", "--bounding-set=-net_bind_service")
    problem = failed_start("--model", "thread", "--port", "1", root=site, before=without)
    assert problem.code == "port-privileged"
    assert problem.details == {"port": 1, "first": first}
    assert f"from {first} on" in problem.message


FORBIDDING = """
import runpy, socket, sys
class Forbidding(socket.socket):
    def bind(self, address):
        raise OSError({number}, "refused")
socket.socket = Forbidding
sys.argv[0:1] = []
runpy.run_module("engine", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_port_that_the_system_keeps(site: Path, number: int) -> None:
    """As Windows does for Hyper-V, or a policy on Linux: it is no matter of the port's number."""
    problem = failed_start("--model", "thread", "--port", "48888", root=site, prelude=FORBIDDING.format(number=number))
    assert problem.code == "port-reserved"
    assert problem.details == {"port": 48888}
    assert "1024" not in problem.message


def test_port_that_is_forbidden_because_another_has_it(site: Path) -> None:
    """Windows says so of a port that its owner shares with nobody."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        prelude = FORBIDDING.format(number=errno.EACCES)
        problem = failed_start("--model", "thread", "--port", port, root=site, prelude=prelude)
    assert problem.code == "port-in-use"
    assert problem.details["pid"] == os.getpid()


def test_root_that_is_missing(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    problem = failed_start("--model", "process", "--port", "0", root=missing)
    assert problem.code == "root-missing"
    assert problem.details["root"] == str(missing)
    assert str(missing) in problem.message


def test_root_that_is_missing_and_has_no_unicode_name(tmp_path: Path) -> None:
    missing = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    problem = failed_start("--model", "thread", "--port", "0", root=missing)
    assert problem.code == "root-missing"
    assert problem.details["root"] == f"{tmp_path}/caf\ufffd"


def test_root_that_is_a_file(site: Path) -> None:
    problem = failed_start("--model", "thread", "--port", "0", root=site / "page.html")
    assert problem.code == "root-missing"


def test_host_that_is_unknown(site: Path) -> None:
    host = "no-such-host.invalid"
    problem = failed_start("--model", "thread", "--port", "0", "--host", host, root=site)
    assert problem.code == "host-unknown"
    assert problem.details["host"] == host
    assert host in problem.message


def test_address_of_another_machine(site: Path) -> None:
    problem = failed_start("--model", "thread", "--port", "0", "--host", "192.0.2.1", root=site)
    assert problem.code in ("cannot-listen", "host-unknown")
    assert "192.0.2.1" in problem.message
