"""When bytes came to this machine, as `engine.net.arrival` has it, in a guest's process (Linux).

Owns the option on the program's sockets. It is set where the program listens, and holds for all that are accepted
there; what it changes is seen by `recvmsg` alone. So the tracer reads with `recvmsg` where the program calls `recv`,
and takes the option off a socket on which the program calls `recvmsg` itself.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable
from time import perf_counter as monotonic
from time import time
from typing import Any

TELLS_TIMES = sys.platform == "linux"
_SO_TIMESTAMPING = 37
_RX_SOFTWARE, _SOFTWARE = 1 << 3, 1 << 4
_unpack = struct.Struct("qq32x").unpack
ROOM = socket.CMSG_SPACE(48) if hasattr(socket, "CMSG_SPACE") else 0
"""Bytes of ancillary data that `recvmsg` needs for it."""


def ask_for_times(listener: Any) -> bool:
    """Have the kernel note when bytes come; whether it does."""
    return TELLS_TIMES and _set(listener, _RX_SOFTWARE | _SOFTWARE)


def ask_no_more(client: Any) -> None:
    """Have `recvmsg` as it is without."""
    _set(client, 0)


def _set(sock: Any, flags: int) -> bool:
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, flags)
    except OSError:
        return False
    return True


def receivers(kind: Any) -> dict[str, Callable[[Any, Any], tuple[Any, float]]]:
    """What is called instead of a method of the socket class `kind`: its result, and when the bytes came."""
    if not TELLS_TIMES:
        return {}
    recvmsg, recvmsg_into = kind.recvmsg, kind.recvmsg_into

    def recv(sock: Any, size: int) -> tuple[bytes, float]:
        data, ancillary, _, _ = recvmsg(sock, size, ROOM)
        return data, time_in(ancillary)

    def recv_into(sock: Any, buffer: Any) -> tuple[int, float]:
        count, ancillary, _, _ = recvmsg_into(sock, [buffer], ROOM)
        return count, time_in(ancillary)

    return {"recv": recv, "recv_into": recv_into}


def time_in(ancillary: Any) -> float:
    """The time that `recvmsg` gave just now; 0 if the kernel noted none."""
    if not ancillary:
        return 0.0
    seconds, nanoseconds = _unpack(ancillary[0][2])
    return float(monotonic() - time() + seconds + nanoseconds * 1e-9)
