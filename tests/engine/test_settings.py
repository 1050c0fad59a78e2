"""The table of settings, and what is made from it: parsers and command lines that understand each other."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main
from engine.models import MODELS
from engine.options import add_options, command_line, own_values, values
from engine.setting import Setting, SettingError
from engine.settings import CONDITIONS, TABLE, Part, by_name, own_settings, settings
from tests.engine.child import PATIENCE, PROJECT

SHOP = PROJECT / "tests" / "engine" / "load" / "shop.txt"
PARTS = [Part.SERVER, Part.LOAD, Part.COMPARE, Part.WINDOW, Part.DIALOG]
COMMAND_LINES = [Part.SERVER, Part.LOAD, Part.COMPARE, Part.WINDOW]
ROWS = [*TABLE, *own_settings().values()]


def parser_of(part: Part) -> argparse.ArgumentParser:
    """The parser of a part of the program."""
    parser = argparse.ArgumentParser()
    add_options(parser, part)
    return parser


def other_value(row: Setting) -> Any:
    """A value that is not the default."""
    if row.type is bool:
        return row.default is not True
    if row.choices:
        return next(choice for choice in row.choices if choice != row.default)
    if row.type in (int, float):
        return row.type(row.least + 1)
    texts = {"host": "::1", "root": "/", "url": "http://127.0.0.1:1", "app": "shop:app", "requests": str(SHOP)}
    return texts.get(row.name, "/")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_each_setting_once(part: Part) -> None:
    names = [row.name for row in settings(part)]
    assert names
    assert len(names) == len(set(names))
    assert not own_settings().keys() & {row.name for row in TABLE}, "nor does a model own one of the table's"


def test_models_that_own_a_setting_of_one_name_share_its_row() -> None:
    for model in MODELS.values():
        for row in model.settings:
            assert own_settings()[row.name] is row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.parts}")
def test_a_row_is_whole(row: Setting) -> None:
    assert row.help
    assert not row.help.endswith(".")
    if row.default is not None and not row.read:
        assert row.check(row.default) == row.default
    if Part.DIALOG in row.parts:
        assert row.title
        assert row.default is not None or row.texts


@pytest.mark.parametrize("part", [Part.SERVER, Part.LOAD])
def test_a_command_line_says_what_its_parser_reads(part: Part) -> None:
    for model in MODELS if part is Part.SERVER else [""]:
        told = {name: other_value(row) for name, row in by_name(part).items()} | ({"model": model} if model else {})
        words = command_line(part, told)
        assert words[:3] == [sys.executable, "-m", "engine"]
        options = parser_of(part).parse_args(words[4:])
        read = values(part, options)
        if part is Part.LOAD:
            read["url"] = read["url"].text
        if model:
            told = {name: value for name, value in told.items() if name not in MODELS[model].in_file}
        assert {name: value for name, value in read.items() if value is not None or name in told} == {
            name: value for name, value in told.items() if name in read
        }
        if model:
            mine = {row.name: told[row.name] for row in MODELS[model].settings}
            assert own_values(options, [model]) == mine, "and nothing that another model owns"


def test_what_nobody_said_is_left_out_of_a_command_line() -> None:
    assert command_line(Part.SERVER, {"model": "epoll", "port": 0, "keep_alive": None})[3:] == [
        *("serve", "--model", "epoll", "--port", "0"),
    ]


@pytest.mark.parametrize(("model", "option"), [("nonblocking", "--keep-alive"), ("keepalive", "--short")])
def test_what_the_file_decides_is_refused_in_one_sentence(
    model: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--model", model, option])
    assert ended.value.code == 2
    assert f"{option} can't be used with {model}: its file decides this (" in capsys.readouterr().err


def test_what_the_file_decides_is_not_passed_on() -> None:
    for model, row in MODELS.items():
        words = command_line(Part.SERVER, {"model": model, "keep_alive": not row.keep_alive})
        assert bool({"--keep-alive", "--short"} & set(words)) != row.keep_alive_in_file


@pytest.mark.parametrize("part", [Part.SERVER, Part.COMPARE, Part.WINDOW])
@pytest.mark.parametrize("text", ["65536", "-1", "", "eighty", "8_0", "٨٠", "80.5", "1e3"])
def test_a_port_is_refused_in_one_sentence_wherever_it_is_said(
    part: Part, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser_of(part).parse_args([f"--port={text}"])
    assert f"{text!r} is not valid: use a whole number from 0 to 65,535" in capsys.readouterr().err


@pytest.mark.parametrize("row", [row for row in ROWS if row.type in (int, float)], ids=lambda row: row.name)
def test_numbers_out_of_bounds_are_refused(row: Setting) -> None:
    for text in (f"{row.least - 1}", "nan", "-inf", "many", "", *([f"{row.most + 1}"] if row.most < 1e9 else [])):
        with pytest.raises(SettingError, match="is not valid: use"):
            row.parse(text)
    assert row.parse(f" {row.least} ") == row.least


@pytest.mark.parametrize(
    ("typed", "meant"), [("[::1]", "::1"), ("127.0.0.1 ", "127.0.0.1"), ("fe80::1%eth0", "fe80::1%eth0")]
)
def test_hosts(typed: str, meant: str) -> None:
    assert by_name(Part.SERVER)["host"].parse(typed) == meant


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ends in a space ").mkdir()
    root = by_name(Part.SERVER)["root"]
    for typed, meant in {
        "~": "",
        "~/pages": "pages",
        "pages": "pages",
        " pages ": "pages",
        "ends in a space ": "ends in a space ",
    }.items():
        assert Path(root.parse(typed)) == tmp_path / meant
    with pytest.raises(SettingError, match="no folder"):
        by_name(Part.COMPARE)["root"].parse("pages")


@pytest.mark.parametrize("command", ["serve", "compare"])
def test_a_setting_of_another_model_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--model" if command == "serve" else "--models", "epoll", "--start-method", "spawn"])
    assert ended.value.code == 2
    assert "--start-method is a setting of process: epoll can't use it." in capsys.readouterr().err


def test_every_condition_is_in_the_table() -> None:
    assert all(row.condition for row in CONDITIONS.values())
    assert CONDITIONS.keys() >= {row.name for row in TABLE if row.condition}


ADDED = """

