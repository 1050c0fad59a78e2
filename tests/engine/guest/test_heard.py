"""What goes over a guest's connections is read in passing: whatever its form, it is counted as the clients have it."""

import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.telemetry import wire
from tests.engine.guest.support import Guest, free_port

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked as on Linux"),
    pytest.mark.timeout(120),
]
MIB = 1 << 20
UPLOAD = 1024


def ask(method: str, path: str, *lines: str) -> bytes:
    """A request without a body."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def until(client: socket.socket, end: bytes, times: int = 1) -> int:
    """How many bytes come until `end` has come so often."""
    data = b""
    while data.count(end) < times:
        piece = client.recv(65536)
        assert piece, data
        data += piece
    return len(data)


def test_every_form_of_a_reply_on_one_connection() -> None:
    """Chunked, HEAD, without a body, one request after the other at once, and other bytes after an Upgrade."""
    with Guest("shapes.py", str(free_port())) as guest:
        received = 0
        with socket.create_connection(guest.address, 20) as client:
            client.sendall(ask("GET", "/chunked"))
            received += until(client, b"\r\n0\r\n\r\n")
            for method, path in (("HEAD", "/"), ("GET", "/204"), ("GET", "/304")):
                client.sendall(ask(method, path))
                received += until(client, b"\r\n\r\n")
            client.sendall(ask("GET", "/") * 5)
            received += until(client, b"hello", 5)
            client.sendall(ask("POST", "/", "Content-Length: 5") + b"GET /" + ask("GET", "/"))
            received += until(client, b"hello")
            client.sendall(ask("GET", "/upgrade", "Connection: Upgrade", "Upgrade: echo"))
            received += until(client, b"\r\n\r\n")
            for piece in (b"\x81\x05GET / HTTP/1.1\r\n\r\n", b"\x88\x00"):
                client.sendall(piece)
                received += until(client, piece)
        counters = guest.counted(accepted=1, requests=12, bytes=received)
        assert counters.failed == 0
        assert counters.is_exact
        guest.heard(lambda: guest.rows(wire.Closed), "it is not closed")
    rows = guest.rows(wire.Requests)
    assert [row.status for row in rows] == [200, 200, 204, 304, 200, 200, 200, 200, 200, 200, 200, 101]
    assert {row.whole for row in rows} == {True}


@pytest.mark.slow
def test_a_long_body_is_skipped_by_its_length() -> None:
    """What the engine holds of it is bounded, and the request after it is found."""
    with Guest("shapes.py", str(free_port())) as guest:
        piece = bytes(MIB)
        with socket.create_connection(guest.address, 60) as client:
            client.sendall(ask("GET", "/"))
            until(client, b"hello")
            guest.counted(requests=1)
            before = psutil.Process(guest.pid).memory_info().rss
            client.sendall(ask("POST", "/", f"Content-Length: {UPLOAD * MIB}"))
            for _ in range(UPLOAD):
                client.sendall(piece)
            until(client, b"ok")
            client.sendall(ask("GET", "/"))
            until(client, b"hello")
            counters = guest.counted(accepted=1, requests=3)
        assert psutil.Process(guest.pid).memory_info().rss - before < 32 * MIB
        assert counters.failed == 0


@pytest.mark.slow
def test_what_is_not_http_is_bytes() -> None:
    with Guest("echo.py", str(free_port())) as guest:
        for number in range(3):
            with socket.create_connection(guest.address, 20) as client:
                client.sendall(b"\x00\x01hello %d" % number)
                until(client, b"hello %d" % number)
        counters = guest.counted(accepted=3, requests=0, bytes=3 * 9)
        assert counters.failed == 0
        assert guest.seen().way == "traced"
        guest.heard(lambda: guest.places() >= {("recv", "echo.py"), ("send", "echo.py")}, "no lines")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("openssl"), reason="a certificate is made with openssl")
def test_requests_over_tls_are_heard(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    made = ["openssl", "req", "-x509", *subject, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    with Guest("shapes.py", str(free_port()), str(certificate), str(key)) as guest:
        received = 0
        for _ in range(2):
            with context.wrap_socket(socket.create_connection(guest.address, 20)) as client:
                client.sendall(ask("GET", "/"))
                received += until(client, b"hello")
        counters = guest.counted(accepted=2, requests=2)
        assert counters.failed == 0
        assert counters.bytes >= received
