"""The load as a process: its arguments, the changes that it applies while it runs, and its end."""

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.__main__ import main
from engine.clock import monotonic
from engine.load import wire
from engine.load.histogram import Histogram
from engine.load.workloads import WORKLOADS
from engine.reading import server_url
from engine.settings import CLIENTS
from engine.telemetry import wire as telemetry
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.load.support import Load
from tests.engine.support import Engine, eventually


@pytest.fixture(scope="module")
def epoll(site: Path) -> Iterator[Engine]:
    with Engine("epoll", site) as engine:
        yield engine


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--url", "https://127.0.0.1"], "HTTP server"),
        (["--url", "127.0.0.1:8888"], "HTTP server"),
        (["--url", "http://127.0.0.1:port"], "not a URL"),
        (["--url", "http://127.0.0.1:0"], "http://host:port"),
        (["--url", "http://127.0.0.1:8888/page.html"], "more than a server"),
        (["--url", "http://no-such-host.invalid"], "no-such-host.invalid"),
        (["--workload", "unheard-of"], "steady"),
        (["--clients", "-1"], "from 0 to 100,000"),
        (["--clients", "many"], "whole number"),
        (["--clients", "1.5"], "whole number"),
        (["--slow", "100001"], "from 0 to 100,000"),
        (["--rate", "nan"], "number from 0"),
        (["--seconds", "-3"], "0 or more"),
        (["--processes", "0"], "from 1 to 64"),
        (["--timeout", "0"], "from 0.1"),
        (["--workload", "idle-crowd", "--rate", "5"], "pace of their own"),
        (["--work-ms", "50"], "does not work"),
        (["--work-ms", "20000", "--workload", "waiting-work"], "from 0 to 10,000"),
    ],
)
def test_arguments_that_make_no_sense(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["load", *arguments])
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    assert word in " ".join(printed.err.split())


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("http://127.0.0.1:8888", "127.0.0.1:8888"),
        ("http://127.0.0.1/", "127.0.0.1:80"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("HTTP://LocalHost:80", "localhost:80"),
    ],
)
def test_urls(text: str, host: str) -> None:
    url = server_url(text)
    assert (url.text, url.host) == (f"http://{host}", host)
    assert url.address[0] in ("127.0.0.1", "::1")


def test_order_of_messages(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 3, "--seconds", 0.5) as load:
        assert load.end() == 0
        kinds = [type(message) for message in load.messages]
        assert kinds[:2] == [wire.LoadReady, wire.Change]
        assert kinds[-2:] == [wire.LoadStats, wire.Stopped]
        ready, change = load.messages[0], load.messages[1]
        assert isinstance(ready, wire.LoadReady)
        assert (ready.version, ready.pid, ready.processes) == (wire.VERSION, load.pid, 1)
        assert ready.url == "http://{}:{}".format(*epoll.address)
        assert abs(ready.time + ready.clock - time.time()) < PATIENCE
        assert change == wire.Change("steady", 3, 0, 0.0, 0, change.time)
        times = [message.time for message in load.all(wire.LoadStats)]
        assert times == sorted(times)
        for before, after in zip(load.all(wire.Latencies), load.all(wire.Latencies)[1:], strict=False):
            assert before.begin < before.end <= after.begin
        assert load.latencies().total == load.last.answered > 0


def test_lines_are_plain_json(epoll: Engine) -> None:
    with Load(epoll.address, "--seconds", 0.3) as load:
        assert load.end() == 0
        for message in load.messages:
            assert json.loads(wire.encode(message))["type"] == type(message).__struct_config__.tag


@pytest.mark.parametrize(
    "workload",
    [each if each in ("steady", "browser") else pytest.param(each, marks=pytest.mark.slow) for each in WORKLOADS],
)
def test_defaults_come_from_the_table(epoll: Engine, workload: str) -> None:
    with Load(epoll.address, "--workload", workload, "--seconds", 0.1) as load:
        assert load.end() == 0
        change, row = load.applied(1), WORKLOADS[workload]
        assert (change.workload, change.clients, change.work_ms) == (workload, row.clients, row.work_ms)


