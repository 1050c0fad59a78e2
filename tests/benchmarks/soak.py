"""Good and bad clients together, for long: `python tests/benchmarks/soak.py --seconds 600`.

For each model, so many seconds of clients that behave and clients that don't: resets in every state, half-closes,
garbage, silence, slow senders, slow readers, floods of connects. Shown are memory, descriptors, threads and zombies
early and at the end, without clients, and how many requests of the good clients failed: flat, flat, flat, 0, 0.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.clock import monotonic
from engine.models import MODELS
from tests.benchmarks.rude import KINDS, is_answered, repeat
from tests.benchmarks.servers import memory, our_model, running

GOOD = 4
LARGE = 64 * 1024 * 1024
SETTLING = 3.0
"""Seconds without clients before a look, more than a connection lingers."""
PATIENCE = 30.0
"""Seconds in which processes that served the last ones have ended."""


@dataclass
class State:
    """What a server holds on to when nobody is there."""

    memory: float
    descriptors: int
    threads: int
    zombies: int


class Crowd:
    """Clients of one server, each kind in threads of its own, until they are told to leave."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answered = 0
        self.failed = 0
        self._counting = threading.Lock()

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """Good and bad clients are there."""
        over = threading.Event()
        visits = [self._good] * GOOD + list(KINDS.values())
        threads = [threading.Thread(target=repeat, args=(visit, self._port, over)) for visit in visits]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _good(self, port: int, over: threading.Event) -> None:
        good = is_answered(port)
        with self._counting:
            self.answered += 1
            self.failed += not good


def look(pid: int) -> State:
    """What the process and its descendants hold on to once nobody is there."""
    time.sleep(SETTLING)
    deadline = monotonic() + PATIENCE
    while psutil.Process(pid).children() and monotonic() < deadline:
        time.sleep(0.1)
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
            time.sleep(seconds / 3)
        early = look(pid)
        with crowd.present():
            time.sleep(seconds * 2 / 3)
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
        with (root / "large.bin").open("wb") as file:
            file.truncate(LARGE)
        for model in options.models:
            soak(model, root, options.seconds)


if __name__ == "__main__":
    main()
