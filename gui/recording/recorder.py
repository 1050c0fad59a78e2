"""The window's recorder: takes each message as it comes in, and has it written by a thread of its own.

Owns when a recording begins and ends. Knows nothing of the form of the file. It listens all the time: a recording
must begin with what was told before it and still holds.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.clock import monotonic
from engine.load import wire as load_wire
from engine.telemetry import wire
from gui import errors
from gui.recording.file import VERSION, FileHeader, RecordingError, RecordingWriter, Standing

INTERVAL = 0.25
"""Seconds of messages that are written in one go, and are lost at most when the window is killed."""
PENDING = 20_000
"""Messages that wait at most, half a minute of the most there may be: then the disk is too slow."""
CLOSE_PATIENCE = 2.0
"""Seconds that the last part may take to be written when the window closes."""


@dataclass(eq=False)
class RecordingJob:
    """One recording that is being written."""

    path: Path
    writer: RecordingWriter
    pending: deque[tuple[str, float, Any]]
    enough: threading.Event = field(default_factory=threading.Event)
    trouble: errors.Notice | None = None

    def taken(self) -> list[tuple[str, float, Any]]:
        """What waits to be written, which waits no more."""
        return [self.pending.popleft() for _ in range(len(self.pending))]


class SessionRecorder(QObject):
    """Writes what it is told to a file, when it is asked to. To be closed before it is let go."""

    ended = Signal(object)
    """A recording is written to its end: None, or the `Notice` that says why it ended by itself."""

    _written = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._standing = Standing()
        self._job: RecordingJob | None = None
        self._thread: threading.Thread | None = None
        self._written.connect(self._on_written)

    @property
    def path(self) -> Path | None:
        """Where it records to; None if it does not."""
        return self._job.path if self._job else None

    def note(self, stream: str, message: Any) -> None:
        """Takes each message of each stream, in order, whether it records or not."""
        self._standing.note(stream, message)
        job = self._job
        if not job:
            return
        job.pending.append((stream, monotonic(), message))
        if len(job.pending) > PENDING:
            job.trouble = errors.recording_ended(errors.disk_too_slow(job.path))
            self.stop()

    def start(self, path: Path, facts: dict[str, str]) -> None:
        """Begins to record; raises `RecordingError` if the file cannot be made. `facts` say what on which machine."""
        self.stop()
        now = monotonic()
        header = FileHeader(VERSION, wire.VERSION, load_wire.VERSION, now, time.time() - now, facts)
        try:
            writer = RecordingWriter(path, header)
        except OSError as error:
            raise RecordingError(errors.cannot_write(path, error)) from error
        standing = ((stream, now, message) for stream, message in self._standing.all())
        self._job = RecordingJob(path, writer, deque(standing))
        self._thread = threading.Thread(target=self._write, args=(self._job,), name="recorder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the recording, if there is one; `ended` tells when all of it is written. Never waits."""
        if self._job:
            self._job.enough.set()
            self._job = None

    def close(self) -> None:
        """Ends the recording and returns when it is written, or after a while if the disk hangs."""
        self.stop()
        if self._thread:
            self._thread.join(CLOSE_PATIENCE)

    def _write(self, job: RecordingJob) -> None:
        try:
            is_last = False
            while not is_last:
                is_last = job.enough.wait(INTERVAL)
                entries = job.taken()
                job.writer.write(entries, until=monotonic())
            job.writer.close()
        except OSError as error:
            job.trouble = errors.recording_ended(errors.cannot_write(job.path, error))
        self._written.emit(job)

    def _on_written(self, job: RecordingJob) -> None:
        if job is self._job:
            self._job = None
        self.ended.emit(job.trouble)
