"""The first start on a machine with nothing but Python: real virtual environments, filled from wheels made here."""

import ast
import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from gui import bootstrap

PROJECT = Path(__file__).parents[2]
PATIENCE = 50
"""Seconds within which a set-up has ended, however busy the machine."""

PROGRAM = """
import sys
from gui import bootstrap
bootstrap.require_packages(sys.argv[1].split(), sys.argv[2])
import tiny
print(sys.prefix, tiny.VERSION)
"""
STAND_IN_FOR_UV = f"""#!{sys.executable}
import os, subprocess, sys, zipfile
from pathlib import Path
match sys.argv[1:]:
    case ["venv", "--python", base, folder]:
        subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True)
    case ["pip", "install", "--python", python, "--only-binary", ":all:", *pins]:
        if pins[:2] == ["--link-mode", "copy"]:
            del pins[:2]
            Path(__file__).with_name("copied").touch()
        site, = Path(python).parents[1].glob("lib/*/site-packages")
        for pin in pins:
            name = pin.replace("==", "-") + "-py3-none-any.whl"
            zipfile.ZipFile(Path(os.environ["PIP_FIND_LINKS"], name)).extractall(site)
    case _:
        sys.exit(2)
"""

posix = pytest.mark.skipif(os.name == "nt", reason="how POSIX systems do it")


@dataclass
class Checkout:
    """A folder with the program's first files and pins of its own; nothing in it comes from the network."""

    folder: Path
    wheels: Path

    def pin(self, *pins: str, dev: tuple[str, ...] = ()) -> None:
        """Writes pyproject.toml."""
        text = f"[project]\ndependencies = {list(pins)}\n[dependency-groups]\ndev = {list(dev)}\n"
        (self.folder / "pyproject.toml").write_text(text)

    def add_wheel(self, name: str, version: str) -> None:
        """Makes a package of one module that knows its version."""
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(self.wheels / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.py", f"VERSION = {version!r}\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")

    def add_uv(self) -> None:
        """Puts something on the path that understands the two calls of uv that are made, and nothing else."""
        uv = self.folder / "commands" / "uv"
        uv.write_text(STAND_IN_FOR_UV)
        uv.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        """This one's, without uv and without any package index."""
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**os.environ, **pip, "PATH": str(self.folder / "commands"), **more}

    def command(self, modules: str, group: str, prelude: str) -> list[str]:
        """A start that asks for `modules` and prints where it ended up."""
        return [sys.executable, "-c", prelude + PROGRAM, modules, group]

    def start(self, modules: str = "tiny", group: str = "", prelude: str = "", **more: str) -> tuple[int, str, str]:
        """Its exit status, what it printed and what it said on the way."""
        done = subprocess.run(
            self.command(modules, group, prelude),
            cwd=self.folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout.strip(), done.stderr

    def ran_inside(self, version: str) -> str:
        """What a start prints that got into the `.venv` and found `tiny` of this version."""
        return f"{self.folder / '.venv'} {version}"

    def installed(self, module: str) -> Path:
        """The file of a module in the `.venv`."""
        return next((self.folder / ".venv").glob(f"**/site-packages/{module}.py"))


@pytest.fixture
def bare(tmp_path: Path) -> Checkout:
    """A fresh clone."""
    checkout = Checkout(tmp_path / "checkout", tmp_path / "wheels")
    checkout.wheels.mkdir()
    (checkout.folder / "commands").mkdir(parents=True)
    (checkout.folder / "gui").mkdir()
    for name in ("__init__.py", "bootstrap.py"):
        shutil.copy(PROJECT / "gui" / name, checkout.folder / "gui")
    checkout.add_wheel("tiny", "1.0")
    checkout.pin("tiny==1.0")
    return checkout


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, tuple[int, str, str]]:
    """A clone that was started once, and how that went; not to be changed."""
    checkout: Checkout = bare.__wrapped__(tmp_path_factory.mktemp("first"))  # type: ignore[attr-defined]
    return checkout, checkout.start()


@pytest.fixture
def made(first_start: tuple[Checkout, tuple[int, str, str]], tmp_path: Path) -> Checkout:
    """A clone that was started before."""
    original, _ = first_start
    copy = Checkout(tmp_path / "checkout", tmp_path / "wheels")
    shutil.copytree(original.folder, copy.folder, symlinks=True)
    shutil.copytree(original.wheels, copy.wheels)
    return copy


