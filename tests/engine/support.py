"""A real engine child under test, and everything that it says on its pipe.

Owns the child, its process group and the thread that reads its stdout through the wire contract.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import psutil

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.child import PATIENCE, PROJECT, Child, command
from tests.engine.client import Address

T = TypeVar("T")

BUSY = [key for key, model in MODELS.items() if model.waits == "never"]
"""Models that take a whole core also when there is nothing to do."""
YIELDING = ("nice", "-n", "10") if os.name == "posix" else ()
"""Lets other tests go first, that would otherwise share the core with a loop that waits."""


def most_at_once(model: str) -> int:
    """How many clients are served at a time at most, where clients share workers; elsewhere more than tests have."""
    row = MODELS[model]
    if not row.traits.shares_workers:
        return sys.maxsize
    return next((int(each.default) for each in row.settings if each.name in ("workers", "threads")), 1)


def most_accepted(model: str, clients: int) -> int:
    """How many of so many connections the server has accepted while nobody leaves; the others wait in the kernel."""
    return clients if MODELS[model].traits.only_accepts else min(clients, most_at_once(model))


def leaving_room(engine: "Engine", wanted: int) -> int:
    """How many clients may keep their workers while another is served, at most `wanted`; one if all wait for each."""
    return max(1, min(wanted, most_at_once(engine.model) - 1))


def eventually(look: Callable[[], T], why: str = "") -> T:
    """What `look` gives as soon as it is true; fails if it isn't within `PATIENCE` seconds."""
    deadline = monotonic() + PATIENCE
    while not (seen := look()):
        assert monotonic() < deadline, f"{why or 'nothing came of it'}: {seen!r}"
        time.sleep(0.01)
    return seen


def group(pgid: int) -> list[psutil.Process]:
    """The living processes of a group, zombies apart; where there are no groups: one and its children."""
    members = []
    for process in psutil.process_iter():
        try:
            number = os.getpgid(process.pid) if hasattr(os, "getpgid") else process.ppid()
            if pgid in (number, process.pid) and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return members


