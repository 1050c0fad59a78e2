"""What recording costs and how fast a replay jumps: `python tests/benchmarks/recording.py [--minutes 10]`.

First it records 30,000 records a second as they come for some seconds, and prints how much of a core that takes and
how late it makes the window's event loop (a 10-ms timer). Then it writes a recording of 2,000 requests a second, with
a load of 64 clients and all spans that an engine tells of so many, and jumps to several of its moments.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer

from engine.clock import monotonic
from engine.lab.usage import Usage
from engine.load import wire as load_wire
from engine.load.histogram import Histogram
from engine.telemetry import wire
from gui.recording.file import ENGINE, LOAD, USAGE, VERSION, FileHeader, Recording, RecordingWriter
from gui.recording.recorder import SessionRecorder
from gui.recording.replay import Replay
from tests.answered import answered
from tests.ready import a_ready

BEGIN, CLOCK = 1_000.0, 1_700_000_000.0
BATCH = 40
"""Rows in a line: what fits into 4,096 bytes."""


def requests(at: float, count: int) -> wire.Requests:
    def row() -> wire.Request:
        waited, took = random.random() * 1e-4, random.random() * 1e-3
        return answered(at - random.random() / 10, random.randrange(64), 0, 1, 2, 200, 834, waited, took, True)

    return wire.Requests([row() for _ in range(count)])


def spans(at: float, count: int) -> wire.Spans:
    def row() -> wire.Span:
        begin = at - random.random() / 10
        return wire.Span(0, random.randrange(64), "recv", 21, begin, begin + random.random() * 1e-3, 120)

    return wire.Spans([row() for _ in range(count)])


def batches(kind: Any, at: float, count: int) -> list[Any]:
    """So many rows, in messages of what a line holds."""
    return [kind(at, min(BATCH, count - begin)) for begin in range(0, count, BATCH)]


def story(seconds: float, rate: int) -> Iterator[tuple[str, float, Any]]:
    """All that comes in during so many seconds of so many requests a second."""
    histogram = Histogram()
    for _ in range(rate // 10):
        histogram.record(int(random.lognormvariate(6, 1)))
    latencies = histogram.encode()
    heads = [wire.Head(1, "GET /index.html HTTP/1.1"), wire.Head(2, "HTTP/1.1 200 OK")]
    yield ENGINE, BEGIN, a_ready("epoll", BEGIN, clock=CLOCK)
    yield ENGINE, BEGIN, wire.Heads(heads)
    yield ENGINE, BEGIN, wire.Opened([wire.Opening(BEGIN, one, f"127.0.0.1:{40000 + one}", 0) for one in range(64)])
    yield LOAD, BEGIN, load_wire.LoadReady(load_wire.VERSION, "http://127.0.0.1:8888", 2, 1, BEGIN, CLOCK)
    for tenth in range(1, round(seconds * 10) + 1):
        at, total = BEGIN + tenth / 10, tenth * rate // 10
        for message in (*batches(requests, at, rate // 10), *batches(spans, at, 3 * rate // 10)):
            yield ENGINE, at, message
        yield ENGINE, at, wire.Counters(at, 64, 64, total, 0, total * 834, 0, 1, 1)
        yield LOAD, at, load_wire.LoadStats(at, 64, 0, total, total, 0, 0, 0, 0, 0, total * 834, 0.0, 50.0)
        yield LOAD, at, load_wire.Latencies(at - 0.1, at, latencies)
        if tenth % 5 == 0:
            yield USAGE, at, Usage(at, 50.0, 30_000_000, 1, 1, 0, 70)


def until(look: Any) -> None:
    while not look():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def record(path: Path, seconds: float) -> None:
    """Records 30,000 records a second, a fortieth of them every 25 ms, as a window takes them from a pipe."""
    entries = [batches(requests, BEGIN, 7_500 // 40) + batches(spans, BEGIN, 22_500 // 40) for _ in range(40)]
    for is_recording in (False, True):
        recorder = SessionRecorder()
        if is_recording:
            recorder.start(path, {})
        late: list[float] = []
        due = monotonic() + 0.01
        turn = 0

        def tell(recorder: SessionRecorder = recorder) -> None:
            nonlocal turn
            for message in entries[turn % 40]:
                recorder.note(ENGINE, message)
            turn += 1

        def look(late: list[float] = late) -> None:
            nonlocal due
            now = monotonic()
            late.append(max(0.0, now - due) * 1000)
            due = now + 0.01

        timers = [QTimer(interval=25, timerType=Qt.TimerType.PreciseTimer), QTimer(interval=10)]
        timers[1].setTimerType(Qt.TimerType.PreciseTimer)
        timers[0].timeout.connect(tell)
        timers[1].timeout.connect(look)
        for timer in timers:
            timer.start()
        used, end = time.process_time(), monotonic() + seconds
        until(lambda end=end: monotonic() > end)
        used = time.process_time() - used
        for timer in timers:
            timer.stop()
        recorder.close()
        percentiles = statistics.quantiles(late, n=100)
        said = f"recording, {path.stat().st_size / seconds / 1e6:.2f} MB/s" if is_recording else "not recording"
        print(
            f"{said:<26}{100 * used / seconds:5.1f} % of a core   "
            f"lag p50 {percentiles[49]:.1f}, p99 {percentiles[98]:.1f}, most {max(late):.1f} ms",
            flush=True,
        )


def replay(path: Path, seconds: float, rate: int) -> None:
    """Writes a recording and jumps in it."""
    writer = RecordingWriter(path, FileHeader(VERSION, wire.VERSION, load_wire.VERSION, BEGIN, CLOCK, {}))
    entries, due = [], BEGIN + 0.25
    for entry in story(seconds, rate):
        if entry[1] > due:
            writer.write(entries, due)
            entries, due = [], due + 0.25
        entries.append(entry)
    writer.write(entries, due)
    writer.close()
    begin = monotonic()
    played = Replay(Recording(path))
    opening = monotonic() - begin
    print(f"{seconds / 60:.0f} minutes, {path.stat().st_size / 1e6:.0f} MB: opened in {opening * 1000:.0f} ms")
    for share in (0.05, 0.5, 0.99):
        longest, histories, used = 0.0, [], time.process_time()
        played.scene_changed.connect(histories.append)
        begin = monotonic()
        played.seek(share * played.seconds)
        while not histories:
            turn = monotonic()
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            longest = max(longest, monotonic() - turn)
        took, used = monotonic() - begin, time.process_time() - used
        record = histories[0].server
        print(
            f"jump to {share * played.seconds:5.0f} s: {took:.2f} s ({used:.2f} s of a core), "
            f"{len(record.log):,} requests in the log, "
            f"longest turn of the window {longest * 1000:.0f} ms",
            flush=True,
        )
    played.close()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=8, help="of the first part")
    options = parser.parse_args(arguments)
    application = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder) / "live.servescope", options.seconds)
        replay(Path(folder) / "long.servescope", options.minutes * 60, options.rate)
    del application


if __name__ == "__main__":
    main()
