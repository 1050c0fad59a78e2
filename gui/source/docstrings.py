"""What the models' files say at their heads, in other languages than English, from `assets/models.toml`.

Owns the translations. Knows nothing of where they are shown.
"""

import tomllib
from functools import cache
from pathlib import Path

from engine import models
from gui import appearance


@cache
def heads() -> dict[str, dict[str, str]]:
    """By the name of a model's file without its ending: its docstring by language."""
    return tomllib.loads((appearance.assets() / "models.toml").read_text("utf-8"))


def head_in(language: str, file: Path) -> str:
    """The docstring of a model's file in `language`, as one paragraph; empty for English and for other files."""
    if language == "en" or file.parent != Path(models.__file__).parent:
        return ""
    return " ".join(heads().get(file.stem, {}).get(language, "").split())
