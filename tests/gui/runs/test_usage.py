"""The sampler of what processes use: when it tells, and that it ends."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.lab.usage import INTERVAL, Usage
from gui.runs import usage
from gui.runs.usage import UsageSampler

PATIENCE = 20_000

Sleeper = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    """Starts a process that does nothing until the test is over."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def sampler() -> Iterator[UsageSampler]:
    """A sampler that is closed after the test."""
    sampler = UsageSampler()
    yield sampler
    sampler.close()
    assert "usage" not in [thread.name for thread in threading.enumerate()]


def test_it_samples_until_told_otherwise(qtbot: QtBot, sampler: UsageSampler, sleeper: Sleeper) -> None:
    usages: list[Usage] = []
    sampler.sampled.connect(usages.append)
    sampler.watch(sleeper().pid)
    qtbot.waitUntil(lambda: len(usages) >= 2, timeout=PATIENCE)
    assert {usage.processes for usage in usages} == {1}
    sampler.watch(sleeper().pid)
    count = len(usages)
    qtbot.waitUntil(lambda: len(usages) >= count + 2, timeout=PATIENCE)
    sampler.watch(None)
    qtbot.wait(10)
    count = len(usages)
    qtbot.wait(round(INTERVAL * 2_000))
    assert len(usages) == count


def test_a_system_that_never_answers_is_not_waited_for(
    qtbot: QtBot, sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when another process is watched nor at the end; what it answers then is nobody's any more."""
    answers = threading.Event()
    monkeypatch.setattr(psutil.Process, "num_threads", lambda process: answers.wait(PATIENCE))
    monkeypatch.setattr(usage, "JOIN_TIMEOUT", 0.2)
    sampler, usages = UsageSampler(), []
    sampler.sampled.connect(usages.append)
    begin = monotonic()
    for _ in range(2):
        sampler.watch(sleeper().pid)
    sampler.close()
    assert monotonic() - begin < 5
    monkeypatch.undo()
    answers.set()
    qtbot.waitUntil(lambda: "usage" not in [each.name for each in threading.enumerate()], timeout=PATIENCE)
    assert usages == []


def test_a_process_that_ends_ends_the_samples(qtbot: QtBot, sampler: UsageSampler, sleeper: Sleeper) -> None:
    mortal = sleeper()
    sampler.watch(mortal.pid)
    with qtbot.waitSignal(sampler.sampled, timeout=PATIENCE):
        pass
    mortal.kill()
    mortal.wait()
    qtbot.waitUntil(lambda: "usage" not in [each.name for each in threading.enumerate()], timeout=PATIENCE)
    sampler.watch(mortal.pid)
    qtbot.waitUntil(lambda: "usage" not in [each.name for each in threading.enumerate()], timeout=PATIENCE)
