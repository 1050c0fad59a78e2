"""The window with a program of the user's: real servers that know nothing of it, and a real load."""

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from engine.lab.guests import Variant
from engine.lab.measurement import MIN_STEADY
from engine.load.requests import FRONT_PAGE
from engine.models import MODELS
from gui.panels.programs import ProgramDialog
from gui.panels.run_all_dialog import RunAllDialog
from gui.runs.processes import ProcessState
from gui.runs.streams import ENGINE
from gui.settings import Settings
from gui.window import Window
from tests.gui.rows import row
from tests.ready import a_ready

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


SLOW = """
import http.server, sys, time


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(float(sys.argv[1]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler).serve_forever()
"""


@pytest.mark.slow
def test_braces_make_rows_beside_a_model_s_and_it_is_said_what_decides(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    window = open_window(clients=2, port=0)
    dialog = RunAllDialog(settings=window.settings)
    qtbot.addWidget(dialog)
    dialog.commands.setText("slow.py {0.01,0.1}")
    dialog.folder.editor.setText(str(tmp_path))
    assert [each.text for each in dialog.programs] == ["slow.py 0.01", "slow.py 0.1"]
    named = {**dialog.named, "guest_python": sys.executable}
    window.session.begin_sweep(MIN_STEADY, ["thread"], dialog.programs, named)
    assert window.session.sweep
    assert window.session.sweep.count == 3
    qtbot.waitUntil(lambda: window.session.sweep is None, timeout=3 * PATIENCE_MS)
    qtbot.waitUntil(lambda: len(window.scoreboard_data.entries) == 3, timeout=PATIENCE_MS)
    rows = [entry.row for entry in window.scoreboard_data.entries]
    assert len({row.conditions for row in rows}) == 1, "they are compared"
    assert len({row.model for row in rows}) == 3
    assert window.notice.notice
    assert "0.01 instead of 0.1 gives" in window.notice.notice.text
    named_now = (window.settings.guest, window.settings.guest_dir, window.settings.guest_python)
    assert named_now == (None, None, None), "the last program is not what is chosen"


@pytest.mark.parametrize("models", [["thread"], []])
def test_a_program_s_row_is_another_only_in_a_sweep_with_models(
    open_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch, models: list[str]
) -> None:
    window = open_window(clients=2, port=0)
    session = window.session
    for run in (session.first, session.first.engine):
        monkeypatch.setattr(run, "start", lambda _: None)
    program = Variant("slow.py 1", ("1",))
    session.begin_sweep(MIN_STEADY, models, [program], {"guest_dir": "elsewhere"})
    session.run_next({"guest": program.text, "guest_dir": "elsewhere"})
    session._on_message(ENGINE, a_ready("slow.py 1", traits=MODELS["thread"].traits))
    found = row("slow.py 1")
    assert (session._as_asked(found) is not found) == bool(models)
    session.end_sweep()
    assert session._as_asked(found) is found, "what runs later is of its own"
    assert (session.settings.guest, session.settings.guest_dir) == (None, None)


def test_programs_are_left_out_where_the_load_asks_for_pages_of_ours(qtbot: QtBot) -> None:
    dialog = RunAllDialog(settings=Settings(guest="a {1,2}", workload="large-files"))
    qtbot.addWidget(dialog)
    assert not dialog.programs
    assert not dialog.commands.isEnabled()
    dialog = RunAllDialog(settings=Settings(guest="a {1,2}"))
    qtbot.addWidget(dialog)
    assert "row(s)" in dialog.duration.text() or "rows" in dialog.duration.text()
    dialog.commands.setText("a " + "{1,2}" * 7)
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
