"""A body in chunks, read.

Owns the framing of chunks: sizes, extensions, trailers (RFC 9112, 7.1). Knows nothing of the request that they belong
to. A line ends with CR and LF and holds nothing else that a line may end with.
"""

import re
from collections.abc import Callable

from engine.web.errors import HTTPError
from engine.web.limits import Limits

_SIZE, _END, _TRAILER = range(3)
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_EXTENSION = rb"[ \t]*;[ \t]*" + _TOKEN + rb"(?:[ \t]*=[ \t]*(?:" + _TOKEN + rb"|" + _QUOTED + rb"))?"
_WHOLE = (
    re.compile(rb"([0-9A-Fa-f]{1,16})(?:" + _EXTENSION + rb")*"),
    re.compile(rb""),
    re.compile(rb"(?:" + _TOKEN + rb":[\t -~\x80-\xff]*)?"),
)
_SO_FAR = (
    re.compile(rb"(?:[0-9A-Fa-f]{1,16}(?:[ \t]*(?:;[\t -~\x80-\xff]*)?)?\r?)?"),
    re.compile(rb"\r?"),
    re.compile(rb"(?:" + _TOKEN + rb"(?::[\t -~\x80-\xff]*\r?)?|\r)?"),
)
_WRONG = (
    "A chunk begins with its size in hexadecimal digits; an extension behind it has a name.",
    "A chunk is longer than its size says.",
    "What follows the last chunk is no header.",
)


class Chunks:
    """A body on its way: `receive` takes its bytes, `complete` says that its end has come."""

    __slots__ = ("_append", "_awaited", "_left", "_length", "_limits", "_trailers", "complete")

    def __init__(self, limits: Limits, append: Callable[[bytes], object]) -> None:
        """`append` is called with each piece of the body."""
        self.complete = False
        self._limits = limits
        self._append = append
        self._awaited = _SIZE  # the line that comes next
        self._left = 0  # bytes of the chunk before that line
        self._length = 0
        self._trailers = 0

    def receive(self, data: bytes) -> bytes:
        """Take what belongs to the body; returns what of `data` is no whole line, or follows. Raises `HTTPError`."""
        place = 0
        while not self.complete:
            count = min(self._left, len(data) - place)
            if count:
                self._append(data[place : place + count])
                self._left -= count
                place += count
            end = data.find(b"\r\n", place)
            if self._left or end < 0:
                self._check(data[place:])
                break
            self._read(data[place:end])
            place = end + 2
        return data[place:]

    def _check(self, line: bytes) -> None:
        """Raise `HTTPError` if `line`, which may not be whole, is wrong already or too long."""
        if _SO_FAR[self._awaited].fullmatch(line) is None:
            raise HTTPError(400, _WRONG[self._awaited])
        if self._trailers + len(line) > self._limits.max_head:
            raise HTTPError(431, f"The lines between chunks may have {self._limits.max_head} bytes, this one has more.")

    def _read(self, whole: bytes) -> None:
        self._check(whole)
        line = _WHOLE[self._awaited].fullmatch(whole)
        if line is None:
            raise HTTPError(400, _WRONG[self._awaited])
        if self._awaited == _SIZE:
            self._left = int(line[1], 16)
            self._length += self._left
            if self._length > self._limits.max_body:
                raise HTTPError(413, f"A body may have {self._limits.max_body} bytes, this one has more.")
            self._awaited = _END if self._left else _TRAILER
        elif self._awaited == _END:
            self._awaited = _SIZE
        else:
            self._trailers += len(line[0])
            self.complete = not line[0]
