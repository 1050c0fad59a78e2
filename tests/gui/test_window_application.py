"""The window with an application of the user's, and with requests of the user's: real engines, a real load."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.models import FIRST
from gui.panels.notice import DetailsDialog
from gui.runs.processes import ProcessState
from gui.window import Window

PATIENCE_MS = 40_000
SHOP = """
import time
def app(environ, start_response):
    if environ["PATH_INFO"] == "/fail":
        raise ValueError("not today")
    time.sleep(0.2)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
"""


@pytest.mark.slow
def test_an_application_is_served_and_its_pages_are_asked_for(
    qtbot: QtBot, open_window: Callable[..., Window], tmp_path: Path
) -> None:
    (tmp_path / "window_shop.py").write_text(SHOP)
    (tmp_path / "shop.txt").write_text("GET /items 9\nGET /fail\n")
    window = open_window(model=FIRST, clients=3)
    window.serves.chosen.emit({"app": "window_shop:missing", "app_dir": str(tmp_path)})
    window.session.start()
    qtbot.waitUntil(lambda: window.notice.notice is not None, timeout=PATIENCE_MS)
    assert window.notice.notice
    assert "window_shop has no missing" in window.notice.notice.text
    assert window.notice.notice.offer
    assert window.notice.notice.offer.asks_application
    qtbot.waitUntil(lambda: window.session.first.engine.state is ProcessState.STOPPED, timeout=PATIENCE_MS)

    window.serves.chosen.emit({"app": "window_shop:app", "app_dir": str(tmp_path)})
    window.send_requests(str(tmp_path / "shop.txt"))
    assert window.load_panel.workload.currentText() == "Own requests: shop.txt"
    window.show_view("timeline")
    window.session.toggle_load()
    qtbot.waitUntil(lambda: window.live.first.clients.answered_per_second() > 0, timeout=PATIENCE_MS)
    ready = window.live.first.server.ready
    assert ready
    assert ready.served == "window_shop:app"
    qtbot.waitUntil(
        lambda: (
            window.notice.notice is not None
            and window.notice.notice.details is not None
            and "not today" in window.notice.notice.details()
        ),
        timeout=PATIENCE_MS,
    )
    window.notice.details.click()
    (shown,) = window.findChildren(DetailsDialog)
    assert "Traceback" in shown.text.toPlainText()
    shown.close()
    qtbot.waitUntil(lambda: window.session.first.measurement.row() is not None, timeout=PATIENCE_MS)
    row = window.session.first.measurement.row()
    assert row
    assert (row.conditions.served, Path(row.conditions.requests).name) == ("window_shop:app", "shop.txt")


def test_requests_that_are_wrong_change_nothing(window: Window, tmp_path: Path) -> None:
    (tmp_path / "shop.txt").write_text("GET items\n")
    window.send_requests(str(tmp_path / "shop.txt"))
    assert window.notice.notice
    assert "shop.txt, line 1: items is not a path" in window.notice.notice.text
    assert window.settings.sent_requests == ""
    window.load_panel.workload.setCurrentIndex(0)
    assert window.load_panel.workload.currentText() == "Steady visitors"
