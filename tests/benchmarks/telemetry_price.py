"""What telemetry costs: each model with and without, in pairs: `python tests/benchmarks/telemetry_price.py`.

Needs wrk. Within a round every setting runs once, in turn; the ratio to `--telemetry off` is taken within the round.
Targets: counters cost at most 5 %, requests 15 %, spans 25 %. The stream is read and decoded by a process of its own
on the same processors, as a window does.

What it is spent on, in instructions of a thread's kept request (callgrind; 22,450 without telemetry): noting the call
that a worker is in took 13,500 when each moment was made a whole number, and 8,900 since only processes do that, whose
rows lie in shared memory. In pairs of `off` and `requests` on two noisy cores: threads 0.81, then 0.86 and 0.88 of the
rate; greenlets 0.84, then 0.91.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.models import MODELS
from tests.benchmarks.servers import cpu_seconds, our_model, running
from tests.benchmarks.wrk import wrk

SETTINGS = ("off", "counters", "sampled", "requests", "full")
"""`requests` tells every request, `full` spans as well."""


def measure(model: str, telemetry: str, root: Path, seconds: int) -> tuple[float, float]:
    """Requests a second, and microseconds of the engine's processor time for each."""
    with running(our_model(model, "--keep-alive", "--telemetry", telemetry), root) as (port, pid):
        url = f"http://127.0.0.1:{port}/index.html"
        wrk(url, 64, 1)
        before = cpu_seconds(pid)
        result = wrk(url, 64, seconds)
        return result.rate, (cpu_seconds(pid) - before) / max(result.requests, 1) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=["epoll", "gevent", "thread"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * 600)
        for model in options.models:
            rounds = [
                {setting: measure(model, setting, root, options.seconds) for setting in SETTINGS}
                for _ in range(options.rounds)
            ]
            print(f"\n{model}, 64 kept connections: medians of {options.rounds} rounds")
            for setting in SETTINGS:
                rate = statistics.median(each[setting][0] for each in rounds)
                cpu = statistics.median(each[setting][1] for each in rounds)
                ratios = [each[setting][0] / each["off"][0] for each in rounds]
                dearer = statistics.median(each[setting][1] / each["off"][1] for each in rounds)
                print(
                    f"  {setting:<9}{rate:>9,.0f} requests/s {cpu:>7.1f} µs a request   "
                    f"{statistics.median(ratios):.2f} of off ({min(ratios):.2f}–{max(ratios):.2f})"
                    f"   {dearer:.2f} of its time",
                    flush=True,
                )


if __name__ == "__main__":
    main()
