"""Where the load's messages go: a pipe to another program, or a terminal.

Owns the form in which messages leave this process. A slow reader never slows the load down: while it is behind, fewer
messages are sent, and the next statistics include everything.
"""

import os
from collections import deque
from time import sleep
from typing import Protocol

from engine.clock import monotonic
from engine.load.histogram import Histogram
from engine.load.wire import FAILURES, AnyLoadMessage, Change, Latencies, LoadReady, LoadStats, Problem, Stopped, encode
from engine.load.workloads import WORKLOADS
from engine.output import Output
from engine.persistence import ONE_A_REQUEST

LINE_INTERVAL = 1.0
"""Seconds between two lines on a terminal."""
POLL_INTERVAL = 0.01
"""Seconds between two checks whether the reader has caught up."""
BEHIND_SHOWN = 0.05
"""Seconds behind schedule from which a terminal shows it."""


class ReaderGone(Exception):
    """The other end of the output is closed."""


class LoadSink(Protocol):
    """Takes messages. Its methods raise `ReaderGone`."""

    @property
    def behind(self) -> bool:
        """Whether the reader has not yet taken all earlier messages."""

    def send(self, message: AnyLoadMessage) -> None:
        """Write `message` as soon as the reader takes it."""

    def drain(self, seconds: float) -> None:
        """Wait at most `seconds` until everything is written; restore stdout's mode."""


class _OutputSink:
    """What both sinks share: an output that never blocks."""

    def __init__(self, descriptor: int) -> None:
        self._output = Output(descriptor)

    def drain(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        try:
            while self.behind and monotonic() < deadline:
                sleep(POLL_INTERVAL)
        finally:
            self._output.restore()

    @property
    def behind(self) -> bool:
        try:
            return not self._output.finish()
        except OSError as error:
            raise ReaderGone from error

    def _write(self, lines: bytes) -> bool:
        try:
            return self._output.write(lines)
        except OSError as error:
            raise ReaderGone from error


class LoadPipeSink(_OutputSink):
    """Messages as JSON lines to the pipe on `descriptor`. This process is its only writer."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._queue: deque[bytes] = deque()

    @property
    def behind(self) -> bool:
        while self._queue and self._write(self._queue[0]):
            self._queue.popleft()
        return super().behind or bool(self._queue)

    def send(self, message: AnyLoadMessage) -> None:
        self._queue.append(encode(message))
        _ = self.behind


class LoadTerminalSink(_OutputSink):
    """Readable lines for a terminal, one a second."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._encoding = os.device_encoding(descriptor) or "utf-8"
        self._lines_dropped = 0
        self._begin = 0.0
        self._printed: LoadStats | None = None
        self._newest: LoadStats | None = None
        self._histogram = Histogram()
        self._total = Histogram()

    def send(self, message: AnyLoadMessage) -> None:
        if isinstance(message, LoadReady):
            self._begin = message.time
            self._print(f"Load on {message.url} from {_plural(message.processes, 'process', 'processes')}")
        elif isinstance(message, Change):
            self._print(_change_text(message))
        elif isinstance(message, Latencies):
            self._histogram.add(Histogram.decode(message.histogram, message.bound))
        elif isinstance(message, LoadStats):
            self._newest = message
            if self._printed is None or message.time - self._printed.time >= LINE_INTERVAL:
                self._print_stats(message)
        elif isinstance(message, Problem):
            self._print(message.message)
        elif isinstance(message, Stopped) and self._newest is not None:
            self._total.add(self._histogram)
            self._print(self._summary(self._newest))

    def _print_stats(self, stats: LoadStats) -> None:
        before, self._printed = self._printed, stats
        if before is None:
            return
        rate = (stats.answered - before.answered) / (stats.time - before.time)
        slow = f" and {stats.slow} slow" if stats.slow else ""
        behind = f"   {stats.behind:.1f} s behind" if stats.behind >= BEHIND_SHOWN else ""
        self._print(
            f"{stats.time - self._begin:5.0f} s  {stats.clients}{slow} connected  {rate:9,.0f} answers/s"
            f"  {_percentiles(self._histogram)}  {stats.failed - before.failed} failed  load {stats.cpu:.0f} %{behind}"
        )
        self._total.add(self._histogram)
        self._histogram = Histogram()

    def _summary(self, stats: LoadStats) -> str:
        counts = {kind: getattr(stats, kind) for kind in FAILURES}
        failed = ", ".join(FAILURES[kind].format(n=count) for kind, count in counts.items() if count)
        return (
            f"{stats.answered:,} answers in {stats.time - self._begin:.1f} s  {_percentiles(self._total)}  "
            f"{stats.failed} failed{': ' if failed else ''}{failed}"
        )

    def _print(self, text: str) -> None:
        if self._lines_dropped:
            text = f"… {_plural(self._lines_dropped, 'line was', 'lines were')} not shown\n{text}"
        if self._write((text + "\n").encode(self._encoding, "replace")):
            self._lines_dropped = 0
        else:
            self._lines_dropped += 1


def open_sink(descriptor: int) -> LoadSink:
    """The sink for `descriptor`: readable lines for a terminal, messages for anything else."""
    return LoadTerminalSink(descriptor) if os.isatty(descriptor) else LoadPipeSink(descriptor)


def _change_text(change: Change) -> str:
    workload = WORKLOADS[change.workload]
    slow = f" and {_plural(change.slow, 'slow sender')}" if change.slow else ""
    if not workload.paced:
        pace = "each at its own pace"
    elif change.rate:
        pace = f"{change.rate:g} requests per second are due (open loop)"
    else:
        pace = "each sends its next request after the response (closed loop)"
    work = f", {change.work_ms} ms of work" if change.work_ms else ""
    one = change.connections == ONE_A_REQUEST
    lasting = "a connection per request" if one else "connections kept where the server keeps them"
    who = f"{workload.title}: {_plural(change.clients, 'client')}{slow}"
    return f"{who}, {pace}{work}, {lasting}\n  {workload.description}"


def _percentiles(histogram: Histogram) -> str:
    if not histogram.total:
        return "p50    – ms  p99    – ms"
    p50, p99 = (
        f"{'≥ ' if 0 < histogram.bound <= value else ''}{value / 1000:.2f}" for value in histogram.values_at((50, 99))
    )
    return f"p50 {p50} ms  p99 {p99} ms"


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
