"""The addresses at which phones reach this machine."""

import socket

from engine.addresses import is_loopback


def local_addresses() -> list[tuple[str, str]]:
    """The IPv4 addresses of the networks that this machine is in, each with the name of its interface."""
    import psutil  # only here: it is slow to import

    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        (each.address, name)
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for each in addresses
        if each.family is socket.AF_INET and not is_loopback(each.address)
    ]
