"""The scoreboard as data."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from gui import formatting
from gui.scoreboard.scoreboard import Scoreboard
from gui.scoreboard.store import Store
from tests.gui.rows import CROWDED, STEADY, row


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.in_memory()) as store:
        yield store


@pytest.fixture
def scoreboard(store: Store) -> Scoreboard:
    scoreboard = Scoreboard(store)
    for model in ("process", "thread", "epoll"):
        scoreboard.add(row(model))
    return scoreboard


def models(scoreboard: Scoreboard) -> list[str]:
    return [entry.row.model for entry in scoreboard.entries]


def key(scoreboard: Scoreboard, model: str) -> str:
    return next(entry.key for entry in scoreboard.entries if entry.row.model == model)


def test_rows_are_in_the_order_in_which_they_came(scoreboard: Scoreboard) -> None:
    assert models(scoreboard) == ["process", "thread", "epoll"]
    assert len({entry.key for entry in scoreboard.entries}) == 3


def test_each_change_can_be_seen(scoreboard: Scoreboard) -> None:
    seen = [scoreboard.revision]
    for change in (
        lambda: scoreboard.add(row("gevent")),
        lambda: scoreboard.rename(key(scoreboard, "thread"), "mine"),
        lambda: scoreboard.pin([key(scoreboard, "thread")], True),
        lambda: scoreboard.move(key(scoreboard, "thread"), 1),
        lambda: scoreboard.delete([key(scoreboard, "epoll")]),
        scoreboard.undo,
        scoreboard.clear,
    ):
        change()
        seen.append(scoreboard.revision)
    assert seen == sorted(set(seen))


def test_a_name_is_trimmed_and_an_empty_one_is_none(scoreboard: Scoreboard) -> None:
    scoreboard.rename(key(scoreboard, "thread"), "  with a pool ")
    assert scoreboard.entries[1].name == "with a pool"
    scoreboard.rename(key(scoreboard, "thread"), "  ")
    assert scoreboard.entries[1].name == ""


def test_clearing_leaves_what_is_pinned(scoreboard: Scoreboard) -> None:
    scoreboard.pin([key(scoreboard, "thread")], True)
    scoreboard.clear()
    assert models(scoreboard) == ["thread"]
    scoreboard.pin([key(scoreboard, "thread")], False)
    scoreboard.clear()
    assert models(scoreboard) == []


def test_undo_brings_back_the_last_deletion_first_each_to_its_place(scoreboard: Scoreboard) -> None:
    scoreboard.rename(key(scoreboard, "thread"), "mine")
    before = list(scoreboard.entries)
    scoreboard.delete([key(scoreboard, "thread")])
    scoreboard.clear()
    assert (models(scoreboard), scoreboard.removed) == ([], 2)
    scoreboard.undo()
    assert (models(scoreboard), scoreboard.removed) == (["process", "epoll"], 1)
    scoreboard.undo()
    assert list(scoreboard.entries) == before
    assert scoreboard.removed == 0
    scoreboard.undo()
    assert list(scoreboard.entries) == before


def test_deleting_nothing_is_nothing_to_undo(scoreboard: Scoreboard) -> None:
    scoreboard.delete(["no such key"])
    assert scoreboard.removed == 0


def test_what_came_after_a_deletion_stays_when_it_is_undone(scoreboard: Scoreboard) -> None:
    scoreboard.delete([key(scoreboard, "process"), key(scoreboard, "epoll")])
    scoreboard.add(row("gevent"))
    scoreboard.undo()
    assert models(scoreboard) == ["process", "thread", "epoll", "gevent"]


def test_only_equal_conditions_are_one_group(scoreboard: Scoreboard) -> None:
    scoreboard.add(row("epoll", CROWDED, begin=1_700_000_100.0))
    scoreboard.add(row("gevent"))
    newest, oldest = scoreboard.groups()
    assert newest.conditions == CROWDED
    assert [entry.row.model for entry in newest.entries] == ["epoll"]
    assert oldest.conditions == STEADY
    assert [entry.row.model for entry in oldest.entries] == ["process", "thread", "epoll", "gevent"]


def test_a_row_with_a_mistake_stands_apart_and_is_marked(scoreboard: Scoreboard) -> None:
    taught = row("gevent")
    wrong = replace(taught, conditions=replace(taught.conditions, mistake="joinall"))
    scoreboard.add(taught)
    scoreboard.add(wrong)
    [apart] = [group for group in scoreboard.groups() if group.conditions.mistake]
    assert [entry.row for entry in apart.entries] == [wrong]
    assert formatting.contestant(wrong) == "Greenlets ✗ joinall in the accept loop"
    assert formatting.contestant(taught) == "Greenlets"
    assert set(formatting.conditions(wrong.conditions)) - set(formatting.conditions(taught.conditions)) == {
        "mistake: joinall in the accept loop"
    }


def test_a_row_moves_among_its_equals(scoreboard: Scoreboard) -> None:
    scoreboard.add(row("gevent", CROWDED))
    scoreboard.add(row("keepalive"))
    scoreboard.move(key(scoreboard, "keepalive"), -1)
    assert [entry.row.model for entry in scoreboard.groups()[0].entries] == ["process", "thread", "keepalive", "epoll"]
    scoreboard.move(key(scoreboard, "keepalive"), -9)
    assert [entry.row.model for entry in scoreboard.groups()[0].entries] == ["keepalive", "process", "thread", "epoll"]
    scoreboard.move(key(scoreboard, "process"), 1)
    assert [entry.row.model for entry in scoreboard.groups()[0].entries] == ["keepalive", "thread", "process", "epoll"]


def test_the_keeper_has_at_every_moment_what_is_on_the_board(store: Store, scoreboard: Scoreboard) -> None:
    def kept() -> list[object]:
        return list(store.entries())

    scoreboard.rename(key(scoreboard, "thread"), "mine")
    assert kept() == list(scoreboard.entries)
    scoreboard.delete([key(scoreboard, "thread")])
    assert kept() == list(scoreboard.entries)
    scoreboard.add(row("gevent"))
    assert kept() == list(scoreboard.entries)
    scoreboard.undo()
    assert kept() == list(scoreboard.entries)
    scoreboard.move(key(scoreboard, "epoll"), -2)
    assert kept() == list(scoreboard.entries)
    scoreboard.sort(lambda entry: entry.row.model)
    assert models(scoreboard) == ["epoll", "gevent", "process", "thread"]
    assert kept() == list(scoreboard.entries)


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
