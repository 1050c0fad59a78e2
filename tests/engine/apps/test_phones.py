"""The phones of a class: what they get, what they don't, and what is reported of them."""

import json
import socket
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from engine.apps.measured import NO_CLOCKS
from engine.apps.phone_limits import MOST_PHONES, REQUESTS_EACH
from engine.apps.phones import SILENT, UNNAMED, Admission, PhoneRegistry, phone_of
from engine.settings import example_site
from engine.telemetry import wire
from engine.web.request_parser import parse_head
from engine.web.response import text_response
from tests.engine.chromium import PROGRAM, Chromium
from tests.engine.client import get
from tests.engine.support import Engine, eventually
from tests.network import Network, second_network

SITE = Path(example_site())
NOT_FOR_PHONES = (
    *("/index.html", "/models.json", "/work/wait?ms=1", "/../pyproject.toml", "/phone/x", "/phone.html"),
    *("//index.html", "/phone/../index.html", "/phone/%2e%2e/index.html", "http://localhost/index.html"),
)
SENDS = (
    "import socket, sys\n"
    "with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30) as client:\n"
    "    client.sendall(sys.argv[3].encode())\n"
    "    print(client.recv(65536).decode('latin-1').partition('\\r\\n')[0])"
)
"""A program that sends to address and port what it is given, and prints the first line of the reply."""
APPLICATIONS = """
def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Length", "4")])
    return [b"mine"]


async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"mine"})
"""


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with second_network() as made:
        yield made


@pytest.mark.parametrize(
    ("query", "key", "name"),
    [
        ("phone=abc123&name=Panda", "abc123", "Panda"),
        ("phone=abc123&name=%E7%86%8A%E7%8C%AB+2", "abc123", "熊猫 2"),
        ("phone=abc123&name=%3Cb%3E%26%22x", "abc123", "bx"),
        ("phone=abc123&name=" + "x" * 90, "abc123", "x" * 20),
        ("phone=abc123&name=%0a%20", "abc123", UNNAMED),
        ("phone=../../x&name=Panda", "", "Panda"),
        ("name=Panda", "", "Panda"),
        ("", "", UNNAMED),
        ("phone=abc123&name=Panda" + "&x" * 9, "", UNNAMED),
    ],
)
def test_a_phone_says_who_it_is(query: str, key: str, name: str) -> None:
    assert phone_of(query) == (key, name)


class Visit:
    """A connection on which a phone asks."""

    accepted = arrived = 0.0
    number = 1


def status(names: tuple[str, ...], address: str, here: str, host: str) -> int:
    """What `address` is answered that asks as `host`; empty: this machine asks."""
    registry = PhoneRegistry(SITE / "phone.html", names, NO_CLOCKS, lambda *_: None)
    request = parse_head(f"GET /phone/ HTTP/1.1\r\nHost: {host}:8000\r\n\r\n".encode())
    if address:
        return registry.respond(Visit(), address, here, request).status
    return registry.respond_here(Visit(), here, lambda _: text_response(HTTPStatus.IM_A_TEAPOT, ""), request).status


@pytest.mark.parametrize("by_phone", [True, False])
@pytest.mark.parametrize(
    ("here", "host"),
    [
        ("192.168.1.5", "192.168.1.5"),
        ("::ffff:192.168.1.5", "192.168.1.5"),
        ("fd00::1", "[fd00::1]"),
        ("fe80::1%eth0", "[fe80::1]"),
    ],
)
def test_a_server_is_asked_by_the_address_at_which_it_was_reached(here: str, host: str, by_phone: bool) -> None:
    address = "fd00::9" if by_phone else ""
    assert status(("0.0.0.0",), address, here, host) == 200
    assert status(("0.0.0.0",), address, here, "evil.example") == 421
    assert status(("0.0.0.0",), address, "", "evil.example") == 421, "who has left"


def test_a_phone_that_asks_too_fast_waits_a_second() -> None:
    admission = Admission()
    asked = [admission.refusal("10.0.0.1", 50.5) for _ in range(REQUESTS_EACH + 2)]
    assert asked[:REQUESTS_EACH] == [None] * REQUESTS_EACH
    assert [each and each.status for each in asked[REQUESTS_EACH:]] == [429, 429]
    assert admission.refusal("10.0.0.2", 50.5) is None, "another one"
    assert admission.refusal("10.0.0.1", 51.0) is None


