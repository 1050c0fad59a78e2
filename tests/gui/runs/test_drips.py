"""What is sent slowly for phones: to a server of either family, and never for longer than an answer is waited for."""

import socket
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from engine.addresses import host_port
from engine.telemetry import wire
from gui.runs import drips
from gui.runs.drips import PATIENCE, Drips

PHONE = wire.Phone(1.0, 1, "abc123", "Panda", wants_drip=True)


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """One that never answers."""
    try:
        made = socket.create_server(
            (request.param, 0), family=socket.AF_INET6 if ":" in request.param else socket.AF_INET
        )
    except OSError:
        pytest.skip("this machine has no such address")
    with made:
        yield made


def test_a_server_that_never_answers_is_left(
    qapp: QApplication, server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(drips, "monotonic", lambda: now[0])
    sent = Drips()
    host, port = server.getsockname()[:2]
    sent.send(host, port, PHONE)
    client, peer = server.accept()
    with client:
        client.settimeout(40)
        assert [phone.connection for phone in sent.phones({host_port(*peer[:2]): 7})] == [7], "it has its name"
        while sent._drips[0]._rest:
            sent._go_on()
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        assert f"Host: {host_port(host, port)}\r\n".encode() in head
        now[0] += PATIENCE - 1
        sent._go_on()
        assert len(sent) == 1
        now[0] += 2
        sent._go_on()
        assert len(sent) == 0
        assert client.recv(4096) == b"", "its connection is closed"
    sent.stop()
