"""What must be there before the window can be imported: a Python, the packages, Qt's system libraries, a display.

Owns the checkout's `.venv` and the sentences for people whose machine lacks something. Uses the standard library
only, and an older Python can read it too, and reports that. Knows nothing of the window.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    import msvcrt

ON_WINDOWS = os.name == "nt"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 15)
"""Between these all pinned packages have wheels; tests/wheels.py asks the index."""
BEST_PYTHON = "3.13"
SYSTEMS = "Windows, macOS from 13 on, and Linux with glibc from 2.34 on (on ARM: 2.39)"
"""Where all pinned packages have wheels."""
WINDOW = ("PySide6", "pyqtgraph", "numpy", "gevent", "httptools", "msgspec", "psutil", "rich", "pygments", "segno")
"""The modules that `python3 -m gui` needs."""
SERVED = ("flask", "django", "bottle", "falcon", "starlette", "fastapi")
SERVERS = ("gunicorn", "uvicorn", "hypercorn", "waitress", "cheroot", "aiohttp", "tornado")
TESTS = (
    *(*WINDOW, "cffi", "pytest", "pytestqt", "pytest_timeout", "xdist", "hypothesis", "locust", "fontTools"),
    *(*SERVED, *SERVERS, *(() if sys.platform == "win32" else ("uvloop",))),
)
"""The modules that `python3 -m tests` needs; among them applications and servers of others, which it tries."""

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
LOCK_NAME = ".venv.lock"
LONGEST_ROOT = 80
"""Characters that the checkout's path may have where the system's paths have at most 260: Qt's files need the rest."""
ANSWER_TIMEOUT = 10.0
"""Seconds within which a display answers, also one that is far away."""
POLL = 0.2
"""Seconds between two tries to get a lock that another start holds."""

FETCHING = re.compile(
    r"(PIP|UV)_\w*(INDEX|FIND_LINKS|PROXY|CERT|TLS|HOST|TIMEOUT|RETRIES|CACHE|CONFIG_FILE|KEYRING|OFFLINE|USE_FEATURE|LINK_MODE)"
)
"""The variables of pip and uv that say whence packages come; the others say where to, and which: that is known here."""
FAILURES = (
    (
        re.compile(
            r"certificate[ _]verify[ _]failed|invalid peer certificate|unknownissuer|self.signed certificate", re.I
        ),
        "the package server's certificate is not trusted here. Most likely a proxy or a virus scanner decrypts what "
        "passes. Get its certificate as a .pem file, set PIP_CERT to it (for uv: SSL_CERT_FILE), then start again.",
    ),
    (
        re.compile(
            r"connection|timed out|getaddrinfo|temporary failure|dns error|unreachable|proxy|error sending request"
            r"|(could not|unable to) (connect|resolve)",
            re.I,
        ),
        "no package server answers. Check the network or the proxy, then start again.",
    ),
    (
        re.compile(
            r"no matching distribution found for (?P<package>\S+)"
            r"|because (there is no version of )?(?P<uv>\S+) (has no (usable )?wheels|was not found|and you require)",
            re.I,
        ),
        "the package server has no {package} for {here}. All packages can be had for Python "
        f"{OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} to {NEWEST_PYTHON[0]}.{NEWEST_PYTHON[1]} (64 bits) on {SYSTEMS}.",
    ),
)
"""How pip, uv and apt-get word what went wrong, and what it means; the first that fits counts."""


IN_USE = re.compile(r"WinError (5|32)\b|os error (5|32)\b")
"""How pip and uv word that another program holds a file."""


def report(text: str) -> None:
    """Prints what is being done."""
    print(f"ServeScope: {text}", file=sys.stderr, flush=True)


def give_up(sentence: str, status: int = 1) -> NoReturn:
    """Ends the program with the reason."""
    report(sentence)
    sys.exit(status)


# The packages


