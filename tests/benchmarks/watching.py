"""What it costs the server to be watched: `python tests/benchmarks/watching.py`.

Needs wrk. A real window, its engine under load; in turn the scoreboard is open, so that no spans are told, and the
timeline, so that they are. Shown are the requests/s that wrk got, medians and the ratio within each round; the target
is to lose at most 10 %. The window itself takes processor time on the same cores, which is part of the price.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from engine.clock import monotonic
from engine.models import MODELS
from gui.runs.processes import ProcessState
from gui.window import Window
from tests.benchmarks.wrk import Result, command, parsed

CLIENTS = 64
VIEWS = ("scoreboard", "timeline")
SETTLING = 1.5
"""Seconds before each measurement, in which the detail changes."""


def rest(seconds: float) -> None:
    """Lets the window go on for so long."""
    end = monotonic() + seconds
    while monotonic() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def loaded(port: int, seconds: int) -> Result:
    """What wrk measured while the window went on."""
    url = f"http://127.0.0.1:{port}/index.html"
    with subprocess.Popen(command(url, CLIENTS, seconds), stdout=subprocess.PIPE, text=True) as wrk:
        while wrk.poll() is None:
            rest(0.05)
        assert wrk.returncode == 0
        assert wrk.stdout
        return parsed(wrk.stdout.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=["thread", "gevent", "keepalive", "epoll"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = Window(store, theme="light", port=0, keep_alive=True)
        window.resize(1600, 1000)
        window.show()
        for model in options.models:
            window.session.choose(model)
            window.session.start()
            while window.session.first.engine.state is not ProcessState.RUNNING or not window.session.first.ready:
                rest(0.05)
            rounds: list[dict[str, float]] = []
            for _ in range(options.rounds):
                rates = {}
                for view in VIEWS:
                    window.show_view(view)
                    rest(SETTLING)
                    rates[view] = loaded(window.session.first.ready.port, options.seconds).rate
                rounds.append(rates)
            ratios = [rates["timeline"] / rates["scoreboard"] for rates in rounds]
            closed, opened = (statistics.median(rates[view] for rates in rounds) for view in VIEWS)
            print(
                f"{model:<12} timeline closed {closed:>9,.0f}/s, open {opened:>9,.0f}/s: "
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
                flush=True,
            )
        window.close()
    del application


if __name__ == "__main__":
    main()
