"""Qt's system libraries and the display: what a person is told where they are missing."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from gui import bootstrap

PROJECT = Path(__file__).parents[2]
PATIENCE = 50
"""Seconds within which a start has ended, however busy the machine."""
HIDDEN = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "QT_QPA_PLATFORM")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs")


def require_qt(environment: dict[str, str], cwd: Path = PROJECT, prelude: str = "") -> tuple[int, str]:
    """Exit status and words of a program that checks whether Qt can draw, with only this of a display."""
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    done = subprocess.run(
        [sys.executable, "-c", f"{prelude}\nfrom gui import bootstrap; bootstrap.require_qt()"],
        cwd=cwd,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "WAYLAND_DISPLAY is not set and DISPLAY is not set"),
        ({"DISPLAY": ""}, "DISPLAY is not set"),
        ({"DISPLAY": ":98765"}, "nobody answers at DISPLAY=:98765"),
        ({"DISPLAY": "nonsense"}, "nobody answers at DISPLAY=nonsense"),
        ({"WAYLAND_DISPLAY": "nonsense"}, "nobody answers at WAYLAND_DISPLAY=nonsense"),
        ({"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "nonsense"}, "to draw on: DISPLAY is not set"),
    ],
)
def test_missing_display_is_one_sentence(environment: dict[str, str], reason: str) -> None:
    status, said = require_qt(environment)
    assert status == 1
    assert reason in said
    assert "xvfb-run" in said
    assert said.count("\n") == 1


SOON = "from gui import bootstrap; bootstrap.ANSWER_TIMEOUT = 0.5"


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
@pytest.mark.parametrize("accepts", [True, False], ids=["accepts", "lets wait"])
def test_display_that_never_answers_is_one_sentence(tmp_path: Path, variable: str, accepts: bool) -> None:
    """It takes connections and is stuck; the kernel takes them for it even if nobody accepts any."""
    number = os.getpid()
    place = f"\0/tmp/.X11-unix/X{number}" if variable == "DISPLAY" else str(tmp_path / "wayland-9")
    with socket.socket(socket.AF_UNIX) as display:
        display.bind(place)
        display.listen(8)
        display.settimeout(PATIENCE)
        accepted: list[socket.socket] = []
        accepting = threading.Thread(target=lambda: accepted.append(display.accept()[0]), daemon=True)
        if accepts:
            accepting.start()
        name = f":{number}" if variable == "DISPLAY" else "wayland-9"
        status, said = require_qt({variable: name, "XDG_RUNTIME_DIR": str(tmp_path)}, prelude=SOON)
        if accepts:
            accepting.join(PATIENCE)
            accepted[0].close()
    assert status == 1
    assert f"{variable}={name} takes a connection and says nothing" in said
    assert "xvfb-run" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("answer", [b"", b"\0" * 12], ids=["closes", "answers"])
def test_wayland_display_that_does_something(tmp_path: Path, answer: bytes) -> None:
    """One that closes at once is none; what it answers is for Qt to read."""
    with socket.socket(socket.AF_UNIX) as display:
        display.bind(str(tmp_path / "wayland-9"))
        display.listen(8)

        def serve() -> None:
            client, _ = display.accept()
            with client:
                assert client.recv(100) == struct.pack("=III", 1, 12 << 16, 2)
                client.sendall(answer)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
            assert bootstrap._wayland_answers("wayland-9") == bool(answer)
        serving.join(PATIENCE)


def test_no_display_is_needed_offscreen() -> None:
    assert require_qt({"QT_QPA_PLATFORM": "offscreen"}) == (0, "")
    assert require_qt({"QT_QPA_PLATFORM": "minimal:enable_fonts"}) == (0, "")


@pytest.fixture
def x_server() -> Iterator[str]:
    """The name of a virtual display."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    told, tells = os.pipe()
    command = ["Xvfb", "-displayfd", str(tells), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[tells], stderr=subprocess.DEVNULL)
    os.close(tells)
    try:
        with os.fdopen(told) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


def test_display_that_answers(x_server: str) -> None:
    assert require_qt({"DISPLAY": x_server}) == (0, "")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_qt_that_does_not_load_is_one_sentence(tmp_path: Path, system: str) -> None:
    """Such as beside the libraries of another program."""
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ImportError('DLL load failed while importing QtCore')")
    (tmp_path / "gui").mkdir()
    shutil.copy(PROJECT / "gui" / "bootstrap.py", tmp_path / "gui")
    status, said = require_qt({}, tmp_path, f"import sys; sys.platform = {system!r}")
    assert status == 1
    assert "DLL load failed" in said
    assert "python.org" in said


@pytest.fixture
def lone_qt(tmp_path: Path) -> Path:
    """A folder with this Qt's real module, which looks beside itself for libraries that are not there."""
    qt = find_spec("PySide6")
    assert qt is not None
    assert qt.origin is not None
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").touch()
    shutil.copy(next(Path(qt.origin).parent.glob("QtWidgets*.so")), tmp_path / "PySide6")
    (tmp_path / "gui").mkdir()
    shutil.copy(PROJECT / "gui" / "bootstrap.py", tmp_path / "gui")
    (tmp_path / "commands").mkdir()
    for name in ("ldd", "bash", "cat", "sh"):
        (tmp_path / "commands" / name).symlink_to(shutil.which(name) or "")
    return tmp_path


def require_lone_qt(folder: Path, user: int) -> tuple[int, str]:
    """The same for `lone_qt`, the program believing that it runs as `user`."""
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": str(folder / "commands")}
    return require_qt(environment, folder, f"import os; os.geteuid = lambda: {user}")


def test_missing_libraries_are_named(lone_qt: Path) -> None:
    status, said = require_lone_qt(lone_qt, 0)
    assert status == 1
    assert "libQt6Core.so.6, " in said
    assert "libQt6Widgets.so.6, " in said
    assert said.count("\n") == 1


def test_who_may_not_install_is_told_the_line(lone_qt: Path) -> None:
    (lone_qt / "commands" / "apt-get").symlink_to("/bin/false")
    status, said = require_lone_qt(lone_qt, 1000)
    assert status == 1
    assert "libQt6Core.so.6" in said
    command = ("sudo", "apt-get", "install", "-y", "--no-install-recommends", *bootstrap.QT_PACKAGES[""])
    assert said.splitlines()[-1].split() == list(command)


def test_root_has_them_installed(lone_qt: Path) -> None:
    """By an apt-get that writes down what it was asked for, and mends nothing."""
    apt = lone_qt / "commands" / "apt-get"
    apt.write_text('#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> asked\n')
    apt.chmod(0o755)
    status, said = require_lone_qt(lone_qt, 0)
    update, install = (lone_qt / "asked").read_text().splitlines()
    assert update.split()[-1] == "update"
    assert install.startswith("noninteractive install -y --no-install-recommends libgl1 ")
    assert status == 1
    assert "still doesn't load" in said


def start_window(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python3 -m gui` where there is no display."""
    return subprocess.run(
        [sys.executable, "-m", "gui", *arguments],
        cwd=PROJECT,
        env={**os.environ, **dict.fromkeys(HIDDEN, "")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_window_without_a_display_ends_with_a_sentence() -> None:
    done = start_window()
    assert done.returncode == 1
    assert done.stderr.startswith("ServeScope: there is no display to draw on")
    assert done.stderr.count("\n") == 1


def test_help_needs_no_display() -> None:
    done = start_window("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--screenshot" in done.stdout