def require_packages(modules: Iterable[str], group: str = "") -> None:
    """Returns if all `modules` can be imported; otherwise starts the same command in the checkout's `.venv`.

    The `.venv` is made first if need be, from the pins of pyproject.toml and of its dependency group `group`.
    """
    modules = tuple(modules)
    missing = [module for module in modules if find_spec(module) is None]
    if not missing and sys.version_info >= OLDEST_PYTHON:
        return
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        _go_on_in_another_python()
    if not (ROOT / "pyproject.toml").is_file():
        give_up(f"installed without its packages ({', '.join(missing)}); install it again with pip.")
    inside = Path(sys.prefix) == VENV
    if not VENV.exists() and _is_anacondas(sys.base_prefix):
        _go_on_in_another_python(give_up_then=False)
    if ON_WINDOWS and len(str(ROOT)) > LONGEST_ROOT and not _allows_long_paths():
        give_up(
            f"the folder {ROOT} lies too deep: its packages' paths would be longer than Windows allows. "
            "Move it, such as to C:\\ServeScope, then start again."
        )
    try:
        place = VENV if VENV.exists() else ROOT
        if _forbids_programs(place):
            give_up(f"{place} is on a mount that forbids programs (noexec). Move the checkout, such as into your home.")
        pins = _read_pins(group)
        if inside or not _is_set_up(pins):
            with _one_at_a_time():
                if inside or not _is_set_up(pins):  # another start may just have done it
                    _set_up(pins, modules)
    except KeyboardInterrupt:
        give_up("interrupted; the next start goes on from here.", 130)
    except OSError as error:
        in_use = ON_WINDOWS and error.errno == errno.EACCES
        give_up(f"{VENV} can't be set up: {error}." + in_use * " Close ServeScope's other windows, then start again.")
    _replace([str(PYTHON)])


def _replace(python: list[str]) -> NoReturn:
    """Goes on as the same command in the Python that `python` starts."""
    command = [*python, *_arguments()]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    try:
        if ON_WINDOWS:  # which has no `exec`
            sys.exit(_wait_for(subprocess.Popen(command, env=environment)))
        os.execve(python[0], command, environment)
    except OSError as error:
        give_up(f"{python[0]} can't be started: {error}.")


def _wait_for(process: subprocess.Popen[bytes]) -> int:
    """Its exit status; Ctrl+C is for it to understand, and reaches it too."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _arguments() -> list[str]:
    """What this Python was started with."""
    if hasattr(sys, "orig_argv"):  # from Python 3.10 on
        return sys.orig_argv[1:]
    module = getattr(sys.modules["__main__"], "__spec__", None)
    return [*(("-m", module.name) if module else sys.argv[:1]), *sys.argv[1:]]


def _is_anacondas(base: str) -> bool:
    """Whether the Python in the folder `base` is Anaconda's on Windows: beside its libraries Qt can't be loaded."""
    return ON_WINDOWS and os.path.isdir(os.path.join(base, "conda-meta"))


def _allows_long_paths() -> bool:
    """Whether this Windows lets paths be longer than 260 characters."""
    import winreg

    key = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as folder:  # type: ignore[attr-defined,unused-ignore]
            return bool(winreg.QueryValueEx(folder, "LongPathsEnabled")[0])  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return False


def _go_on_in_another_python(*, give_up_then: bool = True) -> None:
    """Runs the same command by a Python that all packages exist for; gives up, if wanted, if there is none."""
    for version, python in _other_pythons():
        if _answers_as(version, python):
            report(f"Python {sys.version.split()[0]} is not supported; using Python {version} ({' '.join(python)})")
            _replace(python)
    if not give_up_then:
        return
    bounds = " to ".join(".".join(map(str, each)) for each in (OLDEST_PYTHON, NEWEST_PYTHON))
    give_up(
        f"Python {bounds} is needed; this is {sys.version.split()[0]} ({sys.executable}), and no other was found. "
        f"Install Python {BEST_PYTHON} from python.org or with your system's packages, then start again."
    )


def _other_pythons() -> Iterator[tuple[str, list[str]]]:
    """Commands that may start a Python within the bounds, with the version that each should have, newest first."""
    for minor in range(NEWEST_PYTHON[1], OLDEST_PYTHON[1] - 1, -1):
        version = f"3.{minor}"
        launcher = shutil.which("py")
        if launcher:
            yield version, [launcher, f"-{version}"]
        name = f"python{version}"
        places = [
            shutil.which(name),
            f"/opt/homebrew/bin/{name}",
            f"/usr/local/bin/{name}",
            f"/Library/Frameworks/Python.framework/Versions/{version}/bin/{name}",
            *sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}")), reverse=True),
        ]
        yield from ((version, [place]) for place in places if place and os.path.exists(place))


def _answers_as(version: str, python: list[str]) -> bool:
    """Whether `python` starts a Python of this version that can make virtual environments."""
    ask = "import sys; sys.exit('%d.%d' % sys.version_info[:2] != sys.argv[1])"
    if ON_WINDOWS:
        ask = "import os, sys; os.path.isdir(os.path.join(sys.base_prefix, 'conda-meta')) and sys.exit(1); " + ask
    if shutil.which("uv") is None:
        ask = "import ensurepip; " + ask
    try:
        quiet = subprocess.DEVNULL
        done = subprocess.run([*python, "-I", "-c", ask, version], stdin=quiet, stdout=quiet, stderr=quiet, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _forbids_programs(folder: Path) -> bool:
    """Whether `folder` is mounted with `noexec`: Qt could be installed there, but not loaded."""
    return hasattr(os, "ST_NOEXEC") and bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _read_pins(group: str) -> list[str]:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pins: list[str] = project["project"]["dependencies"]
    return pins + project["dependency-groups"][group] if group else pins


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two first starts at once must not install into each other: the second waits for the first."""
    file = _locked_file()
    try:
        yield
    finally:
        os.close(file)


