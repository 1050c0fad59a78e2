"""What waits inside a guest has its line, and its requests have the time at which their bytes came."""

import importlib.util
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.engine.guest.service import slow_service
from tests.engine.guest.support import REQUEST, Guest, free_port, short, together

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="threads are looked at, and bytes timed, as on Linux"),
    pytest.mark.timeout(120),
]
SECONDS = 0.08


def ask(guest: Guest, path: str) -> None:
    """One request on a connection of its own."""
    with socket.create_connection(guest.address, 20) as client:
        client.sendall(REQUEST.replace(b"GET /", f"GET /{path}".encode()))
        assert client.recv(4096).startswith(b"HTTP/1.0 200")


def waited(guest: Guest) -> dict[tuple[str, str], float]:
    """The seconds of waiting so far, by file and what the line says of itself."""
    paths = {row.number: row.path for row in guest.rows(wire.Files)} | {0: guest.ready.file}
    found: dict[tuple[str, str], float] = {}
    for row in guest.rows(wire.HandlingSamples):
        if row.line:
            with open(paths[row.file], encoding="utf-8") as file:
                text = file.read().split("\n")[row.line - 1]
            at = os.path.basename(paths[row.file]), text.partition("# ")[2] or text.strip()
            found[at] = found.get(at, 0.0) + row.in_calls
    return found


def test_each_way_to_wait_has_its_line() -> None:
    """A socket, a sleep and a queue of the program's own; and what it calls is as always."""
    with slow_service(SECONDS) as service, Guest("waiting.py", str(free_port()), str(service)) as guest:
        for page in ("looks", "asks", "sleeps", "takes"):
            ask(guest, page)
        guest.counted(requests=4)
        wanted = {("waiting.py", page) for page in ("asks", "sleeps", "takes")}
        guest.heard(lambda: waited(guest).keys() >= wanted, f"no waits {wanted}")
        guest.heard(lambda: waited(guest)["waiting.py", "sleeps"] >= 0.9 * SECONDS, "the sleep is too short")
    requests = guest.rows(wire.Requests)
    slow = {row.connection for row in requests[1:]}
    waits = [row for row in guest.rows(wire.HandlingSamples) if row.line]
    assert slow <= {row.connection for row in waits}
    assert {(row.worker, row.connection) for row in waits} <= {(row.worker, row.connection) for row in requests}
    assert {row.worker for row in requests} <= {row.worker for row in guest.rows(wire.Names)}
    assert max(row.worker for row in requests) < 10, "threads count from 1"


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["-w 2", "-w 1 -k gthread --threads 3"])
def test_a_flask_shop_waits_for_its_service(workers: str) -> None:
    """The counts are the clients', the line is the shop's, and all lanes are workers that serve."""
    if importlib.util.find_spec("gunicorn") is None or importlib.util.find_spec("flask") is None:
        pytest.skip("gunicorn or Flask is not installed")
    words = f"-m gunicorn {workers} -b 127.0.0.1:{free_port()} flask_shop:app"
    with slow_service(SECONDS) as service, Guest(*words.split(), options=("--env", f"SERVICE={service}")) as guest:
        done = together(short, guest.address, 6, 3)
        counters = guest.counted(accepted=done.connections, requests=done.requests)
        assert counters.failed == 0
        guest.heard(lambda: len(guest.rows(wire.Requests)) == done.requests, "the requests are not all")
        guest.heard(
            lambda: waited(guest).get(("flask_shop.py", "waits"), 0.0) >= SECONDS * done.requests / 2, "too short"
        )
    requests = guest.rows(wire.Requests)
    servers = {row.worker for row in requests}
    lanes = {row.worker for row in guest.rows(wire.Spans)}
    assert lanes - {0} <= servers | {row.pid for row in guest.rows(wire.Workers)}
    for each in requests:
        rows = [row for row in guest.rows(wire.HandlingSamples) if row.connection == each.connection]
        assert {row.worker for row in rows} == {each.worker}
        assert sum(row.in_calls for row in rows) <= each.written - each.read


@pytest.mark.slow
def test_the_time_before_accept_is_known() -> None:
    """Of clients that come at once to one worker, each next one lay in the kernel's queue for longer."""
    if importlib.util.find_spec("gunicorn") is None or importlib.util.find_spec("flask") is None:
        pytest.skip("gunicorn or Flask is not installed")
    words = f"-m gunicorn -w 1 -b 127.0.0.1:{free_port()} flask_shop:app"
    with slow_service(SECONDS) as service, Guest(*words.split(), options=("--env", f"SERVICE={service}")) as guest:
        short(guest.address, 1)  # the kernel begins to note times a moment after it was asked
        together(short, guest.address, 5, 1)
        guest.counted(requests=6)
        guest.heard(lambda: len(guest.rows(wire.Requests)) == 6, "the requests are not all")
    known = sorted((row for row in guest.rows(wire.Requests)[1:]), key=lambda row: row.written)
    assert all(0 < row.arrived <= row.begun for row in known)
    waits = [row.accepted - row.arrived for row in known]
    assert waits[-1] >= 2 * SECONDS, waits


@pytest.mark.slow
def test_what_a_program_reads_with_recvmsg_has_nothing_of_ours() -> None:
    with Guest("messages.py", str(free_port())) as guest:
        for _ in range(2):
            with socket.create_connection(guest.address, 20) as client:
                client.sendall(b"hello")
                assert client.recv(4096) == b"(5, [], 0)"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("openssl"), reason="a certificate is made with openssl")
def test_a_handshake_of_the_server_waits_for_a_client(tmp_path: Path) -> None:
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    made = ["openssl", "req", "-x509", *subject, "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    with Guest("handshakes.py", str(free_port()), certificate, key) as guest:
        for _ in range(2):
            with socket.create_connection(guest.address, 20) as first:
                first.sendall(REQUEST)
                late = socket.create_connection(guest.address, 20)
                time.sleep(SECONDS)  # so long does the server wait for the client's first bytes
                with context.wrap_socket(late) as second:
                    second.sendall(REQUEST)
                    assert first.recv(4096).startswith(b"HTTP/1.0 200")
                    assert second.recv(4096).startswith(b"HTTP/1.0 200")
        guest.counted(requests=4)
        guest.heard(lambda: len(guest.rows(wire.Requests)) == 4, "the requests are not all")
    assert ("handshakes.py", "shakes") not in waited(guest)
