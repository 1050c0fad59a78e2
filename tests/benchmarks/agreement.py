"""Our load and wrk measure the same: `python tests/benchmarks/agreement.py`.

Needs wrk. At equal load below saturation: a page that waits, and so few clients that none waits for another, so that
what is measured is the server's and not the client's. In a round each case is measured by wrk and by ours, as the
scoreboard does, on an engine each and at the same time, so that whatever else the machine does, both meet it. Medians
of the rounds are shown, ours as a ratio to wrk in the same round. The exit status is 1 if the median ratio of the
requests/s is further than 10 % from 1, or that of the p50 or the p99 further than 20 %; `!` marks it.
"""

import argparse
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.lab.runs import Plan, measure
from engine.load.wire import Change
from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.persistence import AS_TAUGHT
from tests.benchmarks.servers import our_model, running
from tests.benchmarks.wrk import wrk

LIMITS = {"requests/s": 0.10, "p50": 0.20, "p99": 0.20}
"""How far from 1 the ratio of each may be."""
WORKLOAD = "waiting-work"
CONNECTIONS = {"kept": True, "short": False}
"""Whether the server keeps a connection after its reply."""
CLIENTS = 4
"""Of models with a worker for each; a loop serves one at a time, and has one."""


@dataclass(frozen=True)
class Case:
    """One model, and how it treats connections."""

    model: str
    connections: str

    @property
    def clients(self) -> int:
        """So few that none waits for another."""
        return 1 if MODELS[self.model].worker == "loop" else CLIENTS


Figures = dict[str, float]
"""What was measured, by the names of `LIMITS`; latencies in milliseconds."""


def ours(case: Case, root: Path, work_ms: int, seconds: int) -> Figures:
    """What the scoreboard says."""
    change = Change(WORKLOAD, case.clients, slow=0, rate=0.0, work_ms=work_ms, connections=AS_TAUGHT)
    row = measure(case.model, Plan(change, seconds, {"keep_alive": CONNECTIONS[case.connections], "root": root})).row
    if row.failed:
        raise RuntimeError(f"{row.failed} requests of ours to {case.model} failed")
    return {"requests/s": row.requests_per_second, "p50": row.p50 * 1000, "p99": row.p99 * 1000}


def theirs(case: Case, root: Path, work_ms: int, seconds: int) -> Figures:
    """What wrk says."""
    kept = "--keep-alive" if CONNECTIONS[case.connections] else "--short"
    with running(our_model(case.model, kept, "--work-pages", "--telemetry", "counters"), root) as (port, _):
        url = f"http://127.0.0.1:{port}{WORKLOADS[WORKLOAD].path.format(ms=work_ms)}"
        wrk(url, case.clients, 1)
        result = wrk(url, case.clients, seconds)
    if result.errors:
        raise RuntimeError(f"{result.errors} requests of wrk to {case.model} failed")
    return {"requests/s": result.rate, "p50": result.p50, "p99": result.p99}


def one_round(case: Case, root: Path, work_ms: int, seconds: int) -> tuple[Figures, Figures]:
    """What wrk and ours say of the same seconds."""
    with ThreadPoolExecutor(2) as pool:
        its, mine = (pool.submit(each, case, root, work_ms, seconds) for each in (theirs, ours))
        return its.result(), mine.result()


def show(case: Case, rounds: list[tuple[Figures, Figures]]) -> bool:
    """Prints the medians of a case; returns whether all are within their limits."""
    cells = []
    agree = True
    for name, limit in LIMITS.items():
        its, mine = (statistics.median(figures[name] for figures in each) for each in zip(*rounds, strict=True))
        ratios = [own[name] / wrks[name] for wrks, own in rounds]
        within = abs(statistics.median(ratios) - 1) <= limit
        agree = agree and within
        ratio = f"{statistics.median(ratios):.2f}{' ' if within else '!'}({min(ratios):.2f}–{max(ratios):.2f})"
        cells.append(f"{its:>9.1f}{mine:>9.1f}  {ratio:<17}")
    print(f"{case.model:<12}{case.connections:<6}{case.clients:>2}", *cells, flush=True)
    return agree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    available = [model.key for model in MODELS.values() if model.available()]
    parser.add_argument("--models", nargs="+", choices=available, default=available)
    parser.add_argument("--connections", nargs="+", choices=CONNECTIONS, default=list(CONNECTIONS))
    parser.add_argument("--work-ms", type=int, default=100, help="how long the page waits (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    options = parser.parse_args()
    cases = [Case(model, connections) for connections in options.connections for model in options.models]
    measured: dict[Case, list[tuple[Figures, Figures]]] = {case: [] for case in cases}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for case in cases:
                measured[case].append(one_round(case, Path(folder), options.work_ms, options.seconds))
    print(f"{'':<20}", *(f"{'wrk':>9}{'ours':>9}  {name:<17}" for name in LIMITS))
    agree = [show(case, rounds) for case, rounds in measured.items()]
    limits = ", ".join(f"{name} within {limit:.0%}" for name, limit in LIMITS.items())
    print(f"{agree.count(True)} of {len(agree)} agree: {limits}, medians of {options.rounds} rounds")
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
