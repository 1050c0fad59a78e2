"""Where in the program's own code a call stands: the rule of `engine.net.place`, in a guest's process.

Owns how that file is found: it lies beside this package, whatever the program's path is.
"""

from __future__ import annotations

import os
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from . import layout
from .process import Process

_RULE = Path(__file__).parents[3] / "net" / "place.py"


def places(process: Process, folders: str, file: str) -> Any:
    """The files and lines below `folders`, a list as PATH is; `file` has the number 0. New ones are reported."""
    spec = spec_from_file_location("servescope_inside.rule", _RULE)
    assert spec
    assert spec.loader
    rule = module_from_spec(spec)
    spec.loader.exec_module(rule)

    def report(number: int, path: str) -> None:
        process.put(layout.FILE_ROW, 0, process.pid, file=number, data=os.fsencode(path)[: layout.COPIED])

    found = [Path(folder) for folder in folders.split(os.pathsep) if folder]
    return rule.Places(Path(file) if file else Path(), found, report, found)
