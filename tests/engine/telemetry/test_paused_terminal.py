"""A terminal that shows nothing for a while: the server serves on, ends when asked, and says what was not shown."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.clock import monotonic
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.client import Address, Client, request
from tests.engine.support import Engine, eventually

AT_ONCE = 200
"""Requests of a connection: with a few of them a terminal has more lines than it holds."""
PROMPT = 5.0
"""Seconds, generous for what takes a fraction of one."""


class Paused:
    """A program at a terminal, whose output can be paused as by Ctrl+S."""

    def __init__(self, *words: str | Path) -> None:
        self.master, self.slave = pty.openpty()
        self._text = b""
        self.process = subprocess.Popen(
            command(*words), cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=self.slave, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip

    def text(self) -> str:
        """All that is there so far."""
        while select.select([self.master], [], [], 0)[0]:
            self._text += os.read(self.master, 65536)
        return self._text.decode(errors="replace")  # its last sign may be there in part

    def pause(self) -> None:
        """As Ctrl+S does."""
        termios.tcflow(self.slave, termios.TCOOFF)

    def go_on(self) -> None:
        """As Ctrl+Q does."""
        termios.tcflow(self.slave, termios.TCOON)

    def mode(self) -> int:
        """The flags that the shell has in common with the program."""
        return fcntl.fcntl(self.slave, fcntl.F_GETFL)

    def end(self) -> float:
        """Ends it by SIGTERM; the seconds that took."""
        begin = monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        return monotonic() - begin

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr
        self.process.stderr.close()
        for descriptor in (self.master, self.slave):
            with suppress(OSError):
                os.close(descriptor)


@pytest.fixture(params=["process", "thread", "epoll"])
def served(request: pytest.FixtureRequest, site: Path) -> Iterator[tuple[Paused, Address]]:
    """A server at a terminal."""
    terminal = Paused("serve", "--model", request.param, "--port", "0", "--root", site, "--keep-alive")
    try:
        eventually(lambda: "http://127.0.0.1:" in terminal.text() and terminal.text().endswith("\n"))
        yield terminal, ("127.0.0.1", int(terminal.text().partition("http://127.0.0.1:")[2].partition("/")[0]))
    finally:
        terminal.close()


def ask_a_lot(address: Address) -> None:
    """More than a terminal holds, all answered."""
    for _ in range(5):
        with Client(address) as client:
            client.send(request("/page.html") * (AT_ONCE - 1) + request("/page.html", connection="close"))
            assert client.rest().count(b"200 OK") == AT_ONCE


@pytest.mark.parametrize("way", ["Ctrl+S", "nobody reads"])
def test_serves_on_and_ends(served: tuple[Paused, Address], way: str) -> None:
    terminal, address = served
    mode = terminal.mode()
    if way == "Ctrl+S":
        terminal.pause()
    ask_a_lot(address)
    with Client(address) as late:
        late.send(b"GET /page.html HTT")
        ask_a_lot(address)
        assert terminal.end() < PROMPT
    assert terminal.mode() == mode


def test_says_how_much_was_not_shown(served: tuple[Paused, Address]) -> None:
    terminal, address = served
    terminal.pause()
    for _ in range(3):
        ask_a_lot(address)
    terminal.go_on()
    eventually(lambda: "lines were not shown" in terminal.text(), "nothing is said of it")
    ask_a_lot(address)
    assert terminal.end() < PROMPT
    assert all("page.html" in line or "shown" in line or "serves" in line or line == "stopped" for line in
               terminal.text().splitlines() if line)  # fmt: skip


def test_load_goes_on_and_ends(site: Path) -> None:
    with Engine("epoll", site) as engine:
        url = "http://{}:{}".format(*engine.address)
        terminal = Paused("load", "--url", url, "--clients", "2")
        try:
            eventually(lambda: "Load on" in terminal.text())
            mode = terminal.mode()
            terminal.pause()
            answered = engine.heard(lambda: (last := engine._last()) and last.requests > 10 and last.requests, "load")
            engine.heard(lambda: (last := engine._last()) and last.requests > answered + 10, "the load goes on")
            assert terminal.end() < PROMPT
            assert terminal.mode() == mode
        finally:
            terminal.close()
