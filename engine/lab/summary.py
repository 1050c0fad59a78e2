"""Compares rows: which model did best in which measure, by how much, in one sentence."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.lab.rows import Conditions, Row
from engine.load.workloads import WORKLOADS
from engine.own_model import known
from engine.texts import ANY, QT_TRANSLATE_NOOP, translate

ONLY_ONE = QT_TRANSLATE_NOOP("summary", "{best} answered {rate} requests a second, {worst} none.")
MORE = QT_TRANSLATE_NOOP("summary", "{best} answered {ratio} as many requests as {worst}.")
MORE_WITH = QT_TRANSLATE_NOOP("summary", "{best} answered {ratio} as many requests as {worst} with {memory}.")
SLOWEST = QT_TRANSLATE_NOOP(
    "summary", "The slowest of 100 responses took {least} with {best} and {most} with {worst}: {ratio} as long."
)
LESS_MEMORY = QT_TRANSLATE_NOOP("summary", "{best} needed {memory} that {worst} needed.")
NO_DIFFERENCE = QT_TRANSLATE_NOOP(
    "summary", "Under this load, no difference between the models is larger than the spread of the rounds."
)
FAILED = translate("summary", "%Ln request(s) to {model} failed.", "", -1)
LEFT_OUT = translate("summary", "Left out: %Ln row(s) under other settings.", "", -1)
AT_LEAST = QT_TRANSLATE_NOOP("summary", "at least {amount}")
TIMES = QT_TRANSLATE_NOOP("summary", "{number}×")
HALF_THE_MEMORY = QT_TRANSLATE_NOOP("summary", "half the memory")
PART_OF_MEMORY = QT_TRANSLATE_NOOP("summary", "1/{number} of the memory")
SO_MUCH_MEMORY = QT_TRANSLATE_NOOP("summary", "{ratio} the memory")
MILLISECONDS = QT_TRANSLATE_NOOP("summary", "{number} ms")

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


def sentence(
    summary: Summary,
    *,
    translate: Callable[[str, str, str, int], str] = translate,
    whole: Callable[[float], str] = "{:,.0f}".format,
    tenths: Callable[[float], str] = "{:,.1f}".format,
) -> str:
    """The summary as text, such as "epoll answered 11× as many requests as Processes with 1/20 of the memory."."""
    words = _Words(translate, whole, tenths)
    texts = [words.finding(summary)]
    for row in summary.failing:
        texts.append(words.counted(FAILED, row.failed).format(model=words.title(row)))
    if summary.left_out:
        texts.append(words.counted(LEFT_OUT, summary.left_out))
    return " ".join(texts)


@dataclass(frozen=True)
class _Words:
    """The words of a summary in one language."""

    translate: Callable[[str, str, str, int], str]
    whole: Callable[[float], str]
    tenths: Callable[[float], str]

    def said(self, text: str, **details: str) -> str:
        return self.translate("summary", text, "", ANY).format(**details)

    def counted(self, text: str, number: int) -> str:
        return self.translate("summary", text, "", number)

    def finding(self, summary: Summary) -> str:
        best, worst = summary.best, summary.worst
        models = {"best": self.title(best), "worst": self.title(worst)}
        memory = self.fraction(summary.memory)
        match summary.measure:
            case "requests" if math.isinf(summary.requests):
                return self.said(ONLY_ONE, rate=self.whole(best.requests_per_second), **models)
            case "requests":
                ratio = self.times(summary.requests)
                ratio = self.said(AT_LEAST, amount=ratio) if best.load_limited else ratio
                return self.said(MORE_WITH if memory else MORE, ratio=ratio, memory=memory, **models)
            case "p99":
                times = {"least": self.p99(best), "most": self.p99(worst)}
                return self.said(SLOWEST, ratio=self.times(1 / summary.p99), **times, **models)
            case "memory":
                return self.said(LESS_MEMORY, memory=memory, **models)
        return self.said(NO_DIFFERENCE)

    def title(self, row: Row) -> str:
        model = known(row.model)
        return self.translate("models", model.title, "", ANY) if model else row.model

    def times(self, ratio: float) -> str:
        text = self.whole(ratio) if ratio >= 10 or round(ratio, 1) == round(ratio) else self.tenths(ratio)
        return self.said(TIMES, number=text)

    def fraction(self, ratio: float) -> str:
        """Such as `1/20 of the memory`; empty if the difference is small."""
        if 1 / NOTABLE["memory"] < ratio < NOTABLE["memory"]:
            return ""
        if ratio >= 1:
            return self.said(SO_MUCH_MEMORY, ratio=self.times(ratio))
        parts = round(1 / ratio)
        return self.said(HALF_THE_MEMORY) if parts <= 2 else self.said(PART_OF_MEMORY, number=self.whole(parts))

    def p99(self, row: Row) -> str:
        time = self.milliseconds(row.p99)
        return self.said(AT_LEAST, amount=time) if row.is_bound(row.p99) else time

    def milliseconds(self, seconds: float) -> str:
        number = self.whole(seconds * 1000) if seconds >= 0.01 else self.tenths(seconds * 1000)
        return self.said(MILLISECONDS, number=number)
