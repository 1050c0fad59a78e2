"""The traits that distinguish servers: what serves a connection, where it waits, how many it serves, what accepts.

Owns these terms and the names of workers, which follow from them. Knows nothing of any model: code that depends on how
a server behaves checks a trait, never a model's name.
"""

from typing import Literal, TypeAlias

import msgspec

Worker: TypeAlias = Literal["", "process", "thread", "greenlet", "task", "loop"]
Waits: TypeAlias = Literal["", "call", "poller", "never"]
Serves: TypeAlias = Literal["", "one", "many"]
Accepts: TypeAlias = Literal["", "first", "each"]


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

    @property
    def only_accepts(self) -> bool:
        """Whether the first worker accepts connections and serves none."""
        return self.accepts == "first" and self.worker not in ("", "loop")

    @property
    def one_at_a_time(self) -> bool:
        """Whether a worker serves one connection at a time, until it ends."""
        return self.serves == "one" or (self.serves == "many" and self.waits == "call")

    @property
    def shares_workers(self) -> bool:
        """Whether a worker serves one connection at a time, and then another: a connection that is kept keeps a worker
        from others."""
        return self.serves == "many" and self.waits == "call"

    def worker_name(self, number: int) -> str:
        """The name of worker `number`, such as `thread 7`, `loop` or `process 4312`; number 0 is the first worker."""
        if number or not self.worker:
            return f"{self.worker or 'worker'} {number}"
        if self.worker == "loop":
            return "loop"
        return "parent" if self.accepts == "each" else "acceptor"
