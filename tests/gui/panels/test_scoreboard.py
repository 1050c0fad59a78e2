"""The Scoreboard tab: the table, the curves beside it, and what a person may do with the rows."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.lab import summary as lab
from engine.lab.rows import Row, percentiles
from engine.models import MODELS
from gui import appearance
from gui.panels import scoreboard as subject
from gui.panels.scoreboard import ScoreboardPanel
from gui.scoreboard.curves import across, spread, up
from gui.scoreboard.scoreboard import Entry, Scoreboard
from gui.scoreboard.store import Store
from gui.scoreboard.table import CPU, FAILED, MEMORY, MODEL, P50, P99, P999, RATE, WORKERS, ScoreboardModel
from gui.scoreboard.view import GAP
from tests.gui.pixels import colours
from tests.gui.rows import CROWDED, STEADY, row

RATES = {"process": 2_000.0, "thread": 6_000.0, "epoll": 24_000.0}
LATER = 1_700_000_500.0


@pytest.fixture
def scoreboard() -> Iterator[Scoreboard]:
    with closing(Store.in_memory()) as store:
        yield Scoreboard(store)


@pytest.fixture
def panel(qtbot: QtBot, themed: appearance.Theme, scoreboard: Scoreboard) -> ScoreboardPanel:
    """The panel, with nothing on the scoreboard."""
    panel = ScoreboardPanel(scoreboard)
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1_400, 500)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.view.setFocus()
    return panel


@pytest.fixture
def filled(panel: ScoreboardPanel, scoreboard: Scoreboard) -> ScoreboardPanel:
    """The panel with three models that differ."""
    fill(scoreboard)
    panel.show_growing(None)
    return panel


def fill(scoreboard: Scoreboard, **given: Any) -> None:
    for number, (model, rate) in enumerate(RATES.items()):
        made = row(model, milliseconds=64_000 / rate, requests_per_second=rate, memory=(1 + number) * 2**20)
        scoreboard.add(replace(made, **given))


def said(panel: ScoreboardPanel, column: int) -> list[str]:
    """What a column says from top to bottom, headings included."""
    return [panel.table.index(number, column).data() for number in range(panel.table.rowCount())]


def pick(panel: ScoreboardPanel, *numbers: int) -> None:
    """Selects these rows of the table, and no other."""
    panel.view.clearSelection()
    for number in numbers:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        panel.view.selectionModel().select(panel.table.index(number, MODEL), flags)


def press(panel: ScoreboardPanel, keys: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(panel.view, keys, modifier)


# ---- what is seen


def test_an_empty_scoreboard_says_how_to_fill_it(qtbot: QtBot, panel: ScoreboardPanel) -> None:
    assert panel.run_all.isVisible()
    assert not panel.view.isVisible()
    with qtbot.waitSignal(panel.run_all_requested):
        qtbot.mouseClick(panel.run_all, Qt.MouseButton.LeftButton)
    panel.show_growing(row("epoll"))
    assert panel.view.isVisible()
    assert not panel.run_all.isVisible()


def test_a_row_says_all_that_was_measured(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    measured = row("thread", requests_per_second=6_211.4, failed=12, workers=72, memory=48 * 2**20)
    scoreboard.add(replace(measured, p50=0.0098, p99=0.031, p999=0.0487, cpu_per_request=161.0))
    panel.show_growing(None)
    cells = [said(panel, column)[1] for column in range(9)]
    assert cells == ["Threads", "6,211", "9.80 ms", "31.0 ms", "48.7 ms", "12", "0.16 ms", "48 MiB", "72 threads"]
    heading = said(panel, MODEL)[0]
    assert heading == "Steady visitors · 64 clients · closed loop · connections kept"
    tip = panel.table.index(1, MODEL).data(Qt.ItemDataRole.ToolTipRole)
    assert all(text in tip for text in [heading, "p99.9: 48.7 ms", "CPU: 98 % of a core", "10.0 s"])


def test_what_is_not_known_is_a_dash(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    nothing = row("process", requests_per_second=0.0, p50=0.0, p99=0.0, p999=0.0, cpu_per_request=0.0, histogram="")
    scoreboard.add(nothing)
    panel.show_growing(None)
    assert [said(panel, column)[1] for column in (RATE, P50, P99, P999, CPU)] == ["0", "–", "–", "–", "–"]
    assert [curve.points for curve in panel.plot.curves] == [[]]


@pytest.mark.parametrize("column", range(1, 9))
def test_each_head_says_what_it_means(panel: ScoreboardPanel, column: int) -> None:
    tip = panel.table.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert len(tip) > 30
    assert column not in (P50, P99, P999) or "as the clients saw it" in tip


def test_bars_are_as_long_as_the_values_are_large(filled: ScoreboardPanel, themed: appearance.Theme) -> None:
    lengths = {}
    for number, model in enumerate(RATES, 1):
        cell = filled.view.visualRect(filled.table.index(number, RATE))
        image = filled.view.viewport().grab(cell).toImage()
        bar = QColor(themed.model_bar(model))
        y = image.height() // 5
        lengths[model] = sum(image.pixelColor(x, y) == bar for x in range(image.width()))
        room = image.width()
    assert lengths["epoll"] > 0.85 * room
    assert lengths["thread"] == pytest.approx(lengths["epoll"] / 4, abs=4)
    assert lengths["process"] == pytest.approx(lengths["epoll"] / 12, abs=4)


@pytest.mark.parametrize("theme", [appearance.LIGHT, appearance.DARK], ids=lambda theme: theme.name)
def test_texts_can_be_read_on_their_bars(theme: appearance.Theme) -> None:
    for model in MODELS:
        assert appearance.contrast_between(theme.text, theme.model_bar(model)) >= 4.5
        assert appearance.contrast_between(theme.model_bar(model), theme.panel) >= 1.15
    assert appearance.contrast_between(theme.bad, theme.bad_back) >= 4.5


def test_failures_are_marked_by_a_sign_and_a_colour(
    panel: ScoreboardPanel, scoreboard: Scoreboard, themed: appearance.Theme
) -> None:
    scoreboard.add(row("thread"))
    scoreboard.add(row("epoll", failed=1_312))
    panel.show_growing(None)
    cells = [panel.view.visualRect(panel.table.index(number, FAILED)) for number in (1, 2)]
    well, badly = (colours(panel.view.viewport().grab(cell).toImage()) for cell in cells)
    assert badly.get(themed.bad_back, 0) > 100
    assert badly.get(themed.bad, 0) > 20
    assert not well.keys() & {themed.bad, themed.bad_back}


def test_it_is_said_where_the_load_was_the_limit(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    scoreboard.add(row("thread"))
    panel.show_growing(None)
    assert not panel.note.isVisible()
    scoreboard.add(row("epoll", load_limited=True, requests_per_second=67_000.0))
    panel.show_growing(None)
    assert said(panel, RATE)[2] == "≥ 67,000"
    assert panel.note.isVisible()


def test_the_row_that_is_measured_grows_and_then_stays(filled: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    growing = row("gevent", begin=LATER, requests_per_second=9_000.0)
    filled.show_growing(growing)
    assert said(filled, MODEL)[-1] == "Greenlets · measuring …"
    before = said(filled, RATE)[-1]
    filled.show_growing(replace(growing, requests_per_second=9_804.0))
    assert (before, said(filled, RATE)[-1]) == ("9,000", "9,804")
    assert "Greenlets" in [curve.label for curve in filled.plot.curves]
    scoreboard.add(replace(growing, requests_per_second=9_804.0))
    filled.show_growing(None)
    assert said(filled, MODEL)[1:] == ["Processes", "Threads", "epoll", "Greenlets"]


def test_two_that_are_measured_at_once_both_grow(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    both = row("thread", begin=LATER), row("epoll", begin=LATER)
    panel.show_growing(*both)
    assert said(panel, MODEL)[1:] == ["Threads · measuring …", "epoll · measuring …"]
    assert panel.finding.text() == "Threads and epoll are compared as soon as both are measured."
    scoreboard.add(both[0])
    panel.show_growing(None, both[1])
    assert said(panel, MODEL)[1:] == ["Threads", "epoll · measuring …"]
    assert panel.finding.text() == "Threads and epoll are compared as soon as both are measured."
    scoreboard.add(both[1])
    panel.show_growing(None, None)
    assert panel.finding.text() == sentence(list(both))


def test_what_is_measured_under_other_settings_is_said_and_kept_apart(
    filled: ScoreboardPanel, scoreboard: Scoreboard
) -> None:
    scoreboard.add(row("thread", CROWDED, begin=LATER, requests_per_second=500.0))
    filled.show_growing(None)
    assert said(filled, MODEL) == [
        "Steady visitors · 512 clients · closed loop · connections kept",
        "Threads",
        "Most answers: epoll · Measured under other settings: "
        "64 clients · Steady visitors · closed loop · connections kept",
        "Processes",
        "Threads",
        "epoll",
    ]
    table = filled.table
    shares = [table.share(line, RATE) for line in table.lines if line.entry]
    assert shares == pytest.approx([1.0, 2 / 24, 6 / 24, 1.0]), "bars compare within one group only"
    assert [curve.label for curve in filled.plot.curves] == ["Threads"]


def test_each_group_says_which_model_suits_it(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    work = replace(STEADY, workload="waiting-work")
    for conditions, rates in ((work, (60.0, 59.0, 10.0)), (STEADY, (300.0, 20_000.0, 90_000.0))):
        for model, rate, memory in zip(("process", "thread", "epoll"), rates, (90, 20, 15), strict=True):
            scoreboard.add(row(model, conditions, requests_per_second=rate, memory=memory << 20))
    panel.show_growing(None)
    headings = [line.title for line in panel.table.lines if line.entry is None]
    assert [heading.split(" · ")[0] for heading in headings] == ["Most answers: Threads", "Most answers: epoll"]


def test_settings_are_said_in_words(panel: ScoreboardPanel) -> None:
    unusual = replace(STEADY, slow=1, rate=5_000.0, work_ms=20, keep_alive=False, processes=2, alone=False)
    panel.show_growing(row("epoll", unusual))
    assert said(panel, MODEL)[0].split(" · ")[2:] == [
        "1 slow client",
        "open loop at 5.0k/s",
        "20 ms of work",
        "a connection per request",
        "2 load processes",
        "side by side",
    ]
    assert "due" in panel.table.index(0, MODEL).data(Qt.ItemDataRole.ToolTipRole)


def sentence(rows: list[Row]) -> str:
    found = lab.summarize(rows)
    assert found
    return lab.sentence(found)


def test_the_finding_is_computed_from_the_rows_in_sight(filled: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    rows = [entry.row for entry in scoreboard.entries]
    assert filled.finding.text() == sentence(rows)
    assert "12×" in filled.finding.text()
    pick(filled, 1, 2)
    assert filled.finding.text() == sentence(rows[:2])
    assert "3×" in filled.finding.text()
    scoreboard.add(row("epoll", CROWDED, begin=LATER))
    pick(filled)
    filled.show_growing(None)
    assert filled.finding.text().startswith("epoll is compared with none: it was measured with"), "by what it differs"


def test_what_tells_rows_apart_that_do_not_compare_is_said(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    scoreboard.add(row("thread", STEADY))
    panel.show_growing(None)
    assert panel.finding.text() == "Switch the model under the same load: rows with equal conditions are compared."
    scoreboard.add(row("nonblocking", replace(STEADY, keep_alive=False), begin=LATER))
    panel.show_growing(None)
    assert panel.finding.text() == (
        "Non-blocking is compared with none: it was measured with a connection per request, Threads with connections"
        " kept."
    )


def test_how_requests_failed_is_said_as_elsewhere(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    scoreboard.add(row("thread", failed=15, failures={"refused": 12, "timed_out": 3}))
    panel.show_growing(None)
    assert "Failed: 12 refused · 3 timed out" in panel.table.index(1, MODEL).data(Qt.ItemDataRole.ToolTipRole)


def test_a_models_second_row_has_a_number_and_a_curve_of_another_style(
    filled: ScoreboardPanel, scoreboard: Scoreboard
) -> None:
    scoreboard.add(row("epoll"))
    filled.show_growing(None)
    assert said(filled, MODEL)[-1] == "epoll (2)"
    assert [(curve.label, curve.style) for curve in filled.plot.curves][-2:] == [("epoll", 0), ("epoll (2)", 1)]


# ---- what is picked


def test_picked_rows_stand_out_among_the_curves(
    filled: ScoreboardPanel, themed: appearance.Theme, qtbot: QtBot
) -> None:
    assert {curve.label: curve.strong for curve in filled.plot.curves} == dict.fromkeys(
        ["Processes", "Threads", "epoll"], True
    )
    pick(filled, 3)
    assert [curve.label for curve in filled.plot.curves if curve.strong] == ["epoll"]
    shown = colours(filled.plot.grab().toImage())
    assert shown.get(QColor(themed.model_line("epoll")).name(), 0) > 5
    assert shown.get(QColor(themed.model_line("process")).name(), 0) == 0


def test_rows_of_different_settings_can_be_picked_but_not_by_mistake(
    filled: ScoreboardPanel, scoreboard: Scoreboard
) -> None:
    scoreboard.add(row("epoll", CROWDED, begin=LATER))
    filled.show_growing(None)
    pick(filled, 1, 5)
    assert [curve.label for curve in filled.plot.curves] == ["512 clients", "64 clients"]
    assert filled.plot.note.text() == "under different settings"
    assert "cannot be compared" in filled.finding.text()


def test_what_is_picked_stays_picked_when_rows_come(filled: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    pick(filled, 3)
    key = filled.view.picked()
    scoreboard.add(row("epoll", CROWDED, begin=LATER))
    filled.show_growing(row("gevent"))
    assert filled.view.picked() == key
    assert [line.title for line in filled.table.lines if line.entry and line.entry.key in key] == ["epoll"]


# ---- what a person may do


def test_a_row_is_renamed_in_place(qtbot: QtBot, filled: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    pick(filled, 2)
    press(filled, Qt.Key.Key_F2)
    (editor,) = filled.view.findChildren(QLineEdit)
    assert filled.view.editing
    QTest.keyClicks(editor, "with a pool 2")
    scoreboard.add(row("gevent"))
    filled.show_growing(None)
    assert filled.view.editing, "a row that comes does not end the typing"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: said(filled, MODEL)[1:] == ["Processes", "with a pool 2", "epoll", "Greenlets"])
    assert [curve.label for curve in filled.plot.curves][1] == "with a pool 2"
    assert scoreboard.entries[1].name == "with a pool 2"


def test_deleted_rows_come_back_with_undo(qtbot: QtBot, filled: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    assert not filled.undo.isVisible()
    pick(filled, 1, 3)
    press(filled, Qt.Key.Key_Delete)
    assert said(filled, MODEL)[1:] == ["Threads"]
    assert "2 rows" in filled.undo.text()
    press(filled, Qt.Key.Key_Delete)
    assert len(scoreboard.entries) == 1, "nothing is picked any more"
    qtbot.mouseClick(filled.undo, Qt.MouseButton.LeftButton)
    assert said(filled, MODEL)[1:] == ["Processes", "Threads", "epoll"]
    assert not filled.undo.isVisible()


def test_clearing_asks_nothing_leaves_what_is_pinned_and_can_be_undone(
    qtbot: QtBot, filled: ScoreboardPanel, scoreboard: Scoreboard
) -> None:
    pick(filled, 2)
    press(filled, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert [entry.pinned for entry in scoreboard.entries] == [False, True, False]
    qtbot.mouseClick(filled.buttons["clear"], Qt.MouseButton.LeftButton)
    assert said(filled, MODEL)[1:] == ["Threads"]
    assert not filled.commands["clear"].isEnabled(), "what is left is pinned"
    pick(filled, 1)
    assert filled.commands["pin"].text() == "Unpin"
    qtbot.mouseClick(filled.buttons["pin"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(filled.buttons["clear"], Qt.MouseButton.LeftButton)
    assert filled.run_all.isVisible()
    press(filled, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    filled.undo.click()
    assert said(filled, MODEL)[1:] == ["Processes", "Threads", "epoll"]


def test_a_row_is_moved_up_and_down(filled: ScoreboardPanel) -> None:
    pick(filled, 3)
    press(filled, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert said(filled, MODEL)[1:] == ["Processes", "epoll", "Threads"]
    press(filled, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    press(filled, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert said(filled, MODEL)[1:] == ["Processes", "epoll", "Threads"]


def test_a_click_on_a_head_puts_the_best_first_and_then_the_worst(qtbot: QtBot, filled: ScoreboardPanel) -> None:
    header = filled.view.horizontalHeader()

    def click(column: int) -> list[str]:
        middle = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, header.height() // 2))
        return said(filled, MODEL)[1:]

    assert click(RATE) == ["epoll", "Threads", "Processes"]
    assert click(RATE) == ["Processes", "Threads", "epoll"]
    assert click(P99) == ["epoll", "Threads", "Processes"]
    assert click(MEMORY) == ["Processes", "Threads", "epoll"]
    assert click(MODEL) == ["epoll", "Threads", "Processes"], "it was in the syllabus' order already"


def test_rows_are_copied_as_a_spreadsheet_takes_them(filled: ScoreboardPanel) -> None:
    press(filled, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, *rows = (line.split("\t") for line in QGuiApplication.clipboard().text().splitlines())
    assert [row[0] for row in rows] == ["process", "thread", "epoll"]
    assert {len(row) for row in rows} == {len(head)}
    epoll = dict(zip(head, rows[2], strict=True))
    assert (epoll["requests_per_second"], epoll["workload"], epoll["clients"]) == ("24000", "steady", "64")
    pick(filled, 2)
    press(filled, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2


def test_what_is_exported_is_what_is_picked_or_else_all(filled: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    asked: list[list[Entry]] = []
    filled.export_requested.connect(asked.append)
    filled.commands["export"].trigger()
    pick(filled, 2)
    filled.commands["export"].trigger()
    assert asked == [list(scoreboard.entries), [scoreboard.entries[1]]]


def test_only_what_is_possible_can_be_pressed(panel: ScoreboardPanel, scoreboard: Scoreboard) -> None:
    assert not any(button.isEnabled() for button in panel.buttons.values())
    panel.show_growing(row("epoll"))
    pick(panel, 1)
    assert not any(button.isEnabled() for button in panel.buttons.values()), "it is still being measured"
    scoreboard.add(row("epoll"))
    panel.show_growing(None)
    pick(panel, 1)
    assert all(button.isEnabled() for button in panel.buttons.values())
    for button in panel.buttons.values():
        assert button.accessibleName()
        assert "(" in button.toolTip(), "it names its keys"


def test_digits_letters_and_space_are_left_to_the_window(qtbot: QtBot, filled: ScoreboardPanel) -> None:
    pick(filled, 2)
    seen: list[int] = []

    class Window:
        """Notes the keys that nobody below took."""

        def __call__(self, event: Any) -> None:
            seen.append(event.key())

    filled.keyPressEvent = Window()  # type: ignore[method-assign]
    for each in (Qt.Key.Key_1, Qt.Key.Key_L, Qt.Key.Key_Space):
        press(filled, each)
    assert seen == [Qt.Key.Key_1, Qt.Key.Key_L, Qt.Key.Key_Space]
    assert not filled.view.editing


# ---- how it fits


@pytest.mark.parametrize(
    ("width", "scale"),
    [
        (760, 1.0),
        (1_200, appearance.PRESENTED),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in [(938, 1.0), (1_200, 1.0), *itertools.product((1_450, 1_900), (1.0, appearance.PRESENTED))]
        ),
    ],
)
def test_nothing_is_clipped(
    qapp: QApplication, panel: ScoreboardPanel, scoreboard: Scoreboard, width: int, scale: float
) -> None:
    for model in MODELS:
        scoreboard.add(
            row(model, workers=64, failed=1_312, memory=1_240 * 2**20, requests_per_second=67_000.0, milliseconds=99)
        )
    appearance.apply_theme(qapp, appearance.LIGHT, scale)
    panel.set_theme(appearance.LIGHT)
    panel.resize(width, 400)
    panel.show_growing(None)
    QApplication.processEvents()
    view = panel.view
    assert not view.horizontalScrollBar().isVisible()
    shown = [column for column in range(9) if not view.isColumnHidden(column)]
    assert {MODEL, RATE, P50, P99, FAILED} <= set(shown)
    assert width < 1_200 or scale > 1 or len(shown) == 9
    head = QFontMetrics(appearance.sized(QApplication.font(), appearance.SIZES["note"]))
    cell = QFontMetrics(view.cell_font)
    for column in shown:
        room = view.columnWidth(column) - 2 * GAP
        assert head.horizontalAdvance(panel.table.headerData(column, Qt.Orientation.Horizontal)) <= room
        for line in panel.table.lines:
            text = panel.table.text(line, column)
            assert column == MODEL or "…" not in cell.elidedText(text, Qt.TextElideMode.ElideRight, room)
    assert sum(view.columnWidth(column) for column in shown) <= view.viewport().width()


def test_a_change_of_theme_repaints(panel: ScoreboardPanel, scoreboard: Scoreboard, qapp: QApplication) -> None:
    fill(scoreboard)
    panel.show_growing(None)
    light = panel.view.viewport().grab().toImage()
    appearance.apply_theme(qapp, appearance.DARK)
    panel.set_theme(appearance.DARK)
    dark = panel.view.viewport().grab().toImage()
    corner = light.width() - 2, light.height() - 2
    assert dark.pixelColor(*corner).lightness() < 90 < 200 < light.pixelColor(*corner).lightness()


def test_a_border_moved_by_hand_stays(qtbot: QtBot, filled: ScoreboardPanel) -> None:
    splitter = filled.plot.parentWidget()
    handle = splitter.handle(1)  # type: ignore[attr-defined]
    before = filled.plot.width()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(1, 50))
    qtbot.mouseMove(handle, QPoint(-99, 50))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(-99, 50))
    wider = filled.plot.width()
    assert wider > before
    filled.set_theme(appearance.LIGHT)
    assert filled.plot.width() == wider


# ---- the parts


def test_it_keeps_what_qt_asks_of_a_model(qtmodeltester: ModelTester, scoreboard: Scoreboard) -> None:
    table = ScoreboardModel(scoreboard)
    qtmodeltester.check(table)
    table.show_growing(None)
    fill(scoreboard)
    table.show_growing(row("gevent"))
    scoreboard.add(row("epoll", CROWDED, begin=LATER))
    table.show_growing(None)
    assert table.rowCount() == 6
    scoreboard.clear()
    table.show_growing(None)
    assert table.rowCount() == 0


def test_nothing_to_compare_has_no_bars(scoreboard: Scoreboard) -> None:
    table = ScoreboardModel(scoreboard)
    for model in ("nonblocking", "epoll"):
        scoreboard.add(row(model))
    table.show_growing(None)
    lines = [line for line in table.lines if line.entry]
    assert [table.share(line, FAILED) for line in lines] == [0.0, 0.0]
    assert [table.share(line, WORKERS) for line in lines] == [0.0, 0.0]


def test_percentiles_lie_as_far_apart_as_what_is_left_above_them() -> None:
    assert [across(percentile) for percentile in (0, 90, 99, 99.9)] == pytest.approx([0, 1, 2, 3])
    assert across(99.999_999) == 5
    assert [up(seconds) for seconds in (0.001, 0.01, 1)] == pytest.approx([0, 1, 3])
    assert up(0) == pytest.approx(-3)


@pytest.mark.parametrize("tops", [[0, 1, 2], [90, 95, 99], [10, 50, 51], [], [40]])
def test_labels_are_spread_until_none_overlaps(tops: list[float]) -> None:
    places = spread(tops, 10, 0, 100)
    assert len(places) == len(tops)
    assert all(low >= 0 and low + 10 <= 100 for low in places)
    assert all(after - before >= 10 for before, after in itertools.pairwise(places))
    assert spread([20, 50], 10, 0, 100) == [20, 50], "those that do not overlap stay"


def test_curves_are_drawn_in_their_models_colours_and_named(
    filled: ScoreboardPanel, themed: appearance.Theme, qtbot: QtBot
) -> None:
    filled.resize(1_700, 500)
    QApplication.processEvents()
    shown = colours(filled.plot.grab().toImage())
    for model in RATES:
        assert shown.get(QColor(themed.model_line(model)).name(), 0) > 5
        assert shown.get(QColor(themed.model_text(model)).name(), 0) > 5


def test_a_shown_window_asks_for_no_percentile_twice(filled: ScoreboardPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real: Callable[[str], list[tuple[float, float]]] = percentiles
    monkeypatch.setattr(subject, "percentiles", lambda histogram: (asked.append(histogram), real(histogram))[1])
    growing = row("gevent")
    for seconds in (3.0, 4.0, 5.0):
        filled.show_growing(replace(growing, seconds=seconds))
    assert asked == [growing.histogram]
