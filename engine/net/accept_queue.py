"""Who stands before the door: the connections that the kernel has made and nobody has accepted yet."""

import socket
import struct
import sys

_UNACKED = 24
"""Where in Linux's `tcp_info` two numbers stand that mean, of a listening socket, how many wait and how many may."""


def waiting(listener: socket.socket) -> tuple[int, int]:
    """How many connections wait to be accepted, and how many may; -1 twice where the system doesn't say."""
    if sys.platform != "linux":
        return -1, -1
    queued, backlog = struct.unpack_from("II", listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32), _UNACKED)
    return queued, backlog
