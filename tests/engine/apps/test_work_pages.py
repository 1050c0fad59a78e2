"""The work pages: bounded, the same in every model, and in whose way they are differs from model to model."""

import contextlib
import time
from email.utils import parsedate_to_datetime
from itertools import product
from pathlib import Path

import pytest

from engine.apps.serving import site_application
from engine.apps.work import BLOCK, compute
from engine.models import MODELS
from engine.telemetry import wire
from engine.web.request_parser import parse_head
from engine.web.response import Application, Response
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, most_at_once

MIB = 1024 * 1024
HINT = b"--work-pages"


def answer(application: Application, target: str) -> Response:
    """What the pages answer by themselves, without an engine."""
    return application(parse_head(request(target)))


@pytest.fixture(scope="module")
def pages(site: Path) -> Application:
    return site_application(site, work_pages=True)


NO_TIMES = ["", "?", "?ms", "?ms=", "?ms=-1", "?ms=10001", "?ms=1.5", "?ms=1e3", "?ms=+1", "?ms=1&ms=2", "?MS=1",
            "?ms=%D9%A3", "?ms=" + "9" * 5000, "?mib=1"]  # fmt: skip


def test_a_time_that_is_none_is_refused_with_the_range(pages: Application, subtests: pytest.Subtests) -> None:
    for page, query in product(["wait", "busy"], NO_TIMES):
        with subtests.test(page, query=query[:20]):
            response = answer(pages, f"/work/{page}{query}")
            assert response.status == 400
            assert b"0 to 10000 milliseconds" in response.body


def test_a_size_that_is_none_is_refused_with_the_range(pages: Application, subtests: pytest.Subtests) -> None:
    for query in ("", "?mib=0", "?mib=65", "?mib=x", "?ms=8"):
        with subtests.test(query):
            response = answer(pages, f"/work/large{query}")
            assert response.status == 400
            assert b"1 to 64 MiB" in response.body


BOUNDS = {
    "/work/wait?ms=0": 0,
    "/work/busy?ms=0": 0,
    "http://localhost/work/wait?ms=0": 0,
    "/work/wait?a=b&ms=00000": 0,
    "/work/large?mib=1": MIB,
    "/work/large?mib=64": 64 * MIB,
}


def test_bounds_are_within(pages: Application, subtests: pytest.Subtests) -> None:
    for target, length in BOUNDS.items():
        with subtests.test(target):
            response = answer(pages, target)
            assert response.status == 200
            assert not length or response.length == length
            assert b"Cache-Control: no-store\r\n" in response.kept


def test_the_list_names_every_page(pages: Application) -> None:
    assert answer(pages, "/work").header("Location") == "/work/"
    response = answer(pages, "/work/")
    assert response.status == 200
    for page in (b"wait?ms=", b"busy?ms=", b"large?mib=", b"echo"):
        assert page in response.body
    assert answer(pages, "/work/other").status == 404
    assert b"/work/" in answer(pages, "/work/wait/?ms=1").body


