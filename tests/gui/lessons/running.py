"""Runs a lesson on real engines, without a window; as a program: some lessons, and what their reveals say.

`python -m tests.gui.lessons.running one-slow-client …`
"""

import sys
from dataclasses import replace
from pathlib import Path

from engine.clock import monotonic
from engine.lab.measurement import Measurement
from engine.lab.runs import run_trials
from gui.lessons.conditions import Expression
from gui.lessons.flow import LessonFlow
from gui.lessons.lesson import Lesson, filled_in, load_lessons

FOLDER = Path(__file__).parents[3] / "assets" / "lessons"


def run_lesson(lesson: Lesson) -> LessonFlow:
    """The lesson after its run, without a guess."""
    flow = LessonFlow(lesson)
    flow.show_anyway()
    assert flow.run()
    trials = [replace(trial, serve={"telemetry": "requests", **trial.serve}) for trial in lesson.trials()]
    flow.finish(run_trials(trials, Measurement(), lesson.figures()))
    return flow


def plainly(expression: Expression, value: float) -> str:
    return f"{value:,.3g}"


if __name__ == "__main__":
    lessons = load_lessons(FOLDER)
    for key in sys.argv[1:] or lessons:
        lesson, begun = lessons[key], monotonic()
        if missing := lesson.missing():
            print(f"{key}: needs {', '.join(missing)}")
            continue
        verdict = run_lesson(lesson).verdict
        assert verdict
        answer = "not shown" if verdict.shown is None else lesson.answers[verdict.shown].text.en
        print(
            f"{key} ({monotonic() - begun:.1f} s): {answer} | {filled_in(lesson.reveal.en, verdict.figures, plainly)}"
        )
        print(
            "   ",
            {name: {k: round(v, 4) for k, v in each.items()} for name, each in verdict.figures.items()},
            verdict.failure,
        )
