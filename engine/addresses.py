"""Addresses of this machine: which only it can reach, and the URL by which it reaches one.

Pure functions of texts; nothing is looked up.
"""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the address `host` is reached from this machine only; False for a name."""
    address = _parsed(host)
    return address is not None and address.is_loopback


def is_wildcard(host: str) -> bool:
    """Whether `host` stands for all addresses of this machine."""
    address = _parsed(host)
    return address is not None and address.is_unspecified


def local_url(host: str, port: int) -> str:
    """The URL, without a path, at which this machine reaches a server that listens at `host`."""
    if not host or is_wildcard(host):
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
