"""The load as a subprocess: a real one on a real engine, and stand-ins for what a real one never does."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.load import wire
from engine.telemetry import wire as engine_wire
from gui.formatting import address
from gui.history.clients import ClientHistory
from gui.history.plot_data import plot_data
from gui.history.server import ServerHistory
from gui.runs.processes import EngineProcess, LoadProcess, ProcessState, group_members, is_alive, load_command
from gui.settings import Settings
from tests.gui import load_stand_in
from tests.gui.witness import ANY_PORT, PATIENCE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")


class Witness:
    """A `LoadProcess` and all its messages."""

    def __init__(self, qtbot: QtBot, process: LoadProcess) -> None:
        self._qtbot = qtbot
        self.process = process
        self.states: list[ProcessState] = []
        self.messages: list[Any] = []
        self.endings: list[Any] = []
        process.state_changed.connect(self.states.append)
        process.message_arrived.connect(self.messages.append)
        process.ended.connect(self.endings.append)

    def until(self, condition: Callable[[], object]) -> None:
        """Lets the event loop run until `condition` is true."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def start(self, settings: Settings, url: str = "http://127.0.0.1:1") -> None:
        """Returns when the load runs."""
        self.process.start(settings, url)
        self.until(lambda: self.process.state is ProcessState.RUNNING)

    def all(self, kind: type) -> list[Any]:
        """The messages of one kind."""
        return [message for message in self.messages if isinstance(message, kind)]


@pytest.fixture
def witness(qtbot: QtBot) -> Iterator[Witness]:
    """A real load's witness; nothing of it may be left."""
    witness = Witness(qtbot, LoadProcess())
    yield witness
    witness.process.close()
    assert not [pid for ready in witness.all(wire.LoadReady) for pid in group_members(ready.pid) if is_alive(pid)]


@pytest.fixture
def stand_ins(qtbot: QtBot) -> Iterator[Callable[[str], Witness]]:
    """Makes witnesses of stand-ins, by name."""
    witnesses = []

    def make(name: str) -> Witness:
        command = [sys.executable, load_stand_in.__file__, name]
        witnesses.append(Witness(qtbot, LoadProcess(command=lambda settings, url: command)))
        return witnesses[-1]

    yield make
    for witness in witnesses:
        witness.process.close()


@pytest.fixture
def engine(qtbot: QtBot) -> Iterator[EngineProcess]:
    """A real engine that is not started yet."""
    engine = EngineProcess()
    yield engine
    engine.close()


def test_the_command_carries_the_settings() -> None:
    settings = Settings(workload="waiting-work", clients=8, slow=3, rate=200, work_ms=50)
    command = load_command(settings, "http://127.0.0.1:8888")
    for option, value in {
        "--url": "http://127.0.0.1:8888", "--workload": "waiting-work", "--clients": "8", "--slow": "3",
        "--rate": "200", "--work-ms": "50",
    }.items():  # fmt: skip
        assert command[command.index(option) + 1] == value
    assert "--stop-on-eof" in command
    assert "--work-ms" not in load_command(Settings(workload="steady", work_ms=50), "http://127.0.0.1:8888")
    own_pace = load_command(Settings(workload="slow-senders", rate=200), "http://127.0.0.1:8888")
    assert own_pace[own_pace.index("--rate") + 1] == "0", "a rate that has no effect is not passed on"
    for workload, asked, lasting in (
        ("steady", "kept", "kept"),
        ("steady", "as-taught", "as-taught"),
        ("visitors", "kept", "one-a-request"),
    ):
        words = load_command(Settings(workload=workload, connections=asked), "http://127.0.0.1:8888")
        assert words[words.index("--connections") + 1] == lasting


