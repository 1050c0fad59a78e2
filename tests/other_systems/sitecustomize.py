"""Hides what another system does not have, and bends what it does otherwise, in this interpreter from its start on.

Which system is said in the environment. `HIDDEN` is what is missing, `BENT` what differs. None of it replaces a run on
that system: it is what reading and other people's reports say.
"""

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

SYSTEM, FREE_MEMORY = "SERVESCOPE_TEST_SYSTEM", "SERVESCOPE_TEST_FREE_MEMORY"

HIDDEN = {
    "windows": {
        "os": "fork forkpty register_at_fork memfd_create sched_setaffinity sched_getaffinity killpg getpgid "
        "O_PATH O_DIRECTORY statvfs sendfile ttyname",
        "select": "epoll poll kqueue PIPE_BUF",
        "signal": "setitimer SIGALRM SIGCHLD SIGKILL ITIMER_REAL",
        "": "resource fcntl pwd grp termios",
    },
    "macos": {
        "os": "memfd_create sched_setaffinity sched_getaffinity O_PATH waitid",
        "select": "epoll",
        "fcntl": "F_SETPIPE_SZ",
    },
}
"""By system and module: the names that are not there. Whole modules are hidden from our own code: others were made for
this system."""
OURS = ("engine", "gui", "tests")
PIPE_BUF = {"windows": 1, "macos": 512}
"""Bytes that a pipe takes whole or not at all."""
COARSE = 1 / 64
"""Seconds between two steps of most of Windows' clocks."""
NOT_A_SOCKET, SHUT_DOWN, ABORTED = 10038, 10058, 10053
STDLIB_OWN_NAMES = {"SIGKILL": 9}
"""What the standard library of this system goes on using where it is hidden."""
DESCRIPTORS = 10240
SO_TIMESTAMPING, SO_EXCLUSIVEADDRUSE = 37, -5


def hide(system: str) -> None:
    """Take away what is not there."""
    for module, names in HIDDEN[system].items():
        for name in names.split() if module else ():
            vars(__import__(module)).pop(name, None)
    hide_modules(HIDDEN[system].get("", "").split())


def hide_modules(names: list[str]) -> None:
    """Let our own code not import these."""
    import builtins

    plain = builtins.__import__

    def import_visible(name: str, space: Any = None, *more: Any, **options: Any) -> Any:
        if name in names and str((space or {}).get("__name__")).partition(".")[0] in OURS:
            raise ModuleNotFoundError(f"No module named {name!r}")
        return plain(name, space, *more, **options)

    builtins.__import__ = import_visible


