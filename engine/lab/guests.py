"""Programs that are not ours, in a comparison: the command lines that braces stand for, and which choice decides.

Owns the braces and this arithmetic. Knows no process; what a command line means says `engine.guest`.
"""

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.setting import SettingError

BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
"""Choices, as `{2,4,8}`."""
MOST = 64
"""Command lines in one comparison."""
NOTABLE = 1.1
"""The ratio from which a choice decides, where the rounds themselves differ by less."""


@dataclass(frozen=True)
class Variant:
    """One command line."""

    text: str
    choices: tuple[str, ...]
    """What was chosen of each pair of braces."""


def variants(text: str) -> list[Variant]:
    """The command lines that `text` stands for; a semicolon separates programs. Raises `SettingError`."""
    found = [each for program in text.split(";") if program.strip() for each in _variants(program.strip())]
    if not found:
        raise SettingError("no program is named")
    if len(found) > MOST:
        raise SettingError(
            "the braces stand for {count} command lines; {most} are compared at most", count=len(found), most=MOST
        )
    return list({each.text: each for each in found}.values())


def _variants(program: str) -> list[Variant]:
    pieces = BRACES.split(program)  # a text, and then choices and a text, again and again
    every = itertools.product(*(choices.split(",") for choices in pieces[1::2]))
    texts = pieces[::2]
    return [
        Variant(" ".join("".join([texts[0], *map(str.__add__, chosen, texts[1:])]).split()), chosen) for chosen in every
    ]


@dataclass(frozen=True)
class Decision:
    """Which choices make a difference to the requests a second."""

    choices: tuple[tuple[float, str, str], ...]
    """The ratio, the best choice and the worst, of each pair of braces that decides; the largest ratio first."""
    noise: float
    """The spread of the rounds of one command line, as a ratio."""


def decision(rates: Mapping[tuple[str, ...], Sequence[float]]) -> Decision | None:
    """Which of the choices of one command line decides; None if there are none to compare.

    `rates` has the requests a second of each round, by what was chosen. Of each choice the geometric mean over all
    others is taken, and it decides if that differs by more than the rounds of one command line do.
    """
    known = {chosen: each for chosen, each in rates.items() if each and min(each) > 0}
    if len(known) < 2 or len({len(chosen) for chosen in known}) != 1:
        return None
    noise = _mean([max(each) / min(each) for each in known.values()])
    found = []
    for place in range(len(next(iter(known)))):
        means = _means(known, place)
        best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
        if (ratio := means[best] / means[worst]) > max(NOTABLE, noise):
            found.append((ratio, best, worst))
    return Decision(tuple(sorted(found, reverse=True)), noise)


def what_decides(rates: Mapping[tuple[str, ...], Sequence[float]]) -> str:
    """The same in a sentence; empty if there is nothing to compare."""
    found = decision(rates)
    if found is None:
        return ""
    if not found.choices:
        return f"No choice makes a difference beyond the spread of the rounds, which is {found.noise:.2f}×."
    texts = [f"{best} instead of {worst} gives {ratio:.1f}× the requests" for ratio, best, worst in found.choices]
    return f"What decides: {', then '.join(texts)}; the spread of the rounds is {found.noise:.2f}×."


def _means(rates: Mapping[tuple[str, ...], Sequence[float]], place: int) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for chosen, each in rates.items():
        groups.setdefault(chosen[place], []).append(sorted(each)[len(each) // 2])
    return {choice: _mean(each) for choice, each in groups.items()}


def _mean(ratios: Sequence[float]) -> float:
    """The geometric mean. (`statistics` would be imported by each server.)"""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))
