"""Each model in turn under the same load: which one is measured, and when the next is due.

Owns the order and the patience. Knows nothing of processes: `Session` runs what is due, and says what is measured.
"""

from collections.abc import Callable, Sequence

from engine.clock import monotonic
from engine.lab.measurement import MIN_STEADY
from engine.lab.rows import Row

PATIENCE = 20.0
"""Seconds that a model may take, beyond those it is measured for, before it is left out."""


class Sweep:
    """Goes through `models`, each until it has been measured for `seconds`."""

    def __init__(self, models: Sequence[str], seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._models = list(models)
        self._seconds = max(seconds, MIN_STEADY)
        self._clock = clock
        self._begun = clock()
        self.left_out: list[str] = []
        """Models that could not be measured in time."""
        self.number = 1
        """Of the model that is measured, counted from 1."""

    @property
    def count(self) -> int:
        """How many models there are."""
        return len(self._models)

    @property
    def model(self) -> str | None:
        """The model that is to run; None at the end."""
        return self._models[self.number - 1] if self.number <= len(self._models) else None

    def is_due(self, row: Row | None) -> bool:
        """Whether another model is due, or the end, now that `row` is what was measured so far."""
        measured = row is not None and row.model == self.model and row.seconds >= self._seconds
        late = self._clock() - self._begun > self._seconds + PATIENCE
        if late and not measured and self.model:
            self.left_out.append(self.model)
        if measured or late:
            self.number += 1
            self._begun = self._clock()
        return measured or late
