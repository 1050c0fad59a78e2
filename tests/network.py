"""A second network on this machine, with a client in it that is on another machine, as far as a server can see."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

PATIENCE = 60
ASKS = (
    "import http.client, sys\n"
    "connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=30)\n"
    "connection.request('GET', sys.argv[3], headers=dict(each.split('=', 1) for each in sys.argv[4:]))\n"
    "reply = connection.getresponse()\n"
    "sys.stdout.buffer.write(b'%d ' % reply.status + reply.read())"
)
"""A program that asks address, port and path, and prints status and body."""


@dataclass(frozen=True)
class Network:
    """A network of two: this machine, and a namespace that stands for the phones."""

    name: str
    here: str
    """The address of this machine in it."""

    @property
    def inside(self) -> tuple[str, ...]:
        """Stands before a command that is run on the other side."""
        return "ip", "netns", "exec", self.name

    def run(self, *command: str, check: bool = True) -> str:
        """What the command prints, run on the other side."""
        done = subprocess.run(
            (*self.inside, *command),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def begin_ask(self, port: int, path: str) -> "subprocess.Popen[bytes]":
        """A client on the other side that asks a server here, and ends when it is answered."""
        python = (sys.executable, "-c", ASKS, self.here, str(port), path)
        return subprocess.Popen((*self.inside, *python), stdout=subprocess.DEVNULL)

    def ask(self, port: int, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of what a server here answers to the other side."""
        given = [f"{name.replace('_', '-')}={value}" for name, value in headers.items()]
        status, _, body = self.run(sys.executable, "-c", ASKS, self.here, str(port), path, *given).partition(" ")
        return int(status), body


@contextlib.contextmanager
def second_network() -> Iterator[Network]:
    """A network that is gone afterwards. Skips the test where it can't be made."""
    ip = shutil.which("ip")
    if not ip or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a network namespace needs Linux, iproute2 and root")
    name = f"phones{os.getpid()}"
    net = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"
    steps = (
        f"netns add {name}",
        f"link add v{os.getpid()} type veth peer name w{os.getpid()}",
        f"link set w{os.getpid()} netns {name}",
        f"addr add {net}.1/24 dev v{os.getpid()}",
        f"link set v{os.getpid()} up",
        f"-n {name} addr add {net}.2/24 dev w{os.getpid()}",
        f"-n {name} link set w{os.getpid()} up",
        f"-n {name} link set lo up",
    )
    try:
        for step in steps:
            done = subprocess.run((ip, *step.split()), capture_output=True, text=True, timeout=PATIENCE, check=False)
            if done.returncode:
                pytest.skip(f"no network namespace here: {done.stderr.strip()}")
        yield Network(name, f"{net}.1")
    finally:
        for step in (f"link del v{os.getpid()}", f"netns del {name}"):
            subprocess.run((ip, *step.split()), capture_output=True, timeout=PATIENCE, check=False)
