"""A lesson as data: what is run, what is asked, which answer what was measured shows, and why.

Owns the form of the files in `assets/lessons`, one a lesson, and how they are read and checked. Knows no widgets.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from engine.lab.figures import FIGURES
from engine.lab.session import Trial, TrialResult
from engine.listing import listed
from engine.load.wire import Change
from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.persistence import KEPT, Mode
from engine.settings import Part, by_name, own_settings
from gui.lessons.conditions import Expression, Figures, NotKnown

STARTED = "started"
"""What conditions call whether a server ran: 1 or 0; besides the table of figures."""
TRIAL_PATIENCE = 4.0
"""Seconds that clients may take to connect: in some lessons not all of them ever do."""
MISTAKE = "mistake"
"""The name of the setting that chooses one of a model's mistakes."""
_PLACE = re.compile(r"\{([^{}]*)\}")


class LessonError(ValueError):
    """A lesson's file is wrong: which file, where in it, and how."""


class _Data(msgspec.Struct, forbid_unknown_fields=True, frozen=True, dict=True):
    """Any part of a lesson's file."""


class Bilingual(_Data, frozen=True):
    """A text in both languages; `{trial.figure}` stands for what was measured."""

    en: Annotated[str, msgspec.Meta(min_length=1)]
    zh: Annotated[str, msgspec.Meta(min_length=1)]

    def text(self, language: str) -> str:
        """The text in this language; in English where there is none."""
        return self.zh if language == "zh" else self.en


class Clients(_Data, frozen=True):
    """What the clients do."""

    workload: str
    clients: int
    slow: int = 0
    rate: float = 0.0
    work_ms: int = 0
    connections: Mode = KEPT

    def change(self) -> Change:
        """The same for the load."""
        connections = WORKLOADS[self.workload].connections(self.connections)
        return Change(self.workload, self.clients, self.slow, self.rate, self.work_ms, connections=connections)


class LessonRun(_Data, frozen=True):
    """One server under one load."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$")]
    """What its figures are called by."""
    model: str
    seconds: Annotated[float, msgspec.Meta(gt=0, le=15)]
    """How long it is measured."""
    load: Clients | None = None
    serve: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """The server's settings, a mistake included."""
    same_port: bool = False
    """Whether it listens at the port of the run before."""

    def trial(self) -> Trial:
        """The same for the session of the lab."""
        change = self.load.change() if self.load else None
        return Trial(
            self.model, self.seconds, self.serve, change,
            patience=TRIAL_PATIENCE, name=self.name, same_port=self.same_port,
        )  # fmt: skip


class Choice(_Data, frozen=True):
    """One answer that can be guessed."""

    text: Bilingual
    when: str
    """The condition under which what was measured shows it."""

    @cached_property
    def condition(self) -> Expression:
        """The condition."""
        return Expression(self.when)


class SourceLine(_Data, frozen=True):
    """The line of source to look at."""

    file: str
    """Its path in the project."""
    text: str
    """What stands in this line of the file, and in no other."""


