"""Command lines made from the table of settings: their parsers, and the commands of child processes.

Knows no setting by name, except the one that ties a child to its parent.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.model import Model
from engine.models import MODELS
from engine.own_model import find
from engine.setting import Part, Setting
from engine.settings import LIMITS, by_name, own_settings, settings
from engine.windows import real_interpreter

COMMANDS = {Part.SERVER: "serve", Part.LOAD: "load"}


def add_options(parser: argparse.ArgumentParser, part: Part) -> None:
    """Add all settings of a part of the program to `parser`, with a group for each model's own settings."""
    limits = parser.add_argument_group("limits") if part is Part.SERVER else parser
    for row in settings(part):
        if part is Part.WINDOW:
            _add(parser, row, None, "")  # without an option, the saved setting applies
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
    """The values of a part's settings by name, without those of models."""
    return {row.name: getattr(options, row.name) for row in settings(part)}


def check_file(model: Model, given: Mapping[str, Any]) -> None:
    """Raise `ValueError` if `given` asks for what the model's file decides otherwise."""
    for name, decided in model.in_file.items():
        if given.get(name) not in (None, decided):
            row, file = by_name(Part.SERVER)[name], model.path or f"engine/models/{model.key}.py"
            raise ValueError(
                f"{row.arguments(given[name])[0]} can't be used with {model.key}: its file decides this"
                f" ({row.condition_texts[decided]}). Choose another model, or change {file}."
            )


def own_values(options: argparse.Namespace, models: Sequence[str]) -> dict[str, Any]:
    """The values of the settings that these models own: from the options, or the default.

    Raises `ValueError` if the options set one that none of the models has.
    """
    given = {name: getattr(options, name) for name in own_settings()}
    known = own_settings(models)
    for name, row in own_settings().items():
        if given[name] is not None and name not in known:
            owners = " and ".join(key for key, model in MODELS.items() if row in model.settings)
            raise ValueError(f"{row.option} is a setting of {owners}: {' and '.join(models)} can't use it.")
    return {name: row.default if given[name] is None else given[name] for name, row in known.items()}


def command_line(part: Part, values: Mapping[str, Any]) -> list[str]:
    """The command line that runs a server or a load with these values.

    Of the models' own settings, only those of `values["model"]` are passed on, and none that its file decides; a value
    of None is left out.
    """
    rows = by_name(part)
    foreign: set[str] = set()
    if "model" in values:
        model = values["model"]
        foreign = (own_settings().keys() - own_settings([model]).keys()) | find(model).in_file.keys()
    return [
        *engine_program(COMMANDS[part]),
        *(
            argument
            for name, row in rows.items()
            if name not in foreign
            for argument in row.arguments(values.get(name))
        ),
    ]


def engine_program(*arguments: str) -> list[str]:
    """The command line that runs the engine with these arguments."""
    return [real_interpreter()[0], "-m", "engine", *arguments]


def child_command(part: Part, values: Mapping[str, Any]) -> list[str]:
    """The same for a child process, which ends when its stdin is closed."""
    return command_line(part, {**values, "stop_on_eof": True})


def child_guest_command(arguments: Sequence[str]) -> list[str]:
    """The command line of a child process that runs a program of the user's, or watches a server."""
    return [real_interpreter()[0], "-m", "engine", "guest", "--stop-on-eof", *arguments]


def child_variables() -> dict[str, str]:
    """What such a command needs in its environment, besides what is there."""
    return real_interpreter()[1]


def _default_text(row: Setting) -> str:
    """What applies without the option; empty for a switch, whose name says it."""
    if row.default is None:
        return row.default_text
    if row.type is bool:
        return ""
    return f"{row.default:g}" if row.type is float else str(row.default)


def _add(parser: Any, row: Setting, default: Any, default_text: str) -> None:
    """Add one setting to `parser`, which is a parser or a group."""
    keys = f": {', '.join(filter(None, map(str, row.choices)))}" if row.choices and row.metavar else ""
    text = f"{row.help}{keys} (default: {default_text})" if default_text else f"{row.help}{keys}"
    text = text.replace("%", "%%")
    if row.type is not bool:
        parser.add_argument(
            row.option, action=_Store, type=_reader(row), default=default, required=row.required, help=text,
            metavar=row.metavar or (f"{{{','.join(map(str, row.choices))}}}" if row.choices else None),
        )  # fmt: skip
        return
    if not row.negative:
        parser.add_argument(row.option, action="store_true", default=default, help=text)
        return
    pair = parser.add_mutually_exclusive_group()
    pair.add_argument(row.option, action="store_true", dest=row.name, default=default, help=text)
    pair.add_argument(
        f"--{row.negative}", action="store_false", dest=row.name, default=default,
        help=row.negative_help or f"The opposite of {row.option}",
    )  # fmt: skip


class _Store(argparse.Action):
    """Stores the value; some Pythons take `--option=--` for an option without one, and go on."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option_string: Any = None) -> None:
        if values == []:
            raise argparse.ArgumentError(self, "expected one argument")
        setattr(namespace, self.dest, values)


def _reader(row: Setting) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return row.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
