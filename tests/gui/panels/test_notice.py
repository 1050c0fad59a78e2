"""The bar that says what went wrong."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui import appearance
from gui.errors import Notice, Offer
from gui.panels.notice import NoticeBar


@pytest.fixture
def bar(qtbot: QtBot, themed: appearance.Theme) -> NoticeBar:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.set_theme(themed)
    return bar


def test_it_is_hidden_until_there_is_something_to_say(bar: NoticeBar) -> None:
    assert not bar.isVisible()
    bar.show_notice(Notice("Port 8888 is in use", "Use another."))
    assert bar.isVisible()
    assert (bar.title.text(), bar.text.text()) == ("Port 8888 is in use", "Use another.")
    assert not bar.button.isVisible()
    assert bar.accessibleName() == "Port 8888 is in use"
    bar.show_notice(None)
    assert not bar.isVisible()


def test_its_button_hands_on_the_offer_and_closes_it(qtbot: QtBot, bar: NoticeBar) -> None:
    offer = Offer("Use port 8889", {"port": 8889})
    bar.show_notice(Notice("Port 8888 is in use", "Use another.", offer))
    assert bar.button.text() == "Use port 8889"
    with qtbot.waitSignal(bar.accepted, timeout=1000) as accepted:
        qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert accepted.args == [offer]
    assert not bar.isVisible()


def test_it_can_be_dismissed_without_a_consequence(qtbot: QtBot, bar: NoticeBar) -> None:
    bar.show_notice(Notice("Ended", "Why.", Offer("Start again", {})))
    with qtbot.assertNotEmitted(bar.accepted):
        qtbot.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_the_latest_notice_is_the_one_shown(bar: NoticeBar) -> None:
    bar.show_notice(Notice("First", "One.", Offer("Do", {})))
    bar.show_notice(Notice("Second", "Two.", serious=False))
    assert bar.title.text() == "Second"
    assert not bar.button.isVisible()


def test_what_a_program_said_is_not_taken_for_markup(bar: NoticeBar) -> None:
    bar.show_notice(Notice("Ended", "<b>no</b>"))
    assert bar.text.textFormat() == Qt.TextFormat.PlainText


def test_an_error_looks_different_from_a_warning(bar: NoticeBar) -> None:
    bar.resize(600, 60)
    bar.show_notice(Notice("Same", "words"))
    error = bar.grab().toImage()
    bar.show_notice(Notice("Same", "words", serious=False))
    assert bar.grab().toImage() != error


def test_a_lasting_notice_comes_back_until_it_is_dismissed(qtbot: QtBot, bar: NoticeBar) -> None:
    bar.show_notice(Notice("The scoreboard is damaged", "It was set aside.", serious=False, lasting=True))
    bar.show_notice(None)
    assert bar.isVisible(), "a start of the server mends nothing of it"
    bar.show_notice(Notice("Port 8888 is in use", "Use another."))
    assert bar.title.text() == "Port 8888 is in use"
    qtbot.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert bar.title.text() == "The scoreboard is damaged"
    qtbot.mouseClick(bar.dismiss, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_it_lies_over_a_widget_and_is_as_wide(qtbot: QtBot, bar: NoticeBar) -> None:
    below = QWidget()
    qtbot.addWidget(below)
    below.resize(600, 400)
    below.show()
    bar.lie_over(below)
    bar.show_notice(Notice("Port 8888 is in use", "many words " * 40))
    for width in (600, 400):
        below.resize(width, 400)
        assert (bar.x(), bar.y(), bar.width()) == (0, 0, width)
        assert bar.text.height() >= bar.text.heightForWidth(bar.text.width())
    bar.setParent(None)  # it outlives what it lay over


def test_good_news_hides_by_itself_and_bad_news_stays(qtbot: QtBot, bar: NoticeBar) -> None:
    bar._passing.setInterval(1)
    lasting = Notice("The scoreboard is damaged", "Why.", serious=False, lasting=True)
    bar.show_notice(lasting)
    bar.show_notice(Notice("Saved", "There.", serious=False, good=True))
    assert bar.sign.accessibleName() == "Done"
    qtbot.waitUntil(lambda: bar.notice is lasting, timeout=5000)
    bar.show_notice(Notice("Saved", "There.", serious=False, good=True))
    bar.show_notice(Notice("Ended", "Why."))
    qtbot.wait(20)
    assert bar.title.text() == "Ended"
    assert bar.sign.accessibleName() == "Warning"
