"""A client that sends exactly the bytes it is given, and reads replies without the engine's own parser.

Owns one blocking socket a client. Knows HTTP's framing by Content-Length, nothing of the engine.
"""

import contextlib
import random
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import TracebackType

PATIENCE = 20.0
"""Seconds within which a server that works has answered, however busy the machine."""

CHANGING = (b"Date:", b"Served-By:", b"Server-Timing:")
"""The headers that differ from reply to reply."""

Address = tuple[str, int]


@dataclass
class Reply:
    """One reply as it came."""

    version: str
    status: int
    reason: str
    headers: dict[str, str]
    """By lower-case name."""
    head: bytes = field(repr=False)
    body: bytes = field(repr=False, default=b"")

    @property
    def length(self) -> int:
        """What Content-Length promises; 0 if it is not said."""
        return int(self.headers.get("content-length", 0))

    def steady(self) -> bytes:
        """The whole reply without the headers that differ each time."""
        lines = self.head.split(b"\r\n")
        return b"\r\n".join(x for x in lines if not x.startswith(CHANGING)) + self.body


class Client:
    """One connection to `address`; a context manager that closes it."""

    def __init__(self, address: Address, receive_buffer: int = 0) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.name: Address = self.socket.getsockname()
        """Its own end, as the server sees it."""
        self.received = 0
        """Bytes that have come, heads included."""
        self._ahead = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def send(self, *segments: bytes) -> None:
        """Sends each segment by itself; a server that has already answered and closed is no error."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for segment in segments:
                self.socket.sendall(segment)

    def receive(self, size: int = 1 << 18) -> bytes:
        """The next bytes, at most `size`; empty at the end of the stream."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        data = self.socket.recv(size)
        self.received += len(data)
        return data

    def head(self) -> Reply:
        """The next reply's head, its body not yet read."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.receive()
            if not more:
                raise EOFError(f"the stream ended within a head: {data[:200]!r}")
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        self._ahead = rest + self._ahead
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, reason = first.split(" ", 2)
        pairs = [line.split(": ", 1) for line in lines]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), f"a header is said twice: {head!r}"
        return Reply(version, int(status), reason, headers, head + b"\r\n\r\n")

    def pieces(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, piece by piece as they come."""
        while size:
            piece = self.receive(min(size, 1 << 18))
            if not piece:
                raise EOFError(f"{size} bytes are missing")
            size -= len(piece)
            yield piece

    def reply(self, method: str = "GET") -> Reply:
        """The next reply, with its body if the request's `method` gives one."""
        reply = self.head()
        if method != "HEAD":
            reply.body = b"".join(self.pieces(reply.length))
        return reply

    def rest(self) -> bytes:
        """All that comes until the server closes, or resets because it did not want all that was sent."""
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while more := self.receive():
                data += more
        return data

    def is_closed(self) -> bool:
        """Whether the stream ends here, in order; waits for the server to say so."""
        return self.receive(1) == b""

    def read_faster(self) -> None:
        """Widens a receive buffer that was made small; reading on through a tiny one takes very long."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)

    def half_close(self) -> None:
        """Says that nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Closes the connection in order."""
        self.socket.close()

    def reset(self) -> None:
        """Breaks the connection off: the server gets a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def request(target: str = "/", method: str = "GET", version: str = "1.1", **headers: str) -> bytes:
    """A whole request; a header's underscores become hyphens."""
    lines = [f"{method} {target} HTTP/{version}"]
    if version != "1.0":
        lines.append("Host: localhost")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def get(address: Address, target: str = "/", method: str = "GET", version: str = "1.1", **headers: str) -> Reply:
    """The reply to one request on a connection of its own."""
    with Client(address) as client:
        client.send(request(target, method, version, **headers))
        return client.reply(method)


Cut = Callable[[bytes], list[bytes]]


def whole(data: bytes) -> list[bytes]:
    """`data` in one segment."""
    return [data]


def by_line(data: bytes) -> list[bytes]:
    """`data` cut after each newline."""
    return data.splitlines(keepends=True)


def by_byte(data: bytes) -> list[bytes]:
    """`data` in segments of one byte."""
    return [data[i : i + 1] for i in range(len(data))]


def at_random(seed: int) -> Cut:
    """A cutter that cuts at up to twelve places, the same ones for the same seed."""

    def cut(data: bytes) -> list[bytes]:
        places = sorted(random.Random(seed).choices(range(len(data)), k=12))
        return at(data, places)

    return cut


def at(data: bytes, places: Iterable[int]) -> list[bytes]:
    """`data` cut at ascending `places`, without empty pieces."""
    edges = [0, *places, len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]


CUTS: dict[str, Cut] = {
    "whole": whole,
    "by line": by_line,
    "by byte": by_byte,
    "at random": at_random(1),
    "at other places": at_random(2),
}
"""The ways in which everything sent to a server may arrive, by name."""
