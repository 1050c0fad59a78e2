"""The date of a reply, made once a second for all connections of a server."""

from email.utils import formatdate
from time import time


class DateHeader:
    """The header line of the date: `line` holds until `until` on the monotonic clock, then `renew` gives the next."""

    __slots__ = ("line", "until")

    def __init__(self) -> None:
        self.line = b""
        self.until = 0.0

    def renew(self, now: float) -> bytes:
        """The line for `now` on the monotonic clock."""
        clock = time()
        self.line = b"Date: %s\r\n" % formatdate(clock, usegmt=True).encode()
        self.until = now + 1 - clock % 1
        return self.line
