"""Which digit a key stands for, also on keyboards whose digits need Shift, as the French one.

Owns the places of the digit keys on each system. Knows nothing of what a digit does.
"""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

NOTHING_HELD = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
SCAN_CODES = range(2, 12) if sys.platform == "win32" else range(10, 20)
"""Of the keys in the row of digits, the ninth before that of 0; elsewhere than on Windows the X server's."""
MAC_KEYS = (18, 19, 20, 21, 23, 22, 26, 28, 25, 29)
"""The same on macOS, which reports no scan codes but virtual keys."""


def is_plain(event: QKeyEvent) -> bool:
    """Whether nothing is held that would make the key another one."""
    return event.modifiers() in NOTHING_HELD


def digit(event: QKeyEvent) -> int | None:
    """The digit that the key writes, with Shift or without, or that is usually at its place; None if there is none."""
    held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    if held != Qt.KeyboardModifier.NoModifier:
        return None
    if event.text().isdecimal():
        return int(event.text())
    place = event.nativeVirtualKey() if sys.platform == "darwin" else event.nativeScanCode()
    places = MAC_KEYS if sys.platform == "darwin" else SCAN_CODES
    return (places.index(place) + 1) % 10 if is_plain(event) and place in places else None
