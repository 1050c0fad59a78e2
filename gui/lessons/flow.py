"""The flow of a lesson: asked, guessed, run, revealed, explained; forward, back, again.

Owns which step a lesson is at and what can be done there. A state machine without widgets, clocks or processes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from engine.lab.session import TrialResult
from gui.lessons.conditions import Figures
from gui.lessons.lesson import Lesson, known_figures


class Stage(IntEnum):
    """The steps, in order."""

    ASK = 0
    RUN = 1
    REVEAL = 2
    WHY = 3


@dataclass(frozen=True)
class Verdict:
    """What the run showed."""

    figures: Figures
    shown: int | None
    """The answer that it showed, from 0; None: none of them, or several."""
    failure: str = ""
    """Why nothing was measured of a server, if so."""


class LessonFlow:
    """One lesson on its way."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.stage = Stage.ASK
        self.guess: int | None = None
        """The answer that is guessed, from 0."""
        self.opened = False
        """Whether the picture is to be seen without a guess."""
        self.verdict: Verdict | None = None

    @property
    def is_covered(self) -> bool:
        """Whether the picture is hidden."""
        return self.stage is Stage.ASK and not self.opened

    @property
    def can_run(self) -> bool:
        """Whether it can be run now."""
        return self.stage is Stage.ASK and (self.guess is not None or self.opened)

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a next step that needs no run."""
        return self.verdict is not None and self.stage not in (Stage.RUN, Stage.WHY)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before."""
        return self.stage is not Stage.ASK

    @property
    def has_shown(self) -> bool:
        """Whether the run showed one of the answers."""
        return self.verdict is not None and self.verdict.shown is not None

    @property
    def is_right(self) -> bool | None:
        """Whether the guess is what was shown; None without a guess, or if nothing was shown."""
        if self.guess is None or self.verdict is None or self.verdict.shown is None:
            return None
        return self.guess == self.verdict.shown

    def choose(self, number: int) -> bool:
        """Guess an answer, from 0; returns whether there is one to be guessed now."""
        if self.stage is not Stage.ASK or not 0 <= number < len(self.lesson.answers):
            return False
        self.guess = number
        return True

    def show_anyway(self) -> None:
        """Let the picture be seen without a guess."""
        self.opened = True

    def run(self) -> bool:
        """Begin the run; returns whether it can be run now."""
        if not self.can_run:
            return False
        self.stage, self.verdict = Stage.RUN, None
        return True

    def finish(self, results: Sequence[TrialResult]) -> None:
        """The run is over; without results it was cancelled."""
        if self.stage is not Stage.RUN:
            return
        if not results:
            self.stage = Stage.ASK
            return
        figures = known_figures(list(results))
        failure = next((each.failure for each in results if not each.figures), "")
        self.verdict = Verdict(figures, self.lesson.shown(figures), failure)
        self.stage = Stage.REVEAL

    def forward(self) -> bool:
        """Go to the next step; returns whether there is one."""
        if not self.can_go_forward:
            return False
        self.stage = Stage.REVEAL if self.stage is Stage.ASK else Stage.WHY
        return True

    def back(self) -> bool:
        """Go to the step before; returns whether there is one. A run that is left is to be cancelled."""
        if not self.can_go_back:
            return False
        self.stage = Stage.REVEAL if self.stage is Stage.WHY else Stage.ASK
        return True

    def again(self) -> None:
        """Begin anew, with the guess that was made."""
        self.stage = Stage.ASK
