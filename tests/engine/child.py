"""A real child under test, and everything that it says on its stdout.

Owns the child and the thread that reads its lines. Knows nothing of what they mean: that `_decode` says.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine.clock import monotonic

PROJECT = Path(__file__).parents[2]
PATIENCE = 20.0
"""Seconds within which anything that works has happened, however busy the machine."""

T = TypeVar("T")


def command(*arguments: str | Path) -> list[str]:
    """`python -m engine …`, to be run where the program lies."""
    return [sys.executable, "-m", "engine", *map(str, arguments)]


class Child:
    """A running child in a session of its own; `place` is the folder of the program that it runs."""

    name: str
    """What it is called where something is wrong."""

    def __init__(self, command: list[str], place: Path = PROJECT) -> None:
        self.messages: list[Any] = []
        self._news = threading.Condition()
        self._torn: Exception | None = None
        self._ended = False
        self._folder = tempfile.TemporaryDirectory()
        self._stderr = open(Path(self._folder.name, "stderr"), "wb")  # noqa: SIM115, closed by `bury`
        self.process = subprocess.Popen(
            command,
            cwd=place,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )
        self.pid = self.process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _decode(self, line: bytes) -> Any:
        """The message in `line`; raises ValueError or AssertionError for what should not be said."""
        raise NotImplementedError

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if line == b"\n":
                continue  # what several processes write may be parted by empty lines
            try:
                message = self._decode(line)
            except (ValueError, AssertionError) as error:
                message, self._torn = None, error
            with self._news:
                if message is not None:
                    self.messages.append(message)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    # what it said

    def heard(self, look: Callable[[], T | None], why: str) -> T:
        """What `look` gives, asked again after each message, as soon as it is true."""
        deadline = monotonic() + PATIENCE
        with self._news:
            while not (seen := look()):
                left = deadline - monotonic()
                if self._torn:
                    raise self._torn
                if left < 0 or self._ended:
                    state = "ended" if self._ended else "told nothing of it"
                    raise AssertionError(f"{self.name} {state}: {why}; {self._last()}; stderr: {self.stderr()}")
                self._news.wait(left)
        return seen

    def _last(self) -> object:
        """What it said last that helps to see what is wrong."""
        return self.messages[-1:]

    def all(self, kind: type[T]) -> list[T]:
        """The messages of one kind so far."""
        return [message for message in tuple(self.messages) if isinstance(message, kind)]

    def stderr(self) -> str:
        """All that it wrote to its stderr so far."""
        return Path(self._stderr.name).read_text("utf-8")

    # what is done to it

    def end(self) -> int:
        """Waits until it has ended and all that it said is read; gives the exit status."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def bury(self) -> None:
        """Waits until it has ended, which it must be about to do, and closes what it was read from."""
        self.end()
        for stream in (self.process.stdin, self.process.stdout, self._stderr):
            assert stream
            stream.close()
        self._folder.cleanup()
