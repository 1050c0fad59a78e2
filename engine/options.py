"""Command lines made from the table of settings: the parser that takes them, and the words that one part gives another.

Knows no setting by name.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.models import MODELS
from engine.setting import Part, Setting
from engine.settings import LIMITS, by_name, own_settings, settings

COMMANDS = {Part.SERVER: "serve", Part.LOAD: "load"}


def add_options(parser: argparse.ArgumentParser, part: Part) -> None:
    """Let `parser` take all settings of a part of the program, those that models own in a group for each model."""
    limits = parser.add_argument_group("limits of one client") if part is Part.SERVER else parser
    for row in settings(part):
        if part is Part.WINDOW:
            _add(parser, row, None, "")  # what nobody says is as it was kept
        else:
            _add(limits if row in LIMITS else parser, row, row.default, _default_text(row))
    taken: set[str] = set()
    for model in MODELS.values():
        rows = [row for row in model.settings if part in row.parts and row.name not in taken]
        group = parser.add_argument_group(f"settings of the model {model.key}") if rows else parser
        for row in rows:
            _add(group, row, None, "" if part is Part.WINDOW else _default_text(row))
            taken.add(row.name)


def values(part: Part, options: argparse.Namespace) -> dict[str, Any]:
    """What the options say of the settings of a part that no model owns, by name."""
    return {row.name: getattr(options, row.name) for row in settings(part)}


def own_values(options: argparse.Namespace, models: Sequence[str]) -> dict[str, Any]:
    """What holds of the settings that these models own: what the options say, or else the default.

    Raises `ValueError` if they say something of a setting that none of the models has.
    """
    given = {name: getattr(options, name) for name in own_settings()}
    mine = own_settings(models)
    for name, row in own_settings().items():
        if given[name] is not None and name not in mine:
            owners = " and ".join(key for key, model in MODELS.items() if row in model.settings)
            raise ValueError(f"{row.option} is a setting of {owners}: {' and '.join(models)} can't use it.")
    return {name: row.default if given[name] is None else given[name] for name, row in mine.items()}


def command_line(part: Part, values: Mapping[str, Any]) -> list[str]:
    """The command line that runs a server or a load with these values.

    Of those that models own, only what belongs to `values["model"]` is passed on; a value of None is left out.
    """
    rows = by_name(part)
    foreign = own_settings().keys() - own_settings([values["model"]]).keys() if "model" in values else set()
    return [
        *(sys.executable, "-m", "engine", COMMANDS[part]),
        *(word for name, row in rows.items() if name not in foreign for word in row.words(values.get(name))),
    ]


def child_command(part: Part, values: Mapping[str, Any]) -> list[str]:
    """The same for a child process, which ends when its stdin is closed."""
    return command_line(part, {**values, "stop_on_eof": True})


def _default_text(row: Setting) -> str:
    """What holds if nobody says anything; empty where the name of a switch says it."""
    if row.default is None:
        return row.unsaid
    return "" if row.type is bool else str(row.default)


def _add(parser: Any, row: Setting, default: Any, default_text: str) -> None:
    """`parser` is one, or a group of one."""
    keys = f": {', '.join(map(str, row.choices))}" if row.choices and row.metavar else ""
    told = f"{row.help}{keys} (default: {default_text})" if default_text else f"{row.help}{keys}"
    told = told.replace("%", "%%")
    if row.type is not bool:
        parser.add_argument(
            row.option, type=_reader(row), default=default, required=row.required, help=told,
            metavar=row.metavar or (f"{{{','.join(map(str, row.choices))}}}" if row.choices else None),
        )  # fmt: skip
        return
    if not row.negative:
        parser.add_argument(row.option, action="store_true", default=default, help=told)
        return
    pair = parser.add_mutually_exclusive_group()
    pair.add_argument(row.option, action="store_true", dest=row.name, default=default, help=told)
    pair.add_argument(
        f"--{row.negative}", action="store_false", dest=row.name, default=default,
        help=row.texts.get(False, f"The opposite of {row.option}"),
    )  # fmt: skip


def _reader(row: Setting) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return row.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
