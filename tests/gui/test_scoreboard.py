"""The scoreboard as data."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from gui.board.scoreboard import Scoreboard
from gui.board.store import Store
from tests.gui.rows import CROWDED, STEADY, row


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.in_memory()) as store:
        yield store


@pytest.fixture
def board(store: Store) -> Scoreboard:
    board = Scoreboard(store)
    for model in ("process", "thread", "epoll"):
        board.add(row(model))
    return board


def models(board: Scoreboard) -> list[str]:
    return [entry.row.model for entry in board.entries]


def key(board: Scoreboard, model: str) -> str:
    return next(entry.key for entry in board.entries if entry.row.model == model)


def test_rows_are_in_the_order_in_which_they_came(board: Scoreboard) -> None:
    assert models(board) == ["process", "thread", "epoll"]
    assert len({entry.key for entry in board.entries}) == 3


def test_each_change_can_be_seen(board: Scoreboard) -> None:
    seen = [board.revision]
    for change in (
        lambda: board.add(row("gevent")),
        lambda: board.rename(key(board, "thread"), "mine"),
        lambda: board.pin([key(board, "thread")], True),
        lambda: board.move(key(board, "thread"), 1),
        lambda: board.delete([key(board, "epoll")]),
        board.undo,
        board.clear,
    ):
        change()
        seen.append(board.revision)
    assert seen == sorted(set(seen))


def test_a_name_is_trimmed_and_an_empty_one_is_none(board: Scoreboard) -> None:
    board.rename(key(board, "thread"), "  with a pool ")
    assert board.entries[1].name == "with a pool"
    board.rename(key(board, "thread"), "  ")
    assert board.entries[1].name == ""


def test_clearing_leaves_what_is_pinned(board: Scoreboard) -> None:
    board.pin([key(board, "thread")], True)
    board.clear()
    assert models(board) == ["thread"]
    board.pin([key(board, "thread")], False)
    board.clear()
    assert models(board) == []


def test_undo_brings_back_the_last_deletion_first_each_to_its_place(board: Scoreboard) -> None:
    board.rename(key(board, "thread"), "mine")
    before = list(board.entries)
    board.delete([key(board, "thread")])
    board.clear()
    assert (models(board), board.removed) == ([], 2)
    board.undo()
    assert (models(board), board.removed) == (["process", "epoll"], 1)
    board.undo()
    assert list(board.entries) == before
    assert board.removed == 0
    board.undo()
    assert list(board.entries) == before


def test_deleting_nothing_is_nothing_to_undo(board: Scoreboard) -> None:
    board.delete(["no such key"])
    assert board.removed == 0


def test_what_came_after_a_deletion_stays_when_it_is_undone(board: Scoreboard) -> None:
    board.delete([key(board, "process"), key(board, "epoll")])
    board.add(row("gevent"))
    board.undo()
    assert models(board) == ["process", "thread", "epoll", "gevent"]


def test_only_equal_conditions_are_one_group(board: Scoreboard) -> None:
    board.add(row("epoll", CROWDED, begin=1_700_000_100.0))
    board.add(row("gevent"))
    newest, oldest = board.groups()
    assert newest.conditions == CROWDED
    assert [entry.row.model for entry in newest.entries] == ["epoll"]
    assert oldest.conditions == STEADY
    assert [entry.row.model for entry in oldest.entries] == ["process", "thread", "epoll", "gevent"]


def test_a_row_moves_among_its_equals(board: Scoreboard) -> None:
    board.add(row("gevent", CROWDED))
    board.add(row("keepalive"))
    board.move(key(board, "keepalive"), -1)
    assert [entry.row.model for entry in board.groups()[0].entries] == ["process", "thread", "keepalive", "epoll"]
    board.move(key(board, "keepalive"), -9)
    assert [entry.row.model for entry in board.groups()[0].entries] == ["keepalive", "process", "thread", "epoll"]
    board.move(key(board, "process"), 1)
    assert [entry.row.model for entry in board.groups()[0].entries] == ["keepalive", "thread", "process", "epoll"]


def test_the_keeper_has_at_every_moment_what_is_on_the_board(store: Store, board: Scoreboard) -> None:
    def kept() -> list[object]:
        return list(store.entries())

    board.rename(key(board, "thread"), "mine")
    assert kept() == list(board.entries)
    board.delete([key(board, "thread")])
    assert kept() == list(board.entries)
    board.add(row("gevent"))
    assert kept() == list(board.entries)
    board.undo()
    assert kept() == list(board.entries)
    board.move(key(board, "epoll"), -2)
    assert kept() == list(board.entries)
    board.sort(lambda entry: entry.row.model)
    assert models(board) == ["epoll", "gevent", "process", "thread"]
    assert kept() == list(board.entries)


@pytest.mark.parametrize("changes", [{"model": "forgotten"}, {"workload": "forgotten"}])
def test_rows_of_a_model_or_workload_that_is_gone_stay_where_they_are_kept(
    store: Store, changes: dict[str, str]
) -> None:
    unknown = row(changes.get("model", "epoll"), replace(STEADY, workload=changes.get("workload", "steady")))
    first = Scoreboard(store)
    first.add(row("thread"))
    first.add(unknown)
    again = Scoreboard(store)
    assert models(again) == ["thread"]
    again.clear()
    assert [entry.row for entry in store.entries()] == [unknown]
