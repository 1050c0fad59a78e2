"""Real engines and a real load, told to one scorekeeper as a window does it."""

import queue
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.lab.rows import Row
from engine.lab.runs import HOST, Child, News, Plan, RunFailed, engine_command, load_command, measure, sampled
from engine.lab.scorekeeper import Scorekeeper
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
    news: News = queue.SimpleQueue()
    keeper = Scorekeeper(settled=plan.seconds)
    hearers: dict[Child | None, Callable[[Any], None]] = {None: keeper.note_usage}
    rows: list[Row] = []

    def hear_until(look: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not look():
            assert time.monotonic() < deadline
            who, message = news.get(timeout=PATIENCE)
            assert not isinstance(message, wire.WireError)
            if message is not None:
                hearers[who](message)
            rows.extend(keeper.advance(time.monotonic()))

    with Child("The load", load_command(f"http://{HOST}:{plan.serve['port']}", plan), load_wire.decode, news) as load:
        hearers[load] = keeper.hear_load
        for model in ("thread", "epoll"):
            with Child("The engine", engine_command(model, plan), wire.decode, news) as engine:
                hearers[engine] = keeper.hear_engine
                with sampled(engine.pid, news):
                    hear_until(lambda model=model: (row := keeper.row()) and row.model == model)  # type: ignore[misc]
    while not news.empty():
        who, message = news.get()
        if message is not None:
            hearers[who](message)
    rows += keeper.finish()
    assert [(row.model, row.failed) for row in rows] == [("thread", 0), ("epoll", 0)]
    assert all(row.requests_per_second > 10 and row.cpu_per_request > 0 for row in rows)
    gap = keeper.gap
    assert gap
    assert (gap.before, gap.after) == ("thread", "epoll")
    assert 0.05 < gap.seconds < PATIENCE
    assert gap.failed >= gap.refused > 0


def test_nobody_is_answered_rightly(plan: Plan, tmp_path: Path) -> None:
    """The site has no such page: each answer is a failure, and a model without a right one has failed."""
    with pytest.raises(RunFailed, match="No request was answered rightly"):
        measure("epoll", replace(plan, serve={**plan.serve, "root": tmp_path}))


def test_what_says_nothing_readable_has_failed(plan: Plan) -> None:
    news: News = queue.SimpleQueue()
    with Child("It", ["sh", "-c", "echo what; echo sorry >&2; exit 3"], wire.decode, news) as child:
        (_, unreadable), (_, end) = news.get(timeout=PATIENCE), news.get(timeout=PATIENCE)
        assert "not a line of the wire contract" in child.ending(unreadable)
        assert end is None
        assert child.ending() == "It ended with exit status 3. sorry"
