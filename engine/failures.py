"""Reports exceptions of the application and of the model: once each, with the traceback, without delaying the server.

Owns the writing of a traceback to stderr, and the handling of an exception that ends a worker. Knows no HTTP.
"""

import os
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from engine.net.replacing import Put
from engine.telemetry.recorder import Recorder
from engine.traits import Worker
from engine.unpatched import select

MAX_BYTES = 4096
"""The most bytes of a traceback: as many as a pipe with any room accepts at once."""
MAX_ERROR = 300
"""The most characters of an error's own message that are reported."""
_STDERR = 2


class ApplicationFailures:
    """Call it with an exception of the application to report it; one place is reported once in a while."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, error: Exception) -> None:
        kind, place = type(error).__name__, _place(error)
        if self._recorder.problem("application-failed", place=place, kind=kind):
            _write_to_stderr("".join(traceback.format_exception(error)))


class ModelFailures:
    """Reports an exception that ends the model `key`, whose file is `file`, or one of its workers: line and error."""

    def __init__(self, recorder: Recorder, key: str, file: str) -> None:
        self._recorder = recorder
        self._key = key
        self._file = file

    def end_of_model(self, error: BaseException) -> None:
        """Report that the model has ended, and with it the server."""
        self._report("model-failed", error)

    def end_of_worker(self, error: BaseException) -> None:
        """Report that a worker has ended; the same line again only after a while."""
        if not isinstance(error, SystemExit):
            self._report("worker-failed", error)
            if self._recorder.is_child:
                self._recorder.flush()  # what it served before, as there is no tick any more

    def install(self, worker: Worker, put: Put) -> None:
        """Report uncaught exceptions of a model's workers of the kind `worker`."""
        if worker == "thread":
            put(threading, "excepthook", lambda end: self.end_of_worker(end.exc_value))
        elif worker == "greenlet":
            from gevent.hub import Hub  # only here: the other models do without

            put(Hub, "print_exception", lambda hub, context, kind, error, trace: self.end_of_worker(error))
        elif worker == "task":
            from asyncio import BaseEventLoop  # only here: the other models do without

            put(BaseEventLoop, "call_exception_handler", self._of_task)

    def install_in_child(self, put: Put) -> None:
        """Report an exception that ends this process, a child: its `os._exit` in a `finally` would hide it."""
        leave = os._exit

        def leave_and_report(status: int) -> None:
            error = sys.exc_info()[1]
            if error is not None:
                self.end_of_worker(error)
            leave(status)

        put(os, "_exit", leave_and_report)
        processes = sys.modules.get("multiprocessing.process")
        if processes is not None:
            put(processes.BaseProcess, "run", self._reporting(processes.BaseProcess.run))

    def _reporting(self, run: Callable[[Any], None]) -> Callable[[Any], None]:
        def run_and_report(process: Any) -> None:
            try:
                run(process)
            except Exception as error:
                self.end_of_worker(error)
                sys.exit(1)

        return run_and_report

    def _of_task(self, loop: Any, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None:
            self.end_of_worker(error)

    def _report(self, code: str, error: BaseException) -> None:
        line, what = _line(error, self._file), traceback.format_exception_only(error)[-1].strip()[:MAX_ERROR]
        reported = self._recorder.problem(
            code,
            place=f"{os.path.basename(self._file)}:{line}",
            model=self._key,
            file=self._file,
            line=line,
            error=what,
        )
        if reported:
            _write_to_stderr("".join(traceback.format_exception(error)))


def _place(error: Exception) -> str:
    """File and line where `error` was raised, such as `website.py:213`."""
    raised_in = traceback.extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(raised_in.filename)}:{raised_in.lineno}"


def _line(error: BaseException, file: str) -> int:
    """The line of `file` in which `error` was raised, or which has the syntax error; 0 if none."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 0
    lines = [entry.lineno for entry in traceback.extract_tb(error.__traceback__) if entry.filename == file]
    return (lines[-1:] or [0])[0] or 0


def _write_to_stderr(text: str) -> None:
    """Write as much of `text` to stderr as fits now: a terminal may be paused, a reader may have exited."""
    with suppress(OSError, ValueError):
        if os.name != "posix" or select([], [_STDERR], [], 0)[1]:
            os.write(_STDERR, text.encode(errors="replace")[-MAX_BYTES:])
