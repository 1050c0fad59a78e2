"""Files of any size arrive byte for byte, also where the client is slower than the server."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, most_at_once

MIB = 1 << 20
SIZES = [0, 1, MIB - 1, MIB, MIB + 1, 8 * MIB]
KERNEL_TAKES = 6 * MIB
"""What the send buffer of a connection takes at most on this system, and a bit."""
ENORMOUS = 256 * MIB
MEMORY_ALLOWED = 16 * MIB


@pytest.fixture(scope="module")
def sized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a file of random bytes for each size, named by it."""
    root = tmp_path_factory.mktemp("sized")
    for size in SIZES:
        (root / f"{size}.bin").write_bytes(random.Random(size).randbytes(size))
    return root


@pytest.fixture(scope="module")
def server(model: str, sized: Path) -> Iterator[Engine]:
    """An engine that serves them."""
    with Engine(model, sized) as engine:
        yield engine


def wait_until_stuck(engine: Engine) -> wire.Counters:
    """The counters once the kernel takes no more for a client that doesn't read: three tellings are the same."""
    told = len(engine.all(wire.Counters))

    def stuck() -> wire.Counters | None:
        last = engine.all(wire.Counters)[told:][-3:]
        still = len(last) == 3 and len({c.bytes for c in last}) == 1 and last[0].open > 0
        return last[-1] if still else None

    return engine.heard(stuck, "the transfer never stood still")


@pytest.mark.parametrize("size", SIZES)
def test_whole_file_to_a_slow_reader(server: Engine, sized: Path, size: int) -> None:
    expected = (sized / f"{size}.bin").read_bytes()
    with Client(server.address, receive_buffer=4096) as client:
        client.send(request(f"/{size}.bin"))
        if size > KERNEL_TAKES:
            wait_until_stuck(server)
        head = client.head()
        assert (head.status, head.length) == (200, size)
        body = b"".join(client.pieces(min(size, 100_000)))
        client.read_faster()
        body += b"".join(client.pieces(size - len(body)))
        assert body == expected
        assert server.ready.keep_alive or client.is_closed()


def test_several_readers_of_one_file(server: Engine, sized: Path) -> None:
    """Each has its own place in the file."""
    expected = (sized / f"{8 * MIB}.bin").read_bytes()
    clients = [Client(server.address) for _ in range(min(4, most_at_once(server.model)))]
    for client in clients:
        client.send(request(f"/{8 * MIB}.bin"))
    heads = [client.head() for client in clients]
    streams = [client.pieces(head.length) for client, head in zip(clients, heads, strict=True)]
    bodies = [b""] * len(clients)
    while streams[0]:
        pieces = [next(stream, b"") for stream in streams]
        if not any(pieces):
            break
        bodies = [body + piece for body, piece in zip(bodies, pieces, strict=True)]
    for client, body in zip(clients, bodies, strict=True):
        client.close()
        assert body == expected


@pytest.fixture(scope="module")
def enormous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with `enormous.bin`, sparse, with its number at a place of its own in each MiB."""
    root = tmp_path_factory.mktemp("enormous")
    with (root / "enormous.bin").open("wb") as file:
        file.truncate(ENORMOUS)
        for number in range(ENORMOUS // MIB):
            file.seek(number * MIB + number)
            file.write(b"<%d>" % number)
    return root


@pytest.mark.quick_with("thread")
def test_enormous_file_in_little_memory(model: str, enormous: Path) -> None:
    with (enormous / "enormous.bin").open("rb") as expected, Engine(model, enormous) as engine:
        get(engine.address, "/missing", connection="close")
        before = most = engine.memory()
        with Client(engine.address) as client:
            client.send(request("/enormous.bin"))
            wait_until_stuck(engine)
            length = client.head().length
            assert length == ENORMOUS
            for number, piece in enumerate(client.pieces(length)):
                assert piece == expected.read(len(piece))
                if number % 200 == 0:
                    most = max(most, engine.memory())
        assert most - before < MEMORY_ALLOWED
        engine.settled(requests=2, failed=0)


def test_file_cut_short_while_it_is_sent(server: Engine, sized: Path) -> None:
    """Its Content-Length can't be kept any more: the reply breaks off and counts as failed."""
    path = sized / "shrinking.bin"
    path.write_bytes(bytes(32 * MIB))
    before = server.counters
    with Client(server.address, receive_buffer=4096) as client:
        client.send(request("/shrinking.bin"))
        head = client.head()
        wait_until_stuck(server)
        path.write_bytes(bytes(16 * MIB))
        client.read_faster()
        assert head.length == 32 * MIB
        assert len(client.rest()) < head.length
    server.settled(before, accepted=1, open=0, requests=1, failed=1)
    assert get(server.address, "/0.bin").status == 200


def test_file_gone_since_it_was_last_served(server: Engine, sized: Path) -> None:
    path = sized / "leaving.bin"
    for _ in range(3):
        path.write_bytes(bytes(2 * MIB))
        assert len(get(server.address, "/leaving.bin").body) == 2 * MIB
        path.unlink()
        assert get(server.address, "/leaving.bin").status == 404
        assert get(server.address, "/0.bin").status == 200