def test_a_load_from_start_to_stop_and_through_a_switch(qtbot: QtBot, witness: Witness, engine: EngineProcess) -> None:
    told: list[Any] = []
    engine.message_arrived.connect(told.append)
    engine.start(replace(ANY_PORT, model="thread"))
    witness.until(lambda: engine.state is ProcessState.RUNNING)
    ready = next(message for message in told if isinstance(message, engine_wire.Ready))
    witness.start(Settings(clients=4), address(ready.host, ready.port))
    witness.until(lambda: witness.all(wire.LoadStats) and witness.all(wire.LoadStats)[-1].answered > 20)
    assert witness.all(wire.Latencies)

    engine.start(replace(ANY_PORT, model="epoll"))
    witness.until(lambda: engine.state is ProcessState.RUNNING and told and witness.all(wire.LoadStats)[-1].failed > 0)
    answered = witness.all(wire.LoadStats)[-1].answered
    witness.until(lambda: witness.all(wire.LoadStats)[-1].answered > answered + 20)
    assert len(witness.all(wire.LoadReady)) == 1, "the load stayed"

    witness.process.change(Settings(clients=9, workload="visitors"))
    witness.until(lambda: witness.all(wire.Change)[-1].clients == 9)
    assert witness.all(wire.Change)[-1].workload == "visitors"
    witness.until(lambda: witness.all(wire.LoadStats)[-1].clients == 9)

    witness.process.stop()
    witness.until(lambda: witness.process.state is ProcessState.STOPPED and witness.endings)
    assert witness.endings[-1].asked
    assert witness.endings[-1].code == 0
    assert isinstance(witness.messages[-1], wire.Stopped)
    assert witness.states == [ProcessState.STARTING, ProcessState.RUNNING, ProcessState.STOPPING, ProcessState.STOPPED]


def test_the_gap_of_a_real_switch_is_seen_and_counted(witness: Witness, engine: EngineProcess) -> None:
    record, load = ServerHistory(), ClientHistory()
    engine.message_arrived.connect(record.receive)
    witness.process.message_arrived.connect(load.receive)

    def answered(model: str) -> bool:
        return bool(record.ready and record.ready.model == model and load.latency(since=record.ready.time))

    engine.start(replace(ANY_PORT, model="keepalive"))
    witness.until(lambda: engine.state is ProcessState.RUNNING)
    assert record.ready
    witness.start(Settings(clients=8), address(record.ready.host, record.ready.port))
    witness.until(lambda: answered("keepalive"))
    engine.start(replace(ANY_PORT, model="epoll"))
    witness.until(lambda: answered("epoll"))
    now = monotonic()
    seen = plot_data(record, load, now)
    [gap] = seen.gaps
    assert 0.02 < gap.end - gap.begin < 10
    assert gap.failures
    assert gap.failures == load.failures, "nothing failed before or after"
    assert [band.model for band in seen.bands] == ["keepalive", "epoll"]
    assert seen.from_clients


def test_a_change_is_told_as_the_contract_has_it(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("obedient")
    witness.start(Settings())
    witness.process.change(Settings(workload="busy-work", clients=5, slow=2, rate=30))
    witness.until(lambda: witness.all(wire.Change))
    assert witness.all(wire.Change) == [wire.Change("busy-work", 5, 2, 30.0, 20)]


def test_a_change_without_a_load_is_nothing(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("obedient")
    witness.process.change(Settings())
    assert witness.process.state is ProcessState.STOPPED
    assert witness.messages == []


def test_a_second_start_ends_the_first(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("obedient")
    witness.start(Settings())
    witness.process.start(Settings(), "http://127.0.0.1:2")
    assert witness.process.state is ProcessState.SWITCHING
    witness.process.change(Settings(clients=3))
    witness.until(lambda: len(witness.all(wire.LoadReady)) == 2 and witness.process.state is ProcessState.RUNNING)
    assert [ending.asked for ending in witness.endings] == [True]


def test_who_does_not_end_when_asked_is_killed(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("deaf")
    witness.start(Settings())
    witness.process.stop()
    witness.until(lambda: witness.endings)
    assert (witness.endings[0].asked, witness.endings[0].signal) == (True, signal.SIGKILL)
    assert isinstance(witness.messages[-1], wire.Stopped), "a run that broke off is completed"


def test_why_it_never_began_is_told(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("hopeless")
    witness.process.start(Settings(), "http://nowhere:1")
    witness.until(lambda: witness.endings)
    ending = witness.endings[0]
    assert (ending.asked, ending.code, ending.problem.code) == (False, 1, "host-unknown")
    assert witness.process.state is ProcessState.STOPPED
