"""The table of workloads: what clients may do to a server, as data. The window and the command line show it."""

from dataclasses import dataclass

PAGE = "/index.html"
LARGE = "/work/large?mib=8"
MIB = 1024 * 1024
PACED = ("ask", "browse", "rude")
"""Behaviours that can come at a rate; the others have a pace of their own."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One way in which clients behave."""

    key: str
    title: str
    description: str
    """One sentence for a person: what happens, and what is to be seen."""
    hardest_for: str
    """Key of the model that it is hardest for; empty: of none."""
    behaviour: str
    """Names the kind of client, see `engine.load.clients`: `ask`, `browse`, `drip`, `sip`, `stay`, `rude`."""
    path: str = PAGE
    """What is asked for; `{ms}` is replaced by how long a work page is to work."""
    kept: bool = True
    """Whether a client asks again on the same connection."""
    clients: int = 64
    """How many there are unless somebody says otherwise."""
    work_ms: int = 0
    """How long a work page works unless somebody says otherwise; 0: there is none."""

    @property
    def paced(self) -> bool:
        """Whether its requests can come at a rate (open loop)."""
        return self.behaviour in PACED


WORKLOADS = {
    workload.key: workload
    for workload in (
        Workload(
            "steady",
            "Steady visitors",
            "Each client keeps its connection and asks for the page again as soon as it is answered: raw speed.",
            "process",
            "ask",
        ),
        Workload(
            "visitors",
            "New visitors",
            "Each request comes on a connection of its own: what it costs to welcome somebody.",
            "process",
            "ask",
            kept=False,
        ),
        Workload(
            "browser",
            "Browsers",
            "Each client loads a page with its parts over six connections, as a browser does.",
            "process",
            "browse",
            clients=16,
        ),
        Workload(
            "slow-senders",
            "Slow senders",
            "Each client sends its request a byte a second: whoever gives each of them a worker runs short.",
            "process",
            "drip",
        ),
        Workload(
            "slow-readers",
            "Slow readers",
            "Each client asks for a large file and sips it: a server that waits for one to swallow serves no other.",
            "process",
            "sip",
            LARGE,
        ),
        Workload(
            "idle-crowd",
            "Idle crowd",
            "Thousands keep a connection and say nothing: what it costs to have somebody there.",
            "thread",
            "stay",
            clients=1000,
        ),
        Workload(
            "waiting-work",
            "Waiting work",
            "The page waits before it answers, as for a database: one loop makes everybody wait in line.",
            "epoll",
            "ask",
            "/work/wait?ms={ms}",
            clients=8,
            work_ms=100,
        ),
        Workload(
            "busy-work",
            "Busy work",
            "The page computes before it answers: only processes can use more than one core for it.",
            "epoll",
            "ask",
            "/work/busy?ms={ms}",
            clients=8,
            work_ms=20,
        ),
        Workload(
            "large-files",
            "Large files",
            "Each client loads a file of 8 MiB again and again: who copies, and who keeps others waiting meanwhile.",
            "gevent",
            "ask",
            LARGE,
            clients=8,
        ),
        Workload(
            "rude-clients",
            "Rude clients",
            "Clients that hang up, close halfway or talk nonsense: nobody else may notice.",
            "nonblocking",
            "rude",
        ),
    )
}
"""In the order in which they are shown."""
