"""Notices end with the window: the session that they are about may go on in another one."""

import shiboken6
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.lab.guests import Decision
from gui.panels.notice import NoticeBar
from gui.runs.session import Session
from gui.settings import ActiveSettings
from gui.troubles import Troubles


def test_what_decides_is_said_in_the_window_that_is_there(qtbot: QtBot, store: QSettings) -> None:
    active = ActiveSettings(store, {})
    session, window = Session(active), QWidget()
    notice = NoticeBar()
    notice.setParent(window)
    Troubles(window, session, active, notice)
    found = Decision(((2.0, "a", "b"),), 1.1)
    session.decided.emit(found)
    assert notice.notice
    shiboken6.delete(window)
    with qtbot.captureExceptions() as raised:
        session.decided.emit(found)
    assert not raised
