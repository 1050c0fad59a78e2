"""The comparison through real children: what it prints, what it writes, how it ends, and that it leaves no process."""

import contextlib
import io
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from engine.__main__ import main
from engine.lab.compare import Result, print_whole, rounded, spread, table
from engine.models import MODELS
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.support import eventually
from tests.gui.rows import row

SHORT = ("--seconds", "1", "--repeat", "1", "--clients", "4")
ONE = ("--connections", "one-a-request")
CALM = ("--rate", "100")
"""For a load that only has to be there, so that it leaves the processors to others."""


def compare(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What `python -m engine compare …` says, with an end."""
    return subprocess.run(
        command("compare", *arguments), cwd=PROJECT, capture_output=True, text=True, timeout=3 * PATIENCE, check=False
    )


@contextlib.contextmanager
def comparing(*arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    """A comparison that goes on."""
    with subprocess.Popen(
        command("compare", *arguments),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def engines(process: "subprocess.Popen[str]", word: str = "serve") -> list[psutil.Process]:
    """Its children that run the engine's command `word`."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if word in child.cmdline():
                found.append(child)
    return found


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@pytest.mark.slow
def test_two_models_twice(tmp_path: Path) -> None:
    file = tmp_path / "compared.json"
    ran = compare("--models", "epoll,process", *SHORT, *CALM, "--repeat", "2", "--json", file)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert "Steady visitors, 4 clients, open loop at 100/s, connections kept" in lines[0]
    named = [line.split()[0] for line in lines if line.startswith(("process ", "epoll "))]
    assert named[:2] == ["process", "epoll"], "in the order of the table"
    assert "\x1b" not in ran.stdout + ran.stderr
    order = [line.split(":")[0] for line in ran.stderr.splitlines()]
    assert order == ["process, 1 of 2", "epoll, 1 of 2", "process, 2 of 2", "epoll, 2 of 2"]
    told = read(file)
    assert told["complete"] is True
    assert told["settings"]["clients"] == 4
    assert told["machine"]["cores"] >= 1
    assert told["versions"]["Python"]
    for model, workers in (("process", 4), ("epoll", 1)):
        measured = told["models"][model]
        assert len(measured["runs"]) == 2
        for each in measured["runs"]:
            assert each["requests_per_second"] > 10
            assert each["seconds"] >= 1
            assert 0 < each["p50"] <= each["p99"] <= each["p999"]
            assert each["memory"] > 1 << 20
            assert each["failed"] == 0
            assert each["workers"] == workers
            assert each["conditions"]["keep_alive"] is True
        assert measured["failure"] == ""
        assert [at["percent"] for at in measured["slowest"]] == [50, 90, 99]
        for at in measured["slowest"]:
            assert sum(part["seconds"] for part in at["parts"]) == pytest.approx(at["seconds"])
    assert lines[-1] == told["finding"]


@pytest.mark.slow
def test_work_and_short_connections() -> None:
    """The page waits for 50 ms: four threads answer 80 requests a second at most, one loop 20."""
    ran = compare("--models", "thread,epoll", "--workload", "waiting-work", "--work-ms", "50", *ONE, *SHORT)
    assert ran.returncode == 0, ran.stderr
    assert "50 ms of work, a connection per request" in ran.stdout
    lines = ran.stdout.splitlines()
    assert "as many requests as epoll" in lines[-1]
    slow = {line.split(":")[0]: line for line in lines if " at p99 (" in line}
    assert re.search(r"thread: of the [\d.]+ ms at p99 \(newest \d+ requests\): [\d.]+ ms handling", slow["thread"])
    assert re.search("waiting for its turn|in the accept queue", slow["epoll"])
    assert [line.split()[0] for line in lines if re.match(r"\s+p9[09] ", line)] == ["p90", "p99"] * 2


def test_with_counters_alone_it_is_not_said_why() -> None:
    ran = compare("--models", "epoll", "--telemetry", "counters", *SHORT, *CALM)
    assert ran.returncode == 0, ran.stderr
    assert " at p99 (" not in ran.stdout


def test_a_model_that_cannot_start_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "compared.json"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = compare("--models", "epoll", "--port", str(port), "--json", file, *SHORT)
    assert ran.returncode == 1
    assert f"Port {port} is in use" in " ".join(ran.stdout.split())
    assert read(file)["models"]["epoll"]["median"] is None


def test_a_model_that_dies_is_a_failure_and_the_next_goes_on() -> None:
    with comparing("--models", "thread,epoll", *SHORT, *CALM) as process:
        eventually(lambda: engines(process, "load"), "no load")
        engines(process)[0].kill()
        out, _ = process.communicate(timeout=3 * PATIENCE)
    assert process.returncode == 1
    assert "thread failed: The engine ended with exit status -9" in " ".join(out.split())
    assert any(line.startswith("epoll ") for line in out.splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_ended_early_it_shows_the_runs_so_far(tmp_path: Path, number: signal.Signals) -> None:
    file = tmp_path / "compared.json"
    arguments = ("--models", "epoll,thread", *SHORT, *CALM, "--repeat", "50", "--json", file)
    with comparing(*arguments) as process:
        assert process.stderr
        assert "requests/s" in process.stderr.readline()
        children = eventually(lambda: [*engines(process), *engines(process, "load")], "no next engine")
        process.send_signal(number)
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Ended early" in out
    assert any(line.startswith("thread ") for line in out.splitlines())
    assert read(file)["complete"] is False
    eventually(lambda: not any(child.is_running() for child in children), "somebody is left")


@pytest.mark.slow
def test_killed_it_leaves_no_process() -> None:
    with comparing("--models", "process", *SHORT, *CALM, "--seconds", "30") as process:
        eventually(lambda: engines(process, "load"), "no load")
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        eventually(lambda: not any(child.is_running() for child in children), "somebody is left")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--models", "epoll,twisted"], "no model 'twisted'"),
        (["--models", ""], "no model ''"),
        (["--workload", "chaos"], "use one of steady"),
        (["--workload", "idle-crowd", "--rate", "5"], "--rate has no meaning"),
        (["--seconds", "0.5"], "from 1 to"),
        (["--seconds", "nan"], "from 1 to"),
        (["--repeat", "0"], "from 1 to 1,000"),
        (["--clients", "-1"], "from 0"),
        (["--port", "65536"], "to 65,535"),
        (["--root", "/nowhere"], "no folder"),
        (["--json", "/nowhere/file.json"], "nothing can be written"),
        (["--json", "/"], "is a folder"),
        (["--workload", "visitors", "--connections", "kept"], "--connections has no meaning"),
        (["--connections", "sometimes"], "use one of kept"),
        (["--models", "epoll", "--all-cores"], "--all-cores is a setting of thread"),
    ],
)
def test_bad_arguments(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compare", *arguments])
    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_a_model_that_the_system_lacks_is_left_out_and_named() -> None:
    code = "import select; del select.epoll; import sys; from engine.__main__ import main; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", code, "compare", "--models", "keepalive,epoll", *SHORT, *CALM],
        cwd=PROJECT, capture_output=True, text=True, timeout=3 * PATIENCE, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "epoll needs Linux: left out." in ran.stdout
    assert "keepalive " in ran.stdout