from dataclasses import replace

POOL_SIZE = Setting(
    "pool_size", int, 8, "How many threads there are", least=1, most=64, title="Pool size", condition=True
)
MODELS["pool"] = replace(MODELS["thread"], key="pool", title="Pool", settings=(POOL_SIZE,))
"""
POOL = """
import threading
from engine.models import thread

def serve(listener, new_exchange, pool_size):
    threading.current_thread().name = f"one of {pool_size}"
    thread.serve(listener, new_exchange)
"""


def test_a_models_setting_is_a_row_and_a_parameter(tmp_path: Path) -> None:
    """In a copy: it is on the command line, reaches `serve`, is reported in `ready`, and is a condition of the row."""
    skipped = shutil.ignore_patterns("__pycache__")
    for folder in ("engine", "html_test"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=skipped)
    with (tmp_path / "engine" / "models" / "__init__.py").open("a") as table:
        table.write(ADDED)
    (tmp_path / "engine" / "models" / "pool.py").write_text(POOL)
    file = tmp_path / "compared.json"
    asked = ("compare", "--models", "pool", "--pool-size", "3", "--seconds", "1", "--repeat", "1", "--clients", "2")
    ran = subprocess.run(
        [sys.executable, "-m", "engine", *asked, "--rate", "50", "--json", file],
        cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert "pool: Pool size: 3" in ran.stdout.splitlines()[0]
    (row,) = json.loads(file.read_text())["models"]["pool"]["runs"]
    assert row["settings"] == {"pool_size": 3}
    assert row["failed"] == 0
