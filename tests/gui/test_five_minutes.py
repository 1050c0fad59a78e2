"""What a person with a Flask shop and gunicorn asks of the window: what its workers wait for, and on which line."""

import importlib.util
import re
import sys
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from gui.history.intervals import LaneState
from gui.history.phases import waterfall
from gui.panels.source import SourcePanel
from gui.panels.timeline import TimelinePanel
from gui.window import Window
from tests.engine.guest.service import slow_service
from tests.engine.guest.support import PROGRAMS

PATIENCE_MS = 60_000
LINE = 1 + next(
    number for number, line in enumerate((PROGRAMS / "flask_shop.py").read_text().split("\n")) if "# waits" in line
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform != "linux", reason="the queue and the threads are asked as on Linux"),
]


@pytest.mark.parametrize("workers", ["-w 2", "-w 1 -k gthread --threads 3"])
def test_the_window_says_where_the_workers_of_a_shop_wait(
    qtbot: QtBot, open_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    """The sentence has the line, the source has the workers on it, and lanes are workers that serve."""
    if importlib.util.find_spec("gunicorn") is None or importlib.util.find_spec("flask") is None:
        pytest.skip("gunicorn or Flask is not installed")
    with slow_service(0.25) as service:
        monkeypatch.setenv("SERVICE", str(service))
        window = open_window(clients=8, port=0)
        words = f"-m gunicorn {workers} -b 127.0.0.1:0 flask_shop:app"
        window.run_program({"guest": words, "guest_dir": str(PROGRAMS), "guest_python": sys.executable})
        history = window.live.first
        qtbot.waitUntil(lambda: history.server.ready is not None, timeout=PATIENCE_MS)
        window.session.toggle_load()
        timeline = window.tabs.views["timeline"]
        assert isinstance(timeline, TimelinePanel)
        said = re.compile(rf"spends (at least )?\d+ % of its time waiting at flask_shop\.py:{LINE}")
        qtbot.waitUntil(lambda: bool(said.search(timeline.sentence.text())), timeout=PATIENCE_MS)
        log = history.server.log
        seen = [waterfall(history.lanes, log.row(log.total - number)) for number in range(1, 9)]
        assert max(each.seconds(LaneState.IN_CALL) for each in seen) >= 0.2, "the parts of a request have its wait"
        answered = {int(each) for each in history.server.log.by_worker()}
        assert {row.number for row in timeline.canvas.rows.rows} <= answered | {0}
        window.show_view("source")
        source = window.tabs.views["source"]
        assert isinstance(source, SourcePanel)
        qtbot.waitUntil(lambda: LINE in source.inside.marks, timeout=PATIENCE_MS)
        assert source.application.text() == "flask_shop.py"
        assert source.application.isChecked(), "it is shown at once, as the program has no file of its own"
        window.session.toggle_load()
