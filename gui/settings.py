"""The user's settings: values of the table of settings, and those kept from one run of the window to the next.

Owns how values are kept. Knows nothing of what uses them; the place where they are kept is an argument.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, QStandardPaths

from engine.load.requests import FRONT_PAGE
from engine.load.workloads import WORKLOADS
from engine.persistence import Mode
from engine.settings import HOST, Part, by_name, example_site

__all__ = ["ActiveSettings", "Settings", "data_folder", "example_site", "load", "save"]

MOST_CLIENTS, MOST_SLOW, MOST_RATE, MOST_WORK_MS = (
    int(by_name(Part.WINDOW)[name].most) for name in ("clients", "slow", "rate", "work_ms")
)


@dataclass(frozen=True, init=False)
class Settings:
    """A value for each setting of the window, by its name: `settings.port`. The others have their defaults."""

    given: Mapping[str, Any]
    """Those that differ from their defaults."""

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
        """These settings with other values for some."""
        return Settings(self.given, **values)

    def differing(self, other: "Settings") -> set[str]:
        """The names of the settings whose values differ from `other`'s."""
        return {name for name in self.given.keys() | other.given.keys() if getattr(self, name) != getattr(other, name)}

    def values(self, part: Part) -> dict[str, Any]:
        """The values for another part of the program, by name."""
        return {name: getattr(self, name) for name in by_name(Part.WINDOW).keys() & by_name(part).keys()}

    @property
    def works_ms(self) -> int:
        """How long a work page works, by the setting or by the workload; 0 if the workload has none."""
        usual = WORKLOADS[self.workload].work_ms
        return usual and (self.work_ms or usual)

    @property
    def connection_mode(self) -> Mode:
        """How long connections last while the load is on: as the workload needs it, or as chosen."""
        return WORKLOADS[self.workload].connections(self.connections)

    @property
    def sent_requests(self) -> str:
        """The path of the file whose requests are sent in place of the workload's; empty: none."""
        own = self.requests or (FRONT_PAGE if self.guest else "")
        return own if WORKLOADS[self.workload].takes_requests else ""

    @property
    def due_rate(self) -> int:
        """Requests a second that are due; 0 where clients have a pace of their own."""
        return self.rate if WORKLOADS[self.workload].paced else 0


class ActiveSettings:
    """The settings in effect: those kept in `store`, changed by those `given` for this run, which are not kept."""

    def __init__(self, store: QSettings, given: dict[str, Any]) -> None:
        self._store = store
        self.settings = load(store).changed(**given)

    def change(self, **changes: Any) -> None:
        """Changes settings for now and later runs, and none of those that another window has changed meanwhile."""
        self.override(**changes)
        save(self._store, changes)

    def override(self, **changes: Any) -> None:
        """Changes settings until the window is closed."""
        self.settings = self.settings.changed(**changes)


def for_this_machine(wanted: Settings) -> Settings:
    """The settings with which a server that phones are let in to is for this machine only."""
    return wanted.changed(host=HOST.default, phones=False)


def data_folder(store: QSettings) -> Path:
    """The folder for what is kept beyond the window's end: beside the settings, if those are a file."""
    if store.format() == QSettings.Format.IniFormat or sys.platform.startswith("linux"):
        return Path(store.fileName()).parent
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "ServeScope"


def load(store: QSettings) -> Settings:
    """The settings in `store`; a missing, damaged or unknown one has its default."""
    found = {}
    for name, row in by_name(Part.WINDOW).items():
        text = store.value(name)
        if isinstance(text, str) and row.is_kept:
            try:
                found[name] = row.parse(text)
            except ValueError:
                continue  # written by another version, or edited
    return Settings(found)


def save(store: QSettings, changes: Mapping[str, Any]) -> None:
    """Keeps these values, and no others, which another window may have changed meanwhile.

    A default is not kept, since it may change (the site's folder).
    """
    rows = by_name(Part.WINDOW)
    store.sync()  # now it has what another window has written
    for name, value in changes.items():
        if value == rows[name].default or not rows[name].is_kept:
            store.remove(name)
        else:
            store.setValue(name, str(value))
    store.sync()
