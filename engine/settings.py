"""The table of settings. Each setting is declared once, and everything that uses settings is made from this table.

Made from it are the parsers and command lines (`engine.options`), the window's dialog and saved settings, the
conditions of a measurement and their texts. A model's own settings are in its row (`engine.models`), the limits of a
client in `engine.web.limits`. Knows nothing of what a value is used for.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from engine import reading
from engine.lab.guests import variants
from engine.load.requests import requests_file
from engine.load.workloads import WORKLOADS
from engine.mistakes import MISTAKES
from engine.models import FIRST, MODELS
from engine.own_model import find, known
from engine.persistence import ALWAYS_KEPT, AS_TAUGHT, KEPT, MODES, ONE_A_REQUEST
from engine.setting import Folder, Part, Setting, Value
from engine.texts import ANY, MOST, QT_TRANSLATE_NOOP, translate
from engine.web.limits import LIMITS

SERVER, LOAD, COMPARE, WINDOW, DIALOG = Part.SERVER, Part.LOAD, Part.COMPARE, Part.WINDOW, Part.DIALOG


def example_site() -> str:
    """The folder of the included site: inside the engine when installed, next to it in a checkout."""
    engine = Path(__file__).resolve().parent
    installed = engine / "html_test"
    return str(installed if installed.is_dir() else engine.parent / "html_test")


def what_is_served(app: str | None, root: str) -> str:
    """What is served, as a condition of a measurement: an application, a folder, or nothing for the example site."""
    return app or ("" if root == example_site() else root)


# What is served, and where.
MODEL = Setting(
    "model", str, FIRST,
    QT_TRANSLATE_NOOP("settings", "How to serve many clients at once: a model, or the path of a file of yours"),
    WINDOW, choices=MODELS, others=lambda value: known(value) is not None, metavar="KEY|FILE.py", read=reading.model,
)  # fmt: skip
HOST = Setting(
    "host", str, "127.0.0.1",
    QT_TRANSLATE_NOOP(
        "settings", "The address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for the network"
    ),
    SERVER | WINDOW | DIALOG, title=QT_TRANSLATE_NOOP("settings", "Host"), read=reading.host,
)  # fmt: skip
PORT = Setting(
    "port", int, 8888, QT_TRANSLATE_NOOP("settings", "The port to listen on; 0 takes any free port"),
    SERVER | WINDOW | DIALOG, least=0, most=65535, title=QT_TRANSLATE_NOOP("settings", "Port"),
)  # fmt: skip
BACKLOG = Setting(
    "backlog", int, 1024,
    QT_TRANSLATE_NOOP("settings", "The most connections that may wait in the kernel's queue until they are accepted"),
    SERVER | WINDOW, least=1, most=65535, title=QT_TRANSLATE_NOOP("settings", "Accept queue"), metavar="N",
)  # fmt: skip
ROOT = Setting(
    "root", Folder, example_site(), QT_TRANSLATE_NOOP("settings", "The folder with the files to serve"),
    SERVER | WINDOW | DIALOG, title=QT_TRANSLATE_NOOP("settings", "Root folder"), metavar="FOLDER",
    read=reading.folder,
)  # fmt: skip
APP = Setting(
    "app", str, None,
    QT_TRANSLATE_NOOP(
        "settings",
        "The WSGI or ASGI application to serve instead of the folder; with () at its end, what makes it",
    ),
    SERVER | COMPARE | WINDOW, metavar="MODULE:CALLABLE", default_text="none", read=reading.application,
)  # fmt: skip
APP_DIR = Setting(
    "app_dir", Folder, None,
    QT_TRANSLATE_NOOP("settings", "The folder of the application's modules, in which it runs"),
    SERVER | COMPARE | WINDOW, metavar="FOLDER", default_text="the current one", read=reading.folder,
)  # fmt: skip
APP_PYTHON = Setting(
    "app_python", str, None,
    QT_TRANSLATE_NOOP(
        "settings",
        "The interpreter or the folder of the environment with the application's packages, of the same Python version",
    ),
    SERVER | COMPARE | WINDOW, metavar="PATH", default_text="the activated one", read=reading.path,
)  # fmt: skip
GUEST = Setting(
    "guest", str, None,
    QT_TRANSLATE_NOOP(
        "settings",
        "A program of yours that is run instead of a model, as “-m gunicorn -w 3 shop:app”; or the port of a server"
        " that already runs",
    ),
    WINDOW, metavar="COMMAND", default_text="none", read=reading.command, is_kept=False,
)  # fmt: skip
GUEST_DIR = Setting(
    "guest_dir", Folder, None, QT_TRANSLATE_NOOP("settings", "The folder in which that program runs"),
    WINDOW, metavar="FOLDER", default_text="the current one", read=reading.folder, is_kept=False,
)  # fmt: skip
GUEST_PYTHON = Setting(
    "guest_python", str, None,
    QT_TRANSLATE_NOOP("settings", "The interpreter of that program; else that of its folder's environment, or python3"),
    WINDOW, metavar="PATH", default_text="the usual one", read=reading.path, is_kept=False,
)  # fmt: skip
PHONES = Setting(
    "phones", bool, False,
    QT_TRANSLATE_NOOP(
        "settings",
        "Serve clients on other machines one page only, made for the phones of a class, by name and within limits",
    ),
    SERVER | WINDOW, is_kept=False,
)  # fmt: skip
SERVED = Setting(
    "served", str, None, "What was served: an application, a folder, or the example site", Part.NONE, condition=True,
    condition_texts={"": "", None: QT_TRANSLATE_NOOP("settings", "serves {n}")},
)  # fmt: skip
"""A condition that follows from these and from the folder to serve."""

MISTAKE = Setting(
    "mistake", str, "", QT_TRANSLATE_NOOP("settings", "Serve with one thing wrong, to see what follows"),
    SERVER | WINDOW, choices=("", *MISTAKES), metavar="KEY", default_text="none", condition=True,
    texts={key: each.title for key, each in MISTAKES.items()}, is_kept=False,
    condition_texts={"": "", None: QT_TRANSLATE_NOOP("settings", "mistake: {n}")},
)  # fmt: skip

# What the clients do.
WORKLOAD = Setting(
    "workload", str, "steady", QT_TRANSLATE_NOOP("settings", "How the clients behave"), LOAD | COMPARE | WINDOW,
    choices=WORKLOADS, metavar="KEY", condition=True,
    condition_texts={key: workload.title for key, workload in WORKLOADS.items()}, condition_context="workloads",
)  # fmt: skip
CLIENTS = Setting(
    "clients", int, None, QT_TRANSLATE_NOOP("settings", "The number of clients"), LOAD | COMPARE,
    least=0, most=100_000, default_text="the workload's default", metavar="N", condition=True,
    condition_texts={None: translate("settings", "%Ln client(s)", "", -1)},
)  # fmt: skip
SLOW = Setting(
    "slow", int, 0,
    QT_TRANSLATE_NOOP("settings", "The number of additional clients that send their request one byte a second"),
    LOAD | COMPARE, least=0, most=100_000, metavar="N", condition=True, column="slow_clients",
    condition_texts={0: "", None: translate("settings", "%Ln slow client(s)", "", -1)},
)  # fmt: skip
RATE = Setting(
    "rate", float, 0.0,
    QT_TRANSLATE_NOOP(
        "settings",
        "Requests per second, sent at even intervals (open loop): latency counts from when a request is due;"
        " 0: each client sends its next request after the response (closed loop)",
    ),
    LOAD | COMPARE, least=0, most=1_000_000, metavar="R", unit="/s", condition=True, column="rate_per_second",
    condition_texts={
        0.0: QT_TRANSLATE_NOOP("settings", "closed loop"),
        None: QT_TRANSLATE_NOOP("settings", "open loop at {rate}"),
    },
)  # fmt: skip
WORK_MS = Setting(
    "work_ms", int, None, QT_TRANSLATE_NOOP("settings", "How long a work page works before it responds"),
    LOAD | COMPARE, least=0, most=10_000, default_text="the workload's default", metavar="MS", unit="ms",
    condition=True,
    condition_texts={0: "", None: QT_TRANSLATE_NOOP("settings", "{n} ms of work")},
)  # fmt: skip
REQUESTS = Setting(
    "requests", str, None,
    QT_TRANSLATE_NOOP(
        "settings",
        "A file of requests to send instead, each line as GET /items 80 or POST /order body.json 20; or an access log",
    ),
    LOAD | COMPARE, default_text="none", metavar="FILE", read=requests_file, condition=True, is_path=True,
    condition_texts={"": "", None: QT_TRANSLATE_NOOP("settings", "requests of {n}")},
)  # fmt: skip
SEED = Setting(
    "seed", int, 0, QT_TRANSLATE_NOOP("settings", "The order of those requests: the same for the same number"),
    LOAD | COMPARE, least=0, most=2**31 - 1, metavar="N", condition=True,
    condition_texts={0: "", None: QT_TRANSLATE_NOOP("settings", "seed {n}")},
)  # fmt: skip

KEEP_ALIVE = Setting(
    "keep_alive", bool, None,
    QT_TRANSLATE_NOOP(
        "settings",
        "Whether a connection stays open after a response; while the window's load is on, its Connections decide",
    ),
    SERVER | WINDOW | DIALOG, title=QT_TRANSLATE_NOOP("settings", "Keep-alive"), negative="short",
    negative_help="Close a connection after its response: each request takes a new one",
    default_text="each model's default", condition=True,
    texts={
        None: QT_TRANSLATE_NOOP("settings", "as each model's default"),
        True: QT_TRANSLATE_NOOP("settings", "on: connections stay open"),
        False: QT_TRANSLATE_NOOP("settings", "off: a connection for each request"),
    },
    condition_texts={
        True: QT_TRANSLATE_NOOP("settings", "connections kept"),
        False: QT_TRANSLATE_NOOP("settings", "a connection per request"),
    },
)  # fmt: skip
CONNECTIONS = Setting(
    "connections", str, None,
    QT_TRANSLATE_NOOP(
        "settings",
        "How long connections last under the load: kept, where a server whose clients share workers closes one while"
        " others wait; one for each request; as each model is taught; or always kept",
    ),
    LOAD | COMPARE, choices=MODES, title=QT_TRANSLATE_NOOP("settings", "Connections"), default_text=KEPT,
    texts={
        KEPT: QT_TRANSLATE_NOOP("settings", "kept"),
        ONE_A_REQUEST: QT_TRANSLATE_NOOP("settings", "one a request"),
        AS_TAUGHT: QT_TRANSLATE_NOOP("settings", "as taught"),
        ALWAYS_KEPT: QT_TRANSLATE_NOOP("settings", "always kept"),
    },
)  # fmt: skip
HELD = Setting(
    "always_kept", bool, False, "Whether connections were kept also while others waited for a worker", Part.NONE,
    condition=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "kept also while others wait"), False: ""},
)  # fmt: skip
"""A condition that follows from `CONNECTIONS`, as `KEEP_ALIVE` does while a load is on."""
PROCESSES = Setting(
    "processes", int, 1, "The number of processes that run the clients", LOAD | COMPARE,
    least=1, most=64, metavar="N", condition=True, column="load_processes",
    condition_texts={1: "", None: translate("settings", "%Ln load process(es)", "", -1)},
)  # fmt: skip
EXCLUSIVE = Setting(
    "alone", bool, True, "Whether no other server ran on this machine at the same time", Part.NONE, condition=True,
    condition_texts={True: "", False: QT_TRANSLATE_NOOP("settings", "side by side")},
)  # fmt: skip
"""A condition that can't be set: it follows from what else runs. Files keep it under this name."""
TELEMETRY = Setting(
    "telemetry",
    str,
    "full",
    "How much is reported on stdout: nothing, the counters, also some or each of the requests, or also each call",
    SERVER,
    choices=("off", "counters", "sampled", "requests", "full"),
)
SECONDS = Setting(
    "seconds", float, None, "How long the load runs", LOAD, least=0, default_text="until it is stopped", metavar="N",
    unit="s",
)  # fmt: skip
THEME = Setting(
    "theme", str, "system", QT_TRANSLATE_NOOP("settings", "Light or dark"), WINDOW | DIALOG,
    choices=("system", "light", "dark"), title=QT_TRANSLATE_NOOP("settings", "Theme"),
    texts={
        "system": QT_TRANSLATE_NOOP("settings", "as the system"),
        "light": QT_TRANSLATE_NOOP("settings", "light"),
        "dark": QT_TRANSLATE_NOOP("settings", "dark"),
    },
)  # fmt: skip
LANGUAGE = Setting(
    "language", str, "system", QT_TRANSLATE_NOOP("settings", "The language of the window"), WINDOW | DIALOG,
    choices=("system", "en", "zh"), title=QT_TRANSLATE_NOOP("settings", "Language"),
    texts={"system": QT_TRANSLATE_NOOP("settings", "as the system"), "en": "English", "zh": "中文"},
)  # fmt: skip

