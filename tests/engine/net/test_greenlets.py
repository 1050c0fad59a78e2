"""The greenlets' socket: who waits, for what, and who goes on meanwhile."""

import errno
import itertools
import socket
import threading
from collections.abc import Iterator

import gevent
import gevent.socket
import pytest

from engine.net import greenlets
from engine.net.replacing import Replacements

PATIENCE = 20.0
LARGE = bytes(range(256)) * 32768


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """gevent's socket class, as the engine changes it."""
    with Replacements() as replacements:
        greenlets.install(replacements.put)
        yield


def adopted(descriptor: int, like: socket.socket) -> gevent.socket.socket:
    """gevent's socket of `descriptor`."""
    return gevent.socket.socket(like.family, like.type, like.proto, descriptor)


@pytest.fixture
def pair() -> Iterator[tuple[gevent.socket.socket, socket.socket]]:
    """A greenlet's socket and its peer, an ordinary one."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as peer:
        accepted, _ = listener.accept()
        ours = adopted(accepted.detach(), peer)
        yield ours, peer
        ours.close()


@pytest.fixture
def door() -> Iterator[gevent.socket.socket]:
    """A greenlet's listening socket."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    door = adopted(listener.detach(), listener)
    yield door
    door.close()


def result(greenlet: gevent.Greenlet) -> object:
    """What `greenlet` returns, or raises."""
    return greenlet.get(timeout=PATIENCE)


def waiting(greenlet: gevent.Greenlet) -> gevent.Greenlet:
    """The same greenlet, once it has run as far as it could."""
    gevent.sleep(0)
    assert not greenlet.dead
    return greenlet


@pytest.mark.parametrize("call", [lambda sock: sock.recv(1), lambda sock: sock.send(b"x"), lambda sock: sock.accept()])
def test_a_closed_socket_says_what_pythons_own_does(call, pair):
    ours, _ = pair
    ours.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        call(ours)


def test_who_has_bytes_does_not_wait(pair: tuple[gevent.socket.socket, socket.socket]) -> None:
    ours, peer = pair
    peer.sendall(b"hello")
    others: list[str] = []
    gevent.spawn(others.append, "ran")
    assert ours.recv(100) == b"hello"
    assert ours.send(b"there") == 5
    assert others == []
    gevent.sleep(0)
    assert others == ["ran"]


def test_others_go_on_while_one_waits_for_bytes(pair: tuple[gevent.socket.socket, socket.socket]) -> None:
    ours, peer = pair
    for data in (b"one", b"two"):  # the second time with the watcher of the first
        reader = waiting(gevent.spawn(ours.recv, 100))
        peer.sendall(data)
        assert result(reader) == data
    peer.close()
    assert ours.recv(100) == b""


def test_all_is_sent_to_a_peer_that_reads_late(pair: tuple[gevent.socket.socket, socket.socket]) -> None:
    ours, peer = pair

    def send_all() -> None:
        rest = memoryview(LARGE)
        while rest:
            rest = rest[ours.send(rest) :]
        ours.close()

    sender = waiting(gevent.spawn(send_all))
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.extend(iter(lambda: peer.recv(1 << 20), b"")))
    reader.start()
    result(sender)
    reader.join(PATIENCE)
    assert b"".join(got) == LARGE


@pytest.mark.parametrize("end", ["close", "detach"])
def test_the_end_from_elsewhere_is_an_error_for_who_waits(
    pair: tuple[gevent.socket.socket, socket.socket], end: str
) -> None:
    ours, _ = pair
    reader = waiting(gevent.spawn(ours.recv, 100))
    descriptor = getattr(ours, end)()
    with pytest.raises(OSError, match=r".+") as error:
        result(reader)
    assert error.value.errno == errno.EBADF
    assert ours.fileno() == -1
    if descriptor is not None:
        socket.close(descriptor)


def test_a_second_greenlet_may_not_wait_for_the_same(pair: tuple[gevent.socket.socket, socket.socket]) -> None:
    ours, peer = pair
    first = waiting(gevent.spawn(ours.recv, 100))
    with pytest.raises(gevent.exceptions.ConcurrentObjectUseError):
        ours.recv(100)
    peer.sendall(b"for the first")
    assert result(first) == b"for the first"


def test_descriptor_that_is_used_again_is_watched_anew(door: gevent.socket.socket) -> None:
    descriptors = set()
    for _ in range(50):
        with socket.create_connection(door.getsockname()) as peer:
            ours, _ = door.accept()
            descriptors.add(ours.fileno())
            reader = waiting(gevent.spawn(ours.recv, 100))
            peer.sendall(b"hello")
            assert result(reader) == b"hello"
            ours.close()
    assert len(descriptors) < 50


def test_told_not_to_wait_it_says_that_it_would(
    pair: tuple[gevent.socket.socket, socket.socket], door: gevent.socket.socket
) -> None:
    ours, _ = pair
    for each in (ours, door):
        assert each.gettimeout() is None
        each.setblocking(False)
        assert each.gettimeout() == 0
    with pytest.raises(BlockingIOError):
        ours.recv(100)
    with pytest.raises(BlockingIOError):
        door.accept()
    with pytest.raises(BlockingIOError):
        all(ours.send(LARGE) for _ in itertools.count())
