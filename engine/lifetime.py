"""When the engine ticks and when it ends.

Owns signals, the recorder's heartbeat, the engine's tie to whoever started it, and its forked children. A model
runs in the main thread and knows nothing of this.

A model that forks must not have threads (a lock that one of them holds would stay locked in the child for ever), so
there an alarm signal ticks; everywhere else a thread does, which goes on while the main thread computes or waits.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from typing import Any, NoReturn

from engine.lingering import Lingering
from engine.telemetry.recorder import Recorder

TICK = 0.05
"""Seconds between two ticks."""
INSPECTION = 1.0
"""Seconds between two looks for clients that are too late."""
_SIGNALS = [signal.SIGTERM, signal.SIGINT]
_PR_SET_PDEATHSIG = 1


class Lifetime:
    """The engine's life from `begin` until a signal, the end of stdin (`stop_on_eof`) or `end`."""

    def __init__(
        self, recorder: Recorder, lingering: Lingering, *, has_children: bool, fork: bool, stop_on_eof: bool
    ) -> None:
        self._recorder = recorder
        self._lingering = lingering
        self._inspected = time.monotonic()
        self._has_children = has_children
        self._forks = has_children and fork
        self._stop_on_eof = stop_on_eof
        self._prctl = _prctl() if stop_on_eof or has_children else None
        self._ticking = False
        self._ended = False
        self._pid = os.getpid()

    def begin(self) -> None:
        """Start ticking; from here on the signals end the engine in order."""
        if self._stop_on_eof:
            self._die_with_parent()
        if self._forks:
            self._tick_by_alarm()
        else:
            self._tick_by_thread()

    def end(self, status: int = 0) -> NoReturn:
        """Leave at once, with all children, the last counters told."""
        self._end_children()
        self._recorder.stopped()
        os._exit(status)  # workers may be anywhere; nothing of theirs is worth waiting for

    def _tick(self) -> None:
        if self._ticking:
            return  # an alarm came into the middle of a tick that takes long
        self._ticking = True
        self._recorder.tick()
        self._lingering.tick()
        if time.monotonic() - self._inspected >= INSPECTION / 2:
            self._recorder.cut_late_clients()
            self._inspected = time.monotonic()
        self._ticking = False

    def _tick_by_thread(self) -> None:
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        _unpatched("_thread", "start_new_thread")(self._tick_until_woken, (woken,))

    def _tick_until_woken(self, woken: int) -> None:
        wait = _unpatched("select", "select")
        stdin = [sys.stdin.fileno()] if self._stop_on_eof else []  # there may be none at all
        next_tick = time.monotonic() + TICK
        while True:
            readable, _, _ = wait([woken, *stdin], [], [], max(0.0, next_tick - time.monotonic()))
            if woken in readable and set(os.read(woken, 4096)) & set(_SIGNALS):
                self.end()
            if stdin and stdin[0] in readable and self._stdin_ended():
                self.end()
            if time.monotonic() >= next_tick:
                self._tick()
                next_tick = time.monotonic() + TICK

    def _tick_by_alarm(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
        os.register_at_fork(
            before=self._recorder.before_fork,
            after_in_parent=self._recorder.after_fork_in_parent,
            after_in_child=self._after_fork_in_child,
        )

    def _on_alarm(self, *_: Any) -> None:
        if self._ticking:
            return
        self._tick()
        stdin_ended = self._stop_on_eof and select.select([sys.stdin], [], [], 0)[0] and self._stdin_ended()
        if self._ended or stdin_ended:
            self.end()

    def _on_stop(self, *_: Any) -> None:
        self._ended = True
        if not self._ticking:  # or else the tick, which this came into the middle of, ends it
            self.end()

    def _after_fork_in_child(self) -> None:
        self._recorder.after_fork_in_child(tick_soon)
        self.live_as_child(self._pid)

    def live_as_child(self, parent: int) -> None:
        """End with `parent`, and tick where there is something to write, or a client too late."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        self._die_with_parent()
        if os.getppid() != parent:
            os._exit(0)  # it was gone before this could be told
        self._lingering.waits = True
        signal.signal(signal.SIGALRM, lambda *_: self._tick())
        signal.setitimer(signal.ITIMER_REAL, INSPECTION, INSPECTION)

    def _end_children(self) -> None:
        if not self._forks:
            if self._has_children:
                end_spawned_children()
            return
        with contextlib.suppress(ChildProcessError):  # there are none any more
            while True:
                for pid in self._recorder.children():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    time.sleep(0.001)  # a child only just forked has not given its pid yet

    def _stdin_ended(self) -> bool:
        return not os.read(sys.stdin.fileno(), 65536)

    def _die_with_parent(self) -> None:
        """Let the kernel end this process when its parent is gone, however that ended (Linux)."""
        if self._prctl is not None:
            self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if self._recorder.is_child else signal.SIGTERM)


def end_spawned_children() -> None:
    """End the children that `multiprocessing` has started, also those that have not got ready yet."""
    import multiprocessing  # only here: nobody else needs it, and it takes a while to load

    children = multiprocessing.active_children()
    for child in children:
        child.kill()
    for child in children:
        child.join()


def tick_soon() -> None:
    """Have this process, a child, tick in a moment."""
    signal.setitimer(signal.ITIMER_REAL, TICK, INSPECTION)


def _prctl() -> Any:
    return getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


def _unpatched(module: str, name: str) -> Any:
    """The function as it is without gevent's patches: the ticking thread is a real one."""
    if "gevent.monkey" in sys.modules:
        return sys.modules["gevent.monkey"].get_original(module, name)
    return getattr(__import__(module), name)