def test_echo_answers_what_was_sent(kept: Engine) -> None:
    """Sized or in chunks, up to the limit, with its type; beyond the limit it is too much."""
    most = b"0123456789abcdef" * (MIB // 16)
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(most) // 4, most[i::4]) for i in range(4)) + b"0\r\n\r\n"
    with Client(kept.address) as client:
        for method, body in (("POST", b"a few words"), ("PUT", most), ("POST", b"")):
            client.send(request("/work/echo", method, Content_Length=str(len(body)), Content_Type="text/x; a=b"), body)
            reply = client.reply()
            assert (reply.status, reply.headers["content-type"], reply.body) == (200, "text/x; a=b", body)
        client.send(request("/work/echo", "POST", Transfer_Encoding="chunked"), chunked)
        assert client.reply().body == b"".join(most[i::4] for i in range(4))
        client.send(request("/work/echo"))
        reply = client.reply()
        assert (reply.status, reply.headers["allow"]) == (405, "POST, PUT")
        client.send(request("/work/echo", "POST", Content_Length=str(MIB + 1)))
        assert client.reply().status == 413
    kept.settled(open=0)


def test_the_same_page_says_the_same_each_time(pages: Application) -> None:
    assert answer(pages, "/work/busy?ms=3").body == answer(pages, "/work/busy?ms=3").body


def test_computing_takes_time_of_the_processor() -> None:
    before = time.thread_time()
    compute(0.05)
    assert time.thread_time() - before >= 0.05


def test_work_is_in_the_record_and_in_the_reply(kept: Engine) -> None:
    before = len(kept.rows(wire.Requests))
    for method in ("GET", "HEAD"):
        for page in ("wait", "busy"):
            reply = get(kept.address, f"/work/{page}?ms=120", method, connection="close")
            assert reply.status == 200
            assert reply.length > 5
            assert float(reply.headers["server-timing"].partition("dur=")[2]) >= 120
    rows = kept.heard(lambda: rows if len(rows := kept.rows(wire.Requests)) >= before + 4 else None, "four requests")
    assert all(row.took >= 0.12 for row in rows[before:])


def test_the_date_of_a_reply_is_that_of_its_end(site: Path) -> None:
    with Engine("thread", site) as engine:
        begin = time.time()
        assert get(engine.address).status == 200
        reply = get(engine.address, "/work/wait?ms=1100")
        assert parsedate_to_datetime(reply.headers["date"]).timestamp() >= int(begin + 1.1)


def test_a_large_answer_comes_whole(kept: Engine) -> None:
    with Client(kept.address) as client:
        client.send(request("/work/large?mib=3"), request("/page.html"), request("/work/large?mib=1", "HEAD"))
        assert client.reply().body == BLOCK * 3
        assert client.reply().status == 200
        assert client.reply("HEAD").length == MIB
    assert bytes(range(256)) * 4096 == BLOCK


def test_large_answers_take_no_memory(kept: Engine) -> None:
    get(kept.address, "/work/large?mib=1", connection="close")
    kept.settled(open=0)
    before, served = kept.memory(), min(6, most_at_once(kept.model))
    with contextlib.ExitStack() as crowd:
        clients = [crowd.enter_context(Client(kept.address, receive_buffer=4096)) for _ in range(served)]
        for client in clients:
            client.send(request("/work/large?mib=64"))
            assert client.head().length == 64 * MIB
            client.receive(1000)
        assert kept.memory() - before < 32 * MIB
    kept.settled(open=0)


def reads(engine: Engine) -> list[wire.Span]:
    """The bytes read, as its spans report them."""
    return [row for row in engine.rows(wire.Spans) if row.call == "recv" and row.bytes > 0]


@pytest.mark.parametrize("page", ["wait", "busy"])
def test_who_is_in_whose_way(kept: Engine, page: str) -> None:
    """While the page works, another client's request arrives: another worker answers it meanwhile."""
    if most_at_once(kept.model) < 2:
        pytest.skip("the other client waits to be accepted")
    row = MODELS[kept.model]
    others_go_on = (
        row.hands_over or row.worker in ("process", "thread") or (row.worker == "greenlet" and page == "wait")
    )
    before = len(kept.rows(wire.Requests))
    with Client(kept.address) as working, Client(kept.address) as other:
        kept.settled(open=2)
        read = len(reads(kept))
        working.send(request(f"/work/{page}?ms={2000 if others_go_on else 300}"))
        if not others_go_on:
            kept.heard(lambda: len(reads(kept)) > read, "the request was read")
        other.send(request("/page.html"))
        assert other.reply().status == working.reply().status == 200
    rows = kept.heard(lambda: rows if len(rows := kept.rows(wire.Requests)) >= before + 2 else None, "two requests")
    asked = [kept.heads()[row.request].partition(" HTTP")[0] for row in sorted(rows[before:], key=lambda r: r.time)]
    assert (asked[0] == "GET /page.html") == others_go_on, asked


@pytest.mark.usefixtures("keeps_connections")
def test_work_is_neither_late_nor_idle(model: str, site: Path) -> None:
    """A client who waits for an answer is not cut, however long the work takes; nor is the next request."""
    with (
        Engine(model, site, "--keep-alive", "--head-seconds", "0.3", "--idle-seconds", "0.8") as engine,
        Client(engine.address) as client,
    ):
        for target in ("/work/wait?ms=1600", "/page.html"):
            client.send(request(target))
            assert client.reply().status == 200


@pytest.mark.quick_with("thread")
def test_switched_off(model: str, site: Path) -> None:
    with Engine(model, site, "--no-work-pages", "--keep-alive") as engine:
        for target in ("/work/wait?ms=10", "/work/", "/work"):
            reply = get(engine.address, target, connection="close")
            assert reply.status == 404
            assert HINT in reply.body
        assert HINT not in get(engine.address, "/working", connection="close").body


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--host", "127.0.0.2"], 200),
        (["--host", "0.0.0.0"], 404),
        (["--host", "0.0.0.0", "--work-pages"], 200),
        (["--start-method", "spawn"], 200),
        (["--start-method", "spawn", "--no-work-pages"], 404),
    ],
)
def test_on_where_only_this_machine_can_ask(site: Path, options: list[str], status: int) -> None:
    with Engine("process", site, *options) as engine:
        assert get(engine.address, "/work/wait?ms=1").status == status


def test_a_folder_of_that_name_is_behind_them(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "index.html").write_bytes(b"mine")
    assert b"wait?ms=" in answer(site_application(tmp_path, work_pages=True), "/work/").body
    off = site_application(tmp_path, work_pages=False)
    assert answer(off, "/work/").body == b"mine"
    assert HINT in answer(off, "/work/wait?ms=1").body
