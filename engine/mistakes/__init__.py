"""The usual mistakes, as courses and forums have them: each is one file with one thing wrong, and a row of this table.

Owns the table, and how a mistake takes the place of what is right: that of a model's file, or of one function of the
server. Knows nothing of what follows from it. A mistake is never a default, and nothing asks for one by its name.
"""

import ast
import importlib
import importlib.util
import os
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

from engine.model import Model
from engine.persistence import AS_TAUGHT, KEPT, ONE_A_REQUEST
from engine.texts import QT_TRANSLATE_NOOP

FOLDER = Path(__file__).parent
SERVED = FOLDER / "served"
"""The folder made for mistakes that would serve any file: nothing outside of it is served."""
Place: TypeAlias = Literal["model", "application", "connection", "listener", "start"]


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake, as a row of the list."""

    key: str
    """Its name on the command line; with `_` for `-` the name of its file in this folder."""
    title: str
    sentence: str
    """What is wrong, and where to look."""
    place: Place
    """Where it is made."""
    model: str = ""
    """The key of the model whose file it takes the place of; empty: it can be made in every model."""
    replaces: str = ""
    """The function of the server that it takes the place of, as `module:Class.name`; empty: a model's file."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """The settings of a load that shows what follows, by name."""
    patches: bool = False
    """Whether its file replaces the standard library's blocking calls, later than the engine does."""
    own_port: bool = False
    """Whether it leaves its port unusable for a while, so that it must not have the usual one."""
    own_root: bool = False
    """Whether it serves a folder made for it, since it would serve others that nobody wants to have served."""

    @property
    def module(self) -> str:
        """The name of its module."""
        return f"{__name__}.{self.key.replace('-', '_')}"

    @property
    def file(self) -> str:
        """The path of its file."""
        return str(FOLDER / f"{self.key.replace('-', '_')}.py")

    def is_of(self, model: Model, *, fork: bool = hasattr(os, "fork")) -> bool:
        """Whether it can be made in `model`, which may fork or not: what takes the place of a file that forks does."""
        return not self.model or (model.key == self.model and (fork or not model.without_fork))

    def put_in_place(self, put: Callable[[Any, str, Any], None]) -> None:
        """Let its function take the place of the right one, if that is how it is made."""
        if self.replaces:
            module, _, name = self.replaces.partition(":")
            *owners, function = name.split(".")
            owner: Any = importlib.import_module(module)
            for each in owners:
                owner = getattr(owner, each)
            wrong = getattr(importlib.import_module(self.module), function)
            if self.own_root:
                from engine.apps.confined import confined  # only here: tables know no application

                wrong = confined(wrong, SERVED)
            put(owner, function, wrong)

    def wrong_text(self) -> str:
        """What is wrong: its file, or the function in it that takes the place of the right one."""
        text = Path(self.file).read_text(encoding="utf-8")
        return _function(text, self.replaces.rpartition(".")[2].rpartition(":")[2]) if self.replaces else text

    def right_text(self) -> str:
        """What is right in its place."""
        if not self.replaces:
            return (FOLDER.parent / "models" / f"{self.model}.py").read_text(encoding="utf-8")
        module, _, name = self.replaces.partition(":")
        found = importlib.util.find_spec(module)
        assert found
        assert found.origin
        return _function(Path(found.origin).read_text(encoding="utf-8"), name)


def _function(text: str, name: str) -> str:
    """The function, or with `Class.name` the method, as it stands in `text`, without indentation."""
    node: Any = ast.parse(text)
    for part in name.split("."):
        node = next(each for each in node.body if getattr(each, "name", "") == part)
    return textwrap.dedent("\n".join(text.split("\n")[node.lineno - 1 : node.end_lineno])) + "\n"


