"""When a connection stays open and when it is closed, and that the reply's `Connection` says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.models import MODELS
from tests.engine.client import Client, request
from tests.engine.conftest import skip_unless_settable
from tests.engine.support import Engine

OVER_ALL_MODELS = True
pytestmark = pytest.mark.quick_with("process", "asyncio", "keepalive", "epoll", "prefork")

KEPT = {
    "1.1": ("1.1", {}),
    "1.1 keep-alive": ("1.1", {"Connection": "keep-alive"}),
    "1.1 a list": ("1.1", {"Connection": "TE, Keep-Alive"}),
    "1.0 keep-alive": ("1.0", {"Connection": "Keep-Alive"}),
}
CLOSED = {
    "1.0": ("1.0", {}),
    "1.0 close": ("1.0", {"Connection": "close"}),
    "1.1 close": ("1.1", {"Connection": "close"}),
    "1.1 a list": ("1.1", {"Connection": "foo, Close"}),
}

Case = tuple[str, dict[str, str]]


def ask(client: Client, case: Case, target: str = "/page.html") -> str:
    """What the reply says of the connection; empty if nothing."""
    version, headers = case
    client.send(request(target, version=version, **headers))
    return client.reply().headers.get("connection", "")


def expect_kept(engine: Engine, case: Case) -> None:
    """Three requests go over one connection, the second for what is not there."""
    allowed = {"keep-alive"} if case[0] == "1.0" else {"", "keep-alive"}
    with Client(engine.address) as client:
        for target in ("/page.html", "/missing", "/page.html"):
            assert ask(client, case, target).lower() in allowed


def expect_closed(engine: Engine, case: Case) -> None:
    """The first reply says close and is the last."""
    with Client(engine.address) as client:
        assert ask(client, case).lower() == "close"
        assert client.is_closed()


@pytest.fixture(scope="module")
def short(model: str, site: Path) -> Iterator[Engine]:
    """An engine that closes after each reply."""
    skip_unless_settable(model, keep_alive=False)
    with Engine(model, site, "--short") as engine:
        yield engine


def test_keep_alive_keeps(kept: Engine, subtests: pytest.Subtests) -> None:
    assert kept.ready.keep_alive
    for name, case in KEPT.items():
        with subtests.test(name):
            expect_kept(kept, case)


def test_client_may_ask_for_the_end(kept: Engine, subtests: pytest.Subtests) -> None:
    for name, case in CLOSED.items():
        with subtests.test(name):
            expect_closed(kept, case)


def test_short_closes(short: Engine, subtests: pytest.Subtests) -> None:
    assert not short.ready.keep_alive
    for case in (*KEPT.values(), *CLOSED.values()):
        with subtests.test(str(case)):
            expect_closed(short, case)


def test_default_is_the_table_s(engine: Engine) -> None:
    assert engine.ready.keep_alive == MODELS[engine.model].keep_alive
    expect = expect_kept if MODELS[engine.model].keep_alive else expect_closed
    expect(engine, ("1.1", {}))


def test_short_answers_the_first_of_a_pipeline(short: Engine) -> None:
    with Client(short.address) as client:
        client.send(request("/page.html") * 3)
        assert client.reply().headers["connection"] == "close"
        assert client.rest() == b""


def test_head_can_be_followed(kept: Engine) -> None:
    with Client(kept.address) as client:
        for _ in range(3):
            client.send(request("/page.html", "HEAD"))
            assert client.reply("HEAD").status == 200
