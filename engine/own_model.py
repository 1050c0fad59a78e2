"""A model of the user's own: a file like those in `engine/models`, anywhere on the disk, known by its path.

Owns how its row is found: a comment in the file says which model it is like, as it then travels with the file and is
seen where it is changed. Knows nothing of what runs it.

    # ServeScope: like select
    # ServeScope: like thread, serves many, keep_alive yes
"""

import inspect
import os
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from engine.model import START_METHOD, Model, load_file
from engine.models import FIRST, MODELS
from engine.texts import QT_TRANSLATE_NOOP

SUFFIX = ".py"
HEAD = 4096
"""The characters in which the comment is looked for."""
COMMENT = re.compile(r"^#[ \t]*ServeScope:(.*)$", re.MULTILINE)
TRAITS = ("worker", "waits", "serves", "accepts")
YES = {"yes": True, "no": False}
FORKING = QT_TRANSLATE_NOOP("models", "Linux and macOS")
OWN = QT_TRANSLATE_NOOP("models", "Yours")


@dataclass(frozen=True)
class Fault:
    """Why a file is no model."""

    error: str
    """The exception, or what is missing, in English."""
    line: int = 0
    """The line in the file; 0: it concerns no line."""


def known(key: str) -> Model | None:
    """The row of a model: of the table by its key, or of a file by its path; None if there is none."""
    return MODELS.get(key) or (own_model(key) if is_file(key) else None)


def find(key: str) -> Model:
    """The row of a model that is known; of a file that is gone since: as of one that does not say what it is like."""
    model = known(key)
    if model is None and is_file(key):
        return _row(key, MODELS[FIRST])
    if model is None:
        raise KeyError(key)
    return model


def is_file(key: str) -> bool:
    """Whether a model's key is the path of a file."""
    return key.endswith(SUFFIX) and os.path.isabs(key)


@cache
def own_model(path: str) -> Model | None:
    """The row of the file at `path`, as it is when it is first asked for; None if it can't be read."""
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError):  # no file, or not UTF-8, or no name of a file
        return None
    try:
        row = _said(text)
    except (ValueError, KeyError, TypeError):
        row = None
    return _row(path, row or MODELS[FIRST])


def _row(path: str, like: Model) -> Model:
    """The row of the file at `path` that is like this one."""
    if like.worker == "process":  # a child that is not forked would have to find the file anew
        like = replace(like, needs="os.fork", systems=FORKING)
    return replace(
        like,
        key=path,
        title=Path(path).name,
        family=OWN,
        path=path,
        without_fork="",
        settings=tuple(row for row in like.settings if row is not START_METHOD),
    )


def copy_of(model: Model, text: str) -> str:
    """The text of a copy of the model's file, which says what it is like."""
    return f"# ServeScope: like {model.key}\n{text}"


def fault_of(path: str) -> Fault | None:
    """What is wrong with the file, found by importing it; None if it can be run."""
    model = known(path)
    if model is None:
        return Fault(f"There is no file {path}, or it is not UTF-8.")
    try:
        serve = load_file(path).serve
    except AttributeError as error:
        if _line(error, path):
            return Fault(_words(error), _line(error, path))
        return Fault("It has no function serve(listener, new_exchange).")
    except Exception as error:  # of any kind: it is the user's
        return Fault(_words(error), _line(error, path))
    own: dict[str, Any] = {row.name: row.default for row in model.settings if not row.by_engine}
    try:
        inspect.signature(serve).bind(None, None, **own)
    except (TypeError, ValueError):
        named = ", ".join(["listener", "new_exchange", *own])
        return Fault(f"serve is called with ({named}).", getattr(getattr(serve, "__code__", None), "co_firstlineno", 0))
    return None


def _said(text: str) -> Model | None:
    """The row that the comment in the file describes; None if there is none."""
    found = COMMENT.search(text[:HEAD])
    if not found:
        return None
    pairs = dict(_pairs(found[1]))
    like = MODELS[pairs.pop("like", FIRST)]
    traits = {name: pairs.pop(name) for name in TRAITS if name in pairs}
    kept = YES[pairs.pop("keep_alive")] if "keep_alive" in pairs else like.keep_alive
    if pairs:
        raise ValueError(f"{', '.join(pairs)} is not known")
    return replace(like, like=like.key, keep_alive=kept, **traits)  # type: ignore[arg-type]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(","):
        name, _, value = part.strip().partition(" ")
        yield name, value.strip()


def _words(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _line(error: BaseException, path: str) -> int:
    if isinstance(error, SyntaxError) and error.filename and os.path.samefile(error.filename, path):
        return error.lineno or 0
    lines = [entry.lineno for entry in traceback.extract_tb(error.__traceback__) if entry.filename == path]
    return (lines[-1:] or [0])[0] or 0
