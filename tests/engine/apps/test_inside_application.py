"""What waits inside the user's application is seen: its line, and that it waits in a call, in every model."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Address, get
from tests.engine.support import Engine

AVAILABLE = [key for key, model in MODELS.items() if model.available()]
WAIT = 0.4
"""Seconds for which the database waits."""
SHOP = """
import socket
import time

DATABASE = {database}


def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        text = query()
    elif environ["PATH_INFO"] == "/sleep":
        time.sleep({wait})  # sleeps here
        text = b"slept"
    else:
        text = b"at once"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


def query():
    with socket.create_connection(DATABASE) as database:
        database.sendall(b"SELECT")
        return database.recv(100)  # asks here
"""


@contextmanager
def slow_database() -> Iterator[Address]:
    """A server that answers each client after a while."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(client: socket.socket) -> None:
        with client:
            client.recv(100)
            time.sleep(WAIT)
            client.sendall(b"found")

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,)).start()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    "model", [key if key == "thread" else pytest.param(key, marks=pytest.mark.slow) for key in AVAILABLE]
)
def test_it_waits_at_a_line_of_the_application(model: str, tmp_path: Path) -> None:
    file = tmp_path / "slow_shop.py"
    with slow_database() as database:
        file.write_text(SHOP.format(database=database, wait=WAIT))
        with Engine(model, tmp_path, "--app", "slow_shop:app", "--app-dir", str(tmp_path)) as engine:
            assert get(engine.address, "/").body == b"at once"
            assert get(engine.address, "/slow").body == b"found"
            assert get(engine.address, "/sleep").body == b"slept"
            engine.heard(lambda: len(engine.rows(wire.Requests)) == 3, "the requests")
            _, slow, slept = engine.rows(wire.Requests)
            for row in (slow, slept):
                assert row.answered - row.handled >= WAIT * 0.9
                assert row.in_calls > WAIT / 2
            seen = {
                connection: lines_of(engine, file, connection) for connection in (slow.connection, slept.connection)
            }
            assert seen[slow.connection] == {"asks"}
            assert seen[slept.connection] == {"sleeps"}
            assert engine.counters.accepted == 3, "the application's own socket is no connection of the server"


def lines_of(engine: Engine, file: Path, connection: int) -> set[str]:
    """The first words of the comments at the lines of the application at which the worker of `connection` was seen."""
    files = {row.number: row.path for row in engine.rows(wire.Files)}
    found = [row for row in engine.rows(wire.Activities) if row.connection == connection and row.application_line]
    assert {files[row.application_file] for row in found} == {str(file)}
    lines = file.read_text().splitlines()
    return {lines[row.application_line - 1].partition("# ")[2].partition(" ")[0] for row in found}


BLOCKING = """
import asyncio
import time


async def app(scope, receive, send):
    if scope["path"] == "/blocks":
        time.sleep({wait})  # sleeps here
    elif scope["path"] == "/awaits":
        await asyncio.sleep({wait})
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}})
    await send({{"type": "http.response.body", "body": b"ok"}})
"""


@pytest.mark.slow
@pytest.mark.parametrize("model", [key for key in AVAILABLE if MODELS[key].traits.awaits])
def test_a_page_that_blocks_the_loop_is_seen_and_one_that_awaits_is_none(model: str, tmp_path: Path) -> None:
    file = tmp_path / "blocking_shop.py"
    file.write_text(BLOCKING.format(wait=WAIT))
    with Engine(model, tmp_path, "--app", "blocking_shop:app", "--app-dir", str(tmp_path)) as engine:
        assert get(engine.address, "/blocks").body == b"ok"
        assert get(engine.address, "/awaits").body == b"ok"
        engine.heard(lambda: len(engine.rows(wire.Requests)) == 2, "the requests")
        blocks, awaits = engine.rows(wire.Requests)
        assert lines_of(engine, file, blocks.connection) == {"sleeps"}
        samples = [each for each in engine.rows(wire.HandlingSamples) if not each.is_whole]
        assert sum(each.in_calls for each in samples if each.connection == blocks.connection) > WAIT / 2
        assert not [each for each in samples if each.connection == awaits.connection]
        assert awaits.answered - awaits.handled >= WAIT * 0.9
        assert awaits.in_calls == -1.0, "an await is no call"
