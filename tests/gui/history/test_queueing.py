"""Whether clients wait because all are busy or although one is free: in made-up tables, and beside who answered."""

import contextlib
import os
from contextlib import ExitStack

import pytest

from engine.traits import Traits
from gui.history.intervals import LaneState, Table, as_table, fresh
from gui.history.queueing import QueuedBehindAll, QueuedBehindSlow, QueuedBesideFree, Queueing, queueing
from tests.engine.client import Client, request
from tests.engine.support import eventually
from tests.gui.stories import Told, telling

import numpy as np  # isort: skip

PREFORK = Traits("process", "call", "many", "each")
NOW = 10.0


def table(*rows: tuple[int, LaneState, float, float]) -> Table:
    return as_table([fresh(worker, 0, state, begin, end) for worker, state, begin, end in rows])


def samples(begin: float, *counts: int) -> list[tuple[float, int]]:
    return [(begin + 0.1 * place, count) for place, count in enumerate(counts)]


BUSY, FREE = (71, LaneState.IN_CALL, 8.0, NOW), (72, LaneState.FREE, 8.0, NOW)


def test_who_waits_while_a_worker_is_inside_accept_waits_for_another_ones_socket() -> None:
    found = queueing(PREFORK, table(BUSY, FREE), (71, 72), samples(9.0, 0, 3, 3, 4), NOW)
    assert found == QueuedBesideFree(4, (72,))


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ((BUSY, FREE), (0, 3, 3)),  # it may not have been run since
        ((BUSY, (72, LaneState.FREE, 9.28, NOW)), (0, 3, 3, 3, 3)),  # it became free just then
        ((BUSY, (72, LaneState.NOT_KNOWN, 8.0, NOW)), (0, *[3] * 9)),
        ((BUSY,), (0, *[3] * 9)),  # of the other one nothing is known
    ],
)
def test_nothing_is_said_that_is_not_proven(
    rows: tuple[tuple[int, LaneState, float, float], ...], counts: tuple[int, ...]
) -> None:
    assert queueing(PREFORK, table(*rows), (0, 71, 72), samples(9.0, *counts), NOW) is None


def test_who_waits_while_all_are_busy_waits_for_any_of_them() -> None:
    both = table(BUSY, (72, LaneState.READING, 8.0, NOW))
    assert queueing(PREFORK, both, (71, 72), samples(8.5, *[5] * 12), NOW) == QueuedBehindAll(5, 2)
    assert queueing(Traits("thread", "call", "many", "first"), both, (71, 72), samples(8.5, *[5] * 12), NOW) is None


SLOW = [(worker, LaneState.BLOCKED_BY_CLIENT, 8.0, NOW) for worker in (0, 71, 72)]


@pytest.mark.parametrize(
    ("traits", "workers", "pool", "expected"),
    [
        (PREFORK, (71, 72), (), QueuedBehindSlow(5, 2, False)),
        (Traits("loop", "call", "many", "first"), (0,), (), QueuedBehindSlow(5, 1, False)),
        (Traits("thread", "call", "many", "first"), (0, 71, 72), (3,), QueuedBehindSlow(3, 2, True)),
        (Traits("thread", "call", "one", "first"), (0, 71, 72), (), None),  # each has a worker of its own
    ],
)
def test_who_waits_while_all_are_blocked_by_slow_clients(
    traits: Traits, workers: tuple[int, ...], pool: tuple[int, ...], expected: QueuedBehindSlow | None
) -> None:
    waiting = samples(8.5, *[5] * 12)
    in_pool = samples(8.5, *pool * 12)
    assert queueing(traits, table(*SLOW), workers, waiting, NOW, in_pool) == expected
    one_is_free = table(*SLOW[: len(workers) - 1], (workers[-1], LaneState.HANDLING, 8.0, NOW))
    assert not isinstance(queueing(traits, one_is_free, workers, waiting, NOW, in_pool), QueuedBehindSlow)


def found(told: Told) -> Queueing | None:
    """What is proven now."""
    told.catch_up()
    lanes, until = told.lanes, told.lanes._known.reported
    pieces = np.concatenate((lanes.between(until - 3, until), lanes.tails(lanes.workers(), [], until)), axis=1)
    return queueing(lanes.traits, pieces, lanes.workers(), lanes.queue, until)


def ask(engine_address: tuple[str, int], leaving: ExitStack, path: str, patience: float) -> tuple[Client, int]:
    """A client that has asked, and the pid of who answered; 0 if nobody has within `patience`."""
    client = leaving.enter_context(Client(engine_address))
    client.send(request(path, connection="close"))
    client.socket.settimeout(patience)
    with contextlib.suppress(TimeoutError):
        return client, int(client.reply().headers["served-by"].rpartition(" ")[2].strip('"'))
    return client, 0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes here")
@pytest.mark.parametrize("reuseport", [True, False])
def test_a_process_is_called_free_that_answers_whom_the_kernel_gives_it(reuseport: bool) -> None:
    """One process of two is busy: what the other one answers names it, and who is not answered is who waits."""
    options = ("--workers", "2", *(["--reuseport"] if reuseport else []))
    with telling("prefork", *options) as (engine, told), ExitStack() as leaving:
        ask(engine.address, leaving, "/work/wait?ms=10000", 0.01)
        eventually(lambda: (told.catch_up(), told.lanes.connections())[1], "one is busy")
        answered_by = [ask(engine.address, leaving, "/index.html", 0.5)[1] for _ in range(10)]
        waiting, pids = answered_by.count(0), set(answered_by) - {0}
        assert len(pids) == 1, "only one is free"
        if reuseport:
            assert waiting, "ten connections that are all for one of two sockets: once in a thousand runs"
            expected = QueuedBesideFree(waiting, tuple(pids))
            eventually(lambda: found(told) == expected, "proven, once nobody is about to be accepted")
        else:
            assert waiting == 0
            assert found(told) is None
            ask(engine.address, leaving, "/work/wait?ms=10000", 0.01)  # now both are busy
            late = [ask(engine.address, leaving, "/index.html", 0.01)[1] for _ in range(3)]
            assert late == [0] * 3
            eventually(lambda: found(told) == QueuedBehindAll(3, 2), "proven, once it is so for a while")
