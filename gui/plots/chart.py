"""The data of one plot, as curves, moments and gaps.

Knows neither where it comes from nor how it is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gui.history.plot_data import Outage

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChartCurve:
    """One line in its model's colour, filled down to zero, or up to a second one above it."""

    model: str
    times: Floats
    values: Floats
    upper: Floats | None = None
    waiting: Floats | None = None
    """The number of connections in the accept queue, a dashed line of its own."""
    bound: Floats | None = None
    """Values from here on are lower bounds."""
    is_second: bool = False
    """Whether it is of the run beside the chosen one: dashed, and not filled."""
    mistake: str = ""
    """The key of the mistake that the model was run with; empty: none."""


@dataclass(frozen=True)
class ChartData:
    """The data of one plot; values as on its axis, times relative to now."""

    curves: Sequence[ChartCurve] = ()
    failed: Sequence[tuple[Floats, Floats]] = ()
    """Times and values of the red curves."""
    begins: Sequence[tuple[float, str, str]] = ()
    """The moments at which a model's title is written, with its key and that of the mistake that it is run with."""
    is_second: Sequence[tuple[float, str, str]] = ()
    """The same for the second run, in a row of their own."""
    names: tuple[str, str] = ("", "")
    """What the newest of both are called in their rows instead, in variants; empty: by their titles."""
    switches: Sequence[tuple[float, str]] = ()
    gaps: "Sequence[Outage]" = ()
