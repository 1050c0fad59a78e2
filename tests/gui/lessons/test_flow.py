"""The flow of a lesson: what can be done at each step, and how a guess is judged."""

import pytest

from engine.lab.session import TrialResult
from gui.lessons.flow import LessonFlow, Stage
from gui.lessons.lesson import load_lesson
from tests.gui.lessons.running import FOLDER
from tests.ready import a_ready

LESSON = load_lesson(FOLDER / "waiting-page.toml")


def results(thread: float, epoll: float) -> list[TrialResult]:
    """What the lesson's runs gave: the p50 of each."""
    return [
        TrialResult(trial, None, {"p50": p50}, ready=a_ready(trial.model))
        for trial, p50 in zip(LESSON.trials(), (thread, epoll), strict=True)
    ]


@pytest.fixture
def flow() -> LessonFlow:
    return LessonFlow(LESSON)


def test_nothing_runs_or_is_seen_before_a_guess(flow: LessonFlow) -> None:
    assert flow.is_covered
    assert not flow.run()
    assert not flow.forward()
    assert not flow.back()
    assert not flow.choose(3), "there are three answers"
    assert flow.choose(1)
    assert flow.is_covered
    assert flow.run()
    assert (flow.stage, flow.is_covered) == (Stage.RUN, False)
    assert not flow.choose(2), "it is too late for another guess"


def test_the_picture_can_be_seen_without_a_guess(flow: LessonFlow) -> None:
    flow.show_anyway()
    assert not flow.is_covered
    assert flow.run()
    flow.finish(results(0.1, 0.8))
    assert (flow.is_right, flow.has_shown) == (None, True)


@pytest.mark.parametrize(("epoll", "shown"), [(0.1, 0), (0.3, 1), (0.8, 2), (0.45, None), (0.17, None)])
def test_what_was_measured_decides(flow: LessonFlow, epoll: float, shown: int | None) -> None:
    for guess in range(3):
        flow.again()
        assert flow.choose(guess)
        assert flow.run()
        flow.finish(results(0.1, epoll))
        assert flow.verdict
        assert flow.verdict.shown == shown
        assert flow.is_right == (None if shown is None else guess == shown)


def test_figures_of_a_busy_machine_show_nothing(flow: LessonFlow) -> None:
    """Threads that wait side by side take 0.1 s: where they take longer, something else is measured."""
    flow.choose(1)
    flow.run()
    flow.finish(results(0.4, 0.9))
    assert flow.verdict
    assert flow.verdict.shown is None


def test_forward_back_and_again(flow: LessonFlow) -> None:
    flow.choose(2)
    flow.run()
    assert not flow.forward()
    flow.finish(results(0.1, 0.8))
    assert flow.forward()
    assert (flow.stage, flow.forward()) == (Stage.WHY, False)
    assert flow.back()
    assert flow.back()
    assert (flow.stage, flow.is_covered) == (Stage.ASK, True)
    assert flow.choose(0), "another guess about the same run"
    assert flow.forward()
    assert (flow.stage, flow.is_right) == (Stage.REVEAL, False)
    flow.again()
    assert flow.run()
    assert flow.verdict is None


def test_a_cancelled_run_is_asked_again(flow: LessonFlow) -> None:
    flow.choose(2)
    flow.run()
    flow.finish([])
    assert (flow.stage, flow.guess, flow.verdict) == (Stage.ASK, 2, None)


def test_a_server_that_did_not_start_is_the_reason(flow: LessonFlow) -> None:
    flow.choose(2)
    flow.run()
    one, two = results(0.1, 0.8)
    flow.finish([one, TrialResult(two.trial, None, {}, "The port is in use.")])
    assert flow.verdict
    assert (flow.verdict.shown, flow.verdict.failure) == (None, "The port is in use.")
    assert flow.verdict.figures["epoll"] == {"started": 0.0}
