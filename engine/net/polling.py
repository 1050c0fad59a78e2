"""Polling: Python's own pollers, with their waiting noted.

Owns the proxies for `select.epoll`, `select.poll`, `select.kqueue` and `select.select`, which can be neither
subclassed nor changed in place, and gives them to the classes of `selectors`, which asyncio stands on. They pass
everything on.
"""

import select
import selectors
from collections.abc import Callable
from sys import _getframe
from typing import Any

from engine.clock import monotonic
from engine.net.place import Places
from engine.net.replacing import Put
from engine.telemetry.counters import POLLS, WAIT
from engine.telemetry.recorder import Recorder

LONG = 0.001
"""Seconds from which on a wait is reported also where connections are thinned out."""
POLLERS = {"epoll": "poll", "poll": "poll", "devpoll": "poll", "kqueue": "control"}
"""What makes a poller in the module `select`, and the method of the poller that waits."""
SELECTORS = {
    "EpollSelector": ("_selector_cls", "epoll"),
    "PollSelector": ("_selector_cls", "poll"),
    "DevpollSelector": ("_selector_cls", "devpoll"),
    "KqueueSelector": ("_selector_cls", "kqueue"),
}
"""The classes in the module `selectors`, and the name by which each of them keeps its poller's class."""


def install(recorder: Recorder, places: Places, put: Put) -> None:
    """Put the proxies in place."""
    proxies = {
        name: _proxy(getattr(select, name), method, recorder, places)
        for name, method in POLLERS.items()
        if hasattr(select, name)
    }
    for name, proxy in proxies.items():
        put(select, name, proxy)
    for kind, (attribute, name) in SELECTORS.items():
        if hasattr(selectors, kind):
            put(getattr(selectors, kind), attribute, proxies[name])
    plain = select.select
    wait = _waiting(plain, recorder, places)
    put(select, "select", wait)
    if vars(selectors.SelectSelector).get("_select") is plain:  # elsewhere it asks the module each time
        put(selectors.SelectSelector, "_select", staticmethod(wait))


def _waiting(plain: Callable[..., Any], recorder: Recorder, places: Places) -> Callable[..., Any]:
    """The function `plain`, which waits, with its waiting noted."""
    current, caller, known = recorder.current, places.caller, places.known.get

    def wait(*arguments: Any, **options: Any) -> Any:
        frame, worker, begin = _getframe(1), current.worker, monotonic()
        here = known(id(frame.f_code))
        file, line = (here and here.get(frame.f_lasti)) or caller(frame)
        worker.activity = WAIT, file, line, 0, begin
        worker.row[POLLS] += 1
        ready: Any = ()
        try:
            ready = plain(*arguments, **options)
        finally:
            end = monotonic()
            worker.activity = 0, file, line, 0, end
            if recorder.spans_every == 1 or (recorder.spans_every and end - begin >= LONG):
                recorder.span(worker, 0, WAIT, file, line, begin, end, _count(ready))
        return ready

    return wait


def _count(ready: Any) -> int:
    """How many are ready: `select` gives three lists of them, the others one."""
    return sum(map(len, ready)) if isinstance(ready, tuple) else len(ready)


def _proxy(plain: Callable[..., Any], method: str, recorder: Recorder, places: Places) -> type:
    """A class whose objects stand for those that `plain` makes."""

    class Poller:
        def __init__(self, *arguments: Any, **options: Any) -> None:
            self._stand_for(plain(*arguments, **options))

        @classmethod
        def fromfd(cls, descriptor: int) -> Any:
            poller = cls.__new__(cls)
            poller._stand_for(plain.fromfd(descriptor))  # type: ignore[attr-defined]
            return poller

        def _stand_for(self, poller: Any) -> None:
            self._poller = poller
            setattr(self, method, _waiting(getattr(poller, method), recorder, places))
            for name in ("register", "modify", "unregister"):
                if hasattr(poller, name):
                    setattr(self, name, getattr(poller, name))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._poller, name)

        def __enter__(self) -> Any:
            self._poller.__enter__()
            return self

        def __exit__(self, *error: Any) -> None:
            self._poller.__exit__(*error)

    Poller.__name__ = Poller.__qualname__ = getattr(plain, "__name__", method)
    return Poller
