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
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from engine import apps, mistakes, persistence
from engine.addresses import is_loopback
from engine.apps.asgi import AwaitedGateway
from engine.apps.environment import Environment, chosen_environment
from engine.apps.errors import ApplicationError
from engine.apps.loading import Loaded, load
from engine.apps.serving import site_application, users_application
from engine.apps.wsgi import Client, Gateway
from engine.clock import monotonic
from engine.failures import ApplicationFailures, ModelFailures
from engine.lifetime import Lifetime, allow_descriptors, tick_soon
from engine.mistakes import Mistake
from engine.models import ALL_CORES, FIRST, MODELS, REUSEPORT, START_METHOD, TO_THREAD, Model
from engine.net import polling
from engine.net.accept_queue import waiting
from engine.net.guard import Guard
from engine.net.handling import Clock, HandlingClocks, TaskClock, ThreadClock
from engine.net.lingering import Lingering
from engine.net.listening import StartError, listen
from engine.net.place import Places
from engine.net.readiness import Readiness
from engine.net.replacing import Put, Replacements
from engine.net.tracing import TracedConnection, Tracer
from engine.own_model import find
from engine.setting import Value
from engine.settings import PORT, what_is_served
from engine.shortage import is_short_of_workers, most_spawned
from engine.telemetry.observer import HandedOverObserver, RequestObserver
from engine.telemetry.recorder import Recorder
from engine.telemetry.sink import sink_for
from engine.telemetry.wire import Connections
from engine.web.connection import Service
from engine.web.date import DateHeader
from engine.web.limits import Limits
from engine.web.observer import NullObserver
from engine.web.response import Application, text_response
from engine.web.served import AwaitedConnection, QueuedConnection, ServedConnection, SteppedConnection

STACK = 256 * 1024
"""Bytes of stack for each thread of the model."""
WARM = 0.1
"""Seconds after which a process that forks answers requests of its own again, to have files and date looked up."""
APPLICATIONS = Path(apps.__file__).parent
"""The folder of what a server of ours serves."""
PAUSE = 0.05
"""Seconds before the next try when the system gives no more workers."""
SHUTDOWN = 1.0
"""Seconds that an application has to shut down."""
IN_FILE = {kept: persistence.OwnPersistence(kept) for kept in (False, True)}
"""The persistence of connections on which the model's file decides."""


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


def run(options: Options) -> int:
    """Serve until the end; returns an exit status only if the server could not start, or its model failed."""
    model = find(options.model)
    fork = options.own.get(START_METHOD.name, START_METHOD.default) == "fork"
    mistake = mistakes.checked(model, options.mistake, fork=fork)
    output = take_stdout(own=fork or model.worker != "process") if options.app else sys.stdout.fileno()
    recorder = Recorder(sink_for(output), model, options.telemetry, fork=fork)
    if mistake:
        mistake.put_in_place(Replacements().put)
        options = with_own_place(options, mistake)
    try:
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
    work_pages = is_private if options.work_pages is None else options.work_pages
    names = (options.host,) if is_private else None
    facts = Facts(model, root, options.keep_alive, options.limits, work_pages, names, users, (host, port), mistake)
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


class Seam(NamedTuple):
    """What stands between a model and Python's sockets."""

    tracer: Tracer
    places: Places
    guard: Guard
    clocks: HandlingClocks

    @classmethod
    def put_in_place(
        cls,
        model: Model,
        mistake: Mistake | None,
        module: ModuleType,
        recorder: Recorder,
        lingering: Lingering,
        limits: Limits,
        folders: Iterable[str],
        listener: Any = None,
    ) -> "Seam":
        """Trace and guard the clients of `listener`, or those that are adopted, for the model in `module`.

        The code of the application is in `folders`.
        """
        assert module.__file__
        file = Path(module.__file__)
        if mistake and mistake.place == "application":
            folders = (*folders, str(mistakes.FOLDER))
        places = Places(file, [file.parent], recorder.file, map(Path, folders))
        tracer = Tracer(recorder, places)
        put = Replacements().put  # for good: this process does nothing else
        clock: Clock = ThreadClock()
        kinds = [socket.socket]
        if model.worker == "greenlet":
            from gevent.socket import socket as gevent_socket

            from engine.net import greenlets, switches  # only here: the other models do without gevent

            greenlets.install(put)
            clock = switches.SwitchClock()
            if socket.socket is not gevent_socket:  # it is not put in its place, or not yet
                kinds.append(gevent_socket)
        elif model.worker == "task":
            clock = TaskClock()
        for kind in kinds:
            tracer.install(kind, put)
        polling.install(recorder, places, put)
        guard = Guard(
            listener,
            tracer,
            recorder,
            lingering,
            max_connections=limits.max_connections,
            overload_response=overload_response(),
            yields=model.worker == "greenlet" and not (mistake and mistake.patches),
        )
        for kind in kinds:
            guard.install(kind, put)
        if listener is not None:
            tracer.listen(listener)
            put(socket.socket, "listen", listening_too(socket.socket.listen, tracer, guard))
        clocks = HandlingClocks(recorder, places, clock, one_at_a_time=model.traits.one_at_a_time)
        return cls(tracer, places, guard, clocks)


