"""The list of the models."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.models import ALL_CORES, MODELS, QUEUE_LENGTH, THREADS, families
from gui import appearance
from gui.controls import wrap_lines
from gui.model_list.card import ModelCard
from gui.model_list.entry import ListEntry, entry_of
from gui.panels.models import ModelCards
from gui.settings import Settings

OWN = ListEntry(
    key="/home/me/my_select.py", title="my_select.py", idea="a copy of select", icon="pencil", colour="#117733"
)


@pytest.fixture
def cards(qtbot: QtBot, themed: appearance.Theme) -> Iterator[ModelCards]:
    cards = ModelCards()
    qtbot.addWidget(cards)
    cards.set_theme(themed)
    cards.resize(300, 900)
    cards.show()
    yield cards
    cards.close()


def test_there_is_a_row_for_each_model_under_its_family(cards: ModelCards) -> None:
    assert list(cards.cards) == list(MODELS)
    places = [card.y() for card in cards.cards.values()]
    assert places == sorted(places)
    for key, card in cards.cards.items():
        assert MODELS[key].title in card.accessibleName()
        assert MODELS[key].idea in card.toolTip()
        assert MODELS[key].in_the_wild in card.toolTip()
    headings = {label.text(): label.y() for label in cards.findChildren(QLabel) if label.property("role") == "heading"}
    for family, models in families().items():
        assert headings[family.upper()] < cards.cards[models[0].key].y()


def test_a_click_and_a_number_choose_the_same(qtbot: QtBot, cards: ModelCards) -> None:
    chosen: list[str] = []
    cards.model_chosen.connect(chosen.append)
    qtbot.mouseClick(cards.cards["gevent"], Qt.MouseButton.LeftButton)
    for number in (4, 0, 11):
        cards.choose_number(number)
    assert chosen == ["gevent", "gevent", list(MODELS)[9]]


def test_the_chosen_row_is_marked_and_opened_with_all_that_it_has(qtbot: QtBot, cards: ModelCards) -> None:
    cards.select("threadpool", "", Settings(threads=5, queue_length=100, all_cores=True))
    assert [key for key, card in cards.cards.items() if card.isChecked()] == ["threadpool"]
    assert cards.opened.parentWidget() is cards.cards["threadpool"]
    assert cards.opened.idea.text().casefold() == f"{MODELS['threadpool'].idea}.".casefold()
    assert MODELS["threadpool"].in_the_wild in cards.opened.in_the_wild.text()
    controls = cards.opened.settings.controls
    assert controls[THREADS.name].exact.value() == 5  # type: ignore[union-attr]
    assert controls[ALL_CORES.name].isChecked()  # type: ignore[union-attr]
    changed = cards.opened.setting_changed
    with qtbot.waitSignal(changed, timeout=5000) as told:
        controls[QUEUE_LENGTH.name].exact.setValue(7)  # type: ignore[union-attr]
    assert told.args == [QUEUE_LENGTH.name, 7]
    with qtbot.waitSignal(changed, timeout=5000) as told:
        controls[ALL_CORES.name].click()  # type: ignore[union-attr]
    assert told.args == [ALL_CORES.name, False]
    cards.select("process", "", Settings())
    (choice,) = cards.opened.settings.controls.values()
    assert choice.currentData() == Settings().start_method  # type: ignore[union-attr]


def test_no_row_moves_unless_another_one_is_opened(cards: ModelCards) -> None:
    def places() -> list[tuple[int, int]]:
        cards.lay_out_now()
        return [(card.y(), card.height()) for card in cards.cards.values()]

    cards.select("gevent", "", Settings())
    before = places()
    cards.select("gevent", "joinall", Settings(threads=64, all_cores=True))
    cards.show_rates(dict.fromkeys(cards.cards, 21_408.0))
    assert places() == before
    cards.fold()
    folded = places()
    for key in ("threadpool", "prefork"):
        cards.select(key)
        assert cards.cards[key].isChecked()
        assert places() == folded, "as in a sweep, which chooses by itself"
    cards.cards["prefork"].click()
    cards.select("prefork")
    assert places() != folded


def test_keys_lead_through_the_list(qtbot: QtBot, cards: ModelCards) -> None:
    cards.activateWindow()
    chosen: list[str] = []
    cards.model_chosen.connect(chosen.append)
    cards.cards["iterative"].setFocus()

    def press(key: Qt.Key | str) -> str:
        widget = QApplication.focusWidget()
        if isinstance(key, str):
            qtbot.keyClicks(widget, key)
        else:
            qtbot.keyClick(widget, key)
        return next(key for key, card in cards.cards.items() if card.hasFocus())

    assert press(Qt.Key.Key_Down) == "process"
    assert press(Qt.Key.Key_Down) == "thread"
    assert press(Qt.Key.Key_Up) == "process"
    for letter, found in zip("prefo", ("process", "process", "prefork", "prefork", "prefork"), strict=True):
        assert press(letter) == found
    cards._typing.timeout.emit()
    for letter in "nginx":
        reached = press(letter)
    assert MODELS[reached].in_the_wild == "nginx"
    assert chosen == []
    press(Qt.Key.Key_Return)
    assert chosen == [reached]


def test_what_the_user_has_comes_last_as_rows_given_as_data(qtbot: QtBot, cards: ModelCards) -> None:
    cards.show_yours([OWN, replace(OWN, key="guest", title="server.py")])
    assert list(cards.cards)[-2:] == [OWN.key, "guest"]
    cards.lay_out_now()
    assert cards.cards[OWN.key].y() > cards.cards[list(MODELS)[-1]].y()
    cards.select(OWN.key)
    assert cards.opened.mistakes.isHidden(), "the table has none for it"
    with qtbot.waitSignal(cards.model_chosen, timeout=1000) as told:
        qtbot.mouseClick(cards.cards["guest"], Qt.MouseButton.LeftButton)
    assert told.args == ["guest"]
    cards.show_yours([])
    assert list(cards.cards) == list(MODELS)
    cards.select("thread")
    assert cards.opened.isVisible()
    with qtbot.waitSignal(cards.program_requested, timeout=1000):
        cards.open_program.click()


def test_one_card_is_marked_in_its_colour(cards: ModelCards, themed: appearance.Theme) -> None:
    cards.select("epoll")
    assert [key for key, card in cards.cards.items() if card.isChecked()] == ["epoll"]
    edges = {}
    for key in ("epoll", "thread"):
        picture = cards.cards[key].grab().toImage()
        edges[key] = picture.pixelColor(0, picture.height() // 2)
    assert edges["epoll"] == QColor(themed.model_line("epoll"))
    assert edges["thread"] != QColor(themed.model_line("thread"))


def test_what_was_measured_is_said(cards: ModelCards) -> None:
    before = cards.cards["epoll"].grab().toImage()
    cards.show_rates({"epoll": 21_408.0})
    assert cards.cards["epoll"].rate == "21.4k/s"
    assert "21.4k/s" in cards.cards["epoll"].accessibleName()
    assert cards.cards["epoll"].grab().toImage() != before
    assert cards.cards["thread"].rate == ""


def test_a_model_that_the_system_lacks_says_so_and_cannot_be_chosen(qtbot: QtBot, themed: appearance.Theme) -> None:
    absent = replace(MODELS["epoll"], needs="select.nothing", systems="Nowhere")
    card = ModelCard(entry_of(absent), "6")
    qtbot.addWidget(card)
    card.set_theme(themed)
    chosen: list[bool] = []
    card.clicked.connect(chosen.append)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert not chosen
    assert not card.isEnabled()
    assert "needs Nowhere" in card.accessibleName()
    assert "needs Nowhere" in card.toolTip()


def test_a_model_whose_picture_is_missing_is_drawn_with_another(
    qtbot: QtBot, themed: appearance.Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, "bare", replace(MODELS["thread"], key="bare", icon="not-there"))
    assert appearance.model_icon("bare") == appearance.FALLBACK_ICON
    cards = ModelCards()
    qtbot.addWidget(cards)
    cards.set_theme(themed)
    assert not cards.cards["bare"].grab().isNull()


def test_a_text_is_broken_into_lines_and_no_more_than_wanted(themed: appearance.Theme) -> None:
    font = QApplication.font()
    metrics = QFontMetrics(font)
    text = "one thread asks every socket, again and again"
    width = metrics.horizontalAdvance(text)
    assert wrap_lines(text, font, width + 2, 2) == [text]
    two = wrap_lines(text, font, width * 0.6, 2)
    assert len(two) == 2
    assert " ".join(two) == text
    narrow = wrap_lines(text, font, width * 0.3, 2)
    assert narrow[-1].endswith("…")
    assert all(metrics.horizontalAdvance(line) <= width * 0.3 for line in narrow)
    roomy = wrap_lines(text, font, width * 0.3, 9)
    assert " ".join(roomy) == text
    assert len(roomy) in (4, 5)
    chinese = "一个线程内核告诉它谁已就绪"
    assert len(wrap_lines(chinese, font, metrics.horizontalAdvance(chinese) * 0.6, 2)) == 2
