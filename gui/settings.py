"""What a person chose: the values of the table of settings, and those kept from one run of the window to the next.

Owns how values are kept. Knows nothing of who uses them; the place where they are kept is handed in.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, QStandardPaths

from engine.load.workloads import WORKLOADS
from engine.persistence import Mode
from engine.settings import Part, by_name, example_site

__all__ = ["ActiveSettings", "Settings", "data_folder", "example_site", "load", "save"]

MOST_CLIENTS, MOST_SLOW, MOST_RATE, MOST_WORK_MS = (
    int(by_name(Part.WINDOW)[name].most) for name in ("clients", "slow", "rate", "work_ms")
)


@dataclass(frozen=True, init=False)
class Settings:
    """A value for each setting of the window, by its name: `settings.port`. What is not given is as in the table."""

    given: Mapping[str, Any]
    """Those that differ from the table."""

    def __init__(self, given: Mapping[str, Any] | None = None, **more: Any) -> None:
        rows, values = by_name(Part.WINDOW), {**(given or {}), **more}
        for name in values.keys() - rows.keys():
            raise TypeError(f"There is no setting {name!r}.")
        object.__setattr__(self, "given", {name: values[name] for name in values if values[name] != rows[name].default})

    def __getattr__(self, name: str) -> Any:
        if name == "given":  # not yet, while it is copied
            raise AttributeError(name)
        row = by_name(Part.WINDOW).get(name)
        if row is None:
            raise AttributeError(f"There is no setting {name!r}.")
        return self.given.get(name, row.default)

    def changed(self, **values: Any) -> "Settings":
        """The same but for these values."""
        return Settings(self.given, **values)

    def differing(self, other: "Settings") -> set[str]:
        """The names of the settings that `other` has another value of."""
        return {name for name in self.given.keys() | other.given.keys() if getattr(self, name) != getattr(other, name)}

    def values(self, part: Part) -> dict[str, Any]:
        """What the person chose for another part of the program, by name."""
        return {name: getattr(self, name) for name in by_name(Part.WINDOW).keys() & by_name(part).keys()}

    @property
    def works_ms(self) -> int:
        """How long a work page works, whoever says so; 0 if the workload has none."""
        usual = WORKLOADS[self.workload].work_ms
        return usual and (self.work_ms or usual)

    @property
    def connection_mode(self) -> Mode:
        """How long connections last while the load is on, whoever says so."""
        return WORKLOADS[self.workload].connections(self.connections)

    @property
    def due_rate(self) -> int:
        """Requests a second that are due; 0 where clients have a pace of their own."""
        return self.rate if WORKLOADS[self.workload].paced else 0


class ActiveSettings:
    """The settings that hold now: those kept in `store`, changed by those `given` for this run, which are not kept."""

    def __init__(self, store: QSettings, given: dict[str, Any]) -> None:
        self._store = store
        self.settings = load(store).changed(**given)

    def change(self, **changes: Any) -> None:
        """From now on, and the next time. What another window keeps of other settings stays."""
        self.override(**changes)
        save(self._store, changes)

    def override(self, **changes: Any) -> None:
        """Until the window is closed."""
        self.settings = self.settings.changed(**changes)


def data_folder(store: QSettings) -> Path:
    """Where the window keeps what outlives it: beside the settings, if those are a file."""
    if store.format() == QSettings.Format.IniFormat or sys.platform.startswith("linux"):
        return Path(store.fileName()).parent
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "ServeScope"


def load(store: QSettings) -> Settings:
    """The settings in `store`; each that is missing, damaged or unknown has its default."""
    found = {}
    for name, row in by_name(Part.WINDOW).items():
        text = store.value(name)
        if isinstance(text, str):
            try:
                found[name] = row.parse(text)
            except ValueError:
                continue  # an older or a newer version, or somebody with an editor, wrote it
    return Settings(found)


def save(store: QSettings, changes: Mapping[str, Any]) -> None:
    """Keeps these values, and touches no other: another window may have changed it meanwhile.

    A default is not kept, so that one that moves (the site's folder) moves along.
    """
    rows = by_name(Part.WINDOW)
    store.sync()  # now it knows what another window has written
    for name, value in changes.items():
        if value == rows[name].default:
            store.remove(name)
        else:
            store.setValue(name, str(value))
    store.sync()
