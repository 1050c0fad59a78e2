"""Listening: a socket at an address, and the words for why there can be none."""

import errno
import os
import socket
from pathlib import Path
from typing import Any

from engine.addresses import preferred

TIME_WAIT = 60
"""Seconds for which Linux keeps a connection that this side has closed first."""

RESERVED_BY = (
    "`netsh interface ipv4 show excludedportrange protocol=tcp` lists what Hyper-V, WSL or Docker have reserved."
    if os.name == "nt"
    else "A security policy, such as SELinux's, or a sandbox may forbid it."
)
"""Whose doing that may be."""


class StartError(Exception):
    """The server can't start: what happened, why, and what to do."""

    def __init__(self, code: str, message: str, **details: str | int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def listen(host: str, port: int, backlog: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens at `host` and `port`, where `backlog` connections may wait; if `shared`, others may listen
    there too. Raises `StartError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise StartError(
            "host-unknown",
            f"There is no address for the host {host}. Use 127.0.0.1 for this machine only, 0.0.0.0 for all.",
            host=host,
        ) from error
    # A name such as localhost has both, on Windows and macOS IPv6 first; clients, also the load's, try IPv4 first.
    family, kind, protocol, _, address = preferred(found)
    listener = socket.socket(family, kind, protocol)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")  # as systems differ
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # clients' sockets inherit it
        _bind(listener, address)
        if shared:  # only now: another program that shares its port keeps it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise _start_error(error, host, port) from error
    return listener


def _bind(listener: socket.socket, address: tuple[Any, ...]) -> None:
    """Take the address for this server alone, and also while connections of one that has ended are still there."""
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
    if exclusive is None:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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


def _start_error(error: OSError, host: str, port: int) -> StartError:
    if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EPERM):
        return _taken(port, is_forbidden=error.errno != errno.EADDRINUSE)
    if error.errno == errno.EADDRNOTAVAIL:
        return StartError(
            "host-unknown",
            f"This machine does not have the address {host}. Use 127.0.0.1, or 0.0.0.0 for all it has.",
            host=host,
        )
    return StartError(
        "cannot-listen",
        f"The server can't listen at {host}, port {port}: {error.strerror}.",
        host=host,
        port=port,
        reason=str(error.strerror),
    )


def _taken(port: int, *, is_forbidden: bool) -> StartError:
    """Why nobody, or not this program, may listen at `port`."""
    program, pid = port_owner(port)
    first = first_open_port()
    if is_forbidden and not pid and port < first:
        return StartError(
            "port-privileged",
            f"Port {port} is for the system's administrator. Choose one from {first} on with --port.",
            port=port,
            first=first,
        )
    if is_forbidden and not pid:
        return StartError(
            "port-reserved",
            f"The system keeps port {port} from this program, though nothing listens there. {RESERVED_BY}"
            " Choose another port with --port.",
            port=port,
        )
    left = 0 if is_forbidden or pid else connections_left(port)
    if left:
        return StartError(
            "port-kept",
            f"Port {port} can't be had for up to {TIME_WAIT} s: the system keeps {left} connections of a server that"
            " has ended, which did not set SO_REUSEADDR. Wait, or choose another port with --port.",
            port=port,
            connections=left,
            seconds=TIME_WAIT,
        )
    owner = f"{program} (process {pid})" if pid else "another program"
    return StartError(
        "port-in-use",
        f"Port {port} is in use by {owner}. Stop it, or choose another port with --port.",
        port=port,
        program=program,
        pid=pid,
    )


def first_open_port() -> int:
    """The first port at which any program may listen, as far as that depends on the number."""
    if os.name == "nt":
        return 0
    try:
        return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    except (OSError, ValueError):
        return 1024


def connections_left(port: int) -> int:
    """How many connections at `port` are over, but not yet forgotten by the system; 0 if it does not report them."""
    import psutil  # as below

    try:
        each = psutil.net_connections("tcp")
    except psutil.Error:
        return 0
    return sum(one.status == psutil.CONN_TIME_WAIT and one.laddr.port == port for one in each)


def port_owner(port: int) -> tuple[str, int]:
    """Name and pid of the program that listens at `port`; empty and 0 if the system does not report them."""
    import psutil  # takes a while to import, and is needed only here

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return psutil.Process(connection.pid).name(), connection.pid
    except psutil.Error:
        return "", 0
    return "", 0
