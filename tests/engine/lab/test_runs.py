"""Real engines and a real load, told to one scorekeeper as a window does it."""

import queue
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.lab.measurement import Measurement
from engine.lab.rows import Row
from engine.lab.runs import (
    HOST,
    Inbox,
    MeasuredProcess,
    Plan,
    RunFailed,
    engine_command,
    load_command,
    measure,
    sampled,
)
from engine.load import wire as load_wire
from engine.load.wire import Change
from engine.telemetry import wire
from tests.benchmarks.servers import free_port
from tests.engine.child import PATIENCE


@pytest.fixture
def plan(site: Path) -> Plan:
    """Four clients who keep their connections, for a second, always at the same port."""
    return Plan(
        Change("steady", 4, 0, 0.0, 0), seconds=1.0,
        serve={"keep_alive": True, "root": site, "port": free_port()},
    )  # fmt: skip


def test_a_switch_under_load(plan: Plan) -> None:
    """Each model gets its row, in which nothing failed; what failed in between is the gap's."""
    inbox: Inbox = queue.SimpleQueue()
    measurement = Measurement(min_steady=plan.seconds)
    receivers: dict[MeasuredProcess | None, Callable[[Any], None]] = {None: measurement.receive_usage}
    rows: list[Row] = []

    def hear_until(look: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not look():
            assert time.monotonic() < deadline
            who, message = inbox.get(timeout=PATIENCE)
            assert not isinstance(message, wire.WireError)
            if message is not None:
                receivers[who](message)
            rows.extend(measurement.advance(time.monotonic()))

    with MeasuredProcess(
        "The load", load_command(f"http://{HOST}:{plan.serve['port']}", plan), load_wire.decode, inbox
    ) as load:
        receivers[load] = measurement.receive_load
        for model in ("thread", "epoll"):
            with MeasuredProcess("The engine", engine_command(model, plan), wire.decode, inbox) as engine:
                receivers[engine] = measurement.receive_engine
                with sampled(engine.pid, inbox):
                    hear_until(lambda model=model: (row := measurement.row()) and row.model == model)  # type: ignore[misc]
    while not inbox.empty():
        who, message = inbox.get()
        if message is not None:
            receivers[who](message)
    rows += measurement.finish()
    assert [(row.model, row.failed) for row in rows] == [("thread", 0), ("epoll", 0)]
    assert all(row.requests_per_second > 10 and row.cpu_per_request > 0 for row in rows)
    gap = measurement.gap
    assert gap
    assert (gap.before, gap.after) == ("thread", "epoll")
    assert 0.05 < gap.seconds < PATIENCE
    assert gap.failed >= gap.refused > 0


def test_nobody_is_answered_rightly(plan: Plan, tmp_path: Path) -> None:
    """The site has no such page: each answer is a failure, and a model without a right one has failed."""
    with pytest.raises(RunFailed, match="No request was answered rightly"):
        measure("epoll", replace(plan, serve={**plan.serve, "root": tmp_path}))


def test_what_says_nothing_readable_has_failed(plan: Plan) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with MeasuredProcess("It", ["sh", "-c", "echo what; echo sorry >&2; exit 3"], wire.decode, inbox) as child:
        (_, unreadable), (_, end) = inbox.get(timeout=PATIENCE), inbox.get(timeout=PATIENCE)
        assert "not a line of the wire contract" in child.ending(unreadable)
        assert end is None
        assert child.ending() == "It ended with exit status 3. sorry"
