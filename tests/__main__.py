"""`python3 -m tests [pytest's arguments]`: runs all tests without a display, also where there is only Python."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Runs pytest in the project's folder and returns its exit status."""
    sys.path.insert(0, str(ROOT))  # for `python3 some/where/tests`
    from gui import bootstrap

    os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM") or "offscreen"
    bootstrap.require_packages(bootstrap.TESTS, group="dev")
    bootstrap.require_qt()
    os.chdir(ROOT)
    import pytest

    return pytest.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
