"""A child's stream as messages: split into lines, decoded, and up to date however fast it comes.

Owns the lines that are not decoded yet, what is done with a line that is no message, and which lines are dropped once
the reader is late. Knows nothing of processes, and nothing of Qt.

What is exact never waits behind details for long. A reader that is late drops the details before the newest counters
undecoded, and adds their number to what these report as dropped: so each gap lies between two counters, the later of
which reports it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.clock import monotonic
from engine.load import wire as load_wire
from engine.problems import problem
from engine.telemetry import wire

LONGEST_LINE = 32768
"""Bytes of a line that is not complete yet; no message is as long."""
BEHIND = 0.15
"""A stream that has not been read to its end for so many seconds is behind: less should be written to it."""
LATE = 0.4
"""After so many seconds details are dropped."""


@dataclass(frozen=True)
class StreamFormat:
    """The format of a child's stdout."""

    decode: Callable[[bytes], wire.Message]
    """The message in a line; raises `WireError` for anything else."""
    ready: type[wire.Message]
    """The type of its first message, which reports that it is ready."""


ENGINE = StreamFormat(wire.decode, wire.Ready)
LOAD = StreamFormat(load_wire.decode, load_wire.LoadReady)


class StreamReader:
    """The messages in the bytes of one stream, in order."""

    def __init__(self, stream_format: StreamFormat) -> None:
        self._decode = stream_format.decode
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._unread_since = 0.0
        self._dropped = 0
        self._is_readable = True
        self._is_torn = False

    def receive(self, data: bytes) -> None:
        """Take the next bytes of the stream, all that there are. Details are dropped if the reader is late."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines.extend(lines)
        if len(self._rest) > LONGEST_LINE:
            self._lines.append(self._rest)
            self._rest = b""
        if self._unread_since and monotonic() - self._unread_since > LATE:
            self._drop_details()

    def messages(self) -> Iterator[wire.Message]:
        """The messages that have come and were not taken yet; to be taken as long as there is time."""
        while self._lines:
            message = self._message(self._lines.popleft())
            if message:
                yield message

    def has_more(self) -> bool:
        """Whether there are more to be taken; to be asked when the time for it is over."""
        self._unread_since = (self._unread_since or monotonic()) if self._lines else 0.0
        return bool(self._lines)

    @property
    def is_behind(self) -> bool:
        """Whether less should be written to the stream."""
        return bool(self._unread_since) and monotonic() - self._unread_since > BEHIND

    def _drop_details(self) -> None:
        lines = list(self._lines)
        newest = next((place for place in reversed(range(len(lines))) if wire.has_counters(lines[place])), 0)
        kept = []
        for line in lines[:newest]:
            records = wire.records_to_drop(line)
            self._dropped += records
            if not records:
                kept.append(line)
        self._lines = deque(kept + lines[newest:])
        self._unread_since = monotonic()

    def _message(self, line: bytes) -> wire.Message | None:
        if not line:
            return None  # it ends a line that a killed process began
        try:
            message = self._decode(line)
        except wire.WireError as error:
            is_first, self._is_torn = not self._is_torn, True
            if is_first or not self._is_readable:  # a single one may be such a beginning
                return None
            self._is_readable = False
            return problem(monotonic(), "unreadable-stream", reason=str(error))
        self._is_torn = False
        if isinstance(message, wire.Counters):
            message.dropped += self._dropped
        return message
