"""The server put together: a listening socket, the site, the recorder and one model.

Owns what it takes to start, and the words for why it can't. Everything that happens later is the model's.
"""

import io
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine import mistakes
from engine.addresses import is_loopback
from engine.apps.environment import chosen_environment
from engine.apps.errors import ApplicationError
from engine.apps.users import UsersApplication
from engine.exchanges import APPLICATIONS, Exchanges, Facts
from engine.failures import ModelFailures
from engine.lifetime import Lifetime, allow_descriptors
from engine.mistakes import Mistake
from engine.model import START_METHOD, Model
from engine.models import ALL_CORES, FIRST, MODELS, REUSEPORT, TO_THREAD
from engine.net.accept_queue import waiting
from engine.net.guard import Guard
from engine.net.lingering import Lingering
from engine.net.listening import StartError, listen
from engine.net.readiness import Readiness
from engine.net.replacing import Replacements
from engine.own_model import find
from engine.problems import PROBLEMS
from engine.seam import Seam
from engine.setting import Value
from engine.settings import PORT, example_site, what_is_served
from engine.shortage import is_short_of_workers, most_spawned
from engine.telemetry.recorder import Recorder
from engine.telemetry.sink import sink_for
from engine.web.limits import Limits

STACK = 256 * 1024
"""Bytes of stack for each thread of the model."""
PAUSE = 0.05
"""Seconds before the next try when the system gives no more workers."""


@dataclass(frozen=True)
class Options:
    """What a server is started with."""

    model: str
    mistake: str
    """The key of the mistake to be made; empty: none."""
    host: str
    port: int
    """0 picks a free one."""
    backlog: int
    root: str
    keep_alive: bool | None
    """None: as the model's table says."""
    telemetry: str
    """`off`, `counters`, `requests` or `full`."""
    stop_on_eof: bool
    work_pages: bool | None
    """Whether `/work/` is served; None: if nobody but this machine can ask for it."""
    limits: Limits
    own: dict[str, Value]
    """The settings that the model owns, by name."""
    app: str | None = None
    """The application to serve instead of the folder, as `module:callable`."""
    app_dir: str | None = None
    """The folder of its modules; None: the current one."""
    app_python: str | None = None
    """The environment with its packages; None: the activated one."""
    phones: bool = False
    """Whether clients on other machines are the phones of a class, which get one page only."""


def run(options: Options) -> int:
    """Serve until the end; returns an exit status only if the server could not start, or its model failed."""
    model = find(options.model)
    fork = options.own.get(START_METHOD.name, START_METHOD.default) == "fork"
    mistake = mistakes.checked(model, options.mistake, fork=fork)
    output = take_stdout(own=fork or model.worker != "process") if options.app else sys.stdout.fileno()
    recorder = Recorder(sink_for(output), model, options.telemetry, fork=fork)
    recorder.is_preparing = True
    if mistake:
        mistake.put_in_place(Replacements().put)
        options = with_own_place(options, mistake)
    try:
        if options.phones and model.worker == "process" and not fork:
            raise StartError("phones-spawned", PROBLEMS["phones-spawned"])
        users = find_application(model, options) if options.app else None
        listener, root = prepare(model, options)
    except StartError as error:
        if error.__cause__ is not None and error.__cause__.__cause__ is not None:  # the application's own
            traceback.print_exception(error.__cause__.__cause__)
        recorder.problem(error.code, error.message, **error.details)
        print(error.message, file=sys.stderr)
        return 1
    if model.worker == "greenlet":
        import gevent  # only here: the other models do without

        gevent.get_hub().threadpool.kill()  # it looked the host up, and has no more to do
    elif model.traits.has_threads:
        if users is None:  # an application may need more
            threading.stack_size(STACK)
        if not options.own.get(ALL_CORES.name):
            stay_on_one_core()
    allow_descriptors()
    lingering = Lingering()
    failures = ModelFailures(
        recorder, model.title if model.path else model.key, mistakes.file(model, mistake, fork=fork)
    )
    try:
        module = mistakes.load(model, mistake, fork=fork)
    except Exception as error:
        failures.end_of_model(error)
        return 1
    failures.install("thread" if model.hands_over else model.worker, Replacements().put)
    limits = options.limits
    if model.worker == "process" and not fork:
        limits = replace(limits, max_connections=min(limits.max_connections, most_spawned()))
    folders = users.load().folders if users else (str(APPLICATIONS),)
    seam = Seam.put_in_place(model, mistake, module, recorder, lingering, limits, folders, listener)
    host, port = listener.getsockname()[:2]
    is_private = is_loopback(host)
    only_here = is_private or options.phones  # all that is served for other machines is for phones
    work_pages = only_here if options.work_pages is None else options.work_pages
    names = (options.host, host) if only_here else None
    page = Path(example_site()) / "phone.html" if options.phones else None
    facts = Facts(
        model, root, options.keep_alive, options.limits, work_pages, names, users, (host, port), mistake, page
    )
    new_exchange = Exchanges(facts, recorder, lingering, seam)
    lifetime = Lifetime(
        recorder,
        lingering,
        seam.guard.enforce_timeouts,
        seam.clocks.tick,
        has_children=model.worker == "process",
        fork=fork,
        stop_on_eof=options.stop_on_eof,
        children_stay=model.serves == "many",
        before_fork=new_exchange.keep_warm,
        set_connections=new_exchange.set_connections,
        in_forked=partial(failures.install_in_child, Replacements().put),
    )
    new_exchange.run_lifespan(lifetime, Replacements().put)
    recorder.set_backlog_probe(lambda: waiting(seam.guard.listeners))
    recorder.set_readiness(Readiness())
    lifetime.begin()
    if model.worker == "process" and fork:
        new_exchange.keep_warm()
    own = {row.name: options.own[row.name] for row in model.settings if not row.by_engine}
    recorder.ready(
        options.host, port, str(root), new_exchange.keep_alive, str(module.__file__), options.own, lifetime.helpers,
        what_is_served(options.app, options.root), (mistake.key, mistake.file) if mistake else ("", ""),
    )  # fmt: skip
    if model.path and not model.like:
        recorder.problem("model-unlike", file=model.title, like=FIRST)
    if users and (clashes := users.clashes()):
        recorder.problem("package-clash", packages=", ".join(clashes))
    try:
        serve_for_ever(partial(module.serve, **own), listener, new_exchange, recorder, seam.guard)
    except BaseException as error:
        if recorder.is_child:  # it had to end where the model handles its client
            failures.end_of_worker(error)
        else:
            failures.end_of_model(error)
    finally:
        lifetime.end(1)


