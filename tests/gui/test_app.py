"""The window as a program: its command line, its pictures, and an error that nobody caught."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from gui import app
from gui.placement import USUAL

PROJECT = Path(__file__).parents[2]
PATIENCE = 50.0
"""Seconds."""


@contextmanager
def started(tmp_path: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The window as a process of its own, with settings of its own."""
    command = "import sys; from gui import app; sys.exit(app.main(sys.argv[1:]))"
    window = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield window
    finally:
        window.kill()
        window.wait()


def run(tmp_path: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Runs the window until it ends; its exit status and what it wrote to stderr."""
    with started(tmp_path, *arguments, **environment) as window:
        _, errors = window.communicate(timeout=PATIENCE)
    return window.returncode, errors


def test_a_picture_of_a_running_server(tmp_path: Path) -> None:
    file = tmp_path / "window.png"
    ended = run(
        tmp_path,
        *("--model", "epoll", "--start", "--port", "0", "--theme", "dark", "--size", "1280x720"),
        *("--screenshot", str(file), "--after", "1.5"),
    )
    assert ended == (0, "")
    picture = QImage(str(file))
    assert picture.size() == QSize(1280, 720)
    assert picture.pixelColor(3, 700).lightness() < 60


@pytest.mark.slow
@pytest.mark.parametrize(
    "library", ["PyQt5", *(pytest.param(each, marks=pytest.mark.slow) for each in ("PyQt6", "PySide2", "nonsense", ""))]
)
def test_another_qt_for_other_programs_does_not_matter(tmp_path: Path, library: str) -> None:
    file = tmp_path / "window.png"
    ended = run(tmp_path, "--screenshot", str(file), "--after", "0", PYQTGRAPH_QT_LIB=library, QT_API=library.lower())
    assert ended == (0, "")
    assert QImage(str(file)).size() == USUAL, "whatever the size of the screen"


@pytest.mark.slow
def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "no" / "folder" / "window.png"
    status, errors = run(tmp_path, "--screenshot", str(file), "--after", "0")
    assert status == 1
    assert str(file) in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_ctrl_c_closes_the_window_and_its_engine(tmp_path: Path) -> None:
    with started(tmp_path, "--start", "--port", "0", "--model", "thread") as window:
        tree = psutil.Process(window.pid)
        deadline = monotonic() + PATIENCE
        while not (engines := tree.children()) and monotonic() < deadline:
            time.sleep(0.05)
        window.send_signal(signal.SIGINT)
        output, errors = window.communicate(timeout=PATIENCE)
    assert (window.returncode, output, errors) == (0, "", "")
    assert engines
    assert not any(engine.is_running() for engine in engines)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--model", "nonsense"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "http"],
        ["--theme", "pink"],
        ["--size", "big"],
        ["--size", "0x0"],
        ["--after", "-1"],
        ["--after", "nan"],
        ["--keep-alive", "--short"],
        ["--unknown"],
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        app.main(arguments)
    assert refusal.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_the_command_line_becomes_settings() -> None:
    parser = app.command_line()
    assert app.given(parser.parse_args([])) == {}
    everything = ["--model", "epoll", "--host", "::1", "--port", "0", "--root", "/srv", "--short", "--theme", "dark"]
    assert app.given(parser.parse_args(everything)) == {
        "model": "epoll",
        "host": "::1",
        "port": 0,
        "root": "/srv",
        "keep_alive": False,
        "theme": "dark",
    }
    assert app.given(parser.parse_args(["--keep-alive"])) == {"keep_alive": True}


def test_only_the_first_error_opens_a_dialog(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    report = app.ErrorReport()
    seen: list[str] = []

    def close() -> None:
        (box,) = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox)]
        seen.append(box.detailedText())
        box.accept()

    for text in ("first", "second"):
        QTimer.singleShot(50, close if text == "first" else lambda: None)
        error = ValueError(text)
        report(ValueError, error, error.__traceback__)
    assert ["first" in text for text in seen] == [True]
    errors = capsys.readouterr().err
    assert "first" in errors
    assert "second" in errors


@pytest.mark.slow
def test_what_is_slow_to_import_waits_until_it_is_needed(tmp_path: Path) -> None:
    """Curves after the first paint; colours of the source and forms of files not before they are needed."""
    look = (
        "import sys\n"
        "from PySide6.QtCore import QSettings\n"
        "from PySide6.QtWidgets import QApplication\n"
        "application = QApplication([])\n"
        "from gui.window import Window\n"
        "window = Window(QSettings(sys.argv[1], QSettings.Format.IniFormat), port=0)\n"
        "early = {'numpy', 'pyqtgraph'} & sys.modules.keys()\n"
        "window.complete()\n"
        "late = {'pygments', 'gui.export', 'gui.system_info'} & sys.modules.keys()\n"
        "window.close()\n"
        "print(sorted(early), sorted(late))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", look, str(tmp_path / "settings.ini")],
        cwd=PROJECT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert ran.stdout == "[] []\n", ran.stderr
