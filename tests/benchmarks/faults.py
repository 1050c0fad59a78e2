"""Who notices bad clients: `python tests/benchmarks/faults.py`.

For each model and each kind of bad client: the p99 of good clients beside them, as a multiple of what it is in quiet,
measured in turn within a round; a row gives the medians of the rounds. Good clients connect for each request and
think in between, so that what they see is the server's attention and not its speed. A `!` marks more than twice.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.models import MODELS
from tests.benchmarks.rude import KINDS, is_answered, repeat
from tests.benchmarks.servers import our_model, running

GOOD = 4
THINKING = 0.01
"""Seconds between a good client's requests."""
SETTLING = 0.5
"""Seconds between two measurements, for the last bad client to leave."""
LARGE = 64 * 1024 * 1024
NOTICED = 2.0
UNANSWERED = float("inf")


def good_client(port: int, over: threading.Event, took: list[float]) -> None:
    """Adds the milliseconds that each answer takes; one that never comes takes for ever."""
    while not over.is_set():
        begin = time.perf_counter()
        answered = is_answered(port)
        took.append((time.perf_counter() - begin) * 1000 if answered else UNANSWERED)
        over.wait(THINKING)


def p99(port: int, seconds: float) -> float:
    """What good clients see in so many seconds from now, in milliseconds."""
    over = threading.Event()
    took: list[float] = []
    clients = [threading.Thread(target=good_client, args=(port, over, took)) for _ in range(GOOD)]
    for client in clients:
        client.start()
    time.sleep(seconds)
    over.set()
    for client in clients:
        client.join()
    return sorted(took)[int(len(took) * 0.99)]


@contextlib.contextmanager
def beside(kind: str, port: int) -> Iterator[None]:
    """Bad clients of one kind are there, in a process of their own."""
    command = [sys.executable, __file__, "--be", kind, "--port", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as crowd:
        time.sleep(SETTLING)
        try:
            yield
        finally:
            crowd.kill()


def be(kind: str, port: int) -> None:
    """Be the bad clients until nobody wants them any more."""
    over = threading.Event()
    threading.Thread(target=repeat, args=(KINDS[kind], port, over), daemon=True).start()
    sys.stdin.read()


def measure(model: str, kinds: list[str], root: Path, rounds: int, seconds: float) -> None:
    quiet: list[float] = []
    ratios: dict[str, list[float]] = {kind: [] for kind in kinds}
    with running(our_model(model), root) as (port, _):
        p99(port, 1)
        for _ in range(rounds):
            for kind in kinds:
                quiet.append(p99(port, seconds))
                with beside(kind, port):
                    ratios[kind].append(p99(port, seconds) / quiet[-1])
                time.sleep(SETTLING)
    cells = [f"{statistics.median(ratios[kind]):.1f}" for kind in kinds]
    marked = [cell + ("!" if float(cell) > NOTICED else " ") for cell in cells]
    print(f"{model:<12}{statistics.median(quiet):>14.1f}", *(f"{cell:>13}" for cell in marked), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--be", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be:
        be(options.be, options.port)
        return
    print(f"{'p99, ms':<12}{'quiet':>14}", *(f"{kind:>13}" for kind in options.kinds))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * 600)
        with (root / "large.bin").open("wb") as file:
            file.truncate(LARGE)
        for model in options.models:
            measure(model, options.kinds, root, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
