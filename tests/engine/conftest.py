"""What every test of the engine may ask for: a site of its own, and an engine of each model that serves it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.models import MODELS
from tests.conftest import WAYS
from tests.engine.support import Engine

ALL = [
    pytest.param(
        key, marks=pytest.mark.skipif(not model.available(), reason=f"{model.needs} is missing on this system")
    )
    for key, model in MODELS.items()
]
EACH_WAY = [
    param if param.values[0] in WAYS else pytest.param(*param.values, marks=[*param.marks, pytest.mark.slow])
    for param in ALL
]

PAGE = "<!doctype html><title>page</title>\n<p>This is a page. 这是一个网页。</p>\n"
FILES = {
    "index.html": "<!doctype html><title>index</title>\n<p>Welcome. 欢迎。</p>\n",
    "page.html": PAGE,
    "style.css": "body { color: black }\n",
    "script.js": "'use strict';\n",
    "data.json": '{"greeting": "你好"}\n',
    "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    "notes.txt": "some notes\n",
    "名字 with a space.html": "<p>found</p>\n",
    "100%.html": "<p>per cent</p>\n",
    "folder/inside.html": "<p>inside</p>\n",
    "empty.txt": "",
}
SECRET = "this must never leave the server"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder; `secret.txt` lies beside it, and links lead out of it to there."""
    base = tmp_path_factory.mktemp("served")
    root = base / "site"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (root / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(5000))
    (base / "secret.txt").write_text(SECRET)
    (base / "site-beside").mkdir()
    (base / "site-beside" / "secret.txt").write_text(SECRET)
    (root / "link-to-file").symlink_to(base / "secret.txt")
    (root / "link-to-folder").symlink_to(base)
    (root / "link-inside.html").symlink_to(root / "page.html")
    return root


@pytest.fixture(scope="session")
def large(site: Path) -> bytes:
    """The 8 MiB of `/large.bin`: more than the kernel takes for a client that doesn't read."""
    data = random.Random(8).randbytes(8 << 20)
    (site / "large.bin").write_bytes(data)
    return data


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a `model` gets each; those that are not of `WAYS` are quick enough only where its module
    says OVER_ALL_MODELS."""
    names = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    given = {part.strip() for name in names for part in (name.split(",") if isinstance(name, str) else name)}
    if "model" in metafunc.fixturenames and "model" not in given:
        over_all = getattr(metafunc.module, "OVER_ALL_MODELS", False)
        metafunc.parametrize("model", ALL if over_all else EACH_WAY, indirect=True, scope="module")


@pytest.fixture(scope="module")
def model(request: pytest.FixtureRequest) -> str:
    """The key of a model; see `pytest_generate_tests`."""
    key: str = request.param
    return key


def skip_unless_settable(model: str, *, keep_alive: bool) -> None:
    """Skip where the model's file decides on keep-alive, and decides otherwise."""
    if MODELS[model].keep_alive_in_file and MODELS[model].keep_alive != keep_alive:
        pytest.skip("its file decides how long a connection stays")


@pytest.fixture
def keeps_connections(model: str) -> None:
    """Skips where the model's file ends each connection after its reply."""
    skip_unless_settable(model, keep_alive=True)


@pytest.fixture(scope="module")
def engine(model: str, site: Path) -> Iterator[Engine]:
    """One engine for a whole module's tests, with the model's own default for connections."""
    with Engine(model, site) as engine:
        yield engine


@pytest.fixture(scope="module")
def kept(model: str, site: Path) -> Iterator[Engine]:
    """The same with `--keep-alive`: a client may send many requests on one connection."""
    skip_unless_settable(model, keep_alive=True)
    with Engine(model, site, "--keep-alive") as engine:
        yield engine
