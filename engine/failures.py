"""What is told when the application failed: once, with its traceback, and never in the way of serving.

Owns the words, and the way of a traceback to stderr. Knows neither HTTP nor the models.
"""

import os
import traceback
from contextlib import suppress

from engine.telemetry.recorder import Recorder
from engine.unpatched import select

MOST = 4096
"""Bytes of a traceback, as many as a pipe that has room at all takes at once."""
_STDERR = 2


class Failures:
    """Called with an exception of the application, tells it; the same place again only after a while."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, error: Exception) -> None:
        kind, place = type(error).__name__, _place(error)
        told = self._recorder.problem(
            "application-failed",
            f"A request could not be answered: {kind} at {place}. Other requests are answered. "
            "The traceback is in the error output.",
            place=place,
            kind=kind,
        )
        if told:
            _print("".join(traceback.format_exception(error)))


def _place(error: Exception) -> str:
    """File and line where `error` was raised, as in `website.py:213`."""
    raised_in = traceback.extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(raised_in.filename)}:{raised_in.lineno}"


def _print(text: str) -> None:
    """Write `text` to stderr as far as that takes it now: a terminal may be paused, a reader may have gone."""
    with suppress(OSError, ValueError):
        if os.name != "posix" or select([], [_STDERR], [], 0)[1]:
            os.write(_STDERR, text.encode(errors="replace")[-MOST:])