def listening_too(plain: Callable[..., None], tracer: Tracer, guard: Guard) -> Callable[..., None]:
    """In place of a socket's `listen`: the clients of one that the model makes are traced and guarded as well."""

    def listen(listener: socket.socket, *backlog: int) -> None:
        plain(listener, *backlog)
        tracer.listen(listener)
        guard.listen(listener)

    return listen


class Facts(NamedTuple):
    """What the exchanges of every process are made from."""

    model: Model
    root: Path
    keep_alive: bool | None
    limits: Limits
    work_pages: bool
    names: tuple[str, ...] | None = ()
    """Names by which this server may be asked besides those that every machine has; None: all."""
    users: "UsersApplication | None" = None
    """What is served instead of the folder."""
    address: tuple[str, int] = ("", 0)
    mistake: Mistake | None = None


class Exchanges:
    """Called with a client, gives the exchange that serves it: what a model gets as `new_exchange`."""

    def __init__(
        self, facts: Facts, recorder: Recorder, lingering: Lingering, seam: Seam, handed_over: int = 0
    ) -> None:
        model = facts.model
        self.keep_alive = persistence.server_keeps(model, keep_alive=facts.keep_alive)
        self._facts = facts
        self._recorder = recorder
        self._lingering = lingering
        self._seam = seam
        self._handed_over = handed_over
        is_awaited = facts.users is not None and facts.users.load().kind == "asgi"
        self._gateway = self._awaited_gateway(facts.users) if facts.users and is_awaited else None
        self._application_for = self._users_application(facts.users) if facts.users and not is_awaited else None
        application = site_application(facts.root, work_pages=facts.work_pages, names=facts.names, clocks=seam.clocks)
        self._service = Service(application, facts.limits, ApplicationFailures(recorder), DateHeader())
        self._warm_until = 0.0
        others_wait = seam.guard.others_wait if model.traits.shares_workers else None
        self._persistence: persistence.OwnPersistence | persistence.SharedPersistence
        if model.worker == "process" or others_wait:
            self._persistence = shared = persistence.SharedPersistence(recorder.persistence, others_wait)
            seam.guard.must_share = shared.must_share
        else:
            self._persistence = persistence.OwnPersistence(self.keep_alive)
        if not recorder.is_child:
            self._persistence.follow(persistence.state_of(model, persistence.AS_TAUGHT, facts.keep_alive))

    def set_connections(self, order: Connections) -> None:
        """Follow the order, and report it: it holds for every reply from now on, in children too."""
        model, as_set = self._facts.model, self._facts.keep_alive
        self._persistence.follow(persistence.state_of(model, order.mode, as_set))
        keeps = persistence.server_keeps(model, order.mode, as_set)
        self._recorder.send(Connections(order.mode, keeps, monotonic()))

    def __call__(
        self, client: socket.socket, *, keep_alive: bool | None = None, in_steps: bool = False
    ) -> ServedConnection | SteppedConnection:
        """The exchange with `client`.

        `keep_alive`: whether the connection stays, None: as it is set or ordered; `in_steps`: whether the model decides
        where the application is called.
        """
        tracer = self._seam.tracer
        connection = tracer.connections.get(id(client)) or tracer.adopt(client, self._handed_over)
        self._recorder.connection_taken()
        service = self._service
        if self._application_for:
            service = replace(service, application=self._application_for(address_of(client)))
        exchange = connection.watched = self._kind(in_steps)(
            service,
            self._new_observer(connection),
            persistence=self._persistence if keep_alive is None else IN_FILE[keep_alive],
            greeting=b"hello~client:num=%d" % client.fileno() if self._facts.model.greets else b"",
        )
        if self._gateway and isinstance(exchange, AwaitedConnection):
            from asyncio import get_running_loop  # only here: it is there already, where a model has tasks

            from engine.net.departure import watched

            exchange.begin = partial(self._gateway.begin, get_running_loop(), address_of(client))
            exchange.watch = partial(watched, client)
        return exchange

    def _kind(self, in_steps: bool) -> type[ServedConnection | SteppedConnection]:
        if not in_steps:
            if self._gateway:  # or else the folder would be served instead of it
                raise ValueError("An application that is awaited needs new_exchange(client, in_steps=True)")
            return ServedConnection
        if self._facts.model.traits.awaits:
            return AwaitedConnection
        return QueuedConnection if self._facts.model.hands_over else SteppedConnection

    def reject(self, client: socket.socket) -> None:
        """Reject and close `client`, which the model can't serve besides those that it serves."""
        self._seam.guard.reject(client, len(self._recorder.open_here) - 1)

    def _awaited_gateway(self, users: "UsersApplication") -> AwaitedGateway:
        return AwaitedGateway(
            users.load().application,
            self._facts.address,
            names=self._facts.names,
            clocks=self._seam.clocks,
            failed=ApplicationFailures(self._recorder),
        )

    def run_lifespan(self, lifetime: Lifetime, put: Put) -> None:
        """Start an application that is awaited in each event loop that is made, and shut it down with this process."""
        gateway = self._gateway
        if gateway is None:
            return
        import asyncio  # only here: the other models do without

        def new_event_loop() -> asyncio.AbstractEventLoop:
            loop = plain()
            gateway.start(loop, startup_failed)
            return loop

        def startup_failed(reason: str) -> None:
            self._recorder.problem("startup-failed", reason=reason)
            lifetime.end(1)

        plain = asyncio.events.new_event_loop
        put(asyncio.events, "new_event_loop", new_event_loop)
        lifetime.before_end = partial(gateway.end, wait_until)

    def _users_application(self, users: "UsersApplication") -> Callable[[Client], Application]:
        facts, recorder = self._facts, self._recorder
        loaded = users.load()
        gateway = Gateway(
            loaded.application,
            facts.address,
            multithread=users.in_threads,
            multiprocess=facts.model.traits.has_processes,
            report_text=lambda kind: recorder.problem("application-text", app=loaded.name, kind=kind),
        )
        return users_application(gateway, names=facts.names, clocks=self._seam.clocks)

    def _new_observer(self, connection: TracedConnection) -> RequestObserver:
        if self._facts.model.hands_over:
            return HandedOverObserver(self._recorder, connection, self._seam.places.caller)
        return RequestObserver(self._recorder, connection)

    def keep_warm(self) -> None:
        """Answer requests that nobody sent, if that is some time ago: what they take is ready in children forked now.

        Nothing is reported of one that fails: that is for the first client to meet, after the server is ready.
        """
        now = monotonic()
        if now < self._warm_until or self._application_for:  # what a request does there is not ours to know
            return
        self._warm_until = now + WARM
        silent = replace(self._service, application_failed=lambda _: None)
        for target in (b"/", b"/index.html"):
            exchange = ServedConnection(silent, NullObserver(), persistence=IN_FILE[False])
            exchange.receive(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target)
            exchange.sent(len(exchange.outgoing))

    def __reduce__(self) -> tuple[Any, ...]:
        """How a child gets it that is not forked but spawned: with the connection that it takes over."""
        handed_over = max(self._recorder.open_here, default=0)
        return spawned_exchanges, (os.getpid(), handed_over, self._facts, self._recorder, self._lingering)


