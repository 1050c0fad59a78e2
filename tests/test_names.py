"""One name, one thing: no two classes of the program are called the same."""

import ast
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DOUBLED = {
    "Request",  # what the application gets, and the contract's row of it
}
"""Names that two classes may have, as each is the field's only word for its thing."""
EARLIER = "wire_v1.py"
"""The shapes of the contract's first version, called as they are today."""


def doubled() -> set[str]:
    """The names that more than one class of `engine/` and `gui/` has."""
    places = defaultdict(list)
    for folder in ("engine", "gui"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            if file.name == EARLIER:
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(file)
    assert len(places) > 100
    return {name for name, files in places.items() if len(files) > 1}


def test_no_two_classes_have_one_name() -> None:
    assert doubled() - DOUBLED == set()
