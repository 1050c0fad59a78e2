"""What one setting is: a row that says its name, type, default, bounds, help, who it is for, and its words.

Owns how a value is read from a text, checked, and written on a command line. Knows nothing of which settings there are.
"""

import enum
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.texts import QT_TRANSLATE_NOOP

Value = int | float | str | bool
OTHER = None
"""In a row's words: any value that has none of its own."""
NO_GOOD = QT_TRANSLATE_NOOP("settings", "{text!r} is no good: use {range}")
CAN_NOT_BE = QT_TRANSLATE_NOOP("settings", "{name} can't be {value!r}: use {range}")
NAMED_VALUE = QT_TRANSLATE_NOOP("settings", "{title}: {n}")
_WHOLE = re.compile(r"[+-]?[0-9]+")


class Folder(str):
    """The path of a folder; a value may be any other `str`."""


class SettingError(ValueError):
    """A text that is no value of a setting, and why, in words for a person."""

    def __init__(self, form: str, **details: object) -> None:
        super().__init__(form.format(**details))
        self.form = form
        """The sentence, to be translated and then filled in with the details."""
        self.details = details


class Part(enum.Flag):
    """The parts of the program that a setting is for."""

    NONE = 0
    SERVER = enum.auto()
    """`python -m engine serve`."""
    LOAD = enum.auto()
    """`python -m engine load`."""
    COMPARE = enum.auto()
    """`python -m engine compare`."""
    WINDOW = enum.auto()
    """The window's command line, and what it keeps from one run to the next."""
    DIALOG = enum.auto()
    """A field in the window's settings dialog."""
    MODEL = SERVER | COMPARE | WINDOW | DIALOG
    """What a model's own setting is for."""


@dataclass(frozen=True, eq=False)
class Setting:
    """One setting. A model owns one if it is in `Model.settings`; all others are in `engine.settings.TABLE`."""

    name: str
    """As Python says it; on a command line `_` becomes `-`."""
    type: type
    """`int`, `float`, `bool`, `str` or `Folder`: what a value is that is there."""
    default: Any
    """None: nobody has said, see `unsaid`."""
    help: str
    """One sentence without its full stop."""
    parts: Part = Part.MODEL
    least: float = -math.inf
    most: float = math.inf
    choices: Collection[Any] = ()
    """The values that there are; empty: any of the type within the bounds."""
    unit: str = ""
    title: str = ""
    """Name of its field in the dialog."""
    texts: Mapping[Any, str] = field(default_factory=dict)
    """What its values are called in the dialog."""
    unsaid: str = ""
    """What holds where the default is None."""
    negative: str = ""
    """Of a `bool`: the option that says no; without one nobody can say no on a command line."""
    metavar: str = ""
    required: bool = False
    """Whether a command line must have it."""
    read: Callable[[str], Any] | None = None
    """Reads a text that is more than a number or a word. Raises `SettingError`."""
    condition: bool = False
    """Whether it is a condition of a measurement."""
    said: Mapping[Any, str] = field(default_factory=dict)
    """How a condition is said, by value; `{n}` is the value, `{rate}` the value as a rate. Empty: not worth a word."""
    said_context: str = "settings"
    """Where a translator finds these words."""
    column: str = ""
    """Name of its column in an exported table, if not `name`."""
    by_engine: bool = False
    """Of a model's own setting: the engine applies it before the model begins. Others are passed to `serve`."""

    @property
    def option(self) -> str:
        """Its name on a command line."""
        return "--" + self.name.replace("_", "-")

    def parse(self, text: str) -> Any:
        """The value in `text`. Raises `SettingError`."""
        if self.read:
            return self.read(text)
        value: Any = text.strip()
        if self.type is bool:
            value = {"true": True, "false": False}.get(value.lower())
        elif self.type is int:
            value = int(value) if _WHOLE.fullmatch(value) else math.nan
        elif self.type is float:
            value = _number(value)
        if value is None or not self._allows(value):
            raise SettingError(NO_GOOD, text=text, range=self.range)
        return value

    def check(self, value: Any) -> Any:
        """`value` if it may be. Raises `SettingError`."""
        if not self._allows(value):
            raise SettingError(CAN_NOT_BE, name=self.name, value=value, range=self.range)
        return value

    @property
    def range(self) -> str:
        """Which values may be, in words."""
        if self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        if self.type is bool:
            return "true or false"
        if self.type is str:
            return "some text"
        kind = "a whole number" if self.type is int else "a number"
        if self.most < math.inf:
            return f"{kind} from {self.least:,} to {self.most:,}"
        return f"{kind} of {self.least:,} or more" if self.least > -math.inf else kind

    def words(self, value: Any) -> list[str]:
        """The words that say `value` on a command line; none if nobody has said or there is no such word."""
        if value is None:
            return []
        if self.type is not bool:
            return [self.option, str(value)]
        if value:
            return [self.option]
        return [f"--{self.negative}"] if self.negative else []

    def form(self, value: Any) -> str:
        """How `value` is said as a condition, to be translated and then filled in; empty: it is not worth a word."""
        if self.said:
            return self.said.get(value, self.said.get(OTHER, ""))
        if self.type is bool:
            return self.title if value else ""
        return NAMED_VALUE

    def _allows(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices
        if self.type in (int, float):
            return bool(self.least <= value <= self.most)
        return bool(value) or self.type is bool


def _number(text: str) -> float:
    if not text.isascii() or "_" in text:
        return math.nan
    try:
        return float(text)
    except ValueError:
        return math.nan