class Lesson(_Data, frozen=True):
    """One lesson."""

    number: int
    """Its place in the list."""
    title: Bilingual
    setup: Bilingual
    """What is about to run, in one or two sentences."""
    question: Bilingual
    answers: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2, max_length=4)]
    runs: Annotated[tuple[LessonRun, ...], msgspec.Meta(min_length=1, max_length=3)]
    """In turn; the last one is what is asked about, and goes on running."""
    view: Literal["timeline", "requests", "source", "scoreboard"]
    """What is seen below the curves."""
    reveal: Bilingual
    """What was measured, with figures in it."""
    why: Bilingual
    """Two sentences."""
    source: SourceLine
    explore: Bilingual
    """What to try oneself."""
    key: str = ""
    """Its name: that of its file."""

    def trials(self) -> list[Trial]:
        """What is run."""
        return [run.trial() for run in self.runs]

    def figures(self) -> set[str]:
        """The names of the figures that are measured."""
        return {figure for _, figure in self._named()} - {STARTED}

    def shown(self, figures: Figures) -> int | None:
        """The number of the answer, from 0, that these figures show; None if they show none, or several."""
        found = [number for number, each in enumerate(self.answers) if each.condition.holds(figures)]
        return found[0] if len(found) == 1 else None

    @property
    def has_source_in_view(self) -> bool:
        """Whether the line of source is in the file that the last run serves with, which the source view shows."""
        last = self.runs[-1]
        name = str(last.serve.get(MISTAKE, last.model))
        return Path(self.source.file).stem == name.replace("-", "_")

    def missing(self) -> list[str]:
        """What this program or this system lacks of it, as words."""
        return sorted({need for run in self.runs for need in _missing(run)})

    def _named(self) -> Iterator[tuple[str, str]]:
        """The trials and figures that its conditions and texts name."""
        for answer in self.answers:
            yield from answer.condition.figures
        for text in (self.reveal.en, self.reveal.zh):
            for place in places(text):
                yield from place.figures

    def check(self) -> None:
        """Raises `ValueError` for what its form alone does not exclude."""
        names = [run.name for run in self.runs]
        if len(set(names)) < len(names):
            raise ValueError("runs: two have the same name")
        for run in self.runs:
            if run.load:
                _check_load(run)
        for trial, figure in self._named():
            if trial not in names:
                raise ValueError(f"there is no run {trial!r}")
            if figure not in FIGURES and figure != STARTED:
                raise ValueError(f"there is no figure {figure!r}")


def known_figures(results: list[TrialResult]) -> Figures:
    """What was measured, by trial and figure."""
    return {
        result.trial.name: {**result.figures, STARTED: float(result.ready is not None)} for result in results
    }  # fmt: skip


def places(text: str) -> list[Expression]:
    """What stands in braces in `text`. Raises `ValueError`."""
    return [Expression(each) for each in _PLACE.findall(text)]


def filled_in(text: str, figures: Figures, said: Callable[[Expression, float], str], unknown: str = "–") -> str:
    """`text` with each place filled in: `said` gives the words for an expression and its value."""

    def words(match: re.Match[str]) -> str:
        expression = Expression(match[1])
        try:
            return said(expression, expression.value(figures))
        except NotKnown:
            return unknown

    return _PLACE.sub(words, text)


def load_lesson(file: Path) -> Lesson:
    """The lesson in `file`. Raises `LessonError`."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        lesson = msgspec.convert({**data, "key": file.stem}, Lesson)
        lesson.check()
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        raise LessonError(f"{file.name}{', ' if place else ''}{place.strip('.`')}: {what}") from error
    except (OSError, ValueError) as error:
        raise LessonError(f"{file.name}: {error}") from error
    return lesson


def load_lessons(folder: Path) -> dict[str, Lesson]:
    """The lessons in `folder` by key, in their order. Raises `LessonError`."""
    lessons = sorted(map(load_lesson, folder.glob("*.toml")), key=lambda lesson: lesson.number)
    return {lesson.key: lesson for lesson in lessons}


def _check_load(run: LessonRun) -> None:
    assert run.load
    if run.load.workload not in WORKLOADS:
        raise ValueError(f"runs, {run.name}: there is no workload {run.load.workload!r}")
    rows = by_name(Part.LOAD)
    for name, value in msgspec.structs.asdict(run.load).items():
        rows[name].check(value)


def _missing(run: LessonRun) -> Iterator[str]:
    model = MODELS.get(run.model)
    if model is None or not model.available():
        yield model.systems if model else run.model
        return
    rows, foreign = by_name(Part.WINDOW), own_settings().keys() - own_settings([run.model]).keys()
    for name, value in run.serve.items():
        if name == MISTAKE:
            if value not in _mistakes(run.model):
                yield f"{run.model} --{name} {value}"
        elif name not in rows or name in foreign:
            yield f"{run.model} --{name}"
        else:
            rows[name].check(value)


def _mistakes(model: str) -> set[str]:
    """The mistakes that this model can be run with."""
    return {mistake["key"] for row in listed() if row["key"] == model for mistake in row["mistakes"]}
