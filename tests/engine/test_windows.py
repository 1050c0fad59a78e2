"""Calls of Windows' own libraries, by stand-ins for these: when they are made, and with what."""

import ctypes
import errno
import os
import socket
import struct
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from engine import windows
from engine.load import wire as load_wire
from engine.load.sink import LoadTerminalSink
from engine.net import listening
from engine.options import child_command, child_variables
from engine.setting import Part
from engine.telemetry import wire
from engine.telemetry.sink import TerminalSink
from tests.engine.child import PROJECT


class Libraries:
    """Keeps the calls that are made of them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, library: str) -> Any:
        return SimpleNamespace(
            **{
                name: lambda *arguments, name=name: self.calls.append((name, arguments))
                for name in ("WSAIoctl", "CancelIoEx", "timeBeginPeriod")
            }
        )


@pytest.fixture
def libraries(monkeypatch: pytest.MonkeyPatch) -> Libraries:
    """Those of a Windows."""
    found = Libraries()
    monkeypatch.setattr(windows, "_LIBRARIES", found)
    monkeypatch.setattr(windows, "IS_WINDOWS", True)
    return found


@pytest.mark.parametrize(
    ("address", "asked"), [(("127.0.0.1", 1), True), (("::1", 1, 0, 0), True), (("192.168.0.1", 1), False)]
)
def test_only_on_this_machine_the_first_refusal_counts(
    libraries: Libraries, address: tuple[Any, ...], asked: bool
) -> None:
    with socket.socket() as client:
        windows.end_at_first_refusal(client, address)
        assert len(libraries.calls) == asked
        for name, (number, code, wanted, length, *_) in libraries.calls:
            assert (name, number.value, code.value, length) == ("WSAIoctl", client.fileno(), 0x98000011, 4)
            assert struct.unpack("<HBx", wanted.raw) == (0xFE, 0xFE)


def test_calls_and_timers(libraries: Libraries) -> None:
    windows.sharpen_timers()
    windows.end_calls(7)
    assert [name for name, _ in libraries.calls] == ["timeBeginPeriod", "CancelIoEx"]
    assert isinstance(libraries.calls[1][1][0], ctypes.c_void_p)


def test_nothing_is_called_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Libraries()
    monkeypatch.setattr(windows, "_LIBRARIES", found)
    monkeypatch.setattr(windows, "IS_WINDOWS", False)
    windows.sharpen_timers()
    windows.end_calls(7)
    with socket.socket() as client:
        windows.end_at_first_refusal(client, ("127.0.0.1", 1))
    assert found.calls == []
    assert child_variables() == {}


def test_a_call_that_this_windows_lacks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "IS_WINDOWS", True)
    monkeypatch.setattr(windows, "_LIBRARIES", SimpleNamespace())
    windows.sharpen_timers()
    windows.end_calls(7)
    assert windows.strerror(errno.ECONNREFUSED) == os.strerror(errno.ECONNREFUSED)


def test_children_are_the_real_program(libraries: Libraries, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one of the virtual environment, which starts it and waits."""
    monkeypatch.setattr(sys, "_base_executable", r"C:\Python313\python.exe", raising=False)
    assert child_command(Part.LOAD, {})[0] == r"C:\Python313\python.exe"
    assert child_variables() == {"__PYVENV_LAUNCHER__": sys.executable}
    monkeypatch.setattr(sys, "_base_executable", sys.executable)
    assert (child_command(Part.LOAD, {})[0], child_variables()) == (sys.executable, {})


@pytest.fixture
def exclusive(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Options set on sockets, where an address can be had for oneself alone; nothing else keeps them."""
    options: list[tuple[int, int]] = []
    plain = socket.socket.setsockopt
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)

    def setsockopt(sock: socket.socket, level: int, name: int, value: Any) -> None:
        if name == -5:
            options.append((name, value))
        else:
            plain(sock, level, name, value)

    monkeypatch.setattr(socket.socket, "setsockopt", setsockopt)
    return options


def test_address_is_for_one_server_alone(exclusive: list[tuple[int, int]]) -> None:
    with listening.listen("127.0.0.1", 0, 8) as first:
        assert exclusive == [(-5, 1)]
        with pytest.raises(listening.StartError) as failure:
            listening.listen("127.0.0.1", first.getsockname()[1], 8)
        assert (failure.value.code, failure.value.details["pid"]) == ("port-in-use", os.getpid())


def test_address_is_had_again_while_old_connections_are_there(
    exclusive: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For oneself alone it is refused then, and nobody listens there."""
    plain = socket.socket.bind

    def bind(sock: socket.socket, address: Any) -> None:
        if exclusive[-1] == (-5, 1):
            raise PermissionError(errno.EACCES, "An attempt was made to access a socket in a way forbidden")
        plain(sock, address)

    monkeypatch.setattr(socket.socket, "bind", bind)
    with listening.listen("127.0.0.1", 0, 8) as listener:
        assert exclusive == [(-5, 1), (-5, 0)]
        assert listener.getsockname()[1]


def test_port_that_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows reserves ranges of any number, such as for virtual machines."""

    def bind(sock: socket.socket, address: Any) -> None:
        raise PermissionError(errno.EACCES, "forbidden")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(listening.StartError) as failure:
        listening.listen("127.0.0.1", 8888, 8)
    assert failure.value.code == "port-reserved"
    assert "8888" in failure.value.message
    assert "administrator" not in failure.value.message


def test_host_of_ipv6_is_that_alone_and_all_is_both() -> None:
    for host, both in (("::1", 0), ("::", 1)):
        try:
            listener = listening.listen(host, 0, 8)
        except listening.StartError:
            pytest.skip("this machine has no IPv6")
        with listener:
            assert listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == (not both)
            if both:
                socket.create_connection(("127.0.0.1", listener.getsockname()[1])).close()


def test_file_of_a_comparison_takes_every_sign() -> None:
    """Windows' encodings for files lack some of them, and say so after the whole measurement."""
    program = "from engine.lab import compare; compare.write_plainly(); print('\\u2265 \\u00b5 \\u2013')"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env={**os.environ, "PYTHONIOENCODING": "gbk:strict"},
        capture_output=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode().split() == ["\u2265", "\u00b5", "\u2013"]


def test_terminal_gets_its_own_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a Chinese Windows', which has no UTF-8 there; what it lacks is a question mark."""
    monkeypatch.setattr(os, "device_encoding", lambda descriptor: "gbk")
    reader, writer = os.pipe()
    try:
        TerminalSink(writer).send(wire.Problem(0.0, "code", "“≥” é 한", {}))
        LoadTerminalSink(writer).send(load_wire.Problem(0.0, "code", "“≥” é 한", {}))
        assert os.read(reader, 1000).decode("gbk").split("\n") == ["“≥” é ?", "“≥” é ?", ""]
    finally:
        os.close(reader)
        os.close(writer)