def _locked_file() -> int:
    """A file that this process has alone: beside `.venv`, or in the temporary folder if that can't lock (some NFS)."""
    user = os.getuid() if hasattr(os, "getuid") else ""
    checkout = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:16]
    elsewhere = Path(tempfile.gettempdir()) / f"servescope-{user}-{checkout}.lock"
    troubles = []
    for path in (ROOT / LOCK_NAME, elsewhere):
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _wait_for_lock(file)
            except BaseException:
                os.close(file)
                raise
        except OSError as error:
            troubles.append(f"{path}: {error.strerror}")
        else:
            return file
    give_up(f"no file can be locked ({'; '.join(troubles)}). Move the folder to a local disk, then start again.")


def _wait_for_lock(file: int) -> None:
    """Locks `file` until it is closed, as soon as no other process has it; OSError where nothing can be locked."""
    waiting = False
    while not _lock(file):
        if not waiting:
            report("another start is installing; waiting for it")
            waiting = True
        time.sleep(POLL)


def _lock(file: int) -> bool:
    """Locks `file`; False if another process has it."""
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


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
    begin = time.perf_counter()
    base = getattr(sys, "_base_executable", sys.executable)  # the Python that a virtual environment was made with
    uv = shutil.which("uv")
    if uv is None and find_spec("ensurepip") is None and sys.platform != "linux":
        give_up(f"this Python can't make virtual environments. Install Python {BEST_PYTHON} from python.org.")
    if uv is None and find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        give_up(f"this Python can't make virtual environments. Type: sudo apt-get install -y {package}")
    if not _is_usable():
        report(f"making {VENV}, once")
        _put_away()
        _run(*([uv, "venv", "--python", base] if uv else [base, "-m", "venv", "--without-pip"]), str(VENV))
    if ON_WINDOWS and _is_below(os.environ.get("ONEDRIVE", "")):
        report(
            "this folder is in OneDrive, which copies the packages too and may hold files meanwhile. A folder "
            "elsewhere, such as C:\\ServeScope, is better."
        )
    report("installing the packages; the first time that's 100 MB to download")
    STAMP.write_text(UNFINISHED, "utf-8")
    if uv:
        copies = ("--link-mode", "copy") if ON_WINDOWS else ()  # OneDrive allows no hard links
        _run(uv, "pip", "install", "--python", str(PYTHON), "--only-binary", ":all:", *copies, *pins)
    else:
        if subprocess.call([PYTHON, "-I", "-c", "import pip"], stderr=subprocess.DEVNULL) != 0:
            _run(str(PYTHON), "-m", "ensurepip", "--default-pip")
        # `user = true` in pip's settings holds for virtual environments too, and fails there.
        options = ("--disable-pip-version-check", "--progress-bar", "off", "--no-user", "--only-binary", ":all:")
        _run(str(PYTHON), "-m", "pip", "install", *options, *pins)
    look = "import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))"
    if subprocess.call([str(PYTHON), "-I", "-c", look, *modules]) != 0:  # going on would end up here again
        give_up(
            f"not all of {', '.join(modules)} are in {VENV} after the installation. Either pyproject.toml doesn't name "
            "their packages, or pip's settings (`pip config list`) put them elsewhere."
        )
    STAMP.write_text("\n".join(pins), "utf-8")
    report(f"ready after {time.perf_counter() - begin:.0f} s")


def _is_below(folder: str) -> bool:
    return bool(folder) and Path(folder) in ROOT.parents


