"""The load's controls, what they ask for, and what they say."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as replace_struct
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QSlider, QWidget
from pytestqt.qtbot import QtBot

from engine.load import wire
from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from engine.persistence import MODES
from gui import appearance
from gui.history.clients import ClientHistory
from gui.panels.load import LoadPanel
from gui.panels.models import ModelCards
from gui.settings import Settings
from gui.side import SideColumn

NOW = 1_000.0


@pytest.fixture
def panel(qtbot: QtBot, themed: appearance.Theme) -> LoadPanel:
    panel = LoadPanel()
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(300, 600)
    panel.show()
    qtbot.addWidget(panel.controls)
    panel.controls.setFixedWidth(300)
    panel.controls.show()
    return panel


def asked(qtbot: QtBot, panel: LoadPanel) -> dict[str, Any]:
    """What the panel asks for next."""
    with qtbot.waitSignal(panel.changed, timeout=2000) as told:
        pass
    return dict(told.args[0])


def clients(cpu: float = 20.0, behind: float = 0.0, rate: float = 0.0, **failures: int) -> ClientHistory:
    """A record of a load that has run for two seconds."""
    record = ClientHistory(clock=lambda: NOW)
    record.receive(wire.LoadReady(1, "http://127.0.0.1:1", 1, 1, NOW - 2, 0.0))
    record.receive(wire.Change("steady", 64, 8, rate, 0, NOW - 2))
    counts = dict.fromkeys(wire.FAILURES, 0) | failures
    record.receive(wire.LoadStats(NOW - 1, 64, 8, 0, 0, **dict.fromkeys(counts, 0), bytes=0, behind=0.0, cpu=cpu))
    record.receive(wire.LoadStats(NOW, 64, 8, 0, 21_000, **counts, bytes=0, behind=behind, cpu=cpu))
    return record


def colour(image: QImage) -> int:
    """How many pixels differ from the one in the corner."""
    background = image.pixel(0, 0)
    return sum(image.pixel(x, y) != background for x in range(image.width()) for y in range(image.height()))


def test_the_settings_are_shown_and_nothing_is_asked(qtbot: QtBot, panel: LoadPanel) -> None:
    with qtbot.assertNotEmitted(panel.changed, wait=250):
        panel.show_settings(Settings(workload="busy-work", clients=1234, slow=7, rate=50))
    assert panel.workload.currentData() == "busy-work"
    assert (panel.clients.exact.value(), panel.slow.exact.value()) == (1234, 7)
    assert (panel.rate.value(), panel.work.value()) == (50, 20)
    assert panel.clients.slider.value() > panel.slow.slider.value() * 0.3


def test_a_workload_is_said_in_words_with_whom_it_is_hardest_for(panel: LoadPanel) -> None:
    panel.show_settings(Settings(workload="idle-crowd"))
    assert panel.sentence.text == f"{WORKLOADS['idle-crowd'].description}\nHardest for: Threads"
    panel.show_settings(Settings(workload="waiting-work"))
    assert panel.sentence.text.endswith("\nHardest for: Non-blocking, Non-blocking + keep-alive, epoll")
    assert {key for each in WORKLOADS.values() for key in each.hardest_for} <= MODELS.keys()


def test_each_loop_is_named_with_what_it_means_for_latency(panel: LoadPanel) -> None:
    panel.show_settings(Settings())
    assert panel.loop.text.startswith("Closed loop: ")
    assert panel.rate.text() == "as fast as answered"
    panel.show_settings(Settings(rate=200))
    assert panel.loop.text.startswith("Open loop: ")
    assert "200/s" in panel.loop.text
    assert "due" in panel.loop.text
    panel.show_settings(Settings(workload="slow-senders", rate=200))
    assert "set their own pace" in panel.loop.text
    assert not panel.rate.isEnabled()
    assert panel.rate.text() == "own pace"


def test_a_slider_asks_for_round_counts_and_digits_for_exact_ones(qtbot: QtBot, panel: LoadPanel) -> None:
    panel.clients.slider.setValue(panel.clients.slider.maximum())
    assert asked(qtbot, panel) == {"clients": 10_000}
    panel.clients.exact.setValue(1_234)
    assert asked(qtbot, panel) == {"clients": 1_234}
    panel.slow.slider.setValue(panel.slow.slider.maximum())
    assert asked(qtbot, panel) == {"slow": 1_000}
    panel.rate.setValue(300)
    assert asked(qtbot, panel) == {"rate": 300}


def test_many_moves_are_asked_for_together(qtbot: QtBot, panel: LoadPanel) -> None:
    told: list[dict[str, Any]] = []
    panel.changed.connect(told.append)
    for place in range(10, 30):
        panel.clients.slider.setValue(place)
    panel.slow.exact.setValue(3)
    assert asked(qtbot, panel) == {"clients": panel.clients.exact.value(), "slow": 3}
    assert len(told) == 1


def test_typed_digits_are_one_number_and_enter_gives_the_keyboard_back(qtbot: QtBot, panel: LoadPanel) -> None:
    panel.activateWindow()
    panel.clients.exact.setFocus()
    panel.clients.exact.selectAll()
    qtbot.keyClicks(panel.clients.exact, "640")
    qtbot.keyClick(panel.clients.exact, Qt.Key.Key_Return)
    assert asked(qtbot, panel) == {"clients": 640}
    assert not panel.clients.exact.hasFocus()


def test_a_workload_comes_with_its_own_clients_unless_a_person_chose(qtbot: QtBot, panel: LoadPanel) -> None:
    keys = list(WORKLOADS)
    panel.show_settings(Settings(work_ms=70))
    panel.workload.setCurrentIndex(keys.index("idle-crowd"))
    assert asked(qtbot, panel) == {"workload": "idle-crowd", "clients": 1000, "work_ms": 0}
    panel.show_settings(Settings(clients=33))
    panel.workload.setCurrentIndex(keys.index("browser"))
    assert asked(qtbot, panel)["clients"] == 33


def test_work_is_asked_for_where_there_is_some(panel: LoadPanel) -> None:
    assert not panel.work.isEnabled()
    assert panel.work.text() == "none"
    panel.show_settings(Settings(workload="waiting-work"))
    assert panel.work.isEnabled()
    assert panel.work.value() == 100


def test_how_long_connections_last_is_chosen_and_said(qtbot: QtBot, panel: LoadPanel) -> None:
    assert panel.connections.currentText() == "kept", "equal by default"
    assert panel.lasting.text == "Clients keep their connections, also in models that are taught without."
    panel.connections.setCurrentIndex(MODES.index("one-a-request"))
    assert asked(qtbot, panel) == {"connections": "one-a-request"}
    panel.show_settings(Settings(connections="one-a-request"))
    assert panel.lasting.text == "Each request opens a connection of its own."
    assert panel.fold.accessibleName().endswith(" · one a request")
    for model, mode, said in (
        ("thread", "as-taught", "Threads, as taught: a connection is closed after its reply. It is compared"),
        ("epoll", "as-taught", "epoll, as taught: connections are kept."),
        (
            "nonblocking",
            "kept",
            "Non-blocking: a connection is closed after its reply all the same; its file decides",
        ),
        ("nonblocking", "always-kept", "Non-blocking: a connection is closed after its reply all the same"),
        ("keepalive", "kept", "Clients keep their connections"),
        ("keepalive", "one-a-request", "Each request opens"),
    ):
        panel.show_settings(Settings(model=model, connections=mode))
        assert panel.lasting.text.startswith(said), (model, mode)
    panel.show_settings(Settings(model="thread", connections="as-taught", keep_alive=True))
    assert panel.lasting.text.startswith("Threads, as taught: connections are kept"), "as the settings have it"


def test_a_workload_that_connects_for_each_request_leaves_no_choice(panel: LoadPanel) -> None:
    panel.show_settings(Settings(workload="visitors"))
    assert panel.connections.currentText() == "one a request"
    assert not panel.connections.isEnabled()
    assert panel.lasting.text == "Each request opens a connection of its own."


def test_what_a_model_makes_of_shared_workers_is_said(panel: LoadPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = replace(MODELS["thread"], key="pool", title="Thread pool", serves="many")
    monkeypatch.setitem(MODELS, "pool", pool)
    panel.show_settings(Settings(model="pool"))
    assert panel.lasting.text.startswith(
        "Thread pool: a connection is kept, but closed after a reply while others wait"
    )
    panel.show_settings(Settings(model="pool", connections="always-kept"))
    assert panel.lasting.text == ("Thread pool: a kept connection keeps a worker; others starve until it is closed.")


def test_buttons_ask(qtbot: QtBot, panel: LoadPanel) -> None:
    with qtbot.waitSignal(panel.toggle_requested, timeout=1000):
        qtbot.mouseClick(panel.toggle, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.run_all_requested, timeout=1000):
        qtbot.mouseClick(panel.run_all, Qt.MouseButton.LeftButton)
    panel.show_progress("2 of 6, Threads")
    assert "2 of 6" in panel.run_all.text()
    assert "2 of 6, Threads" in panel.run_all.toolTip()
    with qtbot.waitSignal(panel.run_all_cancelled, timeout=1000):
        qtbot.mouseClick(panel.run_all, Qt.MouseButton.LeftButton)
    panel.show_progress("")
    assert "Run all" in panel.run_all.text()


def test_the_big_button_says_what_it_does(panel: LoadPanel) -> None:
    assert (panel.toggle.accessibleName(), panel.toggle.text().strip()) == ("Start load", "Start load")
    panel.show_running(True)
    assert (panel.toggle.accessibleName(), panel.toggle.text().strip()) == ("Stop load", "Stop load")


def test_it_says_how_the_clients_fare(panel: LoadPanel) -> None:
    panel.show_load(ClientHistory())
    assert panel.status.text == WORKLOADS["steady"].description, "before: what the load is"
    panel.show_load(clients())
    assert panel.status.text == "72 connected · 21.0k/s answered"
    panel.show_load(clients(refused=12, timed_out=3))
    assert panel.status.text.endswith("\n12 refused · 3 timed out")
    panel.show_load(clients(rate=100.0, behind=1.5))
    assert panel.status.text.endswith("\nrequests leave 1.50 s late")


def test_clients_that_are_never_answered_are_seen_while_they_wait(panel: LoadPanel) -> None:
    record = clients()
    assert record.crowd
    record.receive(replace_struct(record.crowd, waiting=60, longest_wait=0.4))
    panel.show_load(record)
    assert "wait" not in panel.status.text, "as long as a busy server takes"
    record.receive(replace_struct(record.crowd, waiting=60, longest_wait=8.2))
    panel.show_load(record)
    assert panel.status.text.endswith("\n60 wait for an answer, the first for 8.20 s")


def test_it_says_why_the_server_counts_more_than_the_load(panel: LoadPanel) -> None:
    record = clients()
    panel.show_load(record, 21_077)
    assert "counts" not in panel.status.text
    record.receive(wire.Stopped(NOW))
    panel.show_load(record, 21_077)
    assert panel.status.text == (
        "21,000 answered in all\nThe server counts 21,077: also errors, requests of others, and those still under way"
        " at the end."
    )
    panel.show_load(record, 21_000)
    assert panel.status.text == "21,000 answered in all"


def test_it_says_when_the_load_itself_is_the_limit(panel: LoadPanel) -> None:
    panel.show_load(clients(cpu=94.0))
    assert "limit" not in panel.status.text
    panel.show_load(clients(cpu=98.0))
    assert "the load is at its limit: its own processor is full" in panel.status.text


def test_after_the_end_the_totals_stay_and_a_problem_is_said(panel: LoadPanel) -> None:
    record = clients(refused=2)
    record.receive(wire.Problem(NOW, "no-descriptors", "Too many clients for this system."))
    record.receive(wire.Stopped(NOW))
    panel.show_load(record)
    assert "21,000 answered in all" in panel.status.text
    assert "2 refused" in panel.status.text
    assert "Too many clients" in panel.status.text


def test_an_alarm_is_marked_by_more_than_colour(qtbot: QtBot, panel: LoadPanel) -> None:
    panel.show_load(clients())
    without = colour(panel.status.grab().toImage())
    panel.show_load(clients(refused=12))
    assert colour(panel.status.grab().toImage()) > without + 60, "a second line with a sign"


def test_every_control_has_a_name_and_a_tip(panel: LoadPanel) -> None:
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider)
    for kind in kinds:
        for control in (*panel.findChildren(kind), *panel.controls.findChildren(kind)):
            assert control.accessibleName(), control
            assert control.toolTip(), control


@pytest.mark.parametrize("scale", [1.0, appearance.PRESENTED])
def test_the_buttons_words_are_whole(qtbot: QtBot, qapp: QApplication, panel: LoadPanel, scale: float) -> None:
    appearance.apply_theme(qapp, appearance.LIGHT, scale)
    panel.set_theme(appearance.LIGHT)
    panel.setFixedWidth(300)
    qtbot.wait(20)
    for button in (panel.toggle, panel.run_all):
        words = button.fontMetrics().horizontalAdvance(button.text().strip())
        assert words + 30 <= button.width(), button.text()
        assert button.height() >= button.sizeHint().height() - 1


def test_digits_are_seen_in_their_fields(qtbot: QtBot, panel: LoadPanel) -> None:
    panel.show_settings(Settings(clients=10_000))
    qtbot.wait(20)
    field = panel.clients.exact.lineEdit()
    assert field.width() >= field.fontMetrics().horizontalAdvance("10,000")


def side_column(
    qtbot: QtBot, theme: appearance.Theme, height: int, width: int = 0
) -> tuple[ModelCards, LoadPanel, SideColumn]:
    cards, panel = ModelCards(), LoadPanel()
    side = SideColumn(cards, panel)
    qtbot.addWidget(side)
    for each in (cards, panel):
        each.set_theme(theme)
    side.resize(width or side.minimumSizeHint().width(), height)
    side.show()
    qtbot.wait(20)
    return cards, panel, side


@pytest.mark.parametrize("height", [1100, 620, 440, 300])
def test_the_load_keeps_its_height_and_the_list_scrolls(qtbot: QtBot, themed: appearance.Theme, height: int) -> None:
    cards, panel, side = side_column(qtbot, themed, height)
    assert panel.visibleRegion().boundingRect() == panel.rect()
    assert side.list.geometry().bottom() < panel.y()
    for key in cards.cards:
        cards.select(key)
        card = cards.cards[key]
        seen = card.visibleRegion().boundingRect()
        assert seen.top() == 0, key
        assert seen.height() >= min(card.height(), side.list.viewport().height()), key


@pytest.mark.parametrize("height", [880, 440])
def test_the_controls_lie_over_the_list_and_nothing_moves(qtbot: QtBot, themed: appearance.Theme, height: int) -> None:
    cards, panel, side = side_column(qtbot, themed, height)
    panel.show_settings(Settings(clients=8, slow=2))
    assert panel.fold.accessibleName() == "8 clients · 2 slow · closed loop"

    def places() -> list[QPoint]:
        return [each.mapTo(side, QPoint()) for each in (panel.fold, panel.toggle, *cards.cards.values())]

    before = places()
    qtbot.mouseClick(panel.fold, Qt.MouseButton.LeftButton)
    qtbot.wait(20)
    for control in (panel.clients.slider, panel.clients.exact, panel.slow.exact, panel.rate, panel.connections):
        side.controls.ensureWidgetVisible(control)
        assert control.visibleRegion().boundingRect() == control.rect(), control.accessibleName()
    assert side.controls.geometry().bottom() < panel.y()
    assert places() == before
    panel.clients.exact.setValue(9)
    assert asked(qtbot, panel) == {"clients": 9}
    assert panel.close_controls()
    assert not panel.clients.slider.isVisible()
    assert places() == before


@pytest.mark.slow
def test_no_height_depends_on_what_is_said(qtbot: QtBot, panel: LoadPanel) -> None:
    heights = set()
    for workload, model, mode in itertools.product(WORKLOADS, MODELS, MODES):
        for rate in (0, 1_000_000):
            panel.show_settings(
                Settings(workload=workload, clients=10_000, slow=1_000, rate=rate, model=model, connections=mode)
            )
            panel.show_load(clients(refused=12, timed_out=3))
            heights.add((panel.sizeHint().height(), panel.controls.sizeHint().height()))
    assert len(heights) == 1
