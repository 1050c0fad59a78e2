"""Finds out whether a file of the user's can be run as a model, in a process of its own: it is imported there.

Owns that process. Knows nothing of what is done with the answer.
"""

import json

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from engine.options import child_variables, engine_program
from engine.own_model import Fault
from gui.runs.processes import ENGINE_FOLDER

PATIENCE_MS = 10_000
"""Milliseconds after which the import is ended."""


class ModelCheck(QObject):
    """Checks one file after the other; of one that is asked for again only the newest text counts."""

    checked = Signal(str, object)
    """A file's path, and its `Fault`, None if it can be run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[str] = []
        self._path = ""
        self._process = QProcess(self)
        self._process.setWorkingDirectory(ENGINE_FOLDER)
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in {"PYTHONIOENCODING": "utf-8", **child_variables()}.items():
            environment.insert(name, value)
        self._process.setProcessEnvironment(environment)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._patience = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self._process.kill)

    def check(self, path: str) -> None:
        """Checks the file; `checked` has the answer."""
        if path not in self._waiting:
            self._waiting.append(path)
        self._next()

    def close(self) -> None:
        """Ends the process within a moment."""
        self._waiting.clear()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)

    def _next(self) -> None:
        if self._waiting and not self._path:
            self._path = self._waiting.pop(0)
            program, *arguments = engine_program("check", self._path)
            self._process.start(program, arguments)
            self._patience.start()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finish(Fault(self._process.errorString()))

    def _on_finished(self) -> None:
        lines = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace").splitlines()
        try:
            said = json.loads(lines[-1]) if lines else {}
            fault = None if said["ok"] else Fault(str(said["error"]), int(said["line"]))
        except (ValueError, KeyError, TypeError):  # it ended, or wrote something else, while it was imported
            fault = Fault("It does not end when it is imported, or ends the process.")
        self._finish(fault)

    def _finish(self, fault: Fault | None) -> None:
        self._patience.stop()
        path, self._path = self._path, ""
        if path not in self._waiting:
            self.checked.emit(path, fault)
        self._next()
