"""Which facts the last seconds of the lanes prove, and what is not said: in made-up lanes."""

import numpy as np

from engine.traits import Traits
from gui.history.intervals import Fresh, LaneState, as_table, fresh
from gui.history.sentences import ComputeTogether, Fact, Occupied, WaitTogether, fact

LOOP = Traits("loop", "poller", "many", "first")
THREADS = Traits("thread", "call", "one", "first")
GREENLETS = Traits("greenlet", "call", "one", "first")
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
