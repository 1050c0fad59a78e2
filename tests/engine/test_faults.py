"""What a broken client does, in whatever state it leaves: others are served on, and nothing of it stays behind."""

import contextlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psutil
import pytest

from tests.engine.client import Address, Client, get, request
from tests.engine.support import Engine, eventually, leaving_room, most_at_once

OVER_ALL_MODELS = True
pytestmark = pytest.mark.quick_with("process", "thread", "asyncio", "epoll", "prefork")

AT_ONCE = 8


@pytest.fixture(scope="module")
def quiet(engine: Engine, large: bytes) -> tuple[int, int, int]:
    """The engine's descriptors, processes and threads after good clients have come and gone."""
    for target in ("/page.html", "/large.bin", "/missing"):
        get(engine.address, target)
    assert engine.counters.failed == 0
    return census(engine)


def census(engine: Engine) -> tuple[int, int, int]:
    """How many descriptors, processes (zombies too) and threads the engine has."""
    return engine.descriptors(), len(engine.tree()), psutil.Process(engine.pid).num_threads()


@pytest.fixture(autouse=True)
def unharmed(engine: Engine, quiet: tuple[int, int, int]) -> Iterator[None]:
    """After each test: served as before, nothing left of the broken clients, no word on stderr."""
    yield
    served_meanwhile(engine)
    eventually(lambda: census(engine) == quiet, f"descriptors, processes, threads back to {quiet}")
    assert engine.stderr() == ""
    assert engine.process.poll() is None


def served_meanwhile(engine: Engine, besides: int = 0) -> None:
    """Other clients get their pages, if a worker is left for them `besides` the clients that there are."""
    if besides >= most_at_once(engine.model):
        return
    for target, status in (("/page.html", 200), ("/missing", 404), ("/picture.png", 200)):
        assert get(engine.address, target).status == status


def connected(address: Address) -> Client:
    return Client(address)


def within_the_head(address: Address) -> Client:
    client = Client(address)
    client.send(b"GET /page.html HTTP/1.1\r\nHost: loc")
    return client


def within_the_body(address: Address) -> Client:
    client = Client(address)
    client.send(request(method="POST", Content_Length="1000") + b"a few")
    return client


def not_reading(address: Address) -> Client:
    client = Client(address, receive_buffer=4096)
    client.send(request("/large.bin"))
    return client


def within_the_reply(address: Address) -> Client:
    client = not_reading(address)
    assert client.head().status == 200
    return client


def answered(address: Address) -> Client:
    client = Client(address)
    client.send(request("/page.html"))
    assert client.reply().status == 200
    return client


def within_the_second_head(address: Address) -> Client:
    client = answered(address)
    client.send(b"GET /pag")
    return client


def refused(address: Address) -> Client:
    client = Client(address)
    client.send(b"\0\0\0 this is not HTTP \r\n\r\n")
    return client


STATES = [connected, within_the_head, within_the_body, not_reading, within_the_reply, answered, within_the_second_head,
          refused]  # fmt: skip


def half_close_and_leave(client: Client) -> None:
    with contextlib.suppress(OSError):  # the server was first
        client.half_close()
    client.close()


ENDS = [Client.close, Client.reset, half_close_and_leave]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_client_that_breaks_off(
    engine: Engine, state: Callable[[Address], Client], end: Callable[[Client], None]
) -> None:
    with ExitStack() as clients:
        broken = [clients.enter_context(state(engine.address)) for _ in range(leaving_room(engine, AT_ONCE))]
        served_meanwhile(engine, besides=len(broken))
        for client in broken:
            end(client)


def test_clients_that_come_and_go_at_once(engine: Engine) -> None:
    for number in range(200):
        client = Client(engine.address)
        if number % 2:
            client.reset()
        else:
            client.close()


def test_many_that_say_nothing(engine: Engine) -> None:
    with ExitStack() as clients:
        silent = [clients.enter_context(Client(engine.address)) for _ in range(leaving_room(engine, 100))]
        served_meanwhile(engine, besides=len(silent))


def test_slow_sender_is_answered_in_the_end(engine: Engine) -> None:
    data = request("/page.html")
    with Client(engine.address) as slow:
        for place in range(0, len(data), 10):
            slow.send(data[place : place + 10])
            served_meanwhile(engine, besides=1)
        assert slow.reply().body == get(engine.address, "/page.html").body


@pytest.mark.parametrize("seed", range(5))
def test_garbage(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        with Client(engine.address) as client:
            client.send(chance.randbytes(chance.choice([1, 3, 100, 5000, 100_000])))
            client.socket.settimeout(0.05)
            with contextlib.suppress(TimeoutError):  # a few bytes may still become a request
                client.rest()


def test_half_closed_client_gets_its_reply(engine: Engine, large: bytes) -> None:
    with Client(engine.address) as client:
        client.send(request("/large.bin"))
        client.half_close()
        assert client.reply().body == large
        assert client.is_closed()


def test_half_closed_client_gets_all_of_its_replies(kept: Engine) -> None:
    with Client(kept.address) as client:
        client.send(request("/page.html") * 20)
        client.half_close()
        assert [client.reply().status for _ in range(20)] == [200] * 20
        assert client.is_closed()


@pytest.mark.parametrize("state", [connected, within_the_head, within_the_body])
def test_half_closed_without_a_request_is_closed(engine: Engine, state: Callable[[Address], Client]) -> None:
    with state(engine.address) as client:
        client.half_close()
        assert client.rest()[:12] in (b"", b"HTTP/1.1 400")


def test_client_that_stops_reading_gets_the_rest_later(engine: Engine, large: bytes) -> None:
    with not_reading(engine.address) as client:
        for _ in range(20):
            served_meanwhile(engine, besides=1)
        client.read_faster()
        assert client.reply().body == large
