"""Real engines and a real load, received by one measurement, as in the window."""

import queue
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.clock import monotonic
from engine.lab.measurement import Measurement
from engine.lab.rows import Row
from engine.lab.runs import HOST, Inbox, MeasuredProcess, Plan, RunFailed, measure, sampled
from engine.load import wire as load_wire
from engine.load.wire import Change
from engine.telemetry import wire
from tests.benchmarks.servers import free_port
from tests.engine.child import PATIENCE


@pytest.fixture
def plan(site: Path) -> Plan:
    """Four clients that keep their connections, for a second, always at the same port."""
    return Plan(
        Change("steady", 4, 0, 0.0, 0), seconds=1.0,
        serve={"keep_alive": True, "root": site, "port": free_port()},
    )  # fmt: skip


@pytest.mark.slow
def test_a_switch_under_load(plan: Plan) -> None:
    """Each model gets its row, in which nothing failed; failures in between belong to the gap."""
    inbox: Inbox = queue.SimpleQueue()
    measurement = Measurement(min_steady=plan.seconds)
    receivers: dict[MeasuredProcess | None, Callable[[Any], None]] = {None: measurement.receive_usage}
    rows: list[Row] = []

    def receive_until(look: Callable[[], object]) -> None:
        deadline = monotonic() + PATIENCE
        while not look():
            assert monotonic() < deadline
            process, message = inbox.get(timeout=PATIENCE)
            assert not isinstance(message, wire.WireError)
            if message is not None:
                receivers[process](message)
            rows.extend(measurement.advance(monotonic()))

    with MeasuredProcess(
        "The load", plan.load_command(f"http://{HOST}:{plan.serve['port']}"), load_wire.decode, inbox
    ) as load:
        receivers[load] = measurement.receive_load
        for model in ("thread", "epoll"):
            with MeasuredProcess("The engine", plan.engine_command(model), wire.decode, inbox) as engine:
                receivers[engine] = measurement.receive_engine
                with sampled(engine.pid, inbox):
                    receive_until(lambda model=model: (row := measurement.row()) and row.model == model)  # type: ignore[misc]
    while not inbox.empty():
        process, message = inbox.get()
        if message is not None:
            receivers[process](message)
    rows += measurement.finish()
    assert [(row.model, row.failed) for row in rows] == [("thread", 0), ("epoll", 0)]
    assert all(row.requests_per_second > 10 and row.cpu_per_request > 0 for row in rows)
    gap = measurement.gap
    assert gap
    assert (gap.before, gap.after) == ("thread", "epoll")
    assert 0.05 < gap.seconds < PATIENCE
    assert gap.failed >= gap.refused > 0


def test_no_correct_response_is_a_failed_run(plan: Plan, tmp_path: Path) -> None:
    """The site has no such page: each response is a failure, and a run without a correct one has failed."""
    with pytest.raises(RunFailed, match="No request got a correct response"):
        measure("epoll", replace(plan, serve={**plan.serve, "root": tmp_path}))


def test_unreadable_output_is_a_failed_run(plan: Plan) -> None:
    inbox: Inbox = queue.SimpleQueue()
    with MeasuredProcess("It", ["sh", "-c", "echo what; echo sorry >&2; exit 3"], wire.decode, inbox) as child:
        (_, unreadable), (_, end) = inbox.get(timeout=PATIENCE), inbox.get(timeout=PATIENCE)
        assert "not a line of the wire contract" in child.end_reason(unreadable)
        assert end is None
        assert child.end_reason() == "It ended with exit status 3. sorry"
