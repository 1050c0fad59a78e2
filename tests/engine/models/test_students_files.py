"""Files that a student might write, added to a copy as models: served, traced to their own lines, and counted."""

import os
import re
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.copied import Copy, line_of, traits
from tests.engine.support import Engine, eventually

BY_ITSELF = '''
    """Answers by itself, in a thread for each client, and gives up on nobody."""

    import threading


    def serve(listener, new_exchange):
        while True:
            client, address = listener.accept()
            threading.Thread(target=handle, args=(client,), daemon=True).start()


    def handle(client):
        with client:
            client.settimeout(0.05)
            head, buffer = b"", bytearray(4096)
            while b"\\r\\n\\r\\n" not in head:
                try:
                    count = client.recv_into(buffer)
                except TimeoutError:
                    continue
                if not count:
                    return
                head += buffer[:count]
            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhello\\n")
            client.settimeout(None)
            stream = client.makefile("rwb")
            line = stream.readline()
            stream.write(line.upper())
            stream.close()
'''
ASYNCIO = """
    import asyncio


    def serve(listener, new_exchange):
        listener.setblocking(False)
        asyncio.run(accept_all(listener, new_exchange))


    async def accept_all(listener, new_exchange):
        loop, tasks = asyncio.get_running_loop(), set()
        while True:
            client, address = await loop.sock_accept(listener)
            client.setblocking(False)
            tasks.add(asyncio.create_task(handle(client, new_exchange(client))))


    async def handle(client, exchange):
        loop = asyncio.get_running_loop()
        while not exchange.finished:
            if exchange.outgoing:
                await loop.sock_sendall(client, exchange.outgoing)
                exchange.sent(len(exchange.outgoing))
            else:
                exchange.receive(await loop.sock_recv(client, 65536))
        client.close()
"""
PATIENT = ASYNCIO.replace("await loop.sock_recv(client, 65536)", "await asyncio.wait_for(loop.sock_recv(client, 9), 9)")
STREAMS = """
    import asyncio


    def serve(listener, new_exchange):
        asyncio.run(serve_streams(listener))


    async def serve_streams(listener):
        async with await asyncio.start_server(handle, sock=listener) as server:
            await server.serve_forever()


    async def handle(reader, writer):
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        body = bytes(8 << 20)
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
"""
PREFORK = """
    import os


    def serve(listener, new_exchange):
        for _ in range(3):
            fork(listener, new_exchange)
        while os.wait():
            fork(listener, new_exchange)


    def fork(listener, new_exchange):
        if os.fork() == 0:
            try:
                while True:
                    client, address = listener.accept()
                    handle(client, new_exchange(client))
            finally:
                os._exit(0)


    def handle(client, exchange):
        try:
            while not exchange.finished:
                if exchange.outgoing:
                    exchange.sent(client.send(exchange.outgoing))
                else:
                    exchange.receive(client.recv(65536))
        except OSError:
            exchange.connection_lost()
        client.close()
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("copy"))
    copy.add_model("by_itself", BY_ITSELF, traits("thread", "call", "one", "first"))
    for key, source in (("tasks", ASYNCIO), ("patient", PATIENT), ("streams", STREAMS)):
        copy.add_model(key, source, traits("task", "poller", "one", "first"))
    copy.add_model("preforked", PREFORK, traits("process", "call", "many", "each"))
    return copy


def lines_of(engine: Engine, call: str) -> set[int]:
    """The lines of the model's own file in which a call for a connection was made."""
    spans = [span for span in engine.rows(wire.Spans) if span.call == call]
    assert {span.file for span in spans} == {0}, f"{call} by {engine.rows(wire.Files)}"
    return {span.line for span in spans}


def heard(engine: Engine, call: str) -> None:
    """Wait until a call of a kind is reported."""
    engine.heard(lambda: [span for span in engine.rows(wire.Spans) if span.call == call], f"nothing of any {call}")


def test_one_that_answers_by_itself(copy: Copy, site: Path) -> None:
    file = copy.file("by_itself")
    with Engine("by_itself", site, place=copy.place) as engine:
        with Client(engine.address) as client:
            before = engine.settled(open=1)
            after = engine.settled(open=1)
            assert after.time - before.time > 0.05, "it was silent for less than the file waits at a time"
            client.send(request())
            assert client.reply().body == b"hello\n"
            client.send(b"one line\n")
            assert client.rest() == b"ONE LINE\n"
        engine.settled(accepted=1, open=0, requests=0, failed=0, bytes=client.received)
        places = {
            "accept": {"listener.accept()"},
            "recv": {"client.recv_into(buffer)", "stream.readline()"},
            "send": {"client.sendall(", "stream.close()"},
            "close": {"with client:"},
        }
        for call, texts in places.items():
            assert lines_of(engine, call) == {line_of(file, text) for text in texts}
        received = [span.bytes for span in engine.rows(wire.Spans) if span.call == "recv"]
        assert received == [wire.WOULD_BLOCK, len(request()), len(b"one line\n")]


