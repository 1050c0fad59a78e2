"""What a saved picture shows, in words: what ran, under which load, and when.

Owns the sentences. Knows nothing of how a picture is drawn.
"""

from collections.abc import Iterator
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from engine.settings import KEEP_ALIVE
from gui import formatting
from gui.history.histories import Histories, RunHistory

translate = QCoreApplication.translate


def title(moment: datetime, recording: str = "") -> str:
    """The heading: the program, the recording that is replayed if there is one, and the moment."""
    name = translate("caption", "ServeScope, replay of “{name}”").format(name=recording) if recording else "ServeScope"
    return f"{name} · {moment:%Y-%m-%d %H:%M:%S}"


def lines(histories: Histories) -> list[str]:
    """What runs at the moment that is shown, and under which load."""
    runs = [run for run in (histories.first, histories.second) if run.server.ready or run.clients.change]
    return list(dict.fromkeys(line for run in runs for line in _run(run)))  # two runs have one load


def _run(run: RunHistory) -> Iterator[str]:
    ready, load = run.server.ready, run.clients
    if ready:
        parts = [formatting.run_title(ready), *formatting.own_settings(ready)]
        if not load.ready:  # else the load's connections decide
            parts.append(formatting.translate("settings", KEEP_ALIVE.condition_texts[ready.keep_alive]))
        yield translate("caption", "Running: {model}").format(model=" · ".join(parts))
    if load.change:
        text = translate("caption", "Load: {load}") if load.ready else translate("caption", "Load, ended: {load}")
        yield text.format(load=formatting.load(load.change))
    else:
        yield translate("caption", "No load of this program")
