"""Which systems and Pythons can install all that is pinned from wheels alone: asks the package index, prints a table.

By hand, `python tests/wheels.py`: the bounds `OLDEST_PYTHON` and `NEWEST_PYTHON` in gui/bootstrap.py follow from it.
Needs the packages of the tests, and pip. Asks the index that pip is set up for, and downloads no wheel.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15", "3.16")


@dataclass(frozen=True)
class System:
    """The tags of wheels that fit, and what environment markers ask for."""

    tags: Sequence[str]
    sys_platform: str
    platform_system: str
    os_name: str
    platform_machine: str


def linux(machine: str, glibc: int) -> System:
    """A Linux with glibc 2.`glibc`."""
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(glibc, 4, -1)]
    return System([*tags, f"manylinux2014_{machine}"], "linux", "Linux", "posix", machine)


def macos(machine: str, release: int) -> System:
    """A macOS from `release` on."""
    return System([f"macosx_{release}_0_{machine}"], "darwin", "Darwin", "posix", machine)


SYSTEMS = {
    "Linux x86_64, glibc 2.34": linux("x86_64", 34),
    "Linux aarch64, glibc 2.36": linux("aarch64", 36),
    "Linux aarch64, glibc 2.39": linux("aarch64", 39),
    "Windows x64": System(["win_amd64"], "win32", "Windows", "nt", "AMD64"),
    "Windows ARM": System(["win_arm64"], "win32", "Windows", "nt", "ARM64"),
    "macOS 13 Intel": macos("x86_64", 13),
    "macOS 14 Intel": macos("x86_64", 14),
    "macOS 13 ARM": macos("arm64", 13),
    "macOS 14 ARM": macos("arm64", 14),
}


def lacking(system: str, python: str, pins: list[str]) -> list[str]:
    """The requirements, of `pins` and of what they need, that have no wheel there."""
    environment = {
        **{name: value for name, value in vars(SYSTEMS[system]).items() if name != "tags"},
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    wanted, seen, missing = [*map(Requirement, pins)], set[str](), list[str]()
    while wanted:
        fitting = [each for each in wanted if each.marker is None or each.marker.evaluate(environment)]
        new = {f"{each.name}{each.specifier}": each for each in fitting if canonicalize_name(each.name) not in seen}
        seen |= {canonicalize_name(each.name) for each in new.values()}
        needed, without = found(list(new), SYSTEMS[system].tags, python)
        missing += without
        wanted = [Requirement(text) for text in needed]
    return missing


def found(requirements: list[str], tags: Sequence[str], python: str) -> tuple[list[str], list[str]]:
    """What the wheels of `requirements` need in their turn, and which of these have no wheel."""
    if not requirements:
        return [], []
    platforms = [word for tag in tags for word in ("--platform", tag)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--ignore-installed"),
                *("--only-binary", ":all:", "--target", folder, "--python-version", python, *platforms),
                "--ignore-requires-python",  # pip compares with the Python that it runs on; see below
                *("--report", "-", *requirements),
            ],
            capture_output=True,
            text=True,
        )
    if done.returncode == 0:
        wheels = json.loads(done.stdout)["install"]
        metadata = [wheel["metadata"] for wheel in wheels]
        refused = [
            f"{each['name']}=={each['version']}"
            for each in metadata
            if not SpecifierSet(each.get("requires_python", "")).contains(f"{python}.0")
        ]
        return [need for each in metadata for need in each.get("requires_dist", ())], refused
    if "No matching distribution" not in done.stderr:
        sys.exit(done.stderr)
    if len(requirements) == 1:
        return [], requirements
    answers = [found([each], tags, python) for each in requirements]
    return [need for needs, _ in answers for need in needs], [each for _, without in answers for each in without]


def main() -> None:
    """Prints a line for each system: for each Python `yes`, or what has no wheel."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    pins = sys.argv[1:] or project["project"]["dependencies"]  # or those given, to try others
    pairs = [(system, python) for system in SYSTEMS for python in PYTHONS]
    with ThreadPoolExecutor(4) as asking:
        answers = dict(zip(pairs, asking.map(lambda pair: lacking(*pair, pins), pairs), strict=True))
    print(f"{'':26}", *(f"{python:5}" for python in PYTHONS))
    for system in SYSTEMS:
        print(f"{system:26}", *(f"{'–' if answers[system, python] else 'yes':5}" for python in PYTHONS))
    print()
    for (system, python), without in answers.items():
        if without:
            print(f"{system}, Python {python}: no wheel of {', '.join(without)}")


if __name__ == "__main__":
    main()
