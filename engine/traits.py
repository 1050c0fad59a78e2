"""The traits that distinguish servers: what serves a connection, where it waits, how many it serves, what accepts.

Owns these terms and the names of workers, which follow from them. Knows nothing of any model: code that depends on how
a server behaves checks a trait, never a model's name.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from engine.texts import QT_TRANSLATE_NOOP, translate

Worker: TypeAlias = Literal["", "process", "thread", "greenlet", "task", "loop"]
Waits: TypeAlias = Literal["", "call", "poller", "never"]
Serves: TypeAlias = Literal["", "one", "many"]
Accepts: TypeAlias = Literal["", "first", "each"]

NAMES: dict[Worker, str] = {
    "": QT_TRANSLATE_NOOP("workers", "worker {n}"),
    "process": QT_TRANSLATE_NOOP("workers", "process {n}"),
    "thread": QT_TRANSLATE_NOOP("workers", "thread {n}"),
    "greenlet": QT_TRANSLATE_NOOP("workers", "greenlet {n}"),
    "task": QT_TRANSLATE_NOOP("workers", "task {n}"),
    "loop": QT_TRANSLATE_NOOP("workers", "loop {n}"),
}
"""The name of a worker by its kind; `{n}` is its number."""
COUNTS: dict[Worker, str] = {
    "": translate("workers", "%Ln worker(s)", "", -1),
    "process": translate("workers", "%Ln process(es)", "", -1),
    "thread": translate("workers", "%Ln thread(s)", "", -1),
    "greenlet": translate("workers", "%Ln greenlet(s)", "", -1),
    "task": translate("workers", "%Ln task(s)", "", -1),
    "loop": translate("workers", "%Ln loop(s)", "", -1),
}
"""How many workers of a kind there are."""
WORDS: dict[Worker, str] = {
    "": translate("workers", "worker(s)", "", -1),
    "process": translate("workers", "process(es)", "", -1),
    "thread": translate("workers", "thread(s)", "", -1),
    "greenlet": translate("workers", "greenlet(s)", "", -1),
    "task": translate("workers", "task(s)", "", -1),
    "loop": translate("workers", "loop(s)", "", -1),
}
"""The same without the number."""
ONLY_LOOP = QT_TRANSLATE_NOOP("workers", "loop")
ACCEPTOR = QT_TRANSLATE_NOOP("workers", "acceptor")
PARENT = QT_TRANSLATE_NOOP("workers", "parent")


class Traits(msgspec.Struct, frozen=True):
    """The traits of one server. An empty trait is not known."""

    worker: Worker = ""
    """What serves a connection; `loop` is one thread for all connections."""
    waits: Waits = ""
    """Where a worker waits: in the socket's own calls, in a poller for many sockets at once, or never."""
    serves: Serves = ""
    """How many connections a worker serves over its life. How many at once follows from `waits`."""
    accepts: Accepts = ""
    """Which workers call `accept`: only the first one, or each."""
    hands_over: bool = False
    """Whether a worker only reads and writes, and hands requests over to a pool of threads that handle them."""

    @property
    def only_accepts(self) -> bool:
        """Whether the first worker accepts connections and serves none."""
        return self.accepts == "first" and self.worker not in ("", "loop")

    @property
    def has_threads(self) -> bool:
        """Whether threads handle requests."""
        return self.worker == "thread" or self.hands_over

    @property
    def handled_by(self) -> Worker:
        """What handles requests: what serves connections, unless that hands them over."""
        return "thread" if self.hands_over else self.worker

    @property
    def one_at_a_time(self) -> bool:
        """Whether a worker serves one connection at a time, until it ends."""
        return self.serves == "one" or (self.serves == "many" and self.waits == "call")

    @property
    def may_wait(self) -> bool:
        """Whether a worker waits for its own client alone, so that an application it calls may wait for that too."""
        return self.waits == "call"

    @property
    def shares_workers(self) -> bool:
        """Whether a worker serves one connection at a time, and then another: a connection that is kept keeps a worker
        from others."""
        return self.serves == "many" and self.waits == "call"

    @property
    def has_pool(self) -> bool:
        """Whether several workers serve one connection, or one request, after the other: each next one goes to one of
        them."""
        return self.hands_over or (self.shares_workers and self.worker in ("process", "thread", "greenlet"))

    @property
    def has_queue(self) -> bool:
        """Whether its pool takes connections, or requests, from a queue of the server's own."""
        return self.has_pool and self.accepts == "first"

    @property
    def shares_memory(self) -> bool:
        """Whether several workers of one process may be in the application at a time: each can wait there."""
        return self.has_threads or self.worker == "greenlet"

    @property
    def has_own_threads(self) -> bool:
        """Whether each worker waits in calls of a thread of its own: when what it waits for has come, it goes on as
        soon as it is run."""
        return self.waits == "call" and self.worker in ("process", "thread", "loop")

    @property
    def awaits(self) -> bool:
        """Whether its workers run in an event loop, which can await an application."""
        return self.worker == "task"

    @property
    def has_processes(self) -> bool:
        """Whether several processes serve."""
        return self.worker == "process"

    def worker_name(self, number: int, translate: Callable[[str, str], str] = translate) -> str:
        """The name of worker `number`, such as `thread 7`, `loop` or `process 4312`; number 0 is the first worker."""
        if number or not self.worker:
            text = NAMES[self.handled_by]
        elif self.worker == "loop":
            text = ONLY_LOOP
        else:
            text = PARENT if self.accepts == "each" else ACCEPTOR
        return translate("workers", text).format(n=number)
