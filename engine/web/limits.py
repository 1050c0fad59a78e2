"""How much one client may take: the bounds that keep it from harming the others."""

from dataclasses import dataclass, field, fields
from typing import Any

from engine.setting import Part, Setting


def _limit(default: float, meaning: str, least: float = 1) -> Any:
    return field(default=default, metadata={"meaning": meaning, "least": least})


@dataclass(frozen=True)
class Limits:
    """The bounds; each field's name is its option on the command line."""

    max_head: int = _limit(16 * 1024, "Bytes of a request's head; more is answered with 431")
    max_headers: int = _limit(100, "Headers of a request; more are answered with 431", least=0)
    max_body: int = _limit(1024 * 1024, "Bytes of a request's body; more are answered with 413", least=0)
    head_seconds: float = _limit(15.0, "Seconds in which a request must have come whole; 408 after that", least=0)
    idle_seconds: float = _limit(
        75.0, "Seconds in which a client must say or take something; then it is closed", least=0
    )
    max_connections: int = _limit(20_000, "Connections open at a time; the next one is answered with 503")


LIMITS = tuple(
    Setting(
        each.name, type(each.default), each.default, each.metadata["meaning"], Part.SERVER,
        least=each.metadata["least"], metavar="N",
    )
    for each in fields(Limits)
)  # fmt: skip
"""Each as a setting."""
