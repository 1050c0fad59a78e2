"""When bytes came to this machine: the kernel's own time of them (Linux).

Owns the option that requests it and the record that has it. Set on a listening socket it holds for all that are
accepted from it, also for bytes that come before `accept`. The kernel keeps the time of the newest of the segments
that it hands over together, so the wait that follows from it is the least that it can have been.
Source: the kernel's Documentation/networking/timestamping.rst.
"""

import socket
import struct
import sys
from contextlib import suppress
from time import time
from typing import Any

from engine.clock import monotonic

TELLS_TIMES = sys.platform == "linux"
_SO_TIMESTAMPING = 37
_RX_SOFTWARE, _SOFTWARE = 1 << 3, 1 << 4
_TIME = struct.Struct("qq32x")
"""Seconds and nanoseconds of the kernel's own time, the first of three in the record."""
ROOM = socket.CMSG_SPACE(_TIME.size) if hasattr(socket, "CMSG_SPACE") else 0
"""Bytes of ancillary data that `recvmsg` needs for it."""


def ask_for_times(listener: Any) -> None:
    """Have the kernel note when the bytes come that are read from what is accepted from `listener`."""
    with suppress(OSError):  # an old kernel: the record is missing, and the time not known
        listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, _RX_SOFTWARE | _SOFTWARE)


def time_in(ancillary: Any) -> float:
    """The time that `recvmsg` gave just now, on the monotonic clock.

    There is none, and nothing ancillary, at the end of a stream and for the first bytes after the kernel was asked.
    """
    seconds, nanoseconds = _unpack(ancillary[0][2])
    return monotonic() - time() + seconds + nanoseconds * 1e-9  # type: ignore[no-any-return]


_unpack = _TIME.unpack
