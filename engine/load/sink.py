"""Where the load's messages go: the pipe to a reader, or a terminal.

Owns the form of messages on their way out of this process. A slow reader never holds the load up: while it is behind,
less is told, and the next figures say it all.
"""

import os
from collections import deque
from time import monotonic, sleep
from typing import Protocol

from engine.load.histogram import Histogram
from engine.load.wire import AnyLoadMessage, Change, Latencies, LoadReady, LoadStats, Problem, Stopped, encode
from engine.load.workloads import WORKLOADS
from engine.output import Output

LINE_EVERY = 1.0
"""Seconds between two lines at a terminal."""
LOOK_AGAIN = 0.01
"""Seconds between two looks whether a reader has caught up."""
LATE = 0.05
"""Seconds behind from which a terminal says so."""


class ReaderGone(Exception):
    """Nobody reads any more."""


class LoadSink(Protocol):
    """Takes messages; raises `ReaderGone`."""

    @property
    def behind(self) -> bool:
        """Whether the reader has not yet taken what it was told before."""

    def send(self, message: AnyLoadMessage) -> None:
        """Tell `message`, as soon as the reader takes it."""

    def drain(self, seconds: float) -> None:
        """Wait until all is told, no longer than so, and leave stdout as it was found."""


class _OutputSink:
    """What a pipe and a terminal have in common: an output that never waits."""

    def __init__(self, descriptor: int) -> None:
        self._output = Output(descriptor)

    def drain(self, seconds: float) -> None:
        deadline = monotonic() + seconds
        try:
            while self.behind and monotonic() < deadline:
                sleep(LOOK_AGAIN)
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
    """The pipe on `descriptor`, which nobody else writes."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._waiting: deque[bytes] = deque()

    @property
    def behind(self) -> bool:
        while self._waiting and self._write(self._waiting[0]):
            self._waiting.popleft()
        return super().behind or bool(self._waiting)

    def send(self, message: AnyLoadMessage) -> None:
        self._waiting.append(encode(message))
        _ = self.behind


class LoadTerminalSink(_OutputSink):
    """Readable lines for a person at a terminal, one a second."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._not_shown = 0
        self._begun = 0.0
        self._printed: LoadStats | None = None
        self._newest: LoadStats | None = None
        self._histogram = Histogram()
        self._total = Histogram()

    def send(self, message: AnyLoadMessage) -> None:
        if isinstance(message, LoadReady):
            self._begun = message.time
            self._print(f"Load on {message.url} from {_many(message.processes, 'process', 'processes')}")
        elif isinstance(message, Change):
            self._print(_in_words(message))
        elif isinstance(message, Latencies):
            self._histogram.add(Histogram.decode(message.histogram))
        elif isinstance(message, LoadStats):
            self._newest = message
            if self._printed is None or message.time - self._printed.time >= LINE_EVERY:
                self._line(message)
        elif isinstance(message, Problem):
            self._print(message.message)
        elif isinstance(message, Stopped) and self._newest is not None:
            self._total.add(self._histogram)
            self._print(self._summary(self._newest))

    def _line(self, stats: LoadStats) -> None:
        before, self._printed = self._printed, stats
        if before is None:
            return
        rate = (stats.answered - before.answered) / (stats.time - before.time)
        slow = f" and {stats.slow} slow" if stats.slow else ""
        behind = f"   {stats.behind:.1f} s behind" if stats.behind >= LATE else ""
        self._print(
            f"{stats.time - self._begun:5.0f} s  {stats.clients}{slow} connected  {rate:9,.0f} answers/s"
            f"  {_quantiles(self._histogram)}  {stats.failed - before.failed} failed  load {stats.cpu:.0f} %{behind}"
        )
        self._total.add(self._histogram)
        self._histogram = Histogram()

    def _summary(self, stats: LoadStats) -> str:
        failed = ", ".join(
            f"{getattr(stats, kind)} {words}"
            for kind, words in (
                ("refused", "refused"),
                ("reset", "reset"),
                ("timed_out", "timed out"),
                ("bad_reply", "bad replies"),
                ("wrong_bytes", "with wrong bytes"),
            )
            if getattr(stats, kind)
        )
        seconds = stats.time - self._begun
        return (
            f"{stats.answered:,} answers in {seconds:.1f} s  {_quantiles(self._total)}  "
            f"{stats.failed} failed{': ' if failed else ''}{failed}"
        )

    def _print(self, text: str) -> None:
        if self._not_shown:
            text = f"… {_many(self._not_shown, 'line was', 'lines were')} not shown\n{text}"
        if self._write((text + "\n").encode(errors="replace")):
            self._not_shown = 0
        else:
            self._not_shown += 1


def open_sink(descriptor: int) -> LoadSink:
    """The outlet that suits what `descriptor` is."""
    return LoadTerminalSink(descriptor) if os.isatty(descriptor) else LoadPipeSink(descriptor)


def _in_words(change: Change) -> str:
    workload = WORKLOADS[change.workload]
    slow = f" beside {_many(change.slow, 'slow sender')}" if change.slow else ""
    loop = f"{change.rate:g} a second are due (open loop)" if change.rate else "each asks when answered (closed loop)"
    loop = loop if workload.paced else "each at its own pace"
    work = f", {change.work_ms} ms of work" if change.work_ms else ""
    return f"{workload.title}: {_many(change.clients, 'client')}{slow}, {loop}{work}\n  {workload.description}"


def _quantiles(histogram: Histogram) -> str:
    if not histogram.total:
        return "p50    – ms  p99    – ms"
    p50, p99 = (value / 1000 for value in histogram.values_at((50, 99)))
    return f"p50 {p50:.2f} ms  p99 {p99:.2f} ms"


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
