"""Facts as texts: numbers, durations, sizes, addresses and the models' names, in the user's language.

Owns the forms. Knows nothing of where a fact comes from or where it is shown.
"""

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from engine.addresses import local_url
from engine.lab.figures import FIGURES, INTERVAL, Figure, Over, Seen, Unit
from engine.load.wire import FAILURES
from engine.load.workloads import WORKLOADS
from engine.mistakes import MISTAKES
from engine.own_model import find, known
from engine.setting import Setting
from engine.settings import CONDITIONS, CONNECTIONS, in_words
from engine.texts import MOST
from engine.traits import COUNTS, WORDS, Traits
from gui.settings import Settings

if TYPE_CHECKING:
    from engine.lab.rows import Conditions, Row
    from engine.lab.session import LabSession
    from engine.lab.summary import Summary
    from engine.load.wire import Change
    from engine.telemetry.wire import Ready
    from engine.traits import Worker

translate = QCoreApplication.translate
MEBIBYTE = 2**20


def model_title(key: str) -> str:
    """The title of the model; of one that is not known, what its key says."""
    model = known(key)
    return translate("models", model.title) if model else PurePath(key).name


def model_idea(key: str) -> str:
    """One line on how the model serves many clients."""
    return translate("models", find(key).idea)


def model_in_the_wild(key: str) -> str:
    """Servers that work like the model; empty: none."""
    servers = find(key).in_the_wild
    return translate("models", servers) if servers else ""


def in_the_wild(servers: str) -> str:
    """The sentence that these servers work like the model of which it is said."""
    return translate("words", "In the wild: {servers}").format(servers=servers)


def model_systems(key: str) -> str:
    """Where the model runs, if not everywhere, as in `Linux and macOS`."""
    return translate("models", find(key).systems)


def setting_title(setting: Setting) -> str:
    """What the setting is called."""
    return translate("settings", setting.title)


def workload_title(key: str) -> str:
    """The title of the workload."""
    return translate("workloads", WORKLOADS[key].title)


def mistake_title(key: str) -> str:
    """The name of the mistake; one that is not in the table has its key."""
    return translate("settings", MISTAKES[key].title) if key in MISTAKES else key


def mistake_sentence(key: str) -> str:
    """What is wrong, and where to look; empty for a mistake that is not in the table."""
    return translate("mistakes", MISTAKES[key].sentence) if key in MISTAKES else ""


def with_mistake(title: str, mistake: str) -> str:
    """The title of a model, marked with the mistake that it is run with; empty: none."""
    return (
        translate("words", "{title} ✗ {mistake}").format(title=title, mistake=mistake_title(mistake))
        if mistake
        else title
    )


def marked_title(model: str, mistake: str) -> str:
    """The title of a model, marked with its mistake, in variants: the shorter one does not name it."""
    return marked(model_title(model), mistake)


def marked(title: str, mistake: str) -> str:
    """The same for a title."""
    return (
        variants(with_mistake(title, mistake), translate("words", "{title} ✗").format(title=title))
        if mistake
        else title
    )


def settings_title(settings: "Settings") -> str:
    """The title of what these settings run: a program of the user's, or a model, with its mistake."""
    return settings.guest or with_mistake(model_title(settings.model), settings.mistake)


def run_title(ready: "Ready") -> str:
    """The title of a running server."""
    title = model_title(ready.model) if known(ready.model) else ready.title or ready.model
    return with_mistake(title, ready.mistake)


def pair_titles(runs: "tuple[Ready, Ready] | tuple[Settings, Settings]") -> tuple[str, str]:
    """The titles of two servers that run side by side: of one model, each has what only it is run with as well."""
    titles = [settings_title(run) if isinstance(run, Settings) else run_title(run) for run in runs]
    if runs[0].model == runs[1].model:
        parts = [_own_parts(run) for run in runs]
        for place, other in ((0, 1), (1, 0)):
            differing = [part for part in parts[place] if part not in parts[other]]
            if differing:
                titles[place] = variants(" · ".join([titles[place], *differing]), " · ".join(differing))
    return titles[0], titles[1]


def _own_parts(run: "Ready | Settings") -> list[str]:
    """The texts of the settings that the run's model owns."""
    if not isinstance(run, Settings):
        return own_settings(run)
    model = known(run.model)
    rows = model.settings if model else ()
    values = {row.name: getattr(run, row.name) for row in rows}
    return in_words(values, rows, whole=whole, rate=rate, translate=translate)


