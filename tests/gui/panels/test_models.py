"""The cards of the models."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from gui import appearance
from gui.controls import wrap_lines
from gui.panels.models import ModelCard, ModelCards


@pytest.fixture
def cards(qtbot: QtBot, themed: appearance.Theme) -> ModelCards:
    cards = ModelCards()
    qtbot.addWidget(cards)
    cards.set_theme(themed)
    cards.resize(300, 600)
    cards.show()
    return cards


def test_there_is_a_card_for_each_model_in_order(cards: ModelCards) -> None:
    assert list(cards.cards) == list(MODELS)
    places = [card.y() for card in cards.cards.values()]
    assert places == sorted(places)
    for key, card in cards.cards.items():
        assert MODELS[key].title in card.accessibleName()
        assert MODELS[key].idea in card.toolTip()


def test_a_click_and_a_number_choose_the_same(qtbot: QtBot, cards: ModelCards) -> None:
    chosen: list[str] = []
    cards.model_chosen.connect(chosen.append)
    qtbot.mouseClick(cards.cards["gevent"], Qt.MouseButton.LeftButton)
    for number in (4, 0, 11):
        cards.choose_number(number)
    assert chosen == ["gevent", "gevent", list(cards.cards)[9]], "0 is the tenth"


def test_one_card_is_marked_in_its_colour(cards: ModelCards, themed: appearance.Theme) -> None:
    cards.select("epoll")
    assert [key for key, card in cards.cards.items() if card.isChecked()] == ["epoll"]
    edges = {}
    for key in ("epoll", "thread"):
        picture = cards.cards[key].grab().toImage()
        edges[key] = picture.pixelColor(1, picture.height() // 2)
    assert edges["epoll"] == QColor(themed.model_line("epoll"))
    assert edges["thread"] != QColor(themed.model_line("thread"))


def test_what_was_measured_is_said(cards: ModelCards) -> None:
    before = cards.cards["epoll"].grab().toImage()
    cards.show_rates({"epoll": 21_408.0})
    assert cards.cards["epoll"].rate == "21.4k/s"
    assert "21.4k/s" in cards.cards["epoll"].accessibleName()
    assert cards.cards["epoll"].grab().toImage() != before
    assert cards.cards["thread"].rate == ""


@pytest.mark.parametrize("height", [1400, 980])
def test_a_rate_takes_no_room_from_the_idea(qtbot: QtBot, cards: ModelCards, height: int) -> None:
    cards.resize(300, height)
    cards.layout().activate()
    qtbot.wait(20)

    def below_the_title() -> list[QImage]:
        images = [card.grab().toImage() for card in cards.cards.values()]
        return [image.copy(0, image.height() // 2, image.width(), image.height() // 2) for image in images]

    before = below_the_title()
    cards.show_rates(dict.fromkeys(cards.cards, 21_408.0))
    assert below_the_title() == before


def test_a_model_that_the_system_lacks_says_so_and_cannot_be_chosen(qtbot: QtBot, themed: appearance.Theme) -> None:
    absent = replace(MODELS["epoll"], needs="select.nothing", systems="Nowhere")
    card = ModelCard(absent, 6)
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
    appearance.model_icon.cache_clear()


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


def test_where_there_is_little_room_title_and_rate_stay(qtbot: QtBot, cards: ModelCards) -> None:
    card = cards.cards["epoll"]
    card.show_rate(21_408.0)
    heights = []
    for height in (1400, 770, 100):
        cards.resize(300, height)
        qtbot.waitUntil(lambda height=height: cards.height() >= min(height, cards.minimumSizeHint().height()))
        cards.layout().activate()
        heights.append(card.height())
        assert card.height() >= card.minimumSizeHint().height()
    assert heights[0] == card.sizeHint().height()
    assert heights[0] > heights[1] > heights[2]
