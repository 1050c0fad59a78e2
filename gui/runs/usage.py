"""What the engine's processes use, told twice a second.

Owns the thread that asks, since asking takes long where there are many processes. Knows of the engine only its
process id.
"""

import threading

from PySide6.QtCore import QObject, Signal

from engine.lab.usage import JOIN_TIMEOUT, samples


class UsageSampler(QObject):
    """Tells twice a second what a process and its descendants use. To be closed before it is let go."""

    sampled = Signal(object)
    """`Usage`; the first one an interval after `watch`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, pid: int | None) -> None:
        """From now on samples the process `pid`, as long as it lives; None: nothing."""
        self._enough.set()
        if pid is not None:
            self._enough = threading.Event()
            self._thread = threading.Thread(target=self._sample, args=(pid, self._enough), name="usage", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """No sample comes any more. A system that never answers is not waited for."""
        self.watch(None)
        if self._thread:
            self._thread.join(JOIN_TIMEOUT)

    def _sample(self, pid: int, enough: threading.Event) -> None:
        for usage in samples(pid, enough):
            if not enough.is_set():
                self.sampled.emit(usage)
