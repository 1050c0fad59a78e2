"""What version 1 of the wire contract wrote in another shape, and how it is said now.

Owns the shapes of version 1 that later ones changed. Knows nothing of the later ones but the order of their fields.
"""

from typing import Any

import msgspec

from engine.telemetry.bounds import UNREADABLE, Count, Seconds, Status
from engine.traits import Traits


class Request(msgspec.Struct, array_like=True, gc=False):
    """A request was answered, or its reply broke off."""

    time: Seconds
    connection: Count
    worker: Count
    request: Count
    reply: Count
    status: Status
    bytes: Count
    waited: Seconds
    """Seconds from reading the request's first byte until its handling began."""
    took: Seconds
    """Seconds from there until `time`."""
    whole: bool

    def moved(self) -> tuple[Any, ...]:
        """The fields of today's row: the moments that were not told are 0."""
        handled = self.time - self.took
        return (
            self.connection, self.worker, self.request, self.reply, self.status, self.bytes, self.whole,
            0.0, 0.0, handled - self.waited, 0.0, handled, 0.0, self.time,
        )  # fmt: skip


class Requests(msgspec.Struct, tag_field="type", tag="requests"):
    """A batch of them."""

    rows: list[Request]


_each = Traits(waits="call", serves="one", accepts="first")
_loop = Traits(worker="loop", serves="many", accepts="first")
_MODELS = {
    "process": ("Processes", msgspec.structs.replace(_each, worker="process")),
    "thread": ("Threads", msgspec.structs.replace(_each, worker="thread")),
    "gevent": ("Greenlets", msgspec.structs.replace(_each, worker="greenlet")),
    "nonblocking": ("Non-blocking", msgspec.structs.replace(_loop, waits="never")),
    "keepalive": ("Non-blocking + keep-alive", msgspec.structs.replace(_loop, waits="never")),
    "epoll": ("epoll", msgspec.structs.replace(_loop, waits="poller")),
}
"""Titles and traits of all models there were in version 1, which told only their keys."""

_decoder = msgspec.json.Decoder(Requests)


def title_and_traits(model: str) -> tuple[str, Traits]:
    """What a `ready` of version 1 did not say of the model with this key; without traits where it is not known."""
    return _MODELS.get(model, (model, Traits()))


def moved_requests(line: bytes) -> list[tuple[Any, ...]] | None:
    """The fields of today's rows for the batch of requests in `line`; None if it is none of version 1."""
    try:
        return [row.moved() for row in _decoder.decode(line).rows]
    except UNREADABLE:
        return None
