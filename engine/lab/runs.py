"""Measured runs without a window: an engine and a load as two processes, one trial after the other.

Owns the processes and leaves none behind. `engine.lab.session` says what is due and when it is over,
`engine.lab.measurement` turns the messages into rows.
"""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.addresses import local_url
from engine.clock import monotonic
from engine.lab.measurement import Measurement
from engine.lab.rows import Row
from engine.lab.session import LabSession, Trial, TrialResult
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
    guests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The command lines that run programs which are not ours, by what they are called in place of a model."""

    def trial(self, model: str) -> Trial:
        """The trial of `model`."""
        command = tuple(self.guests.get(model, ()))
        return Trial(model, self.seconds, self.serve, self.change, self.load, command=command)

    def engine_command(self, model: str) -> list[str]:
        """The command line that serves with `model`."""
        return engine_command(self.trial(model))

    def load_command(self, url: str) -> list[str]:
        """The command line that puts the load on the server at `url`."""
        return load_command(self.trial(""), url)


def engine_command(trial: Trial, port: int = 0) -> list[str]:
    """The command line that serves as the trial wants, at `port` where it does not say which."""
    if trial.command:
        return list(trial.command)
    defaults = {"host": HOST, "port": port, "telemetry": "counters", "work_pages": True}
    return child_command(Part.SERVER, {**defaults, **trial.serve, "model": trial.model})


def load_command(trial: Trial, url: str) -> list[str]:
    """The command line that puts the trial's load on the server at `url`."""
    assert trial.change
    return child_command(Part.LOAD, {**trial.load, **as_values(trial.change), "url": url})


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
    measurement = Measurement(min_steady=plan.seconds, keep_requests=KEPT)
    (result,) = run_trials([plan.trial(model)], measurement)
    row = result.row
    if not row:
        raise RunFailed(result.failure)
    if row.failed and not row.requests_per_second:
        raise RunFailed(f"No request got a correct response, {row.failed:,} failed.")
    return MeasuredRun(row, tuple(measurement.requests()))


def run_trials(trials: Sequence[Trial], measurement: Measurement, figures: Collection[str] = ()) -> list[TrialResult]:
    """What each of the trials gave, run in turn; `measurement` receives their messages."""
    with ProcessRunner() as runner:
        session = LabSession(trials, runner, measurement, figures)
        session.begin()
        next_check = 0.0
        while session.trial:
            with contextlib.suppress(queue.Empty):
                runner.pass_on(session, measurement, ADVANCE_INTERVAL)
            if (now := monotonic()) >= next_check:
                next_check = now + ADVANCE_INTERVAL
                measurement.advance(now)
                session.advance()
    return session.results


class ProcessRunner:
    """Runs trials as processes; a context manager that leaves none behind."""

    def __init__(self) -> None:
        self._inbox: Inbox = queue.SimpleQueue()
        self._processes = contextlib.ExitStack()
        self._engine: MeasuredProcess | None = None
        self._load: MeasuredProcess | None = None
        self._port = 0
        self._url = ""

    def __enter__(self) -> "ProcessRunner":
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.close()

    def start(self, trial: Trial) -> None:
        """Run its server; one that still runs is ended first, with its load."""
        self._processes.close()
        self._inbox = queue.SimpleQueue()
        self._load, self._url = None, ""
        command = engine_command(trial, self._port if trial.same_port else 0)
        self._engine = self._entered("The engine", command, wire.decode)

    def put_load(self, trial: Trial) -> None:
        """Put its load on the server, which is ready."""
        assert self._engine
        assert trial.change
        self._engine.send(wire.Connections(trial.change.connections))
        self._load = self._entered("The load", load_command(trial, self._url), load_wire.decode)

    def pass_on(self, session: LabSession, measurement: Measurement, timeout: float) -> None:
        """Pass on the next message. Raises `queue.Empty` if there is none in time."""
        process, message = self._inbox.get(timeout=timeout)
        if process is None:
            measurement.receive_usage(message)
            session.receive_usage(message)
        elif message is None or isinstance(message, wire.WireError):
            session.fail(process.end_reason(message))
        elif process is self._load:
            measurement.receive_load(message)
            session.receive_load(message)
        else:
            self._pass_on_engine(message, session, measurement)

    def _pass_on_engine(self, message: wire.AnyMessage, session: LabSession, measurement: Measurement) -> None:
        if isinstance(message, wire.Problem) and not self._url:
            assert self._engine
            quoted = self._engine.quoted() if session.trial and session.trial.command else ""
            session.fail(f"{self._engine.end_reason(message)} {quoted}".strip())
        if isinstance(message, wire.Ready):
            self._port, self._url = message.port, local_url(message.host, message.port)
            self._processes.enter_context(sampled(message.pid, self._inbox, with_root=not message.command))
        measurement.receive_engine(message)
        session.receive_engine(message)

    def _entered(self, name: str, command: list[str], decode: Callable[[bytes], wire.Message]) -> "MeasuredProcess":
        return self._processes.enter_context(MeasuredProcess(name, command, decode, self._inbox))


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
        return f"{self._name} {how}. {self.quoted()}".strip()

    def quoted(self) -> str:
        """The end of what it wrote to its stderr: of a guest, what the program wrote."""
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace").strip()[-STDERR_SHOWN:]

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


@contextlib.contextmanager
def sampled(pid: int, inbox: Inbox, *, with_root: bool = True) -> Iterator[None]:
    """While this is entered, samples of what the process and its descendants use go into `inbox`.

    `with_root`: whether the process itself counts; of a guest it is the engine.
    """
    stop = threading.Event()

    def sample() -> None:
        for usage in samples(pid, stop, with_root=with_root):
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
