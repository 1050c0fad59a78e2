"""Lessons: a question about a server, a guess, a run that decides, and why. Their data are in `assets/lessons`."""

from pathlib import Path


def lesson_keys(folder: Path) -> list[str]:
    """The keys of the lessons in `folder`, without reading them."""
    return sorted(file.stem for file in folder.glob("*.toml"))
