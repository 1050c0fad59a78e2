"""How much one client may take: the bounds that keep it from harming the others."""

from dataclasses import dataclass, field, fields
from typing import Any

from engine.setting import Part, Setting

NO_LIMIT = 2**62
BODY_RATE = 500
"""Bytes of a body for which its client gets one second more."""


def _limit(default: float, meaning: str, least: float = 1, usual: str = "") -> Any:
    """`usual`: what applies if it is not set, where that is not always the default."""
    return field(default=default, metadata={"meaning": meaning, "least": least, "usual": usual})


@dataclass(frozen=True)
class Limits:
    """The bounds; each field's name is its option on the command line."""

    max_head: int = _limit(16 * 1024, "Bytes that the head of a request may have; more is answered with 431")
    max_headers: int = _limit(100, "Headers that a request may have; more are answered with 431", least=0)
    max_body: int = _limit(
        1024 * 1024, "Bytes that the body of a request may have; more are answered with 413", least=0,
        usual="1048576; for an application of yours: no limit",
    )  # fmt: skip
    head_seconds: float = _limit(
        15.0,
        "Seconds within which a whole request must arrive, one more for each 500 bytes of its body; after that it is"
        " answered with 408",
        least=0,
    )
    idle_seconds: float = _limit(
        75.0, "Seconds after which a connection is closed if nothing is sent in either direction", least=0
    )
    max_connections: int = _limit(20_000, "Connections that may be open at a time; the next one is answered with 503")


LIMITS = tuple(
    Setting(
        each.name, type(each.default), None if each.metadata["usual"] else each.default, each.metadata["meaning"],
        Part.SERVER, least=each.metadata["least"], metavar="N", default_text=each.metadata["usual"],
    )
    for each in fields(Limits)
)  # fmt: skip
"""Each as a setting."""
