"""`python3 -m tests [--all] [pytest's arguments]`: runs the tests without a display, also where there is only Python.

With `--all` also those that need long, which are marked `slow`. Tests that failed beside others run once more, one by
one: on a busy machine some waits are too short. The exit status is that of the second run, whose end says what it was.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALL = "--all"


def main() -> int:
    """Runs pytest in the project's folder and returns its exit status."""
    sys.path.insert(0, str(ROOT))  # for `python3 some/where/tests`
    from gui import bootstrap

    os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM") or "offscreen"
    bootstrap.require_packages(bootstrap.TESTS, group="dev")
    bootstrap.require_qt()
    os.chdir(ROOT)
    import pytest

    arguments = [argument for argument in sys.argv[1:] if argument != ALL]
    every = ("-m", "") if ALL in sys.argv else ()  # the last -m counts: pyproject's is before it, a given one behind
    status = pytest.main([*every, *arguments])
    if status != pytest.ExitCode.TESTS_FAILED or "-n" in arguments:
        return status
    print("Once more, one by one, what failed beside others:")
    return pytest.main([*every, *arguments, "-n", "0", "--last-failed", "--maxfail", "1"])


if __name__ == "__main__":
    sys.exit(main())