class Engine(Child):
    """A running `python -m engine serve`; a context manager that stops it.

    It must then end in order, with nothing on its stderr, or where it `may_fail` to answer, nothing but tracebacks of
    that. Of `options` that contradict each other the last one counts, and what the model's file decides is left out;
    `before` is put before the command. `place` is the folder of the program, if not this one.
    """

    def __init__(
        self,
        model: str,
        root: Path,
        *options: str,
        stop_on_eof: bool = True,
        before: tuple[str, ...] = (),
        may_fail: bool = False,
        place: Path = PROJECT,
    ) -> None:
        self._may_fail = may_fail
        self.model = self.name = model
        self._read_on = threading.Event()
        self._read_on.set()
        if stop_on_eof:
            options = ("--stop-on-eof", *options)
        if model in MODELS and MODELS[model].keep_alive_in_file:
            options = tuple(option for option in options if option not in ("--keep-alive", "--short"))
        if model in BUSY:
            before = (*YIELDING, *before)
        arguments = ("serve", "--model", model, "--port", "0", "--root", root, *options)
        super().__init__([*before, *command(*arguments)], place)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.read_on()
        running = self.process.poll() is None
        try:
            if running and kind is None:
                assert self.stop() == 0, f"exit status {self.process.returncode}: {self.stderr()}"
                assert self.stderr() == "" or (self._may_fail and "Traceback" in self.stderr())
        finally:
            self.kill()

    def _decode(self, line: bytes) -> wire.AnyMessage:
        self._read_on.wait()
        assert len(line) <= wire.MAX_LINE, f"a line of {len(line)} bytes"
        return wire.decode(line)

    # what it said

    def _last(self) -> wire.Counters | None:
        return self.latest(wire.Counters)

    def latest(self, kind: type[T]) -> T | None:
        """The newest message of one kind, if there is one."""
        return next((m for m in reversed(tuple(self.messages)) if isinstance(m, kind)), None)

    def rows(self, kind: type[Any]) -> list[Any]:
        """The rows of all batches of one kind so far, in order."""
        return [row for message in self.all(kind) for row in message.rows]

    def heads(self) -> dict[int, str]:
        """The heads sent so far, by number."""
        return {row.number: row.text for row in self.rows(wire.Heads)}

    @property
    def ready(self) -> wire.Ready:
        """The first message."""
        self.heard(lambda: self.messages, "no first message")
        first = self.messages[0]
        assert isinstance(first, wire.Ready), first
        return first

    @property
    def address(self) -> Address:
        """Where it listens."""
        return (self.ready.host, self.ready.port)

    @property
    def counters(self) -> wire.Counters:
        """The counters once all connections are closed and two tellings agree."""
        return self.settled(open=0)

    def settled(self, since: wire.Counters | None = None, **expected: int) -> wire.Counters:
        """The counters once they show `expected` and the next message is the same.

        With `since`, all but `open` are meant as what was added to it.
        """
        if since:
            expected = {n: v + (0 if n == "open" else getattr(since, n)) for n, v in expected.items()}
        told = len(self.messages)

        def steady() -> wire.Counters | None:
            last = [m for m in self.messages[max(0, told - 1) :] if isinstance(m, wire.Counters)][-2:]
            if len(last) < 2 or _figures(last[0]) != _figures(last[1]):
                return None
            return last[1] if all(getattr(last[1], n) == v for n, v in expected.items()) else None

        return self.heard(steady, f"expected counters {expected}")

    def settled_accepted(self) -> int:
        """The number of accepted connections, once three tellings agree."""
        told = len(self.messages)

        def steady() -> list[int] | None:
            last = [m.accepted for m in self.messages[told:] if isinstance(m, wire.Counters)][-3:]
            return last if len(last) == 3 and len(set(last)) == 1 else None

        return self.heard(steady, "connections go on being accepted")[0]

    # what is done to it

    def stall(self) -> None:
        """Reads no more of the stream until `read_on`."""
        self._read_on.clear()

    def read_on(self) -> None:
        """Reads the stream again."""
        self._read_on.set()

    def hang_up(self) -> None:
        """Closes the stream: nobody will ever read it."""
        assert self.process.stdout
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), self.process.stdout.fileno())
        self._reader.join(PATIENCE)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it, once it serves, to end and gives the exit status."""
        assert self.ready
        if os.name != "posix":  # where a signal is no question
            return self.close_stdin()
        self.process.send_signal(number)
        return self.end()

    def close_stdin(self) -> int:
        """Lets its stdin end and gives the exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.end()

    def kill(self) -> None:
        """Ends it and its group, whatever state they are in."""
        for process in group(self.pid):
            process.kill()
        self.reap()

    # how it is

    def tree(self) -> list[psutil.Process]:
        """It and its descendants."""
        main = psutil.Process(self.pid)
        return [main, *main.children(recursive=True)]

    def zombies(self) -> list[int]:
        """Its ended children that it has not waited for."""
        return [p.pid for p in self.tree() if p.status() == psutil.STATUS_ZOMBIE]

    def descriptors(self) -> int:
        """How many file descriptors its first process has open."""
        count: int = psutil.Process(self.pid).num_fds()
        return count

    def memory(self) -> int:
        """Bytes of memory that are its own, all its processes together."""
        total = 0
        for process in self.tree():
            try:
                total += process.memory_full_info().uss
            except psutil.NoSuchProcess:
                continue
        return total


def _figures(counters: wire.Counters) -> tuple[int, ...]:
    return (counters.accepted, counters.open, counters.requests, counters.failed, counters.bytes)


def can_listen(address: Address) -> bool:
    """Whether a server could take this port at once."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError:
            return False
        listener.listen()
        return True
