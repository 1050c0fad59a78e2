"""Whatever is on a command line: it is understood, or refused in words, and what is understood can be handed on."""

import argparse
import contextlib
import io
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from engine.__main__ import main
from engine.lab import compare
from engine.lab.compare import Plan
from engine.load import command as load_command
from engine.load.options import first_change
from engine.models import MODELS
from engine.net.listening import StartError
from engine.options import add_options
from engine.reading import Url
from engine.setting import SettingError
from engine.settings import Part, by_name

TEXTS = (
    "", " ", "0", "-1", "1", "8", "99999999999999999999", "1e3", "1e400", "-inf", "nan", "0x10", "1_000", "٣", "½",
    "1.5", "true", "nonsense", "all", "epoll", "thread,epoll", ",", "epoll,,", "127.0.0.1", "::1", "[::1]", "[",
    "[::1", "::1%", "256.1.1.1", "localhost", "x..y", "." * 300, "a" * 70_000, "名字", "\0", "a\0b", "a\nb",
    "caf\udce9", "\ud800", "~", "~x", "/", "/dev/null", "/dev/full", "/proc/self/mem", ".", "..", "/nowhere/x",
    "%s", "{n}", "--", "-", "--host", "@file", "http://127.0.0.1:8888", "http://", "https://x", "http://[::1]:80/",
    "http://[::1", "http://x:99999", "http://x:port", "http://a@b", "http://名字", "http://x/y?z", "HTTP://LOCALHOST",
    "http://127.0.0.1:0", "http:// x", "steady", "fork",
)  # fmt: skip
PARTS = {"serve": Part.SERVER, "load": Part.LOAD, "compare": Part.COMPARE}


def arguments(part: Part, chance: random.Random) -> list[str]:
    """Options of a part with values that may be any."""
    rows = list(by_name(part).values())
    words: list[str] = []
    for row in chance.choices(rows, k=chance.choice((0, 1, 1, 2, 3, 8))):
        option = f"--{row.negative}" if row.negative and chance.random() < 0.5 else row.option
        words.append(option if chance.random() < 0.95 else option[:-1])
        if row.type is not bool or chance.random() < 0.1:
            value = chance.choice(TEXTS)
            choices = [*map(str, row.choices), str(row.default)]
            words.append(chance.choice(choices) if chance.random() < 0.3 else value)
            if chance.random() < 0.2:
                words[-2:] = [f"{words[-2]}={words[-1]}"]
    return words


@pytest.fixture(autouse=True)
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server is asked."""
    plain = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, flags: int = 0, **options: Any) -> Any:
        if host == "localhost":
            host = "127.0.0.1"
        return plain(host, port, *rest, flags=flags | socket.AI_NUMERICHOST, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that got as far as to be carried out; none is."""
    reached: list[str] = []

    def serve(options: Any) -> int:
        from engine import server

        reached.append("serve")
        try:
            listener, _ = server.prepare(MODELS[options.model], options)
        except StartError as error:
            return len(error.message) < 20
        listener.close()
        return 0

    def load(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
        try:
            change = first_change(options)
        except ValueError as error:
            parser.error(str(error))
        reached.append("load")
        assert isinstance(options.url, Url)
        parse(Part.LOAD, Plan(change, 1.0, {}, {"timeout": options.timeout}).load_command(options.url.text))
        return 0

    def rounds(results: Any, plan: Plan, *_: Any) -> None:
        reached.append("compare")
        for result in results:
            if result.model not in plan.guests:
                parse(Part.SERVER, plan.engine_command(result.model))
        parse(Part.LOAD, plan.load_command("http://127.0.0.1:80"))

    monkeypatch.setattr("engine.server.run", serve)
    monkeypatch.setattr(load_command, "run", load)
    monkeypatch.setattr(compare, "run_rounds", rounds)
    monkeypatch.setattr(compare, "write_whole", lambda path, data: Path(path).name and data)
    monkeypatch.setattr(compare.signal, "signal", lambda *_: None)
    return reached


def parse(part: Part, command: list[str]) -> None:
    """The command of a child has to be understood."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser, part)
    parser.parse_args(command[4:])


def outcome(words: list[str]) -> tuple[object, str]:
    """The exit status of the engine with these arguments, and what it said."""
    told = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")  # as stderr is
    status: object
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        try:
            status = main(words)
        except SystemExit as ended:
            status = ended.code
    told.seek(0)
    return status, told.read()


def fuzz(understood: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path, seeds: range) -> None:
    monkeypatch.chdir(folder)
    refused = 0
    for seed in seeds:
        chance = random.Random(seed)
        name, part = chance.choice(list(PARTS.items()))
        words = [name, *(["--model", chance.choice(list(MODELS))] if name == "serve" else []), *arguments(part, chance)]
        patched = [key for key, model in MODELS.items() if model.patched]
        if any(key in word for key in patched for word in words):
            continue  # it would patch this process
        before = len(understood)
        status, said = outcome(words)
        if len(understood) == before:
            refused += 1
            assert status == 2, words
            assert said.startswith("usage: "), words
            assert len(said.rpartition(f"engine {name}: error: ")[2].strip()) > 10, words
            assert f"engine {name}: error: " in said, words
        else:
            assert status == 0, (words, said)
    assert refused > len(seeds) / 20
    assert set(understood) == set(PARTS)


def test_strange_options(understood: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fuzz(understood, monkeypatch, tmp_path, range(120))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_more_strange_options(understood: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fuzz(understood, monkeypatch, tmp_path, range(10_000, 13_000))


@pytest.mark.parametrize("part", [Part.SERVER, Part.LOAD, Part.COMPARE, Part.WINDOW], ids=lambda part: part.name)
def test_each_setting_takes_or_refuses_each_text(part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it takes, it also checks as right, and it means the same when it is said again."""
    monkeypatch.chdir(tmp_path)
    for row in by_name(part).values():
        for text in TEXTS:
            with contextlib.suppress(SettingError):
                value = row.parse(text)
                assert row.read is not None or row.check(value) == value
                if not isinstance(value, list | Url):
                    assert row.parse(str(value)) == value
