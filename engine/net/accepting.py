"""Python's own `accept`, made cheaper in place.

Owns what `socket.socket.accept` does once the kernel has given a client: a socket is made that is of the listener's
family, kind and protocol. Python asks the listener for these anew for each client, as members of its enumerations,
which takes as long as the rest of it; the kernel's numbers do as well.
"""

import _socket
import socket
from typing import Any

from engine.net.replacing import Put

_family = _socket.socket.family.__get__
_kind = _socket.socket.type.__get__
_protocol = _socket.socket.proto.__get__


def install(put: Put) -> None:
    """Put it in place of Python's own."""
    put(socket.socket, "accept", accept)


def accept(self: Any) -> tuple[socket.socket, Any]:
    """As Python's own, line by line."""
    descriptor, address = self._accept()
    client = socket.socket(_family(self), _kind(self), _protocol(self), fileno=descriptor)
    if socket.getdefaulttimeout() is None and self.gettimeout():
        client.setblocking(True)
    return client, address
