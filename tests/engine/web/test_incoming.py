"""A body that is received while it is read, on a connection without a socket: however its bytes were cut."""

from collections.abc import Callable, Iterator

import pytest

from engine.persistence import OwnPersistence
from engine.web.body import IncomingBody
from engine.web.connection import Service
from engine.web.date import DateHeader
from engine.web.limits import Limits
from engine.web.observer import NullObserver
from engine.web.request import Request
from engine.web.response import Application, Response
from engine.web.served import ServedConnection
from tests.engine.client import CUTS, Cut, request

BODY = b"".join(b"line %d\n" % number for number in range(300))
SIZED = request("/", "POST", Content_Length=str(len(BODY))) + BODY
CHUNKED = request("/", "POST", Transfer_Encoding="chunked") + b"5\r\n%b\r\n%x;a=b\r\n%b\r\n0\r\nX: y\r\n\r\n" % (
    BODY[:5], len(BODY) - 5, BODY[5:],
)  # fmt: skip


class SegmentClient:
    """A client whose bytes come in segments, and then end."""

    may_wait = True

    def __init__(self, segments: list[bytes]) -> None:
        self.segments = segments
        self.sent = b""

    def receive(self) -> bytes:
        return self.segments.pop(0) if self.segments else b""

    async def receive_awaited(self, take: Callable[[bytes], object]) -> None:
        take(self.receive())

    def stop(self) -> None:
        pass

    def send(self, data: bytes) -> None:
        self.sent += data


def talk(application: Application, segments: list[bytes]) -> tuple[bytes, list[Exception], SegmentClient]:
    """What is answered to `segments`, what was reported, and the client."""
    failures: list[Exception] = []
    service = Service(application, Limits(max_body=10_000), failures.append, DateHeader())
    connection = ServedConnection(service, NullObserver(), persistence=OwnPersistence(True))
    client = SegmentClient(segments)
    connection.stream_bodies(client)
    said = b""
    while not connection.finished:
        if connection.outgoing:
            said += bytes(connection.outgoing)
            connection.sent(len(connection.outgoing))
        else:
            connection.receive(client.receive())
    connection.connection_lost()
    return said, failures, client


def reading(request: Request) -> Response:
    lines = []
    while line := request.body.readline(50):
        lines.append(line)
    return Response(200, (), b"".join(lines) + b"%d lines" % len(lines))


def as_it_comes(request: Request) -> Response:
    def pieces() -> Iterator[bytes]:
        yield from request.body
        yield b"300 lines"

    return Response(200, (), pieces())


@pytest.mark.parametrize("application", [reading, as_it_comes])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("framed", [SIZED, CHUNKED], ids=["sized", "chunked"])
def test_it_is_read_whole_and_the_next_request_follows(application: Application, cut: Cut, framed: bytes) -> None:
    said, failures, _ = talk(application, cut(framed + request() + framed))
    assert not failures
    assert said.count(b"HTTP/1.1 200 OK") == 3
    assert said.count(b"300 lines") >= 2
    assert b"0 lines" in said


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("/", "POST", Content_Length="5") + b"abc", b"400"),
        (request("/", "POST", Transfer_Encoding="chunked") + b"3\r\nabc\r\nno", b"400"),
        (request("/", "POST", Transfer_Encoding="chunked") + b"fffff\r\n", b"413"),
    ],
)
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_one_that_can_not_be_read_is_the_client_s_error_and_ends_the_connection(
    sent: bytes, status: bytes, cut: Cut
) -> None:
    said, failures, _ = talk(reading, cut(sent))
    assert said.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in said
    assert not failures


def test_an_error_of_the_application_is_reported_all_the_same() -> None:
    def failing(request: Request) -> Response:
        request.body.read(2)
        raise ValueError("not today")

    said, failures, _ = talk(failing, [SIZED[:200], SIZED[200:]])
    assert said.startswith(b"HTTP/1.1 500")
    assert [str(each) for each in failures] == ["not today"]


def test_continue_is_sent_once_and_only_when_the_body_is_read() -> None:
    head = request("/", "POST", Content_Length="3", Expect="100-continue")
    assert talk(reading, [head, b"a", b"bc"])[2].sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    said, _, client = talk(lambda _: Response(200, (), b"no"), [head, b"abc"])
    assert client.sent == b""
    assert b"Connection: close" in said
    assert client.segments == [b"abc"], "it may be the body, or the next request"


def test_continue_is_never_sent_within_a_reply() -> None:
    def late(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"hello"
            yield request.body.read()

        return Response(200, (), pieces())

    head = request("/", "POST", Content_Length="3", Expect="100-continue")
    said, failures, client = talk(late, [head, b"abc"])
    assert client.sent == b""
    assert b"hello" in said
    assert b"abc" not in said
    assert not failures


def test_a_client_that_leaves_within_its_body_is_no_failure_of_the_pieces() -> None:
    said, failures, _ = talk(as_it_comes, [SIZED[:-9]])
    assert said
    assert not failures
    said, failures, _ = talk(as_it_comes, [SIZED[: -len(BODY)]])
    assert said.startswith(b"HTTP/1.1 400")
    assert b"Connection: close" in said
    assert not failures


def test_an_error_that_is_raised_from_none_is_the_application_s() -> None:
    def mistaken(request: Request) -> Response:
        try:
            request.body.read()
        except OSError:
            raise KeyError("misspelled") from None
        return Response(200, (), b"")

    said, failures, _ = talk(mistaken, [SIZED[:-9]])
    assert said.startswith(b"HTTP/1.1 500")
    assert [type(each) for each in failures] == [KeyError]


def test_what_was_not_read_is_given_back() -> None:
    bodies = []

    def ignoring(request: Request) -> Response:
        bodies.append(request.body)
        return Response(200, (), b"ok")

    said, _, _ = talk(ignoring, [SIZED[:200], SIZED[200:] + request()])
    assert said.count(b"HTTP/1.1 200 OK") == 2
    assert isinstance(bodies[0], IncomingBody)
    assert bodies[0].take() == b""
