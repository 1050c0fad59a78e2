"""The window on a system that has only what Windows, or macOS, has: it starts, switches and ends what it runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.other_systems import variables

ELSEWHERE = Path(__file__).with_name("elsewhere.py")
PATIENCE = 55.0
STARTS_ANOTHER = """#!/bin/sh
"{python}" "$@"
"""
"""As python.exe of a virtual environment on Windows: a program that starts the real one and waits for it."""
MIB = 1024 * 1024


@pytest.mark.parametrize("system", ["windows", pytest.param("macos", marks=pytest.mark.slow)])
def test_the_window_runs_models_there(system: str, tmp_path: Path) -> None:
    launcher = tmp_path / "python"
    launcher.write_text(STARTS_ANOTHER.format(python=sys.executable))
    launcher.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, str(ELSEWHERE), str(tmp_path), "thread", str(launcher), "keepalive"],
        env={**os.environ, **variables(system)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (ran.returncode, ran.stderr.replace("This plugin does not support propagateSizeHints()\n", "")) == (0, "")
    seen = json.loads(ran.stdout)
    assert set(seen) == {"thread", "keepalive"}
    for row in seen.values():
        assert row["is_started_by_another"]
        assert (row["failed"], row["processes"]) == (0, 1)
        assert row["memory"] is None or row["memory"] > 5 * MIB
