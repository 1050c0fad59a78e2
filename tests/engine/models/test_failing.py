"""A model that raises: its reader learns in which line, and with what, whether all of it ended or one worker."""

from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.copied import Copy, line_of
from tests.engine.support import Engine

IN_WORKERS = [
    ("process", "process"), ("process", "spawn"), ("thread", "thread"), ("gevent", "gevent"),
]  # fmt: skip
OPTIONS = {"spawn": ("--start-method", "spawn")}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def problem_of(engine: Engine, code: str) -> wire.Problem:
    """The one problem that is reported, of the kind `code`."""
    engine.heard(lambda: engine.latest(wire.Problem), "no word of it")
    [problem] = engine.all(wire.Problem)
    assert problem.code == code
    return problem


@pytest.mark.quick_with("thread", "process")
@pytest.mark.parametrize("model", ["epoll", "thread", "gevent", "process"])
@pytest.mark.parametrize("error", ["1 / 0", "raise SystemExit(3)", "raise OSError(9, 'Bad file descriptor')"])
def test_end_of_a_model(copy: Copy, model: str, error: str, site: Path) -> None:
    accept = "client, address = listener.accept()"
    file = copy.edit_model(model, accept, f"{accept}; {error}")
    with Engine(model, site, place=copy.place) as engine:
        with Client(engine.address) as client:
            assert client.rest() == b""
        assert engine.end() == 1
        problem = problem_of(engine, "model-failed")
        assert (problem.details["line"], problem.details["file"]) == (line_of(file, accept), str(file))
        assert str(problem.details["error"]).partition(":")[0] in ("ZeroDivisionError", "SystemExit", "OSError")
        assert isinstance(engine.messages[-1], wire.Stopped)
        assert "Traceback" in engine.stderr()


@pytest.mark.parametrize(("source", "error"), [("def serve(:\n", "SyntaxError"), ("import nothing\n", "ModuleNot")])
def test_a_file_that_is_no_model(copy: Copy, source: str, error: str, site: Path) -> None:
    file = copy.file("thread")
    file.write_text("\n\n" + source)
    engine = Engine("thread", site, place=copy.place)
    assert engine.end() == 1
    problem = problem_of(engine, "model-failed")
    assert (problem.details["line"], problem.details["file"]) == (3, str(file))
    assert str(problem.details["error"]).startswith(error)
    engine.reap()


@pytest.mark.parametrize(("key", "file"), IN_WORKERS, ids=lambda word: word)
def test_end_of_a_worker(copy: Copy, key: str, file: str, site: Path) -> None:
    """It is reported once while it lasts; other clients are served, and nothing of it stays."""
    last = "        exchange.connection_lost()\n"
    changed = copy.edit_model(file, last + "    client.close()", last + "    1 / 0")
    with Engine(key, site, *OPTIONS.get(file, ()), place=copy.place, may_fail=True) as engine:
        for _ in range(3):
            with Client(engine.address) as client:
                client.send(request("/page.html"))
                assert client.reply().status == 200
        kept = int(MODELS[key].worker != "process")  # what the acceptor calls `client` until it accepts the next one
        engine.settled(accepted=3, open=kept, requests=3, failed=0)
        problem = problem_of(engine, "worker-failed")
        assert (problem.details["line"], problem.details["file"]) == (line_of(changed, "1 / 0"), str(changed))
        assert problem.details["error"] == "ZeroDivisionError: division by zero"
        assert engine.stderr().count("Traceback") == 1
