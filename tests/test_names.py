"""One name, one thing: no two classes have the same name, and things are not described as persons."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DOUBLED = {
    "Request",  # what the application gets, and the contract's row of it
}
"""Names that two classes may have, as each is the field's only word for its thing."""
INSIDE = "inside"
"""What is put into a program of the user's imports nothing of ours, and has the same things there."""
EARLIER = "wire_v1.py"
"""The shapes of the contract's first version, called as they are today."""

CLASS = re.compile(r"^ *class (\w+)", re.M)
NOT_SO = re.compile(
    r"\b(told|tells?|telling|hears?|heard|whom|whoever|in vain|bury|buried|burial|owes?|owed|farewell|turn(s|ed)? away"
    r"|waiting room|somebody|anybody)\b",
    re.IGNORECASE,
)
"""Words that stand for several plain ones (report, send, receive, distinguish), pictures, and persons for things."""


def doubled() -> set[str]:
    """The names that more than one class of `engine/` and `gui/` has."""
    places = defaultdict(list)
    for folder in ("engine", "gui"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            if file.name == EARLIER or INSIDE in file.relative_to(PROJECT).parts:
                continue
            for name in CLASS.findall(file.read_text("utf-8")):
                places[name].append(file)
    assert len(places) > 100
    return {name for name, files in places.items() if len(files) > 1}


def test_no_two_classes_have_one_name() -> None:
    assert doubled() - DOUBLED == set()


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring and comment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_comments_have_plain_words() -> None:
    found, files = [], 0
    for file in sorted(path for folder in ("engine", "gui", "tests") for path in (PROJECT / folder).rglob("*.py")):
        name, source = file.relative_to(PROJECT).as_posix(), file.read_text("utf-8")
        if file != Path(__file__):
            files += 1
            if NOT_SO.search(source):
                for line, text in comments(source):
                    found += [f"{name}:{line}: {word[0]}" for word in NOT_SO.finditer(text)]
    assert files > 200
    assert found == []
