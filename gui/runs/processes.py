"""The engine and the load as subprocesses: started, read, stopped, switched, and never left running.

Owns every QProcess. Knows nothing of widgets, and of a stream only that its messages are read in time.

A child runs in a session of its own, so that its process group is it and all it forked. The group ends with
it, whatever ended it. If the window itself is killed, the child's stdin closes and the child ends by itself.
"""

import contextlib
import enum
import os
import shlex
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from engine import reading
from engine.clock import monotonic
from engine.load import wire as load_wire
from engine.options import child_command, child_guest_command, child_variables
from engine.persistence import AS_TAUGHT, Mode
from engine.settings import Part
from engine.telemetry import wire
from gui.runs.stream_reader import ENGINE, LOAD, StreamFormat, StreamReader
from gui.settings import Settings

ASK_MS = 400
"""Milliseconds between asking a child to end and killing it."""
REAP_MS = 5_000
"""Milliseconds that a killed group has to end: each process needs a processor for that, and may hold the port until
then."""
BEHIND_MS = 200
"""Milliseconds between two reports that a stream brings more than can be read."""
REAP_CHECK_MS = 5
CHECKS_PER_REAP = 32
SIGKILL = 9  # Windows' `signal` has no such name
HAS_SIGNALS = os.name == "posix"
"""Elsewhere what Qt takes for a crash has an exit status, which is no signal's number."""
ENGINE_FOLDER = str(Path(wire.__file__).resolve().parents[2])
"""Where a child runs: `python -m` searches there first, so it has the same version of the contract."""
STDERR_KEPT = 8000
"""Characters of stderr that are kept."""
BUDGET = 0.008
"""Seconds of work on the stream before the event loop continues: about a frame, so that on a machine busy with the load
the stream keeps up."""

MOST_WAITS = 4
"""So many times that long it may take by the clock on the wall."""


class ProcessState(enum.Enum):
    """The state of the engine or the load, as the user sees it."""

    STOPPED = enum.auto()
    STARTING = enum.auto()
    RUNNING = enum.auto()
    STOPPING = enum.auto()
    SWITCHING = enum.auto()


@dataclass(frozen=True)
class Ending:
    """The end of a child."""

    asked: bool
    """Whether the window asked it to end."""
    code: int | None
    """The exit status, or None if a signal ended it or it never ran."""
    signal: int | None
    problem: wire.Problem | None
    """The problem it reported, if it never became ready."""
    stderr_tail: str
    """The end of its stderr."""


def engine_command(settings: Settings) -> list[str]:
    """The command line that serves with `settings`."""
    if settings.guest:
        return guest_command(settings)
    folders = {"root": reading.folder(settings.root)}  # the child runs in a folder of its own
    if settings.app:
        folders["app_dir"] = reading.folder(settings.app_dir or os.getcwd())
    return child_command(Part.SERVER, {**settings.values(Part.SERVER), **folders, "telemetry": "requests"})


def starts_program(settings: Settings) -> bool:
    """Whether these settings run a program of the user's; without one, or with the port of a server, they don't."""
    return bool(settings.guest) and not settings.guest.isdigit()


def guest_command(settings: Settings) -> list[str]:
    """The command line that runs the user's program, or watches the server that runs already."""
    options = ["--cwd", reading.folder(settings.guest_dir or os.getcwd())]
    if settings.guest_python:
        options += ["--python", settings.guest_python]
    what = ["--", *shlex.split(settings.guest)] if starts_program(settings) else ["--attach", settings.guest]
    return child_guest_command([*options, *what])


def load_command(settings: Settings, url: str) -> list[str]:
    """The command line that puts load on the server at `url` with `settings`."""
    change = {
        "work_ms": settings.works_ms or None,
        "rate": settings.due_rate,
        "connections": settings.connection_mode,
        "requests": settings.sent_requests or None,
    }
    return child_command(Part.LOAD, {**settings.values(Part.LOAD), **change, "url": url})


