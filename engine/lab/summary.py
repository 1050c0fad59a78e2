"""Compares rows: which model did best in which measure, by how much, in one sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.lab.rows import Conditions, Row
from engine.load.workloads import WORKLOADS
from engine.models import MODELS

NOTABLE = {"requests": 1.3, "p99": 1.5, "memory": 1.5}
"""The ratio from which two models count as different, for each measure."""
SAME_RATE = 0.05
"""The share by which two rates may differ and still count as the same."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The comparison of rows measured under equal conditions: which measure distinguishes the models, and how."""

    conditions: Conditions
    measure: str
    """`requests`, `p99`, `memory`, or `none` if no measure does."""
    best: Row
    """In that measure."""
    worst: Row
    requests: float
    """Requests per second, best over worst; infinite if the worst answered none."""
    p99: float
    """The p99, best over worst: below 1 if the best is faster; 1 if one of them is not known."""
    memory: float
    """The memory, best over worst."""
    failing: tuple[Row, ...]
    """Rows with failed requests, if there are others without."""
    left_out: int
    """Rows not compared, since they were measured under other conditions."""


def summarize(rows: Sequence[Row]) -> Summary | None:
    """The comparison of the largest group of rows with equal conditions; None if it has fewer than two models.

    Of several rows of a model the newest counts.
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
    measure, best, worst = _most_notable(conditions, compared)
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


def _most_notable(conditions: Conditions, rows: list[Row]) -> tuple[str, Row, Row]:
    """The first measure that matters for the workload in which models differ, with the best and the worst."""
    if WORKLOADS[conditions.workload].behaviour in ("idle", "slow-send"):
        order = ["memory"]  # their rate is limited by the clients
    elif conditions.rate:
        order = ["p99", "requests", "memory"]  # all models get the same rate
    else:
        order = ["requests", "p99", "memory"]
    for measure in order:
        best, worst = _extremes(measure, rows)
        if _difference(measure, best, worst) >= NOTABLE[measure]:
            return measure, best, worst
    return ("none", *_extremes(order[0], rows))


def _extremes(measure: str, rows: list[Row]) -> tuple[Row, Row]:
    """The best and the worst. Among rates close to the best one, the least memory wins."""
    if measure == "requests":
        ascending = sorted(rows, key=lambda row: row.requests_per_second)
        enough = (1 - SAME_RATE) * ascending[-1].requests_per_second
        best = [row for row in rows if row.requests_per_second >= enough]
        return min(best, key=lambda row: row.memory or math.inf), ascending[0]
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


def sentence(summary: Summary) -> str:
    """The summary in English, such as "epoll answered 11× as many requests as processes with 1/20 of the memory."."""
    best, worst = _named(summary.best), _named(summary.worst)
    memory = _fraction(summary.memory)
    match summary.measure:
        case "requests" if math.isinf(summary.requests):
            text = f"{best} answered {summary.best.requests_per_second:,.0f} requests a second, {worst} none"
        case "requests":
            least = "at least " if summary.best.load_limited else ""
            text = f"{best} answered {least}{_times(summary.requests)} as many requests as {worst}"
            text += f" with {memory} the memory" if memory else ""
        case "p99":
            text = (
                f"the slowest of 100 responses took {_p99(summary.best)} with {best}"
                f" and {_p99(summary.worst)} with {worst}: {_times(1 / summary.p99)} as long"
            )
        case "memory":
            text = f"{best} needed {memory} the memory that {worst} needed"
        case _:
            text = "under this load, no difference between the models is larger than the spread of the rounds"
    if summary.failing:
        text += "; " + ", ".join(f"{row.failed:,} requests to {_named(row)} failed" for row in summary.failing)
    if summary.left_out:
        rows = "one row" if summary.left_out == 1 else f"{summary.left_out} rows"
        text += f" ({rows} under other settings left out)"
    return _capitalised(text) + "."


def _named(row: Row) -> str:
    """The model's name within a sentence."""
    title = MODELS[row.model].title if row.model in MODELS else row.model
    return title[0].lower() + title[1:]


def _capitalised(text: str) -> str:
    kept = tuple(model.title for model in MODELS.values() if model.title[0].islower())  # epoll is a name
    return text if text.startswith(kept) else text[0].upper() + text[1:]


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×".replace(".0×", "×")


def _fraction(ratio: float) -> str:
    """Such as `1/20 of`, `half` or `3×`; empty if the difference is small."""
    if 1 / NOTABLE["memory"] < ratio < NOTABLE["memory"]:
        return ""
    if ratio >= 1:
        return _times(ratio)
    parts = round(1 / ratio)
    return "half" if parts <= 2 else f"1/{parts} of"


def _p99(row: Row) -> str:
    return ("at least " if row.is_bound(row.p99) else "") + _milliseconds(row.p99)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
