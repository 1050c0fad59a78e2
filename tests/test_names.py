"""One name, one thing: no two classes of the program are called the same."""

import ast
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DOUBLED = {
    "Connection",  # a client of the load, and a row of the recorder's
    "Crowd",  # the clients of the load, and the contract's figures of them
    "Here",
    "Outlet",
    "Pipe",
    "Plan",
    "Request",
    "Terminal",
    "Visitor",  # a client of the load, and locust's
    "_Sink",
}
"""Names that `engine/` still has twice; to be taken out here as they are renamed there."""


def doubled() -> set[str]:
    """The names that more than one class of `engine/` and `gui/` has."""
    places = defaultdict(list)
    for folder in ("engine", "gui"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(file)
    assert len(places) > 100
    return {name for name, files in places.items() if len(files) > 1}


def test_no_two_classes_have_one_name() -> None:
    assert doubled() - DOUBLED == set()
