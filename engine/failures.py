"""Reports exceptions of the application: once each, with the traceback, and without delaying the server.

Owns the sentence, and the writing of a traceback to stderr. Knows neither HTTP nor the models.
"""

import os
import traceback
from contextlib import suppress

from engine.telemetry.recorder import Recorder
from engine.unpatched import select

MAX_BYTES = 4096
"""Bytes of a traceback: as many as a pipe with any room takes at once."""
_STDERR = 2


class Failures:
    """Call it with an exception of the application to report it; one place is reported once in a while."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, error: Exception) -> None:
        kind, place = type(error).__name__, _place(error)
        reported = self._recorder.problem(
            "application-failed",
            f"A request could not be answered: {kind} at {place}. Other requests are answered. "
            "The traceback is in the error output.",
            place=place,
            kind=kind,
        )
        if reported:
            _write_to_stderr("".join(traceback.format_exception(error)))


def _place(error: Exception) -> str:
    """File and line where `error` was raised, such as `website.py:213`."""
    raised_in = traceback.extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(raised_in.filename)}:{raised_in.lineno}"


def _write_to_stderr(text: str) -> None:
    """Write as much of `text` to stderr as fits now: a terminal may be paused, a reader may have exited."""
    with suppress(OSError, ValueError):
        if os.name != "posix" or select([], [_STDERR], [], 0)[1]:
            os.write(_STDERR, text.encode(errors="replace")[-MAX_BYTES:])
