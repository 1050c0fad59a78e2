"""What the streams are called, wherever messages of several are told in one: in the window, and in a recording."""

from typing import NamedTuple


class Streams(NamedTuple):
    """What is told of one engine."""

    engine: str
    load: str
    usage: str
    """What the engine's processes use."""


FIRST = ENGINE, LOAD, USAGE = Streams("engine", "load", "usage")
SECOND = Streams("other-engine", "other-load", "other-usage")
"""Of the engine that runs beside the first one."""