RESTART_WHEN_SAVED = Setting(
    "restart_when_saved", bool, False,
    QT_TRANSLATE_NOOP("settings", "Start again with a file of yours by itself, when it was saved and can be run"),
    WINDOW, title=QT_TRANSLATE_NOOP("settings", "Restart when saved"),
)  # fmt: skip

TABLE = (
    Setting(
        "models", list, None, "The models, in turn", COMPARE, default_text="all; with --guests, none",
        metavar="all|KEY,KEY", read=reading.models,
    ),
    Setting(
        "guests", list, None,
        "Programs of yours, in turn, as 'gunicorn -w {2,4,8} shop:app': braces make a row of each choice, and a"
        " semicolon separates programs",
        COMPARE, default_text="none", metavar="COMMAND", read=variants,
    ),
    MODEL,
    replace(MODEL, default=None, required=True, parts=SERVER),
    Setting(
        "url", str, "http://127.0.0.1:8888", "The server", LOAD, metavar="http://HOST:PORT", read=reading.server_url
    ),
    MISTAKE,
    HOST,
    PORT,
    replace(PORT, default=0, parts=COMPARE),
    BACKLOG,
    ROOT,
    replace(ROOT, read=reading.existing_folder, parts=COMPARE),
    APP,
    APP_DIR,
    APP_PYTHON,
    GUEST,
    GUEST_DIR,
    replace(GUEST_DIR, read=reading.existing_folder, parts=COMPARE),
    GUEST_PYTHON,
    replace(GUEST_PYTHON, parts=COMPARE),
    SERVED,
    WORKLOAD,
    CLIENTS,
    replace(CLIENTS, default=WORKLOADS[WORKLOAD.default].clients, most=10_000, parts=WINDOW),
    SLOW,
    replace(SLOW, most=1_000, parts=WINDOW),
    RATE,
    replace(RATE, type=int, default=0, parts=WINDOW),
    WORK_MS,
    replace(
        WORK_MS, default=0, parts=WINDOW,
        help="How long a work page works before it responds; 0: the workload's default",
    ),
    CONNECTIONS,
    replace(CONNECTIONS, default=KEPT, parts=WINDOW),
    KEEP_ALIVE,
    HELD,
    REQUESTS,
    replace(REQUESTS, read=reading.path, parts=WINDOW),
    SEED,
    PROCESSES,
    EXCLUSIVE,
    Setting(
        "timeout", float, 10.0, "Seconds without data from the server after which a request fails", LOAD | COMPARE,
        least=0.1, most=3600, metavar="S", unit="s",
    ),
    SECONDS,
    replace(
        SECONDS, default=5.0, help="How long to measure each after the warm-up", least=1, most=86_400, parts=COMPARE
    ),
    Setting("repeat", int, 3, "The number of rounds", COMPARE, least=1, most=1000, metavar="N"),
    Setting("json", str, None, "Also write all results to this file", COMPARE, default_text="none", metavar="FILE",
            read=reading.writable),
    TELEMETRY,
    replace(
        TELEMETRY, default="sampled", choices=("counters", "sampled", "requests", "full"), parts=COMPARE,
        help="What the models report: the more they report, the slower they are; with counters alone it is not said why"
        " the slowest requests are slow",
    ),
    Setting("stop_on_eof", bool, False, "Stop when stdin is closed", SERVER | LOAD),
    Setting(
        "work_pages", bool, None,
        "Serve pages under /work/ that wait or compute, instead of a folder with that name", SERVER,
        default_text="only if the server listens on this machine alone", negative="no-work-pages",
        negative_help="Serve a folder named work instead, if there is one",
    ),
    PHONES,
    *LIMITS,
    THEME,
    LANGUAGE,
    RESTART_WHEN_SAVED,
)  # fmt: skip
"""Every setting that no model owns, in the order shown. A part of the program with another default or other bounds has
its own variant, right after the first."""


