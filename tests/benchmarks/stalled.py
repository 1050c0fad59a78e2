"""What a reader that stops costs: `python tests/benchmarks/stalled.py`.

Each model under wrk while its stream is read, and with the reader stopped (SIGSTOP), in turn: medians of requests/s
and of the ratio within a round, how many records were dropped, and whether the counters are the clients' in the end.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.models import MODELS
from engine.telemetry import wire
from tests.benchmarks.servers import PROJECT, engine, free_port, wait_for
from tests.benchmarks.wrk import wrk

CLIENTS = 64


def last_counters(stream: Path) -> wire.Counters:
    """The newest counters in a stream."""
    lines = [wire.decode(line) for line in stream.read_bytes().splitlines(keepends=True) if b'"counters"' in line]
    return next(message for message in reversed(lines) if isinstance(message, wire.Counters))


def measure(model: str, folder: Path, rounds: int, seconds: int) -> None:
    port, stream = free_port(), folder / f"{model}.jsonl"
    url = f"http://127.0.0.1:{port}/index.html"
    with stream.open("wb") as file:
        server = subprocess.Popen(
            engine(model, port, folder, "--keep-alive"),
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        reader = subprocess.Popen(["cat"], stdin=server.stdout, stdout=file)
    try:
        wait_for(port, server, model)
        results = [wrk(url, CLIENTS, 1)]
        for _ in range(rounds):
            results.append(wrk(url, CLIENTS, seconds))
            reader.send_signal(signal.SIGSTOP)
            results.append(wrk(url, CLIENTS, seconds))
            reader.send_signal(signal.SIGCONT)
        server.terminate()
        server.wait()
        for stream_end in (server.stdin, server.stdout):
            assert stream_end
            stream_end.close()
        reader.wait()
    finally:
        for process in (server, reader):
            process.kill()
            process.wait()
    read, stopped = ([result.rate for result in results[first::2]] for first in (1, 2))
    ratios = [one / other for one, other in zip(stopped, read, strict=True)]
    counters = last_counters(stream)
    sent = sum(result.requests for result in results)
    under_way = counters.requests - sent
    exact = "exact" if 0 <= under_way <= CLIENTS * len(results) else f"{under_way:+,} requests"
    print(
        f"{model:<12}{statistics.median(read):>10,.0f}{statistics.median(stopped):>10,.0f}"
        f"{statistics.median(ratios):>8.2f}{counters.dropped:>12,}  {exact}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=["process", "thread", "gevent", "epoll"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=30, help="for which the reader is stopped in a round")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(PROJECT)
    print(f"{'requests/s':<12}{'read':>10}{'stopped':>10}{'ratio':>8}{'dropped':>12}  counters")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "index.html").write_bytes(b"x" * 600)
        for model in options.models:
            measure(model, folder, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
