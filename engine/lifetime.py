"""When the engine ticks and when it ends.

Owns signals, the recorder's heartbeat, the engine's tie to whoever started it, and its forked children. A model
runs in the main thread and knows nothing of this.

A model that forks must not have threads (a lock that one of them holds would stay locked in the child for ever), so
there an alarm signal ticks; everywhere else a thread does, which goes on while the main thread computes or waits.
"""

import contextlib
import ctypes
import functools
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from engine.net.lingering import Lingering
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import WireError, decode_order
from engine.unpatched import select, unpatched

try:
    import resource
except ImportError:  # Windows has no limit of descriptors
    resource = None  # type: ignore[assignment]

TICK = 0.05
"""Seconds between two ticks."""
INSPECTION = 1.0
"""Seconds between two looks for clients that are too late."""
LAST_WAIT = 0.5
"""Seconds that a tick has to be over, and killed children to be gone, before the end."""
_DESCRIPTORS = (65536, 10240, 4096)
"""Limits to try where the most that is allowed is refused: macOS says "infinite" and means fewer."""
_SIGNALS = [signal.SIGTERM, signal.SIGINT]
_PR_SET_PDEATHSIG = 1
_leave = os._exit
"""As it is for the engine itself: a signal may come while a model handles an exception, and that is no failure."""


