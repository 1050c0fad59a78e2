"""The user's own application, served by real engines: plain WSGI, and the frameworks that people write it with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

AVAILABLE = [key for key, model in MODELS.items() if model.available()]
PLAIN = """
import sys
from wsgiref.validate import validator


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/fail":
        raise ValueError("not today")
    if path == "/text":
        start_response("200 OK", [("Content-Type", "text/html")])
        return "h\\u00e9llo"
    if path == "/endless":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Endless()
    if path == "/flags":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d %d" % (environ["wsgi.multithread"], environ["wsgi.multiprocess"])]
    size, last = 0, b""
    while piece := environ["wsgi.input"].read(65536):
        size, last = size + len(piece), piece
    print("printed")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d %b" % (size, last[-3:])]


class Endless:
    def __iter__(self):
        while True:
            yield b"x" * 65536

    def close(self):
        with open("closed", "a") as file:
            file.write("closed\\n")


checked = validator(app)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the plain application."""
    place = tmp_path_factory.mktemp("users")
    (place / "plain_shop.py").write_text(PLAIN)
    return place


def serving(
    model: str, folder: Path, name: str = "plain_shop:app", *options: str, before: tuple[str, ...] = ()
) -> Engine:
    """An engine with the application `name`, which may fail."""
    return Engine(model, folder, "--app", name, "--app-dir", str(folder), *options, may_fail=True, before=before)


def test_a_plain_application_is_served_and_fails_for_one_client_alone(folder: Path) -> None:
    with serving("thread", folder, "plain_shop:checked") as engine:
        assert engine.ready.served == "plain_shop:checked"
        assert get(engine.address, "/fail").status == 500
        assert get(engine.address, "/", "HEAD").status == 200
        problem = engine.heard(lambda: engine.latest(wire.Problem), "the failure is not reported")
        assert problem.code == "application-failed"
        assert str(problem.details["place"]).startswith("plain_shop.py:")
        assert "not today" in engine.stderr()
        assert engine.counters.failed == 1
    with serving("thread", folder) as engine:
        assert get(engine.address, "/fail").status == 500  # or else what is printed would come first
        with Client(engine.address) as client:
            client.send(request("/", "POST", Transfer_Encoding="chunked") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            assert client.reply().body == b"5 cde"
        assert get(engine.address, "/text").body == "h\u00e9llo".encode()
        said = engine.heard(lambda: [each for each in engine.all(wire.Problem) if each.code == "application-text"], "")
        assert "iterable of bytes" in said[0].message
        assert "printed" in engine.stderr()


@pytest.mark.slow
@pytest.mark.parametrize("model", AVAILABLE)
def test_every_model_serves_it_and_closes_what_a_client_leaves(folder: Path, model: str) -> None:
    (folder / "closed").unlink(missing_ok=True)
    with serving(model, folder) as engine:
        traits = engine.ready.traits
        flags = get(engine.address, "/flags").body
        assert flags == b"%d %d" % (traits.shares_memory, traits.has_processes)
        assert get(engine.address, "/fail").status == 500
        with Client(engine.address) as client:
            client.send(request("/endless"))
            client.receive()
            client.reset()
        eventually((folder / "closed").exists, "the body was not closed")
        assert get(engine.address, "/flags").status == 200


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_processes_serve_it_however_they_are_made(folder: Path, start: str) -> None:
    with serving("process", folder, "plain_shop:app", "--start-method", start) as engine:
        assert get(engine.address, "/fail").status == 500
        assert get(engine.address, "/flags").body == b"0 1"
        assert get(engine.address, "/").body == b"0 "


FRAMEWORKS = {
    "flask": """
from flask import Flask, Response, request
app = Flask(__name__)
@app.get("/hello/<name>")
def hello(name): return "hello " + name
@app.post("/echo")
def echo(): return request.get_data()
@app.post("/form")
def form(): return request.form["word"] + request.files["file"].read().decode()
@app.get("/pieces")
def pieces(): return Response((str(n) * 3 for n in range(3)), mimetype="text/plain")
@app.get("/fail")
def fail(): raise ValueError("not today")
""",
    "django": """
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", LOGGING_CONFIG=None,
                   MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
def hello(request, name): return HttpResponse("hello " + name)
@csrf_exempt
def echo(request): return HttpResponse(request.body)
@csrf_exempt
def form(request): return HttpResponse(request.POST["word"] + request.FILES["file"].read().decode())
def pieces(request): return StreamingHttpResponse(str(n) * 3 for n in range(3))
def fail(request): raise ValueError("not today")
urlpatterns = [path("hello/<name>", hello), path("echo", echo), path("form", form), path("pieces", pieces),
               path("fail", fail)]
