"""The engine as a subprocess: real engines under real load, and stand-ins for what a real one never does."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from gui.runs.processes import STDERR_KEPT, Ending, EngineProcess, ProcessState, engine_command, group_members, is_alive
from gui.settings import Settings, example_site
from tests.engine.support import can_listen
from tests.gui import stand_in
from tests.gui.witness import ANY_PORT, Witness, get, hold, load

PROMPT = 3.0
"""Seconds that a stop may take on a machine that others use as well; it is made for half of one."""

AVAILABLE = [model.key for model in MODELS.values() if model.available()]
FEW = ["process", "gevent", "keepalive", "asyncio"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")


@pytest.fixture
def witness(qtbot: QtBot) -> Iterator[Witness]:
    """A real engine's witness; nothing of it may be left."""
    witness = Witness(qtbot, EngineProcess())
    yield witness
    witness.process.close()
    assert not witness.living()


@pytest.fixture
def stand_ins(qtbot: QtBot) -> Iterator[Callable[[str], Witness]]:
    """Makes witnesses of stand-ins, by name."""
    witnesses = []

    def make(name: str) -> Witness:
        command = [sys.executable, stand_in.__file__, name]
        witnesses.append(Witness(qtbot, EngineProcess(command=lambda settings: command)))
        return witnesses[-1]

    yield make
    for witness in witnesses:
        witness.process.close()
        assert not witness.living()


def test_the_command_carries_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(model="thread", host="::1", port=81, root="pages", keep_alive=False)
    command = engine_command(settings)
    for option, value in {"model": "thread", "host": "::1", "port": "81", "root": str(tmp_path / "pages")}.items():
        assert command[command.index(f"--{option}") + 1] == value
    assert {"--short", "--stop-on-eof"} <= set(command)
    assert "--keep-alive" in engine_command(replace(settings, keep_alive=True))
    assert not {"--short", "--keep-alive"} & set(engine_command(replace(settings, keep_alive=None)))


def test_from_start_to_stop(witness: Witness) -> None:
    assert (witness.process.state, witness.process.pid) == (ProcessState.STOPPED, None)
    witness.start()
    assert witness.process.pid == witness.ready.pid
    assert os.getsid(witness.ready.pid) == witness.ready.pid, "it has a session of its own"
    assert get(witness.ready.port).status == 200
    witness.process.stop()
    assert witness.process.state == ProcessState.STOPPING
    ending = witness.until_stopped()
    assert ending == Ending(asked=True, code=0, signal=None, problem=None, stderr_tail="")
    assert witness.states == [ProcessState.STARTING, ProcessState.RUNNING, ProcessState.STOPPING, ProcessState.STOPPED]
    assert isinstance(witness.messages[0], wire.Ready)
    assert isinstance(witness.messages[-1], wire.Stopped)
    assert len(witness.all(wire.Stopped)) == 1
    assert (witness.process.pid, witness.living()) == (None, [])


@pytest.mark.quick_with("process", "gevent", "epoll", "prefork")
@pytest.mark.parametrize("model", AVAILABLE)
def test_stop_under_load(witness: Witness, model: str) -> None:
    witness.start(replace(ANY_PORT, model=model))
    with load(witness.ready.port) as statuses:
        witness.until(lambda: len(statuses) > 50)
        begun = monotonic()
        witness.process.stop()
        ending = witness.until_stopped()
        assert monotonic() - begun < PROMPT
        assert witness.living() == []
        assert can_listen(("127.0.0.1", witness.ready.port))
    assert ending.asked
    assert set(statuses) == {200}


@pytest.mark.parametrize("models", [FEW, pytest.param(AVAILABLE, marks=pytest.mark.slow)], ids=["few", "all"])
def test_switch_through_models_on_one_port(witness: Witness, models: list[str]) -> None:
    witness.start(replace(ANY_PORT, model=models[-1]))
    port = witness.ready.port
    with load(port, clients=4):
        for model in models:
            witness.process.start(replace(ANY_PORT, model=model))
            assert witness.process.state == ProcessState.SWITCHING
            witness.until_running(model)
            assert witness.ready.port == port
            assert (get(port).getheader("Served-By") or "").startswith(f"{model};")
            running = [group for group in witness.groups if any(map(is_alive, group_members(group)))]
            assert running == witness.groups[-1:], "only the newest one runs"
    assert ProcessState.STOPPED not in witness.states
    assert [ending.asked for ending in witness.endings] == [True] * len(models)


