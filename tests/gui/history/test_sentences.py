"""Which facts the last seconds of the lanes prove, and what is not said: in made-up lanes."""

import numpy as np

from engine.traits import Traits
from gui.history.intervals import Fresh, LaneState, as_table, fresh
from gui.history.sentences import RECENT, ComputeTogether, Fact, Occupied, SpentWaiting, WaitTogether, fact

LOOP = Traits("loop", "poller", "many", "first")
THREADS = Traits("thread", "call", "one", "first")
GREENLETS = Traits("greenlet", "call", "one", "first")
POOL = Traits("process", "call", "many", "each")
NOW = 100.0


def found(traits: Traits, *pieces: Fresh, queue: list[tuple[float, int]] | None = None) -> Fact | None:
    return fact(traits, as_table(list(pieces)), queue or [], NOW)


def test_a_loop_that_waits_holds_up_those_who_stood_ready_all_the_time() -> None:
    call = fresh(0, 1, LaneState.IN_CALL, 99.0, 99.1, line=57, file=7)
    ready = [fresh(-1, number, LaneState.RUNNABLE, 98.99, 99.1 + number / 10) for number in (2, 3)]
    late = fresh(-1, 4, LaneState.RUNNABLE, 99.09, 99.3)
    assert found(LOOP, call, *ready, late) == Occupied(0, 1, True, np.float64(99.1) - 99.0, 2, 7, 57)
    held = found(LOOP, call, queue=[(99.05, 5), (99.5, 9)])
    assert isinstance(held, Occupied)
    assert held.others == 5, "in the kernel's queue at the time"


def test_the_piece_that_most_waited_for_is_named() -> None:
    calls = [fresh(0, number, LaneState.COMPUTING, 98.0 + number, 98.1 + number) for number in (1, 2)]
    held = found(LOOP, *calls, fresh(-1, 9, LaneState.RUNNABLE, 99.0, 99.2))
    assert isinstance(held, Occupied)
    assert (held.connection, held.waits, held.others) == (1, False, 1)


def test_a_greenlet_holds_others_up_only_while_it_computes() -> None:
    assert found(GREENLETS, fresh(1, 1, LaneState.IN_CALL, 99.0, 99.1)) is None
    held = found(GREENLETS, fresh(1, 1, LaneState.COMPUTING, 99.0, 99.1))
    assert isinstance(held, Occupied)
    assert held.worker == 1


def spent(worker: int, share: float, line: int = 41) -> Fresh:
    """A worker that waited for this share of the last seconds."""
    return fresh(worker, worker, LaneState.IN_CALL, NOW - RECENT, NOW - RECENT + share * RECENT, line=line, file=7)


def test_what_the_workers_of_a_pool_wait_at_is_said_if_each_spent_most_of_its_time_there() -> None:
    queue = [(98.0, 4), (99.0, 9), (99.5, 6)]
    seen = fact(POOL, as_table([spent(11, 0.75), spent(12, 0.875)]), queue, NOW, 1.2)
    assert seen == SpentWaiting(2, 0.75, 0.875, 7, 41, 6, has_idle_processor=True)
    gap = fact(POOL, as_table([spent(11, 0.75), spent(12, 0.875)]), [*queue, (99.8, 0)], NOW, 0.8)
    assert gap == SpentWaiting(2, 0.75, 0.875, 7, 41, 0, has_idle_processor=False), "for a moment nobody waited"
    idle = fresh(13, 0, LaneState.WAITING, 97.5, 99.9)
    assert found(POOL, spent(11, 0.75), spent(12, 0.875), idle) is None, "one had nothing to do"
    assert found(POOL, spent(11, 0.75), spent(12, 0.875, line=57)) is None, "not at the same line"


def test_what_is_reported_bit_by_bit_is_one_piece() -> None:
    bits = [fresh(5, 0, LaneState.IN_CALL, 99.0 + n / 10, 99.1 + n / 10, line=12, file=7) for n in range(3)]
    other = fresh(5, 0, LaneState.IN_CALL, 99.3001, 99.4, line=12, file=7)
    held = found(LOOP, *bits, other, fresh(-1, 9, LaneState.RUNNABLE, 98.9, 99.3))
    assert isinstance(held, Occupied)
    assert (held.connection, held.line, held.others) == (0, 12, 1)
    assert abs(held.seconds - 0.3) < 1e-6


def test_workers_wait_together_only_at_the_same_time() -> None:
    side_by_side = [fresh(n, n, LaneState.IN_CALL, 99.0 + n / 100, 99.2, line=57, file=7) for n in (1, 2, 3)]
    seen = found(THREADS, *side_by_side)
    assert isinstance(seen, WaitTogether)
    assert (seen.count, seen.file, seen.line) == (3, 7, 57)
    one_by_one = [fresh(n, n, LaneState.IN_CALL, 98.0 + n / 10, 98.1 + n / 10) for n in (1, 2, 3)]
    assert found(THREADS, *one_by_one) is None
    assert found(THREADS, *side_by_side[:2]) is None, "two are no crowd"


def test_workers_that_compute_together_share_what_there_is() -> None:
    pieces = []
    for worker in (1, 2):
        pieces.append(fresh(worker, worker, LaneState.COMPUTING, 99.0, 99.1, share=0.4))
        pieces.append(fresh(worker, worker, LaneState.NOT_RUNNING, 99.0, 99.1, share=0.6))
    assert found(THREADS, *pieces) == ComputeTogether(2, 0.4)


def test_who_computed_a_little_and_waited_did_not_compute_together() -> None:
    pieces = []
    for worker in (1, 2):
        pieces.append(fresh(worker, worker, LaneState.COMPUTING, 99.0, 99.1, share=0.4))
        pieces.append(fresh(worker, worker, LaneState.IN_CALL, 99.0, 99.1, share=0.6))
    assert found(THREADS, *pieces) is None


def test_nothing_is_said_of_what_is_not_known_or_long_over() -> None:
    handling = [fresh(n, n, LaneState.HANDLING, 99.0, 99.2) for n in (1, 2, 3)]
    assert found(THREADS, *handling) is None
    assert found(LOOP, fresh(0, 1, LaneState.IN_CALL, 90.0, 90.1)) is None
    assert found(LOOP) is None
