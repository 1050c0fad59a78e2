"""What a frame of the plots costs with a minute of six models in them: `python tests/benchmarks/frame.py`.

Prints the medians and the worst of the window's own processor time: for a frame, for one with the crosshair in it, and
for what each tenth of a second of an engine's and a load's stream takes. Runs offscreen unless a display is chosen by
QT_QPA_PLATFORM.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from engine.load import wire as load_wire
from engine.load.histogram import Histogram
from engine.models import MODELS
from engine.telemetry import wire
from gui import appearance
from gui.history.clients import ClientHistory
from gui.history.plot_data import plot_data
from gui.history.server import ServerHistory
from gui.panels.plots import Plots
from tests.answered import answered
from tests.ready import a_ready

ROWS = 400
"""Requests reported in each tenth of a second."""


class Minute:
    """The histories of a server and of its load, on a clock that is advanced by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.server, self.load = ServerHistory(clock=lambda: self.now), ClientHistory(clock=lambda: self.now)
        self.load.receive(load_wire.LoadReady(1, "http://127.0.0.1:1", 1, 1, self.now, 0.0))
        self._requests = self._answered = self._refused = 0

    def fill(self, model: str, seconds: float) -> None:
        """`model` runs for so long, and ends."""
        self._requests = 0
        self.server.receive(a_ready(model, self.now, clock=0.0))
        for _ in range(round(seconds * 10)):
            self.tenth()
        self.server.receive(wire.Stopped(self.now))
        self.now += 0.25

    def tenth(self) -> None:
        """The messages of a tenth of a second."""
        begin, self.now = self.now, self.now + 0.1
        count = random.randint(1500, 2500)
        self._requests += count
        self._answered += count
        self._refused += random.randint(0, 5)
        self.server.receive(wire.Requests([answered(self.now, 1, 0, 1, 2, 200, 1, 0.001, 0.002, True)] * ROWS))
        self.server.receive(wire.Counters(self.now, 8, random.randint(40, 72), self._requests, 0, 0, 0, 1, 1))
        latencies = Histogram()
        for _ in range(300):
            latencies.record(int(random.lognormvariate(8, 0.6)))
        self.load.receive(load_wire.Latencies(begin, self.now, latencies.encode()))
        crowd = load_wire.LoadStats(self.now, 64, 0, 0, self._answered, self._refused, 0, 0, 0, 0, 0, 0.0, 50.0)
        self.load.receive(crowd)


def cost(act: Callable[[], object], times: int) -> str:
    """Milliseconds of processor time that `act` takes."""
    taken = []
    for _ in range(times):
        begin = time.thread_time()
        act()
        taken.append((time.thread_time() - begin) * 1000)
    return f"median {statistics.median(taken):.1f} ms, most {max(taken):.1f} ms"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=200)
    options = parser.parse_args(arguments)
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    appearance.apply_theme(application, appearance.LIGHT)
    minute = Minute()
    for model in MODELS:
        minute.fill(model, 10.0)
    plots = Plots()
    plots.set_theme(appearance.LIGHT)
    plots.resize(1240, 300)  # what a window of 1600×1000 gives them
    plots.show()

    def frame() -> None:
        minute.now += 0.033
        plots.draw(plot_data(minute.server, minute.load, minute.now))
        application.processEvents()

    frame()
    print(f"a frame:                  {cost(frame, options.frames)}")
    for plot in plots.all:
        plot.pointed_at.emit(-20.0)
    print(f"with the crosshair:       {cost(frame, options.frames)}")
    minute.server.receive(a_ready("epoll", minute.now, clock=0.0))
    print(f"a tenth of both streams:  {cost(minute.tenth, 100)} (the making of them in it)")


if __name__ == "__main__":
    main()
