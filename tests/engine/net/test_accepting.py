"""The cheaper `accept` gives what Python's own gives."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from engine.net.accepting import accept

Accept = Callable[[socket.socket], tuple[socket.socket, Any]]
KINDS = [
    pytest.param(socket.AF_INET, ("127.0.0.1", 0), id="IPv4"),
    pytest.param(getattr(socket, "AF_UNIX", None), "", id="UNIX"),
]


def facts_of(plain: Accept, family: int, address: Any, timeout: float | None) -> tuple[Any, ...]:
    with socket.socket(family) as listener, socket.socket(family) as client:
        listener.bind(address)
        listener.listen()
        listener.settimeout(timeout)
        client.connect(listener.getsockname())
        ours, _ = plain(listener)
        with ours:
            client.sendall(b"it works")
            assert ours.recv(100) == b"it works"
            return type(ours), ours.family, ours.type, ours.proto, ours.gettimeout(), ours.getblocking()


@pytest.mark.parametrize(("family", "address"), KINDS)
@pytest.mark.parametrize("timeout", [None, 20.0])
@pytest.mark.parametrize("default", [None, 30.0])
def test_it_gives_what_python_s_own_gives(
    family: int | None, address: Any, timeout: float | None, default: float | None
) -> None:
    if family is None or (not address and not hasattr(socket, "SO_PEERCRED")):
        pytest.skip("this system has no such socket, or wants a path for it")
    socket.setdefaulttimeout(default)
    try:
        assert facts_of(accept, family, address, timeout) == facts_of(socket.socket.accept, family, address, timeout)
    finally:
        socket.setdefaulttimeout(None)


def test_it_raises_what_python_s_own_raises() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            accept(listener)
        listener.settimeout(0.001)
        with pytest.raises(TimeoutError):
            accept(listener)
    with pytest.raises(OSError, match=r"Bad file descriptor|not a socket"):
        accept(listener)
