"""The syllabus: the table of concurrency models, in teaching order.

The table is data. A model's module is imported only by `load`, so that a system without epoll can still list it.
"""

import importlib
import os
from dataclasses import dataclass, field
from types import ModuleType

from engine.setting import Setting
from engine.texts import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Model:
    """One concurrency model, as a person sees it in a list."""

    key: str
    """What it is called on the command line, and the name of its file in this folder."""
    title: str
    idea: str
    """One line that says how it serves many clients."""
    worker: str
    """What serves a client: `process`, `thread`, `greenlet` or `loop` (one thread for everybody)."""
    keep_alive: bool
    """Whether connections stay open after a reply, unless told otherwise."""
    keep_alive_in_file: bool = field(default=False, kw_only=True)
    """Whether that is what the model's file is about, so that it can't be set."""
    colour: str
    """`#rrggbb`, of a set that colour-blind eyes tell apart (Okabe and Ito, 2008)."""
    needs: str = ""
    """The name in Python's `os` or `select` that a system must have, as `select.epoll`; empty if none."""
    systems: str = ""
    """Where that is, in words."""
    patched: bool = False
    """Whether gevent replaces the standard library's blocking calls before anything else is imported."""
    without_fork: str = ""
    """The name of the file that does the same where the system can't fork, or shall not; empty if none is needed."""
    greets: bool = False
    """Whether a client that does not speak HTTP is greeted rather than refused."""
    settings: tuple[Setting, ...] = ()
    """Those that only this model has, or it and others: they are on command lines and in the dialog, and passed to
    `serve` by name."""

    def available(self) -> bool:
        """Whether this system can run it."""
        module, _, name = self.needs.partition(".")
        return not name or hasattr(importlib.import_module(module), name)

    def load(self, *, fork: bool) -> ModuleType:
        """The model's module: `serve(listener, new_exchange, **own settings)`; `fork`: it may fork if it wants to."""
        return importlib.import_module(f"{__name__}.{self.key if fork else self.without_fork or self.key}")


START_METHODS = ("fork", "spawn") if hasattr(os, "fork") else ("spawn",)
START_METHOD = Setting(
    "start_method", str, START_METHODS[0], QT_TRANSLATE_NOOP("settings", "How a process is made for each client"),
    choices=START_METHODS, title=QT_TRANSLATE_NOOP("settings", "Start method"), condition=True, by_engine=True,
    said={"fork": "", "spawn": QT_TRANSLATE_NOOP("settings", "spawned")},
    texts={
        "fork": QT_TRANSLATE_NOOP("settings", "fork: a copy of the server"),
        "spawn": QT_TRANSLATE_NOOP("settings", "spawn: a new interpreter"),
    },
)  # fmt: skip
ALL_CORES = Setting(
    "all_cores", bool, False,
    QT_TRANSLATE_NOOP("settings", "Run on every core: slower, as threads hand one lock from core to core"),
    title=QT_TRANSLATE_NOOP("settings", "All cores"), condition=True, by_engine=True,
    said={True: QT_TRANSLATE_NOOP("settings", "on all cores"), False: ""},
)  # fmt: skip

MODELS = {
    model.key: model
    for model in (
        Model("process", "Processes", "one process per connection", "process", False, "#D55E00",
              without_fork="spawn", settings=(START_METHOD,)),
        Model("thread", "Threads", "one thread per connection", "thread", False, "#0072B2", settings=(ALL_CORES,)),
        Model("gevent", "Greenlets", "one gevent greenlet per connection", "greenlet", False, "#009E73",
              patched=True),
        Model("nonblocking", "Non-blocking", "one thread asks every socket, again and again", "loop", False,
              "#CC79A7", greets=True, keep_alive_in_file=True),
        Model("keepalive", "Non-blocking + keep-alive", "the same loop, connections stay open", "loop", True,
              "#E69F00", keep_alive_in_file=True),
        Model("epoll", "epoll", "one thread; the kernel says who is ready", "loop", True, "#56B4E9",
              needs="select.epoll", systems="Linux"),
    )
}  # fmt: skip


def worker_name(model: str, number: int) -> str:
    """What a worker of `model` is called, as in `thread 7`, `loop` or `process 4312`."""
    kind = MODELS[model].worker
    if number:
        return f"{kind} {number}"
    return "loop" if kind == "loop" else "acceptor"
