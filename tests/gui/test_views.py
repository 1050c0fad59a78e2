"""The views below the curves: an entry of the list is all that a view needs to be shown."""

from typing import Any

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from gui import views
from gui.appearance import Theme
from gui.history.histories import Histories, RunHistory
from gui.views import ViewEntry, ViewTabs
from tests.ready import a_ready


class Witness(QWidget):
    """A view that notes what it was asked for."""

    connection_selected = Signal(int, float)

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Any, ...]] = []

    def set_theme(self, theme: Theme) -> None:
        self.seen.append(("theme", theme))

    def show_run(self, history: RunHistory) -> None:
        self.seen.append(("run", history))

    def draw(self, now: float) -> None:
        self.seen.append(("draw", now))

    def show_frozen(self, frozen: bool) -> None:
        self.seen.append(("frozen", frozen))

    def select(self, connection: int, moment: float) -> None:
        self.seen.append(("select", connection, moment))


@pytest.fixture
def histories() -> Histories:
    return Histories(monotonic)


@pytest.fixture
def tabs(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, histories: Histories) -> ViewTabs:
    entries = {
        "fast": ViewEntry("Fast", lambda *_: Witness(), 33, lambda history: True),
        "slow": ViewEntry("Slow", lambda *_: Witness(), 250),
    }
    monkeypatch.setattr(views, "VIEWS", entries)
    tabs = ViewTabs()
    qtbot.addWidget(tabs)
    scoreboard: Any = None
    tabs.fill(histories.first, scoreboard)
    return tabs


def seen(tabs: ViewTabs, name: str) -> list[tuple[Any, ...]]:
    """What was asked of a view."""
    view: Any = tabs.views[name]
    return list(view.seen)


def test_an_entry_is_a_tab(tabs: ViewTabs, histories: Histories) -> None:
    assert [tabs.tabText(place) for place in range(tabs.count())] == ["Fast", "Slow"]
    assert tabs.want_spans(histories.first)
    tabs.show_view("slow")
    assert tabs.seen is tabs.views["slow"]
    assert not tabs.want_spans(histories.first)


def test_a_view_is_drawn_as_often_as_its_entry_says(tabs: ViewTabs) -> None:
    tabs.draw(33, 5.0)
    assert seen(tabs, "fast") == [("draw", 5.0)]
    assert seen(tabs, "slow") == []


def test_what_is_selected_in_one_is_selected_in_all(tabs: ViewTabs) -> None:
    view: Any = tabs.views["fast"]
    view.connection_selected.emit(7, 12.5)
    assert seen(tabs, "fast") == [("select", 7, 0.0)], "it is at the moment already"
    assert seen(tabs, "slow") == [("select", 7, 12.5)]
    tabs.show_frozen(True)
    assert seen(tabs, "slow")[-1] == ("frozen", True)


def test_a_selected_connection_does_not_live_on_into_the_next_server(tabs: ViewTabs, histories: Histories) -> None:
    for time in (1.0, 2.0):
        histories.first.receive_engine(a_ready("thread", time))
        tabs.show_histories(histories)
        assert ("select", 0, 0.0) in seen(tabs, "slow")
        tabs.select(5)
        for name in tabs.views:
            seen_by: Any = tabs.views[name]
            seen_by.seen.clear()
        tabs.show_histories(histories)
        assert ("select", 0, 0.0) not in seen(tabs, "slow"), "it is the same server still"


def test_all_show_the_run_that_is_picked(tabs: ViewTabs, histories: Histories) -> None:
    tabs.show_histories(histories)
    assert seen(tabs, "slow") == [("run", histories.first)]
    for history, model in ((histories.first, "thread"), (histories.second, "epoll")):
        history.receive_engine(a_ready(model, monotonic()))
    tabs.show_histories(histories)
    tabs.pair.buttons[1].click()
    tabs.show_histories(histories)
    assert tabs.history is histories.second
    for name in tabs.views:
        assert seen(tabs, name)[-2:] == [("select", 0, 0.0), ("run", histories.second)], "each engine numbers its own"


def test_a_second_view_that_is_hidden_is_let_go_as_well(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, histories: Histories
) -> None:
    class Paired(Witness):
        def join(self, first: Any) -> None:
            """Does nothing."""

        def show_named(self, named: bool) -> None:
            """Does nothing."""

    monkeypatch.setattr(
        views, "VIEWS", {"both": ViewEntry("Both", lambda *_: Paired(), 33, beside=Qt.Orientation.Vertical)}
    )
    tabs = ViewTabs()
    qtbot.addWidget(tabs)
    scoreboard: Any = None
    tabs.fill(histories.first, scoreboard)
    for history, model in ((histories.first, "thread"), (histories.second, "epoll")):
        history.receive_engine(a_ready(model, monotonic()))
    tabs.show_histories(histories)
    tabs.pair.both.click()
    tabs.show_histories(histories)
    second: Any = tabs.views_of("both")[1]
    tabs.show_frozen(True)
    tabs.pair.buttons[0].click()
    tabs.show_histories(histories)
    tabs.show_frozen(False)
    assert [each for each in second.seen if each[0] == "frozen"] == [("frozen", True), ("frozen", False)]
