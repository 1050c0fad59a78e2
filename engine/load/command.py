"""The load as a process: it reads changes, reports what comes of them, and ends.

Owns stdin, stdout and the signals. The clients are those of a pool, in this process or distributed over several.
"""

import argparse
import os
import signal
import sys
import time
import warnings

import gevent
from gevent.event import Event

from engine import windows
from engine.clock import monotonic
from engine.lifetime import allow_descriptors, die_with_parent, take_stdin
from engine.load.client_pool import ClientPool, Pool
from engine.load.connection import CHUNK, Target, measured_timer_error
from engine.load.distributed_pool import DistributedPool
from engine.load.options import checked, first_change
from engine.load.sink import LoadSink, ReaderGone, open_sink
from engine.load.wire import VERSION, Change, LoadReady, Problem, Stopped, decode
from engine.reading import Url
from engine.telemetry.wire import WireError

REPORT_INTERVAL = 0.1
"""Seconds between two reports."""
DRAIN_TIMEOUT = 1.0
"""Seconds that a reader has to take the last messages."""
MAX_LINE = 65536
"""Bytes of a line on stdin."""


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Put load on a server until the end; returns the exit status."""
    try:
        change = first_change(options)
    except ValueError as error:
        parser.error(str(error))
    if options.stop_on_eof:
        die_with_parent(signal.SIGTERM)
    allow_descriptors()
    windows.sharpen_timers()
    # libuv's loop says of each timer below a millisecond that it takes a whole one.
    warnings.filterwarnings("ignore", "libuv only supports millisecond timer resolution")
    load = Load(options, open_sink(sys.stdout.fileno()))
    try:
        load.run(change)
    except ReaderGone:
        load.close()
    os._exit(0)  # a thread still waits for stdin


class Load:
    """A client pool that takes changes from stdin and reports to stdout."""

    def __init__(self, options: argparse.Namespace, sink: LoadSink) -> None:
        self._options = options
        self._sink = sink
        self._stdin = take_stdin()
        self._end = Event()
        self._pool = open_pool(options)
        self._rejected: list[Problem] = []

    def run(self, change: Change) -> None:
        """Start with `change`, and go on until a signal, the end of stdin (`--stop-on-eof`) or `--seconds`."""
        options, url = self._options, self._options.url
        for number in (signal.SIGTERM, signal.SIGINT):
            gevent.signal_handler(number, self._end.set)
        now = monotonic()
        self._sink.send(LoadReady(VERSION, url.text, os.getpid(), options.processes, now, time.time() - now))
        self._pool.change(change)
        if options.stop_on_eof or not os.isatty(self._stdin):
            gevent.spawn(self._read_changes)
        until = float("inf") if options.seconds is None else now + options.seconds
        next_report = now
        while monotonic() < until and not self._end.wait(max(0.0, min(next_report, until) - monotonic())):
            if not self._sink.behind:
                self._report()
            next_report = max(next_report + REPORT_INTERVAL, monotonic())
        self._pool.close()
        self._report()
        self._sink.send(Stopped(monotonic()))
        self._sink.drain(DRAIN_TIMEOUT)

    def close(self) -> None:
        """Stop all clients without a report."""
        self._pool.close()

    def _report(self) -> None:
        rejected, self._rejected = self._rejected, []
        for message in (*rejected, *self._pool.report()):
            self._sink.send(message)

    def _read_changes(self) -> None:
        rest = b""
        wait_in_thread = gevent.get_hub().threadpool.apply
        while data := wait_in_thread(_read, (self._stdin,)):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._receive(line)
            if len(rest) > MAX_LINE:
                self._reject(f"A line of more than {MAX_LINE} bytes is not a change.")
                rest = b""
        if self._options.stop_on_eof:
            self._end.set()

    def _receive(self, line: bytes) -> None:
        try:
            message = decode(line)
            if not isinstance(message, Change):
                raise ValueError(f"The load takes a change, not {type(message).__name__}.")
            self._pool.change(checked(message))
        except (WireError, ValueError) as error:
            self._reject(str(error))

    def _reject(self, reason: str) -> None:
        message = f"The load continues unchanged: {reason}"
        self._rejected.append(Problem(monotonic(), "bad-change", message, {"reason": reason}))


def open_pool(options: argparse.Namespace) -> Pool:
    """The pool for these options, still without clients."""
    url: Url = options.url
    if options.processes > 1:
        return DistributedPool(options.processes, {"url": url.text, "timeout": options.timeout})
    return ClientPool(Target(url.family, url.address, url.host, options.timeout, measured_timer_error()))


def _read(descriptor: int) -> bytes:
    """The next bytes; waits for them. Empty at the end."""
    try:
        return os.read(descriptor, CHUNK)
    except OSError:
        return b""
