"""Texts of tables that the user reads: the markers by which translation tools find them, and their English plural.

Knows no Qt. `lupdate` reads these names, in calls with literal texts only: neither in an f-string nor with keywords.
"""

import re

ANY = -1
"""In place of a number: a text without one."""
MOST = 2**31 - 1
"""The largest number for which Qt has plural forms."""
_ENDING = re.compile(r"\((e?s)\)")


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """`text` as it is; Qt's `lupdate` collects it under `context`, and the window translates it when it shows it."""
    return text


def translate(context: str, text: str, comment: str = "", number: int = ANY) -> str:
    """`text` in English, with the arguments and the result of Qt's `translate`.

    With a fourth argument, which must be a literal number, `lupdate` collects a text with plural forms: -1 in a table.
    `%Ln` becomes the number, and `(s)` and `(es)` are the endings of the plural.
    """
    return plural(text, number).replace("%Ln", f"{number:,}") if number != ANY else text


def plural(text: str, number: int) -> str:
    """`text` with the endings that its words have in English after this number."""
    return _ENDING.sub("" if number == 1 else r"\1", text)
