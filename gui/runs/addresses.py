"""Addresses as the engine writes them, and at which a server of this machine is reached from it."""

import socket

from engine.addresses import is_wildcard


def own_address(client: socket.socket) -> str:
    """`host:port` of a client's own end, as the engine writes it; empty where that is not known yet."""
    try:
        host, port = client.getsockname()[:2]
    except OSError:  # on Windows before it is connected
        return ""
    return address_text(host, port)


def reached(host: str) -> str:
    """The address at which this machine reaches a server that listens at `host`."""
    return ("::1" if ":" in host else "127.0.0.1") if not host or is_wildcard(host) else host


def address_text(host: str, port: int) -> str:
    """`host:port` of a server that listens at `host`, or of a client, as the engine writes it."""
    host = reached(host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def family(host: str) -> socket.AddressFamily:
    """That of a numeric address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET
