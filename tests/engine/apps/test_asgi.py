"""ASGI applications, served by real engines whose workers are tasks."""

from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.apps.test_users_application import FORM, dechunked
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

AVAILABLE = [key for key, model in MODELS.items() if model.available()]
AWAITING = [key for key in AVAILABLE if MODELS[key].traits.awaits]
PLAIN = """
import asyncio

inside = []

def note(word):
    with open("notes", "a") as file:
        file.write(word + "\\n")

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["word"] = b"kept"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        note("shut down")
        await send({"type": "lifespan.shutdown.complete"})
        return
    path, headers = scope["path"], [(b"content-type", b"text/plain")]
    if path == "/fail":
        raise ValueError("not today")
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    if path == "/echo":
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if path == "/wait":
        inside.append(path)
        await asyncio.sleep(0.5)
        await send({"type": "http.response.body", "body": scope["state"]["word"] + b" %d" % len(inside)})
    elif path == "/echo":
        await send({"type": "http.response.body", "body": body})
    elif path == "/pieces":
        for n in range(3):
            await send({"type": "http.response.body", "body": b"%d" % n * 3, "more_body": True})
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body"})
    elif path == "/within":
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        raise ValueError("within")
    elif path == "/listen":
        await send({"type": "http.response.body", "body": b"here", "more_body": True})
        note((await receive())["type"])
    else:
        await send({"type": "http.response.body", "body": repr(scope).encode()})


async def failing(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def bare(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the plain application."""
    (tmp_path / "plain_asgi.py").write_text(PLAIN)
    return tmp_path


def notes(folder: Path) -> list[str]:
    """What the application has noted."""
    place = folder / "notes"
    return place.read_text().splitlines() if place.exists() else []


def serving(model: str, folder: Path, name: str) -> Engine:
    return Engine(model, folder, "--app", name, "--app-dir", str(folder), may_fail=True)


def pieces(engine: Engine, target: str) -> bytes:
    """The body at `target`, whose length is not known before."""
    with Client(engine.address) as client:
        client.send(request(target, Connection="close"))
        return client.rest().partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("model", AWAITING)
def test_an_application_is_awaited(model: str, folder: Path) -> None:
    with serving(model, folder, "plain_asgi:app") as engine:
        assert get(engine.address, "/fail").status == 500
        clients = [Client(engine.address) for _ in range(8)]
        for client in clients:
            client.send(request("/wait"))
        assert [client.reply().body for client in clients] == [b"kept 8"] * 8, "they waited one by one"
        for client in clients:
            client.close()
        with Client(engine.address) as client:
            client.send(request("/echo", "POST", Content_Length="200000") + b"x" * 200_000, request("/wait"))
            assert client.reply().body == b"x" * 200_000
            assert client.reply().body == b"kept 9"
        assert get(engine.address, "/echo", "HEAD").status == 200
        assert dechunked(pieces(engine, "/pieces")) == b"000111222"
        assert pieces(engine, "/within") == b"5\r\nbegun\r\n"
        with Client(engine.address) as client:
            client.send(request("/listen"))
            assert client.receive()
        eventually(lambda: notes(folder) == ["http.disconnect"], "it is not said that its client has left")
        counters = engine.counters
        assert (counters.requests, counters.failed) == (15, 3), "two have failed, and one was left by its client"
    assert notes(folder) == ["http.disconnect", "shut down"]


@pytest.mark.slow
@pytest.mark.parametrize("model", AWAITING)
def test_a_startup_that_fails_ends_the_server_with_its_reason(model: str, folder: Path) -> None:
    engine = serving(model, folder, "plain_asgi:failing")
    try:
        assert engine.end() == 1
        problem = engine.latest(wire.Problem)
        assert problem
        assert "no database" in problem.message
    finally:
        engine.kill()


@pytest.mark.slow
@pytest.mark.parametrize("model", AWAITING)
def test_an_application_without_a_lifespan_is_served(model: str, folder: Path) -> None:
    with serving(model, folder, "plain_asgi:bare") as engine:
        assert get(engine.address, "/").body == b"ok"
        assert get(engine.address, "/", "HEAD").headers["content-length"] == "2"
        assert engine.counters.failed == 0
        assert engine.stderr() == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "other", [key for key, model in MODELS.items() if model.available() and not model.traits.awaits]
)
def test_another_model_says_which_can(folder: Path, other: str) -> None:
    engine = serving(other, folder, "plain_asgi:app")
    try:
        assert engine.end() == 1
        problem = engine.latest(wire.Problem)
        assert problem
        assert problem.code == "app-asgi"
        assert all(MODELS[key].title in problem.message for key in AWAITING)
    finally:
        engine.kill()


FRAMEWORKS = {
    "starlette": """
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
async def hello(request): return PlainTextResponse("hello " + request.path_params["name"] + request.state.word)
async def echo(request): return PlainTextResponse(await request.body())
async def form(request):
    return PlainTextResponse((await request.form())["word"]) if 0 else PlainTextResponse("wordfile")
async def three():
    for n in range(3):
        yield str(n) * 3
async def pieces(request): return StreamingResponse(three())
def blocking(request): return PlainTextResponse("in a thread")
def fail(request): raise ValueError("not today")
@asynccontextmanager
async def lifespan(app):
    yield {"word": "!"}
app = Starlette(routes=[Route("/hello/{name}", hello), Route("/echo", echo, methods=["POST"]), Route("/pieces", pieces),
                        Route("/blocking", blocking), Route("/fail", fail)], lifespan=lifespan)
""",
    "fastapi": """
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
app = FastAPI()
@app.get("/hello/{name}", response_class=PlainTextResponse)
async def hello(name: str): return "hello " + name + "!"
@app.post("/echo")
async def echo(request: Request): return Response(await request.body())
@app.get("/pieces")
async def pieces(): return StreamingResponse(str(n) * 3 for n in range(3))
@app.get("/blocking", response_class=PlainTextResponse)
def blocking(): return "in a thread"
@app.get("/fail")
async def fail(): raise ValueError("not today")
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("model", AWAITING)
def test_real_frameworks_run(model: str, tmp_path: Path, framework: str) -> None:
    pytest.importorskip(framework)
    (tmp_path / f"{framework}_shop.py").write_text(FRAMEWORKS[framework])
    with serving(model, tmp_path, f"{framework}_shop:app") as engine:
        assert get(engine.address, "/fail").status == 500
        assert get(engine.address, "/hello/ann").body == b"hello ann!"
        assert get(engine.address, "/nowhere").status == 404
        with Client(engine.address) as client:
            client.send(request("/echo", "POST", Content_Length=str(len(FORM))) + FORM)
            assert client.reply().body == FORM
        assert dechunked(pieces(engine, "/pieces")) == b"000111222"
        assert get(engine.address, "/blocking").body == b"in a thread"
        assert engine.counters.requests == 6
