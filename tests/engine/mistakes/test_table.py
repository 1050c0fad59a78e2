"""The table of mistakes: each file differs from what is right in few lines, and can be asked for where it belongs."""

import json
import re
import subprocess
from dataclasses import replace
from difflib import SequenceMatcher

import pytest

from engine.listing import listed
from engine.load.workloads import WORKLOADS
from engine.mistakes import FOLDER, MISTAKES, checked, mistakes_of
from engine.models import MODELS
from engine.settings import MISTAKE, Part, by_name
from tests.engine.child import PROJECT, command

FEW = 14
"""Lines that a mistake takes away or adds at most, its docstring included."""
ALL_OF_IT = 22
"""The same where the right thing is done in many lines, and the mistake is not to do it."""


def lines_changed(right: str, wrong: str) -> tuple[int, int]:
    """How many lines were taken away, and how many came."""
    steps = SequenceMatcher(None, right.split("\n"), wrong.split("\n"), autojunk=False).get_opcodes()
    changes = [step for step in steps if step[0] != "equal"]
    return sum(step[2] - step[1] for step in changes), sum(step[4] - step[3] for step in changes)


@pytest.mark.parametrize("key", MISTAKES)
def test_a_mistake_is_a_few_lines(key: str) -> None:
    mistake = MISTAKES[key]
    gone, come = lines_changed(mistake.right_text(), mistake.wrong_text())
    assert 0 < gone + come <= (ALL_OF_IT if mistake.place == "application" else FEW)
    assert come <= 8


def test_each_file_is_a_mistake() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} - {"__init__"} == {key.replace("-", "_") for key in MISTAKES}


@pytest.mark.parametrize("key", MISTAKES)
def test_its_load_can_be_set(key: str) -> None:
    mistake, rows = MISTAKES[key], by_name(Part.WINDOW)
    assert mistake.load["workload"] in WORKLOADS
    for name, value in mistake.load.items():
        rows[name].check(value)
    assert mistake.sentence.endswith(".")
    assert bool(mistake.model) != bool(mistake.replaces)
    assert (mistake.place in ("model", "start")) == bool(mistake.model)


def test_none_is_made_where_none_is_asked_for() -> None:
    assert MISTAKE.default == ""
    assert all(row.default != key for row in by_name(Part.WINDOW).values() for key in MISTAKES)
    assert not MISTAKE.is_kept


def test_those_of_a_model_are_listed_with_it() -> None:
    for row in listed():
        model = MODELS[row["key"]]
        assert [each["key"] for each in row["mistakes"]] == [each.key for each in mistakes_of(model)]
    printed = subprocess.run(command("models", "--json"), cwd=PROJECT, capture_output=True, check=True)
    assert json.loads(printed.stdout) == {"models": listed()}


def test_one_of_another_model_is_refused() -> None:
    with pytest.raises(ValueError, match=r"--mistake joinall can't be made in thread, but in gevent"):
        checked(MODELS["thread"], "joinall", fork=True)
    with pytest.raises(ValueError, match="forks"):
        checked(MODELS["process"], "no-waitpid", fork=False)
    assert checked(MODELS["thread"], "", fork=True) is None


@pytest.mark.parametrize("key", [key for key, each in MISTAKES.items() if each.model])
def test_one_that_takes_the_place_of_a_file_that_forks_needs_a_fork(key: str) -> None:
    model = MODELS[MISTAKES[key].model]
    assert MISTAKES[key].is_of(model, fork=False) == (not model.without_fork)
    assert MISTAKES[key].is_of(model, fork=True)
    assert not MISTAKES[key].is_of(replace(model, key="other"), fork=True)


def test_the_command_line_refuses_it_before_anything_starts() -> None:
    asked = command("serve", "--model", "thread", "--mistake", "joinall", "--port", "0")
    done = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "can't be made in thread" in done.stderr


def test_the_readme_has_a_line_for_each() -> None:
    section = (PROJECT / "README.md").read_text(encoding="utf-8").partition("## Mistakes\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in section.splitlines() if "| `" in line]
    said = {
        (
            f"`{key}`",
            f"`{each.model}`" if each.model else "any",
            f"[{each.title}]({each.file[len(str(PROJECT)) + 1 :]})",
        )
        for key, each in MISTAKES.items()
    }
    assert {(row[1], row[2], row[3]) for row in rows} == said
    assert len(rows) == len(said)
