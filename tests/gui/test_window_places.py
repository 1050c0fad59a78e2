"""The window on screens of every size: all of it can be reached, and nothing moves under the mouse."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QScrollBar,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.load.wire import FAILURES, LoadReady, LoadStats
from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.persistence import MODES
from gui.controls import IconButton
from gui.errors import Notice
from gui.history.clients import ClientHistory
from gui.load.prose import Prose
from gui.placement import FRAME
from gui.runs.processes import ProcessState
from gui.views import VIEWS
from gui.window import Window
from tests.gui.conftest import RATE

Open: TypeAlias = Callable[..., Window]

PROJECT = Path(__file__).parents[2]
PATIENCE = 20_000
SCREENS = [(911, 512), (1097, 577), (1280, 672), (1366, 728), (1920, 1040)]
"""What is available of screens, in points: 1366×768 scaled by 1.5, 1920×1080 by 1.75 and 1.5, and both unscaled."""
CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QSlider, QTabBar, QAbstractItemView)
OPENED = """
import sys
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from gui.window import Window
application = QApplication([])
for number, screen in enumerate(application.screens()):
    window = Window(QSettings(f"{sys.argv[1]}/{number}.ini", QSettings.Format.IniFormat))
    window.placement.suit(screen.availableGeometry())
    window.open()
    application.processEvents()
    available, frame = screen.availableGeometry(), window.frameGeometry()
    print(screen.name(), available.contains(frame), window.isMaximized(), frame.width(), frame.height())
    window.close()
