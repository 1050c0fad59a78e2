"""Opens a file in the user's editor.

Owns the choice of the editor. Knows nothing of what is in the file.
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
"""Editors that need a terminal, which the window does not have."""


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
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))


def _windowed(command: str) -> list[str]:
    """The parts of an editor's command; none if it can't be started, or needs a terminal."""
    try:
        words = shlex.split(command, posix=sys.platform != "win32")
    except ValueError:  # a quote that is never closed
        return []
    if not words or Path(words[0]).stem in NEED_TERMINAL or "-nw" in words or not shutil.which(words[0]):
        return []
    return words


def _start(program: str, *arguments: str) -> bool:
    started, _ = QProcess.startDetached(program, list(arguments))
    return bool(started)