def test_number_of_clients_changes(epoll: Engine) -> None:
    before = epoll.settled(open=0)
    with Load(epoll.address, "--clients", 4, "--rate", 400) as load:
        for clients, slow in ((40, 0), (40, 30), (2, 5), (0, 0), (10, 0)):
            change = load.change("steady", clients, slow, rate=400.0)
            assert (change.clients, change.slow) == (clients, slow)
            load.stats_when(lambda c, n=(clients, slow): (c.clients, c.slow) == n, f"not {clients} and {slow}")
    assert load.last.failed == 0
    epoll.settled(before, accepted=40 + 30 + 10, open=0)  # those who stay keep their connection


def test_another_workload_replaces_the_clients(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 6) as load:
        for workload in ("visitors", "waiting-work", "idle-crowd", "rude-clients", "browser", "steady"):
            before = load.last.answered if load.all(wire.LoadStats) else 0
            change = load.change(workload, 6, work_ms=20)
            assert change.work_ms == (20 if workload == "waiting-work" else 0)
            load.stats_when(lambda stats, n=before: stats.answered >= n + 6, f"no {workload}")
            assert load.stats_when(lambda stats: stats.clients <= 6, "too many").failed == 0
        load.change("idle-crowd", 3)
        load.stats_when(lambda stats: stats.connections == 3, "old ones are still there")
        assert load.last.failed == 0


def test_rate_is_0_for_workloads_without_one(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 1) as load:
        assert load.change("idle-crowd", 1, rate=7.0).rate == 0.0
        assert load.change("browser", 1, rate=7.0).rate == 7.0


BAD_LINES = [
    b"nonsense\n",
    b"\xff\xfe\n",
    b"[]\n",
    b'{"type":"crowd"}\n',
    b'{"type":"stopped","time":1}\n',
    b'{"type":"change","workload":"steady","clients":"many","slow":0,"rate":0,"work_ms":0}\n',
    b'{"type":"change","workload":"steady","clients":-1,"slow":0,"rate":0,"work_ms":0}\n',
    b'{"type":"change","workload":"steady","clients":1,"slow":0,"rate":-0.5,"work_ms":0}\n',
    b'{"type":"change","workload":"steady","clients":%d,"slow":0,"rate":0,"work_ms":0}\n' % (CLIENTS.most + 1),
    b'{"type":"change","workload":"unheard-of","clients":1,"slow":0,"rate":0,"work_ms":0}\n',
    b"x" * 200_000,
]


def test_bad_lines_are_reported_and_the_load_continues(epoll: Engine, subtests: pytest.Subtests) -> None:
    with Load(epoll.address, "--clients", 2, "--rate", 200) as load:
        load.applied(1)
        for number, line in enumerate(BAD_LINES):
            with subtests.test(line[:24]):
                load.send(line)
                load.heard(lambda so_far=number: len(load.all(wire.Problem)) > so_far, "not said")  # type: ignore[misc]
                assert load.all(wire.Problem)[-1].code == "bad-change"
                before = load.last.answered
                load.stats_when(lambda stats, before=before: stats.answered > before, "it does not go on")  # type: ignore[misc]
                load.send(b"\n" if not line.endswith(b"\n") else b"")
                assert load.change("steady", 5 + number, rate=200.0).clients == 5 + number


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.parametrize("workload", ["steady", "browser", "slow-senders", "idle-crowd"])
def test_signals_end_it_at_once(epoll: Engine, workload: str, number: signal.Signals) -> None:
    with Load(epoll.address, "--workload", workload, "--clients", 20) as load:
        load.stats_when(lambda stats: stats.clients > 0, "nobody is there")
        begun = monotonic()
        assert load.stop(number) == 0
        assert monotonic() - begun < 5
        assert isinstance(load.messages[-1], wire.Stopped)
        assert (load.last.clients, load.last.connections) == (0, 0)