class Lifetime:
    """The engine's life from `begin` until a signal, the end of stdin (`stop_on_eof`) or `end`.

    `in_forked` is called in each forked child before the model goes on there.
    """

    def __init__(
        self,
        recorder: Recorder,
        lingering: Lingering,
        enforce_timeouts: Callable[[], None],
        *,
        has_children: bool,
        fork: bool,
        stop_on_eof: bool,
        in_forked: Callable[[], None] = lambda: None,
    ) -> None:
        self._recorder = recorder
        self._lingering = lingering
        self._enforce_timeouts = enforce_timeouts
        self._inspected = time.monotonic()
        self._has_children = has_children
        self._forks = has_children and fork
        self._stop_on_eof = stop_on_eof
        self._in_forked = in_forked
        if stop_on_eof or has_children:
            _prctl()  # found once, and not again after each fork
        self._tick_lock = unpatched("_thread", "allocate_lock")()
        self._ended = False
        self._half_order = b""
        self._pid = self._parent = os.getpid()

    def begin(self) -> None:
        """Start ticking; from here on the signals end the engine in order."""
        if self._stop_on_eof:
            die_with_parent(signal.SIGTERM)
        if self._forks:
            self._tick_by_alarm()
        else:
            self._tick_by_thread()

    def end(self, status: int = 0) -> NoReturn:
        """Leave at once, with all children, the last counters told; a child just leaves."""
        if self._recorder.is_child:
            _leave(status)
        self._tick_lock.acquire(timeout=LAST_WAIT)  # neither a tick nor another signal comes into the middle of this
        self._end_children()
        self._recorder.stopped()
        _leave(status)  # workers may be anywhere; nothing of theirs is worth waiting for

    def _tick(self) -> None:
        if not self._tick_lock.acquire(blocking=False):
            return  # an alarm came into the middle of a tick that takes long
        self._recorder.tick()
        if not self._lingering.waits:  # or else whoever waits does it
            self._lingering.tick()
        if time.monotonic() - self._inspected >= INSPECTION / 2:
            self._enforce_timeouts()
            self._inspected = time.monotonic()
            if self._recorder.is_child and os.getppid() != self._parent:
                _leave(0)
        self._tick_lock.release()

    def _tick_by_thread(self) -> None:
        woken, wake = os.pipe()
        if hasattr(os, "set_blocking"):  # Windows has it from Python 3.12 on
            os.set_blocking(wake, False)
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        if _can_select(woken):
            _start_thread(self._tick_until_woken, woken)
        else:
            _start_thread(self._tick_for_ever)
            _start_thread(self._end_when_woken, woken)
            if self._stop_on_eof:
                _start_thread(self._follow_orders_to_the_end)

    def _tick_until_woken(self, woken: int) -> None:
        stdin = [sys.stdin.fileno()] if self._stop_on_eof else []  # there may be none at all
        next_tick = time.monotonic() + TICK
        while True:
            readable, _, _ = select([woken, *stdin], [], [], max(0.0, next_tick - time.monotonic()))
            if woken in readable and set(os.read(woken, 4096)) & set(_SIGNALS):
                self.end()
            if stdin and stdin[0] in readable and not self._follow_orders():
                self.end()
            if time.monotonic() >= next_tick:
                self._tick()
                next_tick = time.monotonic() + TICK

    def _tick_for_ever(self) -> None:
        sleep = unpatched("time", "sleep")
        while True:
            sleep(TICK)
            self._tick()

    def _end_when_woken(self, woken: int) -> None:
        while not set(os.read(woken, 4096)) & set(_SIGNALS):
            pass
        self.end()

    def _follow_orders_to_the_end(self) -> None:
        while self._follow_orders():
            pass
        self.end()

    def _tick_by_alarm(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
        os.fork = functools.wraps(os.fork)(functools.partial(self._fork, os.fork))

    def _on_alarm(self, *_: Any) -> None:
        if self._is_in_the_middle():
            return
        self._tick()
        stdin_ended = self._stop_on_eof and select([sys.stdin], [], [], 0)[0] and not self._follow_orders()
        if self._ended or stdin_ended:
            self.end()

    def _on_stop(self, *_: Any) -> None:
        self._ended = True
        is_parent = os.getpid() == self._pid  # or a child so young that it has its parent's handlers
        if is_parent and not self._is_in_the_middle():  # or else the next alarm ends it
            self.end()

    def _is_in_the_middle(self) -> bool:
        """Whether a signal came into the middle of what must not be done twice at a time."""
        return self._tick_lock.locked() or self._recorder.is_telling

    def _fork(self, fork: Callable[[], int]) -> int:
        """What `os.fork` is where a model forks: the parent notes the pid, as a child may not live to give its own."""
        alone = self._tick_lock.acquire(blocking=False)  # neither a tick nor the end may come in between
        try:
            self._recorder.before_fork()
            try:
                pid = fork()
            except OSError:
                self._recorder.take_back_row()
                raise
            if pid:
                self._recorder.after_fork_in_parent(pid)
            else:
                self._begin_as_child()
        finally:
            if alone:
                self._tick_lock.release()
        if pid and self._ended and alone:
            self.end()
        return pid

    def _begin_as_child(self) -> None:
        forker, self._pid = self._pid, os.getpid()
        self._recorder.after_fork_in_child(tick_soon)
        self.live_as_child(forker)
        self._in_forked()
        if self._ended:
            _leave(0)

    def live_as_child(self, parent: int) -> None:
        """End with `parent`, and tick where there is something to write, or a client too late."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(signal.SIGKILL if self._recorder.is_child else signal.SIGTERM)
        if os.getppid() != parent:
            _leave(0)  # it was gone before this could be told
        self._parent = parent
        self._lingering.waits = True
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: self._tick())
            signal.setitimer(signal.ITIMER_REAL, INSPECTION, INSPECTION)
        else:
            _start_thread(self._tick_for_ever)

    def _end_children(self) -> None:
        if not self._forks:
            if self._has_children:
                end_spawned_children()
            return
        children = set(self._recorder.children())
        for pid in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it was waited for
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + LAST_WAIT
        while children and time.monotonic() < deadline:
            children -= {pid for pid in children if _is_waited_for(pid)}
            if children:
                time.sleep(0.001)

    def _follow_orders(self) -> bool:
        """Do what stdin says; False if it has ended."""
        data = os.read(sys.stdin.fileno(), 65536)
        *lines, self._half_order = (self._half_order + data).split(b"\n")
        for line in lines:
            try:
                self._recorder.look_at_spans(decode_order(line).spans)
            except WireError as error:
                self._recorder.problem("unreadable-order", f"What came on stdin is not understood: {error}")
        return bool(data)


def die_with_parent(number: int) -> None:
    """Let the kernel send this process the signal `number` when its parent is gone, however that ended (Linux)."""
    prctl = _prctl()
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, number)


def allow_descriptors() -> None:
    """Let this process have as many descriptors as the system lets it: a connection takes one."""
    if resource is None:
        return
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (most, *(each for each in _DESCRIPTORS if each > limit)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            return


def end_spawned_children() -> None:
    """End the children that `multiprocessing` has started, also those that have not got ready yet."""
    import multiprocessing  # only here: nobody else needs it, and it takes a while to load

    children = multiprocessing.active_children()
    for child in children:
        child.kill()
    for child in children:
        child.join()


def _is_waited_for(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def tick_soon() -> None:
    """Have this process, a child, tick in a moment; where there are no alarms it always does."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, TICK, INSPECTION)


@functools.cache
def _prctl() -> Any:
    return getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


def _can_select(pipe: int) -> bool:
    """Whether this system waits for pipes as it does for sockets: Windows does not."""
    try:
        select([pipe], [], [], 0)
    except OSError:
        return False
    return True


def _start_thread(function: Callable[..., None], *arguments: Any) -> None:
    unpatched("_thread", "start_new_thread")(function, arguments)
