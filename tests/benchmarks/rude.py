"""Clients that don't behave, one visit of each kind, and one that does: for whatever measures what they do to others.

A visit lasts a moment, or until `over` is set, and closes all it has opened. It raises `OSError` where the server has
had enough of it.
"""

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Callable

GET = b"GET /%b HTTP/1.1\r\nHost: localhost\r\nConnection: %b\r\n\r\n"
PATIENCE = 20.0
"""Seconds after which a server that says nothing is left."""
CROWD = 100
"""Connections at a time of those who come in crowds."""
PAUSE = 0.01
"""Seconds between two visits of one kind."""

Visit = Callable[[int, threading.Event], None]


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def is_answered(port: int) -> bool:
    """Whether a client that behaves, on a connection of its own, gets the page of 600 times x."""
    try:
        with connect(port) as client:
            client.sendall(GET % (b"", b"close"))
            reply = b""
            while piece := client.recv(65536):
                reply += piece
    except OSError:
        return False
    return reply.startswith(b"HTTP/1.1 200") and reply.endswith(b"x" * 600)


def reset(port: int, over: threading.Event) -> None:
    """Break off in one state or another."""
    with connect(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(random.choice([b"", b"GET", GET % (b"", b"close"), GET % (b"large.bin", b"close")]))
        if random.random() < 0.5:
            client.recv(1000)


def half_close(port: int, over: threading.Event) -> None:
    """Ask, say that this was all, and read on."""
    with connect(port) as client:
        client.sendall(GET % (b"", b"keep-alive"))
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass


def garbage(port: int, over: threading.Event) -> None:
    """Say what nobody understands."""
    with connect(port) as client:
        client.sendall(random.randbytes(random.randrange(1, 5000)))
        client.shutdown(socket.SHUT_WR)
        client.recv(65536)


def silence(port: int, over: threading.Event) -> None:
    """Say nothing."""
    with connect(port):
        over.wait(1)


def slow_senders(port: int, over: threading.Event) -> None:
    """A crowd whose requests come a byte at a time."""
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(connect(port)) for _ in range(CROWD)]
        for byte in GET % (b"", b"close"):
            for client in crowd:
                client.send(bytes([byte]))
            if over.wait(0.1):
                return
        for client in crowd:
            client.recv(65536)


def slow_readers(port: int, over: threading.Event) -> None:
    """A crowd that asks for a large file and sips it."""
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(connect(port)) for _ in range(CROWD)]
        for client in crowd:
            client.sendall(GET % (b"large.bin", b"close"))
        for _ in range(50):
            for client in crowd:
                client.recv(1024)
            if over.wait(0.1):
                return


def flood(port: int, over: threading.Event) -> None:
    """A crowd that connects and says nothing."""
    with contextlib.ExitStack() as stack:
        for _ in range(CROWD):
            stack.enter_context(connect(port))
        over.wait(0.5)


KINDS: dict[str, Visit] = {
    "slow senders": slow_senders,
    "slow readers": slow_readers,
    "resets": reset,
    "half-closes": half_close,
    "garbage": garbage,
    "silence": silence,
    "floods": flood,
}


def repeat(visit: Visit, port: int, over: threading.Event) -> None:
    """One visit after the other until it is over."""
    while not over.is_set():
        with contextlib.suppress(OSError):
            visit(port, over)
        time.sleep(PAUSE)
