"""What must be there before the window can be imported: a Python, the packages, Qt's system libraries, a display.

Owns the checkout's `.venv` and the sentences for people whose machine lacks something. Uses the standard library
only, and an older Python can read it too, to be told so. Knows nothing of the window.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

if sys.platform != "win32":
    import fcntl

OLDEST_PYTHON = (3, 11)
WINDOW = ("PySide6", "pyqtgraph", "numpy", "gevent", "httptools", "msgspec", "psutil", "rich", "pygments")
"""The modules that `python3 -m gui` needs."""
TESTS = (*WINDOW, "pytest", "pytestqt", "pytest_timeout", "xdist", "hypothesis", "locust")
"""The modules that `python3 -m tests` needs."""

QT_PACKAGES = {
    "": ("libgl1", "libegl1", "libxkbcommon0", "libglib2.0-0", "libfreetype6", "libfontconfig1", "libdbus-1-3"),
    "xcb": ("libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0"),
    "wayland": ("libwayland-client0", "libwayland-cursor0"),
}
"""Debian's packages that Qt needs in any case, and for drawing by the platform of this name."""

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "servescope-packages.txt"
"""Which pins have been installed in full, one a line."""
UNFINISHED = "installing"
UNREACHABLE = re.compile(
    r"connection|timed out|getaddrinfo|temporary failure|dns error|unreachable|proxy|error sending request"
    r"|(could not|unable to) (connect|resolve)",
    re.IGNORECASE,
)
"""How pip, uv and apt-get word that they got no answer."""


def say(text: str) -> None:
    """Tells the person at the terminal what goes on."""
    print(f"ServeScope: {text}", file=sys.stderr, flush=True)


def give_up(sentence: str, status: int = 1) -> NoReturn:
    """Ends the program with the reason."""
    say(sentence)
    sys.exit(status)


# The packages


def require_packages(modules: Iterable[str], group: str = "") -> None:
    """Returns if all `modules` can be imported; otherwise starts the same command in the checkout's `.venv`.

    The `.venv` is made first if need be, from the pins of pyproject.toml and of its dependency group `group`.
    """
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        give_up(f"Python {oldest} or newer is needed; this is {sys.version.split()[0]} ({sys.executable}).")
    modules = tuple(modules)
    missing = [module for module in modules if find_spec(module) is None]
    if not missing:
        return
    if not (ROOT / "pyproject.toml").is_file():
        give_up(f"installed without its packages ({', '.join(missing)}); install it again with pip.")
    try:
        pins = _read_pins(group)
        with _one_at_a_time():
            if not _is_set_up(pins) or Path(sys.prefix) == VENV:
                _set_up(pins, modules)
        command = [str(PYTHON), *sys.orig_argv[1:]]
        if os.name == "nt":
            sys.exit(subprocess.call(command))
        os.execv(PYTHON, command)
    except KeyboardInterrupt:
        give_up("interrupted; the next start goes on from here.", 130)
    except OSError as error:
        give_up(f"{VENV} can't be set up: {error}")


