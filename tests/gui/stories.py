"""Clients that behave in a known way, asking real engines, and what became of it as the window's data."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.telemetry import wire
from gui.history.lanes import Lanes
from gui.history.request_log import RequestLog
from tests.engine.child import PROJECT
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually

SITE = PROJECT / "html_test"
PAUSE = 0.1
"""Seconds between two pieces of what a slow client sends."""


class Told:
    """What an engine has told, as the window keeps it."""

    def __init__(self, engine: Engine) -> None:
        self.lanes, self.log = Lanes(), RequestLog()
        self._engine = engine
        self._seen = 0
        self._over: set[int] = set()

    def catch_up(self) -> None:
        """Takes what the engine has told since."""
        messages = self._engine.messages[self._seen :]
        self._seen += len(messages)
        for message in messages:
            self.lanes.receive(message)
            match message:
                case wire.Ready():
                    self.log.begin(message)
                case wire.Heads():
                    self.log.add_heads(message.rows)
                case wire.Opened():
                    self.log.add_clients(message.rows)
                case wire.Requests():
                    self.log.append(message.rows)
                case wire.Spans():
                    serves = [row for row in message.rows if row.worker or not self.lanes.traits.only_accepts]
                    self._over.update(row.connection for row in serves if row.call == "close")

    def until_over(self, connections: int = 1) -> None:
        """Waits until all is told of so many connections: each one's last call is its server's `close`."""
        eventually(lambda: (self.catch_up(), len(self._over) >= connections)[1], "all is told")


@contextmanager
def telling(model: str, *options: str) -> Iterator[tuple[Engine, Told]]:
    """A running engine that serves the example site, and what it has told."""
    with Engine(model, SITE, *options) as engine:
        assert engine.ready
        yield engine, Told(engine)


def ask(engine: Engine, path: str = "/index.html") -> None:
    """One request on a connection of its own."""
    with Client(engine.address) as client:
        client.send(request(path))
        client.reply()


def ask_slowly(engine: Engine, pieces: int = 4) -> None:
    """One request that comes in so many pieces."""
    data = request("/index.html")
    size = -(-len(data) // pieces)
    with Client(engine.address) as client:
        for begin in range(0, len(data), size):
            if begin:
                time.sleep(PAUSE)
            client.send(data[begin : begin + size])
        client.reply()


def at_once(*stories: Callable[[], None]) -> None:
    """Plays the stories at the same time."""
    threads = [threading.Thread(target=story) for story in stories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
