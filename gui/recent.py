"""What was chosen before, kept from one run of the window to the next: what was served, the newest first, and which
families were left out when all models were run.

Owns how it is kept. Knows nothing of how it is shown.
"""

import json
from typing import Any

from PySide6.QtCore import QSettings

MOST = 6
KEY = "recently_served"
LEFT_OUT = "run_all_without"


def recently_served(store: QSettings) -> list[dict[str, Any]]:
    """The settings of what was served; none where they can't be read."""
    text = store.value(KEY)
    try:
        found = json.loads(text) if isinstance(text, str) else []
        return [{str(name): value for name, value in each.items()} for each in found][:MOST]
    except (ValueError, AttributeError, TypeError):  # edited, or of another version
        return []


def note_served(store: QSettings, served: dict[str, Any]) -> None:
    """Keep `served` as the newest."""
    store.sync()  # now it has what another window has written
    others = [each for each in recently_served(store) if each != served]
    store.setValue(KEY, json.dumps([served, *others][:MOST]))
    store.sync()


def left_out(store: QSettings) -> list[str]:
    """The families that were left out when all models were run; none where that can't be read."""
    text = store.value(LEFT_OUT)
    return text.split("\n") if isinstance(text, str) and text else []


def note_left_out(store: QSettings, names: list[str]) -> None:
    """Keep the families that were left out."""
    store.setValue(LEFT_OUT, "\n".join(names))
    store.sync()