def write_in_parts(whole: int) -> None:
    """A pipe that is nearly full takes a part of what is more than `whole` bytes."""
    import stat

    def write_partly(descriptor: int, data: Any, write: Callable[..., int] = os.write) -> int:
        data = bytes(data)
        while True:
            try:
                return write(descriptor, data)
            except BlockingIOError:
                if len(data) <= whole or not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                    raise
                data = data[: max(whole, len(data) // 2)]

    os.write = write_partly


def select_sockets_only() -> None:
    """`select` refuses pipes."""
    import select
    import stat

    plain = select.select

    def select_sockets(readers: Any, writers: Any, others: Any, timeout: float | None = None) -> Any:
        for each in (*readers, *writers, *others):
            number = each if isinstance(each, int) else each.fileno()
            if not stat.S_ISSOCK(os.fstat(number).st_mode) and not _is_asked_by_standard_library():
                raise OSError(NOT_A_SOCKET, "not a socket")
        return plain(readers, writers, others, timeout)

    select.select = select_sockets


def tick_coarsely() -> None:
    """Clocks that move in steps, as Python's own up to 3.12."""
    import time

    for name in ("monotonic", "thread_time"):
        plain = getattr(time, name)
        setattr(time, name, lambda plain=plain: plain() // COARSE * COARSE)


def keep_signals_for_standard_library() -> None:
    """What is hidden of `signal` is found by the library's own modules, which are made for this system."""
    import signal

    def find(name: str) -> int:
        if name in STDLIB_OWN_NAMES and _is_asked_by_standard_library():
            return STDLIB_OWN_NAMES[name]
        raise AttributeError(name)

    vars(signal)["__getattr__"] = find


def need_no_launcher() -> None:
    """What `__PYVENV_LAUNCHER__` does there, the program of a virtual environment does here by itself."""
    vars(sys)["_base_executable"] = sys.executable


def name_ipv6_first() -> None:
    """`localhost` is ::1 first."""
    import _socket

    plain = _socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, family: int = 0, *more: Any, **options: Any) -> Any:
        found = plain(host, port, family, *more, **options)
        if host in ("localhost", b"localhost") and family in (0, _socket.AF_INET6):
            sixth = [(_socket.AF_INET6, *entry[1:4], ("::1", entry[4][1], 0, 0)) for entry in found]
            found = [*sixth, *(entry for entry in found if entry[0] != _socket.AF_INET6)]
        return sorted(found, key=lambda entry: entry[0] != _socket.AF_INET6)

    vars(_socket)["getaddrinfo"] = getaddrinfo


def keep_parent() -> None:
    """The number of the parent stays after its end."""
    parent = os.getppid()
    os.getppid = lambda: parent


def shut_without_waking() -> None:
    """`shutdown` of the reading side wakes nobody, and reading fails from then on; only `CancelIoEx` ends a call."""
    import _socket
    import ctypes
    from types import SimpleNamespace

    plain = _socket.socket
    deaf: set[int] = set()

    class Socket(plain):
        __slots__ = ()

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            deaf.discard(self.fileno())

        def shutdown(self, how: int) -> None:
            if how != _socket.SHUT_RD:
                super().shutdown(_socket.SHUT_WR)
            if how != _socket.SHUT_WR:
                deaf.add(self.fileno())

        def recv(self, *arguments: Any) -> bytes:
            return self._hear(super().recv, lambda data: data, arguments)

        def recvmsg(self, *arguments: Any) -> Any:
            return self._hear(super().recvmsg, lambda result: result[0], arguments)

        def setsockopt(self, level: int, name: int, *value: Any) -> None:
            if level == _socket.SOL_SOCKET and name == SO_TIMESTAMPING:
                raise OSError(errno.ENOPROTOOPT, "no such option")
            if level == _socket.SOL_SOCKET and name == SO_EXCLUSIVEADDRUSE:
                name = _socket.SO_REUSEADDR  # this system's other clients of the port are in TIME_WAIT
            super().setsockopt(level, name, *value)

        def _hear(self, receive: Callable[..., Any], data: Callable[[Any], bytes], arguments: Any) -> Any:
            number = self.fileno()
            if number in deaf:
                raise OSError(SHUT_DOWN, "reading was shut down")
            result = receive(*arguments)
            if number in deaf and not data(result):
                raise OSError(ABORTED, "the call was cancelled")
            return result

    def cancel(handle: Any, _: object) -> None:
        if os.get_blocking(handle.value):  # a loop's own wait is none that this ends
            again = plain(fileno=os.dup(handle.value))
            try:
                again.shutdown(_socket.SHUT_RD)
            finally:
                again.close()

    def nothing(*_: object) -> int:
        return 0

    vars(_socket).update(socket=Socket, SocketType=Socket, SO_EXCLUSIVEADDRUSE=SO_EXCLUSIVEADDRUSE)
    vars(ctypes)["windll"] = SimpleNamespace(
        kernel32=SimpleNamespace(CancelIoEx=cancel),
        ws2_32=SimpleNamespace(WSAIoctl=nothing),
        winmm=SimpleNamespace(timeBeginPeriod=nothing),
    )


def sleep_coarsely() -> None:
    """gevent's timers go by steps of 15.6 ms."""

    def bend(gevent: Any) -> None:
        import time

        plain = gevent.sleep

        def sleep(seconds: float = 0, ref: bool = True) -> None:
            if seconds > 0:
                now = time.perf_counter()
                seconds = ((now + seconds) // COARSE + 1) * COARSE - now
            plain(seconds, ref)

        gevent.sleep = sleep

    after_import("gevent", bend)


def limit_descriptors_oddly() -> None:
    """The most is told as infinite, and refused."""
    import resource

    plain_set, plain_get, infinite = resource.setrlimit, resource.getrlimit, resource.RLIM_INFINITY
    soft = [256]

    def getrlimit(kind: int) -> tuple[int, int]:
        return (soft[0], infinite) if kind == resource.RLIMIT_NOFILE else plain_get(kind)

    def setrlimit(kind: int, limits: tuple[int, int]) -> None:
        if kind != resource.RLIMIT_NOFILE:
            plain_set(kind, limits)
        elif limits[0] == infinite or limits[0] > DESCRIPTORS:
            raise ValueError("current limit exceeds maximum limit")
        else:
            soft[0] = limits[0]

    resource.setrlimit, resource.getrlimit = setrlimit, getrlimit


def keep_memory_secret() -> None:
    """The memory of another process may not be asked for."""

    def bend(psutil: Any) -> None:
        def memory_full_info(process: Any) -> None:
            raise psutil.AccessDenied(process.pid)

        psutil.Process.memory_full_info = memory_full_info

    after_import("psutil", bend)


def offer_no_prctl() -> None:
    """The C library has no `prctl`."""
    import ctypes

    plain = ctypes.CDLL.__getattr__

    def find(library: Any, name: str) -> Any:
        if name == "prctl":
            raise AttributeError(name)
        return plain(library, name)

    vars_of = type.__setattr__
    vars_of(ctypes.CDLL, "__getattr__", find)


def have_little_memory() -> None:
    """As much is free as the environment says."""

    def bend(psutil: Any) -> None:
        from types import SimpleNamespace

        psutil.virtual_memory = lambda: SimpleNamespace(available=int(os.environ[FREE_MEMORY]))

    if FREE_MEMORY in os.environ:
        after_import("psutil", bend)


def after_import(name: str, bend: Callable[[Any], None]) -> None:
    """Call `bend` with the module `name` as soon as somebody has imported it."""
    from importlib.util import find_spec

    class Finder:
        @staticmethod
        def find_spec(wanted: str, path: Any = None, target: Any = None) -> Any:
            if wanted != name:
                return None
            sys.meta_path.remove(Finder)  # type: ignore[arg-type]
            spec = find_spec(name)
            if spec is not None and spec.loader is not None:
                load = spec.loader.exec_module

                def load_and_bend(module: Any) -> None:
                    load(module)
                    bend(module)

                spec.loader.exec_module = load_and_bend  # type: ignore[method-assign]
            return spec

    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]


def _is_asked_by_standard_library() -> bool:
    """Whether a module asks that is made for this system, itself or through those that only pass it on."""
    frame: Any = sys._getframe(2)
    while (name := str(frame.f_globals.get("__name__"))) in ("selectors", "engine.net.polling"):
        frame = frame.f_back
    return name.partition(".")[0] in ("subprocess", "multiprocessing")


BENT: dict[str, tuple[Callable[[], None], ...]] = {
    "windows": (
        lambda: write_in_parts(PIPE_BUF["windows"]), select_sockets_only, tick_coarsely, need_no_launcher,
        name_ipv6_first, keep_parent, shut_without_waking, sleep_coarsely, keep_signals_for_standard_library,
        offer_no_prctl, have_little_memory,
    ),
    "macos": (
        lambda: write_in_parts(PIPE_BUF["macos"]), name_ipv6_first, limit_descriptors_oddly, keep_memory_secret,
        offer_no_prctl,
    ),
}  # fmt: skip
"""By system: what is done otherwise there."""

if os.environ.get(SYSTEM) and __name__ == "sitecustomize":
    hide(os.environ[SYSTEM])
    for bend in BENT[os.environ[SYSTEM]]:
        bend()
    if os.environ[SYSTEM] == "macos":
        __import__("select").PIPE_BUF = PIPE_BUF["macos"]
