"""Adding a model takes its file and its row: all of the program knows it then, its settings included."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.copied import Copy, line_of
from tests.engine.support import Engine

DRIVER = Path(__file__).with_name("added_window.py")
PATIENCE = 50.0
"""Seconds."""
RATE = "20"
"""Requests a second: so few that what the loop waits between two of them is wider than what the mouse points at."""

SELECT = '''
    """select: one thread; the kernel says which of all the sockets are ready."""

    import select


    def serve(listener, new_exchange, at_once):
        """Serve every client of `listener` in this one thread, for ever."""
        listener.setblocking(False)
        clients = {}  # socket -> exchange

        while True:
            readers = [client for client, exchange in clients.items() if not exchange.outgoing]
            writers = [client for client, exchange in clients.items() if exchange.outgoing]
            readable, writable, _ = select.select([listener, *readers], writers, [])  # waits: for all of them at once
            for client in (readable + writable)[:at_once]:
                if client is listener:
                    try:
                        client, address = listener.accept()
                    except BlockingIOError:  # it left before it was accepted
                        continue
                    client.setblocking(False)
                    clients[client] = new_exchange(client)
                    continue
                handle(client, clients[client])
                if clients[client].finished:
                    del clients[client]
                    client.close()


    def handle(client, exchange):
        """Read, answer and write as far as that can be done without waiting."""
        try:
            if not exchange.outgoing:
                exchange.receive(client.recv(65536))
            if exchange.outgoing:
                exchange.sent(client.send(exchange.outgoing))
        except BlockingIOError:
            pass
        except OSError:
            exchange.connection_lost()
'''
SELECT_ROW = """
            title="Select it", idea="one thread; the kernel looks at all sockets", family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=False,
            icon="search", colour="#117733",
            settings=(Setting(
                "at_once", int, 64, "How many clients are served a turn", least=1, most=1000, title="At once"
            ),),
"""
POOL = '''
    """A pool of threads, which take clients from one queue."""

    import queue
    import threading


    def serve(listener, new_exchange, pool_size):
        """Serve every client of `listener`, as many at a time as there are threads."""
        waiting = queue.Queue()
        for _ in range(pool_size):
            threading.Thread(target=work, args=(waiting,), daemon=True).start()

        while True:
            client, address = listener.accept()  # waits: for the next client
            waiting.put((client, new_exchange(client)))


    def work(waiting):
        """Serve one client after the other."""
        while True:
            handle(*waiting.get())


    def handle(client, exchange):
        """Read, answer and write until the exchange is over."""
        try:
            while not exchange.finished:
                if exchange.outgoing:
                    exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly
                else:
                    exchange.receive(client.recv(65536))  # waits: until the client sends something
        except OSError:
            exchange.connection_lost()
        client.close()
'''
POOL_ROW = """
            title="Pool of threads", idea="some threads take clients from one queue", family=WORKER_EACH,
            worker="thread", waits="call", serves="many", accepts="first", keep_alive=False,
            icon="columns-2", colour="#882255",
            settings=(Setting(
                "pool_size", int, 8, "How many threads there are", least=1, most=64, title="Pool size", condition=True
            ),),
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("copy"), "engine", "gui", "assets", "html_test")
    copy.add_model("pooled", POOL, POOL_ROW, first=True)
    copy.add_model("selected", SELECT, SELECT_ROW, first=True)
    return copy


def window(copy: Copy, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """What a user of the copy's window sees."""
    ended = subprocess.run(
        [sys.executable, "-P", str(DRIVER), *arguments, "--model", "process", "--port", "0", "--clients", "4",
         "--rate", RATE, "--view", "timeline", "--theme", "light", "--size", "1280x800"],
        cwd=copy.place,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path),
             "PYTHONPATH": str(copy.place)},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    seen: dict[str, Any] = json.loads(ended.stdout)
    return seen


@pytest.mark.parametrize(
    ("model", "title", "key", "field", "bounds", "lane", "waits"),
    [
        ("selected", "Select it", "1", "At once", [64, 1, 1000], "loop", "select.select("),
        pytest.param(
            *("pooled", "Pool of threads", "9", "Pool size", [8, 1, 64], r"thread \d", "client.recv("),
            marks=pytest.mark.slow,
        ),
    ],
    ids=["selected", "pooled"],
)
def test_the_window_knows_it(
    copy: Copy, tmp_path: Path, model: str, title: str, key: str, field: str, bounds: list[int], lane: str, waits: str
) -> None:
    """Its card and key, its setting and keep-alive, its lanes and waits, and its source with who is where."""
    line = line_of(copy.file(model), waits)
    seen = window(copy, tmp_path, title, key, field, "5", rf"{model}\.py, line {line}$")
    assert seen.get("done"), f"not all was seen: {seen}"
    assert seen["card"].endswith(f"\nKey {key}")
    assert seen["field"] == bounds
    assert "--keep-alive" in seen["command"]
    assert seen["command"][seen["command"].index("--" + field.lower().replace(" ", "-")) + 1] == "5"
    assert [text for text in seen["painted"] if re.fullmatch(lane, text)]
    assert [text for text in seen["painted"] if text.startswith("Waiting for the client · ")]
    assert any(waits in text for text in seen["lines"])
    stay = ("4 accepted in all", "4 served, ")
    assert [text for text in seen["painted"] if text.startswith(stay)], "clients stay"


@pytest.mark.parametrize(
    ("model", "option", "wait"), [("selected", "--at-once", "select.select("), ("pooled", "--pool-size", None)]
)
def test_the_engine_knows_it(copy: Copy, model: str, option: str, wait: str | None) -> None:
    with Engine(model, copy.place / "html_test", option, "2", "--keep-alive", place=copy.place) as engine:
        with Client(engine.address) as one, Client(engine.address) as other:
            for client in (one, other, one):
                client.send(request())
                assert client.reply().status == 200
        engine.settled(accepted=2, open=0, requests=3, failed=0, bytes=one.received + other.received)
        assert engine.ready.settings == {option[2:].replace("-", "_"): 2}
        lines = {span.line for span in engine.rows(wire.Spans) if span.call == "wait"}
        assert lines == ({line_of(copy.file(model), wait)} if wait else set())
