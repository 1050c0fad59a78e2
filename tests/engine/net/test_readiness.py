"""What the kernel says of connections and workers at the moment."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from engine.clock import monotonic
from engine.net.readiness import CAN_POLL, Readiness, unsent
from tests.engine.support import eventually

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells that")


@dataclass
class Served:
    """A connection as the recorder knows it."""

    number: int
    socket: socket.socket | None

    def __call__(self) -> socket.socket | None:
        return self.socket


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client and what serves it."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        served, _ = listener.accept()
        with served:
            yield client, served


@pytest.mark.skipif(not CAN_POLL, reason="this system has no poll")
def test_what_can_be_read_is_told_and_what_is_closed_is_not(pair: tuple[socket.socket, socket.socket]) -> None:
    client, served = pair
    ask = Readiness()
    closed = socket.socket()
    closed.close()
    connections = [Served(7, served), Served(8, None), Served(9, closed)]
    assert ask.readable(connections) == []
    client.send(b"x")
    eventually(lambda: ask.readable(connections) == [7], "bytes")
    served.recv(9)
    assert ask.readable(connections) == []
    client.close()
    eventually(lambda: ask.readable(connections) == [7], "the end")


@linux
def test_a_client_that_has_no_room_holds_a_send(pair: tuple[socket.socket, socket.socket]) -> None:
    client, served = pair
    assert unsent(served) == 0
    served.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while served.send(bytes(1 << 20)):
            pass
    assert Readiness().is_held(served)
    client.setblocking(False)

    def drained() -> bool:
        try:
            while client.recv(1 << 20):
                pass
        except BlockingIOError:
            return not Readiness().is_held(served)
        return False

    eventually(drained, "there is room again")
    served.close()
    assert unsent(served) == -1


@linux
def test_bytes_that_came_after_others_are_news_also_once_they_are_read(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    client, served = pair
    ask = Readiness()
    client.send(b"x")
    arrived = monotonic()
    assert served.recv(9)
    assert not ask.has_news(served, arrived)
    time.sleep(0.05)
    client.send(b"x")
    assert served.recv(9)
    assert ask.has_news(served, arrived)
    assert not ask.has_news(served, 0.0), "when those came is not known"


@linux
def test_a_process_that_is_stopped_is_not_asleep() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        ask = Readiness()
        try:
            eventually(lambda: ask.is_asleep(process.pid), "it waits")
            os.kill(process.pid, signal.SIGSTOP)
            eventually(lambda: not ask.is_asleep(process.pid), "it is stopped")
        finally:
            process.kill()
    assert ask.is_asleep(process.pid), "of one that has ended nothing is said"
