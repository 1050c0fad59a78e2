"""The first start on a machine with nothing but Python: real virtual environments, filled from wheels made here."""

import ast
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
    case ["pip", "install", "--python", python, *pins]:
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
        """A start that asks for `modules` and tells where it ended up."""
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


def test_first_start_makes_an_environment_and_goes_on_inside(
    first_start: tuple[Checkout, tuple[int, str, str]],
) -> None:
    checkout, (status, printed, said) = first_start
    assert (status, printed) == (0, checkout.ran_inside("1.0"))
    told = said.splitlines()
    assert all(line.startswith(("ServeScope: ", "  ")) for line in told), said
    assert re.findall("making|installing|ready", said) == ["making", "installing", "ready"]


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


def test_changed_pins_are_installed(made: Checkout) -> None:
    made.add_wheel("tiny", "2.0")
    made.pin("tiny==2.0")
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("2.0"))
    assert "installing" in said
    assert "making" not in said
    assert made.start() == (0, made.ran_inside("2.0"), "")


def test_a_group_is_installed_only_for_who_needs_it(made: Checkout) -> None:
    made.add_wheel("checker", "1.0")
    made.pin("tiny==1.0", dev=("checker==1.0",))
    assert made.start() == (0, made.ran_inside("1.0"), "")
    status, printed, said = made.start("tiny checker", "dev")
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "installing" in said
    assert made.installed("checker").exists()
    assert made.start() == (0, made.ran_inside("1.0"), "")


@posix
def test_what_broke_off_is_made_anew(made: Checkout) -> None:
    """The package manager believes that the package is there."""
    made.add_uv()
    made.installed("tiny").unlink()
    (made.folder / ".venv" / bootstrap.STAMP.name).write_text(bootstrap.UNFINISHED)
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "making" in said


@posix
def test_environment_of_another_python_is_made_anew(made: Checkout) -> None:
    made.add_uv()
    settings = made.folder / ".venv" / "pyvenv.cfg"
    settings.write_text(re.sub(r"(?m)^version = .*", "version = 3.9.1", settings.read_text()))
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "making" in said


def test_package_that_somebody_removed_comes_back(made: Checkout) -> None:
    python = made.folder / ".venv" / bootstrap.PYTHON.relative_to(bootstrap.VENV)
    subprocess.run([python, "-m", "pip", "uninstall", "-qy", "tiny"], check=True, stdin=subprocess.DEVNULL)
    status, printed, said = made.start()
    assert (status, printed) == (0, made.ran_inside("1.0"))
    assert "making" not in said


def test_pins_that_lack_a_package_are_told_rather_than_tried_for_ever(made: Checkout) -> None:
    status, printed, said = made.start("tiny forgotten")
    assert (status, printed) == (1, "")
    assert "pyproject.toml" in said


def test_no_network_is_one_sentence(made: Checkout) -> None:
    made.pin("tiny==1.0", "absent==1.0")
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        index = f"http://127.0.0.1:{closed_soon.getsockname()[1]}/simple"
    status, printed, said = made.start("absent", PIP_NO_INDEX="0", PIP_INDEX_URL=index, PIP_RETRIES="1")
    assert (status, printed) == (1, "")
    assert "no package server answers" in said.splitlines()[-1]


def test_package_that_is_not_to_be_had_is_named(made: Checkout) -> None:
    made.pin("tiny==1.0", "absent==1.0")
    status, printed, said = made.start("absent")
    assert (status, printed) == (1, "")
    assert "absent==1.0" in said.splitlines()[-1]


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


def test_old_python_is_told_to_be_newer(bare: Checkout) -> None:
    status, printed, said = bare.start(prelude="import sys; sys.version_info = (3, 10, 13, 'final', 0)")
    assert (status, printed) == (1, "")
    assert "Python 3.11 or newer is needed" in said


@pytest.mark.parametrize(
    "file", ["gui/__init__.py", "gui/__main__.py", "gui/bootstrap.py", "tests/__init__.py", "tests/__main__.py"]
)
def test_old_python_can_read_so_far(file: str) -> None:
    ast.parse((PROJECT / file).read_text("utf-8"), feature_version=(3, 8))


def test_modules_are_those_of_the_pins() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["requires-python"] == f">={'.'.join(map(str, bootstrap.OLDEST_PYTHON))}"
    assert bootstrap.TESTS[: len(bootstrap.WINDOW)] == bootstrap.WINDOW
    providers = packages_distributions()

    def named(modules: Iterable[str]) -> set[str]:
        return {name.replace("_", "-").lower() for module in modules for name in providers[module]}

    def pinned(pins: list[str]) -> set[str]:
        return {pin.partition("==")[0].lower() for pin in pins}

    assert pinned(project["project"]["dependencies"]) <= named(bootstrap.WINDOW)
    checkers = {"ruff", "mypy"}
    assert pinned(project["dependency-groups"]["dev"]) - checkers <= named(bootstrap.TESTS)


@pytest.mark.parametrize(
    ("target", "status"),
    [("tests/engine/test_imports.py", 0), ("tests/nowhere.py", 4)],
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