@pytest.mark.parametrize("model", ["tasks", "patient"])
def test_tasks_that_wait_for_the_socket(copy: Copy, model: str, site: Path, large: bytes) -> None:
    """The event loop makes the calls that had to wait; their lines are those at which the tasks wait."""
    file = copy.file(model)
    with Engine(model, site, place=copy.place) as engine:
        with Client(engine.address, receive_buffer=4096) as client:
            engine.settled(open=1)
            client.send(request("/large.bin")[:10])
            heard(engine, "recv")
            client.send(request("/large.bin")[10:])
            heard(engine, "send")
            assert client.head().length == len(large)
            client.read_faster()
            assert b"".join(client.pieces(len(large))) == large
        engine.settled(accepted=1, open=0, requests=1, failed=0, bytes=client.received)
        for call, text in (("accept", "sock_accept("), ("recv", "sock_recv("), ("send", "sock_sendall("),
                           ("close", "client.close("), ("wait", "asyncio.run(")):  # fmt: skip
            assert lines_of(engine, call) == {line_of(file, text)}
        sent = [span.bytes for span in engine.rows(wire.Spans) if span.call == "send" and span.bytes > 0]
        assert len(sent) > 1, "all of it was sent without waiting"
        assert sum(sent) == client.received


@pytest.mark.slow
def test_an_awaited_application_needs_a_file_that_takes_steps(copy: Copy, tmp_path: Path) -> None:
    (tmp_path / "awaited.py").write_text("async def app(scope, receive, send):\n    pass\n")
    options = ("--app", "awaited:app", "--app-dir", str(tmp_path))
    engine = Engine("tasks", tmp_path, *options, place=copy.place)
    try:
        with Client(engine.address):
            problem = engine.heard(lambda: engine.latest(wire.Problem), "why it ended")
        assert problem.code == "model-failed"
        assert "in_steps=True" in problem.message
        assert engine.end() == 1
    finally:
        engine.kill()


def test_streams(copy: Copy, site: Path) -> None:
    """Accepting and closing is the event loop's own: their lines are its."""
    file = copy.file("streams")
    with Engine("streams", site, place=copy.place) as engine:
        with Client(engine.address, receive_buffer=4096) as client:
            engine.settled(open=1)
            client.send(request())
            heard(engine, "send")
            length = client.head().length
            client.read_faster()
            assert sum(map(len, client.pieces(length))) == length
            assert client.is_closed()
        engine.settled(accepted=1, open=0, requests=0, failed=0, bytes=client.received)
        assert lines_of(engine, "recv") == {line_of(file, "readuntil(")}
        assert lines_of(engine, "send") == {line_of(file, "writer.write("), line_of(file, "writer.drain(")}
        library = {row.number: row.path for row in engine.rows(wire.Files)}
        others = [library[span.file] for span in engine.rows(wire.Spans) if span.call in ("accept", "close")]
        assert {Path(path).parent.name for path in others} == {"asyncio"}


def test_processes_that_all_accept(copy: Copy, site: Path) -> None:
    with Engine("preforked", site, "--keep-alive", place=copy.place) as engine:
        received = 0
        with ExitStack() as stack:
            clients: dict[int, Client] = {}
            for _ in range(3):
                client = stack.enter_context(Client(engine.address))
                client.send(request("/page.html") * 2)
                served_by = re.search(r"process (\d+)", client.reply().headers["served-by"])
                assert served_by
                client.reply()
                clients[int(served_by[1])] = client
                received += client.received
            assert len(clients) == 3
            assert set(clients) == {process.pid for process in engine.tree()[1:]}
            engine.settled(accepted=3, open=3, requests=6, bytes=received)
            numbers = {row.connection: row.worker for row in engine.rows(wire.Opened)}
            assert sorted(numbers.values()) == sorted(clients), "a number was given out twice"
            assert {row.connection for row in engine.rows(wire.Requests)} == set(numbers)
            pid, lost = next(iter(clients.items()))
            os.kill(pid, signal.SIGKILL)
            assert lost.rest() == b""
            engine.settled(accepted=3, open=2, requests=6)
            assert [numbers[row.connection] for row in engine.rows(wire.Closed)] == [pid]
            with Client(engine.address) as client:  # of the child that has taken its place
                client.send(request("/page.html"))
                assert client.reply().status == 200
                received += client.received
        engine.settled(accepted=4, open=0, requests=7, failed=0, bytes=received)
        assert len({row.connection for row in engine.rows(wire.Opened)}) == 4
        eventually(lambda: not engine.zombies(), "zombies are waited for")
