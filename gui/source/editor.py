"""Opening a file in the program that a person writes programs with.

Owns the choice of that program. Knows nothing of what is in the file.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

NEED_TERMINAL = frozenset(
    {"ed", "emacs-nox", "ex", "helix", "hx", "jed", "jmacs", "joe", "kak", "mcedit", "mg", "micro", "nano", "ne",
     "nvi", "nvim", "pico", "rnano", "sensible-editor", "editor", "vi", "view", "vim", "vim.basic", "vim.tiny", "zile"}
)  # fmt: skip
"""Editors that show nothing without a terminal, which the window is not."""


def open_in_editor(file: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Opens `file` in `$VISUAL` or `$EDITOR` if that has a window of its own, otherwise in the system's choice.

    False if there is none that can be started.
    """
    for name in ("VISUAL", "EDITOR"):
        command = _windowed(environment.get(name, ""))
        if command and _start(*command, str(file)):
            return True
    if sys.platform == "win32":  # there the system's choice would run the file
        return _start("notepad", str(file))
    if sys.platform == "darwin":  # there the system's choice may run it too; this asks for one that edits text
        return _start("open", "-t", str(file))
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))


def _windowed(command: str) -> list[str]:
    """The program in full and the words of an editor's command; none if it can't be started, or needs a terminal."""
    try:
        words = _split(command, backslashes=sys.platform == "win32")
    except ValueError:  # a quote that is never closed
        return []
    program = shutil.which(words[0]) if words else None  # `code` is `code.cmd` on Windows, and found so only
    if not program or Path(words[0]).stem in NEED_TERMINAL or "-nw" in words:
        return []
    return [program, *words[1:]]


def _split(command: str, *, backslashes: bool) -> list[str]:
    """The words of a command, without their quotes; `backslashes`: they part folders there, and stay."""
    if not backslashes:
        return shlex.split(command)
    words = shlex.split(command, posix=False)
    return [word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word for word in words]


def _start(program: str, *arguments: str) -> bool:
    started, _ = QProcess.startDetached(program, list(arguments))
    return bool(started)
