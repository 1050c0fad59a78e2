"""The glossary: the words of the trade, one sentence each, in English and Chinese, from `assets/glossary.toml`.

Owns the words, and how they are found in a text and explained where they stand: in each tooltip, and in a list (F1).
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gui import appearance, language

MOST_EXPLAINED = 3
"""Words that one tooltip explains, the first ones."""


class GlossaryError(ValueError):
    """The glossary's file is wrong: where, and how."""


class InBoth(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A text in both languages."""

    en: str
    zh: str

    def said(self) -> str:
        """The text in the window's language."""
        return self.zh if language.current() == "zh" else self.en


class Word(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A word of the trade."""

    forms: tuple[str, ...]
    """By which it is found in an English text; in a Chinese one, by its name as far as a bracket."""
    word: InBoth
    text: InBoth
    """One sentence."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    words: tuple[Word, ...]


def load_glossary(file: Path) -> tuple[Word, ...]:
    """The words in `file`. Raises `GlossaryError`."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _File).words
    except (OSError, ValueError) as error:
        raise GlossaryError(f"{file.name}: {error}") from error


@cache
def words() -> tuple[Word, ...]:
    """The words of the glossary."""
    return load_glossary(appearance.assets() / "glossary.toml")


def words_in(text: str, known: Iterable[Word]) -> list[Word]:
    """The words that are in `text`, in its order; of two at one place the longer one."""
    forms = {form.lower(): word for word in known for form in (*word.forms, word.word.zh.partition("（")[0])}
    longest_first = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    found = re.finditer(rf"(?<![\w.-])(?:{longest_first})(?![\w-])", text, re.IGNORECASE | re.ASCII)
    return list(dict.fromkeys(forms[match[0].lower()] for match in found))


def plain_tip(text: str) -> str:
    """`text` for a tooltip that shows it as it is, also where it looks like HTML."""
    looks_rich = "<" in text or "&lt;" in text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if looks_rich else text


def explained(text: str, title: str = "") -> str:
    """`text` as HTML, with the first words of its title and of itself explained below; empty if there are none."""
    found = words_in(f"{title} {text}", words())[:MOST_EXPLAINED]
    if not found:
        return ""
    lines = "<br>".join(f"<b>{escape(word.word.said())}</b>: {escape(word.text.said())}" for word in found)
    return f"<p>{escape(text)}</p><p>{lines}</p>"


class Explainer(QObject):
    """An event filter that explains the words of a widget's tooltip below it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or not isinstance(watched, QWidget) or not isinstance(event, QHelpEvent):
            return False
        tip = watched.toolTip()
        shown = explained(tip, watched.accessibleName()) or plain_tip(tip)
        if shown:
            QToolTip.showText(event.globalPos(), shown, watched)
        return bool(shown)


@cache
def explainer() -> Explainer:
    """The one of this application."""
    return Explainer(QApplication.instance())


def texts_of(widget: QWidget | None) -> str:
    """What a widget says of itself: its tooltip, its name and its description."""
    return " ".join((widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())) if widget else ""
