"""Run in a copy of the program to which a model was added: uses its window as a person does, and prints what it sees.

Knows the window by what is on it, its keys and its names for a screen reader, and by nothing of how it is made.
Started as `python FILE TITLE KEY FIELD VALUE WAITING OPTIONS…`: a model's title and number key, one of its settings
what to set it to, and how its waiting is said of a lane, as a pattern. The options are the window's.
"""

import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QSpinBox,
    QTabBar,
    QWidget,
)

STEP_MS = 50
SECONDS = 30
"""How long it may take to see everything."""

painted: set[str] = set()
"""Every text that was painted by hand."""
seen: dict[str, Any] = {}


def notice_what_is_painted() -> None:
    paint = QPainter.drawText

    def draw(painter: QPainter, *arguments: Any) -> Any:
        painted.update(argument for argument in arguments if isinstance(argument, str))
        return paint(painter, *arguments)

    QPainter.drawText = draw  # type: ignore[method-assign, assignment]


def find(kind: type[Any], name: str, within: type[Any] = QWidget) -> Any:
    """The widget in sight of that kind whose name begins so, if there is one; in a window of the kind `within`."""
    for widget in QApplication.allWidgets():
        is_one = isinstance(widget, kind) and isinstance(widget.window(), within)
        if is_one and widget.isVisible() and widget.accessibleName().startswith(name):
            return widget
    return None


def press(key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
    QTest.keyClick(find(QTabBar, "").window(), key, *modifiers)


def visit(title: str, number: str, field: str, value: str, waiting: str) -> Iterator[Callable[[], Any]]:
    """What to wait for, one after the other; between two of them the next thing is done."""
    yield lambda: find(QAbstractButton, title) and find(QTabBar, "")
    card = find(QAbstractButton, title)
    seen["card"] = card.toolTip()
    press(Qt.Key(ord(number)))
    yield card.isChecked

    QTimer.singleShot(0, lambda: press(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier))  # it waits in there
    yield lambda: find(QDialog, "", within=QDialog)
    dialog = find(QDialog, "", within=QDialog)
    spin = find(QSpinBox, field, within=QDialog)
    seen["field"] = [spin.value(), spin.minimum(), spin.maximum()]
    spin.setValue(int(value))
    keep_alive = find(QComboBox, "Keep-alive")
    keep_alive.setCurrentIndex(keep_alive.findText("on", Qt.MatchFlag.MatchStartsWith))
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    yield lambda: not dialog.isVisible()

    find(QAbstractButton, "Start load").click()
    yield lambda: re.search(r"/s$", card.accessibleName())
    seen["rate"] = card.accessibleName()
    seen["command"] = next(
        child.cmdline() for child in psutil.Process().children(recursive=True) if "serve" in child.cmdline()
    )
    timeline = find(QWidget, "Timeline")
    down = [place / 40 for place in range(1, 24)]  # so near that none of the lanes lies between two of them
    spots = itertools.cycle(itertools.product(down, (0.5, 0.6, 0.7, 0.8, 0.9)))

    def point_at_waiting() -> bool:
        y, x = next(spots)
        QTest.mouseMove(timeline, QPoint(round(x * timeline.width()), round(y * timeline.height())))
        is_said = any(text.startswith("Waiting for the client · ") for text in painted)
        return is_said and any(re.search(waiting, text) for text in painted)

    yield point_at_waiting

    tabs = find(QTabBar, "")
    names = [tabs.tabText(number).strip() for number in range(tabs.count())]
    tabs.setCurrentIndex(next(number for number, name in enumerate(names) if "Source" in name))
    yield lambda: find(QPlainTextEdit, "The model")
    source = find(QPlainTextEdit, "The model")
    lines: set[int] = set()

    def line_with_a_worker() -> bool:
        lines.update(map(int, re.findall(r"line (\d+):", source.accessibleDescription())))
        return bool(lines)

    yield line_with_a_worker
    seen["lines"] = [source.toPlainText().splitlines()[line - 1].strip() for line in sorted(lines)]
    seen["painted"] = sorted(painted)
    seen["done"] = True
    tabs.window().close()
    yield lambda: False


def main() -> int:
    from gui import app

    notice_what_is_painted()
    steps = visit(*sys.argv[1:6])
    waiting: list[Callable[[], Any]] = []

    def step() -> None:
        if not waiting:
            waiting.append(next(steps))
        if waiting[0]():
            waiting[0] = next(steps)

    run = QApplication.exec

    def run_with_steps(*_: Any) -> int:
        timer = QTimer(interval=STEP_MS)
        timer.timeout.connect(step)
        timer.start()
        QTimer.singleShot(1000 * SECONDS, QApplication.closeAllWindows)
        return run()

    QApplication.exec = run_with_steps  # type: ignore[method-assign, assignment]
    status = app.main(sys.argv[6:])
    seen.setdefault("painted", sorted(painted))
    print(json.dumps(seen))
    return status


if __name__ == "__main__":
    sys.exit(main())
