"""Where messages go: the pipe to a reader, or a terminal.

Owns the way of a message out of this process. A reader that is slow, or gone, never holds the server up: what does
not fit is dropped, and the writer is told how much that was.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from engine.telemetry.wire import MAX_LINE, Message, Problem, Ready, Request, Stopped, encode
from engine.traits import Traits

PIPE_SIZE = 1024 * 1024
"""Bytes a reader may be behind: a third of a second at 50,000 requests/s."""

ROWS_A_LINE = 100
"""Rows of a batch that are tried in one line, which takes fewer of most kinds."""

REMEMBERED = 10_000
"""Heads and clients that a terminal keeps in mind for the lines to come."""


class Outlet(Protocol):
    """Takes messages and says how many records of them were lost."""

    def send(self, message: Message) -> bool:
        """Whether the message went out."""

    def send_rows(self, kind: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Send a batch of records as messages of type `kind`; returns how many of them did not go out."""


class Pipe:
    """The pipe on `descriptor`, which several processes may write at once without tearing a line."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._encode = msgspec.json.Encoder().encode
        if hasattr(os, "set_blocking"):  # Windows has it from Python 3.12 on
            os.set_blocking(descriptor, False)
        _enlarge(descriptor)

    def send(self, message: Message) -> bool:
        return self._write(encode(message))

    def send_rows(self, kind: str, rows: Sequence[tuple[Any, ...]]) -> int:
        begin, end = b'{"type":"%s","rows":' % kind.encode(), b"}\n"
        room = MAX_LINE - len(begin) - len(end)
        first = lost = 0
        count = ROWS_A_LINE
        while first < len(rows):
            some = rows[first : first + count]
            encoded = self._encode(some)
            if len(encoded) > room and count > 1:
                count = max(1, count * room // len(encoded) - 1)  # rows of a kind are about as long as each other
                continue
            if not self._write(begin + encoded + end):
                lost += len(some)
            first += len(some)
        return lost

    def _write(self, line: bytes) -> bool:
        try:
            return os.write(self._descriptor, line) == len(line)
        except OSError:  # the reader is slow or gone, or the disk is full: serving goes on
            return False


class Terminal:
    """A readable access log for a person at a terminal."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._traits = Traits()
        self._clock = 0.0
        self._heads: dict[int, str] = {}
        self._clients: dict[int, str] = {}

    def send(self, message: Message) -> bool:
        if isinstance(message, Ready):
            self._traits, self._clock = message.traits, message.clock
            self._print(f"{message.model} serves {message.root} at http://{message.host}:{message.port}/")
        elif isinstance(message, Problem):
            self._print(message.message)
        elif isinstance(message, Stopped):
            self._print("stopped")
        return True

    def send_rows(self, kind: str, rows: Sequence[tuple[Any, ...]]) -> int:
        if kind == "heads":
            _remember(self._heads, ((number, text) for number, text in rows))
        elif kind == "opened":
            _remember(self._clients, ((connection, client) for _, connection, client, _ in rows))
        elif kind == "closed":
            for _, connection, _ in rows:
                self._clients.pop(connection, None)
        elif kind == "requests":
            self._print("\n".join(self._line(Request(*row)) for row in rows))
        return 0

    def _line(self, request: Request) -> str:
        moment = datetime.fromtimestamp(request.time + self._clock)
        asked = self._heads.get(request.request, "(no HTTP)").partition("\r\n")[0]
        return (
            f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03} {self._clients.get(request.connection, '-')} "
            f"{self._traits.worker_name(request.worker)} “{asked}” {request.status or 'greeted'} "
            f"{request.bytes} B {request.took * 1000:.2f} ms{'' if request.whole else ' broken off'}"
        )

    def _print(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal was closed
            os.write(self._descriptor, (text + "\n").encode(errors="replace"))


def outlet(descriptor: int) -> Outlet:
    """The outlet that suits what `descriptor` is."""
    return Terminal(descriptor) if os.isatty(descriptor) else Pipe(descriptor)


def head_row(number: int, head: bytes) -> tuple[int, str]:
    """The record of one head, without the empty line that ends it, and cut where a line of the wire would be full."""
    text = head.removesuffix(b"\r\n\r\n").removesuffix(b"\r\n").decode("latin-1")
    while len(msgspec.json.encode(text)) > MAX_LINE - 200:
        text = text[: len(text) // 2] + "…"
    return number, text


def _remember(known: dict[int, str], news: Iterable[tuple[int, str]]) -> None:
    known.update(news)
    for oldest in list(known)[: max(0, len(known) - REMEMBERED)]:
        del known[oldest]


def _enlarge(descriptor: int) -> None:
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    except (ImportError, AttributeError, OSError):
        return  # not Linux, not a pipe, or over the system's bound: its own size does as well
