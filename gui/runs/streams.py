"""The names of the streams, for messages of several streams in one: in the window, and in a recording."""

from typing import NamedTuple


class Streams(NamedTuple):
    """The streams of one engine."""

    engine: str
    load: str
    usage: str
    """The samples of what the engine's processes use."""


FIRST = ENGINE, LOAD, USAGE = Streams("engine", "load", "usage")
SECOND = Streams("other-engine", "other-load", "other-usage")
"""The streams of the second engine."""
