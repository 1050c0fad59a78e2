"""Real servers under the tracer: the counts are what the clients did, and calls have lines of the program's own."""

import importlib.util
import sys
from dataclasses import dataclass

import pytest

from engine.telemetry import wire
from tests.engine.guest.support import Guest, free_port, kept, short, together

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked as on Linux"),
    pytest.mark.timeout(120),
]
CLIENTS, REQUESTS = 3, 4


@dataclass(frozen=True)
class Server:
    """One server: what is typed, what it needs, traits that are found, and calls that stand in files of the program."""

    words: str
    """`PORT` is replaced."""
    needs: str
    worker: str
    waits: str
    places: tuple[tuple[str, str], ...] = ()
    keeps: bool = False
    """Whether its clients keep their connections."""


TABLE = """
seed-process - process call short recv@seed_process.py,send@seed_process.py seed_process.py PORT
seed-thread - thread call short recv@seed_thread.py,accept@seed_thread.py seed_thread.py PORT
seed-gevent gevent greenlet call short recv@seed_gevent.py,accept@seed_gevent.py seed_gevent.py PORT
seed-nonblocking - loop never short recv@seed_nonblocking.py,send@seed_nonblocking.py seed_nonblocking.py PORT
seed-keepalive - loop never kept recv@seed_keepalive.py,send@seed_keepalive.py seed_keepalive.py PORT
http.server - loop call short send@http_server.py,accept@http_server.py http_server.py PORT
http.server-threading - thread call kept send@http_server.py http_server.py PORT threading
socketserver-threading - thread call short send@socket_server.py socket_server.py PORT ThreadingTCPServer
socketserver-forking - process call short send@socket_server.py socket_server.py PORT ForkingTCPServer
wsgiref - loop call short accept@wsgi_ref.py wsgi_ref.py PORT
gunicorn-sync gunicorn process call short - -m gunicorn -w 3 -b 127.0.0.1:PORT shop:app
gunicorn-gthread gunicorn thread call kept - -m gunicorn -w 2 -k gthread --threads 3 -b 127.0.0.1:PORT shop:app
gunicorn-gevent gunicorn greenlet call kept - -m gunicorn -w 2 -k gevent -b 127.0.0.1:PORT shop:app
uvicorn-h11 uvicorn loop poller kept send@shop.py -m uvicorn --loop asyncio --http h11 --port PORT shop:asgi
uvicorn-httptools uvicorn loop poller kept send@shop.py -m uvicorn --loop asyncio --http httptools --port PORT shop:asgi
hypercorn hypercorn loop poller kept - -m hypercorn -b 127.0.0.1:PORT shop:asgi
waitress waitress loop poller kept - -m waitress --listen=127.0.0.1:PORT shop:app
cheroot cheroot thread call kept - cheroot_server.py PORT
gevent.pywsgi gevent greenlet call kept - pywsgi.py PORT
aiohttp aiohttp loop poller kept - aiohttp_server.py PORT
tornado tornado loop poller kept - tornado_server.py PORT
flask flask thread call short accept@flask_server.py flask_server.py PORT
django django thread call short accept@django_server.py django_server.py PORT
asyncio-streams - loop poller kept recv@streams.py,send@streams.py streams.py PORT
multiprocessing-fork - process call short recv@spawn_server.py spawn_server.py PORT fork
multiprocessing-spawn - process call short recv@spawn_server.py spawn_server.py PORT spawn
multiprocessing-forkserver - process call short recv@spawn_server.py spawn_server.py PORT forkserver
"""
"""A line a server: key, package, worker, waits, the clients' connections, calls at files of its own, what is typed."""


def _rows() -> dict[str, Server]:
    found = {}
    for line in TABLE.strip().splitlines():
        key, needs, worker, waits, connections, places, words = line.split(maxsplit=6)
        at = [each.partition("@") for each in places.split(",") if "@" in each]
        calls = tuple((call, file) for call, _, file in at)
        found[key] = Server(words, "" if needs == "-" else needs, worker, waits, calls, connections == "kept")
    return found


SERVERS = _rows()
QUICK = {"seed-process", "http.server-threading"}


@pytest.mark.parametrize("key", [pytest.param(key, marks=() if key in QUICK else pytest.mark.slow) for key in SERVERS])
def test_counts_are_what_the_clients_did(key: str) -> None:
    each = SERVERS[key]
    if each.needs and importlib.util.find_spec(each.needs) is None:
        pytest.skip(f"{each.needs} is not installed")
    with Guest(*each.words.replace("PORT", str(free_port())).split()) as guest:
        done = together(kept if each.keeps else short, guest.address, CLIENTS, REQUESTS)
        counters = guest.counted(accepted=done.connections, requests=done.requests, bytes=done.bytes)
        assert counters.failed == 0
        assert counters.is_exact
        assert guest.seen().way == "traced"
        guest.heard(lambda: guest.places() >= set(each.places), f"no spans at {each.places}")
        traits = (each.worker, each.waits)
        guest.heard(
            lambda: traits in [(m.traits.worker, m.traits.waits) for m in guest.all(wire.Amended)], f"no {traits}"
        )
        guest.heard(lambda: _shares(guest) == (done.connections, done.requests), "the shares are not all")
    rows = guest.rows(wire.Requests)
    assert len(rows) == done.requests
    assert {row.whole for row in rows} == {True}
    assert all(row.accepted > 0 and 0 < row.begun <= row.read <= row.written for row in rows)
    assert len({row.connection for row in rows}) == done.connections
    assert len(guest.rows(wire.Opened)) == len(guest.rows(wire.Closed)) == done.connections


def _shares(guest: Guest) -> tuple[int, int]:
    """What all workers together accepted and answered."""
    rows = guest.workers().values()
    return sum(row.accepted for row in rows), sum(row.requests for row in rows)
