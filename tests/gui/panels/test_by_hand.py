"""The panel of a client by hand: what is allowed when, what is sent, and how what came back is shown."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from gui import appearance
from gui.history.by_hand import LISTED, Act, HandHistory
from gui.panels.by_hand import ByHandPanel

SERVER = "127.0.0.1:8888"


@pytest.fixture
def history() -> HandHistory:
    return HandHistory()


@pytest.fixture
def panel(qtbot: QtBot, themed: appearance.Theme, history: HandHistory) -> Iterator[ByHandPanel]:
    dock = QWidget()  # a window of its own would be as high as its layout wants first
    qtbot.addWidget(dock)
    panel = ByHandPanel()
    panel.setParent(dock)
    panel.set_theme(themed)
    panel.resize(320, 600)
    panel.show_target(SERVER, "", is_live=True)
    panel.show_history(history)
    dock.show()
    panel.show()
    yield panel
    dock.close()


def do(panel: ByHandPanel, history: HandHistory, client: int, kind: Any, time: float = 10.0, data: bytes = b"") -> None:
    facts = {"client_address": f"127.0.0.1:{4000 + client}", "server_address": SERVER} if kind == "opened" else {}
    history.receive(Act(time, client, kind, data, len(data), **facts))
    panel.show_history(history)


def enabled(panel: ByHandPanel) -> list[str]:
    acts = (panel.send, panel.send_byte, panel.hold, panel.half_close, panel.reset, panel.close_one)
    return [button.text() for button in acts if button.isEnabled()]


def test_what_can_be_done_follows_from_how_the_connection_stands(panel: ByHandPanel, history: HandHistory) -> None:
    assert (panel.open.isEnabled(), enabled(panel)) == (True, [])
    do(panel, history, 1, "opened")
    do(panel, history, 1, "connected")
    assert enabled(panel) == ["Send", "1 byte", "Hold", "Half-close", "Reset", "Close"]
    do(panel, history, 1, "half-closed")
    assert enabled(panel) == ["Hold", "Reset", "Close"]
    do(panel, history, 1, "was-reset")
    assert enabled(panel) == []
    assert panel.about.text() == "client 1 · reset by the server"


def test_it_says_why_no_connection_can_be_opened(panel: ByHandPanel) -> None:
    panel.show_target("", "No server runs: start one first.", is_live=True)
    assert not panel.open.isEnabled()
    assert panel.note.text() == "No server runs: start one first."
    assert "No server runs" in panel.open.toolTip()


def test_a_replay_can_be_read_but_not_used(panel: ByHandPanel, history: HandHistory) -> None:
    do(panel, history, 1, "opened")
    do(panel, history, 1, "connected")
    panel.show_target(SERVER, "This is a replay.", is_live=False)
    panel.show_history(history)
    assert not panel.open.isEnabled()
    assert enabled(panel) == []
    assert panel.clients[0].isEnabled()


def test_enter_sends_what_the_field_says(qtbot: QtBot, panel: ByHandPanel, history: HandHistory) -> None:
    do(panel, history, 1, "opened")
    panel.text.setPlainText("GET /\\r\\n\n\\x00")
    with qtbot.waitSignal(panel.send_requested) as sent:
        qtbot.keyClick(panel.text, Qt.Key.Key_Return)
    assert sent.args == [1, b"GET /\r\n\0"]


def test_a_byte_at_a_time_leaves_the_others(qtbot: QtBot, panel: ByHandPanel, history: HandHistory) -> None:
    do(panel, history, 1, "opened")
    panel.text.setPlainText("\\r\\n!")
    sent: list[bytes] = []
    panel.send_requested.connect(lambda _, data: sent.append(data))
    for _ in range(4):
        panel.send_byte.click()
    assert sent == [b"\r", b"\n", b"!"]
    assert panel.text.toPlainText() == ""
    assert not panel.send.isEnabled()


def test_a_wrong_escape_is_said_and_not_sent(panel: ByHandPanel, history: HandHistory) -> None:
    do(panel, history, 1, "opened")
    panel.text.setPlainText("a\\q")
    assert panel.fault.text() == "\\q stands for no byte; a backslash is written \\\\"
    assert "Send" not in enabled(panel)


def test_what_came_back_is_shown_raw_and_when(panel: ByHandPanel, history: HandHistory) -> None:
    do(panel, history, 1, "opened", 10.0)
    do(panel, history, 1, "connected", 10.001)
    do(panel, history, 1, "sent", 10.5, b"GET / HTTP/1.0\r\n\r\n")
    do(panel, history, 1, "received", 10.6, b"HTTP/1.1 200 OK\r\n\x1b[31m\\")
    do(panel, history, 1, "ended", 10.7)
    assert panel.transcript.toPlainText().split("\n") == [
        f"+0.000 s  → Opened a connection to {SERVER}",
        "+0.001 s  ← Connected",
        "+0.500 s  → Sent 18 bytes",
        "GET / HTTP/1.0\\r\\n",
        "\\r\\n",
        "+0.600 s  ← Received 23 bytes",
        "HTTP/1.1 200 OK\\r\\n",
        "\\x1b[31m\\\\",
        "+0.700 s  ← The server has ended its side",
    ]


def test_a_new_client_is_chosen_and_another_can_be(qtbot: QtBot, panel: ByHandPanel, history: HandHistory) -> None:
    for number in range(1, LISTED + 1):
        do(panel, history, number, "opened")
        assert panel.chosen == number
    with qtbot.waitSignal(panel.client_chosen) as chosen:
        qtbot.mouseClick(panel.clients[2], Qt.MouseButton.LeftButton)
    assert chosen.args == [3]
    assert panel.about.text() == "client 3 · connecting"
    do(panel, history, 5, "connected")
    assert panel.chosen == 3, "what happens to another one changes nothing"
    assert [button.isChecked() for button in panel.clients].index(True) == 2


def test_every_control_has_a_name_and_a_tooltip(panel: ByHandPanel) -> None:
    controls = [panel.payload, panel.text, *panel.findChildren(QAbstractButton)]
    assert all(each.accessibleName() and each.toolTip() for each in controls)
    keys = [button.shortcut().toString() for button in panel.findChildren(QAbstractButton)]
    assert len(set(keys)) == len(keys) == LISTED + 7


@pytest.mark.parametrize("size", [(300, 560), (1200, 240)])
def test_nothing_is_clipped_at_its_side_or_at_the_bottom(panel: ByHandPanel, size: tuple[int, int]) -> None:
    panel.resize(*size)
    panel.resize(panel.size().expandedTo(panel.minimumSizeHint()))
    assert panel.height() <= size[1]
    panel.layout().activate()
    buttons = [each for each in panel.findChildren(QAbstractButton) if each.text()]
    assert all(each.height() >= each.minimumSizeHint().height() for each in buttons)
    assert panel.text.geometry().bottom() < panel.fault.geometry().top()


def test_what_was_typed_stays_when_the_server_is_another(panel: ByHandPanel) -> None:
    untouched = panel.text.toPlainText()
    panel.show_target("127.0.0.1:9999", "", is_live=True)
    assert panel.text.toPlainText() == untouched.replace(SERVER, "127.0.0.1:9999") != untouched
    panel.text.setPlainText("typed")
    panel.show_target(SERVER, "", is_live=True)
    assert panel.text.toPlainText() == "typed"


def test_nothing_is_added_to_what_is_half_closed_once_it_is_sent(panel: ByHandPanel, history: HandHistory) -> None:
    do(panel, history, 1, "opened")
    do(panel, history, 1, "connected")
    panel.show_ending(frozenset({1}))
    assert enabled(panel) == ["Hold", "Reset", "Close"]


def test_a_byte_for_a_connection_that_has_just_ended_stays_in_the_field(
    panel: ByHandPanel, history: HandHistory
) -> None:
    do(panel, history, 1, "opened")
    panel.text.setPlainText("abc")
    history.receive(Act(11.0, 1, "was-reset"))  # which is not drawn yet
    panel.send_byte.click()
    assert panel.text.toPlainText() == "abc"
