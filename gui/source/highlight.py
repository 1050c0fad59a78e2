"""The colours of Python text: the kind of each stretch of a line, as Pygments reads it.

Owns the kinds of stretches. Knows nothing of Qt, and of colours only their names.
"""

from typing import NamedTuple

from pygments.lexers.python import PythonLexer
from pygments.token import Token, _TokenType

WAITS = "# waits"
"""The begin of the comment on a line that can wait."""

_KINDS = {
    Token.Comment: "comment",
    Token.Keyword: "keyword",
    Token.Keyword.Constant: "constant",
    Token.Literal.Number: "constant",
    Token.Literal.String: "string",
    Token.Name.Builtin: "constant",
    Token.Name.Builtin.Pseudo: "keyword",
    Token.Name.Class: "name",
    Token.Name.Decorator: "name",
    Token.Name.Function: "name",
    Token.Operator.Word: "keyword",
}


class ColourRange(NamedTuple):
    """One stretch of a line."""

    start: int
    length: int
    kind: str
    """`comment`, `waits` (such a comment on a line that can wait), `keyword`, `constant`, `string` or `name`."""


def colour_ranges(text: str) -> list[list[ColourRange]]:
    """The coloured stretches of each line of `text`; what is plain is not among them."""
    lines: list[list[ColourRange]] = [[]]
    start = 0
    for token, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        kind = "waits" if value.startswith(WAITS) else _kind(token)
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
                start = 0
            if kind and part.strip():
                lines[-1].append(ColourRange(start, len(part), kind))
            start += len(part)
    return lines


def _kind(token: _TokenType) -> str:
    """The kind of the token, or of the nearest type that includes it; empty if it is plain."""
    return next((_KINDS[each] for each in reversed(token.split()) if each in _KINDS), "")
