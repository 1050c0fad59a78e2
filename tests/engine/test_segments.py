"""However a request is cut on its way, whatever its neighbours: the replies are the same bytes."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.engine.client import CUTS, Client, get, request
from tests.engine.support import Engine

BROWSER = {
    "User_Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "Accept_Language": "zh-CN,zh;q=0.9,en;q=0.8",
    "Accept_Encoding": "gzip, deflate, br",
    "Connection": "keep-alive",
    "Cookie": "a=1; b=2; c=" + "x" * 300,
}
SINGLE = {
    "get": request("/page.html"),
    "get of a browser": request("/page.html", **BROWSER),
    "get 1.0": request("/page.html", version="1.0"),
    "head": request("/page.html", "HEAD"),
    "missing": request("/missing"),
    "empty line before": b"\r\n" + request("/page.html"),
    "refused method": request("/page.html", "DELETE"),
    "sized body": request("/", "POST", Content_Length="11") + b"hello=world",
    "body in chunks": request("/", "POST", Transfer_Encoding="chunked") + b"5\r\nhello\r\n3;x=y\r\nyou\r\n0\r\n\r\n",
}
PIPELINED = [
    ("GET", request("/page.html")),
    ("HEAD", request("/page.html", "HEAD")),
    ("GET", request("/missing")),
    ("GET", request("/picture.png", **BROWSER)),
    ("GET", request("/empty.txt")),
    ("POST", request("/", "POST", Content_Length="5") + b"hello"),
    ("GET", request("/style.css", Connection="close")),
]


@pytest.fixture(scope="module", params=["--keep-alive", pytest.param("--short", marks=pytest.mark.slow)])
def either(request: pytest.FixtureRequest, model: str, site: Path) -> Iterator[Engine]:
    """An engine that keeps connections, and one that closes each."""
    with Engine(model, site, request.param) as engine:
        yield engine


def test_single_request(either: Engine, subtests: pytest.Subtests) -> None:
    for case, how in product(SINGLE, CUTS):
        method = "HEAD" if case == "head" else "GET"
        with (
            subtests.test(case, cut=how),
            Client(either.address) as expected,
            Client(either.address) as client,
        ):
            expected.send(SINGLE[case])
            client.send(*CUTS[how](SINGLE[case]))
            assert client.reply(method).steady() == expected.reply(method).steady()


def test_pipelined_requests_on_a_kept_connection(kept: Engine, subtests: pytest.Subtests) -> None:
    for how, cut in CUTS.items():
        with subtests.test(cut=how):
            with Client(kept.address) as client:
                client.send(*cut(b"".join(data for _, data in PIPELINED)))
                replies = [client.reply(method) for method, _ in PIPELINED]
                assert client.is_closed()
            assert [reply.status for reply in replies] == [200, 200, 404, 200, 200, 405, 200]
            for (method, data), reply in zip(PIPELINED, replies, strict=True):
                with Client(kept.address) as alone:
                    alone.send(data)
                    assert alone.reply(method).steady() == reply.steady()


def test_long_pipeline(kept: Engine) -> None:
    """More requests in one piece than a server reads at a time, and more replies than the kernel takes."""
    count = 3000
    with Client(kept.address) as client:
        client.send(request("/page.html") * count)
        first = client.reply().steady()
        assert all(client.reply().steady() == first for _ in range(count - 1))


def test_replies_of_a_pipeline_keep_their_order(kept: Engine, large: bytes) -> None:
    with Client(kept.address) as client:
        client.send(request("/large.bin") + request("/page.html"))
        assert client.reply().body == large
        assert client.reply().body == get(kept.address, "/page.html").body
