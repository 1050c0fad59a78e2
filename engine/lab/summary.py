"""What rows have to say: which model did best, in which measure, by how much, in one sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.lab.rows import Conditions, Row
from engine.load.workloads import WORKLOADS
from engine.models import MODELS

REMARKABLE = {"requests": 1.3, "p99": 1.5, "memory": 1.5}
"""From which ratio on two models are said to differ in a measure."""
ALIKE = 0.05
"""By which share rates may differ and be about the same."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What rows have to say that were measured under equal conditions: which measure tells models apart, and how."""

    conditions: Conditions
    measure: str
    """`requests`, `p99`, `memory`, or `none` if nothing worth a word does."""
    best: Row
    """In that measure."""
    worst: Row
    requests: float
    """The best's requests a second over the worst's; infinite if that answered nothing."""
    p99: float
    """The same of the p99, so below 1 if the best is quicker; 1 where one of them is not known."""
    memory: float
    """The same of the memory."""
    failing: tuple[Row, ...]
    """Those with failed requests, where there are others without."""
    left_out: int
    """Rows that were measured under other conditions, and so not compared."""


def summarize(rows: Sequence[Row]) -> Summary | None:
    """What is most remarkable in the largest group of rows under equal conditions; None if no two models are in it.

    Of several rows of one model the newest counts.
    """
    groups: dict[Conditions, dict[str, Row]] = {}
    for row in sorted(rows, key=lambda row: row.begin):
        group = groups.pop(row.conditions, {})
        groups[row.conditions] = group | {row.model: row}
    conditions, group = max(reversed(groups.items()), key=lambda item: len(item[1]), default=(None, {}))
    if conditions is None or len(group) < 2:
        return None
    compared = list(group.values())
    failing = tuple(row for row in compared if row.failed)
    measure, best, worst = _most_remarkable(conditions, compared)
    return Summary(
        conditions=conditions,
        measure=measure,
        best=best,
        worst=worst,
        requests=_ratio(best.requests_per_second, worst.requests_per_second),
        p99=_ratio(best.p99, worst.p99) if best.p99 and worst.p99 else 1.0,
        memory=_ratio(best.memory, worst.memory) if best.memory and worst.memory else 1.0,
        failing=failing if len(failing) < len(compared) else (),
        left_out=sum(row.conditions != conditions for row in rows),
    )


def _most_remarkable(conditions: Conditions, rows: list[Row]) -> tuple[str, Row, Row]:
    """The first measure, of those that matter for the workload, in which models differ; the best and the worst."""
    if WORKLOADS[conditions.workload].behaviour in ("stay", "drip"):
        order = ["memory"]  # how seldom they are answered is their own doing
    elif conditions.rate:
        order = ["p99", "requests", "memory"]  # all are to answer the same number
    else:
        order = ["requests", "p99", "memory"]
    for measure in order:
        best, worst = _extremes(measure, rows)
        if _difference(measure, best, worst) >= REMARKABLE[measure]:
            return measure, best, worst
    return ("none", *_extremes(order[0], rows))


def _extremes(measure: str, rows: list[Row]) -> tuple[Row, Row]:
    """The best and the worst; of those that answer about as many requests as the best, the one with least memory."""
    if measure == "requests":
        ascending = sorted(rows, key=lambda row: row.requests_per_second)
        enough = (1 - ALIKE) * ascending[-1].requests_per_second
        best = [row for row in rows if row.requests_per_second >= enough]
        return min(best, key=lambda row: row.memory), ascending[0]
    known = [row for row in rows if getattr(row, measure)] or rows
    ascending = sorted(known, key=lambda row: float(getattr(row, measure)))
    return ascending[0], ascending[-1]


def _difference(measure: str, best: Row, worst: Row) -> float:
    if measure == "requests":
        return _ratio(best.requests_per_second, worst.requests_per_second)
    return _ratio(getattr(worst, measure), getattr(best, measure))


def _ratio(one: float, other: float) -> float:
    if other:
        return one / other
    return math.inf if one else 1.0


def sentence(found: Summary) -> str:
    """The finding in English, as in "epoll answered 11× as many requests as processes with 1/20 of the memory."."""
    best, worst = _named(found.best), _named(found.worst)
    memory = _fraction(found.memory)
    match found.measure:
        case "requests" if math.isinf(found.requests):
            text = f"{best} answered {found.best.requests_per_second:,.0f} requests a second, {worst} none"
        case "requests":
            least = "at least " if found.best.load_limited else ""
            text = f"{best} answered {least}{_times(found.requests)} as many requests as {worst}"
            text += f" with {memory} the memory" if memory else ""
        case "p99":
            text = (
                f"of 100 answers, the slowest took {_milliseconds(found.best.p99)} with {best}"
                f" and {_milliseconds(found.worst.p99)} with {worst}: {_times(1 / found.p99)} as long"
            )
        case "memory":
            text = f"{best} needed {memory} the memory that {worst} needed"
        case _:
            text = "under this load, nothing that was measured tells the models apart"
    if found.failing:
        text += "; " + ", ".join(f"{row.failed:,} requests to {_named(row)} failed" for row in found.failing)
    if found.left_out:
        rows = "one row" if found.left_out == 1 else f"{found.left_out} rows"
        text += f" ({rows} under other settings left out)"
    return _capitalised(text) + "."


def _named(row: Row) -> str:
    """The model within a sentence."""
    title = MODELS[row.model].title if row.model in MODELS else row.model
    return title[0].lower() + title[1:]


def _capitalised(text: str) -> str:
    kept = tuple(model.title for model in MODELS.values() if model.title[0].islower())  # epoll is a name
    return text if text.startswith(kept) else text[0].upper() + text[1:]


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×".replace(".0×", "×")


def _fraction(ratio: float) -> str:
    """As in `1/20 of`, `half`, `3×`; empty if it is hardly worth a word."""
    if 1 / REMARKABLE["memory"] < ratio < REMARKABLE["memory"]:
        return ""
    if ratio >= 1:
        return _times(ratio)
    parts = round(1 / ratio)
    return "half" if parts <= 2 else f"1/{parts} of"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
