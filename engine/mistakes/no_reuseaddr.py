"""Taking the address, with a mistake: without SO_REUSEADDR."""

import socket
from typing import Any

from engine.net.listening import port_owner


def _bind(listener: socket.socket, address: tuple[Any, ...]) -> None:
    """Take the address for this server alone, and also while connections of one that has ended are still there."""
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    if exclusive is None:
        listener.bind(address)
        return
    # Windows lets two servers share an address without this, and with it not even the next server may have it.
    listener.setsockopt(socket.SOL_SOCKET, exclusive, 1)
    try:
        listener.bind(address)
    except OSError:
        if port_owner(address[1])[1]:
            raise
        listener.setsockopt(socket.SOL_SOCKET, exclusive, 0)
        listener.bind(address)
