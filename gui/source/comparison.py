"""Two texts side by side: which lines are paired, and what differs in them.

Owns the pairing. Knows nothing of Qt or of colours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, zip_longest

ALIKE = 0.5
"""The least similarity of two lines whose differences are shown."""

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Pair:
    """One row: numbers of lines, counted from 1; None where one text has no such line."""

    left: int | None
    right: int | None
    same: bool


def compared(left: Sequence[str], right: Sequence[str]) -> list[Pair]:
    """The rows of both texts, in their order."""
    pairs = []
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for tag, left_begin, left_end, right_begin, right_end in blocks:
        beside = zip_longest(range(left_begin + 1, left_end + 1), range(right_begin + 1, right_end + 1))
        pairs += [Pair(one, other, tag == "equal") for one, other in beside]
    return pairs


def moved(before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """The place in `after` of each line of `before`, counted from 1; a changed line has none."""
    return {pair.left: pair.right for pair in compared(before, after) if pair.same and pair.left and pair.right}


def differing(left: str, right: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Begin and length of what differs in either line; nothing if they have too little in common."""
    words = _WORD.findall(left), _WORD.findall(right)
    matcher = SequenceMatcher(None, *words, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [], []
    changes = [block for block in matcher.get_opcodes() if block[0] != "equal"]
    return (
        _stretches(words[0], [(begin, end) for _, begin, end, _, _ in changes]),
        _stretches(words[1], [(begin, end) for _, _, _, begin, end in changes]),
    )


def _stretches(words: Sequence[str], ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Begin and length, in characters, of the ranges of words that are not empty."""
    begins = [0, *accumulate(map(len, words))]
    return [(begins[first], begins[end] - begins[first]) for first, end in ranges if end > first]
