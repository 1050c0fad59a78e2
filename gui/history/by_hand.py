"""The connections that were made by hand, as data: what was done on each, what came back, and when.

Owns the form of one act, in which it is also recorded, and what follows from a connection's acts. Knows nothing of Qt
or of sockets. Times are seconds on the monotonic clock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from engine.telemetry import wire
from engine.telemetry.bounds import Count, Seconds

Kind: TypeAlias = Literal[
    "opened", "sent", "held", "resumed", "half-closed", "reset", "closed",
    "connected", "received", "ended", "was-reset", "refused", "failed", "left",
]  # fmt: skip
OURS: tuple[Kind, ...] = ("opened", "sent", "held", "resumed", "half-closed", "reset", "closed")
"""What is done by hand; all others happen to the connection."""
OVER: tuple[Kind, ...] = ("reset", "closed", "was-reset", "refused", "failed", "left")
"""After these there is no connection any more."""
CHANGING: tuple[Kind, ...] = (*OVER, "half-closed", "ended", "connected", "opened")
"""What changes the state of a connection."""
STANDING: tuple[Kind, ...] = (*CHANGING, "held", "resumed")
"""The newest act of each of these kinds says how a connection stands."""
ACCEPTED_WITHIN = 10.0
"""Seconds after its end in which a connection may still be accepted; later, its port may be another client's."""
LISTED = 8
"""Connections listed at most, as many as may be open; the oldest that are over make room."""
MOST_ACTS = 2_000
"""Acts kept of a connection; of more, what came back is counted only."""


class Act(msgspec.Struct, tag_field="type", tag="act"):
    """One act on a connection, or what happened to it."""

    time: Seconds
    """Taken right before the call that did it or brought it; of a failure, when it was noticed."""
    client: Count
    """The number of the connection; no two to the same run have the same."""
    kind: Kind
    data: bytes = b""
    """The first bytes of what was sent or received: there is a limit for each connection."""
    count: Count = 0
    """How many bytes it was."""
    client_address: str = ""
    """`host:port` of this end, of `opened` only; empty where the system has none before it is connected."""
    server_address: str = ""
    error: str = ""
    """What the system says, of `failed` only."""


_decoder = msgspec.json.Decoder(Act)


def decode(line: bytes) -> Act:
    """The act in a line of a recording. Raises msgspec's errors for anything else."""
    return _decoder.decode(line)


@dataclass
class ClientByHand:
    """One connection."""

    number: int
    began: float
    client_address: str
    server_address: str
    acts: list[Act] = field(default_factory=list)
    state: Kind = "opened"
    """The newest act of `CHANGING`."""
    is_held: bool = False
    """Whether what comes back is left unread."""
    has_said_all: bool = False
    """Whether this end was half-closed: it sends nothing more."""
    connection: int = 0
    """Its number at the engine; 0: not reported, or not yet."""
    sent: int = 0
    received: int = 0

    @property
    def is_over(self) -> bool:
        """Whether there is no connection any more."""
        return self.state in OVER

    def may_be_accepted_at(self, moment: float) -> bool:
        """Whether what the server accepted from its port at that moment can be this connection."""
        return self.began <= moment and not (self.is_over and moment > self.acts[-1].time + ACCEPTED_WITHIN)

    @property
    def can_send(self) -> bool:
        """Whether this end may still send."""
        return not self.is_over and not self.has_said_all

    def take(self, act: Act) -> None:
        """One more act."""
        if len(self.acts) < MOST_ACTS or act.kind in CHANGING:
            self.acts.append(act)
        if act.kind in CHANGING:
            self.state = act.kind
        if act.kind in ("held", "resumed"):
            self.is_held = act.kind == "held"
        self.has_said_all |= act.kind == "half-closed"
        self.sent += act.count if act.kind == "sent" else 0
        self.received += act.count if act.kind == "received" else 0


class HandHistory:
    """The newest connections that were made by hand to one server."""

    def __init__(self) -> None:
        self.clients: dict[int, ClientByHand] = {}
        """By number, the oldest first."""
        self.revision = 0
        """Grows with each arrival that can be seen."""
        self._unmatched: dict[str, ClientByHand] = {}

    def receive(self, act: Act) -> None:
        """Takes one act, in the order in which they were done."""
        client = self.clients.get(act.client)
        if client is None:
            if act.kind != "opened":
                return  # its beginning was not recorded
            client = self._begin(act)
        client.take(act)
        self.revision += 1

    def receive_engine(self, message: wire.AnyMessage) -> None:
        """Takes one message of the engine's stream: which connection is which."""
        match message:
            case wire.Opened():
                for row in message.rows:
                    client = self._unmatched.get(row.client)
                    if client and client.may_be_accepted_at(row.time):
                        client.connection = row.connection
                        del self._unmatched[row.client]
                        self.revision += 1
                    elif client and client.began <= row.time:  # the port is another client's by now
                        del self._unmatched[row.client]
            case wire.Ready():  # numbers begin anew with each engine
                self._unmatched.clear()
                for client in self.clients.values():
                    client.connection = 0
                    if client.client_address and not client.is_over and client.began >= message.time:
                        self._unmatched[client.client_address] = client

    def of_connection(self, connection: int) -> int:
        """The number of the client whose connection this is; 0: it was not made by hand."""
        return next((each.number for each in self.clients.values() if connection and each.connection == connection), 0)

    def connections(self) -> list[int]:
        """Their numbers at the engine, as far as they are known."""
        return [each.connection for each in self.clients.values() if each.connection]

    def done(self, begin: float, end: float) -> Iterator[tuple[ClientByHand, Act]]:
        """What was done by hand in this stretch of time."""
        for client in self.clients.values():
            yield from ((client, act) for act in client.acts if act.kind in OURS and begin <= act.time <= end)

    def _begin(self, act: Act) -> ClientByHand:
        client = ClientByHand(act.client, act.time, act.client_address, act.server_address)
        for old in _to_drop(self.clients.values()):
            del self.clients[old.number]
        self.clients[act.client] = client
        if act.client_address:
            self._unmatched[act.client_address] = client
        return client


def _to_drop(clients: Iterable[ClientByHand]) -> list[ClientByHand]:
    """Those that make room for one more."""
    clients = list(clients)
    return [each for each in clients if each.is_over][: max(0, len(clients) + 1 - LISTED)]
