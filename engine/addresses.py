"""Addresses of this machine: which only it can reach, and the URL by which it reaches one.

Pure functions of texts; nothing is looked up.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, TypeAlias

AddressInfo: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
"""One of what `socket.getaddrinfo` finds."""


def is_loopback(host: str) -> bool:
    """Whether the address `host` is reached from this machine only; False for a name."""
    address = _parsed(host)
    return address is not None and address.is_loopback


def is_wildcard(host: str) -> bool:
    """Whether `host` stands for all addresses of this machine."""
    address = _parsed(host)
    return address is not None and address.is_unspecified


def local_host(host: str) -> str:
    """The address at which this machine reaches a server that listens at `host`."""
    if host and not is_wildcard(host):
        return host
    return "::1" if ":" in host else "127.0.0.1"


def host_port(host: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def local_url(host: str, port: int) -> str:
    """The URL, without a path, at which this machine reaches a server that listens at `host`."""
    return f"http://{host_port(local_host(host), port)}"


def preferred(found: Iterable[AddressInfo]) -> AddressInfo:
    """The one of a host's addresses at which we listen and connect: IPv4 first, on which most servers listen alone."""
    return min(found, key=lambda entry: entry[0] != socket.AF_INET)


def host_in_request(host: str) -> str:
    """The address `host` as a browser sends it: IPv6 in brackets and without its zone, IPv4 as such; empty if it is."""
    text = str(_parsed(host) or host).partition("%")[0]
    return f"[{text}]" if ":" in text else text


def counted_address(host: str) -> str:
    """What clients at the address `host` are counted by: IPv6 by its network of 64 bits, IPv4 as it is."""
    address = _parsed(host)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address), 64), strict=False))
    return str(address or host)


def _parsed(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that `host` is, an IPv4 address in IPv6 form as what it means; None if it is a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