@pytest.mark.slow
def test_first_start_makes_an_environment_and_goes_on_inside(
    first_start: tuple[Checkout, tuple[int, str, str]],
) -> None:
    checkout, (status, printed, said) = first_start
    assert (status, printed) == (0, checkout.ran_inside("1.0"))
    told = said.splitlines()
    assert all(line.startswith(("ServeScope: ", "  ")) for line in told), said
    assert re.findall("making|installing|ready", said) == ["making", "installing", "ready"]


@pytest.mark.slow
def test_second_start_has_nothing_to_say(made: Checkout) -> None:
    assert made.start() == (0, made.ran_inside("1.0"), "")


@posix
def test_uv_is_preferred(bare: Checkout) -> None:
    bare.add_uv()
    status, printed, said = bare.start()
    assert (status, printed) == (0, bare.ran_inside("1.0"))
    assert "ready" in said
    assert bare.start() == (0, bare.ran_inside("1.0"), "")
    assert not list((bare.folder / ".venv").glob("**/site-packages/pip"))


@pytest.mark.slow
def test_changed_pins_are_installed(made: Checkout) -> None:
    made.add_wheel("tiny", "2.0")
    made.pin("tiny==2.0")
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("2.0"))
    assert "installing" in said
    assert "making" not in said
    assert made.start() == (0, made.ran_inside("2.0"), "")


@pytest.mark.slow
def test_a_group_is_installed_only_for_who_needs_it(made: Checkout) -> None:
    made.add_wheel("checker", "1.0")
    made.pin("tiny==1.0", dev=("checker==1.0",))
    assert made.start() == (0, made.ran_inside("1.0"), "")
    status, printed, said = made.start("tiny checker", "dev")
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "installing" in said
    assert made.installed("checker").exists()
    assert made.start() == (0, made.ran_inside("1.0"), "")


@pytest.mark.slow
@posix
def test_what_broke_off_is_made_anew(made: Checkout) -> None:
    """The package manager believes that the package is there."""
    made.add_uv()
    made.installed("tiny").unlink()
    (made.folder / ".venv" / bootstrap.STAMP.name).write_text(bootstrap.UNFINISHED)
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "making" in said


@pytest.mark.slow
@posix
def test_environment_of_another_python_is_made_anew(made: Checkout) -> None:
    made.add_uv()
    settings = made.folder / ".venv" / "pyvenv.cfg"
    settings.write_text(re.sub(r"(?m)^version = .*", "version = 3.9.1", settings.read_text()))
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "making" in said


@pytest.mark.slow
def test_package_that_somebody_removed_comes_back(made: Checkout) -> None:
    python = made.folder / ".venv" / bootstrap.PYTHON.relative_to(bootstrap.VENV)
    subprocess.run([python, "-m", "pip", "uninstall", "-qy", "tiny"], check=True, stdin=subprocess.DEVNULL)
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "making" not in said


@pytest.mark.slow
def test_pins_that_lack_a_package_are_told_rather_than_tried_for_ever(made: Checkout) -> None:
    status, printed, said = made.start("tiny forgotten")
    assert (status, printed) == (1, "")
    assert "pyproject.toml" in said


@pytest.mark.slow
def test_no_network_is_one_sentence(made: Checkout) -> None:
    made.pin("tiny==1.0", "absent==1.0")
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        index = f"http://127.0.0.1:{closed_soon.getsockname()[1]}/simple"
    status, printed, said = made.start("absent", PIP_NO_INDEX="0", PIP_INDEX_URL=index, PIP_RETRIES="1")
    assert (status, printed) == (1, "")
    assert "no package server answers" in said.splitlines()[-1]


@pytest.mark.slow
def test_package_that_is_not_to_be_had_is_named(made: Checkout) -> None:
    made.pin("tiny==1.0", "absent==1.0")
    status, printed, said = made.start("absent")
    assert (status, printed) == (1, "")
    assert "absent==1.0" in said.splitlines()[-1]


