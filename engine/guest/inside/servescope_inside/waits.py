"""Calls in which the program's own code waits: on sockets that it made itself, in a sleep, for a condition or a thread.

Owns which calls these are, and what is noted of one: its line before it begins, so that one that hangs is seen, and a
row when it has returned. A call with no line of the program's own on the stack is not noted. What waits in C alone, as
a plain lock, a file or SQLite, can't be seen from here.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from functools import wraps
from sys import _getframe
from time import perf_counter as monotonic
from typing import Any

from . import layout
from .hooks import when_imported
from .layout import CONNECTION, INSIDE_FILE, INSIDE_LINE, INSIDE_SINCE, SPANS, WORKER
from .process import Process, Worker

_SHORT, _LONG = 0.0001, 0.001
"""Seconds from which on a wait is reported: of all connections, and where these are thinned out."""


class Waits:
    """Notes the waits of this process."""

    def __init__(
        self, process: Process, current: Callable[[], Worker], place: Callable[[Any], tuple[int, int]]
    ) -> None:
        """`place` returns file and line of the program's own code on the stack; 0 and 0 if there is none."""
        self._process = process
        self._current = current
        self._place = place

    def install(self) -> None:
        """Put the wrappers in place; those of sockets are others'."""
        time.sleep = _Sleep(self, time.sleep)  # type: ignore[assignment]
        socket.getaddrinfo = self.noted(socket.getaddrinfo)
        when_imported("threading", self._install_in_threading)
        when_imported("gevent.hub", self._install_in_gevent)

    def _install_in_threading(self, threading: Any) -> None:
        threading.Condition.wait = self.noted(threading.Condition.wait)
        threading.Thread.join = self.noted(threading.Thread.join)

    def _install_in_gevent(self, hub: Any) -> None:
        hub.sleep = self.noted(hub.sleep)

    def noted(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """A function that does what `plain` does."""

        @wraps(plain)
        def wait(*arguments: Any, **options: Any) -> Any:
            return self.call(plain, *arguments, **options)

        return wait

    def of_socket(self, plain: Callable[..., Any], sock: Any, arguments: Any, options: Any) -> Any:
        """Call a method of a socket of the program's own; one that would not wait is left alone."""
        if not self._process.words[SPANS] or sock.gettimeout() == 0.0:
            return plain(sock, *arguments, **options)
        return self.call(plain, sock, *arguments, **options)

    def call(self, plain: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Make a call that may wait."""
        process = self._process
        spans = process.words[SPANS]
        if not spans:
            return plain(*arguments, **options)
        worker = self._current()
        words = worker.words
        file, line = (0, 0) if words[INSIDE_SINCE] else self._place(_getframe(1))  # one wait may be made of others
        if not line:
            return plain(*arguments, **options)
        connection, begin = words[CONNECTION], monotonic()
        words[WORKER], words[INSIDE_FILE], words[INSIDE_LINE] = worker.number, file, line
        words[INSIDE_SINCE] = int(begin * 1e6)
        try:
            return plain(*arguments, **options)
        finally:
            words[INSIDE_SINCE] = 0
            end = monotonic()
            if end - begin >= (_SHORT if spans == 1 else _LONG):
                process.put(layout.INSIDE_ROW, connection, worker.number, begin, end, 0, file, line)


class _Sleep:
    """Stands for `time.sleep`: no function, so that it is no method where a class has it; pickled by its name."""

    __module__ = "time"
    __name__ = __qualname__ = "sleep"

    def __init__(self, waits: Waits, plain: Callable[[float], None]) -> None:
        self._waits = waits
        self._plain = plain
        self.__doc__ = plain.__doc__

    def __call__(self, seconds: float, /) -> None:
        self._waits.call(self._plain, seconds)

    def __reduce__(self) -> str:
        return "sleep"
