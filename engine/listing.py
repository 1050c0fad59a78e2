"""The table of models with their settings and mistakes, for programs."""

from typing import Any

from engine import mistakes
from engine.models import MODELS


def listed() -> list[dict[str, Any]]:
    """The table: what `python -m engine models --json` prints and the site reads at `/models.json`."""
    return [
        {
            "key": model.key,
            "title": model.title,
            "idea": model.idea,
            "in_the_wild": model.in_the_wild,
            "family": model.family,
            "worker": model.worker,
            "waits": model.waits,
            "serves": model.serves,
            "accepts": model.accepts,
            "hands_over": model.hands_over,
            "keep_alive": model.keep_alive,
            "icon": model.icon,
            "colour": model.colour,
            "systems": model.systems,
            "available": model.available(),
            "settings": [setting.listed() for setting in model.settings],
            "mistakes": mistakes.listed(model),
        }
        for model in MODELS.values()
    ]
