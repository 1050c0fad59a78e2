"""Bodies of requests that come while the user's application reads them, on real connections."""

import contextlib
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

Kind = tuple[str, tuple[str, ...]]

AVAILABLE = [key for key, model in MODELS.items() if model.available()]
CALLED: list[Kind] = [(key, ()) for key in AVAILABLE]
IN_THREAD: list[Kind] = [(key, ("--to-thread",)) for key in AVAILABLE if MODELS[key].traits.awaits]
SPAWNED: list[Kind] = [(key, ("--start-method", "spawn")) for key in AVAILABLE if MODELS[key].without_fork]
ALL_CALLED = (*CALLED, *IN_THREAD, *SPAWNED)
STREAMING = [each for each in ALL_CALLED if MODELS[each[0]].traits.may_wait]
"""Models that call the application when a head is whole, with their options."""
COLLECTING = [each for each in ALL_CALLED if each not in STREAMING]
AWAITED: list[Kind] = [(key, ("asgi",)) for key in AVAILABLE if MODELS[key].traits.awaits]
KINDS = [*STREAMING, *COLLECTING, *AWAITED]
QUICK = (("thread", ()), ("asyncio", ("asgi",)))
"""Those whose tests are run each time, as far as any are."""
MIB = 1 << 20
APPS = """
import asyncio
import os


def note(word):
    with open("notes", "a") as file:
        file.write(word + "\\n")


def app(environ, start_response):
    path, file = environ["PATH_INFO"], environ["wsgi.input"]
    if path == "/first":
        note(file.read(3).decode())
    elif path == "/caught":
        try:
            file.read()
        except OSError as error:
            note(type(error).__name__)
    if path == "/echo":
        start_response("200 OK", [("Content-Length", environ["CONTENT_LENGTH"])])
        return iter(lambda: file.read(65536), b"")
    size = 0
    while path not in ("/ignored", "/caught") and (piece := file.read(65536)):
        size += len(piece)
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [b"%d" % size]


async def asgi(scope, receive, send):
    assert scope["type"] == "http"
    path, size, more = scope["path"], 0, True
    first = path == "/first"
    if path == "/pending":
        receiving = asyncio.create_task(receive())
        await asyncio.sleep(0.05)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hi"})
        await receiving
        note("ended")
        return
    while more and path != "/ignored":
        message = await receive()
        if message["type"] == "http.disconnect":
            note(message["type"])
            return
        if first and message["body"]:
            note(message["body"][:3].decode())
            first = False
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % size})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the applications."""
    (tmp_path / "uploads.py").write_text(APPS)
    return tmp_path


def some_quick(kinds: list[Kind]) -> list[Any]:
    """The same, most of them as slow tests."""
    return [pytest.param(*kind, marks=() if kind in QUICK else pytest.mark.slow) for kind in kinds]


def serving(model: str, options: tuple[str, ...], folder: Path, *more: str) -> Engine:
    """An engine with one of the applications: the one that is awaited if `options` say so."""
    name, options = ("uploads:asgi", ()) if options == ("asgi",) else ("uploads:app", options)
    return Engine(model, folder, "--app", name, "--app-dir", str(folder), "--keep-alive", *options, *more)


def notes(folder: Path) -> list[str]:
    """What the application has noted."""
    place = folder / "notes"
    return place.read_text().splitlines() if place.exists() else []


def is_noted(folder: Path, words: list[str]) -> bool:
    """Whether the application has noted just these."""
    return notes(folder) == words


def framed(data: bytes, chunked: bool) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if chunked else data


@pytest.mark.parametrize("chunked", [False, True], ids=["sized", "chunked"])
@pytest.mark.parametrize(("model", "options"), some_quick([*STREAMING, *AWAITED]))
def test_the_application_reads_while_its_client_still_sends(
    folder: Path, model: str, options: tuple[str, ...], chunked: bool
) -> None:
    framing = {"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": "6"}
    with serving(model, options, folder) as engine, Client(engine.address) as client:
        for noted in (["abc"], ["abc", "abc"]):
            client.send(request("/first", "POST", **framing))
            client.send(framed(b"abc", chunked))
            eventually(partial(is_noted, folder, noted), "the application waits for the rest")
            client.send(framed(b"def", chunked) + (b"0\r\n\r\n" if chunked else b""))
            reply = client.reply()
            assert reply.body in (b"3", b"6"), "of which it has read three before"
            if options != ("asgi",):
                assert reply.headers["x-length"] == ("none" if chunked else "6")
        assert engine.settled(open=1).failed == 0


