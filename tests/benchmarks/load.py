"""Our load beside wrk, on the same epoll engine: `python tests/benchmarks/load.py`.

Needs wrk. Every reply to ours is checked, byte by byte. Rounds are interleaved: wrk once, then ours with one process
and with two, then all of them again; medians are shown, with the ratio to wrk in the same round. The aim is 0.3 × the
requests a second of `wrk -t1` with one process.

What made it fast (microseconds of the load's processor time for a request, 64 kept connections): gevent's own sockets
21–25; plain non-blocking sockets, gevent's loop asked only which of them is ready, 13–17. httptools with a callback
for each header costs 2 of these, all latencies in one histogram ten times a second less than 1.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.load import wire
from engine.load.histogram import Histogram
from tests.benchmarks.servers import PROJECT, our_model, running
from tests.benchmarks.wrk import wrk

PAGE = 600
SETTLING = 1.0
"""Seconds at the beginning that don't count."""


@dataclass(frozen=True)
class Measured:
    rate: float
    p50: float
    """Milliseconds."""
    p99: float
    failed: int
    cpu: float
    """Percent of a core of the busiest process; not known of wrk."""


def ours(port: int, clients: int, seconds: int, workload: str, processes: int) -> Measured:
    """What our load measures."""
    command = [sys.executable, "-m", "engine", "load", "--url", f"http://127.0.0.1:{port}", "--workload", workload]
    command += ["--clients", str(clients), "--seconds", str(seconds + SETTLING), "--processes", str(processes)]
    told = subprocess.run(command, cwd=PROJECT, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout
    messages = [wire.decode(line) for line in told.splitlines()]
    begin = messages[0].time + SETTLING
    crowds = [message for message in messages if isinstance(message, wire.LoadStats) and message.time >= begin]
    first, last = crowds[0], crowds[-2]  # the very last is sent when all clients have left
    histogram = Histogram()
    for message in messages:
        if isinstance(message, wire.Latencies) and first.time <= message.begin and message.end <= last.time:
            histogram.add(Histogram.decode(message.histogram))
    p50, p99 = histogram.values_at((50, 99))
    return Measured(
        rate=(last.answered - first.answered) / (last.time - first.time),
        p50=p50 / 1000,
        p99=p99 / 1000,
        failed=last.failed,
        cpu=statistics.median(crowd.cpu for crowd in crowds),
    )


def theirs(port: int, clients: int, seconds: int, workload: str) -> Measured:
    """What wrk measures."""
    headers = ("Connection: close",) if workload == "visitors" else ()
    wrk(f"http://127.0.0.1:{port}/index.html", clients, 1, *headers)
    result = wrk(f"http://127.0.0.1:{port}/index.html", clients, seconds, *headers)
    return Measured(result.rate, result.p50, result.p99, result.errors, float("nan"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", nargs="+", choices=["steady", "visitors"], default=["steady", "visitors"])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * PAGE)
        for workload in options.workloads:
            rounds = [one_round(root, workload, options.clients, options.seconds) for _ in range(options.rounds)]
            print(f"\n{workload}, {options.clients} clients on epoll: medians of {options.rounds} rounds")
            print(f"  {'':<14}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}{'load %':>8}   of wrk")
            for name in rounds[0]:
                show(name, [each[name] for each in rounds], [each[name].rate / each["wrk"].rate for each in rounds])


def one_round(root: Path, workload: str, clients: int, seconds: int) -> dict[str, Measured]:
    """Each of them once, on an engine of its own."""
    measured = {}
    for name, processes in (("wrk", 0), ("1 process", 1), ("2 processes", 2)):
        with running(our_model("epoll"), root) as (port, _):
            if processes:
                measured[name] = ours(port, clients, seconds, workload, processes)
            else:
                measured[name] = theirs(port, clients, seconds, workload)
    return measured


def show(name: str, measured: list[Measured], ratios: list[float]) -> None:
    """Print the medians of one of them."""
    rate, p50, p99, failed, cpu = (
        statistics.median(getattr(each, field) for each in measured)
        for field in ("rate", "p50", "p99", "failed", "cpu")
    )
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    print(f"  {name:<14}{rate:>12,.0f}{p50:>9.2f}{p99:>9.2f}{failed:>8.0f}{cpu:>8.0f}   {ratio}", flush=True)


if __name__ == "__main__":
    main()
