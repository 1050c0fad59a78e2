"""Reports of a failure: once for each place, by one of all processes, and never delaying the server."""

import contextlib
import os
from collections.abc import Iterator

import pytest

from engine import failures
from engine.failures import ApplicationFailures
from engine.models import MODELS
from engine.telemetry import recorder as recording
from engine.telemetry.recorder import Recorder
from engine.telemetry.wire import Message, Problem


class Told:
    """An sink that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> bool:
        """Keep it."""
        self.messages.append(message)
        return True

    def share(self, *_: object) -> None:
        """Nobody else writes here."""

    def send_rows(self, *_: object) -> int:
        """Nothing is lost."""
        return 0


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """A pipe in place of stderr: its end to read from, and the one to write to."""
    ends = os.pipe()
    monkeypatch.setattr(failures, "_STDERR", ends[1])
    yield ends
    for end in ends:
        os.close(end)


def raised(elsewhere: bool = False) -> Exception:
    """An exception that was raised, in one of two places."""
    try:
        if elsewhere:
            raise ValueError("elsewhere")
        raise ValueError("深")
    except ValueError as error:
        return error


@pytest.mark.parametrize("model", ["thread", "process"])
def test_each_place_once_while_it_lasts(model: str, stderr: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    tell = ApplicationFailures(Recorder(told, MODELS[model], "off"))
    for error in (raised(), raised(elsewhere=True), raised(), raised(elsewhere=True)):
        tell(error)
    problems = [message for message in told.messages if isinstance(message, Problem)]
    assert [problem.details["kind"] for problem in problems] == ["ValueError", "ValueError"]
    assert len({problem.details["place"] for problem in problems}) == 2
    printed = os.read(stderr[0], 65536).decode()
    assert printed.count("ValueError: 深") == printed.count("ValueError: elsewhere") == 1
    monkeypatch.setattr(recording, "SAME_PROBLEM", 0.0)
    tell(raised())
    assert len(told.messages) == 3


def test_what_a_forked_child_told_is_not_told_again(stderr: tuple[int, int]) -> None:
    told = Told()
    tell = ApplicationFailures(Recorder(told, MODELS["process"], "off"))
    child = os.fork()
    if child == 0:
        tell(raised())
        os._exit(len(told.messages))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    tell(raised())
    assert told.messages == []


def test_stderr_that_takes_no_more_holds_nobody_up(stderr: tuple[int, int]) -> None:
    os.set_blocking(stderr[1], False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(stderr[1], bytes(4096))
    os.set_blocking(stderr[1], True)
    told = Told()
    ApplicationFailures(Recorder(told, MODELS["thread"], "off"))(raised())
    assert len(told.messages) == 1
