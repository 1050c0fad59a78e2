"""Digits pick models on any keyboard."""

import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from engine.models import MODELS
from gui import keyboard
from gui.window import Window

NONE, SHIFT, CTRL, PAD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.KeypadModifier,
)
FRENCH = "&é\"'(-è_çà"
KEYS = {"linux": range(10, 20), "win32": range(2, 12), "darwin": keyboard.MAC_KEYS}


def pressed(
    text: str, place: int = 0, held: Qt.KeyboardModifier = NONE, key: Qt.Key = Qt.Key.Key_unknown, system: str = "linux"
) -> QKeyEvent:
    """The event of a key; `place` is what the system calls it."""
    code, virtual = (1, place) if system == "darwin" else (place, 0)
    return QKeyEvent(QEvent.Type.KeyPress, key, held, code, virtual, 0, text)


@pytest.mark.parametrize("system", KEYS)
def test_a_key_is_the_digit_that_it_writes_or_that_is_at_its_place(
    system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(keyboard, "SCAN_CODES", KEYS[system])
    for number, (letter, place) in enumerate(zip(FRENCH, KEYS[system], strict=True), 1):
        digit = number % 10
        assert keyboard.digit(pressed(letter, place, system=system)) == digit, "as on a French keyboard"
        assert keyboard.digit(pressed(str(digit), place, SHIFT, system=system)) == digit, "or with Shift"
        assert keyboard.digit(pressed(str(digit), place, system=system)) == digit, "as on an American one"
        assert keyboard.digit(pressed("!", place, SHIFT, system=system)) is None
        assert keyboard.digit(pressed(str(digit), place, CTRL, system=system)) is None
    assert keyboard.digit(pressed("7", 79, PAD, system=system)) == 7
    assert keyboard.digit(pressed("٣", system=system)) == 3
    for other in ("²", "½", "a", ""):
        assert keyboard.digit(pressed(other, 200, system=system)) is None


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the keys have other numbers there")
def test_digits_of_a_french_keyboard_choose_models(window: Window) -> None:
    keys = list(MODELS)
    for text, place, held, chosen in (("é", 11, NONE, 1), ("1", 10, SHIFT, 0), ("'", 13, NONE, 3), ("!", 10, SHIFT, 3)):
        QApplication.sendEvent(window.requests.view, pressed(text, place, held))
        assert window.settings.model == keys[chosen]
