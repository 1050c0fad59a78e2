"""A row of the list as data: a model of the table, or something of the user's.

Owns what a row says. Knows nothing of how it is drawn, and of what choosing it does.
"""

import os
import re
from dataclasses import dataclass

from engine.model import Model
from engine.setting import Setting
from gui import formatting


@dataclass(frozen=True, kw_only=True)
class ListEntry:
    """One row. Its texts are in the user's language."""

    key: str
    """What is emitted when it is chosen; no other row has the same."""
    title: str
    idea: str
    """What it is, in one line that may be long."""
    icon: str
    """The name of its picture in `assets/icons`."""
    colour: str
    """`#rrggbb`"""
    in_the_wild: str = ""
    """Servers that work so, the best known first; empty: none."""
    missing: str = ""
    """Why it can't be chosen; empty: it can."""
    settings: tuple[Setting, ...] = ()
    """The settings that can be changed in the list."""
    has_mistakes: bool = False
    """Whether it can be run with a mistake, all of which the table of mistakes has under its key."""
    can_be_copied: bool = False
    is_own_file: bool = False
    """Whether it is a file of the user's, which can be edited."""

    @property
    def nickname(self) -> str:
        """The best known server that works so, without what is said of it in brackets."""
        return re.split(r"[,，、(（]", self.in_the_wild, maxsplit=1)[0].strip()


def entry_of(model: Model) -> ListEntry:
    """The row of a model of the table."""
    available = model.available()
    systems = formatting.translate("models", model.systems) if model.systems else ""
    needs = formatting.translate("models", "needs {systems}").format(systems=systems)
    return ListEntry(
        key=model.key,
        title=formatting.model_title(model.key),
        idea=formatting.model_idea(model.key),
        icon=model.icon,
        colour=model.colour,
        in_the_wild=formatting.model_in_the_wild(model.key),
        missing="" if available else needs,
        settings=model.settings,
        has_mistakes=True,
        can_be_copied=model.worker != "process" or hasattr(os, "fork"),
    )