def _put_away() -> None:
    """Frees the place of `.venv`: renamed before it is deleted, so that no start takes half of it for the whole."""
    for left in ROOT.glob(".venv-old-*"):  # a program still ran from it
        shutil.rmtree(left, ignore_errors=True)
    if VENV.is_symlink():
        VENV.unlink()
    if not VENV.exists():
        return
    old = ROOT / f".venv-old-{os.getpid()}"
    try:
        VENV.rename(old)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        for path in VENV.iterdir():  # a mount of its own: it can be emptied only
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    else:
        shutil.rmtree(old, ignore_errors=ON_WINDOWS)


def _setup_environment() -> dict[str, str]:
    """The variables for installing, without those that make another Python, or another folder, of what is meant."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "PIP_", "UV_", "VIRTUAL_ENV")) or FETCHING.match(name)
    }


def _run(*command: str, **environment: str) -> None:
    """Runs `command` and prints which packages it fetches; gives up with its reason if it fails.

    It is run once more where another program, such as a virus scanner, held a file.
    """
    status, lines = _outcome(command, environment)
    if status and any(IN_USE.search(line) for line in lines):
        status, lines = _outcome(command, environment)
    if status == 0:
        return
    for pattern, sentence in FAILURES:
        found = [match for match in map(pattern.search, lines) if match]
        if found:
            names = found[-1].groupdict()
            here = f"Python {sys.version_info[0]}.{sys.version_info[1]} on {sysconfig.get_platform()}"
            give_up(sentence.format(package=names.get("package") or names.get("uv"), here=here))
    reasons = [line for line in lines if "error" in line.lower()] or [line for line in lines if line]
    reason = reasons[-1] if reasons else f"exit status {status}"
    give_up(f"`{' '.join(command[:4])} …` failed: {reason}")


def _outcome(command: tuple[str, ...], environment: dict[str, str]) -> tuple[int, list[str]]:
    """The exit status of `command` and its output; meanwhile prints which packages it fetches."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**_setup_environment(), **environment},
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
    return process.returncode, lines


# What Qt needs of the system


def require_qt() -> None:
    """Returns if Qt can draw here; otherwise installs what lacks, or exits with the line to type."""
    if sys.platform != "linux":
        _load_qt()
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


def _load_qt() -> None:
    """Loads what the window needs anyway; says what to do if that fails."""
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        conda = _is_anacondas(sys.base_prefix)
        why = "Qt can't be loaded beside Anaconda's libraries" if conda else "Qt doesn't load here"
        give_up(
            f"{why}: {error}. Install Python {BEST_PYTHON} from python.org, delete the folder {VENV}, "
            "then start again with that Python."
        )


def _display_trouble(platform: str) -> str:
    """Why Qt's `platform` finds no display, or nothing."""
    if platform not in ("xcb", "wayland"):
        return ""
    variable = "DISPLAY" if platform == "xcb" else "WAYLAND_DISPLAY"
    display = os.environ.get(variable)
    if not display:
        return f"{variable} is not set"
    answers = _x_answers if platform == "xcb" else _wayland_answers
    begin = time.perf_counter()
    if answers(display):
        return ""
    if time.perf_counter() - begin < ANSWER_TIMEOUT:
        return f"nobody answers at {variable}={display}"
    return f"{variable}={display} takes a connection and says nothing for {ANSWER_TIMEOUT:.0f} s"


def _x_answers(display: str) -> bool:
    """Asks as Qt will, so that a refusal counts too; true as long as the library for asking is missing."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    answered: list[bool] = []

    def ask() -> None:
        connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
        answered.append(not xcb.xcb_connection_has_error(connection))
        xcb.xcb_disconnect(connection)

    asking = threading.Thread(target=ask, daemon=True)  # xcb waits for ever
    asking.start()
    asking.join(ANSWER_TIMEOUT)
    return answered == [True]


def _wayland_answers(display: str) -> bool:
    """Asks for any answer at all, by a request that every compositor understands: `wl_display.sync`."""
    sync = struct.pack("=III", 1, 12 << 16, 2)  # the display is object 1; the answer comes as object 2
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_TIMEOUT)
        try:
            client.connect(os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), display))
            client.sendall(sync)
            return bool(client.recv(1))
        except OSError:
            return False


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
    report(f"{lacks}: installing them with apt-get")
    _run("apt-get", "update")
    _run(*install, *packages, DEBIAN_FRONTEND="noninteractive")
    failure = _loading_failure(platform)
    if failure:
        give_up(f"Qt still doesn't load: {failure}")