app = get_wsgi_application()
""",
    "bottle": """
from bottle import Bottle, request
app = Bottle()
@app.get("/hello/<name>")
def hello(name): return "hello " + name
@app.post("/echo")
def echo(): return request.body.read()
@app.post("/form")
def form(): return request.forms["word"] + request.files["file"].file.read().decode()
@app.get("/pieces")
def pieces():
    for n in range(3):
        yield str(n) * 3
@app.get("/fail")
def fail(): raise ValueError("not today")
""",
    "falcon": """
import falcon
class Hello:
    def on_get(self, request, response, name): response.text = "hello " + name
class Echo:
    def on_post(self, request, response): response.data = request.bounded_stream.read()
class Form:
    def on_post(self, request, response):
        response.text = "".join(part.stream.read().decode() for part in request.get_media())
class Pieces:
    def on_get(self, request, response): response.stream = (b"%d" % n * 3 for n in range(3))
class Fail:
    def on_get(self, request, response): raise ValueError("not today")
app = falcon.App()
for path, resource in (("/hello/{name}", Hello()), ("/echo", Echo()), ("/form", Form()), ("/pieces", Pieces()),
                       ("/fail", Fail())):
    app.add_route(path, resource)
""",
}
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="word"\r\n\r\nword\r\n--b\r\n'
    b'Content-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--b--\r\n'
)


def dechunked(data: bytes) -> bytes:
    """What is in the chunks of a body."""
    whole = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        whole, data = whole + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return whole


@pytest.mark.slow
@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("model", AVAILABLE)
def test_real_frameworks_run_in_every_model(tmp_path: Path, model: str, framework: str) -> None:
    pytest.importorskip(framework)
    (tmp_path / f"{framework}_shop.py").write_text(FRAMEWORKS[framework])
    with serving(model, tmp_path, f"{framework}_shop:app") as engine:
        assert get(engine.address, "/fail").status == 500
        assert get(engine.address, "/hello/ann").body == b"hello ann"
        assert get(engine.address, "/nowhere").status == 404
        body = b"0123456789" * 50_000
        traits = engine.ready.traits
        reads_on = framework == "flask" or not traits.may_wait  # or else it reads while the body comes
        for headers, sent, read in (
            ({"Content_Length": str(len(body))}, body, body),
            ({"Transfer_Encoding": "chunked"}, b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), body if reads_on else b""),
        ):
            with Client(engine.address) as client:
                client.send(request("/echo", "POST", **headers) + sent)
                assert client.reply().body == read, "others read as much as a Content-Length says, as under gunicorn"
        with Client(engine.address) as client:
            kind = "multipart/form-data; boundary=b"
            client.send(request("/form", "POST", Content_Type=kind, Content_Length=str(len(FORM))) + FORM)
            assert client.reply().body == b"wordfile"
        with Client(engine.address) as client:
            client.send(request("/pieces", Connection="close"))
            assert dechunked(client.rest().partition(b"\r\n\r\n")[2]) == b"000111222"
        assert engine.counters.requests == 7


@pytest.mark.slow
@pytest.mark.parametrize("activated", [False, True])
def test_packages_of_an_environment_are_found(tmp_path: Path, activated: bool) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "own"], check=True)
    packages = next((tmp_path / "own").glob("**/site-packages"))
    (packages / "only_there.py").write_text("word = b'from there'")
    (packages / "msgspec-0.0.1.dist-info").mkdir()
    (packages / "msgspec-0.0.1.dist-info" / "METADATA").write_text("Name: msgspec\nVersion: 0.0.1\n")
    (tmp_path / "there_shop.py").write_text(
        "import only_there\ndef app(environ, start_response):\n    start_response('200 OK', [])\n"
        "    return [only_there.word]\n"
    )
    options = () if activated else ("--app-python", str(tmp_path / "own"))
    before = ("env", f"VIRTUAL_ENV={tmp_path / 'own'}") if activated and os.name == "posix" else ()
    with serving("thread", tmp_path, "there_shop:app", *options, before=before) as engine:
        assert get(engine.address).body == b"from there"
        clash = engine.heard(lambda: engine.latest(wire.Problem), "the clash is not reported")
        assert clash.code == "package-clash"
        assert "msgspec" in clash.message
