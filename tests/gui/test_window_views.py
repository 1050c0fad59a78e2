"""What the window's views say of one connection: picked in one, it is picked in all, and a request is split up."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.lab.parts import RequestPart
from gui import appearance
from gui.history.intervals import LaneState
from gui.runs.processes import ProcessState
from gui.scoreboard.store import open_store
from gui.settings import data_folder
from gui.views import VIEWS
from gui.window import Window
from tests.engine.client import Client, request
from tests.gui.rows import row

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 20_000
SILENCE = 0.3
"""Seconds between the halves of a request."""


def running(qtbot: QtBot, window: Window) -> tuple[str, int]:
    """Where the window's engine listens, once it does."""
    window.session.start()
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.RUNNING, timeout=PATIENCE_MS)
    ready = window.session.first.ready
    assert ready
    return ready.host, ready.port


def until_spans_are_told(qtbot: QtBot, window: Window) -> None:
    def told() -> bool:
        counters = window.live.first.server.counters
        return counters is not None and counters.spans_every == 1

    qtbot.waitUntil(told, timeout=PATIENCE_MS)


@pytest.mark.parametrize("model", ["thread", "epoll"])
def test_a_picked_request_is_split_into_its_parts(qtbot: QtBot, open_window: Open, model: str) -> None:
    window = open_window(model=model)
    address = running(qtbot, window)
    until_spans_are_told(qtbot, window)
    whole = request("/index.html")
    with Client(address) as client:
        client.send(whole[:20])
        qtbot.wait(round(SILENCE * 1000))
        client.send(whole[20:])
        client.reply()
    lanes = window.live.first.lanes
    qtbot.waitUntil(lambda: window.requests.table.rowCount() == 1 and bool(lanes.revision), timeout=PATIENCE_MS)

    def is_split() -> bool:
        window.requests.view.clearSelection()
        window.requests.view.selectRow(0)
        fall = window.requests.detail.waterfall.waterfall
        return fall is not None and fall.is_exact

    qtbot.waitUntil(is_split, timeout=PATIENCE_MS)
    fall = window.requests.detail.waterfall.waterfall
    assert fall
    assert SILENCE / 2 < fall.seconds(LaneState.BLOCKED_BY_CLIENT) < SILENCE + 2
    assert SILENCE / 2 < (fall.row.parts.of(RequestPart.READING) or 0) < SILENCE + 2
    assert "waiting for a slow client" in " ".join(window.requests.detail.waterfall.sentences())


def test_a_span_that_is_clicked_picks_its_request_everywhere(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="thread")
    address = running(qtbot, window)
    until_spans_are_told(qtbot, window)
    for _ in range(3):
        with Client(address) as client:
            client.send(request("/index.html"))
            client.reply()
    lanes, log = window.live.first.lanes, window.live.first.server.log
    qtbot.waitUntil(lambda: log.total == 3, timeout=PATIENCE_MS)
    middle = log.row(1)
    qtbot.waitUntil(
        lambda: any(
            piece.state == LaneState.WRITING
            for piece in lanes.of_connection(middle.connection, lanes.since, middle.time)
        ),
        timeout=PATIENCE_MS,
    )
    window.requests.refresh()
    window.timeline.connection_selected.emit(middle.connection, (middle.handled + middle.time) / 2)
    assert window.timeline.canvas.selected == middle.connection
    rows = window.requests.view.selectionModel().selectedRows()
    assert [window.requests.table.row_at(index.row()) for index in rows] == [middle]
    assert window.requests.detail.isVisibleTo(window.requests)
    window.show_view("timeline")
    assert window.timeline.follow.isChecked(), "a click on what moves lets it move on"
    window.requests.view.selectRow(window.requests.table.place(0) or 0)
    first, canvas = log.row(0), window.timeline.canvas
    assert canvas.selected == first.connection
    qtbot.waitUntil(lambda: canvas.edge - canvas.span < first.time < canvas.edge, timeout=PATIENCE_MS)  # taken to it
    assert not window.timeline.follow.isChecked()
    window.timeline.connection_selected.emit(10_000, middle.time)
    assert not window.requests.view.selectionModel().hasSelection(), "it has no request"


@pytest.mark.parametrize("name", VIEWS)
def test_space_freezes_whatever_view_was_clicked(qtbot: QtBot, window: Window, name: str) -> None:
    window.activateWindow()
    window.show_view("source" if name != "source" else "timeline")
    bar = window.tabs.tabBar()
    place = list(VIEWS).index(name)
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
    assert window.tabs.currentIndex() == place
    focused = window.focusWidget()
    assert focused
    qtbot.keyClick(focused, Qt.Key.Key_Space)
    assert window.picture.is_frozen


def test_what_another_window_did_to_the_scoreboard_is_seen_with_the_keyboard(
    qtbot: QtBot, open_window: Open, store: QSettings
) -> None:
    window = open_window()
    kept = window.scoreboard_data.add(row("epoll"))
    elsewhere = QWidget()
    qtbot.addWidget(elsewhere)
    elsewhere.show()
    elsewhere.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow(), timeout=PATIENCE_MS)
    other, _ = open_store(data_folder(store) / "scoreboard.db")
    other.rename(kept.key, "mine")
    other.close()
    window.activateWindow()
    qtbot.waitUntil(lambda: [entry.name for entry in window.scoreboard_data.entries] == ["mine"], timeout=PATIENCE_MS)


def test_a_scoreboard_that_was_set_aside_is_said_until_it_is_read(
    qtbot: QtBot, open_window: Open, store: QSettings
) -> None:
    path = data_folder(store) / "scoreboard.db"
    path.write_bytes(b"no database at all " * 100)
    window = open_window(model="epoll")
    (aside,) = path.parent.glob("scoreboard-damaged-*.db")
    assert aside.name in window.notice.text.text()
    running(qtbot, window)
    assert window.notice.isVisible(), "a start mends nothing of it"
    qtbot.mouseClick(window.notice.dismiss, Qt.MouseButton.LeftButton)
    assert not window.notice.isVisible()


@pytest.mark.slow
def test_code_keeps_its_font_through_a_change_of_theme(qtbot: QtBot, open_window: Open) -> None:
    """Seen or not, whatever shows code or heads, and back again."""
    window = open_window()
    window.show_view("source")
    source, detail = window.source, window.requests.detail
    code = (source.view, source.inside, source.diff.left, source.diff.right, detail.request, detail.reply)
    for name in ("light", "dark", "system", "light"):
        window.header.theme_requested.emit(name)
        window.presentation._present(name == "dark")
        qtbot.wait(20)
        families = {view.font().family() for view in code}
        assert families == {appearance.code_font(12.0).family()}, name