@cache
def settings(part: Part) -> tuple[Setting, ...]:
    """The settings of a part of the program, without those of models."""
    return tuple(row for row in TABLE if part in row.parts)


def own_settings(models: Iterable[str] = MODELS) -> dict[str, Setting]:
    """The settings that these models own, by name."""
    return {row.name: row for key in models for row in find(key).settings}


def by_name(part: Part) -> dict[str, Setting]:
    """The settings of a part of the program by name, including those of models."""
    return {row.name: row for row in settings(part)} | {
        name: row for name, row in own_settings().items() if part in row.parts
    }


CONDITIONS = {
    row.name: row
    for row in (
        WORKLOAD,
        CLIENTS,
        SLOW,
        RATE,
        WORK_MS,
        KEEP_ALIVE,
        PROCESSES,
        EXCLUSIVE,
        HELD,
        SERVED,
        REQUESTS,
        SEED,
        MISTAKE,
    )
}
"""The conditions of a measurement that all models share, by name."""


def in_words(
    values: Mapping[str, Any],
    rows: Iterable[Setting],
    *,
    whole: Callable[[float], str],
    rate: Callable[[float], str],
    translate: Callable[[str, str, str, int], str] = translate,
) -> list[str]:
    """The texts of the conditions in `values`, without the empty ones."""
    texts = []
    for row in rows:
        if row.name in values:
            value = values[row.name]
            form = row.condition_form(value)
            if form:
                number = row.type in (int, float)
                text = translate(row.condition_context, form, "", min(value, MOST) if "%Ln" in form else ANY)
                named = Path(value).name if row.is_path else str(value)
                shown = whole(value) if number else translate("settings", row.texts.get(value, named), "", ANY)
                title = translate("settings", row.title, "", ANY)
                texts.append(text.format(title=title, n=shown, rate=rate(value) if number else ""))
    return texts


__all__ = [
    "CONDITIONS", "LIMITS", "TABLE", "Part", "Setting", "Value", "by_name", "example_site", "in_words",
    "own_settings", "settings",
]  # fmt: skip
