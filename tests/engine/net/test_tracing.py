"""Tracing by itself: a socket behaves to the letter as Python's own does, and what is done with it is noted."""

import copyreg
import errno
import os
import pickle
import select
import selectors
import socket
import sys
from collections.abc import Iterator, Sequence
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.net import polling
from engine.net.arrival import TELLS_TIMES
from engine.net.place import Places
from engine.net.replacing import Replacements
from engine.net.tracing import Tracer
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import DISCONNECTED, WOULD_BLOCK, Message


class Kept:
    """An sink that keeps the rows that it is given."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {}

    def send(self, message: Message) -> bool:
        return True

    def send_rows(self, kind: str, rows: Sequence[tuple[Any, ...]]) -> int:
        self.rows.setdefault(kind, []).extend(rows)
        return 0


class Traced:
    """A traced listener, and what was noted of its connections."""

    def __init__(self, replacements: Replacements, model: str = "thread") -> None:
        self._kept = Kept()
        self.recorder = Recorder(self._kept, MODELS[model], "full")
        here = Path(__file__)
        places = Places(here, [here.parent], self.recorder.file)
        self.tracer = Tracer(self.recorder, places)
        self.tracer.install(socket.socket, replacements.put)
        polling.install(self.recorder, places, replacements.put)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.tracer.listen(self.listener)

    def rows(self, kind: str) -> list[tuple[Any, ...]]:
        self.recorder.flush()
        return self._kept.rows.get(kind, [])

    def calls(self, connection: int = 1) -> list[tuple[str, int]]:
        """The calls that were noted for a connection, and what each moved."""
        return [(row[2], row[6]) for row in self.rows("spans") if row[1] == connection]


@pytest.fixture
def traced() -> Iterator[Traced]:
    with Replacements() as replacements:
        traced = Traced(replacements)
        yield traced
        traced.listener.close()


@pytest.fixture
def pair(traced: Traced) -> Iterator[tuple[socket.socket, socket.socket]]:
    """The accepted socket and its client, which is not traced."""
    with socket.create_connection(traced.listener.getsockname(), timeout=20) as client:
        ours, _ = traced.listener.accept()
        yield ours, client
        ours.close()


def test_it_is_python_s_own_socket(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, client = pair
    assert type(ours) is type(client) is socket.socket
    with pytest.raises(AttributeError):
        ours.anything = 1  # type: ignore[attr-defined]
    with ours.dup() as twin:
        assert type(twin) is socket.socket
        assert twin.getpeername() == ours.getpeername()
    assert socket.socket not in copyreg.dispatch_table
    taken_over = pickle.loads(ForkingPickler.dumps(ours))  # as a spawned child takes it over
    assert type(taken_over) is socket.socket
    assert taken_over.getpeername() == client.getsockname()
    taken_over.close()


def test_every_way_to_move_bytes_moves_them_and_is_noted(
    traced: Traced, pair: tuple[socket.socket, socket.socket], tmp_path: Path
) -> None:
    ours, client = pair
    file = tmp_path / "file"
    file.write_bytes(b"from a file")
    assert ours.send(b"one") == 3
    assert ours.sendall(memoryview(b"three")) is None  # type: ignore[func-returns-value]
    assert ours.sendmsg([b"by", b"parts"]) == 7
    with file.open("rb") as opened:
        assert ours.sendfile(opened, 5) == 6
    assert client.recv(100, socket.MSG_WAITALL | 0)[:3] == b"one"
    client.sendall(b"abcdefgh")
    assert ours.recv(1, socket.MSG_PEEK) == b"a"
    assert ours.recv(1) == b"a"
    buffer = bytearray(2)
    assert ours.recv_into(buffer) == 2
    assert buffer == b"bc"
    assert ours.recvfrom(1)[0] == b"d"
    assert ours.recvmsg(1)[0] == b"e"
    assert ours.recvmsg_into([bytearray(1)])[0] == 1
    with ours.makefile("rb") as reader:
        assert reader.read(2) == b"gh"
    calls = traced.calls()
    assert [moved for call, moved in calls if call == "send"] == [3, 5, 7, 6, 0]
    assert [moved for call, moved in calls if call == "recv"] == [1, 1, 2, 1, 1, 1, 2]


def test_what_would_wait_raises_and_is_noted_once(traced: Traced, pair: tuple[socket.socket, socket.socket]) -> None:
    ours, client = pair
    ours.setblocking(False)
    for _ in range(3):
        with pytest.raises(BlockingIOError):
            ours.recv(100)
    ours.settimeout(0.01)
    with pytest.raises(TimeoutError):
        ours.recv(100)
    client.sendall(b"x")
    ours.settimeout(20)
    assert ours.recv(100) == b"x"
    assert traced.calls()[1:] == [("recv", WOULD_BLOCK), ("recv", 1)]


def test_what_was_tried_while_nobody_looked_is_no_span(
    traced: Traced, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, client = pair
    traced.recorder.set_spans_wanted(False)
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(100)
    traced.recorder.set_spans_wanted(True)
    client.sendall(b"x")
    select.select([ours], [], [], 20)
    assert ours.recv(100) == b"x"
    assert traced.calls()[1:] == [("recv", 1)]


def test_a_reset_raises_and_is_noted(traced: Traced, pair: tuple[socket.socket, socket.socket]) -> None:
    ours, client = pair
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    with pytest.raises(ConnectionResetError):
        ours.recv(100)
    with pytest.raises(BrokenPipeError):
        ours.send(b"x")
    assert traced.calls()[1:] == [("recv", DISCONNECTED), ("send", DISCONNECTED)]


def test_a_span_names_the_line_of_the_caller(traced: Traced, pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    line = ours.send(b"x") and sys._getframe().f_lineno
    [row] = [row for row in traced.rows("spans") if row[2] == "send"]
    assert (row[3], row[7]) == (line, 0)


@pytest.mark.parametrize("wanted", [False, True])
def test_a_tick_may_decide_anew_while_a_connection_is_closed(wanted: bool) -> None:
    with Replacements() as replacements:
        plain = socket.socket._real_close  # type: ignore[attr-defined]

        def close(sock: socket.socket, *arguments: Any) -> None:
            traced.recorder.set_spans_wanted(not wanted)
            plain(sock, *arguments)

        replacements.put(socket.socket, "_real_close", close)
        traced = Traced(replacements, "select")
        traced.recorder.set_spans_wanted(wanted)
        with socket.create_connection(traced.listener.getsockname(), timeout=20) as client:
            ours, _ = traced.listener.accept()
            connection = traced.tracer.newest
            assert connection
            assert connection.is_marked == wanted
            ours.close()
            assert connection.is_marked != wanted
            assert [row[1] for row in traced.rows("closed")] == [1]
            assert client.recv(1) == b""
        traced.listener.close()


@pytest.mark.parametrize("end", ["close", "with", "detach", "makefile last", "dup last", "collected"])
def test_a_connection_ends_once(traced: Traced, end: str) -> None:
    client = socket.create_connection(traced.listener.getsockname(), timeout=20)
    ours, _ = traced.listener.accept()
    assert traced.rows("closed") == []
    match end:
        case "close":
            ours.close()
            ours.close()
        case "with":
            with ours:
                pass
        case "detach":
            os.close(ours.detach())
        case "makefile last":
            reader = ours.makefile("rb")
            ours.close()
            assert traced.rows("closed") == []
            reader.close()
        case "dup last":
            twin = ours.dup()
            ours.close()
            assert traced.rows("closed") == []
            twin.close()
        case "collected":
            with pytest.warns(ResourceWarning):
                del ours
    assert [row[1] for row in traced.rows("closed")] == [1]
    assert client.recv(1) == b""
    client.close()


def test_other_sockets_are_not_noted(traced: Traced) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_connection(other.getsockname()) as client:
        theirs, _ = other.accept()
        with theirs:
            client.sendall(b"x")
            assert theirs.recv(1) == b"x"
    assert traced.rows("spans") == []
    assert traced.rows("opened") == []


def test_everything_is_undone() -> None:
    before = dict(vars(socket.socket)), os.sendfile, select.select, select.epoll, dict(vars(selectors.EpollSelector))
    with Replacements() as replacements:
        Traced(replacements).listener.close()
        assert select.epoll is not before[3]
    after = dict(vars(socket.socket)), os.sendfile, select.select, select.epoll, dict(vars(selectors.EpollSelector))
    assert before == after


@pytest.mark.parametrize("kind", ["epoll", "poll", "select", "EpollSelector", "PollSelector", "SelectSelector"])
def test_every_poller_waits_as_it_does_and_is_noted(
    traced: Traced, pair: tuple[socket.socket, socket.socket], kind: str
) -> None:
    ours, client = pair
    if not hasattr(selectors if kind.endswith("Selector") else select, kind):
        pytest.skip(f"no {kind} on this system")
    client.sendall(b"x")
    match kind:
        case "epoll":
            with select.epoll() as epoll:
                epoll.register(ours, select.EPOLLIN)
                epoll.modify(ours, select.EPOLLIN | select.EPOLLOUT)
                assert epoll.poll(20, 5) == [(ours.fileno(), select.EPOLLIN | select.EPOLLOUT)]
                epoll.unregister(ours)
            assert epoll.closed
        case "poll":
            poll = select.poll()
            poll.register(ours, select.POLLIN)
            assert poll.poll(20_000) == [(ours.fileno(), select.POLLIN)]
        case "select":
            assert select.select([ours], [], [], 20) == ([ours], [], [])
        case _:
            with getattr(selectors, kind)() as selector:
                selector.register(ours, selectors.EVENT_READ)
                [(key, events)] = selector.select(20)
                assert (key.fileobj, events) == (ours, selectors.EVENT_READ)
    waits = [row for row in traced.rows("spans") if row[2] == "wait"]
    assert [row[6] for row in waits] == [1]


def test_an_error_of_the_poller_passes(traced: Traced) -> None:
    epoll = select.epoll()
    with pytest.raises(OSError, match=r".+") as error:
        epoll.register(999_999, select.EPOLLIN)
    assert error.value.errno == errno.EBADF
    epoll.close()
    with pytest.raises(ValueError, match="closed"):
        epoll.poll(0)


@pytest.mark.skipif(not TELLS_TIMES, reason="this system does not say when bytes came")
def test_the_kernel_tells_when_bytes_came_before_they_were_read_and_before_accept(traced: Traced) -> None:
    for _ in range(5):  # the first socket on a machine may get no times yet
        with socket.create_connection(traced.listener.getsockname(), timeout=20) as client:
            sent = monotonic()
            client.sendall(b"early")
            given = monotonic()
            select.select([traced.listener], [], [], 20)
            sleep(0.05)  # it lies there, and nobody has accepted it
            ours, _ = traced.listener.accept()
            assert ours.recv(100) == b"early"
            connection = traced.tracer.connections[id(ours)]
            ours.close()
        if connection.arrived:
            break
    assert sent - 0.001 <= connection.arrived <= given + 0.02 < connection.accepted
