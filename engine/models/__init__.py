"""The syllabus: the table of concurrency models, in the order in which they are read.

The table is data: whatever differs from model to model is a trait of its row, and nothing asks for a model's name. A
model's module is imported only by `load`, so that a system without epoll can still list it.
"""

import importlib.util
import math
import os
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args

from engine import mistakes
from engine.setting import Setting
from engine.shortage import MOST_SPAWNED
from engine.texts import QT_TRANSLATE_NOOP, translate
from engine.traits import Accepts, Serves, Traits, Waits, Worker

WORKER_EACH = QT_TRANSLATE_NOOP("models", "A worker for each client")
ONE_BY_ONE = QT_TRANSLATE_NOOP("models", "One after the other")
POOL = QT_TRANSLATE_NOOP("models", "A pool of workers")
ONE_LOOP = QT_TRANSLATE_NOOP("models", "One loop for all clients")


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
            from engine.own_model import load_file  # only here: the table does not need it

            return load_file(self.path)
        return importlib.import_module(self._module(fork=fork))

    def file(self, *, fork: bool) -> str:
        """The path of the file that `load` loads."""
        if self.path:
            return self.path
        found = importlib.util.find_spec(self._module(fork=fork))
        return str(found.origin) if found else ""

    def _module(self, *, fork: bool) -> str:
        return f"{__name__}.{self.key if fork else self.without_fork or self.key}"


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
ALL_CORES = Setting(
    "all_cores", bool, False,
    QT_TRANSLATE_NOOP("settings", "Run on every core: slower, as threads hand one lock from core to core"),
    title=QT_TRANSLATE_NOOP("settings", "All cores"), condition=True, by_engine=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "on all cores"), False: ""},
)  # fmt: skip

TO_THREAD = Setting(
    "to_thread", bool, False,
    QT_TRANSLATE_NOOP("settings", "Call the application in a thread of a pool, so that it does not stop the loop"),
    title=QT_TRANSLATE_NOOP("settings", "In a thread"), condition=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "in a thread"), False: ""},
)  # fmt: skip

REUSEPORT = Setting(
    "reuseport", bool, False,
    QT_TRANSLATE_NOOP("settings", "Each process listens with a socket and a queue of its own (SO_REUSEPORT)"),
    title=QT_TRANSLATE_NOOP("settings", "A socket each"), condition=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "a socket each"), False: ""},
)  # fmt: skip
WORKERS = Setting(
    "workers", int, 4, QT_TRANSLATE_NOOP("settings", "How many processes serve clients"), least=1, most=64,
    metavar="N", title=QT_TRANSLATE_NOOP("settings", "Processes"), condition=True,
    condition_texts={None: translate("settings", "%Ln process(es)", "", -1)},
)  # fmt: skip
THREADS = Setting(
    "threads", int, 8, QT_TRANSLATE_NOOP("settings", "How many threads the pool has"), least=1, most=256,
    metavar="N", title=QT_TRANSLATE_NOOP("settings", "Threads"), condition=True,
    condition_texts={None: translate("settings", "%Ln thread(s)", "", -1)},
)  # fmt: skip
QUEUE_LENGTH = Setting(
    "queue_length", int, 64,
    QT_TRANSLATE_NOOP("settings", "How many accepted connections may wait for a thread of the pool"),
    least=1, most=10_000, metavar="N", title=QT_TRANSLATE_NOOP("settings", "Queue"), condition=True,
    condition_texts={None: QT_TRANSLATE_NOOP("settings", "a queue of {n}")},
)  # fmt: skip

