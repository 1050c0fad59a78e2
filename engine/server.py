"""The server put together: a listening socket, the site, the recorder and one model.

Owns what it takes to start, and the words for why it can't. Everything that happens later is the model's.
"""

import errno
import ipaddress
import os
import socket
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from engine.accept_queue import waiting
from engine.failures import Failures
from engine.lifetime import Lifetime, allow_descriptors, tick_soon
from engine.lingering import Lingering
from engine.models import ALL_CORES, MODELS, START_METHOD, Model
from engine.setting import Value
from engine.telemetry.pipe import outlet
from engine.telemetry.recorder import Recorder
from engine.telemetry.traced import Client, Listener, traced_select
from engine.web.exchange import Exchange
from engine.web.limits import Limits
from engine.web.website import message
from engine.web.work import WorkingSite

BACKLOG = 1024
STACK = 256 * 1024
"""Bytes of stack for each thread of the model."""
PAUSE = 0.05
"""Seconds before the next try when the system gives no more workers."""
_SHORTAGES = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What it says then; a spawned process takes descriptors of its parent's."""


@dataclass(frozen=True)
class Options:
    """What a server is started with."""

    model: str
    host: str
    port: int
    """0 picks a free one."""
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


class StartError(Exception):
    """The server can't start: what happened, why, and what to do."""

    def __init__(self, code: str, message: str, **details: str | int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


def run(options: Options) -> int:
    """Serve until the end; returns an exit status only if the server could not start, or its model failed."""
    model = MODELS[options.model]
    fork = options.own.get(START_METHOD.name, START_METHOD.default) == "fork"
    recorder = Recorder(outlet(sys.stdout.fileno()), model, options.telemetry, fork=fork)
    try:
        listener, root = prepare(model, options)
    except StartError as error:
        recorder.problem(error.code, error.message, **error.details)
        print(error.message, file=sys.stderr)
        return 1
    if model.worker == "greenlet":
        import gevent  # only here: the other models do without

        from engine.greenlet_socket import adopted

        gevent.get_hub().threadpool.kill()  # it looked the host up, and has no more to do
        listener = adopted(listener.detach(), listener)  # type: ignore[assignment]  # does all that is asked of one
    elif model.worker == "thread":
        threading.stack_size(STACK)
        if not options.own.get(ALL_CORES.name):
            stay_on_one_core()
    allow_descriptors()
    lingering = Lingering()
    lifetime = Lifetime(
        recorder,
        lingering,
        has_children=model.worker == "process",
        fork=fork,
        stop_on_eof=options.stop_on_eof,
    )
    recorder.counts_queue_by(partial(waiting, listener))
    lifetime.begin()
    host, port = listener.getsockname()[:2]
    work_pages = is_loopback(host) if options.work_pages is None else options.work_pages
    new_exchange = Exchanges(model, root, options.keep_alive, options.limits, recorder, lingering, work_pages)
    if model.worker == "process" and fork:
        new_exchange.rehearse()
    recorder.ready(options.host, port, str(root), new_exchange.keep_alive, options.own)
    door = Listener(listener, recorder, lingering, max_connections=options.limits.max_connections, farewell=farewell())
    try:
        serve_for_ever(model, door, new_exchange, recorder, options.own, fork=fork)
    finally:  # it has failed, and the author of the model wants to see where
        sys.excepthook(*sys.exc_info())
        recorder.problem("model-failed", f"The model {model.key} ended with an error; its traceback tells where.")
        lifetime.end(1)


class Exchanges:
    """Called with a client, gives the exchange that serves it: what a model gets as `new_exchange`."""

    def __init__(
        self,
        model: Model,
        root: Path,
        keep_alive: bool | None,
        limits: Limits,
        recorder: Recorder,
        lingering: Lingering,
        work_pages: bool,
    ) -> None:
        self.keep_alive = model.keep_alive if keep_alive is None else keep_alive
        self._facts = model, root, self.keep_alive, limits, recorder, lingering, work_pages
        self._site = WorkingSite(root, work_pages=work_pages)
        self._limits = limits
        self._failures = Failures(recorder)
        self._greets = model.greets

    def __call__(self, client: Client) -> Exchange:
        greeting = b"hello~client:num=%d" % client.fileno() if self._greets else b""
        client.exchange = Exchange(
            self._site, client, self._limits, self._failures, keep_alive=self.keep_alive, greeting=greeting
        )
        return client.exchange

    def rehearse(self) -> None:
        """Answer requests that nobody sent: what the first ones take is ready in each child that is forked later.

        Nothing is told of one that fails: that is for the first client to meet, after the server is ready.
        """
        for target in (b"/", b"/index.html"):
            exchange = Exchange(self._site, Nobody(), self._limits, lambda _: None, keep_alive=False)
            exchange.receive(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target)
            exchange.sent(len(exchange.outgoing))

    def __reduce__(self) -> tuple[Any, ...]:
        """How a child gets it that is not forked but spawned."""
        return spawned_exchanges, (os.getpid(), *self._facts)


class Nobody:
    """The client of a rehearsal; see `engine.web.exchange.Witness`."""

    number = 0
    ready_since = active_at = 0.0
    served_by = b""

    def answered(self, *_: Any) -> None:
        """Nothing was answered."""


def spawned_exchanges(parent: int, *facts: Any) -> Exchanges:
    """The exchanges of a spawned child, which begins its life with this."""
    *_, recorder, lingering, _ = facts
    lifetime = Lifetime(recorder, lingering, has_children=True, fork=False, stop_on_eof=False)
    recorder.tick_soon_by(tick_soon)
    lifetime.live_as_child(parent)
    return Exchanges(*facts)


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
    if not root.is_dir():
        raise StartError(
            "root-missing", f"There is no folder {root}. Choose one that exists with --root.", root=str(root)
        )
    return listen(options.host, options.port), root


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at `host` and `port`. Raises `StartError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise StartError(
            "host-unknown",
            f"There is no address for the host {host}. Use 127.0.0.1 for this machine only, 0.0.0.0 for all.",
            host=host,
        ) from error
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # clients' sockets inherit it
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _start_error(error, host, port) from error
    return listener


def is_loopback(host: str) -> bool:
    """Whether the address `host` is reached from this machine only."""
    return ipaddress.ip_address(host).is_loopback


def _start_error(error: OSError, host: str, port: int) -> StartError:
    if error.errno == errno.EADDRINUSE:
        program, pid = port_owner(port)
        owner = f"{program} (process {pid})" if pid else "another program"
        return StartError(
            "port-in-use",
            f"Port {port} is in use by {owner}. Stop it, or choose another port with --port.",
            port=port,
            program=program,
            pid=pid,
        )
    if error.errno == errno.EACCES:
        return StartError(
            "port-privileged",
            f"Port {port} is for the system's administrator. Choose one from 1024 on with --port.",
            port=port,
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return StartError(
            "host-unknown",
            f"This machine does not have the address {host}. Use 127.0.0.1, or 0.0.0.0 for all it has.",
            host=host,
        )
    return StartError(
        "cannot-listen",
        f"The server can't listen at {host}, port {port}: {error.strerror}.",
        host=host,
        port=port,
        reason=str(error.strerror),
    )


def port_owner(port: int) -> tuple[str, int]:
    """Name and pid of the program that listens at `port`; empty and 0 if the system does not tell."""
    import psutil  # takes a while to import, and is needed only here

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return psutil.Process(connection.pid).name(), connection.pid
    except psutil.Error:
        return "", 0
    return "", 0


def stay_on_one_core() -> None:
    """Keep this process to one core: its threads share one lock, and passing it between cores costs half the speed."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def farewell() -> bytes:
    """What a client is sent that can't be served now."""
    response = message(HTTPStatus.SERVICE_UNAVAILABLE, "Too many clients at once. Try again in a moment.")
    return response.closing + b"\r\n" + response.body


def serve_for_ever(
    model: Model,
    listener: Listener,
    new_exchange: Exchanges,
    recorder: Recorder,
    own: dict[str, Value],
    *,
    fork: bool,
) -> None:
    """Run the model; where the system gives it no more workers, turn that client away and go on."""
    module = model.load(fork=fork)
    if hasattr(module, "select"):
        module.__dict__["select"] = traced_select(recorder)  # so that a model can wait with `select` as always
    settings = {row.name: own[row.name] for row in model.settings if not row.by_engine}
    while True:
        try:
            module.serve(listener, new_exchange, **settings)
        except (RuntimeError, OSError) as error:
            if not _is_short_of_workers(error):
                raise
            recorder.problem(
                "no-workers", f"The system gives no more workers: {error}. Clients are turned away.", reason=str(error)
            )
            if listener.newest is not None:
                recorder.fork_failed(listener.newest.number)
                listener.turn_away(listener.newest)
            time.sleep(PAUSE)


def _is_short_of_workers(error: Exception) -> bool:
    return "can't start new thread" in str(error) or getattr(error, "errno", 0) in _SHORTAGES
