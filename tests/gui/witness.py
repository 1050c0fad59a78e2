"""An `EngineProcess` under test with all its messages, and clients that keep its engine busy.

Knows the engine's stream by the wire contract, and its processes by their group.
"""

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator

from pytestqt.qtbot import QtBot

from engine.telemetry import wire
from gui.runs.processes import Ending, EngineProcess, ProcessState, group_members, is_alive
from gui.settings import Settings

PATIENCE = 20_000
"""Milliseconds within which anything that works has happened, however busy the machine."""
ANY_PORT = Settings(port=0)


class Witness:
    """An `EngineProcess` and all its messages."""

    def __init__(self, qtbot: QtBot, process: EngineProcess) -> None:
        self._qtbot = qtbot
        self.process = process
        self.states: list[ProcessState] = []
        self.messages: list[wire.AnyMessage] = []
        self.endings: list[Ending] = []
        self.groups: list[int] = []
        process.state_changed.connect(self.states.append)
        process.message_arrived.connect(self.messages.append)
        process.ended.connect(self.endings.append)

    def until(self, condition: Callable[[], object]) -> None:
        """Lets the event loop run until `condition` is true."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def start(self, settings: Settings = ANY_PORT) -> None:
        """Returns when an engine runs."""
        self.process.start(settings)
        self.until_running(settings.model)

    def until_running(self, model: str) -> None:
        """Returns when an engine of `model` is ready."""
        self.until(lambda: self.process.state == ProcessState.RUNNING and self.ready.model == model)
        self.groups.append(self.ready.pid)

    def until_stopped(self) -> Ending:
        """How the engine ended, once it has."""
        self.until(lambda: self.process.state == ProcessState.STOPPED and self.endings)
        return self.endings[-1]

    @property
    def ready(self) -> wire.Ready:
        """The newest engine's first message."""
        return next(message for message in reversed(self.messages) if isinstance(message, wire.Ready))

    def all(self, kind: type[wire.Message]) -> list[wire.Message]:
        """The messages of one kind."""
        return [message for message in self.messages if isinstance(message, kind)]

    def living(self) -> list[int]:
        """Who still runs, of all engines that ever ran."""
        return [pid for group in self.groups for pid in group_members(group) if is_alive(pid)]


@contextlib.contextmanager
def load(port: int, clients: int = 12) -> Iterator[list[int]]:
    """Clients that ask again and again, each on connections as the server likes them; gives their statuses."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                statuses.append(get(port).status)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def get(port: int) -> http.client.HTTPResponse:
    """The reply to a request for the first page, read whole."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        reply = connection.getresponse()
        reply.read()
        return reply


def hold(port: int, count: int) -> list[socket.socket]:
    """So many clients, each with its connection open and one request answered."""
    clients = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), timeout=20)
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(1)
        clients.append(client)
    return clients
