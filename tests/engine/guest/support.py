"""A real guest under test: `python -m engine guest`, the program that it runs, and clients that count what they did."""

import contextlib
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psutil

from engine.telemetry import wire
from tests.engine.child import PROJECT, Child, command
from tests.engine.support import eventually, group

T = TypeVar("T")
PROGRAMS = Path(__file__).parent / "programs"


class Guest(Child):
    """A running guest; a context manager that stops it and then finds that nothing is left.

    `words` are what is typed after `--`, `options` what comes before it.
    """

    name = "guest"

    def __init__(self, *words: str, options: tuple[str, ...] = (), place: Path = PROGRAMS) -> None:
        arguments = ["guest", "--stop-on-eof", "--telemetry", "full", "--cwd", str(place), *options]
        if "--python" not in options and "--attach" not in options:
            arguments += ["--python", sys.executable]
        super().__init__(command(*arguments, *(["--", *words] if words else [])), PROJECT)
        self._pids: set[int] = set()

    def __enter__(self) -> "Guest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.process.poll() is None and kind is None:
                self.stop()
                assert self.all(wire.Stopped), self.stderr()
        finally:
            for process in group(self.pid):
                process.kill()
            self.reap()

    def _decode(self, line: bytes) -> wire.AnyMessage:
        assert len(line) <= wire.MAX_LINE, f"a line of {len(line)} bytes"
        return wire.decode(line)

    def stop(self) -> int:
        """Ask it to end; its exit status. None of its processes is left."""
        self._pids |= {each.pid for each in psutil.Process(self.pid).children(recursive=True)}
        assert self.process.stdin
        self.process.stdin.close()
        status = self.end()
        eventually(lambda: not any(map(_lives, self._pids)), "processes of the program are left")
        return status

    # what it said

    def rows(self, kind: type[Any]) -> list[Any]:
        """The rows of all batches of one kind so far, in order."""
        return [row for message in self.all(kind) for row in message.rows]

    @property
    def ready(self) -> wire.Ready:
        """The message that says that it listens."""
        return self.heard(lambda: self.all(wire.Ready), "no ready")[0]

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.ready.host, self.ready.port

    def counted(self, **expected: Any) -> wire.Counters:
        """The counters once they show `expected`."""

        def look() -> wire.Counters | None:
            last = self.all(wire.Counters)[-1:]
            return last[0] if last and all(getattr(last[0], n) == v for n, v in expected.items()) else None

        return self.heard(look, f"expected counters {expected}")

    def _last(self) -> object:
        return self.all(wire.Counters)[-1:], self.all(wire.Problem), [m.text for m in self.all(wire.Said)][-5:]

    def problem(self, code: str) -> wire.Problem:
        """The problem of this code."""
        return self.heard(lambda: [m for m in self.all(wire.Problem) if m.code == code], f"no problem {code}")[0]

    def seen(self) -> wire.Visibility:
        """How it is seen, once that is known."""
        return self.heard(lambda: self.all(wire.Visibility), "how it is seen is not said")[-1]

    def workers(self) -> dict[int, wire.WorkerCounts]:
        """The newest row of each process."""
        return {row.pid: row for row in self.rows(wire.Workers)}

    def places(self) -> set[tuple[str, str]]:
        """The calls that spans were reported of, with the names of the files that they stand in."""
        names = {row.number: os.path.basename(row.path) for row in self.rows(wire.Files)}
        names[0] = os.path.basename(self.ready.file)
        return {(row.call, names[row.file]) for row in self.rows(wire.Spans)}


def _lives(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


@dataclass
class Done:
    """What clients did."""

    connections: int = 0
    requests: int = 0
    bytes: int = 0
    """Received."""

    def __add__(self, other: "Done") -> "Done":
        return Done(self.connections + other.connections, self.requests + other.requests, self.bytes + other.bytes)


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def short(address: tuple[str, int], requests: int) -> Done:
    """A connection for each request, read to its end, or to the end of a reply with a length."""
    done = Done()
    for _ in range(requests):
        with socket.create_connection(address, 20) as client:
            client.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            done += Done(1, 1, len(_reply(client)))
    return done


def _reply(client: socket.socket) -> bytes:
    data = b""
    while piece := client.recv(65536):
        data += piece
        head, found, body = data.partition(b"\r\n\r\n")
        named = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(named[1]) if named else -1
        if found and 0 <= length <= len(body):
            break
        if data.startswith(b"hello~"):
            break
    return data


def kept(address: tuple[str, int], requests: int) -> Done:
    """All on one connection; another one when the server closes it."""
    done, client = Done(), None
    for _ in range(requests):
        if client is None:
            client = socket.create_connection(address, 20)
            done += Done(1)
        client.sendall(REQUEST)
        data = _reply(client)
        assert data
        done += Done(0, 1, len(data))
        if b"connection: close" in data.lower():
            client.close()
            client = None
    if client is not None:
        client.close()
    return done


def together(do: Callable[[tuple[str, int], int], Done], address: tuple[str, int], clients: int, requests: int) -> Done:
    """`do` in several threads at once; what they did in all."""
    results: list[Done] = []
    threads = [threading.Thread(target=lambda: results.append(do(address, requests))) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == clients
    return sum(results, Done())


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