def test_the_last_click_wins(witness: Witness) -> None:
    witness.process.start(replace(ANY_PORT, model="process"))
    for model in ("thread", "nonblocking", "keepalive"):
        witness.process.start(replace(ANY_PORT, model=model))
    witness.until_running("keepalive")
    assert len(witness.living()) == 1
    assert "thread" not in [message.model for message in witness.all(wire.Ready)]


def test_start_again_while_it_stops(witness: Witness) -> None:
    witness.start(replace(ANY_PORT, model="thread"))
    witness.process.stop()
    witness.process.start(replace(ANY_PORT, model="keepalive"))
    witness.until_running("keepalive")
    assert len(witness.living()) == 1


def test_stop_before_it_is_ready(witness: Witness) -> None:
    witness.process.start(ANY_PORT)
    witness.groups.append(witness.process.pid or 0)
    witness.process.stop()
    assert witness.until_stopped().asked
    assert ProcessState.RUNNING not in witness.states
    assert witness.living() == []


def test_stop_while_switching(witness: Witness) -> None:
    witness.start()
    witness.process.start(replace(ANY_PORT, model="thread"))
    witness.process.stop()
    witness.until_stopped()
    assert [message.model for message in witness.all(wire.Ready)] == ["process"]


@pytest.mark.parametrize("model", ["process", "thread", "gevent"])
def test_killed_from_outside(witness: Witness, model: str) -> None:
    witness.start(replace(ANY_PORT, model=model, keep_alive=True))
    clients = hold(witness.ready.port, 20)
    family = group_members(witness.ready.pid)
    assert len(family) == (21 if model == "process" else 1)
    os.kill(witness.ready.pid, signal.SIGKILL)
    ending = witness.until_stopped()
    assert (ending.asked, ending.code, ending.signal) == (False, None, signal.SIGKILL)
    assert isinstance(witness.messages[-1], wire.Stopped), "a run that broke off is completed"
    assert [pid for pid in family if is_alive(pid)] == []
    assert can_listen(("127.0.0.1", witness.ready.port))
    for client in clients:
        client.close()


def test_the_port_is_in_use(witness: Witness) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        witness.process.start(Settings(port=port))
        ending = witness.until_stopped()
    assert (ending.asked, ending.code, ending.signal) == (False, 1, None)
    assert ending.problem
    assert ending.problem.code == "port-in-use"
    assert ending.problem.details["port"] == port
    assert ending.problem.details["pid"] == os.getpid()
    assert ending.problem.message in ending.stderr_tail
    assert witness.states == [ProcessState.STARTING, ProcessState.STOPPED]
    witness.start()
    assert get(witness.ready.port).status == 200, "after an error all is as before"


def test_a_switch_that_fails_ends_stopped(witness: Witness, tmp_path: Path) -> None:
    witness.start()
    witness.process.start(replace(ANY_PORT, root=str(tmp_path / "missing")))
    ending = witness.until_stopped()
    assert [each.asked for each in witness.endings] == [True, False]
    assert ending.problem
    assert ending.problem.code == "root-missing"


def test_it_runs_from_any_folder(witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__main__.py").write_text("raise SystemExit('not me')")
    monkeypatch.chdir(tmp_path)
    witness.start()
    assert witness.ready.root == str(Path(example_site()))


def test_close_leaves_nothing_behind(witness: Witness) -> None:
    witness.start(replace(ANY_PORT, model="process", keep_alive=True))
    clients = hold(witness.ready.port, 20)
    witness.process.close()
    witness.until(lambda: not witness.living())
    assert can_listen(("127.0.0.1", witness.ready.port))
    for client in clients:
        client.close()


@pytest.mark.parametrize("model", ["process", "thread"])
def test_a_killed_window_takes_the_engine_with_it(witness: Witness, model: str) -> None:
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW, model], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    assert window.stdout
    with window, contextlib.closing(window.stdout):
        pid, port = map(int, window.stdout.readline().split())
        clients = hold(port, 10)
        family = group_members(pid)
        assert len(family) == (11 if model == "process" else 1)
        window.kill()
    witness.until(lambda: not any(map(is_alive, family)))
    for client in clients:
        client.close()


