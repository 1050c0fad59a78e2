"""The user's own requests: how their file is read, in which order they are sent, and that a server gets them."""

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from engine.load.requests import OwnRequest, OwnRequests, read_requests
from engine.models import FIRST
from engine.setting import SettingError
from engine.telemetry import wire
from tests.engine.load.support import Load
from tests.engine.support import Engine

FILE = """\
# the shop
GET /items 80
  GET   /items?page=2   # once

POST /order body.json 20.5
DELETE /order/1
PUT /plain body.json
"""
LOG = """\
127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326
::1 - ann [10/Oct/2000:13:55:37 -0700] "GET /a?b=c HTTP/1.1" 304 - "http://x/" "Mozilla/5.0 (X)"
::1 - - [10/Oct/2000:13:55:37 -0700] "POST /order HTTP/1.1" 200 12
::1 - - [10/Oct/2000:13:55:37 -0700] "GET /gone HTTP/1.1" 404 12
::1 - - [10/Oct/2000:13:55:38 -0700] "GET / HTTP/1.1" 200 12
::1 - - [10/Oct/2000:13:55:38 -0700] "\\x16\\x03" 400 12
"""


def test_a_file_says_what_is_sent_and_how_often(tmp_path: Path) -> None:
    (tmp_path / "body.json").write_bytes(b"{}")
    (tmp_path / "shop.txt").write_text(FILE)
    assert read_requests(str(tmp_path / "shop.txt")) == [
        OwnRequest("GET", "/items", weight=80),
        OwnRequest("GET", "/items?page=2"),
        OwnRequest("POST", "/order", b"{}", "application/json", 20.5),
        OwnRequest("DELETE", "/order/1"),
        OwnRequest("PUT", "/plain", b"{}", "application/json"),
    ]


def test_a_log_gives_what_was_got_as_often_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(LOG)
    found = [(each.method, each.path, each.weight) for each in read_requests(str(tmp_path / "access.log"))]
    assert found == [("GET", "/a?b=c", 2), ("GET", "/", 1)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("GET", "line 2: a method and a path"),
        ("FETCH /", "line 2: FETCH is not a method"),
        ("HEAD /", "line 2: HEAD is not a method"),
        ("GET items", "line 2: items is not a path"),
        ("GET /\u00e9", "is not a path"),
        ("POST / nothing.json", "line 2: the file of the body, nothing.json"),
        ("POST / body.json often", "line 2: how often it is sent is a number above 0, not often"),
        ("GET / 0", "a number above 0, not 0"),
        ("POST / body.json more 3", "line 2: more is one word too many"),
    ],
)
def test_a_mistake_is_said_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "body.json").write_bytes(b"{}")
    (tmp_path / "shop.txt").write_text(f"GET /\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingError) as raised:
        read_requests(str(tmp_path / "shop.txt"))
    assert words in str(raised.value)


def test_no_request_is_a_mistake_too(tmp_path: Path) -> None:
    (tmp_path / "shop.txt").write_text("# nothing\n\n")
    with pytest.raises(SettingError, match="has no request"):
        read_requests(str(tmp_path / "shop.txt"))
    with pytest.raises(SettingError, match="can't be read"):
        read_requests(str(tmp_path / "missing.txt"))


def test_the_order_is_that_of_the_seed_and_the_shares_those_of_the_weights() -> None:
    kinds = [OwnRequest("GET", "/a", weight=80), OwnRequest("GET", "/b", weight=20)]
    first, again, other = (list(islice(OwnRequests(kinds, seed), 1000)) for seed in (1, 1, 2))
    assert first == again != other
    assert 150 < Counter(each.path for each in first)["/b"] < 250


def test_a_server_gets_what_the_file_says(tmp_path: Path, site: Path) -> None:
    (tmp_path / "body.json").write_bytes(b'{"a": 1}')
    (tmp_path / "shop.txt").write_text("GET /page.html 3\nPOST /work/echo body.json 2\nGET /models.json\n")
    file = str(tmp_path / "shop.txt")
    with Engine(FIRST, site) as engine, Load(engine.address, "--requests", file, "--clients", "2"):
        engine.heard(lambda: len(engine.rows(wire.Requests)) > 100, "no requests")
        heads = engine.heads()
        asked = Counter(" ".join(heads[row.request].split()[:2]) for row in engine.rows(wire.Requests) if row.request)
        assert asked.keys() == {"GET /page.html", "POST /work/echo", "GET /models.json"}
        assert asked["GET /page.html"] > asked["GET /models.json"]
        echo = next(head for head in heads.values() if head.startswith("POST"))
        assert "Content-Length: 8" in echo
        assert "Content-Type: application/json" in echo
        assert {row.status for row in engine.rows(wire.Requests)} == {200}