def test_no_more_phones_come_than_there_is_room_for() -> None:
    admission = Admission()
    assert all(admission.refusal(f"10.0.{n // 250}.{n % 250}", 50.0) is None for n in range(MOST_PHONES))
    refused = admission.refusal("10.9.9.9", 51.0)
    assert refused
    assert refused.status == 503
    later = 51.0 + SILENT
    assert admission.refusal("10.9.9.9", later - 1), "others have asked in the last seconds"
    assert all(admission.refusal(f"10.0.0.{n}", later - 2 + (n != 7)) is None for n in range(100)), "who is here stays"
    assert admission.refusal("10.9.9.9", later) is None, "and who has been silent makes room"
    assert admission.refusal("10.0.0.5", later) is None


def test_the_phone_that_has_been_silent_longest_makes_room() -> None:
    admission = Admission()
    assert all(admission.refusal(f"10.0.0.{n}", 100.0 - n / 10) is None for n in range(MOST_PHONES))
    assert [admission.refusal("10.0.0.0", 110.5) for _ in range(REQUESTS_EACH)] == [None] * REQUESTS_EACH
    assert admission.refusal("10.9.9.9", 110.5) is None
    assert admission.refusal("10.0.0.0", 110.5), "its row is still there"


def test_phones_are_counted_by_their_whole_address_and_in_ipv6_by_their_network() -> None:
    asked = [_refused("plumless", "buckeroo"), _refused("fd00::1", "fd00::2"), _refused("fd00::1", "fd00:0:0:1::1")]
    assert asked == [False, True, False]
    assert _refused("10.0.0.1", "::ffff:10.0.0.1"), "one address in two forms"


def _refused(first: str, second: str) -> bool:
    """Whether `second` is refused when `first` has asked as often as a phone may."""
    admission = Admission()
    for _ in range(REQUESTS_EACH):
        assert admission.refusal(first, 50.0) is None
    return admission.refusal(second, 50.0) is not None


@pytest.mark.parametrize("model", ["thread", "process", "epoll"])
@pytest.mark.slow
def test_other_machines_get_the_page_and_nothing_else(model: str, network: Network) -> None:
    with Engine(model, SITE, "--phones", "--host", network.here) as engine:
        port = engine.ready.port
        status, page = network.ask(port, "/")
        assert (status, "You are a lane" in page) == (200, True)
        for path in NOT_FOR_PHONES:
            assert network.ask(port, path)[0] == 404, path
        assert network.ask(port, "/", Host="evil.example")[0] == 421
        assert network.ask(port, "/phone/ask", Origin="http://evil.example")[0] == 403
        assert network.ask(port, "/phone/ask", Origin="null")[0] == 403
        assert network.ask(port, "/phone/ask", Sec_Fetch_Site="cross-site")[0] == 403
        status, said = network.ask(port, "/phone/ask?phone=abc123&name=Panda")
        assert status == 200
        assert json.loads(said)["name"] == "Panda"
        (phone,) = eventually(lambda: engine.rows(wire.Phones))
        assert (phone.key, phone.name, phone.wants_drip) == ("abc123", "Panda", False)
        opened = eventually(lambda: [row for row in engine.rows(wire.Opened) if row.connection == phone.connection])
        assert opened[0].client.startswith(network.here.rpartition(".")[0])
        here = (network.here, port)
        assert get(here, "/index.html").status == 200, "this machine is served as always"
        assert get(here, "/work/wait?ms=1").status == 200
        assert get(here, "/phone/ask?phone=abc123&name=Panda").status == 200, "on behalf of a phone"


def sent(network: Network, port: int, data: str) -> str:
    """The first line that the server answers to `data` from another machine."""
    return network.run(sys.executable, "-c", SENDS, network.here, str(port), data)


@pytest.mark.parametrize("model", ["thread", "epoll"])
@pytest.mark.slow
def test_what_this_machine_was_given_is_not_given_to_phones(model: str, network: Network) -> None:
    with Engine(model, SITE, "--phones", "--host", network.here) as engine:
        head = "GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for _ in range(2):
            with socket.create_connection((network.here, engine.ready.port), timeout=30) as own:
                own.sendall(head.encode())
                assert own.recv(65536).startswith(b"HTTP/1.1 200 ")
            assert " 404 " in sent(network, engine.ready.port, head)