def _read_pins(group: str) -> list[str]:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pins: list[str] = project["project"]["dependencies"]
    return pins + project["dependency-groups"][group] if group else pins


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two first starts at once must not install into each other."""
    with open(ROOT / "pyproject.toml") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _stamped() -> set[str]:
    try:
        return set(STAMP.read_text("utf-8").splitlines())
    except OSError:
        return set()


def _is_usable() -> bool:
    """Whether `.venv` runs by a Python like this one and no installation into it broke off."""
    try:
        settings = (VENV / "pyvenv.cfg").read_text("utf-8")
    except OSError:
        return False
    made_by = re.search(r"^version(?:_info)? *= *(\d+)\.(\d+)", settings, re.M)
    same = made_by is not None and tuple(map(int, made_by.groups())) == sys.version_info[:2]
    return same and PYTHON.exists() and UNFINISHED not in _stamped()


def _is_set_up(pins: list[str]) -> bool:
    return _is_usable() and set(pins) <= _stamped()


def _set_up(pins: list[str], modules: tuple[str, ...]) -> None:
    """Makes `.venv` hold `pins`; what broke off before is made anew."""
    begin = time.monotonic()
    base = getattr(sys, "_base_executable", sys.executable)  # the Python that a virtual environment was made with
    uv = shutil.which("uv")
    if uv is None and find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        give_up(f"this Python can't make virtual environments. Type: sudo apt-get install -y {package}")
    if not _is_usable():
        say(f"making {VENV}, once")
        if VENV.exists():
            shutil.rmtree(VENV)
        _run(*([uv, "venv", "--python", base] if uv else [base, "-m", "venv", "--without-pip"]), str(VENV))
    say(f"installing {len(pins)} packages and what they need; the first time that's 100 MB to download")
    STAMP.write_text(UNFINISHED, "utf-8")
    if uv:
        _run(uv, "pip", "install", "--python", str(PYTHON), *pins)
    else:
        if subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) != 0:
            _run(str(PYTHON), "-m", "ensurepip", "--default-pip")
        _run(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *pins)
    look = "import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))"
    if subprocess.call([str(PYTHON), "-c", look, *modules]) != 0:
        give_up("pyproject.toml doesn't name all the packages that are needed.")  # going on would end up here again
    STAMP.write_text("\n".join(pins), "utf-8")
    say(f"ready after {time.monotonic() - begin:.0f} s")


def _run(*command: str, **environment: str) -> None:
    """Runs `command` and tells which packages it fetches; gives up with its reason if it fails."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, **environment},
    ) as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith(("Collecting ", "Downloading ")):
                    print("  " + re.split(r"[^\w.-]", line.split()[1])[0], file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
    if process.returncode == 0:
        return
    if any(UNREACHABLE.search(line) for line in lines):
        give_up("no package server answers. Check the network or the proxy, then start again.")
    reasons = [line for line in lines if "error" in line.lower()] or [line for line in lines if line]
    reason = reasons[-1] if reasons else f"exit status {process.returncode}"
    give_up(f"`{' '.join(command[:4])} …` failed: {reason}")


# What Qt needs of the system


def require_qt() -> None:
    """Returns if Qt can draw here; otherwise installs what lacks, or exits with the line to type."""
    if sys.platform != "linux":
        return
    wanted = os.environ.get("QT_QPA_PLATFORM") or "wayland;xcb"
    troubles = {name: _display_trouble(name) for name in re.findall(r"(?:^|;)([^:;]+)", wanted)}
    platforms = [name for name, trouble in troubles.items() if not trouble]
    if not platforms:
        give_up(
            f"there is no display to draw on: {' and '.join(troubles.values())}. Start it in a desktop session, "
            "or on a virtual display: xvfb-run -a python3 -m gui (package xvfb)."
        )
    if all(_loading_failure(platform) for platform in platforms):
        _install_libraries(platforms[0])


def _display_trouble(platform: str) -> str:
    """Why Qt's `platform` finds no display, or nothing."""
    if platform not in ("xcb", "wayland"):
        return ""
    variable = "DISPLAY" if platform == "xcb" else "WAYLAND_DISPLAY"
    display = os.environ.get(variable)
    if not display:
        return f"{variable} is not set"
    answers = _x_answers if platform == "xcb" else _wayland_answers
    return "" if answers(display) else f"nobody answers at {variable}={display}"


def _x_answers(display: str) -> bool:
    """Asks as Qt will, so that a refusal counts too; true as long as the library for asking is missing."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_answers(display: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), display)) == 0


def _qt_files(platform: str) -> list[Path]:
    """The files that have to load before Qt can show a window on `platform`."""
    qt = find_spec("PySide6")
    folder = Path(qt.origin).parent if qt is not None and qt.origin else ROOT
    return [*folder.glob("QtWidgets*.so"), *folder.glob(f"Qt/plugins/platforms/libq{platform}.so")]


def _loading_failure(platform: str) -> str:
    """Why Qt doesn't load, in the loader's words, or nothing. What loads is needed anyway, so that costs no time."""
    try:
        for file in _qt_files(platform):
            ctypes.CDLL(str(file))
    except OSError as error:
        return str(error)
    return ""


def _missing_libraries(platform: str) -> list[str]:
    """All system libraries that Qt lacks on `platform`, as `libEGL.so.1`; the loader names but the first."""
    files = [str(file) for file in _qt_files(platform)]
    listing = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"^\s*(\S+) => not found", listing, re.MULTILINE)))


def _install_libraries(platform: str) -> None:
    """Installs what Qt lacks on `platform` where that is known and allowed; otherwise says what to do."""
    missing = _missing_libraries(platform)
    if not missing:
        give_up(f"Qt doesn't load here: {_loading_failure(platform)}")
    if shutil.which("apt-get") is None:
        give_up(f"Qt lacks these system libraries; install the packages that hold them: {', '.join(missing)}")
    lacks = f"Qt lacks system libraries ({', '.join([*missing[:3], *(['…'] if missing[3:] else [])])})"
    install = ("apt-get", "install", "-y", "--no-install-recommends")
    packages = (*QT_PACKAGES[""], *QT_PACKAGES.get(platform, ()))
    if os.geteuid() != 0:
        give_up(f"{lacks}. Type:\n  sudo {' '.join((*install, *packages))}")
    say(f"{lacks}: installing them with apt-get")
    _run("apt-get", "update")
    _run(*install, *packages, DEBIAN_FRONTEND="noninteractive")
    failure = _loading_failure(platform)
    if failure:
        give_up(f"Qt still doesn't load: {failure}")
