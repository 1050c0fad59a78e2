"""The standard library without gevent's patches, for code that runs in a real thread next to greenlets."""

import sys
from typing import Any


def unpatched(module: str, name: str) -> Any:
    """The original function `name` of `module`, which blocks the calling thread."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    return getattr(__import__(module), name)


select = unpatched("select", "select")
"""The function before tracing replaces it: this module is imported earlier."""
