"""How fluent the window is under load: `python tests/benchmarks/window.py [--seconds 600]`.

A real window with a real engine under wrk: the lag of its event loop (a 10-ms timer's lateness), the requests/s that
arrived meanwhile, and its memory early and at the end. Before that, how long the window takes to show and to be
complete. Runs offscreen unless a display is chosen by QT_QPA_PLATFORM.

On two cores, in a calmer moment: complete after 1.07 s (median of 7; shown after 0.36 s) before the source's colours,
the plots' menus and the forms of files were put off until somebody sees them. A profile puts these at 0.12 to 0.15 s;
later pairs, on a busy machine, differ too much to confirm it: processor time of the start 1.01 to 0.82 of before. Of
the rest, pyqtgraph's import takes 0.17 s and its four plots 0.08 s, PySide6's 0.15 s, numpy's 0.08 s.

Resident memory at about 45,000 requests/s from wrk: 178 MiB after 7 s (182 after 30 s), and 164 after 7 s since
requests are queued for a measurement only where it needs them and the lanes' table grows as it fills. What holds it:
80 MiB are there once the window is shown, numpy adds 17, pyqtgraph 32 (14 of them since it makes a Python class of
each class of Qt), the widgets 20, the ring of 100,000 requests 9.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.clock import monotonic
from gui.runs.processes import ProcessState
from gui.window import Window

STARTED = """
import os, sys
begin = float(sys.argv[1])
from PySide6.QtWidgets import QApplication
from PySide6.QtCore import QSettings, QTimer
application = QApplication([])
from engine.clock import monotonic
from gui.window import Window
window = Window(QSettings(sys.argv[2], QSettings.Format.IniFormat), port=0)
window.show()
shown = []
def look():
    if not shown:
        shown.append(monotonic())
QTimer.singleShot(0, look)
def complete():
    print((shown or [monotonic()])[0] - begin, monotonic() - begin)
    window.close()
    os._exit(0)
window.completed.connect(lambda: QTimer.singleShot(0, complete))
application.exec()
"""


def start_up(folder: Path) -> tuple[float, float]:
    """Seconds from the start of the interpreter until the window is shown, and until it is complete."""
    command = [sys.executable, "-c", STARTED, str(monotonic()), str(folder / "settings.ini")]
    shown, complete = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(shown), float(complete)


class Run:
    """A window whose event loop is watched."""

    def __init__(self, folder: Path) -> None:
        self.window = Window(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat), port=0)
        self.window.resize(1600, 1000)
        self.window.show()
        self.until(lambda: self.window.is_complete)
        self.late: list[float] = []
        self._due = 0.0
        self._timer = QTimer(interval=10, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def run(self, model: str) -> int:
        """Port of `model`, running in the window."""
        self.window.session.choose(model)
        self.window.session.start()
        self.until(
            lambda: (
                self.window.session.first.engine.state is ProcessState.RUNNING
                and self.window.live.first.server.ready is not None
            )
        )
        return self.window.live.first.server.ready.port

    def watch(self, seconds: float) -> None:
        """Collects how late the timer was, in milliseconds, for so many seconds."""
        self.late.clear()
        self._due = monotonic() + 0.01
        self._timer.start()
        end = monotonic() + seconds
        self.until(lambda: monotonic() > end)
        self._timer.stop()

    def until(self, look: Callable[[], bool]) -> None:
        while not look():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def _tick(self) -> None:
        now = monotonic()
        self.late.append(max(0.0, now - self._due) * 1000)
        self._due = now + 0.01


def lag(run: Run, model: str, seconds: int) -> None:
    port = run.run(model)
    me = psutil.Process()
    command = ["wrk", "-t1", "-c64", f"-d{seconds + 4}s", f"http://127.0.0.1:{port}/"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as load:
        run.watch(2)  # settles
        counters = run.window.live.first.server.counters
        early = me.memory_info().rss / 2**20
        before, begin = counters.requests, counters.time
        run.watch(seconds)
        late = me.memory_info().rss / 2**20
        counters = run.window.live.first.server.counters
        rate = (counters.requests - before) / (counters.time - begin)
        load.terminate()
    percentiles = statistics.quantiles(run.late, n=100)
    print(
        f"{model:<12}{rate:>10,.0f} requests/s, 1 in {counters.requests_every} told   lag p50 {percentiles[49]:.1f}, "
        f"p99 {percentiles[98]:.1f}, most {max(run.late):.1f} ms   memory {early:.0f} → {late:.0f} MiB",
        flush=True,
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["thread", "gevent", "epoll"])
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starts = [start_up(folder) for _ in range(5)]
        shown, complete = (statistics.median(each) for each in zip(*starts, strict=True))
        print(f"start-up: shown after {shown * 1000:.0f} ms, complete after {complete * 1000:.0f} ms (medians of 5)")
        application = QApplication.instance() or QApplication([])
        run = Run(folder)
        for model in options.models:
            lag(run, model, options.seconds)
        run.window.close()
        del application


if __name__ == "__main__":
    main()
