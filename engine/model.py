"""What a concurrency model is: a row of traits, the settings that it owns, and the file that serves.

A model's module is imported only by `load`, so that a system without epoll can still list it.
"""

import importlib.util
import math
import os
import sys
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from engine.setting import Setting
from engine.shortage import MOST_SPAWNED
from engine.texts import QT_TRANSLATE_NOOP
from engine.traits import Accepts, Serves, Traits, Waits, Worker

FOLDER = "engine.models"
"""The package that has the files of the syllabus."""
START_METHODS = ("fork", "spawn") if hasattr(os, "fork") else ("spawn",)
START_METHOD = Setting(
    "start_method", str, START_METHODS[0], QT_TRANSLATE_NOOP("settings", "How a process is made for each client"),
    choices=START_METHODS, title=QT_TRANSLATE_NOOP("settings", "Start method"), condition=True, by_engine=True,
    condition_texts={"fork": "", "spawn": QT_TRANSLATE_NOOP("settings", "spawned")},
    texts={
        "fork": QT_TRANSLATE_NOOP("settings", "fork: a copy of the server"),
        "spawn": QT_TRANSLATE_NOOP("settings", "spawn: a new interpreter"),
    },
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Model:
    """One concurrency model, as a row of the list."""

    key: str
    """Its name on the command line, and the name of its file in this folder."""
    title: str
    idea: str
    """One line on how it serves many clients."""
    in_the_wild: str = ""
    """Servers that work so, the best known first, with commas between them; empty: none."""
    family: str
    """The heading under which it is listed."""
    worker: Worker
    waits: Waits
    serves: Serves
    accepts: Accepts
    """These four: see `Traits`."""
    hands_over: bool = False
    """See `Traits` too."""
    keep_alive: bool
    """Whether connections stay open after a reply by default."""
    keep_alive_in_file: bool = False
    """Whether keep-alive is the subject of the model's file, so that it can't be set."""
    icon: str
    """The name of its picture in `assets/icons`."""
    colour: str
    """`#rrggbb`. Workers of another kind, or that wait elsewhere, have another colour, also for colour-blind eyes;
    models that share both have another shade."""
    needs: str = ""
    """The name in Python's `os` or `select` that a system must have, as `select.epoll`; empty if none."""
    systems: str = ""
    """Those systems, as a text."""
    patched: bool = False
    """Whether gevent replaces the standard library's blocking calls before anything else is imported."""
    without_fork: str = ""
    """The name of the file that does the same without forking; empty if none is needed."""
    greets: bool = False
    """Whether a client that does not speak HTTP is greeted rather than refused."""
    settings: tuple[Setting, ...] = ()
    """The settings that this model owns, alone or with others: on command lines, in the dialog, passed to `serve`."""
    path: str = ""
    """The path of its file, if that is the user's; empty: it is in this folder, and named as the key."""
    like: str = ""
    """The key of the model that the user's file says it is like; empty: it does not say."""

    def __post_init__(self) -> None:
        for name, allowed in (("worker", Worker), ("waits", Waits), ("serves", Serves), ("accepts", Accepts)):
            if getattr(self, name) not in get_args(allowed)[1:]:
                values = ", ".join(get_args(allowed)[1:])
                raise ValueError(f"{self.key}: {name} is {getattr(self, name)!r}; choose one of {values}")

    @property
    def in_file(self) -> dict[str, Any]:
        """The settings that the model's file decides, by name, with the value that it decides for."""
        return {"keep_alive": self.keep_alive} if self.keep_alive_in_file else {}

    @property
    def traits(self) -> Traits:
        """Its traits."""
        return Traits(self.worker, self.waits, self.serves, self.accepts, self.hands_over)

    def available(self) -> bool:
        """Whether this system can run it."""
        module, _, name = self.needs.partition(".")
        return not name or hasattr(importlib.import_module(module), name)

    def most_clients(self, start_method: str) -> float:
        """How many clients at once it can serve at the very most, if its processes are made so."""
        return MOST_SPAWNED if START_METHOD in self.settings and start_method == "spawn" else math.inf

    def load(self, *, fork: bool) -> ModuleType:
        """The model's module: `serve(listener, new_exchange, **own settings)`; `fork`: whether it may fork."""
        if self.path:
            return load_file(self.path)
        return importlib.import_module(self._module(fork=fork))

    def file(self, *, fork: bool) -> str:
        """The path of the file that `load` loads."""
        if self.path:
            return self.path
        found = importlib.util.find_spec(self._module(fork=fork))
        return str(found.origin) if found else ""

    def _module(self, *, fork: bool) -> str:
        return f"{FOLDER}.{self.key if fork else self.without_fork or self.key}"


class _AsSaved(SourceFileLoader):
    """Reads and writes no bytecode: the file may be saved twice in a second, which bytecode does not distinguish."""

    def path_stats(self, path: str) -> Any:
        raise OSError


def load_file(path: str) -> ModuleType:
    """The module in the file; its folder is not searched for others, and its name is nobody else's."""
    name = f"servescope_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, path, loader=_AsSaved(name, path))
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be imported", path=path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
