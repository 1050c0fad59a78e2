"""What is known of a program of the user's besides what is known of any server: how it is seen, and its output.

Owns the lines that are kept. Knows nothing of how they are shown.
"""

from collections import deque
from typing import Any

from engine.telemetry import wire

KEPT = 5_000
"""Lines; of a program that writes more, the newest."""


class ProgramHistory:
    """The program that runs, or the last one."""

    def __init__(self) -> None:
        self.is_program = False
        """Whether what runs, or ran last, is a program of the user's."""
        self.seen: wire.Visibility | None = None
        """How it is seen; None: not known yet."""
        self.lines: deque[tuple[str, str | wire.Problem]] = deque(maxlen=KEPT)
        """What it has written, by line, with the stream, `stdout` or `stderr`; and problems, which have no stream."""
        self.count = 0
        """Lines so far, also those that are not kept any more."""

    def receive(self, message: Any) -> None:
        """Receive one message of the engine's stream, in the stream's order."""
        match message:
            case wire.Ready():
                self.is_program = bool(message.command)
                self.seen = None
                if not self.is_program:
                    self.lines.clear()
            case wire.Visibility():
                self.seen = message
            case wire.Said():
                self.is_program = True
                for line in message.text.split("\n"):
                    self._add(message.stream, line)
            case wire.Problem() if self.is_program:
                self._add("", message)

    def _add(self, stream: str, text: str | wire.Problem) -> None:
        self.lines.append((stream, text))
        self.count += 1