def test_end_of_stdin_ends_it(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 2) as load:
        assert load.close_stdin() == 0
        assert isinstance(load.messages[-1], wire.Stopped)


def test_end_of_stdin_does_not_matter_otherwise(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 2, "--rate", 400, stop_on_eof=False) as load:
        load.applied(1)
        assert load.process.stdin
        load.process.stdin.close()
        load.stats_when(lambda stats: stats.answered > 50, "it does not go on")


def test_without_any_stdin(epoll: Engine) -> None:
    words = command("load", "--url", "http://{}:{}".format(*epoll.address), "--seconds", "0.3")
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *words], cwd=PROJECT, capture_output=True, timeout=PATIENCE
    )
    assert ended.returncode == 0
    assert ended.stderr == b""
    assert isinstance(wire.decode(ended.stdout.splitlines()[-1]), wire.Stopped)


def test_reader_that_goes_away_ends_it(epoll: Engine) -> None:
    with Load(epoll.address, "--clients", 2) as load:
        load.applied(1)
        assert load.process.stdout
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), load.process.stdout.fileno())
        assert load.process.wait(PATIENCE) == 0
        assert load.stderr() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells of a parent's end on Linux only")
@pytest.mark.parametrize("processes", [1, 2])
def test_it_ends_with_its_parent(epoll: Engine, processes: int) -> None:
    """Also where the parent is killed and its stdin stays open somewhere."""
    epoll.settled(open=0)
    words = command(
        "load",
        "--url",
        "http://{}:{}".format(*epoll.address),
        "--stop-on-eof",
        "--processes",
        str(processes),
        "--rate",
        "200",
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])", *words],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        wanted = 1 if processes == 1 else processes + 1
        eventually(lambda: len(psutil.Process(parent.pid).children(recursive=True)) == wanted, "the load")
        family = psutil.Process(parent.pid).children(recursive=True)
        eventually(lambda: (c := epoll.latest(telemetry.Counters)) is not None and c.open > 0, "its clients")
    finally:
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs(family, PATIENCE)
    assert parent.stdin
    parent.stdin.close()
    assert alive == []


def test_slow_reader_of_the_stream_misses_no_answer(epoll: Engine) -> None:
    """While the reader is slow, fewer messages are sent; the next ones include everything."""
    words = command(
        "load", "--url", "http://{}:{}".format(*epoll.address), "--stop-on-eof", "--clients", "8", "--rate", "800"
    )
    with subprocess.Popen(words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 4096)
        time.sleep(3)  # a reader that sleeps is what is tested
        process.send_signal(signal.SIGTERM)
        messages = [wire.decode(line) for line in process.stdout]
        assert process.wait(PATIENCE) == 0
    assert isinstance(messages[-1], wire.Stopped)
    last = [message for message in messages if isinstance(message, wire.LoadStats)][-1]
    assert len([message for message in messages if isinstance(message, wire.LoadStats)]) < 28
    histogram = Histogram()
    for message in messages:
        if isinstance(message, wire.Latencies):
            histogram.add(Histogram.decode(message.histogram))
    assert histogram.total == last.answered


def test_terminal_gets_readable_lines(epoll: Engine) -> None:
    master, slave = pty.openpty()
    words = command(
        "load", "--url", "http://{}:{}".format(*epoll.address), "--clients", "3", "--slow", "1", "--rate", "100"
    )
    process = subprocess.Popen(words, cwd=PROJECT, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    text = b""

    def read() -> bytes:
        nonlocal text
        while select.select([master], [], [], 0)[0]:
            text += os.read(master, 65536)
        return text

    try:
        eventually(lambda: b"answers/s" in read(), "figures")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        lines = read().decode().splitlines()
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
    assert "Steady visitors: 3 clients and 1 slow sender" in lines[1]
    assert any("3 and 1 slow connected" in line and "p99" in line and "0 failed" in line for line in lines)
    assert "answers in" in lines[-1]
    assert not any(line.startswith("{") or "Traceback" in line for line in lines)
