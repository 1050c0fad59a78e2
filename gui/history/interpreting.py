"""Which rules hold for which server: they follow from where its workers wait, and whether they hand requests over."""

from collections.abc import Callable

from engine.traits import Waits
from gui.history.handing_over import HandingOver
from gui.history.interpreters import Blocking, Busy, Interpreter, Measured, Observed, Polling

INTERPRETERS: dict[Waits, Callable[[Observed], Interpreter]] = {
    "call": Blocking,
    "poller": Polling,
    "never": Busy,
    "": Measured,
}
"""By where workers wait."""


def interpreter(known: Observed) -> Interpreter:
    """The one that suits the traits."""
    return HandingOver(known) if known.traits.hands_over else INTERPRETERS[known.traits.waits](known)