@pytest.mark.slow
def test_at_a_terminal_there_is_a_bar_and_a_frame() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command("compare", "--models", "epoll", *SHORT, *CALM),
        cwd=PROJECT, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    ) as process:  # fmt: skip
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # Linux says so at the end
            while select.select([ours], [], [], PATIENCE)[0] and (more := os.read(ours, 65536)):
                said += more
        os.close(ours)
    assert process.returncode == 0
    text = said.decode()
    assert "0/1" in text
    assert "────" in text
    assert all(len(line) < 400 for line in text.splitlines())


MANY = replace(
    row("nonblocking", failed=123_456, requests_per_second=98_765.0, p99=0.1234, p999=12.5, memory=2**32), bound=3.0
)
"""As wide as a row gets, or wider."""


@pytest.mark.parametrize("columns", [200, 100, 80, 60, 30])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_no_cell_is_shortened(columns: int, is_terminal: bool) -> None:
    results = [
        Result("nonblocking", [MANY, replace(MANY, requests_per_second=88_888.0, p99=0.2)]),
        Result("epoll", [row("epoll")]),
        Result("thread", failure="it ended"),
    ]
    console = Console(file=io.StringIO(), width=columns, force_terminal=is_terminal, color_system=None)
    made = table(results, plain=not is_terminal)
    print_whole(console, made)
    told = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    assert "…" not in told
    for cell in ("nonblocking", "epoll", "requests/s", "a request", "workers", "246,912",
                 "88,888–98,765", "123–200", "≥ 12,500", "4,096"):  # fmt: skip
        assert cell in told
    lines = [line for line in told.splitlines() if line.strip()]
    if is_terminal and columns >= 100:
        assert max(map(len, lines)) <= columns


def test_usual_rows_fit_eighty_columns() -> None:
    results = [Result(key, [row(key), row(key, requests_per_second=9_564.0)]) for key in MODELS]
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    print_whole(console, table(results, plain=False))
    assert isinstance(console.file, io.StringIO)
    assert max(map(len, console.file.getvalue().splitlines())) <= 80


def test_figures() -> None:
    assert [rounded(value) for value in (0.04, 3.14159, 99.94, 100, 12345.6)] == ["0.0", "3.1", "99.9", "100", "12,346"]
    assert spread([2.0]) == "2.0"
    assert spread([3.0, 1.0, 2.0]) == "2.0\n1.0–3.0"
