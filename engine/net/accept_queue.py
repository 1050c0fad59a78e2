"""Who stands before the door: the connections that the kernel has made and nobody has accepted yet."""

import socket
import struct
import sys
from collections.abc import Iterable

_UNACKED = 24
"""Where in Linux's `tcp_info` two numbers stand that mean, of a listening socket, how many wait and how many may."""


def waiting(listeners: Iterable[socket.socket]) -> tuple[int, int]:
    """How many connections wait to be accepted, and how many may; -1 twice where the system doesn't say."""
    if sys.platform != "linux":
        return -1, -1
    infos = [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32) for each in listeners]
    numbers = [struct.unpack_from("II", info, _UNACKED) for info in infos]
    return sum(queued for queued, _ in numbers), sum(backlog for _, backlog in numbers)
