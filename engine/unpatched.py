"""The standard library as it is without gevent's patches, for what runs in a real thread beside the greenlets."""

import sys
from typing import Any


def unpatched(module: str, name: str) -> Any:
    """The function `name` of `module`, which blocks the calling thread as always."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    return getattr(__import__(module), name)


select = unpatched("select", "select")
"""As it is before the tracing takes its place as well: this is imported before."""
