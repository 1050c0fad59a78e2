"""How near the spans are to what strace sees: `python tests/benchmarks/strace.py`.

For each model, over some rounds of clients (a quick one, a silent one, one that sends two halves, a slow reader, one
that resets): how many spans were compared, how many had no system call and how many calls no span, and by how many
microseconds a span begins before its call and ends after it. Some of that is strace's own doing: it stops the thread
before and after each call. Exits with 1 if something is without its other, or a p99 is over a millisecond.

With `--real-time` (as root) engine and strace go before all others, so that a busy machine is not measured with them.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.models import MODELS
from tests.engine.strace import refusal, witness

MOST = 1000.0
"""Microseconds that 99 spans of 100 may differ at most."""
REAL_TIME = ("chrt", "--rr", "1")
LARGE = 8 << 20


def differences(seconds: Iterable[float]) -> tuple[float, float, float]:
    """Median, p99 and the largest, in microseconds."""
    ordered = sorted(1e6 * abs(each) for each in seconds)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)], ordered[-1]


def measure(model: str, folder: Path, rounds: int, before: tuple[str, ...]) -> bool:
    """Whether the spans of one model agree, after its line is printed."""
    seen = witness(model, folder, folder.with_suffix(".trace"), "/page.html", "/large.bin", rounds, before)
    begins = differences(theirs.begin - ours.begin for ours, theirs in seen.pairs)
    ends = differences(ours.end - theirs.end for ours, theirs in seen.pairs)
    print(
        f"{model:<12}{len(seen.pairs):>8,}{len(seen.unseen):>8,}{len(seen.untold):>8,}  "
        + "".join(f"{each:>9,.0f}" for each in (*begins, *ends)),
        flush=True,
    )
    return not seen.unseen and not seen.untold and max(begins[1], ends[1]) <= MOST


def main() -> int:
    available = [model.key for model in MODELS.values() if model.available()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=available)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--real-time", action="store_true", help="schedule engine and strace before all others")
    options = parser.parse_args()
    if why := refusal():
        sys.exit(why)
    print(f"{'':<12}{'spans':>8}{'no call':>8}{'no span':>8}  {'begin: median, p99, max':>27}{'end (µs)':>27}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        folder.mkdir()
        (folder / "page.html").write_bytes(b"x" * 600)
        (folder / "large.bin").write_bytes(bytes(LARGE))
        before = REAL_TIME if options.real_time else ()
        agree = [measure(model, folder, options.rounds, before) for model in options.models]
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
