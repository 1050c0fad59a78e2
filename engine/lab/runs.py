"""One measured run: an engine and a load as two processes, until their messages make a row.

Owns the processes and leaves none behind. `engine.lab.measurement` turns their messages into the row.
"""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.addresses import local_url
from engine.clock import monotonic
from engine.lab.measurement import WARM_UP, Measurement
from engine.lab.rows import Row
from engine.lab.usage import JOIN_TIMEOUT, samples
from engine.load import wire as load_wire
from engine.load.options import as_values
from engine.load.wire import Change
from engine.options import child_command, child_variables
from engine.settings import Part
from engine.telemetry import wire
from engine.windows import OWN_SESSION

PROJECT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_TIMEOUT = 20.0
"""Seconds until an engine or a load must have sent its first message."""
CONNECT_TIMEOUT = 15.0
"""Seconds that the clients may take to connect, in addition to the measured time."""
ADVANCE_INTERVAL = 0.1
"""Seconds between two checks whether the row is complete."""
STOP_TIMEOUT = 2.0
"""Seconds that a process has to end after SIGTERM."""
KEPT = 20_000
"""Requests of a run that are kept to say why the slowest are slow."""
STDERR_SHOWN = 500
"""Characters of stderr that an error message quotes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all models are measured under."""

    change: Change
    """What the clients do."""
    seconds: float
    """How long to measure after the warm-up."""
    serve: Mapping[str, Any]
    """The server's settings by name. A model's own settings are passed to that model only."""
    load: Mapping[str, Any] = field(default_factory=dict)
    """The load's settings by name, in addition to the change."""

    def engine_command(self, model: str) -> list[str]:
        """The command line that serves with `model`."""
        defaults = {"host": HOST, "port": 0, "telemetry": "counters", "work_pages": True}
        return child_command(Part.SERVER, {**defaults, **self.serve, "model": model})

    def load_command(self, url: str) -> list[str]:
        """The command line that puts the load on the server at `url`."""
        return child_command(Part.LOAD, {**self.load, **as_values(self.change), "url": url})


class RunFailed(Exception):
    """A run without a row; the message says why."""


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """What one run gave."""

    row: Row
    requests: Sequence[wire.Request]
    """The newest that the engine reported, at most `KEPT`; none if it reports counters only."""


def measure(model: str, plan: Plan) -> MeasuredRun:
    """The run of `model`. Raises `RunFailed`."""
    inbox: Inbox = queue.SimpleQueue()
    measurement = Measurement(min_steady=plan.seconds, keep_requests=KEPT)
    with MeasuredProcess("The engine", plan.engine_command(model), wire.decode, inbox) as engine:
        ready = _first_message(engine, inbox)
        if not isinstance(ready, wire.Ready):
            raise RunFailed(f"The engine's first message was not `ready`: {ready}")
        measurement.receive_engine(ready)
        engine.send(wire.Connections(plan.change.connections))
        url = local_url(ready.host, ready.port)
        with (
            sampled(ready.pid, inbox),
            MeasuredProcess("The load", plan.load_command(url), load_wire.decode, inbox) as load,
        ):
            receivers: Receivers = {
                engine: measurement.receive_engine,
                load: measurement.receive_load,
                None: measurement.receive_usage,
            }
            row = _receive_until_measured(measurement, inbox, receivers, WARM_UP + plan.seconds + CONNECT_TIMEOUT)
    if row.failed and not row.requests_per_second:
        raise RunFailed(f"No request got a correct response, {row.failed:,} failed.")
    return MeasuredRun(row, tuple(measurement.requests()))


def _first_message(child: "MeasuredProcess", inbox: "Inbox") -> Any:
    try:
        _, message = inbox.get(timeout=START_TIMEOUT)
    except queue.Empty:
        raise RunFailed(f"The engine sent nothing for {START_TIMEOUT:.0f} seconds.") from None
    if message is None or isinstance(message, wire.Problem):
        raise RunFailed(child.end_reason(message))
    return message


def _receive_until_measured(
    measurement: Measurement,
    inbox: "Inbox",
    receivers: "Receivers",
    timeout: float,
) -> Row:
    """Receive messages until the row is long enough."""
    now = monotonic()
    deadline, next_check = now + timeout, now
    while now < deadline:
        with contextlib.suppress(queue.Empty):
            process, message = inbox.get(timeout=ADVANCE_INTERVAL)
            if process and (message is None or isinstance(message, wire.WireError)):
                raise RunFailed(process.end_reason(message))
            receivers[process](message)
        now = monotonic()
        if now >= next_check:
            next_check = now + ADVANCE_INTERVAL
            measurement.advance(now)
            if row := measurement.row():
                return row
    raise RunFailed("The clients were not all connected, or did not get steady responses.")


class MeasuredProcess:
    """A subprocess that writes messages to its stdout; a context manager that ends its process group.

    Its messages go into `inbox`, followed by None at its end; for a line that is not a message, the `WireError`.
    """

    def __init__(self, name: str, command: list[str], decode: Callable[[bytes], wire.Message], inbox: "Inbox") -> None:
        self._name = name
        self._decode = decode
        self._inbox = inbox
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115, closed in `__exit__`
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,  # when this process ends, stdin closes and ends the child
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**os.environ, **child_variables()},
            **OWN_SESSION,
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
        assert self._process.stdin
        with contextlib.suppress(OSError):  # it has ended
            self._process.stdin.close()  # ends it in order, also where there are no signals
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            pass
        finally:
            _signal_group(self._process, getattr(signal, "SIGKILL", signal.SIGTERM))
            self._process.kill()
            self._process.wait()
            self._reader.join()
            for stream in (self._process.stdout, self._stderr):
                if stream:
                    stream.close()

    def send(self, message: wire.Message) -> None:
        """Write `message` to its stdin; nothing happens if it has ended."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # its end is the next thing that is read
            self._process.stdin.write(wire.encode(message))
            self._process.stdin.flush()

    def end_reason(self, message: object = None) -> str:
        """A sentence that says why it can't be used any more; `message` is the last one received."""
        if isinstance(message, wire.Problem):
            return message.message
        if isinstance(message, wire.WireError):
            return str(message)
        try:
            how = f"ended with exit status {self._process.wait(STOP_TIMEOUT)}"
        except subprocess.TimeoutExpired:
            how = "sends nothing any more"
        self._stderr.seek(0)
        stderr = self._stderr.read().decode(errors="replace").strip()[-STDERR_SHOWN:]
        return f"{self._name} {how}. {stderr}".strip()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line == b"\n":
                continue  # ends a line that a killed process left incomplete
            try:
                self._inbox.put((self, self._decode(line)))
            except wire.WireError as error:
                self._inbox.put((self, error))
        self._inbox.put((self, None))


Inbox = queue.SimpleQueue[tuple[MeasuredProcess | None, Any]]
"""Each message with its process; samples of what the engine uses come with None."""
Receivers = dict[MeasuredProcess | None, Callable[[Any], None]]
"""The function that takes the messages of each process."""


@contextlib.contextmanager
def sampled(pid: int, inbox: Inbox) -> Iterator[None]:
    """While this is entered, samples of what the process and its descendants use go into `inbox`."""
    stop = threading.Event()

    def sample() -> None:
        for usage in samples(pid, stop):
            inbox.put((None, usage))

    thread = threading.Thread(target=sample, name="usage", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(JOIN_TIMEOUT)


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    if not hasattr(os, "killpg"):
        return
    # macOS refuses for a group of zombies only
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
