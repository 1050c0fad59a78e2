"""The orders that the reader of the stream sends, as they arrive on a descriptor.

Owns how lines are put together from what is read. Knows nothing of what an order does.
"""

import os
from collections.abc import Callable

from engine.telemetry.wire import Order, WireError, decode_order

PIECE = 65536
"""Bytes that are read at a time."""


class OrderReader:
    """Reads the orders on a descriptor; `unreadable` is called with the reason for each line that is none."""

    def __init__(self, descriptor: int, unreadable: Callable[[str], object]) -> None:
        self._descriptor = descriptor
        self._unreadable = unreadable
        self._partial_line = b""

    def read(self) -> list[Order] | None:
        """The orders that came whole with the bytes that are there; None at the end. It waits for the first byte."""
        data = os.read(self._descriptor, PIECE)
        *lines, self._partial_line = (self._partial_line + data).split(b"\n")
        orders = []
        for line in lines:
            try:
                orders.append(decode_order(line))
            except WireError as error:
                self._unreadable(str(error))
        return orders if data else None
