"""The sentence above the lanes: its words, and how much of it there is room for."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.traits import Traits
from gui import appearance, formatting
from gui.history.consequences import BytesLost, Consequence, NoneAnswered, UnreadPolls, ZombiesStay
from gui.history.queueing import QueuedBehindAll, QueuedBesideFree
from gui.history.sentences import ComputeTogether, Fact, Occupied, SpentWaiting, WaitTogether
from gui.history.shapes import Parallel, Shape, Staircase
from gui.history.shares import Division, Share
from gui.timeline.sentence import LINES, SentenceLine, sentences

LOOP = Traits("loop", "poller", "many", "first")
THREADS = Traits("thread", "call", "one", "first")
GREENLETS = Traits("greenlet", "call", "one", "first")
POOL = Traits("process", "call", "many", "each")
HELD = Occupied(0, 3, True, 0.1004, 5, 7, 2)


@pytest.fixture
def files(tmp_path: Path) -> dict[int, str]:
    page = tmp_path / "page.py"
    page.write_text("def page():\n    time.sleep(0.1)\n", "utf-8")
    return {7: str(page)}


@pytest.mark.parametrize(
    ("consequence", "said"),
    [
        (UnreadPolls(412_000.0, 1), "412,000 polls a second for 1 connection that nobody reads"),
        (UnreadPolls(12_000.0, 3), "12,000 polls a second for 3 connections that nobody reads"),
        (ZombiesStay(3), "3 zombies"),
        (ZombiesStay(1), "1 zombie"),
        (BytesLost(0.196), "19.6 % arrived: the rest of what was to be sent is lost"),
        (NoneAnswered(8), "0 of 8 answered"),
    ],
)
def test_what_a_mistake_leads_to_is_said_first(consequence: Consequence, said: str, files: dict[int, str]) -> None:
    assert sentences(None, None, LOOP, files, consequence) == [said]
    both = sentences(HELD, None, LOOP, files, consequence)
    assert all(each.startswith(said) for each in both)
    assert both[-1] == said


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (SpentWaiting(1, 0.83, 0.83, 7, 2, 0, True), "The worker spends 83 % of its time waiting at page.py:2"),
        (SpentWaiting(3, 0.83, 0.9, 7, 2, 0, True), "Each worker spends 83 % of its time waiting at page.py:2"),
        (SpentWaiting(3, 0.6, 0.9, 7, 2, 0, True), "Each worker spends at least 60 % of its time waiting at page.py:2"),
        (
            SpentWaiting(3, 0.83, 0.9, 7, 2, 38, True),
            "Each worker spends 83 % of its time waiting at page.py:2; 38 clients waiting while a processor is idle",
        ),
        (
            SpentWaiting(3, 0.83, 0.9, 7, 2, 1, False),
            "Each worker spends 83 % of its time waiting at page.py:2; 1 client waiting",
        ),
        (Occupied(5, 0, True, 0.31, 0, 7, 2), "The loop was blocked for 0.31\N{NO-BREAK SPACE}s in a call"),
    ],
)
def test_where_workers_wait_is_said_with_the_line(fact: Fact, said: str, files: dict[int, str]) -> None:
    traits = LOOP if isinstance(fact, Occupied) else POOL
    lengths = sentences(fact, None, traits, files, queued=QueuedBehindAll(38, 3))
    assert any(said in each for each in lengths)
    assert "time.sleep(0.1)" in lengths[0]


def test_uneven_shares_are_said_last(files: dict[int, str]) -> None:
    shares = tuple(Share(number, got, got / 100, got, got / 100, None) for number, got in ((1, 72), (2, 19), (3, 9)))
    lengths = sentences(None, None, POOL, files, division=Division(shares, 5.0, of_requests=False))
    assert lengths == ["one worker got 72 % of the connections, an even share is 33 %"]
    even = tuple(Share(number, 50, 0.5, 50, 0.5, None) for number in (1, 2))
    assert not sentences(None, None, POOL, files, division=Division(even, 5.0, of_requests=False))


@pytest.mark.parametrize(
    ("fact", "shape", "traits", "said"),
    [
        (
            HELD, Staircase(6, 0.1004, 0.0), LOOP,
            "The loop waits 0.1 s in a call inside connection 3; 5 others waiting · one after the other: 6 steps of"
            " 0.1 s · page.py, line 2: time.sleep(0.1)",
        ),
        (Occupied(0, 3, False, 0.0204, 1, 0, 0), None, LOOP,
         "The loop computes for 20 ms inside connection 3; 1 other waiting"),
        (Occupied(4, 4, False, 1.26, 0, 0, 0), None, GREENLETS,
         "Greenlet 4 computes for 1.3 s: no other one runs meanwhile"),
        (WaitTogether(6, 0.1, 7, 2), Parallel(6, 0.1, 0.0), THREADS,
         "6 threads wait in a call at the same time, 0.1 s each · page.py, line 2: time.sleep(0.1)"),
        (WaitTogether(6, 0.1, 7, 2, share_line=False), None, THREADS,
         "6 threads wait in a call at the same time, 0.1 s each · some of them at page.py, line 2: time.sleep(0.1)"),
        (ComputeTogether(4, 0.25), None, THREADS,
         "4 threads compute at the same time: each runs 25 % of the time, the rest it waits for the interpreter's lock"
         " or a processor"),
        (ComputeTogether(2, 0.97), None, THREADS, "2 threads compute at the same time, each on a processor of its own"),
        (None, Staircase(8, 0.5004, 0.0), LOOP, "one after the other: 8 steps of 0.5 s"),
        (None, Parallel(64, 0.2032, 0.0), THREADS, "side by side: 64 at once, 0.2 s each"),
    ],
)  # fmt: skip
def test_what_is_proven_is_said(
    files: dict[int, str], fact: Fact | None, shape: Shape | None, traits: Traits, said: str
) -> None:
    lengths = sentences(fact, shape, traits, files)
    assert lengths[0].replace("\N{NO-BREAK SPACE}", " ") == said
    assert sorted(lengths, key=len, reverse=True) == lengths


def test_where_nothing_is_proven_nothing_is_said() -> None:
    assert sentences(None, None, LOOP, {}) == []


@pytest.mark.parametrize("width", [140, 300, 450, 900])
def test_as_much_is_said_as_there_is_room_for(
    qtbot: QtBot, themed: appearance.Theme, files: dict[int, str], width: int
) -> None:
    line = SentenceLine()
    qtbot.addWidget(line)
    lengths = sentences(HELD, Staircase(6, 0.1, 0.0), LOOP, files)
    line.say(lengths)
    line.resize(width, 40)
    assert " ".join(line.shown) in lengths, "whole, whichever it is"
    assert len(line.shown) <= LINES
    assert line.toolTip() == lengths[0]
    line.say([])
    assert line.shown == []


def test_who_waits_for_accept_and_why_comes_first() -> None:
    prefork = Traits("process", "call", "many", "each")
    free = sentences(None, None, prefork, {}, queued=QueuedBesideFree(5, (71, 72)))
    busy = sentences(None, None, prefork, {}, queued=QueuedBehindAll(5, 4))
    assert free == [f"5 waiting for accept, with {formatting.workers('process', 2)} free: each has a queue of its own"]
    assert busy == [f"5 waiting for accept: all {formatting.workers('process', 4)} busy"]
