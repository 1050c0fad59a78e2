"""A server for this machine only is asked by this machine's own names, and no other site's page has work done."""

from pathlib import Path

import pytest

from engine.addresses import is_loopback, is_wildcard, local_url
from engine.apps.serving import site_application
from engine.web.request_parser import parse_head
from tests.engine.client import Address, Client, request
from tests.engine.support import Engine

OWN = ["localhost", "LOCALHOST:1234", "127.0.0.1:8888", "127.0.0.2", "[::1]:8888", "app.localhost", "localhost.:80"]
FOREIGN = ["evil.example", "evil.example:8888", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost",
           "192.0.2.1", "[2001:db8::1]:8888", "course.lan"]  # fmt: skip
TARGETS = ["/", "/page.html", "/missing", "/models.json", "/work/", "/work/busy?ms=0", "/work/echo"]


def status(site: Path, target: str, host: str, names: tuple[str, ...] | None = (), **headers: str) -> int:
    application = site_application(site, work_pages=True, names=names)
    head = request(target, **headers).replace(b"Host: localhost", b"Host: " + host.encode())
    return application(parse_head(head)).status


@pytest.mark.parametrize("target", TARGETS)
def test_only_own_names(site: Path, target: str) -> None:
    assert {host: status(site, target, host) for host in FOREIGN} == dict.fromkeys(FOREIGN, 421)
    assert 421 not in {status(site, target, host) for host in OWN}
    assert {status(site, target, host, None) for host in FOREIGN} == {status(site, target, "localhost")}


def test_the_host_that_was_set_is_an_own_name(site: Path) -> None:
    names = ("Course.LAN", "10.0.0.1")
    assert [status(site, "/", host, names) for host in ("course.lan:80", "COURSE.lan.", "10.0.0.1")] == [200] * 3
    assert [status(site, "/", host, names) for host in ("other.lan", "10.0.0.11")] == [421] * 2


def test_a_target_that_names_the_server_counts_more_than_the_header(site: Path) -> None:
    assert status(site, "http://evil.example/page.html", "localhost") == 421
    assert status(site, "http://localhost:8888/page.html", "evil.example") == 200


ELSEWHERE = [
    {"Sec_Fetch_Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example:8888", "Sec_Fetch_Site": "cross-site"},
    {"Origin": "null"},
    {"Origin": "http://[bad"},
    {"Origin": ""},
]
HERE = [
    {},
    {"Sec_Fetch_Site": "none"},
    {"Sec_Fetch_Site": "same-origin"},
    {"Sec_Fetch_Site": "same-site"},
    {"Origin": "http://localhost:3000", "Sec_Fetch_Site": "cross-site"},
]


@pytest.mark.parametrize("host", ["localhost:8888", "127.0.0.1:8888", "course.lan"])
def test_pages_of_other_sites_get_no_work_done(site: Path, host: str) -> None:
    """Wherever it listens; what is only read is left to the browser, which lets no other site read it."""
    own = [*HERE[: 4 if host == "course.lan" else 5], {"Origin": f"http://{host}"}]
    for target in ("/work/busy?ms=0", "/work/wait?ms=0"):
        assert [status(site, target, host, None, **headers) for headers in ELSEWHERE] == [403] * len(ELSEWHERE)
        assert [status(site, target, host, None, **headers) for headers in own] == [200] * len(own)
    assert [status(site, "/", host, None, **headers) for headers in ELSEWHERE] == [200] * len(ELSEWHERE)


def test_any_model_refuses_a_name_that_is_not_its_own(engine: Engine) -> None:
    """Also on a connection where the right name has just been used, and for the same target."""
    for target in ("/page.html", "/work/busy?ms=1"):
        assert ask(engine, target, "localhost") == 200
        assert ask(engine, target, "evil.example") == 421
        assert ask(engine, target, f"127.0.0.1:{engine.ready.port}") == 200


def test_for_a_network_any_name_does(site: Path) -> None:
    with Engine("epoll", site, "--host", "0.0.0.0", "--work-pages") as engine:
        local = "127.0.0.1", engine.ready.port
        for host in ("course.lan", "192.0.2.1:8888", "localhost"):
            head = request("/work/wait?ms=0").replace(b"localhost", host.encode())
            assert get_raw(local, head) == 200


def ask(engine: Engine, target: str, host: str) -> int:
    return get_raw(engine.address, request(target).replace(b"localhost", host.encode()))


def get_raw(address: Address, head: bytes) -> int:
    with Client(address) as client:
        client.send(head)
        return client.reply().status


@pytest.mark.parametrize(
    ("host", "url", "loopback", "wildcard"),
    [
        ("127.0.0.1", "http://127.0.0.1:80", True, False),
        ("127.0.0.2", "http://127.0.0.2:80", True, False),
        ("::1", "http://[::1]:80", True, False),
        ("::ffff:127.0.0.1", "http://[::ffff:127.0.0.1]:80", True, False),
        ("0.0.0.0", "http://127.0.0.1:80", False, True),
        ("::", "http://[::1]:80", False, True),
        ("0:0:0:0:0:0:0:0", "http://[::1]:80", False, True),
        ("", "http://127.0.0.1:80", False, False),
        ("192.0.2.1", "http://192.0.2.1:80", False, False),
        ("fe80::1%eth0", "http://[fe80::1%eth0]:80", False, False),
        ("course.lan", "http://course.lan:80", False, False),
    ],
)
def test_addresses(host: str, url: str, loopback: bool, wildcard: bool) -> None:
    assert (local_url(host, 80), is_loopback(host), is_wildcard(host)) == (url, loopback, wildcard)
