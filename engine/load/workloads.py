"""The table of workloads: how clients use a server, as data. The window and the command line show it."""

from dataclasses import dataclass

from engine.persistence import ONE_A_REQUEST, Mode
from engine.texts import QT_TRANSLATE_NOOP

PAGE = "/index.html"
LARGE = "/work/large?mib=8"
MIB = 1024 * 1024
LOOPS = ("nonblocking", "keepalive", "epoll")
"""Models in which all clients wait while one is served."""
PACED = ("request", "browse", "rude")
"""Behaviours whose requests can be sent at a rate; the others have a pace of their own."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One way in which clients use the server."""

    key: str
    title: str
    description: str
    """One sentence for the user: what the clients do, and what it shows."""
    hardest_for: tuple[str, ...]
    """Keys of the models that it is hardest for."""
    behaviour: str
    """The kind of client in `engine.load.clients`: `request`, `browse`, `slow-send`, `slow-read`, `idle` or `rude`."""
    path: str = PAGE
    """What is requested; `{ms}` is replaced by the work time of a work page."""
    kept: bool = True
    """Whether a client sends further requests on the same connection."""
    clients: int = 64
    """The default number of clients."""
    work_ms: int = 0
    """The default work time of a work page; 0: the page does no work."""

    def connections(self, wanted: Mode) -> Mode:
        """How long its connections last where this is wanted."""
        return wanted if self.kept else ONE_A_REQUEST

    @property
    def provokes_errors(self) -> bool:
        """Whether its clients get errors on purpose: requests that are cut off as too slow, or rejected."""
        return self.behaviour in ("slow-send", "rude")

    @property
    def takes_requests(self) -> bool:
        """Whether its clients can send other requests than its own, one after the other."""
        return self.behaviour == "request" and self.path == PAGE

    @property
    def paced(self) -> bool:
        """Whether its requests can be sent at a rate (open loop)."""
        return self.behaviour in PACED


WORKLOADS = {
    workload.key: workload
    for workload in (
        Workload(
            "steady",
            QT_TRANSLATE_NOOP("workloads", "Steady visitors"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Each client requests the page again after each response, on the same connection if it is kept: raw"
                " speed.",
            ),
            ("process",),
            "request",
        ),
        Workload(
            "visitors",
            QT_TRANSLATE_NOOP("workloads", "New visitors"),
            QT_TRANSLATE_NOOP("workloads", "Each request opens a new connection: the cost of accepting clients."),
            ("process",),
            "request",
            kept=False,
        ),
        Workload(
            "browser",
            QT_TRANSLATE_NOOP("workloads", "Browsers"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Each client loads a page and its parts over six connections, as a browser does.",
            ),
            ("process",),
            "browse",
            clients=16,
        ),
        Workload(
            "slow-senders",
            QT_TRANSLATE_NOOP("workloads", "Slow senders"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Each client sends its request one byte a second: a server with one worker per client needs many"
                " workers.",
            ),
            ("process",),
            "slow-send",
        ),
        Workload(
            "slow-readers",
            QT_TRANSLATE_NOOP("workloads", "Slow readers"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Each client requests a large file and reads it slowly: a server that waits for it serves no other.",
            ),
            ("process",),
            "slow-read",
            LARGE,
        ),
        Workload(
            "idle-crowd",
            QT_TRANSLATE_NOOP("workloads", "Idle crowd"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Thousands of clients keep a connection open and send nothing: the cost of an open connection.",
            ),
            ("thread",),
            "idle",
            clients=1000,
        ),
        Workload(
            "waiting-work",
            QT_TRANSLATE_NOOP("workloads", "Waiting work"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "The page waits before it responds, as for a database: in a single loop every client waits for the"
                " others.",
            ),
            LOOPS,
            "request",
            "/work/wait?ms={ms}",
            clients=8,
            work_ms=100,
        ),
        Workload(
            "busy-work",
            QT_TRANSLATE_NOOP("workloads", "Busy work"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "The page computes before it responds: only processes can use more than one core.",
            ),
            LOOPS,
            "request",
            "/work/busy?ms={ms}",
            clients=8,
            work_ms=20,
        ),
        Workload(
            "large-files",
            QT_TRANSLATE_NOOP("workloads", "Large files"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Each client loads a file of 8 MiB again and again: the cost of copying, and of waiting while"
                " others send.",
            ),
            ("gevent",),
            "request",
            LARGE,
            clients=8,
        ),
        Workload(
            "rude-clients",
            QT_TRANSLATE_NOOP("workloads", "Rude clients"),
            QT_TRANSLATE_NOOP(
                "workloads",
                "Clients reset connections, half-close them or send invalid requests: no other client may be affected.",
            ),
            ("nonblocking",),
            "rude",
        ),
    )
}
"""In the order shown."""