@pytest.mark.parametrize(("model", "kind"), [("thread", ""), ("thread", "wsgi"), ("asyncio", "asgi")])
@pytest.mark.slow
def test_this_machine_gets_its_page_at_all_its_addresses(
    model: str, kind: str, network: Network, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(APPLICATIONS)
    served = ("--app", f"own:{kind}", "--app-dir", str(tmp_path)) if kind else ()
    with Engine(model, SITE, "--phones", "--host", "0.0.0.0", *served) as engine:
        here = (network.here, engine.ready.port)
        assert get(here, "/phone/ask?phone=abc123&name=Panda", version="1.0", Host=network.here).status == 200


@pytest.mark.parametrize(("model", "kind"), [("thread", "wsgi"), ("asyncio", "asgi")])
@pytest.mark.slow
def test_a_phone_may_send_no_body(model: str, kind: str, network: Network, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(APPLICATIONS)
    served = ("--app", f"own:{kind}", "--app-dir", str(tmp_path))
    with Engine(model, SITE, "--phones", "--host", network.here, *served) as engine:
        head = f"GET / HTTP/1.1\r\nHost: {network.here}\r\n"
        begun = ("Content-Length: 9000000000\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n8000000\r\nx")
        for rest in begun:
            assert " 413 " in sent(network, engine.ready.port, head + rest)


@pytest.mark.parametrize(("model", "kind"), [("thread", "wsgi"), ("asyncio", "asgi")])
@pytest.mark.slow
def test_an_application_is_not_for_phones(model: str, kind: str, network: Network, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(APPLICATIONS)
    served = ("--app", f"own:{kind}", "--app-dir", str(tmp_path))
    with Engine(model, SITE, "--phones", "--host", network.here, *served) as engine:
        port = engine.ready.port
        assert "You are a lane" in network.ask(port, "/")[1]
        assert network.ask(port, "/own")[0] == 404
        here = (network.here, port)
        assert get(here, "/own").body == b"mine", "this machine is served as always"
        assert b"Panda" in get(here, "/phone/ask?phone=abc123&name=Panda").body, "on behalf of a phone"


@pytest.mark.slow
def test_limits_hold_over_all_processes(network: Network) -> None:
    with Engine("prefork", SITE, "--phones", "--host", network.here) as engine:
        script = (
            "import http.client, sys\n"
            f"for _ in range({REQUESTS_EACH * 2}):\n"
            "    connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=30)\n"
            "    connection.request('GET', '/phone/ask')\n"
            "    print(connection.getresponse().status)"
        )
        statuses = network.run(sys.executable, "-c", script, network.here, str(engine.ready.port)).split()
        assert len(statuses) == REQUESTS_EACH * 2
        assert "429" in statuses or len(set(statuses)) == 1, "unless the machine took seconds for them"


@pytest.mark.slow
@pytest.mark.skipif(not PROGRAM, reason="the browser Chromium is not installed (Debian's package: chromium)")
def test_a_phones_browser_shows_who_served_it_and_keeps_its_name(network: Network, tmp_path: Path) -> None:
    with Engine("thread", SITE, "--phones", "--host", network.here) as engine:
        url = f"http://{network.here}:{engine.ready.port}/"
        with Chromium(tmp_path, network.inside) as browser:
            browser.open(url)
            said = "document.getElementById('said').textContent"
            assert "thread" in eventually(lambda: (text := browser.evaluate(said)) and "queue" in text and text)
            name = browser.evaluate("document.getElementById('name').value")
            assert [row.name for row in engine.rows(wire.Phones)] == [name]
            browser.open(url)
            assert browser.evaluate("document.getElementById('name').value") == name, "it is loaded again"
            eventually(lambda: len(engine.rows(wire.Phones)) == 2)
            assert len({row.key for row in engine.rows(wire.Phones)}) == 1
            browser.evaluate("document.getElementById('wait').click()")
            browser.evaluate("document.getElementById('leave').click()")
            assert "left" in browser.evaluate(said)
            browser.evaluate("document.getElementById('large').dispatchEvent(new PointerEvent('pointerdown'))")
            eventually(lambda: "reads slowly" in browser.evaluate(said))
            browser.evaluate("document.getElementById('large').dispatchEvent(new PointerEvent('pointerup'))")
            browser.evaluate("document.getElementById('drip').click()")
            eventually(lambda: any(row.wants_drip for row in engine.rows(wire.Phones)))
            assert browser.problems == []
