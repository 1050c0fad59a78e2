"""The load as a process: what it is told, when it tells, and when it ends.

Owns stdin, stdout and the signals. The clients are a crowd's, in this process or shared out to several.
"""

import argparse
import os
import signal
import sys
import time
from time import monotonic

import gevent
from gevent.event import Event

from engine.lifetime import allow_descriptors, die_with_parent
from engine.load.client_pool import ClientPool, Pool
from engine.load.connection import CHUNK, Target
from engine.load.distributed_pool import DistributedPool
from engine.load.options import checked, first_change
from engine.load.sink import LoadSink, ReaderGone, open_sink
from engine.load.wire import VERSION, Change, LoadReady, Problem, Stopped, decode
from engine.reading import Url
from engine.telemetry.wire import WireError

TICK = 0.1
"""Seconds between two tellings."""
LAST_WORDS = 1.0
"""Seconds that a reader has for what is told at the end."""
MOST_LINE = 65536
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
    load = Load(options, open_sink(sys.stdout.fileno()))
    try:
        load.run(change)
    except ReaderGone:
        load.leave()
    os._exit(0)  # a thread still waits for stdin


class Load:
    """A crowd that is told what to do on stdin and tells what comes of it on stdout."""

    def __init__(self, options: argparse.Namespace, told: LoadSink) -> None:
        self._options = options
        self._told = told
        self._end = Event()
        self._pool = pool(options)
        self._refused: list[Problem] = []

    def run(self, change: Change) -> None:
        """Begin with `change`, and go on until a signal, the end of stdin (`--stop-on-eof`), or `--seconds`."""
        options, url = self._options, self._options.url
        for number in (signal.SIGTERM, signal.SIGINT):
            gevent.signal_handler(number, self._end.set)
        now = monotonic()
        self._told.send(LoadReady(VERSION, url.text, os.getpid(), options.processes, now, time.time() - now))
        self._pool.change(change)
        at_terminal = sys.stdin is not None and sys.stdin.isatty()
        if options.stop_on_eof or not at_terminal:
            gevent.spawn(self._listen)
        until = float("inf") if options.seconds is None else now + options.seconds
        tick = now
        while monotonic() < until and not self._end.wait(max(0.0, min(tick, until) - monotonic())):
            if not self._told.behind:
                self._tell()
            tick = max(tick + TICK, monotonic())
        self._pool.leave()
        self._tell()
        self._told.send(Stopped(monotonic()))
        self._told.drain(LAST_WORDS)

    def leave(self) -> None:
        """End without a word."""
        self._pool.leave()

    def _tell(self) -> None:
        refused, self._refused = self._refused, []
        for message in (*refused, *self._pool.news()):
            self._told.send(message)

    def _listen(self) -> None:
        rest = b""
        wait_in_thread = gevent.get_hub().threadpool.apply
        while data := wait_in_thread(_read_stdin):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._hear(line)
            if len(rest) > MOST_LINE:
                self._refuse(f"A line of more than {MOST_LINE} bytes is no change.")
                rest = b""
        if self._options.stop_on_eof:
            self._end.set()

    def _hear(self, line: bytes) -> None:
        try:
            message = decode(line)
            if not isinstance(message, Change):
                raise ValueError(f"The load can be told a change, not {type(message).__name__}.")
            self._pool.change(checked(message))
        except (WireError, ValueError) as error:
            self._refuse(str(error))

    def _refuse(self, reason: str) -> None:
        message = f"The load goes on as it was: {reason}"
        self._refused.append(Problem(monotonic(), "bad-change", message, {"reason": reason}))


def pool(options: argparse.Namespace) -> Pool:
    """The crowd that the options ask for, nobody there yet."""
    url: Url = options.url
    if options.processes > 1:
        return DistributedPool(options.processes, {"url": url.text, "timeout": options.timeout})
    return ClientPool(Target(url.family, url.address, url.host, options.timeout))


def _read_stdin() -> bytes:
    """The next bytes; waits for them. Empty at the end, and where there is no stdin."""
    try:
        return b"" if sys.stdin is None else os.read(sys.stdin.fileno(), CHUNK)
    except OSError:
        return b""
