"""How much one client may take: the bounds that keep it from harming the others."""

from dataclasses import dataclass, field, fields
from typing import Any


def _limit(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Limits:
    """The bounds; each field's name is its option on the command line."""

    max_head: int = _limit(16 * 1024, "bytes of a request's head; more is answered with 431")
    max_headers: int = _limit(100, "headers of a request; more are answered with 431")
    max_body: int = _limit(1024 * 1024, "bytes of a request's body; more are answered with 413")
    head_seconds: float = _limit(15.0, "seconds in which a request must have come whole; 408 after that")
    idle_seconds: float = _limit(75.0, "seconds in which a client must say or take something; then it is closed")
    max_connections: int = _limit(20_000, "connections open at a time; the next one is answered with 503")


def described() -> list[tuple[str, Any, Any, str]]:
    """Name, type, default and meaning of each limit, for a command line."""
    return [(each.name, type(each.default), each.default, each.metadata["meaning"]) for each in fields(Limits)]
