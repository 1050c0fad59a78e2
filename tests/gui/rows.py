"""Made-up rows of the scoreboard, whose latencies are those of a histogram."""

from dataclasses import replace
from typing import Any

from engine.lab.rows import Conditions, Row, seconds_at
from engine.load.histogram import Histogram

STEADY = Conditions("steady", clients=64, slow=0, rate=0.0, work_ms=0, keep_alive=True)
CROWDED = replace(STEADY, clients=512)


def row(model: str, conditions: Conditions = STEADY, milliseconds: float = 5.0, **given: Any) -> Row:
    """A row of `model`: latencies from `milliseconds` to three times that, and what is `given`."""
    latencies = Histogram()
    for step in range(1000):
        latencies.record(round(1000 * milliseconds * (1 + step / 500)))
    p50, p99, p999 = seconds_at(latencies, (50, 99, 99.9))
    made = Row(
        model=model,
        conditions=conditions,
        begin=1_700_000_000.0,
        seconds=10.0,
        requests_per_second=1000.0,
        p50=p50,
        p99=p99,
        p999=p999,
        failed=0,
        cpu=98.0,
        cpu_per_request=980.0,
        memory=32 * 2**20,
        workers=1,
        histogram=latencies.encode(),
    )
    return replace(made, **given)
