"""Systems that take a line in parts: no reader ever sees a torn one, however slow it is."""

import fcntl
import mmap
import os
import signal
from pathlib import Path

import pytest

from engine.output import Output, PipeLock
from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.support import Engine

SHIM = """
import fcntl, os, select, stat

def write_partly(descriptor, data, write=os.write):
    data = bytes(data)
    while True:
        try:
            return write(descriptor, data)
        except BlockingIOError:
            if len(data) <= {whole} or not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                raise
            data = data[: max({whole}, len(data) // 2)]

os.write = write_partly
select.PIPE_BUF = {whole}
fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 8192)
del fcntl.F_SETPIPE_SZ
"""
"""A small pipe that takes `whole` bytes whole or not at all, and of more than that half, or half of the half, …"""
SYSTEMS = {"Windows": 1, "macOS": 512}


@pytest.mark.parametrize(
    ("model", "options", "system"),
    [
        ("process", (), "macOS"),
        ("process", (), "Windows"),
        ("process", ("--start-method", "spawn"), "Windows"),
        ("thread", (), "Windows"),
    ],
)
def test_every_line_can_be_read(
    model: str, options: tuple[str, ...], system: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SHIM.format(whole=SYSTEMS[system]))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Engine(model, site, *options) as engine:
        address = engine.address
        asked = 0
        for _ in range(1 if options else 4):
            engine.stall()
            clients = [Client(address) for _ in range(4)]
            for number, client in enumerate(clients):  # they are reported at once, by several processes
                client.send(request("/page.html", X_Long=f"{asked}{number}" + "x" * 2500, connection="close"))
            for client in clients:
                assert b"200 OK" in client.rest()
                client.close()
            engine.read_on()
            for _ in range(0 if options else 12):
                assert get(address, "/page.html", connection="close").status == 200
                asked += 1
            asked += 4
        last = engine.settled(accepted=asked, open=0, requests=asked)
        assert last.requests <= len(engine.rows(wire.Requests)) + last.dropped
        assert engine.stop() == 0
        assert isinstance(engine.messages[-1], wire.Stopped)


def pipe_with_room(room: int) -> tuple[int, int]:
    """A pipe of one page that has room for so many bytes."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"." * (4096 - room))
    return reader, writer


def test_what_is_left_over_goes_first() -> None:
    reader, writer = pipe_with_room(4096)
    output = Output(writer)
    long = b"a" * 9999 + b"\n"
    assert output.write(long)  # more than there is room for: the system takes a part
    assert not output.write(b"dropped\n")
    assert not output.finish()
    got = b""
    while len(got) < len(long):
        got += os.read(reader, 4096)
        output.finish()
    assert output.write(b"next\n")
    assert got + os.read(reader, 4096) == long + b"next\n"
    os.close(reader)
    os.close(writer)


def test_what_a_child_leaves_over_is_finished_by_the_next() -> None:
    reader, writer = pipe_with_room(4096)
    output, lock = Output(writer), PipeLock()
    output.share(lock, memoryview(mmap.mmap(-1, 16384)))
    long = b"c" * 9999 + b"\n"
    pid = os.fork()
    if pid == 0:
        output.forked()
        output.write(long)
        os._exit(0)
    os.waitpid(pid, 0)
    got = b""
    while len(got) <= len(long):
        got += os.read(reader, 4096)
        if output.finish():
            assert output.write(b"next\n")
    assert got + (os.read(reader, 4096) if not got.endswith(b"next\n") else b"") == b"\n" + long + b"\nnext\n"
    lock.close()
    os.close(reader)
    os.close(writer)


def test_line_that_a_killed_process_began_is_ended() -> None:
    reader, writer = pipe_with_room(4096)
    output, lock = Output(writer), PipeLock()
    output.share(lock, memoryview(bytearray(8192)))
    pid = os.fork()
    if pid == 0:
        os.write(writer, b"b" * 10)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    assert output.write(b"whole\n")
    assert os.read(reader, 4096) == b"b" * 10 + b"\nwhole\n"
    lock.close()
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("anew", [True, False])
def test_mode_of_the_pipe_is_left_as_it_was(anew: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not anew:
        monkeypatch.setattr("engine.output._reopened", lambda descriptor: -1)
    reader, writer = os.pipe()
    output = Output(writer)
    assert os.get_blocking(writer) is anew
    output.restore()
    assert os.get_blocking(writer)
    os.close(reader)
    os.close(writer)