def run_conditions(ready: "Ready") -> str:
    """The title of a running server, with the settings that its model owns."""
    return " · ".join([run_title(ready), *own_settings(ready)])


def workers(kind: "Worker", number: int) -> str:
    """A number of workers of a kind, as in `64 processes` or `1 loop`."""
    return translate("workers", COUNTS[kind], "", number)


def worker_name(traits: Traits, number: int) -> str:
    """The name of a worker, as in `thread 7`."""
    return traits.worker_name(number, translate)


def worker_word(kind: "Worker", number: int) -> str:
    """The word for a number of workers of a kind, as in `processes`."""
    return translate("workers", WORDS[kind], "", number)


def model_workers(key: str, number: int) -> str:
    """A number of workers of the model."""
    model = known(key)
    return workers(model.worker if model else "", number)


def row_workers(measured: "Row") -> str:
    """How many workers a row's model had; a dash if that is not known."""
    return model_workers(measured.model, measured.workers) if measured.workers else "–"


def conditions(measured: "Conditions") -> list[str]:
    """The texts of the conditions of a row, the workload first, without the empty ones."""
    return in_words(vars(measured), CONDITIONS.values(), whole=whole, rate=rate, translate=translate)


def load(change: "Change") -> str:
    """What the clients of a load do, in the words of a row's conditions."""
    values = {name: getattr(change, name) for name in change.__struct_fields__}
    rows = [*CONDITIONS.values(), CONNECTIONS]
    return " · ".join(in_words(values, rows, whole=whole, rate=rate, translate=translate))


def finding(found: "Summary") -> str:
    """The sentence about a comparison of rows."""
    from engine.lab.summary import sentence  # not before the window is there

    def tenths(number: float) -> str:
        return rounded(number, 1)

    return sentence(found, translate=translate, whole=whole, tenths=tenths)


def own_settings(measured: "Row | Ready") -> list[str]:
    """The texts of the settings that a model owns, as measured or as it runs, without the empty ones."""
    model = known(measured.model)
    if model is None:
        return []
    return in_words(measured.settings, model.settings, whole=whole, rate=rate, translate=translate)


def minutes(seconds: float) -> str:
    """A duration to plan with, as in `40 s` or `2 min 30 s`: in steps of ten seconds."""
    whole_minutes, left = divmod(10 * math.ceil(seconds / 10), 60)
    if not whole_minutes:
        return translate("words", "{n} s").format(n=whole(left))
    form = translate("words", "{minutes} min {n} s") if left else translate("words", "{minutes} min")
    return form.format(minutes=whole(whole_minutes), n=whole(left))


def sweep_progress(sweep: "LabSession | None") -> str:
    """How far all models were measured, as in `2 of 6: Threads`; empty if they are not."""
    if not sweep or not sweep.trial:
        return ""
    text = translate("words", "{number} of {count}: {model}")
    return text.format(
        number=sweep.number,
        count=sweep.count,
        model=model_title(sweep.trial.model) if sweep.trial.model else sweep.trial.name,
    )


def contestant(measured: "Row") -> str:
    """The model of a row and what distinguishes it from other rows of this model, as in `Threads · on all cores`."""
    title = with_mistake(model_title(measured.model), measured.conditions.mistake)
    return " · ".join([title, *own_settings(measured)])


def figure_title(figure: Figure, brief: bool = False) -> str:
    """What the figure is called, in variants, with the time that it stands for; if `brief`, at last without."""
    titles = [translate("figures", text) for text in figure.title]
    ways = {
        Over.MEAN: (translate("figures", "{title} · mean of {n} s"), translate("figures", "{title} · mean")),
        Over.PEAK: (translate("figures", "{title} · peak of {n} s"), translate("figures", "{title} · peak")),
    }.get(figure.over, ())
    timed = [way.format(title=titles[0], n=whole(INTERVAL)) for way in ways]
    return variants(*timed, *(titles if brief or not timed else ()))


def figure_interval(figure: Figure) -> str:
    """Which time the figure stands for, as a sentence; empty if that is now, or part of its name."""
    text = {
        Over.MEAN: translate("figures", "The mean of the last {n} seconds."),
        Over.PEAK: translate("figures", "The highest value of the last {n} seconds."),
    }.get(figure.over, "")
    return text.format(n=whole(INTERVAL))


def figure(asked: Figure, seen: Seen) -> tuple[str, str] | None:
    """The figure as number and unit, with ≥ before it where it is a lower bound; None if it is not known."""
    value = asked.value(seen)
    if value is None:
        return None
    number, unit = quantity(value, asked, seen)
    return f"≥ {number}" if asked.is_bound(seen) else number, unit


