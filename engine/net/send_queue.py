"""What of a reply has reached its client, beyond what was handed to the kernel.

A large reply is handed over at once and is then sent for as long as the client takes it; no call shows that.
"""

import _socket  # gevent's sockets may be asked by their own thread only
import contextlib
import socket
import struct
import sys
from typing import Any

_BYTES_ACKED = 120
"""Where in Linux's `tcp_info` stands how many bytes the client has acknowledged (from Linux 4.2 on)."""
_SO_NWRITE = 0x1024
"""macOS: how many bytes are not acknowledged yet."""


def mark(client: Any) -> int:
    """A number that changes as the client takes what was sent; always the same where the system doesn't say."""
    raw = getattr(client, "_sock", client)
    with contextlib.suppress(OSError, struct.error):  # closed meanwhile, or an older kernel
        if sys.platform == "linux":
            told = _socket.socket.getsockopt(raw, socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED + 8)
            return int(struct.unpack_from("Q", told, _BYTES_ACKED)[0])
        if sys.platform == "darwin":
            return _socket.socket.getsockopt(raw, socket.SOL_SOCKET, _SO_NWRITE)
    return 0
