"""The program: its command, its environment, and its end with all that it has started.

Owns its processes. On Linux the engine is their subreaper: a process whose parent has ended becomes the engine's child,
also one that made itself a daemon, so that none is left behind.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.clock import monotonic
from engine.guest.kernel import descendants
from engine.lifetime import die_with_parent

_SUBREAPER = 36
_SIGKILL = 9
INSIDE = Path(__file__).parent / "inside"
ENVIRONMENTS = (".venv", "venv", "env")
"""Folders of a virtual environment in a project."""
KILL_AFTER = 0.25
"""Seconds from asking the program to end until it is killed: less than the window leaves to the engine."""
GIVE_UP_AFTER = 2.0
"""Seconds from then until the engine leaves in any case."""


@dataclass(frozen=True)
class Command:
    """What is to run."""

    words: list[str]
    """As they were typed: a file or `-m module` for Python, or any other command."""
    python: str
    """The interpreter; empty: that of the project's environment, or else of the path."""
    folder: Path
    variables: dict[str, str]

    @property
    def is_python(self) -> bool:
        """Whether an interpreter is put before the words."""
        return self.words[0].startswith("-") or self.words[0].endswith((".py", ".pyw", ".pyz"))

    @property
    def line(self) -> list[str]:
        """The whole command."""
        return [self.interpreter, *self.words] if self.is_python else self.words

    @property
    def interpreter(self) -> str:
        """The interpreter that runs the program."""
        if self.python:
            return self.python
        for name in ENVIRONMENTS:
            found = self.folder / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
            if found.is_file():
                return str(found)
        active = os.environ.get("VIRTUAL_ENV", "")
        if active and Path(active).resolve() != Path(sys.prefix).resolve():
            return str(Path(active, "bin", "python"))
        return shutil.which("python3") or shutil.which("python") or sys.executable

    @property
    def file(self) -> str:
        """The program's own file; empty if it is none."""
        for word in self.words:
            path = self.folder / word
            if word.endswith((".py", ".pyw")) and path.is_file():
                return str(path.resolve())
        return ""

    @property
    def title(self) -> str:
        """What it is called: the module or file, and what follows."""
        words = self.words[1:] if self.words[0] == "-m" else self.words
        return " ".join([os.path.basename(words[0]), *words[1:]])[:80] if words else self.interpreter

    def environment(self, slots: Path) -> dict[str, str]:
        """The environment, with what starts the tracer in each Python."""
        result = {**os.environ, **self.variables}
        if "VIRTUAL_ENV" in result and Path(result["VIRTUAL_ENV"]).resolve() == Path(sys.prefix).resolve():
            del result["VIRTUAL_ENV"]  # that is the engine's
        programs = os.path.dirname(self.interpreter)
        if os.path.isfile(os.path.join(os.path.dirname(programs), "pyvenv.cfg")):  # as if it were activated
            result["PATH"] = os.pathsep.join([programs, result.get("PATH", os.defpath)])
        path = result.get("PYTHONPATH", "")
        result["PYTHONPATH"] = os.pathsep.join([str(INSIDE), *([path] if path else [])])
        result.setdefault("PYTHONUNBUFFERED", "1")  # what it prints is seen at once, as at a terminal
        folders = {str(self.folder.resolve()), *([os.path.dirname(self.file)] if self.file else [])}
        result["SERVESCOPE_GUEST"] = str(slots)
        result["SERVESCOPE_FOLDERS"] = os.pathsep.join(sorted(folders))
        result["SERVESCOPE_FILE"] = self.file
        return result


class Program:
    """The running program. Raises OSError if it can't be started."""

    def __init__(self, command: Command, slots: Path) -> None:
        _adopt_orphans()
        die_with_parent(signal.SIGTERM)  # looked up once, not after the fork
        self._process = subprocess.Popen(
            command.line,
            cwd=command.folder,
            env=command.environment(slots),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=(lambda: die_with_parent(signal.SIGTERM)) if os.name == "posix" else None,
        )
        assert self._process.stdout
        assert self._process.stderr
        self.pid = self._process.pid
        self.streams = {self._process.stdout.fileno(): "stdout", self._process.stderr.fileno(): "stderr"}
        self.names = dict(self.streams)
        self.has_processes = True
        """Whether it or anything that it has started still runs, as far as the system lets that be known."""
        self.status: int | None = None
        """Its exit status, negative for a signal; None while it runs."""

    def reap(self) -> list[int]:
        """Reap what has ended, adopted processes as well; their pids."""
        if os.name != "posix":
            self.status = self._process.poll()
            self.has_processes = self.status is None
            return [] if self.status is None else [self.pid]
        ended: list[int] = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.has_processes = False
                return ended
            if not pid:
                return ended
            ended.append(pid)
            if pid == self.pid:
                self.status = self._process.returncode = os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """End it and all that it has started: first they are asked, then killed. Returns when nothing is left."""
        begin = monotonic()
        asked: set[int] = set()
        while True:
            self.reap()
            left = descendants(os.getpid())
            after = monotonic() - begin
            if not left or after > GIVE_UP_AFTER:
                return
            for process in left:
                with contextlib.suppress(psutil.Error):
                    if after > KILL_AFTER:
                        process.kill()
                    elif process.pid not in asked and process.ppid() == os.getpid():
                        asked.add(process.pid)  # the others are asked by their parents, or when these have left
                        process.terminate()
            time.sleep(0.01)


def _adopt_orphans() -> None:
    """From now on orphans among the descendants become children of this process (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
