"""Lanes as pixels: what a column of them can show of the intervals that fall into it.

Owns how a state becomes a pixel. Knows nothing of Qt: a pixel is an index into a table of colours, see `colours`.

A column of pixels stands for a stretch of time. Where something went on in it, a band is drawn, the higher the more of
the time it took, and divided as the states divided that time. Behind it is what the lane was waiting for, hatched.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.history.intervals import BEGIN, END, SHARE, STATE, LaneState, Table

LEAST = 0.5
"""The height of a band, as a part of its lane's, for the shortest that can be seen at all."""
TINY = 1e-6
"""Parts of a pixel that are nothing but a rounding error."""
STATES = len(LaneState)
ABOVE, BELOW = 0, LaneState.RUNNABLE + 1
"""Levels of pixels that are in no band; between them is the state that one shows."""
NOTHING, WAITING, HELD, GRID, DOUBT, FREE = range(BELOW + 1, BELOW + 7)
"""What is seen instead of a band."""
BEHIND = {
    LaneState.WAITING: WAITING,
    LaneState.BLOCKED_BY_CLIENT: HELD,
    LaneState.NOT_KNOWN: DOUBT,
    LaneState.FREE: FREE,
}
"""The states that are seen behind a band."""
STRIPES, SELECTED = 16, 128
"""A pixel's index: a state or what is behind it + the sum of its stripes * STRIPES + SELECTED if its row is."""
RISING, FALLING, DASHES = 1, 2, 4
"""The stripes that go through a pixel."""
PATTERNS = {LaneState.IN_CALL: RISING | FALLING, LaneState.NOT_RUNNING: DASHES}
"""States of a band that are drawn as stripes on a faint ground."""

Pixels = NDArray[np.uint8]
Parts = NDArray[np.float32]


def shares(rows: NDArray[np.intp], table: Table, row_count: int, columns: int, begin: float, end: float) -> Parts:
    """Which part of each column each state takes in each row: an array of shape (rows, states, columns).

    `rows` says in which row the intervals of `table` are drawn; the columns share the time from `begin` to `end`.
    """
    scale = columns / (end - begin)
    width = columns + 2  # what ends at the last column's edge is taken away behind it
    lines = (rows * STATES + table[STATE].astype(np.intp)) * width
    places, amounts = [], []
    for sign, edge in ((1.0, table[BEGIN]), (-1.0, table[END])):
        across = ((edge - begin) * scale).clip(0, columns)
        column = across.astype(np.intp)
        part = across - column
        places += [lines + column, lines + column + 1]
        amounts += [sign * (1.0 - part) * table[SHARE], sign * part * table[SHARE]]
    length = row_count * STATES * width
    steps = np.bincount(np.concatenate(places), np.concatenate(amounts), length)
    return np.cumsum(steps.reshape(row_count, STATES, width), axis=2)[:, :, :columns].astype(np.float32)


def drawn(parts: Parts, height: int, stripes: Pixels, selected: int, grid: NDArray[np.intp]) -> Pixels:
    """The rows as pixels, an array of shape (rows, height, columns); `selected` is a row or -1, `grid` some columns."""
    edges: list[NDArray[np.floating[Any]]] = [parts[:, LaneState.ACCEPTING]]
    for state in range(LaneState.READING, LaneState.RUNNABLE + 1):
        edges.append(edges[-1] + parts[:, state])
    something: NDArray[np.bool_] = edges[-1] > TINY
    rows, columns = np.nonzero(something[:, :-1] & ~something[:, 1:])
    for edge in edges:  # one column by itself is hard to see: it is drawn twice
        edge[rows, columns + 1] = edge[rows, columns]
    something[rows, columns + 1] = True
    total = edges[-1]
    band = height * np.where(something, LEAST + (1 - LEAST) * total.clip(max=1.0), 0.0)
    top = (height - band) / 2
    scale = band / np.where(something, total, 1.0)
    level: Pixels = np.zeros((len(parts), height, parts.shape[2]), dtype=np.uint8)
    below = np.arange(height, dtype=np.uint8)[None, :, None]
    reached = np.empty(level.shape, dtype=bool)
    for edge in (top, *(top + edge * scale for edge in edges)):
        np.greater_equal(below, np.rint(edge).astype(np.uint8)[:, None, :], out=reached)
        level += reached.view(np.uint8)
    background = np.full(total.shape, NOTHING, dtype=np.uint8)
    background[:, grid] = GRID
    background[parts[:, LaneState.NOT_KNOWN] > TINY] = DOUBT
    background[parts[:, LaneState.FREE] > TINY] = FREE
    background[parts[:, LaneState.WAITING] > TINY] = WAITING
    background[parts[:, LaneState.BLOCKED_BY_CLIENT] > TINY] = HELD
    np.copyto(level, background[:, None, :], where=(level == ABOVE) | (level == BELOW))
    level += stripes[None]
    if selected >= 0:
        level[selected] += SELECTED
    return level


def hatching(height: int, columns: int, pitch: int) -> Pixels:
    """The stripes of a lane: lines that rise, `pitch` pixels apart, thicker ones that fall, and dashes."""
    across, down = np.arange(columns)[None, :], np.arange(height)[:, None]
    rising = (across + down) % pitch < max(1, pitch // 8)
    falling = (across - down) % pitch < max(2, pitch // 3)
    thick = max(1, pitch // 4)
    dashes = (down % (2 * thick) < thick) & ((across + down // (2 * thick) * pitch // 2) % pitch < pitch * 5 // 8)
    stripes: Pixels = ((rising * RISING + falling * FALLING + dashes * DASHES) * STRIPES).astype(np.uint8)
    return stripes


def colours(
    states: dict[LaneState, str], panel: str, grid: str, selection: str, faint: dict[LaneState, str]
) -> list[str]:
    """The colour of each index: `states` in their own, between the stripes of some in a `faint` one."""
    return [
        _colour(index, states, selection if index >= SELECTED else panel, grid, faint) for index in range(2 * SELECTED)
    ]


def _colour(index: int, states: dict[LaneState, str], panel: str, grid: str, faint: dict[LaneState, str]) -> str:
    level, stripe = index % STRIPES, index // STRIPES % 8
    if ABOVE < level < BELOW:
        state = LaneState(level)
        return faint[state] if state in PATTERNS and not stripe & PATTERNS[state] else states[state]
    if level == WAITING:
        return states[LaneState.WAITING] if stripe & RISING else faint[LaneState.WAITING]
    if level == HELD:
        return states[LaneState.BLOCKED_BY_CLIENT] if stripe & FALLING else faint[LaneState.BLOCKED_BY_CLIENT]
    if level == DOUBT:
        return states[LaneState.NOT_KNOWN] if stripe & (RISING | DASHES) == RISING | DASHES else panel
    if level == FREE:
        return faint[LaneState.FREE]
    return grid if level == GRID else panel
