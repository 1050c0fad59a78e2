"""WSGI by itself: what applications do, and what their clients get, on a real connection without a socket."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from wsgiref.validate import validator

import pytest

from engine.apps.wsgi import Gateway
from engine.persistence import OwnPersistence
from engine.web.connection import Service
from engine.web.date import DateHeader
from engine.web.limits import Limits
from engine.web.observer import NullObserver
from engine.web.served import ServedConnection
from tests.engine.client import request

Environ = dict[str, Any]
Start = Callable[..., Any]


class Talk:
    """One connection to a WSGI application: what it answers, what it raised, and what it gave that is no bytes."""

    def __init__(self, application: Any) -> None:
        self.failures: list[Exception] = []
        self.texts: list[str] = []
        gateway = Gateway(
            application, ("127.0.0.1", 80), multithread=True, multiprocess=False, report_text=self.texts.append
        )
        respond = partial(gateway.respond, ("10.0.0.7", 1234))
        self._service = Service(respond, Limits(), self.failures.append, DateHeader())
        self.connection = ServedConnection(self._service, NullObserver(), persistence=OwnPersistence(True))

    def send(self, *segments: bytes) -> bytes:
        """All that is answered."""
        said = b""
        for segment in segments:
            self.connection.receive(segment)
            while self.connection.outgoing and not self.connection.finished:
                said += bytes(self.connection.outgoing)
                self.connection.sent(len(self.connection.outgoing))
        return said

    def get(self, target: str = "/", method: str = "GET", **headers: str) -> tuple[bytes, bytes]:
        """The head and the body of the answer to one request."""
        head, _, body = self.send(request(target, method, **headers)).partition(b"\r\n\r\n")
        return head, body


def noting(environs: list[Environ]) -> Callable[[Environ, Start], list[bytes]]:
    """An application that keeps its environs, and answers the body it was sent."""

    def application(environ: Environ, start_response: Start) -> list[bytes]:
        environs.append(environ)
        data = b"".join(iter(lambda: environ["wsgi.input"].read(1000), b""))
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(data)))])
        return [data]

    return application


class Body:
    """An iterable that counts its calls of `close`."""

    def __init__(self, *pieces: Any) -> None:
        self.pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        return self.pieces

    def close(self) -> None:
        self.closed += 1


def giving(body: Any, status: str = "200 OK", *headers: tuple[str, str]) -> Callable[[Environ, Start], Any]:
    def application(environ: Environ, start_response: Start) -> Any:
        start_response(status, [("Content-Type", "text/plain"), *headers])
        return body

    return application


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_the_validator_of_the_standard_library_has_no_complaint(
    method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = Talk(validator(noting([])))
    head, body = talk.get("/a%20b;c?d=e%20f", method, X_Word="x", Content_Type="text/plain")
    assert (talk.failures, head[:15], body) == ([], b"HTTP/1.1 200 OK", b"")
    talk.connection.connection_lost()
    assert capsys.readouterr().err == ""


def test_the_environ_is_complete() -> None:
    environs: list[Environ] = []
    talk = Talk(noting(environs))
    talk.get("/caf%C3%A9/%2e/x?q=%20", X_A="1", X_B_C="2", Content_Type="a/b", Cookie="c=d")
    environ = environs[0]
    assert type(environ) is dict
    wanted = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/caf\xc3\xa9/./x", "QUERY_STRING": "q=%20",
        "RAW_URI": "/caf%C3%A9/%2e/x?q=%20", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "REMOTE_ADDR": "10.0.0.7", "REMOTE_PORT": "1234", "HTTP_HOST": "localhost",
        "HTTP_X_A": "1", "HTTP_X_B_C": "2", "HTTP_COOKIE": "c=d", "CONTENT_TYPE": "a/b", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    assert {name: environ.get(name) for name in wanted} == wanted
    assert "CONTENT_LENGTH" not in environ
    assert "HTTP_CONTENT_TYPE" not in environ


def test_a_header_with_an_underscore_can_not_pass_for_another() -> None:
    environs: list[Environ] = []
    Talk(noting(environs)).send(b"GET / HTTP/1.1\r\nHost: a\r\nX_Real_IP: evil\r\n\r\n")
    assert "HTTP_X_REAL_IP" not in environs[0]


def test_a_body_is_read_alike_sized_or_in_chunks() -> None:
    environs: list[Environ] = []
    talk = Talk(noting(environs))
    sized = talk.get("/", "POST", Content_Length="5") and talk.send(b"a\nb\nc")
    chunked = talk.send(request("/", "POST", Transfer_Encoding="chunked"), b"2\r\na\n\r\n", b"3\r\nb\nc\r\n0\r\n\r\n")
    assert sized.endswith(b"\r\n\r\na\nb\nc")
    assert chunked.endswith(b"\r\n\r\na\nb\nc")
    assert [each["CONTENT_LENGTH"] for each in environs] == ["5", "5"]
    assert "HTTP_TRANSFER_ENCODING" not in environs[1]


def test_the_input_is_a_file() -> None:
    lines: list[Any] = []

    def application(environ: Environ, start_response: Start) -> list[bytes]:
        file = environ["wsgi.input"]
        lines.extend([file.readline(), file.readline(1), file.readlines(1), list(file), file.read(), file.read(3)])
        start_response("204 No Content", [])
        return []

    talk = Talk(application)
    talk.send(request("/", "POST", Content_Length="11") + b"ab\ncd\nef\ngh")
    assert lines == [b"ab\n", b"c", [b"d\n"], [b"ef\n", b"gh"], b"", b""]


def test_continue_is_said_before_the_body_is_sent() -> None:
    talk = Talk(noting([]))
    assert talk.send(request("/", "POST", Content_Length="2", Expect="100-continue")).startswith(b"HTTP/1.1 100")
    assert talk.send(b"ab").endswith(b"\r\n\r\nab")


@pytest.mark.parametrize("body", [[b"a", b"b"], (b"ab",), Body(b"a", b"", b"b"), io.BytesIO(b"ab")])
def test_a_body_may_be_any_iterable_of_bytes(body: Any) -> None:
    head, sent = Talk(giving(body)).get()
    assert b"Content-Type: text/plain" in head
    assert sent in (b"ab", b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", b"2\r\nab\r\n0\r\n\r\n")


@pytest.mark.parametrize("body", ["h\u00e9llo", ["h\u00e9", "llo"], Body("h\u00e9llo")])
def test_text_is_served_and_what_wsgi_wants_is_said(body: Any) -> None:
    talk = Talk(giving(body, "200 OK", ("X-Word", "x")))
    assert "h\u00e9llo".encode() in talk.get()[1]
    assert talk.texts[0] == "text"
    assert talk.failures == []


def test_text_whose_characters_were_counted_is_sent_whole() -> None:
    head, body = Talk(giving(["h\u00e9llo"], "200 OK", ("Content-Length", "5"))).get()
    assert b"Content-Length: 6" in head
    assert body == "h\u00e9llo".encode()


def test_head_has_the_length_that_get_would_have() -> None:
    body = Body(b"never sent")
    head, sent = Talk(giving(body, "200 OK", ("Content-Length", "10"))).get(method="HEAD")
    assert (b"Content-Length: 10" in head, sent, body.closed) == (True, b"", 1)
    head, sent = Talk(giving([], "200 OK", ("Content-Length", "10"))).get(method="HEAD")
    assert (b"Content-Length: 10" in head, sent) == (True, b"")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_status_without_a_body_has_none(status: str) -> None:
    body = Body(b"x")
    head, sent = Talk(giving(body, status, ("Content-Length", "1"))).get()
    assert (head.startswith(f"HTTP/1.1 {status}".encode()), sent, body.closed) == (True, b"", 1)


def test_the_reason_is_the_application_s_own() -> None:
    assert Talk(giving([], "404 Gone Fishing")).get()[0].startswith(b"HTTP/1.1 404 Gone Fishing\r\n")


def test_what_is_written_comes_first() -> None:
    def application(environ: Environ, start_response: Start) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"a")
        write(b"b")
        return [b"c"]

    head, body = Talk(application).get()
    assert (b"Content-Length: 3" in head, body) == (True, b"abc")


def test_a_reply_may_be_begun_anew_with_exc_info_until_its_first_piece() -> None:
    def early(environ: Environ, start_response: Start) -> list[bytes]:
        start_response("200 OK", [])
        try:
            raise KeyError("early")
        except KeyError as error:
            start_response("500 Oops", [], (type(error), error, error.__traceback__))
        return [b"sorry"]

    def late(environ: Environ, start_response: Start) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"begun"
        try:
            raise KeyError("late")
        except KeyError as error:
            start_response("500 Oops", [], (type(error), error, error.__traceback__))

    assert Talk(early).get()[0].startswith(b"HTTP/1.1 500 Oops")
    talk = Talk(late)
    head, body = talk.get()
    assert (head[:12], body, talk.connection.finished) == (b"HTTP/1.1 200", b"5\r\nbegun\r\n", True)
    assert repr(talk.failures) == "[KeyError('late')]"


def twice(environ: Environ, start_response: Start) -> list[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def leaving(environ: Environ, start_response: Start) -> list[bytes]:
    raise SystemExit


@pytest.mark.parametrize(
    ("application", "why"),
    [
        (twice, "twice"),
        (leaving, "SystemExit"),
        (lambda environ, start_response: [b"x"], "before it has called start_response"),
        (giving([b"x"], "200 OK", ("Connection", "close")), "Connection is for the server"),
        (giving([b"x"], "200 OK", ("Transfer-Encoding", "chunked")), "Transfer-Encoding is for the server"),
        (giving([b"x"], "fine"), "no status"),
        (giving([b"x"], "200 OK", ("X", "a\r\nY: b")), "no header"),
        (giving([b"x"], "200 OK", ("Content-Length", "2")), "1 bytes"),
        (giving([1]), "bytes, not int"),
        (giving(None), "not iterable"),
    ],
)
def test_a_mistake_is_a_500_and_the_connection_goes_on(application: Any, why: str) -> None:
    talk = Talk(application)
    assert talk.get()[0].startswith(b"HTTP/1.1 500 ")
    assert talk.get()[0].startswith(b"HTTP/1.1 500 ")
    assert why in str(talk.failures[0])


def test_what_is_returned_is_closed_whatever_becomes_of_it() -> None:
    bodies = [Body(b"a"), Body(), Body(1), Body(b"a", b"b")]
    for body in bodies[:3]:
        Talk(giving(body)).get()
    talk = Talk(giving(bodies[3]))
    talk.connection.receive(request("/"))
    talk.connection.connection_lost()  # the client leaves after the first piece
    refused = Body(b"a")
    Talk(giving(refused, "200 OK", ("Upgrade", "x"))).get()
    assert [body.closed for body in bodies] == [1, 1, 1, 1]


def test_a_file_is_sent_through_the_wrapper(tmp_path: Any) -> None:
    (tmp_path / "file").write_bytes(b"x" * 20_000)
    opened = (tmp_path / "file").open("rb")

    def application(environ: Environ, start_response: Start) -> Any:
        start_response("200 OK", [("Content-Length", "20000")])
        return environ["wsgi.file_wrapper"](opened)

    assert Talk(application).get()[1] == b"x" * 20_000
    assert opened.closed
