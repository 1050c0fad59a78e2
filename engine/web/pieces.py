"""The body of one reply on its way, taken from an iterable a piece at a time.

Owns how a body of unknown length is framed, and that one of known length keeps it. Knows nothing of the connection.
"""

from collections.abc import Iterable


class Pieces:
    """What is sent of `body`: `length` bytes, or if that is None, all that comes, `chunked` or as it is."""

    __slots__ = ("_body", "_chunked", "_iterator", "_left", "complete")

    def __init__(self, body: Iterable[bytes], length: int | None, *, chunked: bool) -> None:
        """May raise whatever `body` raises."""
        self.complete = False
        """Whether nothing is left to be taken."""
        self._body = body
        self._left = length
        self._chunked = chunked
        self._iterator = iter(body)

    def take(self) -> bytes:
        """The next bytes to send; empty if there are none.

        Raises whatever the body raises, TypeError for pieces that are no bytes, ValueError for a length that is not
        kept, `BodyLost`.
        """
        piece = next(filter(_is_some, self._iterator), b"")
        if self._left is None:
            self.complete = not piece
            return b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece
        self._left -= len(piece)
        if self._left < 0 or (self._left and not piece):
            raise ValueError("A body has another length than its Content-Length says")
        self.complete = not self._left
        return piece


def close_body(body: object) -> None:
    """Close an iterable that can be closed. May raise whatever that raises."""
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _is_some(piece: object) -> bool:
    """Whether this piece of a body has bytes. Raises TypeError if it is none."""
    if not isinstance(piece, bytes):
        raise TypeError(f"A body is made of bytes, not of {type(piece).__name__}")
    return bool(piece)
