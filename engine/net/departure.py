"""When a client leaves while its request is answered in an event loop, and nothing is read from it.

Owns how that is seen: there is an end to be read. The call goes past the tracing, since no model makes it.
"""

import _socket
import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def watched(client: Any, left: Callable[[], None]) -> Iterator[None]:
    """Call `left` once if `client` closes its side meanwhile; more requests that it sends say that it does not."""
    loop, descriptor = asyncio.get_running_loop(), client.fileno()

    def look() -> None:
        try:
            has_ended = not _socket.socket.recv(client, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            has_ended = True
        loop.remove_reader(descriptor)
        if has_ended:
            left()

    if descriptor < 0:
        yield
        return
    loop.add_reader(descriptor, look)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
