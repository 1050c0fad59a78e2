"""Each lesson on real engines: its run shows one of its answers, and every guess is judged by that."""

import pytest

from engine.clock import monotonic
from gui.lessons.flow import Stage
from gui.lessons.lesson import Lesson, load_lessons
from tests.gui.lessons.running import FOLDER, run_lesson

ATTEMPTS = 3
"""A run on a machine that is busy with other tests may show nothing, and says so: then it is run again."""
MOST_SECONDS = 60.0
LESSONS = {key: lesson for key, lesson in load_lessons(FOLDER).items() if not lesson.missing()}


QUICK = "time-wait"
"""What it shows does not depend on how busy the machine is, and it takes some seconds."""


@pytest.mark.timeout(ATTEMPTS * 90)
@pytest.mark.parametrize(
    "lesson",
    [pytest.param(each, marks=() if key == QUICK else pytest.mark.slow) for key, each in LESSONS.items()],
    ids=list(LESSONS),
)
def test_a_lesson_shows_what_it_asks_about(lesson: Lesson) -> None:
    for _ in range(ATTEMPTS):
        begun = monotonic()
        flow = run_lesson(lesson)
        assert monotonic() - begun < MOST_SECONDS
        assert flow.verdict
        assert set(flow.verdict.figures) == {run.name for run in lesson.runs}
        if flow.has_shown:
            break
    assert flow.has_shown, f"{lesson.key}: {flow.verdict}"
    for guess in range(len(lesson.answers)):
        flow.stage = Stage.ASK
        assert flow.choose(guess)
        assert flow.forward()
        assert flow.is_right == (guess == flow.verdict.shown)