def quantity(value: float, asked: Figure, seen: Seen) -> tuple[str, str]:
    """A value of the figure as number and unit."""
    match asked.unit:
        case Unit.PER_SECOND:
            return translate("words", "{number}/s").format(number=whole(value)), ""
        case Unit.PERCENT:
            return whole(value), translate("words", "%")
        case Unit.SECONDS:
            return duration(value)
        case Unit.BYTES:
            return mebibytes(value), translate("words", "MiB")
        case Unit.WORKERS:
            return whole(value), worker_word(seen.ready.traits.worker if seen.ready else "", round(value))
    return whole(value), ""


def known_figures(seen: Seen) -> dict[str, str]:
    """All figures that are known, by their titles."""
    said = {longest(figure_title(each)): figure(each, seen) for each in FIGURES.values()}
    return {title: " ".join(filter(None, parts)) for title, parts in said.items() if parts}


def figure_phrase(asked: Figure, seen: Seen) -> str:
    """The figure as it stands in a sentence, with its unit or with what is counted; empty if it is not known."""
    value = asked.value(seen)
    if value and asked.ways and (counts := asked.ways(seen)):
        return failures(counts)
    if value is not None and asked.phrase:
        return translate("figures", asked.phrase, "", min(round(value), MOST))
    return " ".join(filter(None, figure(asked, seen) or ()))


def whole(number: float) -> str:
    """`number` without decimals, as in `21,408`."""
    return QLocale().toString(round(number))


def rounded(number: float, digits: int) -> str:
    """`number` with this many decimals."""
    return QLocale().toString(float(number), "f", digits)


def rate(per_second: float) -> str:
    """A rate in the least space, as in `812/s`, `1.9k/s` or `21.4k/s`."""
    if per_second < 1000:
        return translate("words", "{number}/s").format(number=whole(per_second))
    return translate("words", "{number}k/s").format(number=rounded(per_second / 1000, 1))


def duration(seconds: float) -> tuple[str, str]:
    """A duration as number and unit, with two or three digits, as in `("0.36", "ms")`."""
    if 0 < seconds < 0.995e-4:
        return rounded(seconds * 1e6, 0), translate("words", "µs")
    milliseconds = seconds * 1000
    if milliseconds < 999.5:
        digits = 2 if milliseconds < 9.995 else 1 if milliseconds < 99.95 else 0
        return rounded(milliseconds, digits), translate("words", "ms")
    return rounded(seconds, 2 if seconds < 100 else 0), translate("words", "s")


def duration_text(seconds: float) -> str:
    """A duration as one text, as in `0.36 ms`."""
    return " ".join(duration(seconds))


def latency(measured: "Row", seconds: float) -> str:
    """One of a row's latencies, with ≥ before it where it is a lower bound."""
    return ("≥ " if measured.is_bound(seconds) else "") + duration_text(seconds)


def round_duration(seconds: float) -> str:
    """A round duration, short, as on an axis: `100 µs`, `2 ms` or `10 s`."""
    if seconds < 0.9995e-3:
        return whole(seconds * 1e6) + " " + translate("words", "µs")
    if seconds < 0.9995:
        return whole(seconds * 1e3) + " " + translate("words", "ms")
    return whole(seconds) + " " + translate("words", "s")


def mebibytes(amount: float) -> str:
    """Bytes as a number of MiB, as in `31` or `0.02`."""
    size = amount / MEBIBYTE
    return rounded(size, 2 if size < 1 else 1 if size < 10 else 0)


def capitalized(text: str) -> str:
    """`text` as the beginning of a line."""
    return text[:1].upper() + text[1:]


def variants(*texts: str) -> str:
    """One text in several lengths, longest first: where there is little room, Qt shows the first that fits."""
    return "\x9c".join(texts)


def all_variants(text: str) -> list[str]:
    """The variants of a text, longest first."""
    return text.split("\x9c")


def longest(text: str) -> str:
    """The longest of a text's variants."""
    return text.partition("\x9c")[0]


def shortest(text: str) -> str:
    """The shortest of a text's variants."""
    return text.rpartition("\x9c")[2]


def failures(counts: Mapping[str, int]) -> str:
    """The numbers of failed requests by kind, as in `12 refused · 3 timed out`."""
    return " · ".join(
        translate("failures", text).format(n=whole(counts[kind])) for kind, text in FAILURES.items() if counts.get(kind)
    )


address = local_url
"""The URL at which this machine's browser reaches a server that listens at a host and port."""
