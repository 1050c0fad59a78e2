"""What the handling of a request, or a stretch of it, went into."""

from typing import NamedTuple


class Spent(NamedTuple):
    """Seconds; -1: not known."""

    computed: float
    """Of a processor."""
    in_calls: float
    """In which the worker waited in a call."""


UNKNOWN = Spent(-1.0, -1.0)
