"""What a frame of the timeline costs: `python tests/benchmarks/timeline.py`.

Twenty thousand pieces in sight in as many lanes as fit into 1600×1000 pixels, scrolling: seconds in the panel's `draw`
and in the painting that follows, as medians and p99; and what it costs to take the spans of a busy engine.
"""

import argparse
import os
import random
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtWidgets import QApplication

from engine.telemetry import wire
from gui import appearance
from gui.history.lanes import Lanes
from gui.panels.timeline import TimelinePanel
from tests.ready import a_ready

WORKERS = 64
PIECES_A_REQUEST = 4
ROUND = 500


def busy_lanes(pieces: int, seconds: float, begin: float) -> Lanes:
    """So many pieces of many threads, spread over the time from `begin` on."""
    lanes = Lanes()
    lanes.receive(a_ready("thread", begin, clock=0.0))
    dice = random.Random(1)
    requests = pieces // PIECES_A_REQUEST // WORKERS
    length = seconds / requests
    rows = []
    for number in range(requests):
        for worker in range(1, WORKERS + 1):
            start = begin + (number + dice.random() / 2) * length
            handled = start + length * dice.random() / 3
            rows.append(wire.Span(worker, worker, "recv", 1, begin + number * length, start, 50))
            rows.append(wire.Span(worker, worker, "send", 1, handled, handled + length / 9, 600))
    for first in range(0, len(rows), ROUND):
        lanes.receive(wire.Spans(rows[first : first + ROUND]))
    return lanes


def frames(panel: TimelinePanel, begin: float, count: int) -> list[float]:
    """Milliseconds of each of so many frames."""
    took = []
    for number in range(count):
        now = begin + number / 30
        start = time.perf_counter()
        panel.draw(now)
        QApplication.processEvents()
        took.append((time.perf_counter() - start) * 1000)
    return took


def arrivals(count: int) -> float:
    """Microseconds that one span costs to take."""
    spans = [
        wire.Span(0, number % 64, ("recv", "send")[number % 2], 1, number, number + 0.5, 9) for number in range(count)
    ]
    lanes = Lanes()
    lanes.receive(a_ready("epoll", 0.0, clock=0.0))
    start = time.perf_counter()
    for first in range(0, count, ROUND):
        lanes.receive(wire.Spans(spans[first : first + ROUND]))
    return (time.perf_counter() - start) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=20_000)
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args()
    application = QApplication([])
    appearance.apply_theme(application, appearance.LIGHT)
    for span in (2.0, 60.0):
        begin = 1_000.0
        seconds = span + (options.frames + 10) / 30 + 1
        lanes = busy_lanes(round(options.pieces * seconds / span), seconds, begin)
        panel = TimelinePanel(lanes, lambda connection, moment: "")
        panel.set_theme(appearance.LIGHT)
        panel.resize(1600, 1000)
        panel.show()
        panel.canvas.look_from(begin + span, span)
        frames(panel, begin + span, 10)
        took = frames(panel, begin + span, options.frames)
        marks = statistics.quantiles(took, n=100)
        shown = panel.canvas._pieces.shape[1]
        print(
            f"{span:>4.0f} s in sight, {shown:,} pieces in {len(panel.canvas.rows.rows)} rows at the end:"
            f" p50 {marks[49]:.1f}, p99 {marks[98]:.1f}, most {max(took):.1f} ms a frame",
            flush=True,
        )
        panel.close()
    print(f"a span costs {arrivals(50_000):.1f} µs to take")


if __name__ == "__main__":
    main()