@pytest.mark.parametrize(("model", "options"), AWAITED)
def test_one_that_still_receives_when_its_reply_is_whole_ends(
    folder: Path, model: str, options: tuple[str, ...]
) -> None:
    with serving(model, options, folder) as engine, Client(engine.address) as client:
        client.send(request("/pending", "POST", Content_Length="5"))
        eventually(partial(is_noted, folder, ["ended"]), "the wait for the body has ended")
        client.send(b"12345")
        assert client.reply().body == b"hi"
        assert engine.settled().failed == 0


@pytest.mark.parametrize(
    ("model", "options"),
    [pytest.param(*each, marks=() if MODELS[each[0]].hands_over else pytest.mark.slow) for each in COLLECTING],
)
def test_one_loop_for_all_collects_the_body_first(folder: Path, model: str, options: tuple[str, ...]) -> None:
    with serving(model, options, folder) as engine, Client(engine.address) as client:
        client.send(request("/first", "POST", Transfer_Encoding="chunked"), framed(b"abc", True))
        assert get(engine.address).status == 200, "others are served meanwhile"
        assert not notes(folder)
        client.send(framed(b"def", True) + b"0\r\n\r\n")
        reply = client.reply()
        assert (reply.body, reply.headers["x-length"]) == (b"3", "6")


