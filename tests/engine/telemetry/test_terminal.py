"""What a person reads at a terminal: an address that can be opened, and the time that the clock shows."""

import os
import pty
import socket
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import time

import msgspec
import pytest

from engine.telemetry import sink as module
from engine.telemetry.sink import TerminalSink
from engine.telemetry.wire import Request
from tests.answered import answered
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.support import eventually
from tests.ready import a_ready

NINETY_MINUTES = 5400.0


@pytest.fixture
def screen() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: what is shown, and where it is written."""
    shown, written = pty.openpty()
    os.set_blocking(shown, False)
    yield shown, written
    os.close(shown)
    os.close(written)


def text(shown: int) -> str:
    try:
        return os.read(shown, 65536).decode()
    except BlockingIOError:
        return ""


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8899/"), ("::1", "http://[::1]:8899/"), ("::", "http://[::1]:8899/"),
     ("0.0.0.0", "http://127.0.0.1:8899/"), ("localhost", "http://localhost:8899/")],
)  # fmt: skip
def test_the_address_can_be_opened(screen: tuple[int, int], host: str, url: str) -> None:
    TerminalSink(screen[1]).send(msgspec.structs.replace(a_ready("epoll"), host=host, port=8899))
    assert url in text(screen[0]).split()


def test_the_time_is_that_of_the_clock(screen: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set, or the machine sleeps, which the other clock does not show."""
    terminal, now = TerminalSink(screen[1]), time()
    monkeypatch.setattr(module, "monotonic", lambda: 100.0)
    terminal.send(a_ready("epoll", 100.0, clock=now - 100.0))
    for clock in (now, now + NINETY_MINUTES, now - NINETY_MINUTES):
        monkeypatch.setattr(module, "time", lambda clock=clock: clock)
        text(screen[0])
        assert terminal.send_rows("requests", [row(100.0)]) == 0
        assert text(screen[0]).startswith(datetime.fromtimestamp(clock).isoformat(timespec="milliseconds")[11:])


def row(moment: float) -> Request:
    return answered(moment, 1, 0, 0, 0, 200, 9, 0.0, 0.1, True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::1"])
def test_a_server_at_a_terminal(screen: tuple[int, int], site: Path, host: str) -> None:
    if ":" in host and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    words = command("serve", "--model", "thread", "--port", "0", "--host", host, "--root", site)
    said, begin = "", "http://[::1]:" if ":" in host else "http://127.0.0.1:"
    with subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=screen[1]) as server:
        while "\n" not in said:
            said += eventually(lambda: text(screen[0]), "where it listens")
        server.terminate()
        assert server.wait(PATIENCE) == 0
    assert f" at {begin}" in said


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
