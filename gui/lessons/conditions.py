"""Expressions over the figures of trials, such as `thread.p50 < 0.3 and iterative.waiting >= 7`.

Owns their form and how one is worked out. Knows nothing of which figures there are.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Figures: TypeAlias = Mapping[str, Mapping[str, float]]
"""The known figures of each trial, by the trial's name."""

_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_RECKONED: dict[type[ast.operator], Callable[[Any, Any], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class NotKnown(Exception):
    """A figure that the expression needs is not known, or it can't be divided by it."""


class Expression:
    """A condition, or a number, made of figures (`trial.figure`), numbers, `+ - * /`, comparisons, `and`, `or`."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError` with a sentence for the user if `text` is none."""
        self.text = text
        self.figures: set[tuple[str, str]] = set()
        """The trials and figures that it names."""
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise ValueError(f"{text!r} is not an expression") from error
        self._check(self._tree)

    @property
    def figure(self) -> str:
        """The figure's name if it is nothing but one, otherwise empty."""
        return self._tree.attr if isinstance(self._tree, ast.Attribute) else ""

    @property
    def trial(self) -> str:
        """The trial of that figure."""
        return next(iter(self.figures))[0] if self.figure else ""

    def value(self, figures: Figures) -> float:
        """What it amounts to; a condition to True or False. Raises `NotKnown`."""
        try:
            return float(_value(self._tree, figures))
        except (KeyError, ZeroDivisionError) as error:
            raise NotKnown(self.text) from error

    def holds(self, figures: Figures) -> bool:
        """Whether the condition is true; not if a figure that it needs is not known."""
        try:
            return bool(self.value(figures))
        except NotKnown:
            return False

    def _check(self, node: ast.expr) -> None:
        match node:
            case ast.Attribute(value=ast.Name(id=trial), attr=figure):
                self.figures.add((trial, figure))
            case ast.Constant(value=int() | float()):
                pass
            case ast.BoolOp(values=parts):
                for part in parts:
                    self._check(part)
            case ast.Compare(left=left, ops=signs, comparators=others) if {type(sign) for sign in signs} <= set(
                _COMPARED
            ):
                for part in (left, *others):
                    self._check(part)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _RECKONED:
                self._check(left)
                self._check(right)
            case _:
                raise ValueError(f"{ast.unparse(node)!r} can't stand in an expression")


def _value(node: ast.expr, figures: Figures) -> Any:
    match node:
        case ast.Attribute(value=ast.Name(id=trial), attr=figure):
            return figures[trial][figure]
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, figures) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, figures) for part in parts)
        case ast.Compare(left=left, ops=signs, comparators=others):
            values = [_value(part, figures) for part in (left, *others)]
            return all(
                _COMPARED[type(sign)](one, two) for sign, one, two in zip(signs, values, values[1:], strict=False)
            )
        case ast.BinOp(left=left, op=sign, right=right):
            return _RECKONED[type(sign)](_value(left, figures), _value(right, figures))
        case ast.Constant(value=value):
            return value
    raise AssertionError(ast.unparse(node))
