"""When the engine ticks and when it ends.

Owns the signals, the recorder's tick, the engine's tie to its parent process, and its forked children. A model runs in
the main thread and knows nothing of this.

A model that forks must not have threads: a lock held by one of them would stay locked in the child. There an alarm
signal ticks; everywhere else a thread does, which goes on while the main thread computes or waits.
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

from engine.clock import monotonic
from engine.net.lingering import Lingering
from engine.shortage import is_short_of_workers
from engine.telemetry.orders import OrderReader
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import Behind, Connections
from engine.unpatched import select, unpatched

try:
    import resource
except ImportError:  # Windows has no limit of descriptors
    resource = None  # type: ignore[assignment]

TICK = 0.05
"""Seconds between two ticks."""
TIMEOUT_CHECK = 1.0
"""Seconds between two checks for clients that have timed out."""
END_TIMEOUT = 0.5
"""Seconds that a running tick has to finish, and killed children to be reaped, before the end."""
NEXT_FORK = 0.1
"""Seconds before a process is tried again that the system did not give."""
_DESCRIPTORS = (65536, 10240, 4096)
"""Limits to try if the hard limit is refused: macOS reports "infinite" but allows fewer."""
_SIGNALS = [signal.SIGTERM, signal.SIGINT]
_STDIN = 0
_SIGKILL = 9  # Windows' `signal` has no such name
_PR_SET_PDEATHSIG = 1
_leave = os._exit
"""As it is for the engine itself: a signal may come while a model handles an exception, and that is no failure."""


class Lifetime:
    """The engine's life from `begin` until a signal, the end of stdin (`stop_on_eof`) or `end`.

    `look_at_workers` is called in each tick, and says whether there is more to be seen of them soon. `before_fork` is
    called before each fork, `in_forked` in each forked child before the model goes on there, `set_connections` with
    each order for how long connections last. `children_stay`: a child goes on after it has closed a client.
    """

    def __init__(
        self,
        recorder: Recorder,
        lingering: Lingering,
        enforce_timeouts: Callable[[], None],
        look_at_workers: Callable[[], bool],
        *,
        has_children: bool,
        fork: bool,
        stop_on_eof: bool,
        children_stay: bool = False,
        before_fork: Callable[[], None] = lambda: None,
        in_forked: Callable[[], None] = lambda: None,
        set_connections: Callable[[Connections], None] = lambda order: None,
    ) -> None:
        self._recorder = recorder
        self._lingering = lingering
        self._enforce_timeouts = enforce_timeouts
        self._look_at_workers = look_at_workers
        self._last_check = monotonic()
        self._has_children = has_children
        self._forks = has_children and fork
        self._stop_on_eof = stop_on_eof
        self._children_stay = children_stay
        self._before_fork = before_fork
        self._in_forked = in_forked
        self._set_connections = set_connections
        if stop_on_eof or has_children:
            _prctl()  # looked up once, not after each fork
        self._tick_lock = unpatched("_thread", "allocate_lock")()
        self._ended = False
        self.before_end: Callable[[], object] = lambda: None
        """Called before this process ends, if it is no child."""
        self.helpers = 0
        """Threads of this process that serve nobody."""
        self._stdin = -1
        self._pid = self._parent = os.getpid()

    def begin(self) -> None:
        """Start ticking; from now on the signals end the engine in order."""
        if self._stop_on_eof:
            die_with_parent(signal.SIGTERM)
            self._stdin = take_stdin()
            self._orders = OrderReader(self._stdin, self._note_unreadable)
        if self._forks:
            self._tick_by_alarm()
        else:
            self._tick_by_thread()

    def end(self, status: int = 0) -> NoReturn:
        """End this process at once, after its children have ended and the last counters are sent; a child just ends."""
        if self._recorder.is_child:
            _leave(status)
        self._tick_lock.acquire(timeout=END_TIMEOUT)  # no tick and no other signal interrupts this
        self.before_end()
        self._end_children()
        self._recorder.stopped()
        _leave(status)  # workers may be anywhere; there is nothing to wait for

    def _tick(self) -> None:
        if not self._tick_lock.acquire(blocking=False):
            return  # the alarm interrupted a tick
        if self._look_at_workers() and self._recorder.is_child:
            tick_soon()
        self._recorder.tick()
        if not self._lingering.waits:  # or else the closing worker does it
            self._lingering.tick()
        if monotonic() - self._last_check >= TIMEOUT_CHECK / 2:
            self._enforce_timeouts()
            self._last_check = monotonic()
            if self._recorder.is_child and _has_ended(self._parent):
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
            self._start_thread(self._tick_until_woken, woken)
        else:
            self._start_thread(self._tick_for_ever)
            self._start_thread(self._end_when_woken, woken)
            if self._stop_on_eof:
                self._start_thread(self._read_orders_until_end)

    def _start_thread(self, function: Callable[..., None], *arguments: Any) -> None:
        unpatched("_thread", "start_new_thread")(function, arguments)
        self.helpers += 1

    def _tick_until_woken(self, woken: int) -> None:
        stdin = [self._stdin] if self._stop_on_eof else []
        next_tick = monotonic() + TICK
        while True:
            readable, _, _ = select([woken, *stdin], [], [], max(0.0, next_tick - monotonic()))
            if woken in readable and set(os.read(woken, 4096)) & set(_SIGNALS):
                self.end()
            if stdin and stdin[0] in readable and not self._read_orders():
                self.end()
            if monotonic() >= next_tick:
                self._tick()
                next_tick = monotonic() + TICK

    def _tick_for_ever(self) -> None:
        sleep = unpatched("time", "sleep")
        while True:
            sleep(TICK)
            self._tick()

    def _end_when_woken(self, woken: int) -> None:
        while not set(os.read(woken, 4096)) & set(_SIGNALS):
            pass
        self.end()

    def _read_orders_until_end(self) -> None:
        while self._read_orders():
            pass
        self.end()

    def _tick_by_alarm(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
        fork = self._fork_patiently if self._children_stay else self._fork
        os.fork = functools.wraps(os.fork)(functools.partial(fork, os.fork))

    def _on_alarm(self, *_: Any) -> None:
        if self._is_busy():
            return
        self._tick()
        stdin_ended = self._stop_on_eof and select([self._stdin], [], [], 0)[0] and not self._read_orders()
        if self._ended or stdin_ended:
            self.end()

    def _on_stop(self, *_: Any) -> None:
        self._ended = True
        is_parent = os.getpid() == self._pid  # or a child right after the fork, which still has its parent's handlers
        if is_parent and not self._is_busy():  # or else the next alarm does
            self.end()

    def _is_busy(self) -> bool:
        """Whether a signal has interrupted code that must not be entered again."""
        return self._tick_lock.locked() or self._recorder.is_telling

    def _fork_patiently(self, fork: Callable[[], int]) -> int:
        """Replaces `os.fork` where no client waits for the child: it is made as soon as the system gives one more."""
        while True:
            try:
                return self._fork(fork)
            except OSError as error:
                if not is_short_of_workers(error):
                    raise
                self._recorder.problem("fewer-workers", reason=str(error))
                time.sleep(NEXT_FORK)

    def _fork(self, fork: Callable[[], int]) -> int:
        """Replaces `os.fork`. The parent notes the pid, since a child may be killed before it reports it itself."""
        locked = self._tick_lock.acquire(blocking=False)  # no tick and no end in between
        try:
            self._before_fork()
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
            if locked:
                self._tick_lock.release()
        if pid and self._ended and locked:
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
        """End with `parent`, and tick when there is something to send or a client has timed out."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(_SIGKILL if self._recorder.is_child else signal.SIGTERM)
        if _has_ended(parent):
            _leave(0)  # the parent ended before `die_with_parent`
        self._parent = parent
        self._lingering.waits = not self._children_stay
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: self._tick())
            signal.setitimer(signal.ITIMER_REAL, TIMEOUT_CHECK, TIMEOUT_CHECK)
        else:
            self._start_thread(self._tick_for_ever)

    def _end_children(self) -> None:
        if not self._forks:
            if self._has_children:
                end_spawned_children()
            return
        children = set(self._recorder.children())
        for pid in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it was reaped
                os.kill(pid, _SIGKILL)
        deadline = monotonic() + END_TIMEOUT
        while children and monotonic() < deadline:
            children -= {pid for pid in children if _is_reaped(pid)}
            if children:
                time.sleep(0.001)

    def _note_unreadable(self, reason: str) -> None:
        self._recorder.problem("unreadable-order", reason=reason)

    def _read_orders(self) -> bool:
        """Carry out the orders on stdin; False if stdin has ended."""
        orders = self._orders.read()
        for order in orders or ():
            if isinstance(order, Connections):
                self._set_connections(order)
            elif isinstance(order, Behind):
                self._recorder.reader_is_behind()
            else:
                self._recorder.set_spans_wanted(order.spans)
        return orders is not None


