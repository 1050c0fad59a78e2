"""What a good request is answered: the file, and a head that is true of it, the same in every model."""

import time
from email.utils import parsedate_to_datetime
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest

from engine.models import MODELS
from tests.engine.client import get
from tests.engine.support import Engine

OVER_ALL_MODELS = True

TYPES = {
    "/page.html": ["text/html; charset=utf-8"],
    "/style.css": ["text/css; charset=utf-8"],
    "/script.js": ["text/javascript; charset=utf-8", "application/javascript; charset=utf-8"],
    "/data.json": ["application/json; charset=utf-8", "application/json"],
    "/picture.svg": ["image/svg+xml; charset=utf-8", "image/svg+xml"],
    "/picture.png": ["image/png"],
    "/notes.txt": ["text/plain; charset=utf-8"],
    "/large.bin": ["application/octet-stream"],
}


def test_a_file_comes_whole(engine: Engine, site: Path, subtests: pytest.Subtests) -> None:
    for name, version in product(["page.html", "picture.png", "folder/inside.html", "empty.txt"], ["1.0", "1.1"]):
        with subtests.test(name, version=version):
            reply = get(engine.address, f"/{name}", version=version)
            assert (reply.status, reply.reason) == (200, "OK")
            assert reply.body == (site / name).read_bytes()
            assert reply.length == len(reply.body)
            assert reply.version == "HTTP/1.1"


@pytest.mark.usefixtures("large")
def test_type_follows_the_ending(engine: Engine, subtests: pytest.Subtests) -> None:
    for target, types in TYPES.items():
        with subtests.test(target):
            assert get(engine.address, target, "HEAD").headers["content-type"] in types


def test_slash_is_the_index(engine: Engine, site: Path) -> None:
    root, index = get(engine.address, "/"), get(engine.address, "/index.html")
    assert root.body == (site / "index.html").read_bytes()
    assert root.steady() == index.steady()


def test_date_is_now(engine: Engine) -> None:
    date = parsedate_to_datetime(get(engine.address).headers["date"])
    assert abs(date.timestamp() - time.time()) < 60
    assert date.utcoffset() is not None
    assert get(engine.address).headers["date"].endswith("GMT")


def test_model_and_worker_are_named(engine: Engine) -> None:
    headers = get(engine.address).headers
    model = MODELS[engine.model]
    kind = "thread" if model.hands_over else model.worker
    key, _, worker = headers["served-by"].partition("; ")
    assert key == engine.model
    assert worker.startswith(f'worker="{kind}')
    assert headers["server"].startswith("ServeScope/")


@pytest.mark.usefixtures("large")
def test_head_is_get_without_the_body(engine: Engine, subtests: pytest.Subtests) -> None:
    volatile = {"date": "", "served-by": "", "server-timing": ""}
    for target in ("/page.html", "/", "/large.bin", "/missing"):
        with subtests.test(target):
            with_body, without = get(engine.address, target), get(engine.address, target, "HEAD")
            assert without.status == with_body.status
            assert without.headers | volatile == with_body.headers | volatile
            assert without.length == len(with_body.body) > 0


def test_names_are_percent_decoded(engine: Engine, site: Path, subtests: pytest.Subtests) -> None:
    for name in ("名字 with a space.html", "100%.html", "folder/inside.html"):
        every_byte = "/" + "".join(f"%{byte:02X}" for byte in name.encode())
        expected = (site / name).read_bytes()
        with subtests.test(name):
            assert get(engine.address, "/" + quote(name)).body == expected
            if "/" not in name:  # whether an encoded slash parts folders is a server's own choice
                assert get(engine.address, every_byte).body == expected
                assert get(engine.address, every_byte.lower()).body == expected


def test_query_of_a_file_is_ignored(engine: Engine, subtests: pytest.Subtests) -> None:
    for query in ("?", "?a=1&b=2", "?path=/../secret", "?%00", "?x=/index.html"):
        with subtests.test(query):
            assert get(engine.address, "/page.html" + query).steady() == get(engine.address, "/page.html").steady()


def test_absolute_target_is_understood(engine: Engine) -> None:
    host, port = engine.address
    reply = get(engine.address, f"http://{host}:{port}/page.html?x=1")
    assert reply.steady() == get(engine.address, "/page.html").steady()


def test_missing_says_so_in_two_languages(engine: Engine, subtests: pytest.Subtests) -> None:
    for target in ("/missing", "/folder/missing.html", "/page.html/", "/page.html/more", "/%E4%BD%A0"):
        with subtests.test(target):
            reply = get(engine.address, target)
            text = reply.body.decode()
            assert (reply.status, reply.reason) == (404, "Not Found")
            assert "没有相关资源" in text
            assert any(word.isascii() and word.isalpha() for word in text.split())
            assert reply.headers["content-type"].startswith("text/")
            assert "charset=utf-8" in reply.headers["content-type"]


def test_folder_is_no_failure_of_the_server(engine: Engine) -> None:
    for target in ("/folder", "/folder/"):
        assert get(engine.address, target).status in (200, 301, 302, 307, 308, 404)


def test_other_methods_are_not_allowed(engine: Engine, subtests: pytest.Subtests) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        with subtests.test(method):
            reply = get(engine.address, "/page.html", method)
            allowed = {name.strip() for name in reply.headers["allow"].split(",")}
            assert (reply.status, reply.reason) == (405, "Method Not Allowed")
            assert allowed == {"GET", "HEAD"}
            assert reply.body


def test_offer_of_another_protocol_is_passed_over(engine: Engine) -> None:
    reply = get(engine.address, "/page.html", Connection="Upgrade, HTTP2-Settings", Upgrade="h2c", HTTP2_Settings="AA")
    assert reply.status == 200
