"""Where in the user's code a call stands: the file and the line.

Owns the rule for what the user's code is: below one of the given folders, and below no folder of Python or of its
packages. Where an event loop makes the call, it is the line at which the task waits that the call is made for; if
there is none, it is the library's own line. Knows nothing of telemetry.
"""

from __future__ import annotations

import functools
import itertools
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_LIBRARY, _OURS, _LOOP = -1, -2, -3
"""What a frame is that is not the user's: of the socket itself, of a library, or where an event loop calls back."""
_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
_SOCKET = os.path.abspath(socket.__file__)
_GREENLETS_SOCKET = (os.path.join("gevent", "_socket3.py"), os.path.join("gevent", "_socketcommon.py"))
_LOOP_CALLS = ("_run", os.path.join("asyncio", "events.py"))
_HOPS = 4
"""How many futures are followed at most from the callback of an event loop to the task that waits in user code."""


class Places:
    """Files and lines of the code below `folders`, numbered: `first` is 0; below `applications` is the code it calls.

    `report` is given number and path of each other file when it is met.
    """

    def __init__(
        self,
        first: Path,
        folders: Iterable[Path],
        report: Callable[[int, str], None],
        applications: Iterable[Path] = (),
    ) -> None:
        self._folders = _real(folders)
        self._applications = _real(applications)
        self._application_files: dict[str, bool] = {}
        self._report = report
        self._files = {os.path.abspath(first): 0}
        self._numbers = itertools.count(1)
        self.kinds: dict[int, int] = {}
        """The number of the user's file that a code object is of, by the object's `id`; negative: it is not of one."""
        self._kinds_of_files: dict[str, int] = {}  # a child knows the files that its parent has met
        self._codes: list[CodeType] = []  # kept, so that no other object gets the `id` of one of them

    def of_file(self, path: str) -> int:
        """The number of the file at `path`."""
        number = self._files.get(path)
        if number is None:
            number = self._files[path] = (os.getpid() << 20) + next(self._numbers)  # no two processes give out one
            self._report(number, path)
        return number

    def caller(self, frame: FrameType | None) -> tuple[int, int]:
        """The number of the file, and the line, of the user's code that makes the call whose caller is `frame`."""
        kinds = self.kinds
        walked = []
        while frame is not None:
            number = kinds.get(id(frame.f_code))
            if number is None:
                number = self._kind(frame.f_code)
            if number >= 0:
                return number, frame.f_lineno
            if number == _LOOP:
                break
            if number == _LIBRARY:
                walked.append(frame)
            frame = frame.f_back
        return self._of_task(walked)

    def application(self, frame: FrameType | None) -> tuple[int, int]:
        """The number of the file, and the line, of the application's innermost frame on the stack that ends with
        `frame`; 0 and 0 if there is none."""
        while frame is not None:
            path = frame.f_code.co_filename
            inside = self._application_files.get(path)
            if inside is None:
                is_file = not path.startswith("<")  # or else it has none, as what is frozen into Python
                inside = is_file and _is_users(os.path.realpath(path), self._applications)
                self._application_files[path] = inside
            if inside:
                return self.of_file(os.path.abspath(path)), frame.f_lineno
            frame = frame.f_back
        return 0, 0

    def _of_task(self, frames: list[FrameType]) -> tuple[int, int]:
        """The place of the task that waits for what is done in `frames`; failing that, of the innermost of them."""
        if not frames:
            return 0, 0
        for task in _waiting_tasks(frames):
            *_, innermost = None, *self._stack(task)
            if innermost is not None:
                return innermost
        return self.of_file(os.path.abspath(frames[0].f_code.co_filename)), frames[0].f_lineno

    def _stack(self, task: Any) -> Iterator[tuple[int, int]]:
        """The places in the user's code at which `task` waits, outermost first."""
        for frame in _suspended(task.get_coro()):
            number = self.kinds.get(id(frame.f_code))
            if number is None:
                number = self._kind(frame.f_code)
            if number >= 0:
                yield number, frame.f_lineno

    def _kind(self, code: CodeType) -> int:
        """The number of the user's file that `code` is of, or what it is instead; remembered."""
        path = code.co_filename
        kind = self._kinds_of_files.get(path)
        if kind is None:
            is_file = not path.startswith("<")  # or else it has none, as what is frozen into Python
            kind = self._kinds_of_files[path] = self._kind_of_file(os.path.abspath(path)) if is_file else _OURS
        if (code.co_name, path[-len(_LOOP_CALLS[1]) :]) == _LOOP_CALLS:
            kind = _LOOP
        self._codes.append(code)
        self.kinds[id(code)] = kind
        return kind

    def _kind_of_file(self, path: str) -> int:
        if path.startswith(_PACKAGE) or path == _SOCKET or path.endswith(_GREENLETS_SOCKET):
            return _OURS
        return self.of_file(path) if _is_users(os.path.realpath(path), self._folders) else _LIBRARY


def _real(folders: Iterable[Path]) -> list[str]:
    return [os.path.join(os.path.realpath(folder), "") for folder in folders]


def _is_users(path: str, folders: list[str]) -> bool:
    """Whether the file at `path` is the user's code below one of `folders`."""
    folder = max((folder for folder in folders if path.startswith(folder)), key=len, default="")
    below = path[len(folder) :].split(os.sep)
    return (
        bool(folder)
        and not {"site-packages", "dist-packages"} & set(below)
        and not any(path.startswith(of) and not folder.startswith(of) for of in _library_folders())
    )


@functools.cache
def _library_folders() -> tuple[str, ...]:
    """The folder of the standard library, and that of the virtual environment in use."""
    folders = [os.path.dirname(os.__file__)] + ([sys.prefix] if sys.prefix != sys.base_prefix else [])
    return tuple(os.path.join(os.path.realpath(folder), "") for folder in folders)


def _suspended(awaitable: Any) -> Iterator[FrameType]:
    """The frames of a coroutine that waits, outermost first."""
    while awaitable is not None:
        frame = getattr(awaitable, "cr_frame", None) or getattr(awaitable, "gi_frame", None)
        if frame is not None:
            yield frame
        awaitable = getattr(awaitable, "cr_await", None) or getattr(awaitable, "gi_yieldfrom", None)


def _waiting_tasks(frames: list[FrameType]) -> Iterator[Any]:
    """The tasks that wait for what the event loop does in `frames`, the nearest first."""
    asyncio = sys.modules.get("asyncio")  # there already if an event loop has called
    if asyncio is None:
        return
    loop = asyncio._get_running_loop()
    futures = [asyncio.current_task(loop)] if loop else []
    for frame in frames:
        local = frame.f_locals
        protocol = getattr(local.get("self"), "_protocol", None)
        futures.append(local.get("fut"))
        futures.append(getattr(getattr(protocol, "_stream_reader", None), "_waiter", None))
        futures += getattr(protocol, "_drain_waiters", ())
    for _ in range(_HOPS):
        futures = [waiter for future in futures if isinstance(future, asyncio.Future) for waiter in _waiters(future)]
        yield from (future for future in futures if isinstance(future, asyncio.Task))


def _waiters(future: Any) -> Iterator[Any]:
    """What the callbacks of `future` are bound to: the task that it wakes up, or a future that stands for it."""
    for callback, _ in future._callbacks or ():
        yield getattr(callback, "__self__", None)
        yield from getattr(callback, "args", ())
