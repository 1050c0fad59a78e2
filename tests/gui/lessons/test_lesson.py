"""The lessons' files: all of them load, what they name exists, and what is wrong in one is said with its place."""

from pathlib import Path

import pytest

from engine.lab.figures import FIGURES
from engine.models import MODELS
from gui.lessons import lesson_keys
from gui.lessons.conditions import Expression, NotKnown
from gui.lessons.lesson import Lesson, LessonError, filled_in, load_lesson, load_lessons, places
from gui.views import VIEWS
from tests.gui.lessons.running import FOLDER

PROJECT = Path(__file__).parents[3]
LESSONS = load_lessons(FOLDER)
GOOD = (FOLDER / "waiting-page.toml").read_text("utf-8")
MOST_SECONDS = 20.0
STARTING = 2.2
"""Seconds, about, that each run takes to start and to warm up."""


def test_there_are_sixteen_and_each_has_its_number() -> None:
    assert len(LESSONS) >= 16
    assert [lesson.number for lesson in LESSONS.values()] == list(range(1, len(LESSONS) + 1))
    assert set(LESSONS) == set(lesson_keys(FOLDER))


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_is_whole(lesson: Lesson) -> None:
    """Both languages say the same places; its runs are short; its view and its line of source are there."""
    texts = [
        lesson.title, lesson.setup, lesson.question, lesson.reveal, lesson.why, lesson.explore,
        *(answer.text for answer in lesson.answers),
    ]  # fmt: skip
    for text in texts:
        assert text.en != text.zh or lesson.title is text
        assert text.en.isascii() or "×" in text.en
        assert {place.text for place in places(text.en)} == {place.text for place in places(text.zh)}
    assert places(lesson.reveal.en)
    assert lesson.why.en.count(". ") == 1, "two sentences"
    assert sum(run.seconds + STARTING for run in lesson.runs) <= MOST_SECONDS
    assert lesson.view in VIEWS
    file = PROJECT / lesson.source.file
    is_missing = lesson.missing() and not file.exists()
    assert is_missing or any(lesson.source.text in line for line in file.read_text("utf-8").splitlines())
    assert lesson.figures() <= set(FIGURES)


def test_what_the_source_view_shows() -> None:
    """A line of the file that is served with in the end; not what lies below it, nor what is right beside a mistake."""
    assert LESSONS["joinall"].has_source_in_view
    assert LESSONS["equals-epollin"].has_source_in_view
    assert LESSONS["waiting-page"].has_source_in_view
    assert not LESSONS["no-content-length"].has_source_in_view
    assert not LESSONS["zombies"].has_source_in_view


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
def test_a_lesson_is_offered_if_what_it_runs_is_there(lesson: Lesson) -> None:
    assert not lesson.missing() or any(
        run.model not in MODELS or not MODELS[run.model].available() or run.serve for run in lesson.runs
    )


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("thread.p50", "thread.speed", "there is no figure 'speed'"),
        ("1.6 * thread.p50", "1.6 * threads.p50", "there is no run 'threads'"),
        ("epoll.p50 < 1.6 * thread.p50", "epoll.p50 <", "is not an expression"),
        ("epoll.p50 < 1.6 * thread.p50", "exit()", "can't stand in an expression"),
        ("epoll.p50 < 1.6 * thread.p50", "[1 for x in y]", "can't stand in an expression"),
        ('workload = "waiting-work"', 'workload = "waiting"', "there is no workload 'waiting'"),
        ("clients = 8", "clients = -1", "clients can't be -1"),
        ("clients = 8", 'clients = "many"', "wait.toml, runs[0].load.clients: Expected `int`, got `str`"),
        ('name = "epoll"', 'name = "thread"', "two have the same name"),
        ('view = "timeline"', 'view = "film"', "wait.toml, view: Invalid enum value"),
        ('view = "timeline"', "", "missing required field `view`"),
        ('text.zh = "大约八倍"', "", "wait.toml, answers[2].text: Object missing required field `zh`"),
        ("number = 4", "number = 4\nnumbers = 5", "unknown field `numbers`"),
        ("number = 4", "number = ", "Invalid value"),
    ],
)
def test_what_is_wrong_is_said_with_its_file(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    file = tmp_path / "wait.toml"
    file.write_text(GOOD.replace(right, wrong), "utf-8")
    with pytest.raises(LessonError) as caught:
        load_lesson(file)
    assert str(caught.value).startswith("wait.toml")
    assert said in str(caught.value)


def test_what_is_not_there_keeps_a_lesson_out(tmp_path: Path) -> None:
    def missing(right: str, wrong: str) -> list[str]:
        file = tmp_path / "wait.toml"
        file.write_text(GOOD.replace(right, wrong), "utf-8")
        return load_lesson(file).missing()

    assert missing("", "") == []
    assert missing('model = "epoll"', 'model = "fastest"') == ["fastest"]
    assert missing('model = "epoll"', 'model = "epoll"\nserve = {mistake = "none-such"}') == [
        "epoll --mistake none-such"
    ]
    assert missing('model = "epoll"', 'model = "epoll"\nserve = {all_cores = true}') == ["epoll --all_cores"]
    assert missing('model = "thread"', 'model = "thread"\nserve = {all_cores = true}') == []


FIGURES_SEEN = {"one": {"p50": 0.5, "cpu": 0.0}, "two": {"p50": 0.1}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("one.p50 > two.p50", True),
        ("one.p50 > 2 * two.p50 and one.cpu >= 1", False),
        ("one.p50 < two.p50 or one.cpu == 0", True),
        ("0.4 < one.p50 <= 0.5", True),
        ("one.p50 / two.p50 - 1", 4.0),
    ],
)
def test_expressions(text: str, value: float) -> None:
    assert Expression(text).value(FIGURES_SEEN) == pytest.approx(float(value))


@pytest.mark.parametrize("text", ["two.cpu > 1", "three.p50 < 1", "one.p50 / one.cpu > 1", "two.cpu < 1"])
def test_what_is_not_known_shows_nothing(text: str) -> None:
    assert not Expression(text).holds(FIGURES_SEEN)
    with pytest.raises(NotKnown):
        Expression(text).value(FIGURES_SEEN)


def test_places_are_filled_in() -> None:
    said = filled_in("{one.p50} and {one.p50 / two.p50}; {two.cpu}", FIGURES_SEEN, lambda _, value: f"<{value:g}>")
    assert said == "<0.5> and <5>; –"