MODELS = {
    model.key: model
    for model in (
        Model(
            key="iterative", title=QT_TRANSLATE_NOOP("models", "Iterative"),
            idea=QT_TRANSLATE_NOOP("models", "one client at a time; the others wait in the kernel's queue"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "http.server, wsgiref"),
            family=ONE_BY_ONE, worker="loop", waits="call", serves="many", accepts="first", keep_alive=False,
            icon="list-ordered", colour="#55555C",
        ),
        Model(
            key="process", title=QT_TRANSLATE_NOOP("models", "Processes"),
            idea=QT_TRANSLATE_NOOP("models", "one process per connection"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "PostgreSQL, inetd"),
            family=WORKER_EACH,
            worker="process", waits="call", serves="one", accepts="first", keep_alive=False,
            icon="git-fork", colour="#BE4000", without_fork="spawn", settings=(START_METHOD,),
        ),
        Model(
            key="thread", title=QT_TRANSLATE_NOOP("models", "Threads"),
            idea=QT_TRANSLATE_NOOP("models", "one thread per connection"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "Flask's server, Django's runserver, ThreadingHTTPServer"),
            family=WORKER_EACH,
            worker="thread", waits="call", serves="one", accepts="first", keep_alive=False,
            icon="columns-3", colour="#2351A8", settings=(ALL_CORES,),
        ),
        Model(
            key="gevent", title=QT_TRANSLATE_NOOP("models", "Greenlets"),
            idea=QT_TRANSLATE_NOOP("models", "one gevent greenlet per connection"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "gunicorn gevent, gevent.pywsgi"),
            family=WORKER_EACH,
            worker="greenlet", waits="call", serves="one", accepts="first", keep_alive=False,
            icon="waves-horizontal", colour="#007E48", patched=True,
        ),
        Model(
            key="asyncio", title=QT_TRANSLATE_NOOP("models", "asyncio"),
            idea=QT_TRANSLATE_NOOP("models", "one task per connection, with await where it waits"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "uvicorn, hypercorn, aiohttp"),
            family=WORKER_EACH,
            worker="task", waits="poller", serves="one", accepts="first", keep_alive=True,
            icon="list-todo", colour="#6863FF", settings=(TO_THREAD,),
        ),
        Model(
            key="prefork", title=QT_TRANSLATE_NOOP("models", "Preforked processes"),
            idea=QT_TRANSLATE_NOOP("models", "some processes, made at the start; all accept from one socket"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "gunicorn sync (its default), uWSGI, Apache's prefork"),
            family=POOL, worker="process", waits="call", serves="many", accepts="each", keep_alive=False,
            icon="boxes", colour="#723D0E", needs="os.fork", systems=QT_TRANSLATE_NOOP("models", "Linux and macOS"),
            settings=(WORKERS, REUSEPORT),
        ),
        Model(
            key="threadpool", title=QT_TRANSLATE_NOOP("models", "Thread pool"),
            idea=QT_TRANSLATE_NOOP("models", "some threads take clients from one queue"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "gunicorn gthread, cheroot, Puma"),
            family=POOL, worker="thread", waits="call", serves="many", accepts="first", keep_alive=False,
            icon="layers", colour="#53598F", settings=(THREADS, QUEUE_LENGTH, ALL_CORES),
        ),
        Model(
            key="nonblocking", title=QT_TRANSLATE_NOOP("models", "Non-blocking"),
            idea=QT_TRANSLATE_NOOP("models", "one thread asks every socket, again and again"),
            family=ONE_LOOP, worker="loop", waits="never", serves="many", accepts="first", keep_alive=False,
            icon="refresh-cw", colour="#FF7D97", greets=True, keep_alive_in_file=True,
        ),
        Model(
            key="keepalive", title=QT_TRANSLATE_NOOP("models", "Non-blocking + keep-alive"),
            idea=QT_TRANSLATE_NOOP("models", "the same loop, connections stay open"),
            family=ONE_LOOP, worker="loop", waits="never", serves="many", accepts="first", keep_alive=True,
            icon="infinity", colour="#BE9F36", keep_alive_in_file=True,
        ),
        Model(
            key="select", title=QT_TRANSLATE_NOOP("models", "select"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the kernel looks at a list of all sockets"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "asyncore"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="list-filter", colour="#469BB7",
        ),
        Model(
            key="poll", title=QT_TRANSLATE_NOOP("models", "poll"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the same with any number of sockets"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "asyncore with use_poll"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="hand", colour="#16465E", needs="select.poll",
            systems=QT_TRANSLATE_NOOP("models", "Linux and macOS"),
        ),
        Model(
            key="epoll", title=QT_TRANSLATE_NOOP("models", "epoll"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the kernel says which are ready"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "node, Redis, lighttpd"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="bell-ring", colour="#27B0F9", needs="select.epoll", systems=QT_TRANSLATE_NOOP("models", "Linux"),
        ),
        Model(
            key="epollet", title=QT_TRANSLATE_NOOP("models", "epoll, edge-triggered"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the kernel says once what has changed"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "nginx"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="zap", colour="#78AEC6", needs="select.epoll", systems=QT_TRANSLATE_NOOP("models", "Linux"),
        ),
        Model(
            key="reactor", title=QT_TRANSLATE_NOOP("models", "Reactor + pool"),
            idea=QT_TRANSLATE_NOOP("models", "one loop reads and writes, some threads call the application"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "waitress"),
            family=ONE_LOOP, worker="loop", waits="poller", serves="many", accepts="first", hands_over=True,
            keep_alive=True, icon="atom", colour="#5B819D", settings=(THREADS, ALL_CORES),
        ),
    )
}  # fmt: skip

FIRST = next(
    key
    for key, model in MODELS.items()
    if model.serves == "one" and (START_METHOD not in model.settings or START_METHODS[0] == "fork")
)
"""The model that is chosen at first, which gives each client a worker: where the system can't fork, a process for each
client is too slow for that."""


def families() -> dict[str, list[Model]]:
    """The models under their headings, all in the order of the table."""
    found: dict[str, list[Model]] = {}
    for model in MODELS.values():
        found.setdefault(model.family, []).append(model)
    return found


def listed() -> list[dict[str, Any]]:
    """The table for programs: what `python -m engine models --json` prints and the site reads at `/models.json`."""
    return [
        {
            "key": model.key,
            "title": model.title,
            "idea": model.idea,
            "in_the_wild": model.in_the_wild,
            "family": model.family,
            "worker": model.worker,
            "waits": model.waits,
            "serves": model.serves,
            "accepts": model.accepts,
            "hands_over": model.hands_over,
            "keep_alive": model.keep_alive,
            "icon": model.icon,
            "colour": model.colour,
            "systems": model.systems,
            "available": model.available(),
            "settings": [setting.listed() for setting in model.settings],
            "mistakes": mistakes.listed(model),
        }
        for model in MODELS.values()
    ]
