"""Good and bad clients together, for long: `python tests/benchmarks/soak.py --seconds 600`.

For each model, so many seconds of clients that behave and clients that don't: resets in every state, half-closes,
garbage, silence, slow senders, slow readers, floods of connects. Shown are memory, descriptors, threads and zombies
early and at the end, without clients, and how many requests of the good clients failed: flat, flat, flat, 0, 0.
"""

import argparse
import contextlib
import random
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.models import MODELS
from tests.benchmarks.servers import memory, our_model, running

GET = b"GET /%b HTTP/1.1\r\nHost: localhost\r\nConnection: %b\r\n\r\n"
LARGE = 8 * 1024 * 1024
SETTLING = 3.0
"""Seconds without clients before a look, more than a connection lingers."""


@dataclass
class State:
    """What a server holds on to when nobody is there."""

    memory: float
    descriptors: int
    threads: int
    zombies: int


class Crowd:
    """Clients of one server, each kind in threads of its own, until it is told to leave."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._over = threading.Event()
        self.answered = 0
        self.failed = 0
        self._counting = threading.Lock()

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """Good and bad clients are there."""
        kinds: list[Callable[[], None]] = [self._good] * 4 + [
            self._reset, self._half_close, self._garbage, self._silence, self._slow_sender, self._slow_reader,
            self._flood,
        ]  # fmt: skip
        self._over.clear()
        threads = [threading.Thread(target=self._repeat, args=(kind,)) for kind in kinds]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _repeat(self, visit: Callable[[], None]) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                visit()
            time.sleep(0.01)

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), 20)

    def _good(self) -> None:
        try:
            with self._connect() as client:
                client.sendall(GET % (b"", b"close"))
                reply = b""
                while piece := client.recv(65536):
                    reply += piece
            good = reply.startswith(b"HTTP/1.1 200") and reply.endswith(b"x" * 600)
        except OSError:
            good = False
        with self._counting:
            self.answered += 1
            self.failed += not good

    def _reset(self) -> None:
        with self._connect() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(random.choice([b"", b"GET", GET % (b"", b"close"), GET % (b"large.bin", b"close")]))
            if random.random() < 0.5:
                client.recv(1000)

    def _half_close(self) -> None:
        with self._connect() as client:
            client.sendall(GET % (b"", b"keep-alive"))
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass

    def _garbage(self) -> None:
        with self._connect() as client:
            client.sendall(random.randbytes(random.randrange(1, 5000)))
            client.recv(65536)

    def _silence(self) -> None:
        with self._connect():
            self._over.wait(1)

    def _slow_sender(self) -> None:
        with self._connect() as client:
            for byte in GET % (b"", b"close"):
                client.send(bytes([byte]))
                if self._over.wait(0.05):
                    return
            client.recv(65536)

    def _slow_reader(self) -> None:
        with self._connect() as client:
            client.sendall(GET % (b"large.bin", b"close"))
            while client.recv(65536) and not self._over.wait(0.02):
                pass

    def _flood(self) -> None:
        with contextlib.ExitStack() as crowd:
            for _ in range(50):
                crowd.enter_context(self._connect())
            self._over.wait(0.2)


def look(pid: int) -> State:
    """What the process and its descendants hold on to now."""
    root = psutil.Process(pid)
    tree = [root, *root.children(recursive=True)]
    return State(
        memory=memory(pid) / 2**20,
        descriptors=sum(process.num_fds() for process in tree),
        threads=sum(process.num_threads() for process in tree),
        zombies=sum(process.status() == psutil.STATUS_ZOMBIE for process in tree),
    )


def soak(model: str, root: Path, seconds: float) -> None:
    with running(our_model(model), root) as (port, pid):
        crowd = Crowd(port)
        with crowd.present():
            time.sleep(seconds / 10)
        time.sleep(SETTLING)
        early = look(pid)
        with crowd.present():
            time.sleep(seconds * 9 / 10)
        time.sleep(SETTLING)
        late = look(pid)
    print(
        f"{model:<12}{early.memory:>9.1f} → {late.memory:<6.1f}{early.descriptors:>9} → {late.descriptors:<5}"
        f"{early.threads:>7} → {late.threads:<4}{late.zombies:>9}{crowd.failed:>8} of {crowd.answered:,}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seconds", type=float, default=600, help="for each model (default: %(default)s)")
    options = parser.parse_args()
    print(f"{'':<12}{'memory, MiB':>17}{'descriptors':>17}{'threads':>13}{'zombies':>10}  failed")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * 600)
        (root / "large.bin").write_bytes(b"x" * LARGE)
        for model in options.models:
            soak(model, root, options.seconds)


if __name__ == "__main__":
    main()
