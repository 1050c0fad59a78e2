"""Finding an application by its name: what is found, and what is said where nothing can be."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.apps.environment import chosen_environment
from engine.apps.errors import ApplicationError
from engine.apps.loading import Loaded, load

Load = Callable[..., Loaded]
GOOD = """
class Made:
    def __call__(self, environ, start_response): ...
class AsClass:
    def __init__(self, environ, start_response): ...
class Awaited:
    async def __call__(self, scope, receive, send): ...
def app(environ, start_response, more=None): ...
def wrapped(*arguments): ...
async def awaited(scope, receive, send): ...
def make(): return app
class inner: app = app
made = Made()
over = Awaited()
number = 5
def five(a, b, c, d, e): ...
"""


@pytest.fixture
def load_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads an application from a module of this text, and leaves no trace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def load_it(text: str, name: str, module: str = "served_here") -> Loaded:
        (tmp_path / f"{module}.py").write_text(text)
        known = sys.modules.get(module)
        try:
            return load(f"{module}:{name}", str(tmp_path))
        finally:
            if known is None:
                sys.modules.pop(module, None)

    return load_it


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("app", "wsgi"), ("wrapped", "wsgi"), ("made", "wsgi"), ("AsClass", "wsgi"), ("make()", "wsgi"),
        ("inner.app", "wsgi"), ("awaited", "asgi"), ("over", "asgi"),
    ],
)  # fmt: skip
def test_what_it_is_follows_from_how_it_is_called(load_from: Load, tmp_path: Path, name: str, kind: str) -> None:
    found = load_from(GOOD, name)
    assert (found.kind, os.getcwd()) == (kind, str(tmp_path))
    assert callable(found.application)


@pytest.mark.parametrize(
    ("text", "name", "code", "words"),
    [
        (GOOD, "nope", "app-attribute-missing", ("served_here has no nope", "app", "made", "awaited")),
        (GOOD, "number", "app-not-callable", ("int", "made")),
        (GOOD, "make", "app-factory", ("served_here:make()",)),
        (GOOD, "five", "app-unlike", ("(a, b, c, d, e)", "environ", "scope")),
        ("import sys\n\nx = {}['key']\n", "app", "app-failed", ("KeyError: 'key'", "served_here.py:3")),
        ("def app(:\n", "app", "app-failed", ("SyntaxError", "served_here.py:1")),
        ("import sys\nsys.exit(3)\n", "app", "app-failed", ("SystemExit", "served_here.py:2")),
        ("import no_such_package\n", "app", "app-package-missing", ("no_such_package", "served_here.py:1")),
    ],
)
def test_a_mistake_is_said_in_the_user_s_words(
    load_from: Load, text: str, name: str, code: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(ApplicationError) as raised:
        load_from(text, name)
    assert raised.value.code == code
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_a_missing_module_is_said_with_where_it_was_looked_for(load_from: Load, tmp_path: Path) -> None:
    with pytest.raises(ApplicationError, match="no module not_here") as raised:
        load("not_here:app", str(tmp_path))
    assert str(raised.value).count(str(tmp_path)) == 2


def test_a_module_whose_name_is_taken_is_not_mixed_up(load_from: Load) -> None:
    with pytest.raises(ApplicationError, match="another module has this name") as raised:
        load_from(GOOD, "app", module="engine")
    assert raised.value.code == "app-name-taken"


def an_interpreter(folder: Path, **answers: object) -> Path:
    """A program that says this of itself when it is asked as an interpreter."""
    script = folder / "python-of-another-kind"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answers)}\nEND\n")
    script.chmod(0o755)
    return script


@pytest.mark.skipif(os.name != "posix", reason="the interpreter is a script")
def test_an_environment_of_another_version_is_refused_with_what_can_be_done(tmp_path: Path) -> None:
    python = an_interpreter(tmp_path, version="2.7", abi=None, prefix="/nowhere", folders=[])
    with pytest.raises(ApplicationError, match=r"of Python 2\.7.* guest") as raised:
        chosen_environment(str(python))
    assert raised.value.code == "environment-version"


def test_no_environment_is_chosen_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert chosen_environment(None) is None
    assert chosen_environment(sys.executable) is None
    with pytest.raises(ApplicationError, match="no Python at"):
        chosen_environment(str(tmp_path))
