"""Whether it is really the client that is waited for: what the kernel says of connections and workers at the moment.

Owns these questions to the kernel. They change nothing, wait for nothing, and are asked ten times a second while
somebody looks at spans: 0.2 µs a connection, 0.5 µs a thread in a call, 15 µs a process that is in a call.
"""

import select
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.clock import monotonic
from engine.unpatched import unpatched

_LAST_DATA, _NOT_SENT = 52, 144
"""Where in Linux's `tcp_info` it stands how many milliseconds ago the last data came, and how many bytes were not sent,
since the peer takes no more."""
_TICK = 0.015
"""Seconds within which the former may be off: the kernel counts in its own ticks."""
CAN_POLL = hasattr(select, "poll")
_new_poll = unpatched("select", "poll") if CAN_POLL else None
"""The function before tracing replaces it: this module is imported earlier."""


class Readiness:
    """Asks the kernel."""

    can_poll = CAN_POLL
    """Whether the system can say what there is to read."""

    def readable(self, connections: Iterable[Any]) -> list[int]:
        """The numbers of those in which there is something to read, be it the end."""
        assert _new_poll
        poller, numbers = _new_poll(), {}
        for connection in connections:
            sock = connection()
            descriptor = -1 if sock is None else sock.fileno()
            if descriptor >= 0:
                numbers[descriptor] = connection.number
                poller.register(descriptor, select.POLLIN)
        return [numbers[descriptor] for descriptor, _ in poller.poll(0)]

    def is_asleep(self, pid: int) -> bool:
        """Whether a process waits in its call, and is not stopped, nor woken and without a processor; True where the
        system doesn't say."""
        try:
            state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1]
        except OSError:
            return True
        return state == b"S"

    def has_news(self, sock: Any, arrived: float) -> bool:
        """Whether bytes came after those that had come at `arrived`: what a thread has read that has not yet got the
        interpreter's lock back is in no queue any more."""
        since = _tcp_info(sock, _LAST_DATA)
        return bool(arrived) and since >= 0 and monotonic() - since / 1000 > arrived + _TICK

    def is_held(self, sock: Any) -> bool:
        """Whether a `send` waits until the client takes more."""
        return unsent(sock) > 0


def unsent(sock: Any) -> int:
    """Bytes in the kernel that the client has no room for; -1 where the system doesn't say."""
    return _tcp_info(sock, _NOT_SENT)


def _tcp_info(sock: Any, place: int) -> int:
    """The number at `place` in the connection's `tcp_info`; -1 where the system doesn't say."""
    if sys.platform == "linux":
        with suppress(OSError, struct.error):  # closed meanwhile; an old kernel
            info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, place + 4)
            return int(struct.unpack_from("I", info, place)[0])
    return -1
