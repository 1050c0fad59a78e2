"""The figures that a user asks for first, in one run: `python tests/benchmarks/overview.py`.

What each model makes of a kept crowd and of one that connects for each request, how fluent the window is under load
(with wrk, if it is installed), how long a switch takes, and how long the start.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import switch, window
from tests.benchmarks.servers import PROJECT

WORKLOADS = ("steady", "visitors")


def compare(workload: str, *options: str) -> None:
    """Print what all models make of it."""
    subprocess.run(
        [sys.executable, "-m", "engine", "compare", "--workload", workload, *options], cwd=PROJECT, check=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", default="3", help="for each model and round (default: %(default)s)")
    parser.add_argument("--rounds", default="3", help="(default: %(default)s)")
    options = parser.parse_args()
    for workload in WORKLOADS:
        compare(workload, "--seconds", options.seconds, "--repeat", options.rounds)
        print(flush=True)
    if shutil.which("wrk"):
        print("the window under load")
        window.main([])
    print("\na switch from one model to the next")
    switch.main(3)


if __name__ == "__main__":
    main()
