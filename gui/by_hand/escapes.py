r"""Bytes as text in which each of them can be seen, and back: `\r`, `\n`, `\t`, `\0`, `\\` and `\x1b`.

Owns the way in which they are written. A line break in the text stands for nothing, so that a head can be read line by
line; the bytes of one are written `\r\n`.
"""

import re

_NAMED = {"\r": r"\r", "\n": r"\n", "\t": r"\t", "\0": r"\0", "\\": r"\\"}
_LINE_END = _NAMED["\n"] + "\n"
_BYTES = {escape[1]: character.encode() for character, escape in _NAMED.items()}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.?)", re.DOTALL)


class EscapeError(ValueError):
    """A backslash with something behind it that stands for no byte; `str` is both."""


def shown(data: bytes) -> str:
    """`data` as text, with a line break after each newline; what is UTF-8 and can be printed stands as it is."""
    return "".join(map(_shown, data.decode("utf-8", "surrogateescape"))).removesuffix("\n")


def parsed(text: str) -> bytes:
    r"""The bytes that `text` stands for, other characters in UTF-8. Raises `EscapeError` for others than `shown`'s."""
    parts, place = [], 0
    text = text.replace("\r", "").replace("\n", "")
    for escape in _ESCAPE.finditer(text):
        parts.append(text[place : escape.start()].encode("utf-8", "replace"))
        parts.append(_byte(escape[1]))
        place = escape.end()
    return b"".join(parts) + text[place:].encode("utf-8", "replace")


def _shown(character: str) -> str:
    if character == "\n":
        return _LINE_END
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _byte(escape: str) -> bytes:
    if escape[:1] == "x" and len(escape) == 3:
        return bytes.fromhex(escape[1:])
    if escape not in _BYTES:
        raise EscapeError("\\" + escape)
    return _BYTES[escape]
