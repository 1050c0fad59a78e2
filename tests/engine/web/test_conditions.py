"""Conditional requests and ranges: only what is new, or only a part."""

from itertools import product
from pathlib import Path

import pytest

from tests.engine.client import Reply, get
from tests.engine.conftest import PAGE
from tests.engine.support import Engine

BODY = PAGE.encode()
LONG_AGO, IN_THE_FUTURE = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


def ask(engine: Engine, method: str = "GET", target: str = "/page.html", **headers: str) -> Reply:
    return get(engine.address, target, method, connection="close", **headers)


@pytest.fixture(scope="module")
def facts(engine: Engine) -> dict[str, str]:
    """The headers of the whole file."""
    return ask(engine).headers


def test_what_the_client_has_is_not_sent_again(
    engine: Engine, facts: dict[str, str], subtests: pytest.Subtests
) -> None:
    conditions = ({"If_None_Match": facts["etag"]}, {"If_Modified_Since": facts["last-modified"]})
    for method, condition in product(["GET", "HEAD"], conditions):
        with subtests.test(method, **condition):
            reply = ask(engine, method, **condition)
            assert (reply.status, reply.body) == (304, b"")
            assert reply.headers["etag"] == facts["etag"]
            assert "content-length" not in reply.headers


ALL_OF_IT = [
    {"If_None_Match": '"another"'},
    {"If_Modified_Since": LONG_AGO},
    {"If_Modified_Since": "no date"},
    {"If_None_Match": '"another"', "If_Modified_Since": IN_THE_FUTURE},
    {"If_Match": "*"},
    {"If_Unmodified_Since": IN_THE_FUTURE},
    {"Range": "bytes=5-1"},
    {"Range": "bytes=0-0,2-3"},
    {"Range": "lines=1-2"},
    {"Range": "bytes=0-3", "If_Range": '"another"'},
    {"Range": "bytes=0-3", "If_Range": LONG_AGO},
]


def test_otherwise_all_of_it_is_sent(engine: Engine, subtests: pytest.Subtests) -> None:
    for condition in ALL_OF_IT:
        with subtests.test(**condition):
            reply = ask(engine, **condition)
            assert (reply.status, reply.body) == (200, BODY)


def test_failed_precondition(engine: Engine, subtests: pytest.Subtests) -> None:
    for condition in ({"If_Match": '"another"'}, {"If_Unmodified_Since": LONG_AGO}):
        with subtests.test(**condition):
            assert ask(engine, **condition).status == 412


PARTS = {
    "0-0": (0, 0),
    "2-9": (2, 9),
    "10-": (10, len(BODY) - 1),
    "-7": (len(BODY) - 7, len(BODY) - 1),
    "-100000": (0, len(BODY) - 1),
    "5-100000": (5, len(BODY) - 1),
}


def test_part(engine: Engine, facts: dict[str, str], subtests: pytest.Subtests) -> None:
    for wanted, (first, last) in PARTS.items():
        with subtests.test(wanted):
            for condition in ({}, {"If_Range": facts["etag"]}, {"If_Range": facts["last-modified"]}):
                reply = ask(engine, Range=f"bytes={wanted}", **condition)
                assert (reply.status, reply.body) == (206, BODY[first : last + 1])
                assert reply.headers["content-range"] == f"bytes {first}-{last}/{len(BODY)}"
            assert ask(engine, "HEAD", Range=f"bytes={wanted}").status == 200


def test_part_of_a_large_file(engine: Engine, large: bytes) -> None:
    reply = ask(engine, target="/large.bin", Range="bytes=3000000-5000000")
    assert (reply.status, reply.body) == (206, large[3_000_000:5_000_001])


def test_part_that_is_not_there(engine: Engine, subtests: pytest.Subtests) -> None:
    for wanted in (f"{len(BODY)}-", "-0", "100000-200000"):
        with subtests.test(wanted):
            reply = ask(engine, Range=f"bytes={wanted}")
            assert reply.status == 416
            assert reply.headers["content-range"] == f"bytes */{len(BODY)}"


def test_changed_file_is_served_anew(engine: Engine, site: Path) -> None:
    changing = site / "changing.html"
    changing.write_text("before")
    before = ask(engine, target="/changing.html")
    changing.write_text("after it was changed")
    reply = before
    while reply.body == before.body:  # it is looked at again within a fraction of a second
        reply = ask(engine, target="/changing.html", If_None_Match=before.headers["etag"])
        if reply.status == 304:
            reply = before
    assert reply.body == b"after it was changed"
    assert reply.headers["etag"] != before.headers["etag"]


def test_folder_leads_to_its_own_address(engine: Engine) -> None:
    reply = ask(engine, target="/folder?x=1")
    assert (reply.status, reply.headers["location"]) == (301, "/folder/?x=1")


def test_handling_time_is_told(engine: Engine) -> None:
    name, _, duration = ask(engine).headers["server-timing"].partition(";dur=")
    assert name == "handle"
    assert float(duration) >= 0
