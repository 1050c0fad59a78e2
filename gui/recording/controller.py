"""Recording and replay: a recorder that always takes messages, and at most one open recording.

Owns both, and the bar of the replay. Knows nothing of what shows the histories.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui import errors
from gui.panels.replay import ReplayBar
from gui.recording.file import Recording, RecordingError
from gui.recording.recorder import SessionRecorder
from gui.recording.replay import Replay


class RecordingController(QObject):
    """Records messages, and replays recordings. Close it before it is deleted."""

    histories_changed = Signal(object)
    """The `Histories` to show from now on; None: the live ones."""
    recording_changed = Signal()
    """A recording began or ended."""
    notice_raised = Signal(object)
    """`errors.Notice`"""

    def __init__(self, bar: ReplayBar, parent: QObject | None = None, recorder: SessionRecorder | None = None) -> None:
        """`recorder`: one that may be recording, of a controller whose place this one takes."""
        super().__init__(parent)
        self.recorder = recorder or SessionRecorder()
        self.recorder.setParent(self)
        self.replay: Replay | None = None
        """The recording that is open; None if none is."""
        self._bar = bar
        self._path = self.recorder.path or Path()
        """The file of the newest recording."""
        self.note = self.recorder.note
        self.recorder.ended.connect(self._on_recorded)
        bar.toggle_requested.connect(self.toggle)
        bar.leave_requested.connect(self.leave)
        bar.speed_requested.connect(lambda speed: self.replay and self.replay.set_speed(speed))
        bar.seek_requested.connect(lambda seconds: self.replay and self.replay.seek(seconds))

    @property
    def is_recording(self) -> bool:
        """Whether messages are being written to a file."""
        return self.recorder.path is not None

    def record(self, path: Path, facts: Mapping[str, str]) -> None:
        """Begins to record to `path`; raises a notice if that fails."""
        self._path = path
        try:
            self.recorder.start(path, dict(facts))
        except RecordingError as error:
            self.notice_raised.emit(error.notice)
        self.recording_changed.emit()

    def stop_recording(self) -> None:
        """Ends the recording, if there is one."""
        self.recorder.stop()
        self.recording_changed.emit()

    def play(self, path: Path) -> None:
        """Opens a recording and plays it from its begin; raises a notice if that fails."""
        try:
            recording = Recording(path)
        except RecordingError as error:
            self.notice_raised.emit(error.notice)
            return
        self.leave()
        replay = self.replay = Replay(recording, self)
        header = recording.header
        self._bar.show_recording(path.name, header.begin + header.clock, recording.is_whole, recording.marks())
        replay.moved.connect(self._show_position)
        replay.histories_changed.connect(self.histories_changed)
        replay.broke_off.connect(self.notice_raised)
        replay.play()

    def toggle(self) -> None:
        """Pauses the replay, or resumes it."""
        if self.replay:
            self.replay.toggle()

    def leave(self) -> None:
        """Closes an open recording and shows the live histories again."""
        if self.replay:
            self.replay.close()
            self.replay.deleteLater()
            self.replay = None
            self._bar.hide()
            self.histories_changed.emit(None)

    def close(self) -> None:
        """Returns when everything recorded is written."""
        self.leave()
        self.recorder.close()

    def _show_position(self) -> None:
        if self.replay:
            self._bar.show_position(self.replay.position, self.replay.seconds)
            self._bar.show_playing(self.replay.is_playing)
            self._bar.show_speed(self.replay.speed)

    def _on_recorded(self, trouble: Any) -> None:
        self.notice_raised.emit(trouble or errors.saved(self._path))
        self.recording_changed.emit()