MISTAKES = {
    mistake.key: mistake
    for mistake in (
        Mistake(
            key="no-waitpid", place="model", model="process",
            title=QT_TRANSLATE_NOOP("settings", "no waitpid"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "Nobody waits for the children that have ended, so each stays as a zombie: look for SIGCHLD, which is"
                " not handled.",
            ),
            load={"workload": "visitors", "clients": 1, "rate": 5},
        ),
        Mistake(
            key="parent-keeps-socket", place="model", model="process",
            title=QT_TRANSLATE_NOOP("settings", "the parent keeps the socket"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "The parent does not close its copy of a client's socket, so a client that reads to the end, such as"
                " `nc`, waits until the next one is accepted: look below `fork`.",
            ),
            load={"workload": "visitors", "clients": 1, "rate": 1},
        ),
        Mistake(
            key="one-recv", place="model", model="thread",
            title=QT_TRANSLATE_NOOP("settings", "one recv is a request"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "What one `recv` returns is taken for a whole request, so one that comes in two parts is never"
                " answered: look at what follows `recv`.",
            ),
            load={"workload": "steady", "clients": 4, "slow": 4},
        ),
        Mistake(
            key="joinall", place="model", model="gevent",
            title=QT_TRANSLATE_NOOP("settings", "joinall in the accept loop"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "The loop waits for each greenlet before it accepts again, so clients are answered one after the other:"
                " look at the last line of `serve`.",
            ),
            load={"workload": "waiting-work", "clients": 8, "work_ms": 500, "connections": AS_TAUGHT},
        ),
        Mistake(
            key="patched-late", place="start", model="gevent", patches=True,
            title=QT_TRANSLATE_NOOP("settings", "patched too late"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "The listening socket was made before `patch_all`, so `accept` blocks the only thread and no greenlet"
                " ever runs: look at where it is called.",
            ),
            load={"workload": "steady", "clients": 8, "connections": AS_TAUGHT},
        ),
        Mistake(
            key="blocking-call", place="model", model="asyncio",
            title=QT_TRANSLATE_NOOP("settings", "a blocking call in a task"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "A task waits in a call that is not awaited, so one client that is slow to send stops all the others:"
                " look at the line with `recv`.",
            ),
            load={"workload": "steady", "clients": 4, "slow": 1},
        ),
        Mistake(
            key="removes-while-iterating", place="model", model="nonblocking",
            title=QT_TRANSLATE_NOOP("settings", "removes while iterating"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "A client is removed from the list that the loop goes through, so the one behind it is passed over:"
                " look at the second `for`.",
            ),
            load={"workload": "waiting-work", "clients": 6, "work_ms": 100},
        ),
        Mistake(
            key="drops-the-rest", place="model", model="keepalive",
            title=QT_TRANSLATE_NOOP("settings", "send without the rest"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "`send` takes only as much as there is room for, and the rest is thrown away: look at what is done with"
                " the number that it returns.",
            ),
            load={"workload": "large-files", "clients": 4, "connections": KEPT},
        ),
        Mistake(
            key="exception-ends-loop", place="model", model="keepalive",
            title=QT_TRANSLATE_NOOP("settings", "one exception ends the loop"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "An exception because of one client ends the loop, and with it the server for all: look at what"
                " `handle` does not catch.",
            ),
            load={"workload": "rude-clients", "clients": 8},
        ),
        Mistake(
            key="equals-epollin", place="model", model="epoll",
            title=QT_TRANSLATE_NOOP("settings", "event == EPOLLIN"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "Events are compared with `==`, but a client that resets sends three in one number, and is reported for"
                " ever: look at the `if` above `handle`.",
            ),
            load={"workload": "rude-clients", "clients": 8},
        ),
        Mistake(
            key="closes-first", place="model", model="epoll",
            title=QT_TRANSLATE_NOOP("settings", "closed before unregister"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "A socket that is closed has no descriptor any more and can't be unregistered, so the first client that"
                " leaves ends the server: look at the order of the two calls.",
            ),
            load={"workload": "visitors", "clients": 1, "connections": ONE_A_REQUEST},
        ),
        Mistake(
            key="reads-once", place="model", model="epollet",
            title=QT_TRANSLATE_NOOP("settings", "reads once"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "The kernel reports a change once, but only one `recv` follows it, so what is left is never read: look"
                " at what repeats in `handle`.",
            ),
            load={"workload": "rude-clients", "clients": 8},
        ),
        Mistake(
            key="no-content-length", place="connection", replaces="engine.web.response:Response.head",
            title=QT_TRANSLATE_NOOP("settings", "no Content-Length"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "On a connection that stays open nothing says where the response ends, so the client waits for more:"
                " look at the lines of the head.",
            ),
            load={"workload": "steady", "clients": 4, "connections": KEPT},
        ),
        Mistake(
            key="no-reuseaddr", place="listener", replaces="engine.net.listening:_bind", own_port=True,
            title=QT_TRANSLATE_NOOP("settings", "no SO_REUSEADDR"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "After a stop its closed connections keep the port for a minute, and no server can have it: look at"
                " what is not set before `bind`.",
            ),
            load={"workload": "visitors", "clients": 4, "connections": ONE_A_REQUEST},
        ),
        Mistake(
            key="leaves-root", place="application", replaces="engine.apps.static:Site._look_up", own_root=True,
            title=QT_TRANSLATE_NOOP("settings", ".. leaves the root"),
            sentence=QT_TRANSLATE_NOOP(
                "mistakes",
                "The path is put behind the root folder as the client wrote it, so `..` leads to any file: look at what"
                " is read. The link on its page shows it, in a folder made for that.",
            ),
            load={"workload": "steady", "clients": 1},
        ),
    )
}  # fmt: skip
"""In the order of the models that they are made in; those that can be made in each come last."""


def mistakes_of(model: Model) -> list[Mistake]:
    """The mistakes that can be made in `model` on this system."""
    return [mistake for mistake in MISTAKES.values() if mistake.is_of(model)]


def checked(model: Model, key: str, *, fork: bool) -> Mistake | None:
    """The mistake `key`, None if that is empty. Raises `ValueError` if it can't be made in `model`."""
    if not key:
        return None
    mistake = MISTAKES[key]
    if not mistake.is_of(model):
        known = ", ".join(each.key for each in mistakes_of(model))
        raise ValueError(
            f"--mistake {key} can't be made in {model.key}, but in {mistake.model}. Choose one of {known}."
        )
    if not mistake.is_of(model, fork=fork):
        raise ValueError(f"--mistake {key} can only be made where {model.key} forks.")
    return mistake


def load(model: Model, mistake: Mistake | None, *, fork: bool) -> ModuleType:
    """The module that serves: the one with the mistake if it takes the place of the model's own."""
    return importlib.import_module(mistake.module) if mistake and mistake.model else model.load(fork=fork)


def file(model: Model, mistake: Mistake | None, *, fork: bool) -> str:
    """The path of the file that `load` loads."""
    return mistake.file if mistake and mistake.model else model.file(fork=fork)


def listed(model: Model) -> list[dict[str, str]]:
    """The mistakes that can be made in `model`, for programs."""
    return [{"key": each.key, "sentence": each.sentence} for each in mistakes_of(model)]
