"""What silence costs: `python tests/benchmarks/idle.py`.

For each model: the share of a core it uses with no client at all; then, with thousands of kept, silent connections,
the resident memory that each takes, and how long one request among them waits.
"""

import argparse
import contextlib
import resource
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.clock import monotonic
from engine.models import MODELS
from tests.benchmarks.servers import cpu_seconds, our_model, running
from tests.engine.support import most_at_once

BATCH = 500
"""Connections opened at a time; the backlog takes them."""
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
MOST = 10_000
MOST_PROCESSES = 200
"""A process for each of 10,000 is more than a small machine has memory for."""
MOST_SELECTED = 900
"""The numbers of descriptors that `select` takes end at 1,024."""


def crowd_of(key: str) -> int:
    """How many silent connections a model can hold, besides one that is answered; pools hold one a worker."""
    model = MODELS[key]
    if model.traits.shares_workers:
        return most_at_once(key) - 1
    if model.worker == "process":
        return MOST_PROCESSES
    return MOST_SELECTED if hasattr(model.load(fork=True), "FD_SETSIZE") else MOST


def share_of_core(pid: int, seconds: float) -> float:
    """Percent of a core used in so many seconds from now."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds * 100


def resident(pid: int) -> int:
    """Bytes in memory of the whole tree; what forked children share counts once."""
    root = psutil.Process(pid)
    children = root.children(recursive=True)
    return root.memory_info().rss + sum(child.memory_full_info().pss for child in children)


def connect(port: int, count: int, crowd: contextlib.ExitStack) -> None:
    """So many connections that have had one answer each, and stay; from several addresses, as ports are few."""
    for begin in range(0, count, BATCH):
        clients = [
            crowd.enter_context(socket.create_connection(("127.0.0.1", port), 60, (f"127.0.1.{number % 8 + 1}", 0)))
            for number in range(begin, min(begin + BATCH, count))
        ]
        for client in clients:
            client.sendall(REQUEST)
        for client in clients:
            client.recv(65536)


def ask(client: socket.socket) -> float:
    """Seconds until the first of the answer is there."""
    begin = monotonic()
    client.sendall(REQUEST)
    if not client.recv(65536):
        raise ConnectionError("closed without an answer")
    return monotonic() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument(
        "--crowd", type=int, help="silent connections (default: as many as the model holds, 10,000 at most)"
    )
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(
        f"{'':<12}{'idle, % of a core':>18}{'connections':>13}{'KiB each':>10}{'one among them, ms (median, most)':>36}"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * 600)
        for model in options.models:
            with (
                running(our_model(model, "--keep-alive", "--idle-seconds", "3600"), root) as (port, pid),
                contextlib.ExitStack() as crowd,
            ):
                time.sleep(0.5)
                share = share_of_core(pid, 3)
                client = crowd.enter_context(socket.create_connection(("127.0.0.1", port), 60))
                ask(client)
                before = resident(pid)
                count = options.crowd or crowd_of(model)
                connect(port, count, crowd)
                time.sleep(0.5)
                each = (resident(pid) - before) / max(count, 1) / 1024
                waits = [ask(client) * 1000 for _ in range(20)]
                print(
                    f"{model:<12}{share:>18.2f}{count:>13,}{each:>10.2f}"
                    f"{statistics.median(waits):>27.2f}{max(waits):>9.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
