"""The window with a program of the user's: real servers that know nothing of it, and a real load."""

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from pytestqt.qtbot import QtBot

from engine.load.requests import FRONT_PAGE
from gui.panels.programs import ProgramDialog
from gui.runs.processes import ProcessState
from gui.settings import Settings
from gui.window import Window

PATIENCE_MS = 40_000
SERVER = """
import http.server, sys
print("it is served", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
BROKEN = "import nothing_of_that_name\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there the tracer is not tried")


def test_a_program_runs_instead_of_a_model_until_one_is_chosen(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    """Its requests, workers and output are seen; the load asks for its front page; it is listed from then on."""
    (tmp_path / "server.py").write_text(SERVER)
    window = open_window(model="epoll", clients=2, port=0)
    window.run_program({"guest": "server.py", "guest_dir": str(tmp_path), "guest_python": sys.executable})
    server = window.live.first.server
    qtbot.waitUntil(lambda: server.ready is not None, timeout=PATIENCE_MS)
    assert server.ready
    assert server.ready.title == "server.py"
    assert "server.py" in window.header.state.text
    assert window.settings.sent_requests == FRONT_PAGE
    with urlopen(window.session.first.url) as reply:
        assert reply.status == 200
    qtbot.waitUntil(lambda: server.counters is not None and server.counters.requests == 1, timeout=PATIENCE_MS)
    window.show_view("output")
    output = window.tabs.views["output"]
    qtbot.waitUntil(lambda: "it is served" in output.text.toPlainText(), timeout=PATIENCE_MS)  # type: ignore[attr-defined]
    assert "GET / HTTP/1.1" in output.text.toPlainText()  # type: ignore[attr-defined]
    assert "its requests are seen" in output.status.text()  # type: ignore[attr-defined]
    assert [card.entry.title for card in window.cards.cards.values() if card.isChecked()] == ["server.py"]

    window.cards.cards["epoll"].click()
    qtbot.waitUntil(lambda: server.ready is not None and server.ready.model == "epoll", timeout=PATIENCE_MS)
    assert window.settings.guest is None
    window.session.first.stop()
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_program_of_which_less_is_seen_says_why(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    window = open_window(port=0)
    window.run_program({"guest": f"{sys.executable} -I server.py", "guest_dir": str(tmp_path), "guest_python": None})
    qtbot.waitUntil(lambda: window.notice.notice is not None, timeout=PATIENCE_MS)
    assert window.notice.notice
    assert "-I, which keeps the tracer out" in window.notice.notice.text
    seen = window.live.first.program.seen
    assert seen
    assert seen.way == "watched"


@pytest.mark.slow
def test_a_program_that_fails_says_why(qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(BROKEN)
    window = open_window(port=0)
    window.run_program({"guest": "server.py", "guest_dir": str(tmp_path), "guest_python": sys.executable})
    qtbot.waitUntil(lambda: window.notice.notice is not None, timeout=PATIENCE_MS)
    assert window.notice.notice
    assert "server.py" in window.notice.notice.title
    assert "exit status 1" in window.notice.notice.text
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)


def test_a_command_that_can_not_be_one_is_not_accepted(qtbot: QtBot) -> None:
    dialog = ProgramDialog(Settings())
    qtbot.addWidget(dialog)
    assert not dialog.buttons.button(dialog.buttons.StandardButton.Ok).isEnabled()
    dialog.command.setText('server.py "one')
    assert "no partner" in dialog.problem.text()
    dialog.command.setText("-m gunicorn -w 3 shop:app")
    with qtbot.waitSignal(dialog.accepted, timeout=PATIENCE_MS):
        dialog.buttons.button(dialog.buttons.StandardButton.Ok).click()
    with qtbot.waitSignal(dialog.rejected, timeout=PATIENCE_MS):
        dialog.buttons.button(dialog.buttons.StandardButton.Cancel).click()
    assert dialog.chosen() == {"guest": "-m gunicorn -w 3 shop:app", "guest_dir": None, "guest_python": None}