def uploaded(engine: Engine, mib: int, chunked: bool) -> int:
    """Uploads so much, and gives the bytes that the server's memory has grown meanwhile at most."""
    before = most = engine.memory()
    framing = {"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": str(mib * MIB)}
    piece = framed(b"x" * MIB, chunked)
    with Client(engine.address) as client:
        client.socket.settimeout(600)
        client.send(request("/", "POST", **framing))
        for number in range(mib):
            client.send(piece)
            if number % (mib // 8) == 0:
                most = max(most, engine.memory())
        client.send(b"0\r\n\r\n" if chunked else b"")
        assert client.reply().body == b"%d" % (mib * MIB)
    return most - before


@pytest.mark.parametrize(("model", "options"), some_quick(KINDS))
def test_an_upload_takes_a_bounded_memory(folder: Path, model: str, options: tuple[str, ...]) -> None:
    with serving(model, options, folder) as engine:
        get(engine.address)  # or else what is imported for it would count
        assert uploaded(engine, 64, chunked=False) < 24 * MIB


@pytest.mark.slow
@pytest.mark.parametrize("chunked", [False, True], ids=["sized", "chunked"])
@pytest.mark.parametrize(("model", "options"), KINDS)
def test_an_upload_of_a_gib_takes_no_more(folder: Path, model: str, options: tuple[str, ...], chunked: bool) -> None:
    with serving(model, options, folder) as engine:
        get(engine.address)
        assert uploaded(engine, 1024, chunked) < 24 * MIB


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options"), KINDS)
def test_continue_is_sent_when_the_body_is_read(folder: Path, model: str, options: tuple[str, ...]) -> None:
    with serving(model, options, folder) as engine:
        with Client(engine.address) as client:
            client.send(request("/", "POST", Content_Length="3", Expect="100-continue"))
            assert client.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.send(b"abc")
            assert client.reply().body == b"3"
        if (model, options) in COLLECTING:
            return
        with Client(engine.address) as client:
            client.send(request("/ignored", "POST", Content_Length="3", Expect="100-continue"))
            reply = client.reply()
            assert (reply.status, reply.headers["connection"]) == (200, "close")
            assert client.is_closed()


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options"), [*STREAMING, *AWAITED])
def test_a_body_that_is_not_read_ends_the_connection_unless_it_is_short(
    folder: Path, model: str, options: tuple[str, ...]
) -> None:
    with serving(model, options, folder) as engine:
        with Client(engine.address) as client:
            client.send(request("/ignored", "POST", Content_Length="6"), b"abc", b"def", request())
            assert client.reply().headers["connection"] == "keep-alive"
            assert client.reply().status == 200
        with Client(engine.address) as client:
            client.send(request("/ignored", "POST", Content_Length=str(1024 * MIB)))
            reply = client.reply()
            assert (reply.status, reply.headers["connection"]) == (200, "close")
            client.send(b"x" * MIB)
            assert client.is_closed()
        assert engine.counters.failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/caught"])
@pytest.mark.parametrize(("model", "options"), [*STREAMING, *AWAITED])
def test_a_client_that_leaves_within_its_body_is_one_row_and_no_failure(
    folder: Path, model: str, options: tuple[str, ...], path: str
) -> None:
    with serving(model, options, folder) as engine:
        for leave in (Client.half_close, Client.reset):
            client = Client(engine.address)
            client.send(request(path, "POST", Content_Length="6") + b"abc")
            engine.settled(open=1)
            leave(client)
            engine.settled(open=0)
            client.close()
        assert get(engine.address).status == 200
        engine.heard(lambda: len(engine.rows(wire.Requests)) == 3, "not every request has one row")
        statuses = [row.status for row in engine.rows(wire.Requests)]
        caught = path == "/caught" and options != ("asgi",)
        assert statuses == ([200, 200, 200] if caught else [400, 400, 200])
        assert not engine.all(wire.Problem)
        if options == ("asgi",):
            assert notes(folder) == ["http.disconnect"] * 2
        elif caught:
            assert notes(folder) == ["IncompleteBody"] * 2


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options"), KINDS)
def test_a_body_that_is_too_slow_is_late(folder: Path, model: str, options: tuple[str, ...]) -> None:
    with serving(model, options, folder, "--head-seconds", "0.5") as engine, Client(engine.address) as client:
        client.send(request("/", "POST", Content_Length=str(MIB)), b"abc")
        reply = client.reply()
        assert (reply.status, reply.headers["connection"]) == (408, "close")


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options"), [*STREAMING, *AWAITED])
def test_the_head_s_moment_is_when_it_was_read(folder: Path, model: str, options: tuple[str, ...]) -> None:
    with serving(model, options, folder) as engine, Client(engine.address) as client:
        client.send(request("/first", "POST", Content_Length="6"), b"abc")
        eventually(lambda: notes(folder))
        middle = monotonic()
        client.send(b"def")
        assert client.reply().status == 200
        row = engine.heard(lambda: engine.rows(wire.Requests), "the request is not reported")[0]
        assert row.begun <= row.read <= row.handled < middle < row.answered <= row.time


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options"), STREAMING)
def test_a_reply_may_be_made_from_the_body_as_it_comes(folder: Path, model: str, options: tuple[str, ...]) -> None:
    """Also where pieces of a reply are made in another thread than the one that may wait."""
    with serving(model, options, folder) as engine, Client(engine.address) as client:
        for _ in range(2):
            client.send(request("/echo", "POST", Content_Length=str(MIB)), b"x" * 1000, b"y" * (MIB - 1000))
            assert client.reply().body == b"x" * 1000 + b"y" * (MIB - 1000)


@pytest.mark.slow
def test_a_client_is_held_back_while_its_body_is_not_read(folder: Path) -> None:
    (folder / "uploads.py").write_text(APPS.replace('if path == "/first":', "import time; time.sleep(2)\n    if 0:"))
    with serving("thread", (), folder) as engine, Client(engine.address) as client:
        client.send(request("/", "POST", Content_Length=str(256 * MIB)))
        client.socket.settimeout(0.5)
        taken, piece = 0, b"x" * MIB
        with contextlib.suppress(TimeoutError):
            while taken < 256 * MIB:
                taken += client.socket.send(piece)
        assert taken < 64 * MIB, "more than the kernel keeps"
        client.socket.shutdown(socket.SHUT_WR)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "options"), STREAMING)
def test_waiting_for_the_body_is_reading_and_no_handling(folder: Path, model: str, options: tuple[str, ...]) -> None:
    with serving(model, options, folder, "--telemetry", "full") as engine, Client(engine.address) as client:
        client.send(request("/first", "POST", Content_Length="6"), b"abc")
        eventually(lambda: notes(folder))
        middle = monotonic()
        eventually(lambda: monotonic() > middle + 0.5)
        client.send(b"def")
        assert client.reply().status == 200
        engine.settled(open=1)
        reads = [each for each in engine.rows(wire.Spans) if each.begin < middle + 0.2 and each.end > middle + 0.4]
        assert [each.bytes for each in reads if each.connection] == [3]
        handled = [
            each
            for each in engine.rows(wire.HandlingSamples)
            if each.computed >= 0 and each.begin < middle + 0.2 < each.end
        ]
        assert not handled, "the worker did not handle it then"
