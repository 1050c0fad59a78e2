"""What a setting is: a row with its name, type, default, bounds, help, the parts it is for, and its texts.

Owns how a value is parsed, checked, and written on a command line. Knows nothing of which settings there are.
"""

import enum
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.texts import QT_TRANSLATE_NOOP, translate

Value = int | float | str | bool
OTHER = None
"""In a row's texts: any value that has no text of its own."""
INVALID_TEXT = QT_TRANSLATE_NOOP("settings", "{text!r} is not valid: use {range}")
INVALID_VALUE = QT_TRANSLATE_NOOP("settings", "{name} can't be {value!r}: use {range}")
NAMED_FORM = QT_TRANSLATE_NOOP("settings", "{title}: {n}")
ONE_OF = QT_TRANSLATE_NOOP("settings", "one of {choices}")
TRUE_OR_FALSE = QT_TRANSLATE_NOOP("settings", "true or false")
NOT_EMPTY = QT_TRANSLATE_NOOP("settings", "a text that is not empty")
WHOLE_FROM_TO = QT_TRANSLATE_NOOP("settings", "a whole number from {least} to {most}")
FROM_TO = QT_TRANSLATE_NOOP("settings", "a number from {least} to {most}")
WHOLE_FROM = QT_TRANSLATE_NOOP("settings", "a whole number of {least} or more")
FROM = QT_TRANSLATE_NOOP("settings", "a number of {least} or more")
WHOLE_NUMBER = QT_TRANSLATE_NOOP("settings", "a whole number")
NUMBER = QT_TRANSLATE_NOOP("settings", "a number")
_WHOLE = re.compile(r"[+-]?[0-9]+")


class Folder(str):
    """The type of a folder's path; the value itself may be any `str`."""


class SettingError(ValueError):
    """A text that is not a valid value, with a sentence for the user that says why."""

    def __init__(self, form: str, **details: object) -> None:
        """`form` is the sentence before the details are filled in; a detail that is a function gives its own text."""
        self._form, self._details = form, details
        super().__init__(self.text())

    def text(self, translate: Callable[[str, str], str] = translate) -> str:
        """The sentence."""
        details = {name: each(translate) if callable(each) else each for name, each in self._details.items()}
        return translate("settings", self._form).format(**details)


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
    """The window's command line and saved settings."""
    DIALOG = enum.auto()
    """A field in the window's settings dialog."""
    MODEL = SERVER | COMPARE | WINDOW | DIALOG
    """The parts that a model's own setting is for."""


@dataclass(frozen=True, eq=False)
class Setting:
    """One setting. A model owns one if it is in `Model.settings`; all others are in `engine.settings.TABLE`."""

    name: str
    """A Python name; on a command line `_` becomes `-`."""
    type: type
    """`int`, `float`, `bool`, `str` or `Folder`: the type of a value that is not None."""
    default: Any
    """None: not set, see `default_text`."""
    help: str
    """One sentence without a full stop."""
    parts: Part = Part.MODEL
    least: float = -math.inf
    most: float = math.inf
    choices: Collection[Any] = ()
    """The allowed values; empty: any value of the type within the bounds."""
    others: Callable[[Any], bool] | None = None
    """Whether another value than the choices is allowed as well; None: none is."""
    unit: str = ""
    title: str = ""
    """Name of its field in the dialog; empty: made from `name`."""
    texts: Mapping[Any, str] = field(default_factory=dict)
    """The names of its values in the dialog."""
    default_text: str = ""
    """What applies if the default is None."""
    negative: str = ""
    """For a `bool`: the option for false; without one, a command line can't set it to false."""
    negative_help: str = ""
    """What that option does, in one sentence without a full stop."""
    metavar: str = ""
    required: bool = False
    """Whether it must be on the command line."""
    read: Callable[[str], Any] | None = None
    """Parses a text that is not a plain number or choice. Raises `SettingError`."""
    condition: bool = False
    """Whether it is a condition of a measurement."""
    condition_texts: Mapping[Any, str] = field(default_factory=dict)
    """The text of a condition, by value; `%Ln` and `{n}` are the value, `{rate}` is a rate. Empty: not shown."""
    condition_context: str = "settings"
    """The translation context of these texts."""
    column: str = ""
    """Name of its column in an exported table, if not `name`."""
    is_kept: bool = True
    """Whether the window keeps it from one run to the next."""
    is_path: bool = False
    """For a `str`: whether it is the path of a file, of which a condition shows the name."""
    by_engine: bool = False
    """For a model's own setting: the engine applies it before the model starts; others are passed to `serve`."""

    def listed(self) -> dict[str, Any]:
        """What it is, for programs: bounds are None where there are none."""
        least, most = (bound if math.isfinite(bound) else None for bound in (self.least, self.most))
        return {
            "key": self.name,
            "type": self.type.__name__,
            "default": self.default,
            "least": least,
            "most": most,
            "choices": list(self.choices),
            "unit": self.unit,
            "help": self.help,
        }

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name.replace("_", " ").capitalize())

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
            raise SettingError(INVALID_TEXT, text=text, range=self.range)
        return value

    def check(self, value: Any) -> Any:
        """`value` if it is allowed. Raises `SettingError`."""
        if not self._allows(value):
            raise SettingError(INVALID_VALUE, name=self.name, value=value, range=self.range)
        return value

    def range(self, translate: Callable[[str, str], str] = translate) -> str:
        """The allowed values as a text."""
        return translate("settings", self._range_form).format(
            choices=", ".join(map(str, self.choices)), least=f"{self.least:,}", most=f"{self.most:,}"
        )

    @property
    def _range_form(self) -> str:
        if self.choices:
            return ONE_OF
        if self.type is bool:
            return TRUE_OR_FALSE
        if self.type is str:
            return NOT_EMPTY
        if self.most < math.inf:
            return WHOLE_FROM_TO if self.type is int else FROM_TO
        if self.least > -math.inf:
            return WHOLE_FROM if self.type is int else FROM
        return WHOLE_NUMBER if self.type is int else NUMBER

    def arguments(self, value: Any) -> list[str]:
        """The command-line arguments for `value`; none if it is None, empty, or has no option."""
        if value is None or value == "":
            return []
        if self.type is not bool:
            return [self.option, str(value)]
        if value:
            return [self.option]
        return [f"--{self.negative}"] if self.negative else []

    def condition_form(self, value: Any) -> str:
        """The text of `value` as a condition, before translation and filling in; empty: not shown."""
        if self.condition_texts:
            return self.condition_texts.get(value, self.condition_texts.get(OTHER, ""))
        if self.type is bool:
            return self.title if value else ""
        return NAMED_FORM

    def _allows(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices or bool(self.others and self.others(value))
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
