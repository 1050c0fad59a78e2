"""Programs that can't be traced, and servers that run already: what the kernel reports of them, and why no more."""

import contextlib
import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.benchmarks.servers import program
from tests.engine.guest.support import PROGRAMS, REQUEST, Guest, free_port
from tests.engine.support import eventually

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked as on Linux"),
    pytest.mark.timeout(120),
]
CLIENTS = 3
SCRIPT = "http_server.py PORT threading"


@contextlib.contextmanager
def held(address: tuple[str, int]) -> Iterator[None]:
    """Clients that were answered and keep their connections."""
    with contextlib.ExitStack() as clients:
        for _ in range(CLIENTS):
            client = clients.enter_context(socket.create_connection(address, 20))
            client.sendall(REQUEST)
            assert b"200 OK" in client.recv(65536)
        yield


def is_counted(guest: Guest, way: str, code: str) -> None:
    """The connections are counted, as those of processes that are not traced; nothing is claimed of requests."""
    with held(guest.address):
        guest.counted(accepted=CLIENTS, open=CLIENTS, requests=0, is_exact=False)
        seen = guest.seen()
        assert (seen.way, seen.code) == (way, code)

        def shares() -> list[wire.WorkerCounts]:
            rows = [row for row in guest.workers().values() if row.accepted and row.computed >= 0]
            return rows if sum(row.accepted for row in rows) == CLIENTS else []

        assert not any(row.is_traced for row in guest.heard(shares, "no shares"))
    guest.counted(open=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (f"-I {SCRIPT}", "python-options"),
        (f"-E {SCRIPT}", "python-options"),
        (f"-S {SCRIPT}", "python-options"),
        (f"env -i {sys.executable} {SCRIPT}", "environment-cleaned"),
        ("-m uvicorn --loop uvloop --port PORT shop:asgi", "sockets-not-python"),
    ],
)
def test_what_the_tracer_does_not_see_is_watched(words: str, code: str) -> None:
    if "uvloop" in words and importlib.util.find_spec("uvloop") is None:
        pytest.skip("uvloop is not installed")
    with Guest(*words.replace("PORT", str(free_port())).split()) as guest:
        is_counted(guest, "watched", code)


@pytest.mark.slow
@pytest.mark.skipif(not program("nginx"), reason="nginx is not installed")
def test_nginx_is_watched(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("hello")
    tmp_path.chmod(0o755)
    (tmp_path / "nginx.conf").write_text(
        f"""
        daemon off; worker_processes 2; pid {tmp_path}/pid; error_log {tmp_path}/error.log;
        events {{ worker_connections 64; }}
        http {{
            access_log off; client_body_temp_path {tmp_path}; proxy_temp_path {tmp_path};
            fastcgi_temp_path {tmp_path}; uwsgi_temp_path {tmp_path}; scgi_temp_path {tmp_path};
            server {{ listen 127.0.0.1:{free_port()}; location / {{ return 200 "hello"; }} }}
        }}
        """
    )
    with Guest(str(program("nginx")), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")) as guest:
        is_counted(guest, "watched", "not-python")


@pytest.mark.slow
def test_a_server_that_runs_already_goes_on_when_it_is_left() -> None:
    port = free_port()
    server = subprocess.Popen([sys.executable, PROGRAMS / "http_server.py", str(port), "threading"])
    try:
        eventually(lambda: _listens(port), "it does not listen")
        with Guest(options=("--attach", str(port))) as guest:
            is_counted(guest, "attached", "attached-only")
            assert guest.workers().keys() == {server.pid}
        assert server.poll() is None
        assert _listens(port)
    finally:
        server.kill()
        server.wait()


def test_nothing_to_attach_to_is_said() -> None:
    port = free_port()
    with Guest(options=("--attach", str(port))) as guest:
        assert guest.problem("nothing-listens").details == {"port": port}
        assert guest.end() == 1


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 20).close()
        return True
    return False
