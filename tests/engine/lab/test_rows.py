"""What is made of rows: medians, the curve of percentiles, and the sentence that compares them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lab.rows import Conditions, Row, combined, percentiles
from engine.lab.summary import sentence, summarize
from engine.load.histogram import Histogram
from tests.engine.lab.test_measurement import MIB, histogram

CONDITIONS = Conditions("steady", 64, 0, 0.0, 0, True)


def made(model: str, rate: float, *, mib: float = 30, p99: float = 0.01, failed: int = 0, **other: object) -> Row:
    row = Row(
        model, CONDITIONS, 1.0, 5.0, rate, p99 / 3, p99, p99 * 2, failed, 90.0, 50.0, round(mib * MIB), 1,
        histogram(p99 / 3, p99),
    )  # fmt: skip
    return replace(row, **other)  # type: ignore[arg-type]


def test_medians_of_several_rows() -> None:
    several = [made("epoll", rate, mib=mib, failed=1) for rate, mib in ((100, 30), (900, 10), (200, 20))]
    row = combined(several)
    assert (row.requests_per_second, row.memory, row.failed, row.seconds) == (200, 20 * MIB, 3, 15)
    assert Histogram.decode(row.histogram).total == 6
    assert combined([several[0]]) == several[0]
    assert combined([replace(several[0], histogram="")]).histogram == ""


def test_memory_that_is_not_known_is_not_the_least() -> None:
    unknown, known = made("epoll", 1000, mib=0), made("thread", 1000, mib=30)
    summary = summarize([unknown, known, made("process", 10, mib=60)])
    assert summary
    assert summary.best is known


@given(st.lists(st.floats(1e-6, 500), min_size=1, max_size=300))
def test_the_curve_of_percentiles(seconds: list[float]) -> None:
    text = histogram(*seconds)
    curve = percentiles(text)
    at, values = zip(*curve, strict=True)
    assert at[0] == 0
    assert list(at) == sorted(set(at))
    assert at[-1] <= 100 - 100 / len(seconds) + 1e-9
    assert list(values) == sorted(values)
    whole = Histogram.decode(text)
    assert [value / 1e6 for value in whole.values_at(at)] == pytest.approx(values)


def test_the_curve_names_the_usual_percentiles() -> None:
    at = [percent for percent, _ in percentiles(histogram(*[0.001] * 10_000))]
    for percent in (0, 50, 90, 99, 99.9):
        assert any(percent == pytest.approx(each, abs=1e-9) for each in at)
    assert percentiles("") == []


@pytest.mark.parametrize(
    ("given_rows", "expected"),
    [
        (
            [made("process", 900, mib=600), made("thread", 3000), made("epoll", 9900)],
            "epoll answered 11× as many requests as processes with 1/20 of the memory.",
        ),
        (
            [made("process", 900), made("thread", 2150)],
            "Threads answered 2.4× as many requests as processes.",
        ),
        (
            [made("process", 900, mib=20), made("epoll", 9900, mib=62, load_limited=True)],
            "epoll answered at least 11× as many requests as processes with 3.1× the memory.",
        ),
        (
            [made("epoll", 0), made("gevent", 1234, failed=2)],
            "Greenlets answered 1,234 requests a second, epoll none; 2 requests to greenlets failed.",
        ),
        (
            [made("epoll", 1000, p99=0.004), made("thread", 1100, p99=0.16)],
            "The slowest of 100 responses took 4.0 ms with epoll and 160 ms with threads: 40× as long.",
        ),
        (
            [made("epoll", 1000, mib=20), made("thread", 1100, mib=41)],
            "epoll needed half the memory that threads needed.",
        ),
        (
            [made("epoll", 1000), made("thread", 1100)],
            "Under this load, no difference between the models is larger than the spread of the rounds.",
        ),
        (
            [made("epoll", 1000), made("thread", 4000), made("thread", 1100, begin=2.0)],
            "Under this load, no difference between the models is larger than the spread of the rounds.",
        ),
        (
            [made("epoll", 1000), made("thread", 9000), made("gevent", 9, conditions=replace(CONDITIONS, clients=9))],
            "Threads answered 9× as many requests as epoll (one row under other settings left out).",
        ),
        (
            [
                made("epoll", 3, mib=20, conditions=replace(CONDITIONS, workload="idle-crowd")),
                made("process", 9, mib=2000, conditions=replace(CONDITIONS, workload="idle-crowd")),
            ],
            "epoll needed 1/100 of the memory that processes needed.",
        ),
        (
            [
                made("epoll", 1000, p99=0.01, conditions=replace(CONDITIONS, rate=1000.0)),
                made("process", 500, p99=2.0, conditions=replace(CONDITIONS, rate=1000.0)),
            ],
            "The slowest of 100 responses took 10 ms with epoll and 2,000 ms with processes: 200× as long.",
        ),
    ],
)
def test_summary_in_a_sentence(given_rows: list[Row], expected: str) -> None:
    summary = summarize(given_rows)
    assert summary
    assert sentence(summary) == expected


def test_of_those_that_answer_as_many_the_lightest_is_named() -> None:
    rows = [made("process", 59.0, mib=60), made("thread", 58.5, mib=20), made("epoll", 10.0, mib=15)]
    summary = summarize(rows)
    assert summary
    assert (summary.best.model, summary.worst.model) == ("thread", "epoll")


def test_one_model_is_no_comparison() -> None:
    assert summarize([]) is None
    assert summarize([made("epoll", 1), made("epoll", 2)]) is None
    assert summarize([made("epoll", 1), made("thread", 2, conditions=replace(CONDITIONS, slow=1))]) is None


def test_the_newest_of_equally_large_groups_counts() -> None:
    older = [made("epoll", 1), made("thread", 2)]
    newer = [replace(row, begin=9.0, conditions=replace(CONDITIONS, clients=9)) for row in older]
    summary = summarize(newer + older)
    assert summary
    assert (summary.conditions.clients, summary.left_out) == (9, 2)
    assert (summary.best.model, summary.worst.model, summary.requests) == ("thread", "epoll", 2)
