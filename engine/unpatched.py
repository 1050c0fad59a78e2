"""The standard library without gevent's patches, for code that runs in a real thread next to greenlets."""

import select as _select
import sys
from collections.abc import Sequence
from typing import Any


def unpatched(module: str, name: str) -> Any:
    """The original function `name` of `module`, which blocks the calling thread."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    return getattr(__import__(module), name)


select = unpatched("select", "select")
"""The function before tracing replaces it: this module is imported earlier."""
_poll = unpatched("select", "poll") if hasattr(_select, "poll") else None  # Windows has none


def any_readable(descriptors: Sequence[int]) -> bool:
    """Whether one of them can be read, or accepted from, without waiting."""
    if _poll is None:
        return bool(descriptors and select(descriptors, [], [], 0)[0])
    poller = _poll()
    for descriptor in descriptors:
        poller.register(descriptor, _select.POLLIN)
    return bool(poller.poll(0))