def wanted_change(settings: Settings) -> load_wire.Change:
    """What the clients do with `settings`."""
    return load_wire.Change(
        settings.workload,
        settings.clients,
        settings.slow,
        float(settings.due_rate),
        settings.works_ms,
        connections=settings.connection_mode,
        requests=settings.sent_requests,
    )


def signal_group(group: int, number: int) -> None:
    """Sends a signal to each process of a group, which may be empty. Windows has no groups."""
    if hasattr(os, "killpg") and group:
        # macOS refuses for a group of zombies only
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def group_members(group: int) -> list[int]:
    """The process ids in a group, zombies included. Windows has no groups."""
    import psutil  # takes a while to import, and the window shall show at once

    members: list[int] = []
    if hasattr(os, "getpgid"):
        for pid in psutil.pids():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) == group:
                    members.append(pid)
    return members


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie holds no port and no memory, and only its parent can reap it."""
    import psutil  # as above

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class ChildProcess(QObject):
    """One subprocess in a session of its own, which writes messages to its stdout."""

    message_arrived = Signal(object)
    """Each message, in order; a stream that broke off is completed with `Stopped`."""
    became_ready = Signal(object)
    """Its first message, after `message_arrived`."""
    fell_behind = Signal()
    """Its stream brings more than can be read; at most once in `BEHIND_MS`, while that lasts."""
    ended = Signal(object)
    """`Ending`, once, after its last message, when no process of its group is left."""

    def __init__(self, command: list[str], language: StreamFormat, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language = language
        self._reader = StreamReader(language)
        self.asked = False
        """Whether it was asked to end."""
        self._asked_at = 0.0
        self._ready = False
        self._stopped = False
        self._finished = False
        self._reaped = False
        self._problem: wire.Problem | None = None
        self._last_message_at = 0.0
        """When its last message arrived: for one that was killed, this counts as its end."""
        self._stderr = b""
        self._group = 0
        self._group_left: list[int] = []
        self._reap_deadline = 0.0
        self._more = self._timer(0, self._read)
        self._said_behind = self._timer(BEHIND_MS, lambda: None)
        self._patience = self._timer(ASK_MS, self._kill)
        self._reap_timer = self._timer(REAP_CHECK_MS, self._reap)
        self._process = self._prepare(command)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.processId() or None

    @property
    def stderr_tail(self) -> str:
        """The end of what it has written to its stderr."""
        self._read_stderr()
        return self._stderr.decode(errors="replace")[-STDERR_KEPT:]

    def start(self) -> None:
        """Runs the command; the signals report whether that worked."""
        self._process.start()
        self._group = self._process.processId()

    def send(self, message: wire.Message) -> None:
        """Writes `message` to its stdin without waiting."""
        self._process.write(wire.encode(message))

    def ask(self) -> None:
        """Asks the whole group to end, and kills it after `ASK_MS`; never waits."""
        if self.asked or self._finished:
            return
        self.asked, self._asked_at = True, monotonic()
        signal_group(self._group, signal.SIGTERM)
        self._process.closeWriteChannel()
        self._patience.start()

    def end_now(self) -> None:
        """Ends the whole group, by SIGKILL if it was asked to `ASK_MS` ago, and returns within a second."""
        self.ask()
        left = ASK_MS - round(1000 * (monotonic() - self._asked_at))
        if not self._process.waitForFinished(max(0, left)):
            self._kill()
            self._process.waitForFinished(ASK_MS)

    def _prepare(self, command: list[str]) -> QProcess:
        process = QProcess(self)
        process.setProgram(command[0])
        process.setArguments(command[1:])
        process.setWorkingDirectory(ENGINE_FOLDER)
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in {"PYTHONIOENCODING": "utf-8", **child_variables()}.items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        if sys.platform != "win32":
            parameters = QProcess.UnixProcessParameters()
            parameters.flags = QProcess.UnixProcessFlag.CreateNewSession
            process.setUnixProcessParameters(parameters)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_stderr)
        process.errorOccurred.connect(self._on_error)
        process.finished.connect(self._on_finished)
        return process

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _read(self) -> None:
        """Reads from the stream for at most `BUDGET`; the rest is read after other events."""
        self._more.stop()
        # Not only wall time, which also passes while other processes run; but some clocks of thread time are coarse.
        enough, latest = time.thread_time() + BUDGET, monotonic() + MOST_WAITS * BUDGET
        if self._process.bytesAvailable():
            self._last_message_at = monotonic()
            self._reader.receive(bytes(self._process.readAllStandardOutput().data()))
        for message in self._reader.messages():
            self._pass_on(message)
            if time.thread_time() >= enough or monotonic() >= latest:
                break
        if self._reader.has_more():
            self._more.start()
            if self._reader.is_behind and not self._said_behind.isActive():
                self._said_behind.start()
                self.fell_behind.emit()
        elif self._reaped:
            self._conclude()

    def _pass_on(self, message: wire.Message) -> None:
        self.message_arrived.emit(message)
        if isinstance(message, self._language.ready):
            self._ready = True
            self.became_ready.emit(message)
        elif isinstance(message, wire.Problem):
            self._problem = message
        elif isinstance(message, wire.Stopped):
            self._stopped = True

    def _read_stderr(self) -> None:
        text = self._stderr + self._process.readAllStandardError().data()
        self._stderr = text[-4 * STDERR_KEPT :]  # a character has at most four bytes

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            details: dict[str, str | int] = {"program": self._process.program()}
            self._pass_on(wire.Problem(monotonic(), "cannot-start", self._process.errorString(), details))
            self._group = 0
            self._finished = True
            self._conclude()

    def _on_finished(self) -> None:
        self._finished = True
        self._patience.stop()
        signal_group(self._group, SIGKILL)
        self._group_left = group_members(self._group)
        self._reap_deadline = monotonic() + REAP_MS / 1000
        self._reap()

    def _reap(self) -> None:
        """Repeats until no process of the group runs: only then is the port certainly free."""
        looked_at = 0
        while self._group_left and monotonic() < self._reap_deadline:
            looked_at += 1
            if looked_at > CHECKS_PER_REAP or is_alive(self._group_left[-1]):
                self._reap_timer.start()
                return
            self._group_left.pop()
        self._reaped = True
        self._read()

    def _kill(self) -> None:
        signal_group(self._group, SIGKILL)
        self._process.kill()

    def _conclude(self) -> None:
        if self._ready and not self._stopped:
            self._pass_on(wire.Stopped(self._last_message_at))
        crashed = HAS_SIGNALS and self._process.exitStatus() == QProcess.ExitStatus.CrashExit
        ran = bool(self._group)
        status = self._process.exitCode()
        self.ended.emit(
            Ending(
                asked=self.asked,
                code=status if ran and not crashed else None,
                signal=status if ran and crashed else None,
                problem=None if self._ready else self._problem,
                stderr_tail=self.stderr_tail,
            )
        )


class Owner(QObject):
    """At most one child; the next one starts when no process of the last one is left. Close it before it is deleted.

    Starting it earlier would gain nothing: nearly all of a switch is the start of the new interpreter, the end of the
    old one takes a few hundredths of a second, and meanwhile both would share the cores.
    """

    state_changed = Signal(object)
    """`ProcessState`."""
    message_arrived = Signal(object)
    """Each message, in order; a stream that broke off is completed with `Stopped`."""
    ended = Signal(object)
    """The `Ending` of each child, also of one that made room for the next; the state has changed before."""

    language: StreamFormat

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = ProcessState.STOPPED
        self._child: ChildProcess | None = None
        self._next: list[str] | None = None

    @property
    def state(self) -> ProcessState:
        """The state of the child."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The process id of the child and its group; None if there is no child."""
        return self._child.pid if self._child else None

    @property
    def stderr_tail(self) -> str:
        """The end of what the child has written to its stderr."""
        return self._child.stderr_tail if self._child else ""

    def stop(self) -> None:
        """Asks the child to end, and kills it if that takes too long; never waits."""
        self._next = None
        if self._child:
            self._change_state(ProcessState.STOPPING)
            self._child.ask()

    def close(self) -> None:
        """Ends the child and returns within a second."""
        self._next = None
        if self._child:
            self._change_state(ProcessState.STOPPING)
            self._child.end_now()

    def _run(self, command: list[str]) -> None:
        """Runs a child; a running one is ended first. `ended` reports a failure to start."""
        if self._child:
            self._next = command
            self._change_state(ProcessState.SWITCHING)
            self._child.ask()
        else:
            self._change_state(ProcessState.STARTING)
            self._launch(command)

    def _launch(self, command: list[str]) -> None:
        self._child = ChildProcess(command, self.language, self)
        self._child.message_arrived.connect(self.message_arrived)
        self._child.became_ready.connect(self._on_ready)
        self._child.ended.connect(self._on_ended)
        self._child.fell_behind.connect(self._on_behind)
        self._child.start()

    def _on_ready(self, message: wire.Message) -> None:
        if self._child and not self._child.asked:
            self._change_state(ProcessState.RUNNING)

    def _on_behind(self) -> None:
        """The child writes more than can be read."""

    def _on_ended(self, ending: Ending) -> None:
        if self._child:
            self._child.deleteLater()
            self._child = None
        if self._next:
            command, self._next = self._next, None
            self._launch(command)
        else:
            self._change_state(ProcessState.STOPPED)
        self.ended.emit(ending)

    def _change_state(self, state: ProcessState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)


