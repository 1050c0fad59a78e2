"""The command line: what it takes, what it lists, and what a person at a terminal reads."""

import json
import os
import pty
import select
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from engine.__main__ import main
from engine.load.workloads import WORKLOADS
from engine.mistakes import mistakes_of
from engine.models import MODELS
from engine.telemetry import wire
from engine.traits import Traits
from tests.engine.child import PATIENCE, PROJECT, command
from tests.engine.client import get
from tests.engine.support import Engine, eventually


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python -m engine …` says, with an end."""
    return subprocess.run(
        command(*arguments), cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--model", "unheard-of"],
        ["serve"],
        ["serve", "--model", "thread", "--keep-alive", "--short"],
        ["serve", "--model", "thread", "--port", "many"],
        ["serve", "--model", "thread", "--port", "70000"],
        ["serve", "--model", "thread", "--port", "-1"],
        ["serve", "--model", "thread", "--telemetry", "loud"],
        ["unheard-of"],
    ],
    ids=" ".join,
)
def test_arguments_that_make_no_sense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert "usage" in told.err


def test_unknown_model_is_told_which_there_are() -> None:
    told = run("serve", "--model", "unheard-of")
    assert all(key in told.stderr for key in MODELS)


def test_models_lists_the_table_in_order() -> None:
    told = run("models")
    assert told.returncode == 0
    assert told.stderr == ""
    places = [told.stdout.index(model.idea) for model in MODELS.values()]
    assert places == sorted(places)
    assert all(key in told.stdout for key in MODELS)


def test_the_columns_of_the_table_have_names() -> None:
    header, *lines = run("models").stdout.splitlines()
    names = header.split()
    assert names == ["MODEL", "WORKER", "CONNECTIONS", "IDEA"]
    for model in MODELS.values():
        line = next(line for line in lines if line.split()[:1] == [model.key])
        assert line.index(model.worker, len(model.key) + 2) == header.index("WORKER")
        assert line.index("kept" if model.keep_alive else "one a request") == header.index("CONNECTIONS")
        assert line.index(model.idea) == header.index("IDEA")


def test_models_are_told_to_programs() -> None:
    told = json.loads(run("models", "--json").stdout)["models"]
    assert [model["key"] for model in told] == list(MODELS)
    for row, model in zip(told, MODELS.values(), strict=True):
        assert msgspec.convert({name: row[name] for name in Traits.__struct_fields__}, Traits) == model.traits
        for name in ("title", "idea", "in_the_wild", "family"):
            assert row[name] == getattr(model, name)
        assert [setting["key"] for setting in row["settings"]] == [row.name for row in model.settings]
        assert row["mistakes"] == [{"key": each.key, "sentence": each.sentence} for each in mistakes_of(model)]


@pytest.mark.parametrize("arguments", [["models", "--json"], ["serve", "--help"]], ids=" ".join)
def test_a_reader_that_leaves_is_no_fault(arguments: list[str]) -> None:
    """As `head` does, or a pager."""
    reads, writes = os.pipe()
    os.close(reads)
    with open(writes, "wb") as closed:
        told = subprocess.run(
            command(*arguments), cwd=PROJECT, stdout=closed, stderr=subprocess.PIPE, timeout=PATIENCE, check=False
        )
    assert told.stderr == b""
    assert told.returncode in (0, 1)


def test_help_of_each_command() -> None:
    """Each says in a sentence what it does, and what the keys of its options mean."""
    for arguments in (["--help"], ["serve", "--help"], ["load", "--help"], ["compare", "--help"], ["models", "--help"]):
        told = run(*arguments)
        assert told.returncode == 0
        usage, sentence, *_ = told.stdout.split("\n\n")
        assert usage.startswith("usage: ")
        assert sentence.strip().endswith(".")
        if arguments[0] in ("load", "compare"):
            assert all(f"{each.key} " in told.stdout and each.description in told.stdout for each in WORKLOADS.values())


def test_ready_comes_first(engine: Engine, site: Path) -> None:
    ready = engine.ready
    assert (ready.version, ready.model, ready.host) == (wire.VERSION, engine.model, "127.0.0.1")
    assert ready.pid == engine.pid
    assert ready.port > 0
    assert Path(ready.root) == site
    assert get((ready.host, ready.port)).status == 200


def test_lines_are_plain_json(engine: Engine) -> None:
    get(engine.address)
    engine.settled(open=0)
    for message in tuple(engine.messages):
        assert json.loads(wire.encode(message))["type"] == type(message).__struct_config__.tag


def test_other_address(site: Path) -> None:
    with Engine("thread", site, "--host", "127.0.0.2") as engine:
        assert engine.address[0] == "127.0.0.2"
        assert get(engine.address).status == 200


class Terminal:
    """A pseudo-terminal, and what was printed on it."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self._text = b""

    def text(self) -> str:
        """All that is there so far."""
        while select.select([self.master], [], [], 0)[0]:
            self._text += os.read(self.master, 65536)
        return self._text.decode()

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


def test_terminal_gets_a_readable_log(model: str, site: Path) -> None:
    terminal = Terminal()
    process = subprocess.Popen(
        command("serve", "--model", model, "--port", "0", "--root", site),
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=terminal.slave,
        stderr=terminal.slave,
        start_new_session=True,
    )
    try:
        eventually(lambda: "http://127.0.0.1:" in terminal.text() and "\n" in terminal.text(), "where it listens")
        port = int(terminal.text().partition("http://127.0.0.1:")[2].partition("/")[0].split()[0])
        for target in ("/page.html", "/missing"):
            get(("127.0.0.1", port), target)
        eventually(lambda: "/missing" in terminal.text() and terminal.text().endswith("\n"), "the requests")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        lines = terminal.text().splitlines()
    finally:
        process.kill()
        process.wait()
        terminal.close()
    assert any("GET /page.html" in line and "200" in line for line in lines)
    assert any("GET /missing" in line and "404" in line for line in lines)
    assert not any(line.startswith("{") or "Traceback" in line for line in lines)


@pytest.mark.parametrize("model", ["process", "thread"])
def test_without_any_stdin_it_goes_on_telling(model: str, site: Path) -> None:
    """As when a service manager starts it; the counters come from the heartbeat, whichever kind it is."""
    words = ["sh", "-c", 'exec "$@" <&-', "sh", *command("serve", "--model", model, "--port", "0", "--root", site)]
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        told = [wire.decode(process.stdout.readline())]
        while sum(isinstance(message, wire.Counters) for message in told) < 2:
            told.append(wire.decode(process.stdout.readline()))
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""
    assert isinstance(told[0], wire.Ready)