@pytest.mark.slow
@posix
def test_ctrl_c_ends_the_set_up_with_a_word(made: Checkout) -> None:
    made.pin("tiny==1.0", "absent==1.0")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        start = subprocess.Popen(
            made.command("absent", "", ""),
            cwd=made.folder,
            env=made.environment(PIP_NO_INDEX="0", PIP_INDEX_URL=index),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        connection, _ = silent.accept()
        with connection:
            os.killpg(start.pid, signal.SIGINT)
            printed, said = start.communicate(timeout=PATIENCE)
    assert (start.returncode, printed) == (130, "")
    assert "interrupted" in said.splitlines()[-1]
    assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.killpg(start.pid, 0)


def test_python_that_cannot_make_environments(bare: Checkout) -> None:
    status, printed, said = bare.start(prelude="import sys; sys.modules['ensurepip'] = None")
    assert (status, printed) == (1, "")
    assert f"apt-get install -y python3.{sys.version_info.minor}-venv" in said


def test_folder_that_is_no_checkout(bare: Checkout) -> None:
    (bare.folder / "pyproject.toml").unlink()
    status, printed, said = bare.start()
    assert (status, printed) == (1, "")
    assert "tiny" in said


OTHER_VERSION = "import sys; sys.version_info = ({}, 0, 'final', 0)"
"""A prelude that makes this Python say it is another."""
NEWEST = ".".join(map(str, bootstrap.NEWEST_PYTHON))


@posix
@pytest.mark.parametrize("version", ["3, 8", "3, 10", "3, 16"])
@pytest.mark.parametrize("place", [f"commands/python{NEWEST}", f".pyenv/versions/{NEWEST}.7/bin/python{NEWEST}"])
def test_other_python_goes_on_with_the_same_command(bare: Checkout, version: str, place: str) -> None:
    other = bare.folder / place
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text(f'#!/bin/sh\n[ $1 = -I ] && exec {sys.executable} -c \'import sys\' \necho "went on" "$1" "$4"\n')
    other.chmod(0o755)
    status, printed, said = bare.start(
        group="dev", prelude=OTHER_VERSION.format(version), HOME=str(bare.folder), PYTHONHOME=""
    )
    assert (status, printed) == (0, "went on -c dev")
    assert said.count("\n") == 1
    assert f"using Python {NEWEST} ({other})" in said


@posix
def test_launcher_of_windows_is_asked_for_the_newest_python(bare: Checkout) -> None:
    """It has no Python of that version: the next is asked for."""
    launcher = bare.folder / "commands" / "py"
    launcher.write_text(
        f'#!/bin/sh\n[ $1 = -{NEWEST} ] && exit 103\n[ $2 = -I ] && exit\necho "went on" $1 "$2" "$4"\n'
    )
    launcher.chmod(0o755)
    status, printed, _ = bare.start(prelude=OTHER_VERSION.format("3, 16"), HOME=str(bare.folder))
    before = f"{bootstrap.NEWEST_PYTHON[0]}.{bootstrap.NEWEST_PYTHON[1] - 1}"
    assert (status, printed) == (0, f"went on -{before} -c tiny")


@pytest.mark.parametrize("version", ["3, 6", "3, 10", "3, 16"])
def test_without_another_python_it_is_said_which_to_install(bare: Checkout, version: str) -> None:
    prelude = OTHER_VERSION.format(version) + "; from gui import bootstrap; bootstrap._other_pythons = lambda: ()\n"
    status, printed, said = bare.start(prelude=prelude)
    assert (status, printed, said.count("\n")) == (1, "", 1)
    assert f"Python 3.11 to {NEWEST} is needed" in said
    assert f"Install Python {bootstrap.BEST_PYTHON} from python.org" in said


def test_python_of_another_version_is_not_taken() -> None:
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert bootstrap._answers_as(own, [sys.executable])
    assert not bootstrap._answers_as("3.99", [sys.executable])
    assert not bootstrap._answers_as(own, ["/nowhere/python"])


# What only Windows does


ON_WINDOWS = "from gui import bootstrap; bootstrap.ON_WINDOWS = True; bootstrap._allows_long_paths = lambda: True; "
"""A prelude that makes this system Windows, as far as it is asked."""


@pytest.mark.slow
@posix
def test_it_goes_on_inside_without_exec(made: Checkout) -> None:
    status, printed, _ = made.start(prelude=ON_WINDOWS)
    assert (status, printed) == (0, made.ran_inside("1.0"))


@pytest.mark.slow
@posix
def test_ctrl_c_is_for_the_program_that_goes_on(made: Checkout) -> None:
    """The set-up is over by then, and says nothing."""
    waits = "import signal, sys, time\nsys.prefix != sys.base_prefix and '.venv' in sys.prefix and (" + (
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(7)), print('here', flush=True), time.sleep(60))\n"
    )
    command = made.command("tiny", "", waits + ON_WINDOWS)
    with subprocess.Popen(
        command, cwd=made.folder, env=made.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as start:  # fmt: skip
        assert start.stdout
        assert start.stdout.readline() == "here\n"
        os.killpg(start.pid, signal.SIGINT)
        _, said = start.communicate(timeout=PATIENCE)
    assert (start.returncode, said) == (7, "")


@pytest.mark.slow
@posix
@pytest.mark.parametrize(("allowed", "status"), [(False, 1), (True, 0)])
def test_folder_that_lies_too_deep_is_said(made: Checkout, allowed: bool, status: int) -> None:
    prelude = ON_WINDOWS + f"bootstrap.LONGEST_ROOT = 5; bootstrap._allows_long_paths = lambda: {allowed}; "
    ended, _, said = made.start(prelude=prelude)
    assert ended == status
    assert ("longer than Windows allows" in said) is not allowed


@posix
def test_another_python_than_anacondas_is_taken(bare: Checkout) -> None:
    anaconda = bare.folder / "anaconda"
    (anaconda / "conda-meta").mkdir(parents=True)
    other = bare.folder / "commands" / f"python{NEWEST}"
    other.write_text(f"#!/bin/sh\n[ $1 = -I ] && exec {sys.executable} -c 'import sys' \necho went on\n")
    other.chmod(0o755)
    prelude = ON_WINDOWS + f"import sys; sys.base_prefix = {str(anaconda)!r}; "
    assert bare.start(prelude=prelude, HOME=str(bare.folder))[:2] == (0, "went on")


@posix
def test_anacondas_python_in_a_folder_that_is_copied_elsewhere(bare: Checkout) -> None:
    """It does where there is no other; that the folder is OneDrive's is said, and its files are no hard links."""
    bare.add_uv()
    anaconda = bare.folder / "anaconda"
    (anaconda / "conda-meta").mkdir(parents=True)
    nothing_else = f"import sys; sys.base_prefix = {str(anaconda)!r}; bootstrap._other_pythons = lambda: (); "
    status, printed, said = bare.start(prelude=ON_WINDOWS + nothing_else, ONEDRIVE=str(bare.folder.parent))
    assert (status, printed) == (0, bare.ran_inside("1.0"))
    assert "OneDrive" in said
    assert (bare.folder / "commands" / "copied").exists()


@posix
@pytest.mark.parametrize("word", ["[WinError 32] in use", "[WinError 5] Access is denied", "(os error 32)"])
def test_file_that_another_program_holds_is_tried_again(tmp_path: Path, word: str) -> None:
    done = tmp_path / "done"
    bootstrap._run("sh", "-c", f"[ -e {done} ] && exit 0; touch {done}; echo 'ERROR: {word}'; exit 1")
    assert done.exists()


# Settings of pip, and of Python


@pytest.mark.slow
def test_settings_meant_for_other_folders_do_not_matter(made: Checkout) -> None:
    (made.folder / "pip.conf").write_text("[global]\nuser = true\n")
    (made.folder / "elsewhere").mkdir()
    (made.folder / "elsewhere" / "tiny.py").write_text("VERSION = 'of somebody else'")
    made.add_wheel("other", "1.0")
    made.pin("tiny==1.0", "other==1.0")
    settings = {f"PIP_{name}": "1" for name in ("USER", "NO_DEPS", "DRY_RUN", "REQUIRE_HASHES")}
    settings |= {f"PIP_{name}": "elsewhere" for name in ("TARGET", "PREFIX", "ROOT", "CONSTRAINT", "PYTHON")}
    settings |= {"PIP_NO_BINARY": ":all:", "PIP_CONFIG_FILE": "pip.conf", "PYTHONPATH": "elsewhere"}
    status, printed, said = made.start("tiny other", **settings)
    assert (status, printed) == (0, made.ran_inside("1.0")), said
    assert made.installed("other").exists()


def test_only_what_says_whence_packages_come_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_PROXY", "PIP_CERT", "UV_DEFAULT_INDEX", "HTTPS_PROXY", "PATH")
    dropped = ("PIP_USER", "PIP_ROOT", "PIP_PYTHON", "UV_SYSTEM_PYTHON", "UV_PYTHON", "PYTHONHOME", "VIRTUAL_ENV")
    for name in (*kept, *dropped):
        monkeypatch.setenv(name, "something")
    left = bootstrap._setup_environment()
    assert [name for name in (*kept, *dropped) if name in left] == list(kept)


# Two starts at once

REFUSING = """
import errno, fcntl
from pathlib import Path
real, places = fcntl.flock, []
def flock(file, how):
    import os
    places.append(os.readlink(f"/proc/self/fd/{{file}}"))
    if {where}:
        raise OSError(errno.{reason}, "it does not lock")
    real(file, how)
fcntl.flock = flock
"""
WINDOWS_LOCKS = """
import errno, fcntl, subprocess, sys, types  # subprocess asks for msvcrt to know where it is: before the fake
def locking(file, how, size, flock=fcntl.flock, both=fcntl.LOCK_EX | fcntl.LOCK_NB):
    assert (how, size) == ("LK_NBLCK", 1)
    try:
        flock(file, both)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied")
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK="LK_NBLCK")
sys.modules["fcntl"] = None
"""


@pytest.mark.slow
@posix
@pytest.mark.parametrize("prelude", ["", WINDOWS_LOCKS], ids=["flock", "msvcrt"])
def test_second_start_waits_for_the_first_and_installs_nothing(made: Checkout, prelude: str) -> None:
    import fcntl

    ready = made.folder / ".venv"
    aside = ready.rename(made.folder / "aside")
    with open(made.folder / bootstrap.LOCK_NAME, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        second = subprocess.Popen(
            made.command("tiny", "", prelude),
            cwd=made.folder,
            env=made.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stderr
        assert "another start is installing; waiting" in second.stderr.readline()
        aside.rename(ready)
    printed, said = second.communicate(timeout=PATIENCE)
    assert (second.returncode, printed.strip(), said) == (0, made.ran_inside("1.0"), "")


@posix
@pytest.mark.parametrize("prelude", ["", WINDOWS_LOCKS], ids=["flock", "msvcrt"])
def test_of_two_first_starts_one_installs(bare: Checkout, prelude: str) -> None:
    bare.add_uv()
    pipe = subprocess.PIPE
    starts = [
        subprocess.Popen(
            bare.command("tiny", "", prelude),
            cwd=bare.folder,
            env=bare.environment(),
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        for _ in range(2)
    ]
    told = [start.communicate(timeout=PATIENCE) for start in starts]
    assert [printed.strip() for printed, _ in told] == [bare.ran_inside("1.0")] * 2
    assert "".join(said for _, said in told).count("installing the packages") == 1


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file is locked")
@pytest.mark.parametrize(
    "reason", ["ENOLCK", *(pytest.param(each, marks=pytest.mark.slow) for each in ("EBADF", "ENOSYS", "EOPNOTSUPP"))]
)
def test_where_the_folder_cannot_lock_the_temporary_folder_does(bare: Checkout, tmp_path: Path, reason: str) -> None:
    bare.add_uv()
    (tmp_path / "temporary").mkdir()
    prelude = REFUSING.format(where='places[-1].endswith(".venv.lock")', reason=reason)
    status, printed, _ = bare.start(prelude=prelude, TMPDIR=str(tmp_path / "temporary"))
    assert (status, printed) == (0, bare.ran_inside("1.0"))
    assert [file.suffix for file in (tmp_path / "temporary").iterdir()] == [".lock"]


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc which file is locked")
def test_where_nothing_locks_it_is_said(bare: Checkout) -> None:
    status, printed, said = bare.start(prelude=REFUSING.format(where="True", reason="ENOLCK"))
    assert (status, printed, said.count("\n")) == (1, "", 1)
    assert "no file can be locked" in said
    assert "local disk" in said


@pytest.mark.slow
def test_ready_environment_needs_no_lock(made: Checkout) -> None:
    (made.folder / bootstrap.LOCK_NAME).unlink()
    assert made.start() == (0, made.ran_inside("1.0"), "")
    assert not (made.folder / bootstrap.LOCK_NAME).exists()


# What is in the way


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout's folder, for the functions of this process."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    return tmp_path


def test_half_an_environment_is_renamed_before_it_is_deleted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there_while_deleting = []
    real = shutil.rmtree

    def delete(path: Path, **options: bool) -> None:
        there_while_deleting.append((here / ".venv").exists())
        real(path, **options)

    monkeypatch.setattr(shutil, "rmtree", delete)
    (here / ".venv-old-1").mkdir()
    bootstrap._put_away()
    assert there_while_deleting == [True, False]
    assert list(here.iterdir()) == []


@posix
def test_link_to_an_environment_elsewhere_is_removed_only_itself(here: Path) -> None:
    (here / ".venv").rename(here / "elsewhere")
    (here / ".venv").symlink_to(here / "elsewhere")
    bootstrap._put_away()
    assert not (here / ".venv").is_symlink()
    assert (here / "elsewhere" / "bin" / "python").exists()


def test_environment_on_a_mount_of_its_own_is_emptied(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "rename", rename)
    bootstrap._put_away()
    assert list((here / ".venv").iterdir()) == []


@pytest.mark.slow
@posix
def test_mount_without_programs_is_said(made: Checkout) -> None:
    prelude = "import os; os.statvfs = lambda _: os.statvfs_result((0,) * 8 + (8, 255)); os.ST_NOEXEC = 8\n"
    status, printed, said = made.start(prelude=prelude)
    assert (status, printed, said.count("\n")) == (1, "", 1)
    assert f"{made.folder / '.venv'} is on a mount that forbids programs (noexec)" in said


@pytest.mark.skipif(not hasattr(os, "ST_NOEXEC"), reason="Linux says so")
def test_mounts_without_programs_are_known() -> None:
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    without = {Path(words[1]) for words in mounts if "noexec" in words[3].split(",") and os.access(words[1], os.X_OK)}
    assert not without or any(map(bootstrap._forbids_programs, without))
    assert not bootstrap._forbids_programs(Path(sys.executable))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "WARNING: Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: "
            "CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in chain'))': /simple/",
            "certificate is not trusted",
        ),
        ("error: invalid peer certificate: UnknownIssuer", "certificate is not trusted"),
        ("ERROR: Could not find a version: connection refused", "no package server answers"),
        ("ERROR: No matching distribution found for PySide6-Essentials==6.12.0", "no PySide6-Essentials==6.12.0 for "),
        ("╰─▶ Because numpy==2.5.5 has no wheels with a matching platform tag", "no numpy==2.5.5 for Python "),
        ("Because there is no version of absent==1.0 and you require absent==1.0", "no absent==1.0 for Python "),
    ],
)
def test_what_pip_and_uv_say_becomes_a_sentence(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAID", line)
    with pytest.raises(SystemExit):
        bootstrap._run(sys.executable, "-X", "utf8", "-c", "import os, sys; print(os.environ['SAID']); sys.exit(1)")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert sentence in said


@pytest.mark.parametrize(
    "file", ["gui/__init__.py", "gui/__main__.py", "gui/bootstrap.py", "tests/__init__.py", "tests/__main__.py"]
)
def test_old_python_can_read_so_far(file: str) -> None:
    ast.parse((PROJECT / file).read_text("utf-8"), feature_version=(3, 8))


def test_modules_are_those_of_the_pins() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    oldest, (major, newest) = ".".join(map(str, bootstrap.OLDEST_PYTHON)), bootstrap.NEWEST_PYTHON
    assert project["project"]["requires-python"] == f">={oldest},<{major}.{newest + 1}"
    assert bootstrap.TESTS[: len(bootstrap.WINDOW)] == bootstrap.WINDOW
    providers = packages_distributions()

    def named(modules: Iterable[str]) -> set[str]:
        return {name.replace("_", "-").lower() for module in modules for name in providers[module]}

    def pinned(pins: list[str]) -> set[str]:
        return {pin.partition("==")[0].lower() for pin in pins}

    assert pinned(project["project"]["dependencies"]) <= named(bootstrap.WINDOW)
    checkers = {"ruff", "mypy"}
    assert pinned(project["dependency-groups"]["dev"]) - checkers <= named(bootstrap.TESTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "status"),
    [("tests/engine/test_imports.py", 0), pytest.param("tests/nowhere.py", 4, marks=pytest.mark.slow)],
)
def test_tests_start_from_any_folder_and_tell_how_they_ended(tmp_path: Path, target: str, status: int) -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "tests", "--collect-only", "-q", target],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == status, done.stderr
    assert (target in done.stdout) == (status == 0)


@pytest.mark.parametrize(
    ("options", "found"),
    [((), ["test_quick"]), pytest.param(("--all",), ["test_quick", "test_long"], marks=pytest.mark.slow)],
)
def test_tests_that_need_long_are_for_all(tmp_path: Path, options: tuple[str, ...], found: list[str]) -> None:
    file = tmp_path / "test_both.py"
    file.write_text("import pytest\ndef test_quick(): pass\n@pytest.mark.slow\ndef test_long(): pass\n")
    done = subprocess.run(
        [sys.executable, PROJECT / "tests", *options, "--collect-only", "-qc", PROJECT / "pyproject.toml", file],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r"test_\w+$", done.stdout, re.M) == found
