"""The Requests tab and the table behind it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.telemetry import wire
from gui import appearance
from gui.history.lanes import Lanes
from gui.history.request_log import RequestLog
from gui.history.search import Search
from gui.log.table import (
    BYTES,
    CLIENT,
    CONNECTION,
    HANDLED,
    HELD,
    QUEUED,
    REQUEST,
    STATUS,
    TOTAL,
    WAITED,
    WORKER,
    RequestTable,
)
from gui.panels.requests import RequestsPanel
from tests.answered import answered
from tests.ready import a_ready

PATIENCE = 5_000
HEADS = [
    wire.Head(1, "GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    wire.Head(2, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
    wire.Head(3, "GET /missing.html HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    wire.Head(4, "HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n"),
]


class Story:
    """A log in which requests arrive; every fifth asks for what is not there."""

    def __init__(self, capacity: int = 1_000) -> None:
        self.log = RequestLog(capacity)
        self.log.begin(a_ready("thread", 0.0, keep_alive=False))
        self.log.add_heads(HEADS)

    def arrive(self, count: int) -> None:
        numbers = range(self.log.total, self.log.total + count)
        self.log.add_clients([wire.Opening(0.0, number, f"127.0.0.1:{40_000 + number}", 0) for number in numbers])
        self.log.append([self._request(number) for number in numbers])

    def _request(self, number: int) -> wire.Request:
        asked, told, status = (3, 4, 404) if number % 5 == 4 else (1, 2, 200)
        return answered(number / 1_000, number, 7, asked, told, status, 1_612, 0.000_25, 0.5, number != 2)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def table(story: Story) -> RequestTable:
    return RequestTable(story.log, Search)


@pytest.fixture
def panel(qtbot: QtBot, themed: appearance.Theme, story: Story) -> RequestsPanel:
    panel = RequestsPanel(story.log, Lanes(), Search)
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1_000, 500)
    panel.show()
    return panel


def shown(table: RequestTable, column: int = CONNECTION) -> list[str]:
    """A column from top to bottom."""
    return [table.index(row, column).data() for row in range(table.rowCount())]


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


# ---- the table


def test_the_newest_is_on_top(story: Story, table: RequestTable) -> None:
    story.arrive(6)
    assert table.rowCount() == 0, "nothing moves between two looks"
    table.refresh()
    assert shown(table) == ["5", "4", "3", "2", "1", "0"]
    assert shown(table, REQUEST)[1] == "GET /missing.html"
    assert shown(table, STATUS)[:4] == ["200 OK", "404 Not Found", "200 OK", "200 OK, cut off"]
    row = [table.index(0, column).data() for column in (CLIENT, WORKER, BYTES, QUEUED, WAITED, HANDLED, TOTAL)]
    assert row == ["127.0.0.1:40005", "thread 7", "1,612", "–", "–", "500 ms", "500 ms"]


def test_what_failed_is_told_apart_in_colour_too(story: Story, table: RequestTable) -> None:
    story.arrive(5)
    table.refresh()
    colours = [table.index(row, STATUS).data(Qt.ItemDataRole.ForegroundRole).name() for row in range(5)]
    well, badly = appearance.LIGHT.good, appearance.LIGHT.bad
    assert colours == [badly, well, badly, well, well]


def test_it_keeps_what_qt_asks_of_a_model(qtmodeltester: ModelTester) -> None:
    story = Story(capacity=50)
    table = RequestTable(story.log, Search)
    qtmodeltester.check(table)
    for count in (3, 0, 25, 35, 45):
        story.arrive(count)
        table.refresh()
    table.hold()
    story.arrive(60)
    table.refresh()
    table.set_filter("missing")
    while table.search():
        pass
    table.refresh()
    table.set_filter("")
    table.follow()
    qtmodeltester.check(table)
    assert table.rowCount() == 50


def test_rows_are_added_and_taken_away_only_at_the_end(story: Story, table: RequestTable) -> None:
    changes: list[tuple[str, int, int]] = []
    table.rowsInserted.connect(lambda parent, first, last: changes.append(("in", first, last)))
    table.rowsRemoved.connect(lambda parent, first, last: changes.append(("out", first, last)))
    table.dataChanged.connect(lambda first, last: changes.append(("new", first.row(), last.row())))
    story.arrive(3)
    table.refresh()
    story.arrive(2)
    table.refresh()
    table.refresh()
    assert changes == [("in", 0, 2), ("new", 0, 2), ("in", 3, 4), ("new", 0, 4)]
    story.arrive(2_000)
    table.refresh()
    changes.clear()
    story.arrive(100)
    table.refresh()
    assert changes == [("new", 0, 999)], "a full ring changes in place"


def test_a_held_table_stays_whole_however_much_arrives(story: Story, table: RequestTable) -> None:
    story.arrive(900)
    table.refresh()
    table.hold()
    before = shown(table)
    story.arrive(50)
    table.refresh()
    assert shown(table) == before
    assert table.newer == 50
    story.arrive(5_000)
    table.refresh()
    assert shown(table) == before[:HELD], "the newest of what was held, though the log has moved on"
    table.follow()
    assert shown(table)[0] == "5949"
    assert table.newer == 0


def test_the_filter_looks_at_all_that_is_seen(story: Story, table: RequestTable) -> None:
    story.arrive(100)
    for needle, rows in (("MISSING", 20), ("404", 20), ("127.0.0.1:40042", 1), ("thread 7", 100), ("nowhere", 0)):
        table.set_filter(needle)
        while table.search():
            pass
        table.refresh()
        assert table.rowCount() == rows, needle
    table.set_filter("")
    table.refresh()
    assert table.rowCount() == 100


def test_the_filter_goes_on_with_what_arrives(story: Story, table: RequestTable) -> None:
    table.set_filter("missing")
    for _ in range(3):
        story.arrive(600)
        while table.search():
            pass
        table.refresh()
    assert table.rowCount() == 200, "a fifth of the thousand that are held"
    assert shown(table)[0] == "1799"
    assert set(shown(table, REQUEST)) == {"GET /missing.html"}


# ---- the tab


def test_an_empty_table_says_how_to_fill_it(story: Story, panel: RequestsPanel) -> None:
    panel.show_url("http://127.0.0.1:8888")
    assert panel.empty.isVisible()
    assert "http://127.0.0.1:8888" in panel.empty.text()
    story.arrive(1)
    panel.refresh()
    assert not panel.empty.isVisible()
    assert panel.count.toolTip() == "showing 1 of 1"


def test_a_filter_that_finds_nothing_says_so(qtbot: QtBot, story: Story, panel: RequestsPanel) -> None:
    story.arrive(10)
    panel.refresh()
    qtbot.keyClicks(panel.filter, "nowhere")
    until(qtbot, lambda: panel.table.rowCount() == 0)
    assert panel.empty.isVisible()
    assert "nowhere" in panel.empty.text()
    assert panel.count.toolTip() == "showing 0 of 10"
    assert panel.step_back()
    until(qtbot, lambda: panel.table.rowCount() == 10)
    assert not panel.empty.isVisible()


def test_held_at_what_is_gone_it_says_so_and_offers_the_newest(
    qtbot: QtBot, story: Story, panel: RequestsPanel
) -> None:
    story.arrive(10)
    panel.refresh()
    panel.follow.setChecked(False)
    story.arrive(5_000)
    panel.draw(0.0)
    assert panel.table.rowCount() == 10, "those in sight are kept"
    panel.filter.setText("index")
    said = "The requests that you look at are no longer kept: 5,000 newer ones have arrived."
    until(qtbot, lambda: panel.newest.isVisible() and panel.empty.text() == said)
    panel.filter.clear()
    assert panel.empty.text() == said
    assert panel.count.toolTip() == "showing 0 of 5,010 · 5,000 newer"
    panel.newest.click()
    assert panel.table.index(0, CONNECTION).data() == "5009"
    assert not panel.newest.isVisible()


def test_what_came_after_those_that_are_looked_at_is_not_denied(
    qtbot: QtBot, story: Story, panel: RequestsPanel
) -> None:
    story.arrive(4)
    panel.refresh()
    panel.follow.setChecked(False)
    story.arrive(100)
    panel.filter.setText("404")
    until(qtbot, lambda: panel.newest.isVisible())
    assert panel.empty.text() == "No request contains “404”.\n100 newer ones were not searched."
    panel.newest.click()
    until(qtbot, lambda: panel.table.rowCount() == 20)


def test_failed_ones_are_asked_for_with_a_button(qtbot: QtBot, story: Story, panel: RequestsPanel) -> None:
    panel.failed.click()
    until(qtbot, lambda: panel.empty.text() == "No request has failed.")
    story.arrive(10)
    panel.refresh()
    until(qtbot, lambda: shown(panel.table) == ["9", "4", "2"])
    panel.filter.setText("index")
    until(qtbot, lambda: shown(panel.table) == ["2"])
    assert panel.step_back()
    until(qtbot, lambda: panel.table.rowCount() == 10)
    assert not panel.failed.isChecked()


def test_a_request_that_is_not_kept_is_not_sought_in_silence(qtbot: QtBot, story: Story, panel: RequestsPanel) -> None:
    story.arrive(3)
    panel.refresh()
    panel.select(77, 1.0)
    assert panel.count.toolTip() == "showing 3 of 3 · that request is not in the log"
    panel.select(1, 0.001)
    assert panel.count.toolTip() == "showing 3 of 3"
    panel.view.clearSelection()
    story.arrive(2_000)
    panel.select(2_000, 1.999)
    assert panel.detail.title.text().startswith("GET /index.html · connection 2000"), "newer than those held"
    panel.filter.setText("missing")
    until(qtbot, lambda: panel.table.rowCount() == 200)
    panel.select(2_001, 2.0)
    assert panel.count.toolTip().endswith("the filter hides that request")


def test_scrolling_down_lets_go_of_the_newest(qtbot: QtBot, story: Story, panel: RequestsPanel) -> None:
    story.arrive(500)
    panel.refresh()
    assert panel.follow.isChecked()
    until(qtbot, lambda: panel.view.verticalScrollBar().maximum() > 200)
    panel.view.verticalScrollBar().setValue(200)
    assert not panel.follow.isChecked()
    top = panel.view.rowAt(0)
    seen = panel.table.index(top, CONNECTION).data()
    story.arrive(100)
    panel.refresh()
    assert panel.table.index(panel.view.rowAt(0), CONNECTION).data() == seen
    assert panel.count.toolTip() == "showing 500 of 600 · 100 newer"
    panel.follow.click()
    assert panel.view.verticalScrollBar().value() == 0
    assert panel.table.index(0, CONNECTION).data() == "599"
    assert panel.count.toolTip() == "showing 600 of 600"


def test_a_picked_request_opens_with_both_heads_and_stands_still(
    qtbot: QtBot, story: Story, panel: RequestsPanel
) -> None:
    story.arrive(5)
    panel.refresh()
    spot = panel.view.visualRect(panel.table.index(0, REQUEST)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert panel.detail.isVisible()
    assert (
        panel.detail.title.text()
        == "GET /missing.html · connection 4 · thread 7 · 1,612 bytes in 500 ms from the first read"
    )
    assert panel.detail.request.toPlainText().startswith("GET /missing.html HTTP/1.1\nHost: localhost")
    assert panel.detail.reply.toPlainText().startswith("HTTP/1.1 404 Not Found\n")
    assert not panel.follow.isChecked()
    story.arrive(5)
    panel.refresh()
    assert panel.view.selectionModel().selectedRows()[0].data() == panel.table.index(0, 0).data()
    assert panel.table.index(0, CONNECTION).data() == "4"
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert panel.detail.title.text().startswith("GET /index.html · connection 3 ")
    panel.detail.close_button.click()
    assert not panel.detail.isVisible()


def test_following_again_closes_the_details(qtbot: QtBot, story: Story, panel: RequestsPanel) -> None:
    story.arrive(5)
    panel.refresh()
    panel.view.selectRow(1)
    assert panel.detail.isVisible()
    panel.follow.click()
    assert not panel.detail.isVisible()


def test_a_frozen_table_flows_again_where_it_flowed_before(story: Story, panel: RequestsPanel) -> None:
    story.arrive(5)
    panel.refresh()
    panel.show_frozen(True)
    story.arrive(5)
    panel.refresh()
    assert panel.table.rowCount() == 5
    panel.show_frozen(False)
    assert panel.table.rowCount() == 10
    panel.view.selectRow(0)
    panel.show_frozen(True)
    story.arrive(5)
    panel.show_frozen(False)
    assert panel.table.rowCount() == 10, "what was let go before stays let go"


def test_the_window_gets_letters_digits_and_space(qtbot: QtBot, story: Story, panel: RequestsPanel) -> None:
    got: list[str] = []
    panel.keyPressEvent = lambda event: got.append(event.text())  # type: ignore[method-assign]
    story.arrive(5)
    panel.refresh()
    for widget in (panel.view, panel.detail.reply):
        got.clear()
        for key in " 1l":
            qtbot.keyClick(widget, key)
        assert got == [" ", "1", "l"]
    assert not panel.view.selectionModel().hasSelection()


def test_all_rows_are_of_one_height_and_the_request_has_the_rest(panel: RequestsPanel, story: Story) -> None:
    story.arrive(100)
    panel.refresh()
    assert {panel.view.rowHeight(row) for row in range(100)} == {panel.view.rowHeight(0)}
    for width in (900, 1_400):
        panel.resize(width, 500)
        columns = sum(panel.view.columnWidth(column) for column in range(panel.table.columnCount()))
        assert columns >= panel.view.viewport().width()
    assert panel.view.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers


def test_of_a_long_request_both_ends_are_seen_and_all_of_it_is_told(panel: RequestsPanel, story: Story) -> None:
    long = "/a/very/long/" + "path/" * 60 + "end.html"
    story.log.add_heads([wire.Head(1, f"GET {long} HTTP/1.1\r\nHost: localhost\r\n\r\n")])
    story.arrive(1)
    panel.refresh()
    for width in (700, 1_400):
        panel.resize(width, 500)
        shown = panel.view.fitting(REQUEST, f"GET {long}")
        assert shown.startswith("GET /")
        assert "…" in shown
        assert shown.endswith("html")
        assert panel.view.fontMetrics().horizontalAdvance(shown) <= panel.view.columnWidth(REQUEST) - 8
    assert long in panel.table.index(0, REQUEST).data(Qt.ItemDataRole.ToolTipRole)
    assert panel.view.fitting(REQUEST, "GET /") == "GET /"


def test_every_column_says_what_it_means(panel: RequestsPanel) -> None:
    for column in range(panel.table.columnCount()):
        says = panel.table.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert says.endswith(".")


def test_another_log_takes_the_place_of_the_first(
    qtbot: QtBot, panel: RequestsPanel, story: Story, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(panel.table)
    story.arrive(20)
    panel.refresh()
    panel.filter.setText("missing")
    until(qtbot, lambda: panel.table.rowCount() == 4)
    panel.view.selectRow(0)
    assert panel.detail.isVisible()
    other = Story()
    other.arrive(50)
    panel.show_log(other.log, Lanes())
    until(qtbot, lambda: panel.table.rowCount() == 10)
    assert not panel.detail.isVisible()
    assert panel.count.toolTip().startswith("showing 10 of 50")
    panel.filter.clear()
    until(qtbot, lambda: panel.table.rowCount() == 50)
    story.arrive(5)
    panel.refresh()
    assert panel.table.rowCount() == 50, "the first one is no longer shown"
    panel.show_log(RequestLog(), Lanes())
    until(qtbot, lambda: panel.table.rowCount() == 0)


def test_a_target_that_looks_like_html_is_text_in_every_tooltip(story: Story, panel: RequestsPanel) -> None:
    target = "/<img src=x>"
    story.log.add_heads([wire.Head(1, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")])
    story.arrive(1)
    panel.refresh()
    panel.detail.show_request(story.log.row(0))
    assert target in panel.detail.title.text()
    for tip in (panel.detail.title.toolTip(), panel.table.index(0, REQUEST).data(Qt.ItemDataRole.ToolTipRole)):
        assert "<img" not in tip
        shown = QTextDocument()
        shown.setHtml(tip)
        assert target in shown.toPlainText()