def with_own_place(options: Options, mistake: Mistake) -> Options:
    """`options` with a port and a folder that nobody else uses, as far as the mistake must not have the usual ones."""
    if mistake.own_port and options.port == PORT.default:
        options = replace(options, port=0)
    return replace(options, root=str(mistakes.SERVED / "site")) if mistake.own_root else options


def prepare(model: Model, options: Options) -> tuple[socket.socket, Path]:
    """The listening socket and the folder to serve. Raises `StartError`."""
    if not model.available():
        raise StartError(
            "model-unavailable",
            f"The model {model.key} needs {model.systems}. Choose another model.",
            model=model.key,
            systems=model.systems,
        )
    root = Path(options.root).absolute()
    if not os.path.isdir(root):
        raise StartError(
            "root-missing", f"There is no folder {root}. Choose one that exists with --root.", root=str(root)
        )
    return listen(options.host, options.port, options.backlog, shared=bool(options.own.get(REUSEPORT.name))), root


def find_application(model: Model, options: Options) -> UsersApplication:
    """The application to serve, loaded. Raises `StartError`."""
    assert options.app
    folder = os.path.abspath(options.app_dir or os.getcwd())
    try:
        in_threads = model.traits.shares_memory or bool(options.own.get(TO_THREAD.name))
        environment = chosen_environment(options.app_python)
        users = UsersApplication(options.app, folder, environment, in_threads=in_threads)
        if users.load().kind == "asgi":
            if not model.traits.awaits:
                able = " or ".join(each.title for each in MODELS.values() if each.traits.awaits)
                raise ApplicationError("app-asgi", app=options.app, model=model.title, able=able)
            if options.own.get(TO_THREAD.name):
                raise ApplicationError("app-asgi-thread", app=options.app)
    except ApplicationError as error:
        raise StartError(error.code, str(error), **error.details) from error
    return users


def take_stdout(*, own: bool) -> int:
    """A descriptor of stdout for messages alone; what an application prints goes to stderr from now on.

    `own`: whether there is no child that is not forked: it has stdout under its usual number only.
    """
    sys.stdout.flush()
    if not own:
        sys.stdout = sys.stderr
        return 1
    taken = os.dup(1)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return taken


def stay_on_one_core() -> None:
    """Keep this process to one core: its threads share one lock, and passing it between cores costs half the speed.

    Which one the system has chosen: it started the process where nothing else was busy.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {current_core()})
    else:
        import psutil  # only here: it is slow to import

        if hasattr(psutil.Process, "cpu_affinity"):  # macOS has nothing of the kind
            process = psutil.Process()
            process.cpu_affinity(process.cpu_affinity()[-1:])


def current_core() -> int:
    """The core that this thread runs on; one that it may run on where the system doesn't say (proc(5))."""
    try:
        return int(Path("/proc/thread-self/stat").read_bytes().rpartition(b")")[2].split()[36])
    except FileNotFoundError:
        return max(os.sched_getaffinity(0))


def serve_for_ever(
    serve: Callable[..., None], listener: socket.socket, new_exchange: Exchanges, recorder: Recorder, guard: Guard
) -> None:
    """Run the model; where the system gives it no more workers, reject that client and go on."""
    while True:
        try:
            serve(listener, new_exchange)
        except (RuntimeError, OSError) as error:
            if not is_short_of_workers(error):
                raise
            recorder.problem("no-workers", reason=str(error))
            guard.reject_newest()
            time.sleep(PAUSE)
        else:
            raise RuntimeError("serve() has returned: it has to serve for ever")
