"""The names of the streams, for messages of several streams in one: in the window, and in a recording."""

from typing import NamedTuple


class Streams(NamedTuple):
    """The streams of one engine."""

    engine: str
    load: str
    usage: str
    """The samples of what the engine's processes use."""
    by_hand: str
    """What was done by hand on connections to it."""


FIRST = ENGINE, LOAD, USAGE, BY_HAND = Streams("engine", "load", "usage", "by-hand")
SECOND = Streams("other-engine", "other-load", "other-usage", "other-by-hand")
"""The streams of the second engine."""
