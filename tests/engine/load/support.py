"""A real load child under test, all messages on its pipe, and a server whose responses a test scripts.

Owns the child and the thread that reads its stdout through the wire contract.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TypeVar

from engine.load import wire
from engine.load.histogram import Histogram
from tests.engine.child import PATIENCE, Child, command
from tests.engine.client import Address

T = TypeVar("T")


class Load(Child):
    """A running `python -m engine load`; a context manager that ends it.

    It must then end in order, with nothing on its stderr.
    """

    name = "the load"

    def __init__(self, address: Address, *options: str | int | float, stop_on_eof: bool = True) -> None:
        ending = ["--stop-on-eof"] if stop_on_eof else []
        super().__init__(command("load", "--url", "http://{}:{}".format(*address), *ending, *map(str, options)))

    def __enter__(self) -> "Load":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                assert self.stop() == 0, f"exit status {self.process.returncode}: {self.stderr()}"
                assert self.stderr() == ""
        finally:
            self.kill()

    def _decode(self, line: bytes) -> wire.AnyLoadMessage:
        return wire.decode(line)

    # what it reported

    def stats_when(self, look: Callable[[wire.LoadStats], bool], why: str) -> wire.LoadStats:
        """The first statistics from now on for which `look` is true."""
        received = len(self.messages)

        def found() -> wire.LoadStats | None:
            new = (m for m in self.messages[received:] if isinstance(m, wire.LoadStats))
            return next((stats for stats in new if look(stats)), None)

        return self.heard(found, why)

    def applied(self, count: int) -> wire.Change:
        """The newest change, once `count` changes have taken effect."""
        return self.heard(lambda: self.all(wire.Change)[count - 1 : count], f"no change number {count}")[0]

    def problem(self, code: str) -> wire.Problem:
        """The first problem of this code, once it is reported."""
        return self.heard(lambda: [m for m in self.all(wire.Problem) if m.code == code], f"no problem {code}")[0]

    @property
    def last(self) -> wire.LoadStats:
        """The newest statistics."""
        return self.all(wire.LoadStats)[-1]

    def latencies(self) -> Histogram:
        """All latencies reported so far, in microseconds."""
        histogram = Histogram()
        for message in self.all(wire.Latencies):
            histogram.add(Histogram.decode(message.histogram, message.bound))
        return histogram

    # what is done to it

    def send(self, line: bytes) -> None:
        """Writes `line` to its stdin."""
        assert self.process.stdin
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def change(self, workload: str, clients: int, slow: int = 0, rate: float = 0.0, work_ms: int = 0) -> wire.Change:
        """Sends it a change, and returns the change that it reports back."""
        self.applied(1)
        before = len(self.all(wire.Change))
        self.send(wire.encode(wire.Change(workload, clients, slow, rate, work_ms)))
        return self.applied(before + 1)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends it once clients connect, and returns the exit status."""
        if self.process.poll() is None:
            self.applied(1)
            self.process.send_signal(number)
        return self.end()

    def close_stdin(self) -> int:
        """Closes its stdin and returns the exit status."""
        assert self.process.stdin
        self.applied(1)
        self.process.stdin.close()
        return self.end()

    def kill(self) -> None:
        """Kills it, in whatever state it is."""
        self.process.kill()
        self.bury()


class ScriptedConnection:
    """One client's connection to a `Scripted` server."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._ahead = b""

    def request(self) -> bytes:
        """The next request's head; empty when the client has closed."""
        while b"\r\n\r\n" not in self._ahead:
            more = self.socket.recv(65536)
            if not more:
                return b""
            self._ahead += more
        head, _, self._ahead = self._ahead.partition(b"\r\n\r\n")
        return head

    def reset(self) -> None:
        """Resets the connection."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


@contextlib.contextmanager
def scripted(serve: Callable[[ScriptedConnection], None]) -> Iterator[Address]:
    """The address of a server that calls `serve` with each connection, in a thread each."""
    connections: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the test is over
            while True:
                connection, _ = listener.accept()
                connections.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            serve(ScriptedConnection(connection))

    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def reply(body: bytes, *, status: str = "200 OK", length: int | None = None, headers: str = "") -> bytes:
    """The bytes of a response; `length`: its Content-Length, if that is to be wrong."""
    content_length = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {content_length}\r\n{headers}\r\n".encode() + body