WINDOW = """
import sys
from PySide6.QtCore import QCoreApplication
from engine.telemetry import wire
from gui.runs.processes import EngineProcess
from gui.settings import Settings

def tell(message):
    if isinstance(message, wire.Ready):
        print(message.pid, message.port, flush=True)

app = QCoreApplication([])
process = EngineProcess()
process.message_arrived.connect(tell)
process.start(Settings(model=sys.argv[1], port=0, keep_alive=True))
app.exec()
"""


def test_who_does_not_end_when_asked_is_killed(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("deaf")
    witness.start()
    witness.process.stop()
    ending = witness.until_stopped()
    assert (ending.asked, ending.code, ending.signal) == (True, None, signal.SIGKILL)


def test_who_does_not_end_when_asked_is_killed_on_close(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("deaf_family")
    witness.start()
    assert len(witness.living()) == 4
    witness.process.close()
    witness.until(lambda: not witness.living())


def test_orphans_end_with_their_engine(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("deaf_family")
    witness.start()
    os.kill(witness.ready.pid, signal.SIGKILL)
    witness.until_stopped()
    assert witness.living() == []


def test_what_is_not_in_the_contract_is_told_once(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("garbled")
    witness.start()
    witness.until(lambda: len(witness.all(wire.Problem)) == 2)
    codes = [message.code for message in witness.all(wire.Problem)]
    assert codes == ["unreadable-stream", "after-the-garbage"]


def test_pieces_are_put_together(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("torn")
    witness.process.start(ANY_PORT)
    ending = witness.until_stopped()
    assert [type(message) for message in witness.messages] == [wire.Ready, wire.Problem, wire.Stopped]
    assert (ending.asked, ending.code, ending.problem) == (False, 0, None)


def test_the_last_problem_and_the_last_words_are_kept(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("talkative")
    witness.process.start(ANY_PORT)
    ending = witness.until_stopped()
    assert ending.problem
    assert (ending.code, ending.problem.code) == (3, "second")
    assert len(ending.stderr_tail) == STDERR_KEPT
    assert ending.stderr_tail.endswith("äthe end")
    assert witness.all(wire.Stopped) == [], "what never ran did not stop"


def test_a_flood_arrives_whole_before_the_end(stand_ins: Callable[[str], Witness]) -> None:
    witness = stand_ins("flood")
    witness.process.start(ANY_PORT)
    witness.until_stopped()
    rows = [row.connection for message in witness.all(wire.Requests) for row in message.rows]
    assert rows == list(range(stand_in.FLOOD_LINES * stand_in.FLOOD_ROWS))
    assert isinstance(witness.messages[-1], wire.Stopped)


@pytest.mark.slow
def test_counters_do_not_wait_behind_details_that_are_not_read_in_time(
    stand_ins: Callable[[str], Witness],
) -> None:
    """A window that takes a quarter of the details at most has counters that are as new as ever."""
    witness = stand_ins("ceaseless")
    ages = []

    def take(message: wire.AnyMessage) -> None:
        if isinstance(message, wire.Requests):
            time.sleep(0.004)
        elif isinstance(message, wire.Counters):
            ages.append(monotonic() - message.time)

    witness.process.message_arrived.connect(take)
    witness.process.start(ANY_PORT)
    witness.until(lambda: len(ages) >= 40)
    assert max(ages) < 2.0
    *_, newest = witness.all(wire.Counters)
    rows = sum(len(message.rows) for message in witness.all(wire.Requests))
    assert isinstance(newest, wire.Counters)
    assert newest.dropped > rows > 0
    witness.process.stop()
    witness.until_stopped()


def test_a_program_that_is_not_there(qtbot: QtBot, tmp_path: Path) -> None:
    missing = str(tmp_path / "python")
    witness = Witness(qtbot, EngineProcess(command=lambda settings: [missing]))
    witness.process.start(ANY_PORT)
    ending = witness.until_stopped()
    assert (ending.asked, ending.code, ending.signal) == (False, None, None)
    assert ending.problem
    assert (ending.problem.code, ending.problem.details) == ("cannot-start", {"program": missing})
    assert witness.all(wire.Problem) == [ending.problem]


def test_no_descriptor_is_left_open(witness: Witness) -> None:
    def run() -> None:
        witness.start()
        witness.process.stop()
        witness.until_stopped()

    run()
    before = psutil.Process().num_fds()
    run()
    run()
    witness.until(lambda: psutil.Process().num_fds() <= before)
