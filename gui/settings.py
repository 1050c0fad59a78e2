"""What is kept from one run of the window to the next.

Owns the names, defaults and checks of the settings. Knows nothing of who uses them; the place where they are
kept is handed in.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from pathlib import Path

from PySide6.QtCore import QSettings

from engine import models

THEMES = ("system", "light", "dark")
LAST_PORT = 65535


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


def load(store: QSettings) -> Settings:
    """The settings in `store`; each that is missing, damaged or unknown has its default."""
    default = Settings()
    port = _text(store, "port")
    return Settings(
        model=_choice(_text(store, "model"), models.MODELS, default.model),
        host=_text(store, "host") or default.host,
        port=int(port) if port.isascii() and port.isdecimal() and int(port) <= LAST_PORT else default.port,
        root=_text(store, "root") or default.root,
        keep_alive={"True": True, "False": False}.get(_text(store, "keep_alive")),
        theme=_choice(_text(store, "theme"), THEMES, default.theme),
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
