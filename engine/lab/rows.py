"""A row of the scoreboard: what one model did under one load. Also the medians and percentiles of rows."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from typing import Any

import msgspec

from engine.load.histogram import Histogram
from engine.persistence import ALWAYS_KEPT, KEPT, ONE_A_REQUEST, Mode
from engine.setting import Value
from engine.settings import CONDITIONS
from engine.telemetry.bounds import UNREADABLE, Count, Positive, Real, Seconds, Whole

_BOUNDED: dict[type, Any] = {int: Whole, float: Real}
_Conditions: Any = make_dataclass(
    "_Conditions",
    [
        (row.name, _BOUNDED.get(row.type, row.type), row.type() if row.default is None else row.default)
        for row in CONDITIONS.values()
    ],
    frozen=True,
)


class Conditions(_Conditions):  # type: ignore[misc]
    """What a row was measured under: a field for each condition in the table of settings.

    Only rows with equal conditions are compared. A model's own settings are in the row: they distinguish the models.
    """

    @property
    def connections(self) -> Mode:
        """How long connections lasted, whatever was asked for."""
        if not self.keep_alive:
            return ONE_A_REQUEST
        return ALWAYS_KEPT if self.always_kept else KEPT


@dataclass(frozen=True, slots=True)
class Row:
    """One steady period of one model under one workload. Latencies in seconds, measured by the clients."""

    model: str
    conditions: Conditions
    begin: Seconds
    """Unix time."""
    seconds: Seconds
    requests_per_second: Positive
    """Correct responses."""
    p50: Positive
    """0, like the next two, if no latency was measured: there were no responses, or only those of slow clients."""
    p99: Positive
    p999: Positive
    failed: Count
    cpu: Positive
    """Percent of a core; see `has_usage`."""
    cpu_per_request: Positive
    """Microseconds of the engine's processor time; 0 without responses, or if it is not known."""
    memory: Count
    """Bytes; the mean over the period; 0: not known."""
    workers: Count
    """The largest number of processes, threads or greenlets that served; 1 for a loop; 0: not known."""
    histogram: str
    """Of the latencies; see `engine.load.wire.Latencies`. Empty if there are none."""
    load_limited: bool = False
    """Whether the load's own processor was the limit."""
    settings: dict[str, Value] = field(default_factory=dict)
    """The model's own settings."""
    failures: dict[str, Count] = field(default_factory=dict)
    """How many of the failed requests failed in which way: the keys are those of `engine.load.wire.FAILURES`. Empty
    where none failed, and in rows of earlier versions."""
    bound: float = 0.0
    """Seconds from which a latency is a lower bound, as some requests timed out after so long; 0: none did."""

    def is_bound(self, latency: float) -> bool:
        """Whether one of its latencies is a lower bound."""
        return 0 < self.bound <= latency

    @property
    def has_usage(self) -> bool:
        """Whether it is known what the processes used."""
        return self.cpu > 0 or self.memory > 0


def decoded(text: str | bytes) -> Row:
    """The row in the JSON `text`. Raises `ValueError` for what is none."""
    try:
        row = _rows.decode(text)
    except UNREADABLE as error:
        raise ValueError(f"not a row: {error}") from error
    if row.histogram:
        Histogram.decode(row.histogram)
    return row


def combined(rows: Sequence[Row]) -> Row:
    """The medians of one model's rows under the same conditions; failures are summed, latencies merged."""
    first = rows[0]
    latencies = Histogram()
    for row in rows:
        if row.histogram:
            latencies.add(Histogram.decode(row.histogram, round(row.bound * 1e6)))
    return replace(
        first,
        seconds=sum(row.seconds for row in rows),
        failed=sum(row.failed for row in rows),
        failures=dict(sum((Counter(row.failures) for row in rows), Counter())),
        workers=max(row.workers for row in rows),
        memory=round(statistics.median(row.memory for row in rows)),
        histogram=encoded(latencies),
        bound=latencies.bound / 1e6,
        load_limited=sum(row.load_limited for row in rows) * 2 > len(rows),
        **{
            name: statistics.median(getattr(row, name) for row in rows)
            for name in ("requests_per_second", "p50", "p99", "p999", "cpu", "cpu_per_request")
        },
    )


def percentiles(histogram: str) -> list[tuple[float, float]]:
    """The latency curve of a row: percentile (0 to below 100) and seconds, as far up as there are responses.

    Besides 50, 90, 99, 99.9 … there are five points for each halving of the remainder, as in HDR plots.
    """
    if not histogram:
        return []
    latencies = Histogram.decode(histogram)
    halvings = math.log2(max(latencies.total, 1))
    left = {2 ** (-step / 5) for step in range(int(halvings * 5) + 1)}
    left |= {10.0**-nines for nines in range(1, int(math.log10(2) * halvings + 1e-9) + 1)}
    at = [100 - 100 * each for each in sorted(left, reverse=True)]
    return list(zip(at, seconds_at(latencies, at), strict=True))


def seconds_at(latencies: Histogram, percents: Iterable[float]) -> list[float]:
    """Seconds at each percentile; 0 where nothing was recorded."""
    return [value / 1e6 for value in latencies.values_at(percents)]


def encoded(latencies: Histogram) -> str:
    """The histogram as a row keeps it."""
    return latencies.encode() if latencies.total else ""


_rows = msgspec.json.Decoder(Row)
