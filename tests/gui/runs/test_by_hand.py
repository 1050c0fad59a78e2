"""Connections by hand, seen from both ends: what was done was done, when it is said, and what came is what was sent."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from gui.by_hand.words import act_words
from gui.history.by_hand import LISTED, Act
from gui.runs import by_hand as subject
from gui.runs.by_hand import KEPT, HandClients

PATIENCE = 20.0
PATIENCE_MS = 20_000


class Stage:
    """Clients by hand, and the server's ends of their connections."""

    def __init__(self, qtbot: QtBot, listener: socket.socket) -> None:
        self.qtbot, self.listener = qtbot, listener
        self.clients = HandClients()
        self.acts: list[Act] = []
        self.clients.act_done.connect(lambda act: self.acts.append(act))
        self.host, self.port = listener.getsockname()

    def kinds(self) -> list[str]:
        return [act.kind for act in self.acts]

    def until(self, kind: str) -> Act:
        self.qtbot.waitUntil(lambda: kind in self.kinds(), timeout=PATIENCE_MS)
        return next(act for act in self.acts if act.kind == kind)

    def open(self) -> tuple[int, socket.socket]:
        """A connected client's number, and the server's end."""
        number = self.clients.open(self.host, self.port)
        server, address = self.listener.accept()
        server.settimeout(PATIENCE)
        opened = next(act for act in self.acts if act.client == number)
        assert opened.client_address == f"{address[0]}:{address[1]}"
        self.until("connected")
        return number, server


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        stage = Stage(qtbot, listener)
        yield stage
        stage.clients.leave()
        assert stage.clients.open_count == 0


def test_bytes_go_and_come_as_they_are(stage: Stage) -> None:
    before = monotonic()
    number, server = stage.open()
    with server:
        stage.clients.send(number, b"\x00half\r\n")
        assert server.recv(100) == b"\x00half\r\n"
        server.sendall(b"\xff back")
        came = stage.until("received")
    assert (came.data, came.count) == (b"\xff back", 6)
    stage.until("ended")
    assert stage.kinds() == ["opened", "connected", "sent", "received", "ended"]
    times = [act.time for act in stage.acts]
    assert times == sorted(times)
    assert before <= times[0]
    assert times[-1] <= monotonic()


def test_a_reset_arrives_as_one(stage: Stage) -> None:
    number, server = stage.open()
    with server:
        stage.clients.reset(number)
        with pytest.raises(ConnectionResetError):
            server.recv(1)
    assert stage.kinds()[-1] == "reset"


def test_a_close_arrives_as_an_end(stage: Stage) -> None:
    number, server = stage.open()
    with server:
        stage.clients.close(number)
        assert server.recv(1) == b""
    assert stage.kinds()[-1] == "closed"


def test_a_half_closed_one_still_reads(stage: Stage) -> None:
    number, server = stage.open()
    with server:
        stage.clients.half_close(number)
        assert server.recv(1) == b""
        server.sendall(b"answer")
        assert stage.until("received").data == b"answer"
        stage.clients.send(number, b"too late")
        assert "sent" not in stage.kinds()
    assert stage.kinds()[-1] == "received"


def test_a_reset_of_the_server_is_told_as_one(stage: Stage) -> None:
    number, server = stage.open()
    stage.clients.send(number, b"not read by the server")
    server.recv(1)
    server.sendall(b"so far")
    server.close()  # with bytes unread, which makes a reset of it
    stage.until("was-reset")
    assert stage.until("received").data == b"so far", "what came before is not lost"
    assert stage.clients.open_count == 0


def test_bytes_after_the_end_are_reset_and_said_so(stage: Stage) -> None:
    number, server = stage.open()
    server.close()
    stage.until("ended")
    assert stage.clients.open_count == 1, "this end is open still"
    stage.clients.send(number, b"is anybody there?")
    stage.until("was-reset")


def test_one_that_is_held_reads_nothing(stage: Stage) -> None:
    number, server = stage.open()
    with server:
        stage.clients.hold(number, True)
        server.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):  # the kernels' buffers are full
            while True:
                sent += server.send(bytes(1 << 16))
        stage.qtbot.wait(50)
        assert "received" not in stage.kinds()
        stage.clients.hold(number, False)
        stage.qtbot.waitUntil(
            lambda: sum(act.count for act in stage.acts if act.kind == "received") == sent, timeout=PATIENCE_MS
        )
    assert sum(len(act.data) for act in stage.acts) == KEPT, "of much only the beginning is kept"


def test_what_has_no_room_is_sent_later(stage: Stage) -> None:
    number, server = stage.open()
    data = bytes(range(256)) * (1 << 15)
    with server:
        stage.clients.send(number, data)
        stage.clients.half_close(number)
        assert "half-closed" not in stage.kinds(), "not before all is sent"
        server.setblocking(False)
        came = bytearray()

        def read() -> bool:
            try:
                came.extend(piece := server.recv(1 << 20))
            except BlockingIOError:
                return False
            return not piece

        stage.qtbot.waitUntil(read, timeout=PATIENCE_MS)
    assert came == data
    assert stage.kinds().index("half-closed") > stage.kinds().index("sent")


def test_nobody_there_is_refused(stage: Stage) -> None:
    stage.listener.close()
    stage.clients.open(stage.host, stage.port)
    stage.until("refused")
    assert stage.clients.open_count == 0


def test_there_are_at_most_eight(stage: Stage) -> None:
    stage.listener.listen(16)
    numbers = [stage.clients.open(stage.host, stage.port) for _ in range(LISTED + 1)]
    assert numbers == [*range(1, LISTED + 1), 0]


def test_leaving_says_how_each_has_ended(stage: Stage) -> None:
    _, ended = stage.open()
    number, other = stage.open()
    ended.sendall(b"bye")
    ended.close()
    stage.clients.leave()
    other.close()
    assert [act.kind for act in stage.acts if act.client == 1][-3:] == ["received", "ended", "left"]
    assert [act.kind for act in stage.acts if act.client == number][-1] == "left"


@pytest.mark.parametrize("send_fails", [False, True])
def test_leaving_does_not_wait_for_a_server_that_sends_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, send_fails: bool
) -> None:
    number, server = stage.open()
    reads = 0

    def endless(self: HandClients, connection: object) -> int:
        nonlocal reads
        reads += 1
        assert reads < 10_000, "it reads on and on"
        return subject.READ

    with server:
        monkeypatch.setattr(HandClients, "_read", endless)
        if send_fails:
            stage.clients._connections[number].socket.shutdown(socket.SHUT_WR)
            stage.clients.send(number, b"x")
        else:
            stage.clients.leave()
    assert reads
    assert stage.clients.open_count == 0
    assert act_words(stage.acts[-1]) != act_words(stage.acts[0])
    assert "server has stopped" not in act_words(stage.acts[-1])


def test_a_host_without_an_address_is_said_and_takes_no_place(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(subject.socket, "getaddrinfo", unknown)
    stage.clients.open("nowhere", stage.port)
    assert stage.kinds() == ["opened", "failed"]
    assert stage.acts[-1].error == "no such name"
    assert stage.clients.open_count == 0


def test_a_name_is_reached_at_the_address_that_the_server_has_chosen(qtbot: QtBot, stage: Stage) -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6")
    with listener, pytest.MonkeyPatch.context() as patch:
        port = listener.getsockname()[1]
        found = [(socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", port, 0, 0))]
        patch.setattr(subject.socket, "getaddrinfo", lambda *_, **__: found)
        stage.clients.open("localhost", port)
        stage.until("connected")
