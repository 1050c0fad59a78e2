"""What was chosen before, kept from one run of the window to the next: what was served and which programs were run, the
newest first, and which families were left out when all models were run.

Owns how it is kept. Knows nothing of how it is shown.
"""

import json
from typing import Any

from PySide6.QtCore import QSettings

MOST = 6
SERVED, PROGRAMS = "recently_served", "recent_programs"
"""The lists that are kept; each row has the settings that it stands for."""
LEFT_OUT = "run_all_without"


def recent(store: QSettings, kept: str) -> list[dict[str, Any]]:
    """The rows of one list; none where they can't be read."""
    text = store.value(kept)
    try:
        found = json.loads(text) if isinstance(text, str) else []
        return [{str(name): value for name, value in each.items()} for each in found][:MOST]
    except (ValueError, AttributeError, TypeError):  # edited, or of another version
        return []


def note(store: QSettings, kept: str, row: dict[str, Any]) -> None:
    """Keep `row` as the newest of its list."""
    store.sync()  # now it has what another window has written
    others = [each for each in recent(store, kept) if each != row]
    store.setValue(kept, json.dumps([row, *others][:MOST]))
    store.sync()


def left_out(store: QSettings) -> list[str]:
    """The families that were left out when all models were run; none where that can't be read."""
    text = store.value(LEFT_OUT)
    return text.split("\n") if isinstance(text, str) and text else []


def note_left_out(store: QSettings, names: list[str]) -> None:
    """Keep the families that were left out."""
    store.setValue(LEFT_OUT, "\n".join(names))
    store.sync()