def spawned_exchanges(
    parent: int, handed_over: int, facts: Facts, recorder: Recorder, lingering: Lingering
) -> Exchanges:
    """The exchanges of a spawned child, which begins its life with this."""
    if facts.mistake:
        facts.mistake.put_in_place(Replacements().put)
    module = mistakes.load(facts.model, facts.mistake, fork=False)
    ModelFailures(recorder, facts.model.key, str(module.__file__)).install_in_child(Replacements().put)
    if facts.users:
        sys.stdout = sys.stderr  # stdout is for messages
    folders = facts.users.load().folders if facts.users else (str(APPLICATIONS),)
    seam = Seam.put_in_place(facts.model, facts.mistake, module, recorder, lingering, facts.limits, folders)
    lifetime = Lifetime(
        recorder,
        lingering,
        seam.guard.enforce_timeouts,
        seam.clocks.tick,
        has_children=True,
        fork=False,
        stop_on_eof=False,
    )
    recorder.set_flush_scheduler(tick_soon)
    lifetime.live_as_child(parent)
    return Exchanges(facts, recorder, lingering, seam, handed_over)


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


class UsersApplication:
    """The application that is served: loaded once in each process."""

    def __init__(self, name: str, folder: str, environment: Environment | None, *, in_threads: bool) -> None:
        """`in_threads`: whether several threads of one process, or greenlets, may be in it at a time."""
        self.name = name
        self._folder = folder
        self._environment = environment
        self.in_threads = in_threads
        self._loaded: Loaded | None = None

    def load(self) -> Loaded:
        """The application. Raises `ApplicationError`."""
        if self._loaded is None:
            if self._environment:
                self._environment.add()
            self._loaded = load(self.name, self._folder)
        return self._loaded

    def clashes(self) -> list[str]:
        """The packages of its environment that this program has in another version."""
        return self._environment.clashes() if self._environment else []

    def __reduce__(self) -> tuple[Any, ...]:
        """A child that is not forked loads it anew."""
        make = partial(UsersApplication, in_threads=self.in_threads)
        return make, (self.name, self._folder, self._environment)


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


def wait_until(look: Callable[[], bool]) -> None:
    """Wait until `look` is true, but no longer than a shutdown may take."""
    deadline = monotonic() + SHUTDOWN
    while not look() and monotonic() < deadline:
        time.sleep(PAUSE / 10)


def address_of(client: socket.socket) -> Client:
    """Host and port of a client; empty if it has left already."""
    try:
        host, port = client.getpeername()[:2]
    except OSError:
        return "", 0
    return host, port


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


def overload_response() -> bytes:
    """What a client is sent that can't be served now."""
    text = "Too many clients at once. Try again in a moment."
    response = text_response(HTTPStatus.SERVICE_UNAVAILABLE, text)
    assert isinstance(response.body, bytes)
    return response.closing + b"\r\n" + response.body


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
