"""The exchanges: what a model gets as `new_exchange`, and how it is made anew in a child that is not forked.

Owns which application answers, through which kind of connection. Knows nothing of how a model moves bytes.
"""

import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from engine import apps, mistakes, persistence
from engine.apps.asgi import AwaitedGateway
from engine.apps.phones import PhoneRegistry, is_elsewhere
from engine.apps.serving import site_application, users_application
from engine.apps.users import UsersApplication
from engine.apps.wsgi import Client, Gateway
from engine.clock import monotonic
from engine.failures import ApplicationFailures, ModelFailures
from engine.lifetime import Lifetime, tick_soon
from engine.mistakes import Mistake
from engine.model import Model
from engine.net.lingering import Lingering
from engine.net.replacing import Put, Replacements
from engine.net.tracing import TracedConnection
from engine.seam import Seam
from engine.telemetry.observer import HandedOverObserver, RequestObserver, SteppedObserver
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import Connections
from engine.uploads import UploadingClient
from engine.web.connection import Newest, Service
from engine.web.date import DateHeader
from engine.web.limits import Limits
from engine.web.observer import NullObserver
from engine.web.response import Application
from engine.web.served import AwaitedConnection, QueuedConnection, ServedConnection, SteppedConnection

APPLICATIONS = Path(apps.__file__).parent
"""The folder of what a server of ours serves."""
WARM = 0.1
"""Seconds after which a process that forks answers requests of its own again, to have files and date looked up."""
SHUTDOWN = 1.0
"""Seconds that an application has to shut down."""
LOOKS_EVERY = 0.005
"""Seconds between two looks whether it has."""
IN_FILE = {kept: persistence.OwnPersistence(kept) for kept in (False, True)}
"""The persistence of connections on which the model's file decides."""


class Facts(NamedTuple):
    """What the exchanges of every process are made from."""

    model: Model
    root: Path
    keep_alive: bool | None
    limits: Limits
    work_pages: bool
    names: tuple[str, ...] | None = ()
    """Names by which this server may be asked besides those that every machine has; None: all."""
    users: UsersApplication | None = None
    """What is served instead of the folder."""
    address: tuple[str, int] = ("", 0)
    mistake: Mistake | None = None
    phones: Path | None = None
    """The page for the phones of a class, which all clients on other machines are; None: all clients are alike."""


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
        self._streams = facts.users is not None and (is_awaited or model.traits.may_wait)
        application = site_application(facts.root, work_pages=facts.work_pages, names=facts.names, clocks=seam.clocks)
        self._service = Service(application, facts.limits, ApplicationFailures(recorder), DateHeader())
        self._phones = (
            PhoneRegistry(facts.phones, facts.names or (), seam.clocks, recorder.phone_named) if facts.phones else None
        )
        self._phones_service = replace(  # a phone only asks, and gets nothing that is kept for this machine
            self._service, limits=replace(facts.limits, max_body=0), newest=Newest()
        )
        self._in_steps: type[SteppedConnection] = QueuedConnection if model.hands_over else SteppedConnection
        self._new_observer: Callable[[TracedConnection], RequestObserver] = partial(RequestObserver, recorder)
        if model.traits.awaits:
            self._in_steps = AwaitedConnection
            self._new_observer = partial(SteppedObserver, recorder)
        if model.hands_over:
            self._new_observer = partial(HandedOverObserver, recorder, caller=seam.places.caller)
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
        service, model = self._service, self._facts.model
        if self._application_for:
            service = replace(service, application=self._application_for(address_of(client)))
        is_phone, here = False, ""
        if self._phones:
            address, here = address_of(client), address_here(client)
            is_phone = is_elsewhere(address, here)
            if is_phone:
                answers = partial(self._phones.respond, connection, address[0], here)
                service = replace(self._phones_service, application=answers)
            else:
                answers = partial(self._phones.respond_here, connection, here, service.application)
                service = replace(service, application=answers)
        if self._gateway and not in_steps:  # or else the folder would be served instead of it
            raise ValueError("An application that is awaited needs new_exchange(client, in_steps=True)")
        exchange = connection.watched = (self._in_steps if in_steps else ServedConnection)(
            service,
            self._new_observer(connection),
            persistence=self._persistence if keep_alive is None else IN_FILE[keep_alive],
            greeting=b"hello~client:num=%d" % client.fileno() if model.greets else b"",
        )
        if self._streams and not is_phone:
            exchange.stream_bodies(UploadingClient(client, self._seam.clocks, may_wait=model.traits.may_wait))
        if self._gateway and not is_phone and isinstance(exchange, AwaitedConnection):
            from asyncio import get_running_loop  # only here: it is there already, where a model has tasks

            from engine.net.departure import watched

            begin = partial(self._gateway.begin, get_running_loop(), address_of(client), exchange)
            exchange.begin = partial(self._phones.begin_here, connection, here, begin) if self._phones else begin
            exchange.watch = partial(watched, client)
        return exchange

    def reject(self, client: socket.socket) -> None:
        """Reject and close `client`, which the model can't serve besides those that it serves."""
        self._seam.guard.reject(client, len(self._recorder.open_here) - 1)

    def _awaited_gateway(self, users: UsersApplication) -> AwaitedGateway:
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

    def _users_application(self, users: UsersApplication) -> Callable[[Client], Application]:
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


def wait_until(look: Callable[[], bool]) -> None:
    """Wait until `look` is true, but no longer than a shutdown may take."""
    deadline = monotonic() + SHUTDOWN
    while not look() and monotonic() < deadline:
        time.sleep(LOOKS_EVERY)


def address_of(client: socket.socket) -> Client:
    """Host and port of a client; empty if it has left already."""
    try:
        host, port = client.getpeername()[:2]
    except OSError:
        return "", 0
    return host, port


def address_here(client: socket.socket) -> str:
    """The address of this machine that a client has reached; empty if it has left already."""
    try:
        return str(client.getsockname()[0])
    except OSError:
        return ""
