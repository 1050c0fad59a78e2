"""Plays a recording: passes its messages to histories as if they arrived now.

Owns the moment that is shown, the speed, and whether it plays. Knows nothing of what the histories keep: they are
the same as those of a live run, on the recording's clock.
"""

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from engine.clock import monotonic
from gui import errors
from gui.history.histories import Histories
from gui.recording.file import Event, Recording, RecordingError

TICK_MS = 15
BUDGET = 0.008
"""The most seconds of a tick for passing messages on; the rest waits for the next tick, so the window can react."""


def replayed(clock: Callable[[], float]) -> Histories:
    """Empty histories, on the clock of a recording."""
    return Histories(clock, is_replay=True)


class Replay(QObject):
    """One recording, open at a moment. Close it in the end.

    A jump fills new histories while the old ones stay shown, so a half-filled picture is never seen.
    """

    histories_changed = Signal(object)
    """Other `Histories`, complete up to the moment, are to be shown."""
    moved = Signal()
    """The position, the length, the speed, or whether it plays has changed."""
    broke_off = Signal(object)
    """`Notice`: the file is damaged; the replay ends where it is."""

    def __init__(
        self,
        recording: Recording,
        parent: QObject | None = None,
        new_histories: Callable[[Callable[[], float]], Histories] = replayed,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Nothing is shown until `seek` or `play`; `new_histories` makes empty histories for a clock."""
        super().__init__(parent)
        self.recording = recording
        self.histories: Histories | None = None
        """Those that are shown."""
        self.seconds = recording.seconds
        """The length that can be shown."""
        self.position = 0.0
        """Seconds since the recording's begin: the moment that is shown, or will be after a jump."""
        self.is_playing = False
        self.speed = 1.0
        self._new_histories = new_histories
        self._clock = clock
        self._passed_until = 0.0
        self._ticked = 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._events: Iterator[Event] = iter(())
        self._next: Event | None = None
        self._coming: Histories | None = None
        """Those that are shown after a jump, as soon as they are complete."""

    def now(self) -> float:
        """The moment that the histories show, on the recording's monotonic clock."""
        return self.recording.header.begin + self._passed_until

    def play(self) -> None:
        """Resumes; at the end, plays from the begin."""
        if not (self.histories or self._coming) or self.position >= self.seconds:
            self.seek(0.0)
        self.is_playing = True
        self._run()

    def pause(self) -> None:
        """Pauses."""
        self.is_playing = False
        self.moved.emit()

    def toggle(self) -> None:
        """Pauses or resumes."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float) -> None:
        """Plays at `speed` times the original speed."""
        self.speed = speed
        self.moved.emit()

    def seek(self, seconds: float) -> None:
        """Jumps to a moment; `histories_changed` is emitted once it can be shown."""
        self.position = min(max(seconds, 0.0), self.seconds)
        self._coming = self._new_histories(self.now)
        self._events = self.recording.events(self.position)
        self._next = None
        self._pull()
        self._run()

    def close(self) -> None:
        """Ends the replay, and closes the recording."""
        self._timer.stop()
        self.recording.close()

    def _run(self) -> None:
        self._ticked = self._clock()
        self._timer.start(0 if self._coming else TICK_MS)  # a jump takes all the time that the window has to spare
        self.moved.emit()

    def _tick(self) -> None:
        now = self._clock()
        elapsed, self._ticked = now - self._ticked, now
        if self._coming:
            self._catch_up(self._coming)
        elif self.is_playing and self.histories:
            self._go_on(self.histories, elapsed)
        else:
            self._timer.stop()

    def _catch_up(self, coming: Histories) -> None:
        if self._deliver(coming, self.position):
            self.histories, self._coming = coming, None
            self._passed_until = self.position
            self._timer.setInterval(TICK_MS)
            self.histories_changed.emit(coming)

    def _go_on(self, histories: Histories, elapsed: float) -> None:
        """On a machine too slow for the speed, the replay falls behind rather than freeze the window."""
        wanted = self.position + elapsed * self.speed
        done = self._deliver(histories, wanted)
        if self._next and not done:
            wanted = max(self.position, self._next.at)
        self.position = self._passed_until = min(wanted, self.seconds)
        if self.position >= self.seconds and not self._next:
            self.is_playing = False
        self.moved.emit()

    def _deliver(self, histories: Histories, until: float) -> bool:
        """Passes on events up to a moment, within `BUDGET`; returns whether that was all of them."""
        enough = time.perf_counter() + BUDGET
        while self._next and self._next.at <= until:
            try:
                histories.receive(self._next.stream, self._next.message)
            except ValueError as error:  # it has the form of a message, and says what none can say
                self._end_here(self._next, error)
                return True
            self._pull()
            if time.perf_counter() > enough:
                return False
        return True

    def _pull(self) -> None:
        """Reads the next event."""
        before = self._next
        try:
            self._next = next(self._events, None)
        except RecordingError as error:
            self._next = None
            self._end_at(before.at if before else 0.0, error)

    def _end_here(self, event: Event, error: ValueError) -> None:
        """Nothing comes after `event`, which can't be shown."""
        self._next, self._events = None, iter(())
        self._end_at(event.at, RecordingError(errors.recording_damaged(self.recording.path, str(error))))

    def _end_at(self, seconds: float, error: RecordingError) -> None:
        if seconds < self.seconds:
            self.seconds = seconds
            self.position = min(self.position, seconds)
            self.moved.emit()
            self.broke_off.emit(error.notice)
