"""What the kernel reports of TCP sockets: who listens, how many wait to be accepted, which connections are open.

On Linux it is asked over a netlink socket, by port, so that thousands of sockets in TIME_WAIT cost nothing; elsewhere
psutil is asked. Owns that format (`linux/inet_diag.h`).
"""

import contextlib
import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_DUMP = 0x301
_DONE, _ERROR = 3, 2
_HEAD = struct.Struct("=IHHII")
_ASK = struct.Struct("=BBBxI HH 16s16s I II")
_TOLD = struct.Struct("=BBBB 2s2s 16s16s I II I I I I I")
_PORTS = struct.Struct(">H")
LISTEN = 10
_OPEN = {1, 4, 5, 8, 9, 11}
"""States in which a socket that a process holds has or had a client: established, and those of closing."""
_TIME_WAIT = "06"
_TICKS = 100
"""A second in /proc/net/tcp."""


class TcpSocket(NamedTuple):
    """One socket."""

    state: int
    host: str
    port: int
    peer: str
    """`host:port`"""
    inode: int
    """0: no process holds it; it waits to be accepted, or is being closed."""
    queued: int
    """Of one that listens: connections that wait to be accepted."""
    backlog: int
    """Of one that listens: the most that may."""


class Kernel:
    """Asks for sockets."""

    def __init__(self) -> None:
        self._netlink: socket.socket | None = None
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # a sandbox may forbid it
                self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG)
                self._netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                self._netlink.settimeout(1.0)

    @property
    def can_ask(self) -> bool:
        return self._netlink is not None

    def listening(self) -> list[TcpSocket]:
        """All sockets that listen on this machine."""
        return [*self._sockets(socket.AF_INET, {LISTEN}, 0), *self._sockets(socket.AF_INET6, {LISTEN}, 0)]

    def of_port(self, port: int) -> list[TcpSocket]:
        """The sockets at `port`: those that listen, and connections of clients, accepted or not."""
        states = _OPEN | {LISTEN}
        return [*self._sockets(socket.AF_INET, states, port), *self._sockets(socket.AF_INET6, states, port)]

    def _sockets(self, family: int, states: set[int], port: int) -> Iterator[TcpSocket]:
        if self._netlink is None:
            return
        mask = sum(1 << state for state in states)
        ask = _ASK.pack(family, socket.IPPROTO_TCP, 0, mask, socket.htons(port), 0, b"", b"", 0, 0xFFFFFFFF, 0xFFFFFFFF)
        try:
            self._netlink.send(_HEAD.pack(_HEAD.size + len(ask), _SOCK_DIAG_BY_FAMILY, _DUMP, 0, 0) + ask)
            while True:
                data = self._netlink.recv(65536)
                at = 0
                while at < len(data):
                    size, kind, *_ = _HEAD.unpack_from(data, at)
                    if kind in (_DONE, _ERROR):
                        return
                    yield _socket(data, at + _HEAD.size)
                    at += (size + 3) & ~3
        except OSError:  # too many at once
            return


def _socket(data: bytes, at: int) -> TcpSocket:
    family, state, _, _, port, peer_port, host, peer, *_, queued, backlog, _, inode = _TOLD.unpack_from(data, at)
    return TcpSocket(
        state, _host(family, host), _PORTS.unpack(port)[0], f"{_host(family, peer)}:{_PORTS.unpack(peer_port)[0]}",
        inode, queued, backlog,
    )  # fmt: skip


def _host(family: int, packed: bytes) -> str:
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, packed[:4])
    text = socket.inet_ntop(socket.AF_INET6, packed)
    return text[7:] if text.startswith("::ffff:") and "." in text else text


def inodes_of(pid: int) -> set[int]:
    """The sockets that a process holds, by inode; empty if it has ended or may not be looked at."""
    found = set()
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    found.add(int(target[8:-1]))
    return found


def in_time_wait(port: int) -> tuple[int, float]:
    """How many connections of `port` are in TIME_WAIT, and the seconds until the last one leaves it."""
    count, longest = 0, 0.0
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", name).read_text().splitlines()[1:]:
                _, local, _, state, _, timer, *_ = line.split()
                if state == _TIME_WAIT and int(local.rpartition(":")[2], 16) == port:
                    count += 1
                    longest = max(longest, int(timer.partition(":")[2], 16) / _TICKS)
    return count, longest


def descendants(pid: int) -> list[psutil.Process]:
    """The living processes that descend of `pid`."""
    with contextlib.suppress(psutil.Error):
        return list(psutil.Process(pid).children(recursive=True))
    return []


def computed(pid: int) -> float:
    """Processor seconds that a process has used; -1 if it has ended or that is not reported."""
    with contextlib.suppress(psutil.Error, OSError):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return -1.0


def holders(inodes: Iterable[int], pids: Iterable[int]) -> dict[int, list[int]]:
    """Which of `pids` hold each of the sockets."""
    wanted = set(inodes)
    found: dict[int, list[int]] = {}
    for pid in pids:
        for inode in inodes_of(pid) & wanted:
            found.setdefault(inode, []).append(pid)
    return found


def everybody() -> list[int]:
    """All processes of this machine."""
    return list(psutil.pids())


def is_there(pid: int) -> bool:
    """Whether a process lives."""
    with contextlib.suppress(psutil.Error):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


def name_of(pid: int) -> str:
    """The name of a process's program; its number if it has ended."""
    with contextlib.suppress(psutil.Error):
        return str(psutil.Process(pid).name())
    return str(pid)


def parent_of(pid: int) -> int:
    """The process that started it; 0 if it has ended."""
    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).ppid())
    return 0
