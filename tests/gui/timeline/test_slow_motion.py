"""Slow motion in the window: the timeline falls behind what happens, which is recorded meanwhile."""

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from gui.window import Window
from tests.gui.conftest import RATE

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 40_000


def test_the_timeline_falls_behind_and_comes_back(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="thread", clients=4, rate=RATE)
    timeline = window.timeline
    window.session.toggle_load()
    qtbot.waitUntil(lambda: bool(timeline.canvas.rows.rows), timeout=PATIENCE_MS)
    window.show_view("requests")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)  # or else it gets no keys
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_S)
    assert window.tabs.seen is timeline
    qtbot.waitUntil(lambda: timeline.speed.text() == "¼×", timeout=PATIENCE_MS)
    begun = monotonic()
    qtbot.waitUntil(lambda: monotonic() - timeline.canvas.edge > 1.5, timeout=PATIENCE_MS)
    assert timeline.note.text().startswith("¼ speed, ")
    assert timeline.canvas.edge - begun < (monotonic() - begun) / 2, "less than half as fast"
    assert timeline.canvas._tick_text(timeline.canvas.edge) != "now"
    assert timeline.follow.isChecked()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: timeline.speed.text() == "1×", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: monotonic() - timeline.canvas.edge < 1, timeout=PATIENCE_MS)
    assert not timeline.note.text()
