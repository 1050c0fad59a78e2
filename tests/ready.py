"""The first message of an engine that a test makes up."""

from engine.models import MODELS
from engine.telemetry import wire
from engine.traits import Traits

CLOCK = 1_700_000_000.0
"""Unix time minus monotonic time."""


def a_ready(
    model: str,
    time: float = 0.0,
    *,
    clock: float = CLOCK,
    keep_alive: bool = True,
    pid: int = 1,
    traits: Traits | None = None,
) -> wire.Ready:
    """What a model of the table says, or with `traits` any other server."""
    title = MODELS[model].title if model in MODELS else model
    traits = traits or MODELS[model].traits
    return wire.Ready(
        wire.VERSION, model, "127.0.0.1", 8888, pid, "/", keep_alive, time, clock, title=title, traits=traits
    )
