"""Samples what the engine's processes use, twice a second.

Owns the thread that samples, since that takes long with many processes. Knows of the engine only its
process id.
"""

import threading

from PySide6.QtCore import QObject, Signal

from engine.lab.usage import JOIN_TIMEOUT, samples


class UsageSampler(QObject):
    """Samples twice a second what a process and its descendants use. Close it before it is deleted."""

    sampled = Signal(object)
    """`Usage`; the first one an interval after `watch`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, pid: int | None, *, with_root: bool = True) -> None:
        """Samples the process `pid` from now on, as long as it runs; None: nothing.

        `with_root`: whether the process itself counts, or only what it has started.
        """
        self._enough.set()
        if pid is not None:
            self._enough = threading.Event()
            arguments = pid, self._enough, with_root
            self._thread = threading.Thread(target=self._sample, args=arguments, name="usage", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Returns after the last sample, or after a while if the system never answers."""
        self.watch(None)
        if self._thread:
            self._thread.join(JOIN_TIMEOUT)

    def _sample(self, pid: int, enough: threading.Event, with_root: bool) -> None:
        for usage in samples(pid, enough, with_root=with_root):
            if not enough.is_set():
                self.sampled.emit(usage)
