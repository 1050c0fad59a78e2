"""The seam: what stands between a model and Python's sockets, put in place before the model runs.

Owns which classes are traced and guarded, and by which clock. Knows nothing of what is served.
"""

import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from engine import mistakes
from engine.mistakes import Mistake
from engine.model import Model
from engine.net import accepting, polling
from engine.net.guard import Guard
from engine.net.handling import Clock, HandlingClocks, TaskClock, ThreadClock
from engine.net.lingering import Lingering
from engine.net.place import Places
from engine.net.replacing import Replacements
from engine.net.tracing import Tracer
from engine.telemetry.recorder import Recorder
from engine.web.limits import Limits
from engine.web.response import text_response


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
        else:
            accepting.install(put)
        if model.worker == "task":
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
        traits = model.traits
        has_queue = traits.has_queue and traits.only_accepts
        clocks = HandlingClocks(recorder, places, clock, one_at_a_time=traits.one_at_a_time, has_queue=has_queue)
        return cls(tracer, places, guard, clocks)


def listening_too(plain: Callable[..., None], tracer: Tracer, guard: Guard) -> Callable[..., None]:
    """In place of a socket's `listen`: the clients of one that the model makes are traced and guarded as well."""

    def listen(listener: socket.socket, *backlog: int) -> None:
        plain(listener, *backlog)
        tracer.listen(listener)
        guard.listen(listener)

    return listen


def overload_response() -> bytes:
    """What a client is sent that can't be served now."""
    text = "Too many clients at once. Try again in a moment."
    response = text_response(HTTPStatus.SERVICE_UNAVAILABLE, text)
    assert isinstance(response.body, bytes)
    return response.closing + b"\r\n" + response.body
