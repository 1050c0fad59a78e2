"""Other systems on this one: the environment of a child that finds only what Windows, or macOS, has.

`sitecustomize.py` in this folder is what every interpreter reads at its start that has the folder on its path.
"""

import os
from importlib.util import find_spec
from pathlib import Path

from tests.other_systems.sitecustomize import FREE_MEMORY, SYSTEM

WINDOWS, MACOS = "windows", "macos"
SYSTEMS = (WINDOWS, MACOS)


def variables(system: str, free_memory: int | None = None) -> dict[str, str]:
    """What a child of `system` needs in its environment; `free_memory`: bytes that its machine has left."""
    before = os.environ.get("PYTHONPATH")
    given = {
        SYSTEM: system,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *([before] if before else [])]),
    }
    if free_memory is not None:
        given[FREE_MEMORY] = str(free_memory)
    if find_spec("cffi") is not None:  # gevent's own on Windows; on macOS it may be either
        given["GEVENT_LOOP"] = "libuv-cffi"
    return given