class EngineProcess(Owner):
    """The window's engine."""

    language = ENGINE

    def __init__(
        self, parent: QObject | None = None, command: Callable[[Settings], list[str]] = engine_command
    ) -> None:
        super().__init__(parent)
        self._command = command
        self._spans_wanted = False
        self._connections: Mode = AS_TAUGHT
        self._port = 0
        """The port of the last one that became ready: the next one uses it if any port will do."""

    def start(self, settings: Settings) -> None:
        """Runs an engine; a running one is ended first. `ended` reports a failure to start."""
        keeps_port = self._child and not settings.port
        self._run(self._command(settings.changed(port=self._port) if keeps_port else settings))

    def request_spans(self, wanted: bool) -> None:
        """Whether this engine and later ones send spans, which cost time."""
        if wanted != self._spans_wanted:
            self._spans_wanted = wanted
            self._send_detail()

    def order_connections(self, mode: Mode) -> None:
        """How long connections last, in the engine that runs and in those to come."""
        if mode != self._connections:
            self._connections = mode
            self._send(wire.Connections(mode))

    def _on_ready(self, message: wire.Message) -> None:
        if isinstance(message, wire.Ready) and self._child and not self._child.asked:
            self._port = message.port
            if self._connections != AS_TAUGHT:  # before the load is put on it
                self._child.send(wire.Connections(self._connections))
        super()._on_ready(message)
        if self._spans_wanted:
            self._send_detail()

    def _on_behind(self) -> None:
        self._send(wire.Behind())

    def _send_detail(self) -> None:
        self._send(wire.Detail(self._spans_wanted))

    def _send(self, order: wire.Order) -> None:
        if self._child and self.state is ProcessState.RUNNING:
            self._child.send(order)


class LoadProcess(Owner):
    """The window's load: it goes on while the server is switched, and its settings can change while it runs."""

    language = LOAD

    def __init__(
        self, parent: QObject | None = None, command: Callable[[Settings, str], list[str]] = load_command
    ) -> None:
        super().__init__(parent)
        self._command = command
        self.url = ""
        """The URL of its server, or its last one."""

    def start(self, settings: Settings, url: str) -> None:
        """Puts load on the server at `url`; a running load is ended first. `ended` reports a failure to start."""
        self.url = url
        self._run(self._command(settings, url))

    def change(self, settings: Settings) -> None:
        """Changes the running load to `settings`; without one nothing happens."""
        if self._next:
            self._next = self._command(settings, self.url)
        elif self._child:
            self._child.send(wanted_change(settings))