"""
"""Opens a window for the first time on each screen."""


def controls(*parts: QWidget) -> Iterator[QWidget]:
    """All that can be clicked, typed into or chosen from, and is seen."""
    for part in parts:
        for kind in CONTROLS:
            for control in part.findChildren(kind):
                if control.isVisible() and control.isEnabled():
                    yield control


def can_be_reached(control: QWidget) -> bool:
    """Whether all of it is seen, or comes into sight by scrolling; a button no smaller than its words."""
    least = control.minimumSizeHint()
    if isinstance(control, QPushButton | IconButton) and (control.size().expandedTo(least) != control.size()):
        return False
    rect, widget = control.rect(), control
    while not widget.isWindow():
        above = widget.parentWidget()
        rect = rect.translated(widget.pos())
        area = above.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is above:
            inside = QRect(widget.pos(), widget.size())
            bars = (area.horizontalScrollBar(), area.verticalScrollBar())
            room = above.rect().adjusted(-bars[0].value(), -bars[1].value(), _left(bars[0]), _left(bars[1]))
            if not (inside.contains(rect) and room.contains(rect)):
                return False
            rect = above.rect()
        elif not above.rect().contains(rect):
            return False
        widget = above
    return True


def _left(bar: QScrollBar) -> int:
    return bar.maximum() - bar.value()


def places(window: Window) -> dict[str, QRect]:
    """Where each control is that chooses, starts and stops, and each sentence, by kind and number."""
    found = {}
    for part in (window.header, window.cards, window.load_panel):
        for kind in (*CONTROLS, Prose):
            for number, control in enumerate(part.findChildren(kind)):
                if control.isVisible():
                    place = QRect(control.mapToGlobal(QPoint()), control.size())
                    found[f"{type(part).__name__} {kind.__name__} {number}"] = place
    return found


def in_trouble() -> ClientHistory:
    """What a load reported of which all may be said at once."""
    record = ClientHistory(clock=lambda: 10.0)
    record.receive(LoadReady(1, "http://127.0.0.1:1", 1, 1, 1.0, 0.0))
    failures = dict.fromkeys(FAILURES, 7_777)
    stats = LoadStats(9.9, 64, 8, 0, 21_000, **failures, bytes=0, behind=2.5, cpu=99.0, waiting=60, longest_wait=8.2)
    record.receive(stats)
    return record


@pytest.mark.slow
def test_the_first_window_is_inside_its_screen(tmp_path: Path) -> None:
    x, screens = 0, []
    for width, height in SCREENS:
        screens.append({"name": f"{width}x{height}", "x": x, "y": 0, "width": width, "height": height})
        x += width
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": screens}))
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path)],
        cwd=PROJECT,
        env=os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = [line.split() for line in done.stdout.splitlines()]
    assert {name for name, *_ in said} == {screen["name"] for screen in screens}, done.stderr
    for name, inside, maximised, width, height in said:
        assert inside == "True", name
        assert (maximised == "True") == (name != "1920x1040")
        assert (int(width), int(height)) == tuple(map(int, name.split("x"))) or name == "1920x1040"


@pytest.mark.parametrize("screen", [*SCREENS, (2560, 1440)])
def test_the_usual_size_is_taken_only_where_there_is_room_for_it_and_the_frame(
    qtbot: QtBot, store: QSettings, screen: tuple[int, int]
) -> None:
    window = Window(store)
    qtbot.addWidget(window)
    available = QRect(QPoint(50, 30), QSize(*screen))
    window.placement.suit(available)
    frame = QRect(window.geometry().topLeft(), window.geometry().size() + FRAME)
    assert window.size() == QSize(1600, 1000).boundedTo(available.size() - FRAME)
    assert abs(frame.center().x() - available.center().x()) <= FRAME.width()
    assert available.contains(window.geometry())


@pytest.mark.parametrize("screen", [SCREENS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in SCREENS[1:])])
def test_every_control_can_be_reached(qtbot: QtBot, open_window: Open, screen: tuple[int, int]) -> None:
    window = open_window()
    wanted = QSize(*screen) - QSize(0, FRAME.height())
    window.resize(wanted)
    qtbot.waitUntil(lambda: window.size() == wanted)
    for opened in (False, True):
        if opened and window.load_panel.fold.isVisible():
            qtbot.mouseClick(window.load_panel.fold, Qt.MouseButton.LeftButton)
        for view in VIEWS:
            window.show_view(view)
            qtbot.wait(20)
            assert window.size() == wanted, "nothing makes the window bigger than its screen"
            lost = [each for each in controls(window) if not can_be_reached(each)]
            assert not lost, [(each, each.accessibleName(), each.geometry()) for each in lost]
    assert window.load_panel.clients.exact.isVisible(), "the number of clients can be set"


@pytest.mark.parametrize("size", [(911, 472), pytest.param((1904, 1000), marks=pytest.mark.slow)])
def test_nothing_that_is_chosen_or_happens_moves_a_control(
    qtbot: QtBot, open_window: Open, size: tuple[int, int]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        window = open_window(port=taken.getsockname()[1], model="thread", rate=RATE, clients=4)
        window.resize(*size)
        qtbot.wait(50)
        before = places(window)

        def check(what: str) -> None:
            qtbot.wait(30)
            now = places(window)
            moved = {
                name: (before.get(name), now.get(name)) for name in before | now if before.get(name) != now.get(name)
            }
            assert not moved, what
            assert window.size() == QSize(*size), what

        engine, load = window.session.first.engine, window.session.first.load
        for number, workload in enumerate(WORKLOADS):
            with qtbot.waitSignal(window.load_panel.changed, timeout=PATIENCE):
                window.load_panel.workload.setCurrentIndex((number + 1) % len(WORKLOADS))
            check(workload)
        for number in (*range(1, len(MODES)), 0):
            with qtbot.waitSignal(window.load_panel.changed, timeout=PATIENCE):
                window.load_panel.connections.setCurrentIndex(number)
            check(MODES[number])
        for model in list(MODELS)[::4]:
            window.session.choose(model)
            qtbot.wait(30)
            now = places(window)  # a click opens another row, which moves those of the list and nothing else
            assert {name: now[name] for name in now if not name.startswith("ModelCards")} == {
                name: before[name] for name in before if not name.startswith("ModelCards")
            }, model
        before = places(window)
        window.load_panel.show_load(in_trouble())
        check("clients that wait and fail")
        window.notice.show_notice(Notice("Something happened", "and it takes many words to say what. " * 8))
        check("a notice")
        window.notice.show_notice(None)
        check("no notice")
        window.toggle_freeze()
        window.header.show_recording(True)
        window.load_panel.show_progress("2 of 14: Non-blocking + keep-alive")
        check("frozen, recording, running all")
        window.toggle_freeze()
        window.header.show_recording(False)
        window.load_panel.show_progress("")
        window.replay_bar.show_recording("lesson.servescope", 0.0, True, [(0.0, "epoll")])
        check("a replay")
        window.replay_bar.hide()
        window.header.theme_requested.emit("dark")
        check("dark")
        window.presentation.toggle()
        window.presentation.toggle()
        window.resize(*size)
        check("presented")

        window.session.toggle()
        qtbot.waitUntil(lambda: window.notice.isVisible(), timeout=PATIENCE)
        check("a port that is taken")
        qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: engine.state is ProcessState.RUNNING, timeout=PATIENCE)
        check("running")
        window.session.toggle_load()
        qtbot.waitUntil(lambda: bool(window.cards.cards[window.settings.model].rate), timeout=PATIENCE)
        check("under load")
        window.session.toggle_load()
        qtbot.waitUntil(lambda: load.state is ProcessState.STOPPED, timeout=PATIENCE)
        window.session.toggle()
        qtbot.waitUntil(lambda: engine.state is ProcessState.STOPPED, timeout=PATIENCE)
        check("stopped")
