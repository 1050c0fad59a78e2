"""What tells the kinds of servers apart: who serves, how it waits, for how long, and who accepts.

Owns these words and the names of workers, which follow from them. Knows nothing of any model: whoever wants to know how
a server behaves asks for a trait, never for a name.
"""

from typing import Literal, TypeAlias

import msgspec

Worker: TypeAlias = Literal["", "process", "thread", "greenlet", "task", "loop"]
Waits: TypeAlias = Literal["", "call", "poller", "never"]
Serves: TypeAlias = Literal["", "one", "many"]
Accepts: TypeAlias = Literal["", "first", "each"]


class Traits(msgspec.Struct, frozen=True):
    """The traits of one server. An empty one is not known."""

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
        """Whether the first worker accepts connections and serves none of them."""
        return self.accepts == "first" and self.worker not in ("", "loop")

    @property
    def one_at_a_time(self) -> bool:
        """Whether a worker is with one connection until it ends."""
        return self.serves == "one" or (self.serves == "many" and self.waits == "call")

    def worker_name(self, number: int) -> str:
        """What worker `number` is called, as in `thread 7`, `loop` or `process 4312`; number 0 is the first one."""
        if number or not self.worker:
            return f"{self.worker or 'worker'} {number}"
        if self.worker == "loop":
            return "loop"
        return "parent" if self.accepts == "each" else "acceptor"
