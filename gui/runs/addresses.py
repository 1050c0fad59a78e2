"""The addresses of sockets that the window opens itself."""

import socket

from engine.addresses import host_port


def own_address(client: socket.socket) -> str:
    """`host:port` of a client's own end, as the engine writes it; empty where that is not known yet."""
    try:
        host, port = client.getsockname()[:2]
    except OSError:  # on Windows before it is connected
        return ""
    return host_port(host, port)


def family(host: str) -> socket.AddressFamily:
    """That of a numeric address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET
