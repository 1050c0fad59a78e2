"""The import rules that keep the two halves apart and a model a file of its own."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOCKETS = ("socket", "_socket", "select", "selectors", "ssl", "asyncio", "gevent")
FOREIGN_TO_ENGINE = ("gui", "PySide6", "PyQt6", "numpy", "pyqtgraph", "tests")
SHARED_WITH_GUI = (
    "engine.clock",
    "engine.whole_file", "engine.settings", "engine.setting", "engine.reading", "engine.options", "engine.addresses",
    "engine.telemetry.wire", "engine.telemetry.bounds",
    "engine.mistakes",
    "engine.model", "engine.models", "engine.listing", "engine.own_model", "engine.traits",
    "engine.persistence", "engine.load.wire", "engine.load.workloads",
    "engine.load.requests", "engine.apps.phone_limits",
    "engine.load.histogram", "engine.problems", "engine.texts",
    "engine.lab.figures", "engine.lab.growth", "engine.lab.parts",
    "engine.lab.summary", "engine.lab.rows", "engine.lab.measurement", "engine.lab.machine", "engine.lab.usage",
    "engine.lab.session", "engine.lab.guests",
)  # fmt: skip
"""What the window may know of the engine: the contracts, the tables and what is made from them, and what the lab reads
and reckons."""

USE_OF_COARSE_CLOCK = r"(?m)^from time import (?!perf_counter as).*\bmonotonic.*|^[^`\n]*\btime\.monotonic\b(?!`).*"


def sources(folder: str) -> list[Path]:
    """The Python files below a folder, or the one file, by their paths in the project."""
    place = PROJECT / folder
    return sorted(path.relative_to(PROJECT) for path in [place, *place.rglob("*.py")] if path.is_file())


def text(path: Path) -> str:
    return (PROJECT / path).read_text(encoding="utf-8")


def module_of(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every name that a file imports, absolute and in full, wherever in the file it does."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = list(package[: len(package) - node.level + 1]) if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def within(name: str, *packages: str) -> bool:
    """Whether `name` is one of `packages` or inside one."""
    return any(name == package or name.startswith(package + ".") for package in packages)


def offences(folder: str, forbidden: tuple[str, ...], allowed: tuple[str, ...] = ()) -> list[str]:
    """`file imports name` for each forbidden import in a folder."""
    return [
        f"{path} imports {name}"
        for path in sources(folder)
        for name in imports(path)
        if within(name, *forbidden) and not within(name, *allowed)
    ]


def test_the_guard_sees_the_files() -> None:
    assert len(sources("engine")) > 10
    assert "msgspec" in imports(Path("engine/telemetry/wire.py"))


@pytest.mark.parametrize("folder", ["engine", "gui", "tests", "assets"])
def test_there_is_one_clock(folder: str) -> None:
    """Two of them differ on Windows up to Python 3.12: moments of different processes could not be compared."""
    uses = [
        f"{path}: {use}"
        for path in sources(folder)
        for use in re.findall(USE_OF_COARSE_CLOCK, (PROJECT / path).read_text(encoding="utf-8"))
    ]
    assert uses == []


def test_engine_knows_no_window() -> None:
    assert offences("engine", FOREIGN_TO_ENGINE) == []


def test_window_knows_the_contract_and_the_tables() -> None:
    assert offences("gui", ("engine",), SHARED_WITH_GUI) == []


@pytest.mark.parametrize("folder", ["engine/web", "engine/apps"])
def test_http_and_applications_know_no_socket(folder: str) -> None:
    assert offences(folder, (*SOCKETS, "engine.net")) == []


def test_http_knows_no_application() -> None:
    assert offences("engine/web", ("engine.apps", "engine.models")) == []


def test_telemetry_knows_neither_sockets_nor_http() -> None:
    assert offences("engine/telemetry", (*SOCKETS[:2], "ssl", "http", "engine.net", "engine.web", "engine.apps")) == []


def test_records_know_no_qt_and_runs_no_widget() -> None:
    assert offences("gui/history", ("PySide6", "pyqtgraph", "gui.panels", "gui.window")) == []
    assert offences("gui/runs", ("PySide6.QtWidgets", "PySide6.QtGui", "pyqtgraph", "gui.panels", "gui.window")) == []


@pytest.mark.parametrize("folder", ["engine/models", "engine/mistakes", "gui/panels"])
def test_siblings_do_not_know_each_other(folder: str) -> None:
    package, depth = folder.replace("/", "."), len(Path(folder).parts)
    siblings = {module_of(path).split(".")[depth] for path in sources(folder) if path.name != "__init__.py"}
    assert siblings
    for name in siblings:
        others = tuple(f"{package}.{other}" for other in siblings - {name})
        assert offences(f"{folder}/{name}", others) == []
        assert offences(f"{folder}/{name}.py", others) == []


def test_models_know_python_s_sockets_and_nothing_behind_them() -> None:
    behind = ("engine.net", "engine.telemetry", "engine.web", "engine.apps", "engine.load", "engine.lab")
    assert offences("engine/models", behind) == []


def test_net_knows_no_http() -> None:
    assert offences("engine/net", ("engine.web", "http")) == []


@pytest.mark.parametrize("half", ["engine", "gui"])
def test_no_module_is_named_after_a_standard_one(half: str) -> None:
    """Run directly, its neighbours would import it instead. No model is run so: its name is what it teaches."""
    names = {path.stem for path in sources(half) if path.parent.name != "models"} - {"__init__", "__main__"}
    assert names & sys.stdlib_module_names == set()
