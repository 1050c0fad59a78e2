"""Where messages go: the pipe to a reader, or a terminal.

Owns the form of messages on their way out of this process. A reader that is slow, paused or gone never delays the
server: what does not fit is dropped, and its amount is returned.
"""

import contextlib
import os
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from time import time
from typing import Any, Protocol

import msgspec

from engine.addresses import local_url
from engine.clock import monotonic
from engine.output import PATIENCE, Output, PipeLock, takes_whole_lines
from engine.telemetry.wire import (
    MAX_LINE,
    Connections,
    Counters,
    Message,
    Problem,
    Ready,
    Request,
    Stopped,
    encode,
    encode_value,
)
from engine.traits import Traits

PIPE_SIZE = 1024 * 1024
"""Bytes a reader may be behind: a third of a second at 50,000 requests/s."""

ROWS_A_LINE = 100
"""Rows of a batch that are tried in one line at first, which takes fewer of most kinds."""

LINES_A_WRITE = 200
"""Lines that a terminal is given at once: what it has not yet taken of them waits, and more are not shown."""

KEPT = 100
"""Problems, and other messages that come only once, that wait for a slow reader."""

REMEMBERED = 10_000
"""Heads and clients that a terminal keeps in mind for the lines to come."""


class Sink(Protocol):
    """Takes messages and says how many records of them were lost."""

    def send(self, message: Message) -> bool:
        """Whether the message went out."""

    def send_rows(self, kind: str, rows: Sequence[Any]) -> int:
        """Send a batch of records as messages of type `kind`; returns how many of them did not go out."""

    @property
    def is_busy(self) -> bool:
        """Whether a message is being sent."""

    def share(self, path: str, rest: memoryview) -> None:
        """Several processes write from now on: those that are not forked find the file of their lock at `path`.

        The memory `rest`, which they share, has room for a line that is left over.
        """

    def forked(self) -> None:
        """This process is a child now."""

    def close(self) -> None:
        """Leave stdout as it was found."""


class _BufferedSink:
    """What a pipe and a terminal have in common: an output that never waits."""

    def __init__(self, descriptor: int) -> None:
        self._output = Output(descriptor)

    @property
    def is_busy(self) -> bool:
        return self._output.is_busy

    def share(self, path: str, rest: memoryview) -> None:
        """Nothing is to be done where a torn line does no harm."""

    def forked(self) -> None:
        """This process is a child now."""
        self._output.forked()

    def close(self) -> None:
        """Write what is left over, if the reader takes it at once, and leave stdout as it was found."""
        with contextlib.suppress(OSError):  # nobody reads any more
            self._output.finish(PATIENCE)
        self._output.restore()

    def _write(self, lines: bytes) -> bool:
        try:
            return self._output.write(lines)
        except OSError:  # the reader is gone, or the disk is full: serving goes on
            return False


class PipeSink(_BufferedSink):
    """The pipe on `descriptor`, which several processes may write at once without tearing a line."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._kept: deque[bytes] = deque(maxlen=KEPT)
        self._rows_a_line: dict[str, int] = {}  # as many as fitted last, by kind
        _enlarge(self._output.descriptor)

    def share(self, path: str, rest: memoryview) -> None:
        if not takes_whole_lines(MAX_LINE):
            self._output.share(PipeLock(path), rest)

    def forked(self) -> None:
        super().forked()
        self._kept.clear()

    def send(self, message: Message) -> bool:
        self._send_kept()
        line = encode(message)
        went_out = not self._kept and self._write(line)
        if not went_out and isinstance(message, Ready | Connections | Problem | Stopped):
            self._kept.append(line)
        return went_out

    def send_rows(self, kind: str, rows: Sequence[Any]) -> int:
        begin, end = b'{"type":"%s","rows":' % kind.encode(), b"}\n"
        room = MAX_LINE - len(begin) - len(end)
        first = lost = 0
        count = self._rows_a_line.get(kind, ROWS_A_LINE)
        while first < len(rows):
            some = rows[first : first + count]
            encoded = encode_value(some)
            count = max(1, len(some) * room // len(encoded) - 1)  # rows of a kind are about as long as each other
            if len(encoded) > room and len(some) > 1:
                continue
            if not self._write(begin + encoded + end):
                lost += len(some)
            first += len(some)
        self._rows_a_line[kind] = count
        return lost

    def close(self) -> None:
        with contextlib.suppress(OSError):  # nobody reads any more
            self._output.finish(PATIENCE)
        self._send_kept()
        super().close()

    def _send_kept(self) -> None:
        while self._kept:
            line = self._kept.popleft()
            if not self._write(line):
                self._kept.appendleft(line)
                return


class TerminalSink(_BufferedSink):
    """A readable access log for a person at a terminal."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._traits = Traits()
        self._heads: dict[int, str] = {}
        self._clients: dict[int, str] = {}
        self._not_shown = 0
        self._encoding = os.device_encoding(descriptor) or "utf-8"

    def send(self, message: Message) -> bool:
        if isinstance(message, Ready):
            self._traits = message.traits
            url = local_url(message.host, message.port)
            return self._print([f"{message.model} serves {message.served or message.root} at {url}/"])
        if isinstance(message, Problem):
            return self._print([message.message])
        if isinstance(message, Stopped):
            return self._print(["stopped"])
        if isinstance(message, Counters):  # those of children are among them
            news = message.dropped - self._not_shown
            if news > 0 and self._print([f"… {news} {'line was' if news == 1 else 'lines were'} not shown"]):
                self._not_shown = message.dropped
        return True

    def send_rows(self, kind: str, rows: Sequence[Any]) -> int:
        lost = 0
        if kind == "heads":
            _remember(self._heads, ((number, text) for number, text in rows))
        elif kind == "opened":
            _remember(self._clients, ((connection, client) for _, connection, client, _ in rows))
        elif kind == "closed":
            for _, connection, _ in rows:
                self._clients.pop(connection, None)
        elif kind == "requests":
            clock = time() - monotonic()  # it may be set, and the machine may sleep
            for first in range(0, len(rows), LINES_A_WRITE):
                some = rows[first : first + LINES_A_WRITE]
                if not self._print([self._line(row, clock) for row in some]):
                    lost += len(some)
        return lost

    def _line(self, request: Request, clock: float) -> str:
        moment = datetime.fromtimestamp(request.time + clock)
        asked = self._heads.get(request.request, "(no HTTP)").partition("\r\n")[0]
        return (
            f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03} {self._clients.get(request.connection, '-')} "
            f"{self._traits.worker_name(request.worker)} “{asked}” {request.status or 'greeted'} "
            f"{request.bytes} B {request.took * 1000:.2f} ms{'' if request.whole else ' broken off'}"
        )

    def _print(self, lines: list[str]) -> bool:
        return self._write("".join(line + "\n" for line in lines).encode(self._encoding, "replace"))


def sink_for(descriptor: int) -> Sink:
    """The sink that suits what `descriptor` is."""
    return TerminalSink(descriptor) if os.isatty(descriptor) else PipeSink(descriptor)


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
