"""Who waits where in a pool: of real engines whose clients are known to wait, beside what `ss` says of their port."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from gui.history.intervals import HANDLED, STATE, WORKER, Interval, LaneState, as_interval
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually
from tests.gui.stories import Told, telling

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ss") is None, reason="no witness: ss"),
]
WORKERS = 2
CLIENTS = 9
BETWEEN = frozenset(
    (
        LaneState.FREE,
        LaneState.ACCEPTING,
        LaneState.READING,
        LaneState.WRITING,
        LaneState.WAITING,
        LaneState.RUNNABLE,
    )
)
"""What a worker does besides handling a request, if its clients are quick."""
LONG = "/work/wait?ms=10000"


@contextmanager
def clients(engine: Engine, count: int, path: str) -> Iterator[list[Client]]:
    """Clients that have sent a request, one after the other."""
    with ExitStack() as leaving:
        found = []
        for _ in range(count):
            client = leaving.enter_context(Client(engine.address))
            client.send(request(path))
            found.append(client)
        yield found


def accept_queue(port: int) -> int:
    """What the system says stands in the accept queues of a port."""
    lines = subprocess.check_output(["ss", "-Hltn", f"( sport = :{port} )"], text=True).splitlines()
    return sum(int(line.split()[1]) for line in lines)


def queues(told: Told) -> tuple[int | None, int | None]:
    """How many wait in the pool's queue, and for accept, as it was last reported."""
    told.catch_up()
    return tuple(queue[-1][1] if queue else None for queue in (told.lanes.pool_queue, told.lanes.queue))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("model", "options", "in_pool", "before_accept"),
    [
        ("threadpool", ("--threads", "2", "--queue-length", "3"), 4, 3),  # one of the four is in the acceptor's hand
        ("reactor", ("--threads", "2"), 7, 0),
        ("prefork", ("--workers", "2"), None, 7),
    ],
)
def test_each_client_that_waits_stands_in_one_queue(
    model: str, options: tuple[str, ...], in_pool: int | None, before_accept: int
) -> None:
    with telling(model, *options) as (engine, told), clients(engine, CLIENTS, LONG):
        assert engine.ready
        eventually(lambda: queues(told) == (in_pool, before_accept) or None, "all of them wait")
        assert accept_queue(engine.ready.port) == before_accept
        handling = eventually(lambda: (told.catch_up(), workers_in(told, HANDLED))[1], "handled")
        assert len(handling) == WORKERS
        assert WORKERS + (in_pool or 0) + before_accept == CLIENTS


def workers_in(told: Told, states: frozenset[LaneState]) -> set[int]:
    """The workers that are in one of these states now, all of which are then."""
    tails = told.lanes.tails(told.lanes.workers(), [], told.lanes._known.reported)
    found = {int(worker) for worker, state in tails[[WORKER, STATE]].T if LaneState(int(state)) in states}
    return found if len(found) == WORKERS else set()


@pytest.mark.parametrize("model", [key for key, each in MODELS.items() if each.traits.has_pool and each.available()])
def test_a_worker_that_is_free_is_drawn_so_and_none_of_its_lane_is_blank(model: str) -> None:
    """One client after the other: all that is between two of them is free."""
    pool = "--workers" if MODELS[model].worker == "process" else "--threads"
    with telling(model, pool, "1") as (engine, told):
        for _ in range(3):
            with Client(engine.address) as client:
                client.send(request("/work/wait?ms=60", connection="close"))
                client.reply()
        told.until_over(3)
        pieces = eventually(lambda: lane_up_to_free(told), "it is free")
        assert {each.state for each in pieces} <= HANDLED | BETWEEN
        assert sum(each.state is LaneState.FREE for each in pieces) >= 2
        blanks = [after.begin - before.end for before, after in pairwise(pieces)]
        assert max(blanks) < 0.01


def lane_up_to_free(told: Told) -> list[Interval]:
    """All that the one worker did, once the last of it is that it is free."""
    told.catch_up()
    lanes = told.lanes
    workers = lanes.workers() - {0}
    table = lanes.between(0, monotonic())
    pieces = [as_interval(each) for each in table.T if each[WORKER] in workers]
    pieces += [as_interval(each) for each in lanes.tails(workers, [], lanes._known.reported).T]
    pieces.sort(key=lambda each: each.begin)
    return pieces if pieces and pieces[-1].state is LaneState.FREE else []
