"""Models of the user's own: served from wherever they are, with the traits that they say they have."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.model import START_METHOD
from engine.models import FIRST, MODELS
from engine.own_model import OWN, copy_of, fault_of, known, own_model
from engine.setting import SettingError
from engine.settings import MODEL, example_site
from tests.engine.child import PROJECT
from tests.engine.client import Client, request
from tests.engine.support import Engine


def written(folder: Path, name: str, text: str) -> str:
    """The path of a file with this text, that was not read before."""
    own_model.cache_clear()
    file = folder / name
    file.write_text(text, "utf-8")
    return str(file)


def source(key: str) -> str:
    return Path(MODELS[key].file(fork=True)).read_text("utf-8")


def test_a_copy_has_the_traits_of_what_it_was_copied_from(tmp_path: Path) -> None:
    for model in MODELS.values():
        row = known(written(tmp_path, f"my_{model.key}.py", copy_of(model, source(model.key))))
        assert row
        assert (row.traits, row.keep_alive, row.greets, row.patched) == (
            model.traits, model.keep_alive, model.greets, model.patched
        )  # fmt: skip
        assert (row.title, row.like, row.family) == (f"my_{model.key}.py", model.key, OWN)
        assert set(row.settings) == set(model.settings) - {START_METHOD}


def test_the_comment_may_say_more_and_what_it_says_wrongly_counts_as_nothing(tmp_path: Path) -> None:
    row = known(written(tmp_path, "pool.py", '"""Mine."""\n# ServeScope: like thread, serves many, keep_alive yes\n'))
    assert row
    assert (row.worker, row.serves, row.keep_alive) == ("thread", "many", True)
    for comment in ("", "# ServeScope: like nothing", "# ServeScope: worker boat", "# ServeScope: keep_alive perhaps"):
        row = known(written(tmp_path, "other.py", comment))
        assert row
        assert (row.like, row.traits) == ("", MODELS[FIRST].traits), comment


def test_only_a_file_that_is_there_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "mine.py", source("thread"))
    assert MODEL.parse(path) == path
    for text in ("mine", str(tmp_path / "none.py"), str(tmp_path)):
        with pytest.raises(SettingError):
            MODEL.parse(text)


@pytest.mark.parametrize(
    ("text", "line", "error"),
    [
        ("def serve(listener, new_exchange):\n    pass\n", 0, ""),
        ("x = 1\ndef serve(:\n", 2, "SyntaxError"),
        ("\n\nimport nothing_of_this_name\n", 3, "ModuleNotFoundError"),
        ("x = None\nx.y\n", 2, "AttributeError"),
        ("x = 1\n", 0, "no function serve"),
        ("\ndef serve(listener):\n    pass\n", 2, "serve is called with (listener, new_exchange)"),
    ],
)
def test_a_fault_has_its_line(tmp_path: Path, text: str, line: int, error: str) -> None:
    fault = fault_of(written(tmp_path, "mine.py", text))
    assert (fault is None) == (not error)
    if fault:
        assert error in fault.error
        assert fault.line == line


def test_it_is_as_it_was_saved_last_however_soon(tmp_path: Path) -> None:
    path = written(tmp_path, "mine.py", source("thread"))
    saved = os.stat(path).st_mtime_ns
    assert fault_of(path) is None
    written(tmp_path, "mine.py", source("thread").replace("def serve(", "def sErve("))
    os.utime(path, ns=(saved, saved))
    assert fault_of(path)
    assert os.listdir(tmp_path) == ["mine.py"], "and nothing lies beside it"


def test_it_is_served_and_its_folder_hides_no_module_of_pythons(tmp_path: Path) -> None:
    """The folder has files with the names of modules that are imported after the model."""
    for name in ("select", "socket", "json"):
        written(tmp_path, f"{name}.py", "raise RuntimeError('the wrong one')\n")
    path = written(tmp_path, "my_select.py", copy_of(MODELS["select"], source("select")))
    with Engine(path, Path(example_site())) as engine:
        assert (engine.ready.model, engine.ready.title, engine.ready.file) == (path, "my_select.py", path)
        with Client(engine.address) as client:
            client.send(request("/index.html"))
            assert client.reply().status == 200
    done = subprocess.run(
        [sys.executable, "-m", "engine", "check", path], cwd=PROJECT, capture_output=True, check=False, timeout=60
    )
    assert json.loads(done.stdout) == {"ok": True}
