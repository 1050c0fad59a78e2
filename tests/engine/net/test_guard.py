"""The guard by itself: what it does with clients that take too long, keep sending, are too many, or are forgotten."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from engine.net.guard import Guard
from engine.net.lingering import Lingering
from engine.net.replacing import Replacements
from engine.telemetry import wire
from tests.engine.client import PATIENCE, Client, request
from tests.engine.net.test_tracing import Traced
from tests.engine.support import Engine, eventually

OVERLOAD = b"HTTP/1.1 503 Service Unavailable\r\n\r\ntry again"
MOST = 3


class Conversation:
    """What is spoken on a connection, as a test says; see `engine.net.tracing.Watched`."""

    def __init__(self, *, unread: bool = False, late: bool = False, idle: bool = False, sending: bool = False) -> None:
        self.leaves_unread = unread
        self.is_over = False
        self.is_sending = sending
        self.marks: list[int] = []
        self._late = late
        self._idle = idle

    def request_is_late(self, now: float) -> bool:
        return self._late

    def note_progress(self, mark: int, now: float) -> None:
        self.marks.append(mark)

    def is_idle(self, now: float) -> bool:
        return self._idle

    def connection_lost(self) -> None:
        self.is_over = True


class Guarded(Traced):
    """A listener that is traced and guarded, of which at most `MOST` clients may be open."""

    def __init__(self, replacements: Replacements) -> None:
        super().__init__(replacements)
        self.lingering = Lingering()
        self.guard = Guard(
            self.listener,
            self.tracer,
            self.recorder,
            self.lingering,
            max_connections=MOST,
            overload_response=OVERLOAD,
            yields=False,
        )
        self.guard.install(socket.socket, replacements.put)

    def accept(self, http: Conversation) -> tuple[socket.socket, socket.socket]:
        """A client, and the socket that it is served by, on which `http` is spoken."""
        client = socket.create_connection(self.listener.getsockname(), timeout=PATIENCE)
        ours, _ = self.listener.accept()
        self.tracer.connections[id(ours)].watched = http
        return client, ours


@pytest.fixture
def guarded() -> Iterator[Guarded]:
    with Replacements() as replacements:
        guarded = Guarded(replacements)
        yield guarded
        guarded.listener.close()


@pytest.mark.parametrize(("http", "may_send"), [(Conversation(late=True), True), (Conversation(idle=True), False)])
def test_who_takes_too_long_is_cut_by_any_thread(guarded: Guarded, http: Conversation, may_send: bool) -> None:
    """Whoever waits for a late request finds its end and can answer; an idle client gets nothing more."""
    client, ours = guarded.accept(http)
    waiting = threading.Thread(target=lambda: got.append(ours.recv(100)))
    got: list[bytes] = []
    waiting.start()
    guarded.guard.enforce_timeouts()
    waiting.join(PATIENCE)
    assert got == [b""]
    if may_send:
        assert ours.send(b"late") == 4
        assert client.recv(100) == b"late"
    else:
        with pytest.raises(BrokenPipeError):
            ours.send(b"late")
    ours.close()
    assert http.is_over
    client.close()


def test_client_that_is_in_time_is_left_alone(guarded: Guarded) -> None:
    client, ours = guarded.accept(Conversation())
    guarded.guard.enforce_timeouts()
    client.sendall(b"x")
    assert ours.recv(1) == b"x"
    for each in (client, ours):
        each.close()


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="the system doesn't say")
def test_what_a_client_takes_is_progress(guarded: Guarded) -> None:
    """Also where all of it was handed to the kernel long before."""
    http = Conversation(sending=True)
    client, ours = guarded.accept(http)
    ours.setblocking(False)
    sent = 0
    with suppress(BlockingIOError):
        while True:
            sent += ours.send(b"x" * 65536)

    def noted() -> int:
        guarded.guard.enforce_timeouts()
        return http.marks[-1]

    eventually(lambda: noted() == noted(), "the client's buffer is full")
    before = noted()
    while sent > 65536:
        sent -= len(client.recv(65536))
    eventually(lambda: noted() != before, "it has taken some")
    for each in (client, ours):
        each.close()
    guarded.guard.enforce_timeouts()


def test_who_still_sends_gets_its_reply(guarded: Guarded) -> None:
    """Bytes that nobody reads would make the kernel reset the connection, and the reply would be lost."""
    client, ours = guarded.accept(Conversation(unread=True))
    client.sendall(b"x" * 10_000)
    ours.sendall(b"too much")
    ours.close()
    assert [row[1] for row in guarded.rows("closed")] == [1], "it is over for its model"
    for _ in range(3):
        client.sendall(b"x" * 10_000)
        guarded.lingering.tick()
    assert client.recv(100) == b"too much"
    assert client.recv(100) == b""
    client.sendall(b"x")
    client.close()
    guarded.lingering.tick()


def test_one_too_many_is_told_so_and_the_next_one_is_served(guarded: Guarded) -> None:
    with ExitStack() as stack:
        served = [guarded.accept(Conversation()) for _ in range(MOST)]
        for pair in served:
            for each in pair:
                stack.enter_context(each)
        late = stack.enter_context(socket.create_connection(guarded.listener.getsockname(), timeout=PATIENCE))
        guarded.listener.setblocking(False)
        with pytest.raises(BlockingIOError):  # the late one is no client of the model
            guarded.listener.accept()
        assert late.recv(1000) == OVERLOAD
        assert late.recv(1) == b""
        served[0][1].close()
        next_one = stack.enter_context(socket.create_connection(guarded.listener.getsockname(), timeout=PATIENCE))
        ours, _ = guarded.listener.accept()
        stack.enter_context(ours)
        assert ours.getpeername() == next_one.getsockname()
    late.close()
    guarded.lingering.tick()


def test_a_forgotten_client_leaves(guarded: Guarded) -> None:
    """As of a thread that ended with an exception: nobody closes its socket, which is collected."""
    http = Conversation()
    client, ours = guarded.accept(http)
    with pytest.warns(ResourceWarning):
        del ours
    assert http.is_over
    assert client.recv(1) == b""
    assert [row[1] for row in guarded.rows("closed")] == [1]
    client.close()


def test_a_flood_lets_greenlets_go_on(site: Path) -> None:
    """All of a crowd are there to be accepted at once; the first is answered before the last is accepted."""
    with Engine("gevent", site) as engine, ExitStack() as stack:
        assert engine.ready
        os.kill(engine.pid, signal.SIGSTOP)
        try:
            crowd = [stack.enter_context(Client(engine.address)) for _ in range(300)]
            for client in crowd:
                client.send(request("/page.html"))
        finally:
            os.kill(engine.pid, signal.SIGCONT)
        for client in crowd:
            assert client.reply().status == 200
        eventually(lambda: len(engine.rows(wire.Requests)) == len(engine.rows(wire.Opened)) == len(crowd))
        first = min(row.time for row in engine.rows(wire.Requests))
        assert sum(row.time < first for row in engine.rows(wire.Opened)) <= 100
