"""What is kept from one run of the window to the next.

Owns the names, defaults and checks of the settings. Knows nothing of who uses them; the place where they are
kept is handed in.
"""

import sys
from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, QStandardPaths

from engine import models
from engine.load.workloads import WORKLOADS

THEMES = ("system", "light", "dark")
LAST_PORT = 65535
MOST_CLIENTS, MOST_SLOW, MOST_RATE, MOST_WORK_MS = 10_000, 1_000, 1_000_000, 10_000


def example_site() -> str:
    """The folder of the program's own site: inside the engine when installed, beside it in a checkout."""
    engine = Path(models.__file__).resolve().parents[1]
    installed = engine / "html_test"
    return str(installed if installed.is_dir() else engine.parent / "html_test")


@dataclass(frozen=True)
class Settings:
    """What a person chose."""

    model: str = "process"
    host: str = "127.0.0.1"
    port: int = 8888
    """0: any that is free."""
    root: str = field(default_factory=example_site)
    keep_alive: bool | None = None
    """None: as the table of models says."""
    theme: str = "system"
    workload: str = "steady"
    clients: int = WORKLOADS["steady"].clients
    slow: int = 0
    """Slow clients beside the others."""
    rate: int = 0
    """Requests a second that are due; 0: as fast as they are answered."""
    work_ms: int = 0
    """How long a work page works; 0: as the table of workloads says."""

    @property
    def works_ms(self) -> int:
        """How long a work page works, whoever says so; 0 if the workload has none."""
        usual = WORKLOADS[self.workload].work_ms
        return usual and (self.work_ms or usual)


class InForce:
    """The settings that hold now: those kept in `store`, changed by those `given` for this run, which are not kept."""

    def __init__(self, store: QSettings, given: dict[str, Any]) -> None:
        self._store = store
        self._kept = load(store)
        self.settings = replace(self._kept, **given)

    def change(self, **changes: Any) -> None:
        """From now on, and the next time."""
        self.change_for_now(**changes)
        self._kept = replace(self._kept, **changes)
        save(self._store, self._kept)

    def change_for_now(self, **changes: Any) -> None:
        """Until the window is closed."""
        self.settings = replace(self.settings, **changes)


def data_folder(store: QSettings) -> Path:
    """Where the window keeps what outlives it: beside the settings, if those are a file."""
    if store.format() == QSettings.Format.IniFormat or sys.platform.startswith("linux"):
        return Path(store.fileName()).parent
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "ServeScope"


def load(store: QSettings) -> Settings:
    """The settings in `store`; each that is missing, damaged or unknown has its default."""
    default = Settings()
    return Settings(
        model=_choice(_text(store, "model"), models.MODELS, default.model),
        host=_text(store, "host") or default.host,
        port=_whole(_text(store, "port"), LAST_PORT, default.port),
        root=_text(store, "root") or default.root,
        keep_alive={"True": True, "False": False}.get(_text(store, "keep_alive")),
        theme=_choice(_text(store, "theme"), THEMES, default.theme),
        workload=_choice(_text(store, "workload"), WORKLOADS, default.workload),
        clients=_whole(_text(store, "clients"), MOST_CLIENTS, default.clients),
        slow=_whole(_text(store, "slow"), MOST_SLOW, default.slow),
        rate=_whole(_text(store, "rate"), MOST_RATE, default.rate),
        work_ms=_whole(_text(store, "work_ms"), MOST_WORK_MS, default.work_ms),
    )


def save(store: QSettings, settings: Settings) -> None:
    """Keeps what differs from the defaults, so that a default that moves (the site's folder) moves along."""
    default = Settings()
    for name in (each.name for each in fields(Settings)):
        value = getattr(settings, name)
        if value == getattr(default, name):
            store.remove(name)
        else:
            store.setValue(name, str(value))


def _text(store: QSettings, name: str) -> str:
    value = store.value(name)
    return value.strip() if isinstance(value, str) else ""


def _choice(text: str, choices: Collection[str], default: str) -> str:
    return text if text in choices else default


def _whole(text: str, most: int, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= most else default
