"""The table and the sentence that say why the slowest requests are slow."""

import pytest
from PySide6.QtCore import QPoint, QRect
from pytestqt.qtbot import QtBot

from engine.lab.parts import RequestPart
from engine.telemetry import wire
from gui import appearance
from gui.history.lanes import Lanes
from gui.history.request_log import RequestLog
from gui.history.search import Search
from gui.log.summary import PercentileTable
from gui.log.table import BYTES, CLIENT, REQUEST, STATUS, TIME, TOTAL
from gui.log.view import LONG_STATUS
from gui.log.words import part_words
from gui.panels.requests import LOW, RequestsPanel
from tests.gui.pixels import colours
from tests.ready import a_ready


def log_of(*requests: tuple[float, ...]) -> RequestLog:
    """A log of requests with these moments."""
    log = RequestLog(1_000)
    log.begin(a_ready("thread", 0.0))
    log.append([wire.Request(1, 1, 0, 0, 200, 612, True, *moments) for moments in requests])
    return log


QUICK = (1.0, 0.5, 1.0, 1.0, 1.0, 1.1, 1.1)
SLOW = (1.0, 1.402, 1.603, 1.603, 1.603, 1.704, 1.704)
OLD = (0.0, 0.0, 1.0, 0.0, 1.25, 0.0, 1.5)


def test_the_slowest_percent_has_its_own_reasons(qtbot: QtBot) -> None:
    table = PercentileTable()
    qtbot.addWidget(table)
    table.show_log(log_of(*[QUICK] * 97, *[SLOW] * 3))
    head, p50, _, p99 = table.texts()
    assert head == ["total", *(part_words((part,)) for part in RequestPart)]
    assert p50 == ["p50", "100 ms", "0.00 ms", "0.00 ms", "0.00 ms", "0.00 ms", "100 ms", "0.00 ms"]
    assert p99 == ["p99", "704 ms", "402 ms", "201 ms", "0.00 ms", "0.00 ms", "101 ms", "0.00 ms"]
    said = "402 ms in the accept queue, 201 ms waiting for its turn and 101 ms handling"
    assert table.sentence.text() == f"Of the 704 ms at p99 (newest 100 requests): {said}."
    assert table.accessibleDescription() == table.sentence.text()


def test_of_an_old_recording_it_says_what_is_known(qtbot: QtBot) -> None:
    table = PercentileTable()
    qtbot.addWidget(table)
    table.show_log(log_of(OLD))
    assert table.texts()[0] == ["total", "reading + for a worker", "handling + writing"]
    assert "250 ms reading + for a worker" in table.sentence.text()
    table.show_log(RequestLog(10))
    assert table.texts() == []
    assert table.sentence.text() == ""


@pytest.fixture
def panel(qtbot: QtBot, themed: appearance.Theme) -> RequestsPanel:
    panel = RequestsPanel(log_of(*[QUICK] * 50), Lanes(), Search)
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1_300, LOW + 50)
    panel.show()
    panel.refresh()
    return panel


def test_a_low_panel_and_the_details_leave_only_the_sentence(panel: RequestsPanel) -> None:
    assert panel.percentiles.sentence.text().startswith("Of the 100 ms at p99")
    high = panel.percentiles.sizeHint().height()
    panel.view.selectRow(0)
    assert panel.percentiles.sentence.isVisible()
    assert panel.percentiles.sizeHint().height() < high
    panel.view.clearSelection()
    assert panel.percentiles.sizeHint().height() == high
    panel.resize(1_300, LOW - 50)
    assert panel.percentiles.sentence.isVisible()
    assert panel.percentiles.sizeHint().height() < high


def test_text_is_in_the_colour_of_text_and_the_status_in_its_own(
    panel: RequestsPanel, themed: appearance.Theme
) -> None:
    view, height = panel.view, panel.view.rowHeight(0)
    picture = view.viewport().grab().toImage()

    def seen(column: int) -> set[str]:
        place = QRect(view.columnViewportPosition(column), 0, view.columnWidth(column), height)
        return set(colours(picture.copy(place)))

    assert themed.text in seen(TIME)
    assert themed.good not in seen(TIME)
    assert themed.good in seen(STATUS)


def test_in_a_narrow_panel_the_times_stay_in_sight(panel: RequestsPanel) -> None:
    view = panel.view
    assert not view.isColumnHidden(CLIENT)
    panel.resize(900, LOW + 50)
    assert view.isColumnHidden(CLIENT)
    assert view.columnViewportPosition(TOTAL) + view.columnWidth(TOTAL) <= view.viewport().width()
    panel.resize(1_300, LOW + 50)
    assert not view.isColumnHidden(CLIENT)
    assert not view.isColumnHidden(BYTES)


def test_spare_pixels_are_the_statuss_as_well_and_what_is_cut_short_says_so(panel: RequestsPanel) -> None:
    """A long status is read whole beside empty pixels, and otherwise ends in an ellipsis."""
    view = panel.view
    panel.resize(1_600, LOW + 50)
    wide = view.columnWidth(STATUS)
    assert view.fitting(STATUS, "408 Request Timeout") == "408 Request Timeout"
    assert view.columnWidth(REQUEST) > wide, "most of it is the request's"
    panel.resize(900, LOW + 50)
    cut = view.fitting(STATUS, LONG_STATUS)
    assert cut.endswith("…")


@pytest.mark.parametrize("size", [(640, 190), (910, 260), (910, 330), (1_270, 410), (1_500, 480)])
def test_the_replys_head_is_in_view(qtbot: QtBot, panel: RequestsPanel, size: tuple[int, int]) -> None:
    """In a tab of a window of 1000×620, 1280×720, 1600×1000 and 1920×1080: its status, without scrolling."""
    panel.resize(*size)
    panel.view.selectRow(0)
    reply, lines = panel.detail.reply, 1 if size[0] < 800 else 2

    def is_in_view() -> bool:
        place = QRect(reply.mapTo(panel, QPoint()), reply.size())
        is_whole = reply.viewport().height() >= lines * reply.fontMetrics().lineSpacing()
        has_bar = reply.horizontalScrollBar().isVisible()
        return reply.isVisible() and is_whole and not has_bar and panel.rect().contains(place)

    qtbot.waitUntil(is_in_view)
