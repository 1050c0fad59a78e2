"""One measured run: a model and a crowd as two processes, heard until there is a row.

Owns the processes, and leaves none behind. What their words come to is the scorekeeper's.
"""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from engine.lab.measurement import WARM_UP, Measurement
from engine.lab.rows import Row
from engine.lab.usage import INTERVAL, ProcessTree
from engine.load import wire as load_wire
from engine.load.options import as_values
from engine.load.wire import Change
from engine.options import command_line
from engine.settings import Part
from engine.telemetry import wire

PROJECT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START = 20.0
"""Seconds that an engine or a load has to say its first word in."""
PATIENCE = 15.0
"""Seconds that the clients may take to connect, beyond those that are measured."""
TURN = 0.1
"""Seconds after which the scorekeeper is asked at the latest."""
ASK = 2.0
"""Seconds that a process has to end in after it was asked."""
LAST_WORDS = 500
"""Characters of stderr that a failure tells."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all models are measured under."""

    change: Change
    """What the clients do."""
    seconds: float
    """How long to measure once it is steady."""
    serve: Mapping[str, Any]
    """What the server is told, by the names of settings; those that models own as well, each for whom it is."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """What the load is told besides the change."""


class RunFailed(Exception):
    """A model gave no row; the message says why."""


def measure(model: str, plan: Plan) -> Row:
    """The row of `model`. Raises `RunFailed`."""
    inbox: Inbox = queue.SimpleQueue()
    measurement = Measurement(min_steady=plan.seconds)
    with MeasuredProcess("The engine", engine_command(model, plan), wire.decode, inbox) as engine:
        ready = _first_message(engine, inbox)
        if not isinstance(ready, wire.Ready):
            raise RunFailed(f"The engine's first word was no greeting: {ready}")
        measurement.receive_engine(ready)
        url = f"http://{ready.host}:{ready.port}"
        with (
            sampled(engine.pid, inbox),
            MeasuredProcess("The load", load_command(url, plan), load_wire.decode, inbox) as load,
        ):
            hear: Receivers = {
                engine: measurement.receive_engine,
                load: measurement.receive_load,
                None: measurement.receive_usage,
            }
            row = _watch(measurement, inbox, hear, WARM_UP + plan.seconds + PATIENCE)
    if row.failed and not row.requests_per_second:
        raise RunFailed(f"No request was answered rightly, {row.failed:,} failed.")
    return row


def engine_command(model: str, plan: Plan) -> list[str]:
    """The command line that serves with `model`."""
    usual = {"host": HOST, "port": 0, "telemetry": "counters", "work_pages": True, "stop_on_eof": True}
    return command_line(Part.SERVER, {**usual, **plan.serve, "model": model})


def load_command(url: str, plan: Plan) -> list[str]:
    """The command line of the load that the server at `url` meets."""
    return command_line(Part.LOAD, {**plan.load, **as_values(plan.change), "url": url, "stop_on_eof": True})


def _first_message(child: "MeasuredProcess", inbox: "Inbox") -> Any:
    try:
        _, message = inbox.get(timeout=START)
    except queue.Empty:
        raise RunFailed(f"The engine said nothing for {START:.0f} seconds.") from None
    if message is None or isinstance(message, wire.Problem):
        raise RunFailed(child.ending(message))
    return message


def _watch(
    measurement: Measurement,
    inbox: "Inbox",
    hear: "Receivers",
    patience: float,
) -> Row:
    """Hear all there is until the row is long enough."""
    now = time.monotonic()
    deadline, turn = now + patience, now
    while now < deadline:
        with contextlib.suppress(queue.Empty):
            who, message = inbox.get(timeout=TURN)
            if who and (message is None or isinstance(message, wire.WireError)):
                raise RunFailed(who.ending(message))
            hear[who](message)
        now = time.monotonic()
        if now >= turn:
            turn = now + TURN
            measurement.advance(now)
            if row := measurement.row():
                return row
    raise RunFailed("The clients were neither all connected nor answered steadily.")


class MeasuredProcess:
    """A subprocess that writes a line for each message; a context manager that leaves nothing of it.

    What it says is put into `inbox`, with None at its end and a `WireError` for what can't be read.
    """

    def __init__(self, name: str, command: list[str], decode: Callable[[bytes], wire.Message], inbox: "Inbox") -> None:
        self._name = name
        self._decode = decode
        self._inbox = inbox
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115, closed in `__exit__`
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,  # its end ends the child, whatever becomes of us
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, name=f"reader of {self.pid}", daemon=True)
        self._reader.start()

    def __enter__(self) -> "MeasuredProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _signal_group(self._process, signal.SIGTERM)
        try:
            self._process.wait(ASK)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _signal_group(self._process, getattr(signal, "SIGKILL", signal.SIGTERM))
            self._process.wait()
            self._reader.join()
            for stream in (self._process.stdin, self._process.stdout, self._stderr):
                if stream:
                    stream.close()

    def ending(self, message: object = None) -> str:
        """Why it is of no use any more, in words; `message` is the last that it said."""
        if isinstance(message, wire.Problem):
            return message.message
        if isinstance(message, wire.WireError):
            return str(message)
        try:
            how = f"ended with exit status {self._process.wait(ASK)}"
        except subprocess.TimeoutExpired:
            how = "says nothing any more"
        self._stderr.seek(0)
        words = self._stderr.read().decode(errors="replace").strip()[-LAST_WORDS:]
        return f"{self._name} {how}. {words}".strip()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line == b"\n":
                continue  # it ends what a process began that was killed
            try:
                self._inbox.put((self, self._decode(line)))
            except wire.WireError as error:
                self._inbox.put((self, error))
        self._inbox.put((self, None))


Inbox = queue.SimpleQueue[tuple[MeasuredProcess | None, Any]]
"""What children said, and, with nobody's name, what the engine used."""
Receivers = dict[MeasuredProcess | None, Callable[[Any], None]]
"""Who takes it."""


@contextlib.contextmanager
def sampled(pid: int, inbox: Inbox) -> Iterator[None]:
    """Meanwhile, what the process and its descendants use is put into `inbox`."""
    enough = threading.Event()

    def sample() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, and its stream tells that
            tree = ProcessTree(pid)
            while not enough.wait(INTERVAL):
                inbox.put((None, tree.sample()))

    thread = threading.Thread(target=sample, name="usage", daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    if not hasattr(os, "killpg"):
        process.terminate()
        return
    # macOS refuses for a group of zombies only
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