def die_with_parent(number: int) -> None:
    """Let the kernel send signal `number` to this process when its parent ends, in whatever way (Linux)."""
    prctl = _prctl()
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, number)


def take_stdin() -> int:
    """A descriptor of stdin for this process alone; 0 is the null device from now on, for it and for all it starts.

    On Windows a process can't be started while a thread waits for what is the new one's stdin too.
    """
    null = os.open(os.devnull, os.O_RDONLY)
    if sys.stdin is None:  # it was closed, and 0 may be anything by now
        return null
    taken = os.dup(_STDIN)
    os.dup2(null, _STDIN)
    os.close(null)
    return taken


def allow_descriptors() -> None:
    """Raise this process's limit of descriptors to the system's maximum: a connection takes one."""
    if resource is None:
        return
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (most, *(each for each in _DESCRIPTORS if each > limit)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            return


def end_spawned_children() -> None:
    """End the children that `multiprocessing` has started, including those that are still starting."""
    import multiprocessing  # only here: no other code needs it, and it is slow to import

    children = multiprocessing.active_children()
    for child in children:
        child.kill()
    for child in children:
        child.join()


def _is_reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def tick_soon() -> None:
    """Let this child process tick soon; without alarms, its thread ticks anyway."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, TICK, TIMEOUT_CHECK)


def _has_ended(parent: int) -> bool:
    """Whether the process `parent`, which forked or spawned this one, has ended."""
    if os.name == "posix" and os.getppid() != parent:
        return True
    processes = sys.modules.get("multiprocessing.process")
    spawned_by = processes and processes.parent_process()
    if not spawned_by:
        return False  # it was forked, or is still being made
    with contextlib.suppress(OSError):  # Windows can't ask so
        return bool(select([spawned_by.sentinel], [], [], 0)[0])  # `is_alive` asks with what may be traced
    return not spawned_by.is_alive()


@functools.cache
def _prctl() -> Any:
    return getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


def _can_select(pipe: int) -> bool:
    """Whether `select` works with pipes: on Windows it does not."""
    try:
        select([pipe], [], [], 0)
    except OSError:
        return False
    return True
