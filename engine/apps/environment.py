"""The packages of an environment that is not ours: found by its interpreter, added where they can be used.

Owns which environments fit this Python, and which packages both have. Knows nothing of applications.
"""

import json
import os
import site
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.apps.errors import ApplicationError

TIMEOUT = 20.0
"""Seconds that an interpreter may take to say where its packages are."""
_ASK = (
    "import json, site, sys, sysconfig\n"
    "users = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []\n"
    "print(json.dumps({'version': '%d.%d' % sys.version_info[:2], 'abi': sysconfig.get_config_var('SOABI'),\n"
    "                  'prefix': sys.prefix, 'folders': site.getsitepackages() + users}))\n"
)


@dataclass(frozen=True)
class Environment:
    """An environment of this Python's version."""

    python: str
    """The path of its interpreter."""
    prefix: str
    folders: tuple[str, ...]
    """Where its packages are."""

    def add(self) -> None:
        """Let its packages be imported, those that this program has itself left as they are."""
        for folder in self.folders:
            site.addsitedir(folder)

    def clashes(self) -> list[str]:
        """The packages that this program has in another version, each with both versions; ours are used."""
        ours, theirs = _versions(site.getsitepackages()), _versions(list(self.folders))
        return [
            f"{name} {ours[name]} (not {version})"
            for name, version in sorted(theirs.items())
            if ours.get(name, version) != version
        ]


def chosen_environment(python: str | None) -> Environment | None:
    """The environment of the interpreter or in the folder `python`, or the activated one; None: ours is all there is.

    Raises `ApplicationError`.
    """
    place = python or os.environ.get("VIRTUAL_ENV", "")
    if not place or (os.path.isdir(place) and os.path.realpath(place) == os.path.realpath(sys.prefix)):
        return None
    interpreter = next((path for path in _interpreters(Path(place)) if path.is_file()), None)
    if interpreter is None:
        raise ApplicationError("environment-missing", place=place)
    found = _asked(str(interpreter))
    if os.path.realpath(found["prefix"]) == os.path.realpath(sys.prefix):
        return None
    ours = "{}.{}".format(*sys.version_info[:2])
    if (found["version"], found["abi"]) != (ours, _abi()):
        raise ApplicationError("environment-version", place=place, version=found["version"], ours=ours)
    return Environment(str(interpreter), found["prefix"], tuple(filter(os.path.isdir, found["folders"])))


def _interpreters(place: Path) -> Iterator[Path]:
    """Where the interpreter may be: at `place` itself, or in an environment's folder."""
    yield place
    yield place / "bin" / "python"
    yield place / "bin" / "python3"
    yield place / "Scripts" / "python.exe"
    yield place / "python.exe"


def _asked(interpreter: str) -> dict[str, str]:
    """What an interpreter says of itself."""
    try:
        answer = subprocess.run(
            [interpreter, "-E", "-s", "-c", _ASK], capture_output=True, check=True, timeout=TIMEOUT, cwd=os.sep
        )
        found: dict[str, str] = json.loads(answer.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise ApplicationError("environment-unusable", place=interpreter, reason=str(error)) from error
    return found


def _abi() -> str | None:
    import sysconfig  # only here: it is slow to import

    abi: str | None = sysconfig.get_config_var("SOABI")
    return abi


def _versions(folders: list[str]) -> dict[str, str]:
    """The version of each package in `folders`."""
    from importlib.metadata import distributions  # as above

    return {found.metadata["Name"]: found.version for found in distributions(path=folders)}
