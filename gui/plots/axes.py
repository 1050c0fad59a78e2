"""The axes of the plots: few ticks at round numbers, as in the user's locale."""

import math

# Qt's binding is found by pyqtgraph through what is imported already, so PySide6 comes first.
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

import pyqtgraph as pg  # isort: skip

from gui import formatting

SECONDS = 60.0
"""The time shown."""
TICK_PIXELS = 28
"""The least distance between ticks at the left."""
FEW_DECADES = 2.9
"""An axis with fewer decades has ticks at 1 and 3, not only at 1."""
TIME_PIXELS = 300
"""The least width of a time axis with a tick every ten seconds."""
LABEL_GAP = 8
"""The least distance between two labels of the time axis, in pixels."""
FEW_TIME_PIXELS = 150
"""Up to this width there is one tick only."""
NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def nice_top(peak: float, current: float, least: float) -> float:
    """The end of an axis that must hold `peak`: `current` as long as that fits neither badly nor too loosely."""
    if peak <= 0.84 * current and (peak >= 0.36 * current or current <= least):
        return current
    wanted = max(peak / 0.8, least)
    magnitude = 10.0 ** math.floor(math.log10(wanted))
    return max(least, next(step * magnitude for step in NICE if step * magnitude >= wanted))


def nice_step(top: float, most: float = 5.5) -> float:
    """The distance of an axis's ticks: 1, 2 or 5 times a power of ten; at most `most` of them (2 or more) to `top`."""
    magnitude = 10.0 ** math.floor(math.log10(top))
    return next(step for factor in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if top / (step := factor * magnitude) <= most)


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis at the left: few ticks, numbers as in the user's locale."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        step = nice_step(maxVal, min(5.5, max(2.0, size / TICK_PIXELS)))
        return [(step, [step * count for count in range(1, int(maxVal / step + 1e-9) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [formatting.whole(value) for value in values]


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis below: seconds before now."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        label = QFontMetricsF(self.style["tickFont"] or QApplication.font()).horizontalAdvance(
            self.tickStrings([-50.0], 1.0, 1.0)[0]
        )
        if size > TIME_PIXELS and 10 / SECONDS * size > label + LABEL_GAP:
            return [(10.0, [-50.0, -40.0, -30.0, -20.0, -10.0])]
        if size > FEW_TIME_PIXELS and 20 / SECONDS * size > label + LABEL_GAP:
            return [(10.0, [-40.0, -20.0])]
        return [(10.0, [-30.0])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [self.tr("{seconds} s").format(seconds=formatting.whole(value)) for value in values]


class DurationAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis at the left, logarithmic: a tick at each power of ten, and in between if these are few."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        powers = range(math.floor(minVal), math.ceil(maxVal))
        factors = (1, 3) if maxVal - minVal < FEW_DECADES else (1,)
        ticks = (power + math.log10(factor) for power in powers for factor in factors)
        return [(1.0, [tick for tick in ticks if minVal + 0.1 < tick < maxVal - 0.1])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [formatting.round_duration(10.0**value) for value in values]
