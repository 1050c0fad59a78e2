"""Whatever error the system gives in a call for a client, a model of ours goes on and serves the next one."""

import contextlib
import errno
import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

OVER_ALL_MODELS = True

CALLS = ("accept", "recv", "send", "close")
OF_SOCKETS = (
    "E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG ECANCELED ECOMM ECONNABORTED "
    "ECONNREFUSED ECONNRESET EDESTADDRREQ EDQUOT EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EINPROGRESS EINTR EINVAL EIO "
    "EISCONN EMSGSIZE ENETDOWN ENETRESET ENETUNREACH ENFILE EMFILE ENOBUFS ENODATA ENODEV ENOMEM ENONET ENOPROTOOPT "
    "ENOSPC ENOSR ENOTCONN ENOTSOCK EOPNOTSUPP EOVERFLOW EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE "
    "ESHUTDOWN ESOCKTNOSUPPORT ETIMEDOUT EWOULDBLOCK"
)
"""What any call on a socket may say, or could."""
OF_ACCEPT = (
    "EAGAIN ECONNABORTED ECONNRESET EHOSTDOWN EHOSTUNREACH EINTR EMFILE ENETDOWN ENETUNREACH ENFILE ENOBUFS ENOMEM "
    "ENONET ENOPROTOOPT ENOSR EOPNOTSUPP EPERM EPROTO EPROTONOSUPPORT ESOCKTNOSUPPORT ETIMEDOUT"
)
"""What accept(2) names, apart from what it says of a listener that is none: that is no client's doing."""

SHIM = """
import _socket, mmap, os, struct

CALLS = {calls!r}
with open({plan!r}, "r+b") as file:
    plan = mmap.mmap(file.fileno(), 0)

def fail(call, connection):
    if connection and plan[0] == CALLS.index(call) + 1:
        plan[0] = 0
        [number] = struct.unpack_from("i", plan, 4)
        raise OSError(number, os.strerror(number))

class Failing(_socket.socket):
    __slots__ = ()

    def _accept(self):
        fail("accept", True)
        return super()._accept()

    def recv(self, *arguments):
        fail("recv", self.family != _socket.AF_UNIX)
        return super().recv(*arguments)

    def recvmsg(self, *arguments):
        fail("recv", True)
        return super().recvmsg(*arguments)

    def send(self, *arguments):
        fail("send", self.family != _socket.AF_UNIX)
        return super().send(*arguments)

    def close(self):
        connection = self.fileno() >= 0 and not self.getsockopt(_socket.SOL_SOCKET, _socket.SO_ACCEPTCONN)
        super().close()
        fail("close", connection)

_socket.socket = Failing
"""
"""Put below everything that Python and the engine build on `_socket`: one call of a kind fails as it is planned."""


EDGE_TRIGGERED = ("epollet",)
"""Models that have to believe it when a call would block: the kernel says once when that changes."""


class Plan:
    """The call that is to fail next in an engine, shared with all its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        file = folder / "plan"
        file.write_bytes(bytes(mmap.PAGESIZE))
        (folder / "sitecustomize.py").write_text(SHIM.format(calls=CALLS, plan=str(file)))
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), 0)

    def fail_next(self, call: str, name: str) -> None:
        struct.pack_into("i", self._memory, 4, getattr(errno, name))
        self._memory[0] = CALLS.index(call) + 1  # at last: it is read all the time

    def is_done(self) -> bool:
        return self._memory[0] == 0


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return Plan(tmp_path_factory.mktemp("failing"))


@pytest.fixture(scope="module")
def failing(model: str, site: Path, plan: Plan) -> Iterator[Engine]:
    """An engine below which calls fail as planned; it must end with nothing on its stderr."""
    with Engine(model, site, before=("env", f"PYTHONPATH={plan.folder}")) as engine:
        yield engine


def ask(engine: Engine) -> None:
    """Ask for a page, and take whatever comes of it."""
    with contextlib.suppress(OSError, EOFError), Client(engine.address) as client:
        client.send(request("/page.html", connection="close"))
        client.rest()


@pytest.mark.quick_with("thread", "asyncio", "epoll", "prefork")
@pytest.mark.parametrize("call", CALLS)
def test_every_error_in_every_call(failing: Engine, plan: Plan, call: str) -> None:
    names = [name for name in (OF_ACCEPT if call == "accept" else OF_SOCKETS).split() if hasattr(errno, name)]
    if failing.model in EDGE_TRIGGERED and call in ("recv", "send"):
        names = [name for name in names if getattr(errno, name) != errno.EAGAIN]
    assert len(names) >= (15 if call == "accept" else 30)
    for name in names:
        plan.fail_next(call, name)
        ask(failing)
        eventually(plan.is_done, f"{name} in {call}")
        assert get(failing.address, "/page.html", connection="close").status == 200, f"after {name} in {call}"
    failing.settled(open=0)
    assert failing.stderr() == ""
    assert {problem.code for problem in failing.all(wire.Problem)} <= {"no-descriptors"}
