"""The connection by itself: any split of the same bytes gives the same replies, and no bytes make it raise."""

import gc
import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.apps.routing import Router
from engine.apps.serving import site_application
from engine.clock import monotonic
from engine.persistence import OwnPersistence
from engine.telemetry.wire import Request as Row
from engine.web.connection import HTTPConnection, Service
from engine.web.date import DateHeader
from engine.web.limits import Limits
from engine.web.request import Request
from engine.web.request_parser import RequestParser
from engine.web.response import Application, Response, text_response
from engine.web.served import ServedConnection
from tests.engine.client import CHANGING, at, request

thorough = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Notes:
    """An observer that keeps its calls."""

    number = 0
    accepted, arrived = 0.125, 0.25

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.heads: list[tuple[bytes, bytes]] = []
        """Of each request and its reply."""
        self.failures: list[Exception] = []
        """What the application raised."""

    @property
    def served_by(self) -> bytes:
        return b'Served-By: test; worker="test"\r\n'

    @property
    def current(self) -> "Notes":
        return self

    worker = connection = current

    @property
    def replies(self) -> list[tuple[int, int, bool]]:
        """Status, bytes and wholeness of each reply."""
        return [(row.status, row.bytes, row.whole) for row in self.rows]

    def answered(self, worker: "Notes", status: int, request_head: bytes, whole: bool) -> bool:
        assert worker is self
        return True

    def report(self, row: Row, request_head: bytes, reply_head: bytes) -> None:
        self.rows.append(row)
        self.heads.append((request_head, reply_head))


def connect(
    application: Application, notes: Notes, greeting: bytes = b"", limits: Limits | None = None
) -> ServedConnection:
    """A connection that is kept, with nobody at its other end yet."""
    service = Service(application, limits or Limits(), notes.failures.append, DateHeader())
    return ServedConnection(service, notes, persistence=OwnPersistence(True), greeting=greeting)


@pytest.fixture(scope="module")
def served(site: Path) -> Application:
    """The site without an engine."""
    (site / "middling.bin").write_bytes(bytes(range(256)) * 1000)
    (site / "large-here.bin").write_bytes(bytes(range(256)) * 5000)
    return site_application(site, work_pages=True)


def talk(
    served: Application, segments: list[bytes], taken: Iterator[int], greeting: bytes = b""
) -> tuple[bytes, Notes]:
    """All that is answered to `segments`, where the kernel takes `taken` bytes at a time; and what was noted."""
    notes, said = Notes(), b""
    exchange = connect(served, notes, greeting)
    for segment in [*segments, b""]:
        exchange.receive(segment)
        while exchange.outgoing and not exchange.finished:
            count = min(next(taken), len(exchange.outgoing))
            said += exchange.outgoing[:count]
            exchange.sent(count)
        if exchange.finished:
            break
    exchange.connection_lost()
    return said, notes


def everything() -> Iterator[int]:
    """The kernel takes all that it is offered."""
    while True:
        yield 1 << 30


def steady(said: bytes) -> bytes:
    """Without the headers that differ each time."""
    return b"\r\n".join(line for line in said.split(b"\r\n") if not line.startswith(CHANGING))


targets = st.sampled_from(["/", "/page.html", "/missing", "/empty.txt", "/middling.bin", "/large-here.bin", "/../x"])
requests = st.one_of(
    st.builds(request, targets, st.sampled_from(["GET", "HEAD"])),
    st.builds(request, targets, X_Word=st.text("abc ", max_size=30).map(str.strip)),
    st.builds(lambda n: request("/", "POST", Content_Length=str(n)) + b"x" * n, st.integers(0, 50)),
    st.builds(lambda target: b"\r\n" + request(target), targets),
)


@thorough
@given(st.lists(requests, min_size=1, max_size=6).map(b"".join), st.data())
def test_any_split_gives_the_same_replies(served: Application, conversation: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(conversation)), max_size=20).map(sorted))
    sizes = data.draw(st.lists(st.integers(1, 100_000), min_size=1, max_size=5))

    def taken() -> Iterator[int]:
        yield from sizes
        yield from everything()

    expected, noted = talk(served, [conversation], everything())
    said, notes = talk(served, at(conversation, places), taken())
    assert steady(said) == steady(expected)
    assert [(status, whole) for status, _, whole in notes.replies] == [
        (status, whole) for status, _, whole in noted.replies
    ]
    assert sum(sent for _, sent, _ in notes.replies) == len(said)
    assert all(whole for _, _, whole in notes.replies)


protocol = st.lists(
    st.sampled_from(
        [b"GET ", b"POST ", b"/", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"Host: a", b": ",
         b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Connection: close",
         b"Connection: upgrade", b"Upgrade: websocket", b"5", b"0", b"%00", b"%", b"..", b"*", b"http://", b"[",
         b"\xff", b"\0", b"x" * 5000]
    ),
    max_size=30,
).map(b"".join)  # fmt: skip


@thorough
@given(st.lists(st.one_of(st.binary(max_size=60), protocol), max_size=6), st.booleans())
def test_nothing_makes_it_raise(served: Application, segments: list[bytes], greets: bool) -> None:
    said, notes = talk(served, [s for s in segments if s], everything(), b"hello" if greets else b"")
    assert said.startswith((b"HTTP/1.1 ", b"hello")) or not said
    assert len(notes.replies) == 0 or said


@thorough
@given(st.integers(0, 400_000))
def test_reply_that_breaks_off_is_noted_as_such(served: Application, sent: int) -> None:
    notes = Notes()
    exchange = connect(served, notes)
    exchange.receive(request("/large-here.bin"))
    done = 0
    while done < sent:
        count = min(sent - done, len(exchange.outgoing))
        exchange.sent(count)
        done += count
    exchange.connection_lost()
    exchange.connection_lost()
    assert notes.replies == [(200, sent, False)]
    assert exchange.finished


refused = st.sampled_from(
    [b"HELLO\r\n\r\n", b"hello\r\n\r\n", b"GOOD MORNING\r\n\r\n", b"FETCH / HTTP/1.1\r\n\r\n",
     b"GET / HTTP/3.0\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\x16\x03\x01\r\n\r\n"]
)  # fmt: skip


@thorough
@given(refused, st.data())
def test_any_split_is_refused_or_greeted_alike(served: Application, words: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(words)), max_size=20).map(sorted))
    expected, _ = talk(served, [words], everything(), b"hello")
    said, _ = talk(served, at(words, places), everything(), b"hello")
    assert said[:12] == expected[:12] != b""


def test_one_continue_for_one_body(served: Application) -> None:
    head = request(method="POST", Content_Length="3", Expect="100-continue")
    said, notes = talk(served, [head, b"a", b"b", b"c"], everything())
    assert said.count(b"100 Continue") <= 1
    assert [status for status, _, _ in notes.replies] == [405]


class Broken:
    """An application that fails: before its reply, or while its body is read for the third time."""

    closed = 0

    def __init__(self, failure: Exception) -> None:
        self._failure = failure
        self._left = 2

    def respond(self, request: Request) -> Response:
        """A good page, one whose body is this application, or nothing."""
        if request.path == "/body":
            return Response(HTTPStatus.OK, [("Content-Length", "100")], self)
        if request.path == "/good":
            return text_response(HTTPStatus.OK, "good")
        raise self._failure

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """Ten bytes, two times."""
        if not self._left:
            raise self._failure
        self._left -= 1
        return b"0123456789"

    def close(self) -> None:
        """Count how often."""
        self.closed += 1


FAILURES = [ValueError("year 10000 is out of range"), RecursionError(), OSError(5, "Input/output error"),
            MemoryError(), UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no"), StopIteration()]  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_failure_of_the_application_is_a_500_and_no_more(failure: Exception) -> None:
    """The connection goes on: the request was understood, and its answer is whole."""
    said, notes = talk(
        Broken(failure).respond, [request("/bad"), request("/good"), request("/bad", "HEAD")], everything()
    )
    assert [(status, whole) for status, _, whole in notes.replies] == [(500, True), (200, True), (500, True)]
    assert said.count(b"HTTP/1.1 500 ") == 2
    assert notes.failures == [failure, failure]


@pytest.mark.parametrize("failure", FAILURES[:-1], ids=lambda failure: type(failure).__name__)
def test_failure_within_a_body_ends_the_connection(failure: Exception) -> None:
    """A head is out that says how long the body is: only closing can report it."""
    broken = Broken(failure)
    said, notes = talk(broken.respond, [request("/body") + request("/good")], everything())
    assert said.endswith(b"0123456789" * 2)
    assert [(status, whole) for status, _, whole in notes.replies] == [(200, False)]
    assert (notes.failures, broken.closed) == ([failure], 1)


def test_body_is_closed_whatever_becomes_of_it() -> None:
    broken = Broken(ValueError())
    talk(broken.respond, [request("/body", "HEAD")], everything())
    assert broken.closed == 1
    exchange = connect(broken.respond, Notes())
    exchange.receive(request("/body"))
    exchange.connection_lost()
    assert broken.closed == 2


# bodies of requests


def post(body: bytes, target: str = "/echo", cut: int = 0, **headers: str) -> bytes:
    """A request with this body, in chunks of `cut` bytes if that is given."""
    if not cut:
        return request(target, "POST", Content_Length=str(len(body)), **headers) + body
    pieces = [body[i : i + cut] for i in range(0, len(body), cut)]
    framed = b"".join(b"%x;n=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return request(target, "POST", Transfer_Encoding="chunked", **headers) + framed + b"0\r\nX: y\r\n\r\n"


def echo(request: Request) -> Response:
    """A page that reads what was sent to it: all that it takes is this and its route."""
    return Response(HTTPStatus.OK, [("X-Length", str(request.body.length))], request.body.read())


def echoing() -> Application:
    router = Router()
    router.add("/echo", echo, "POST")
    return router.respond


@thorough
@given(st.binary(max_size=300), st.integers(0, 50), st.data())
def test_any_body_in_any_split_is_what_the_application_reads(body: bytes, cut: int, data: st.DataObject) -> None:
    sent = post(body, cut=cut) * 2 + request("/none")
    places = data.draw(st.lists(st.integers(0, len(sent)), max_size=10).map(sorted))
    said, notes = talk(echoing(), at(sent, places), everything())
    assert said.count(b"X-Length: %d\r\n" % len(body)) == 2
    assert said.count(b"\r\n\r\n" + body + b"HTTP/1.1") == 2
    assert [status for status, _, _ in notes.replies] == [200, 200, 404]


def test_body_is_beyond_memory_kept_in_a_file_and_closed_with_the_reply() -> None:
    bodies = []

    def keep(request: Request) -> Response:
        bodies.append(request.body)
        return Response(HTTPStatus.OK, (), request.body)

    sent = bytes(range(256)) * 4000
    tracemalloc.start()
    try:
        exchange = connect(keep, Notes())
        whole = post(sent)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for begin in range(0, len(whole), 65536):
            exchange.receive(whole[begin : begin + 65536])
        head = bytes(exchange.outgoing).index(b"\r\n\r\n") + 4
        exchange.sent(head)
        said = hashlib.sha256()
        while exchange.outgoing:
            said.update(exchange.outgoing)
            exchange.sent(len(exchange.outgoing))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert said.digest() == hashlib.sha256(sent).digest()
    assert peak - before < len(sent) // 2
    with pytest.raises(ValueError, match="closed"):
        bodies[0].read()


@pytest.mark.parametrize("end", ["lost", "too much"])
def test_body_that_never_comes_whole_is_closed(end: str) -> None:
    """ResourceWarning is an error: a file that is left open would fail this."""
    exchange = connect(echoing(), Notes())
    exchange.receive(request("/echo", "POST", Transfer_Encoding="chunked") + b"fffff\r\n" + bytes(200_000))
    if end == "too much":
        exchange.receive(bytes(0xFFFFF - 200_000) + b"\r\n2\r\n")
        assert bytes(exchange.outgoing).startswith(b"HTTP/1.1 413 ")
    exchange.connection_lost()
    del exchange
    gc.collect()


# bodies of responses


def application_of(make: Callable[[], Any]) -> Application:
    def respond(request: Request) -> Response:
        made = make()
        return made if isinstance(made, Response) else Response(HTTPStatus.OK, (), made)

    return respond


def words(*pieces: Any, failure: Exception | None = None) -> Iterator[Any]:
    yield from pieces
    if failure:
        raise failure


def body_of(said: bytes) -> bytes:
    return said.partition(b"\r\n\r\n")[2]


def test_body_of_unknown_length_comes_in_chunks() -> None:
    said, notes = talk(application_of(lambda: words(b"ab", b"", b"c" * 20)), [request() * 2], everything())
    assert said.count(b"Transfer-Encoding: chunked\r\n") == 2
    assert b"Content-Length" not in said
    assert body_of(said).startswith(b"2\r\nab\r\n14\r\n" + b"c" * 20 + b"\r\n0\r\n\r\nHTTP/1.1 200")
    assert [whole for _, _, whole in notes.replies] == [True, True]


def test_body_of_unknown_length_ends_with_the_connection_in_1_0() -> None:
    kept = request(version="1.0", Connection="keep-alive")
    said, notes = talk(application_of(lambda: words(b"ab", b"c")), [kept * 2], everything())
    assert b"Transfer-Encoding" not in said
    assert b"Connection: close\r\n" in said
    assert body_of(said) == b"abc"
    assert [whole for _, _, whole in notes.replies] == [True]


def test_head_has_no_body() -> None:
    for make in (lambda: words(b"ab"), lambda: b"ab"):
        said, _ = talk(application_of(make), [request(method="HEAD")], everything())
        assert body_of(said) == b""


def sized(length: int, *pieces: bytes) -> Response:
    return Response(HTTPStatus.OK, [("Content-Length", str(length))], words(*pieces))


NO_ANSWERS: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "a body that is a str": lambda: "text",
    "a body that is a number": lambda: 5,
    "a first piece that is a str": lambda: words("text"),
    "a first piece that fails": lambda: words(failure=ValueError("no")),
    "a length that is none": lambda: Response(HTTPStatus.OK, [("Content-Length", "many")], words(b"a")),
    "a length of another body": lambda: Response(HTTPStatus.OK, [("Content-Length", "3")], b"ab"),
    "too long at once": lambda: sized(1, b"ab"),
    "a header that ends its line": lambda: Response(HTTPStatus.OK, [("X", "a\r\nY: b")]),
    "a header that is not Latin": lambda: Response(HTTPStatus.OK, [("X", "名")]),
    "a name that is none": lambda: Response(HTTPStatus.OK, [("X Y", "a")]),
    "a header of the connection": lambda: Response(HTTPStatus.OK, [("Transfer-Encoding", "chunked")]),
    "a status that is none": lambda: Response(99),
    "a body where there is none": lambda: Response(HTTPStatus.NOT_MODIFIED, (), b"ab"),
}


@pytest.mark.parametrize("make", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_can_t_be_sent_is_a_500_told_once(make: Callable[[], Any]) -> None:
    def respond(request: Request) -> Response:
        made = make()
        return made if made is None or isinstance(made, Response) else Response(HTTPStatus.OK, (), made)

    said, notes = talk(respond, [request() + request(method="HEAD")], everything())
    assert said.startswith(b"HTTP/1.1 500 ")
    assert body_of(said).startswith(b"500 Internal Server Error\n")
    assert [whole for _, _, whole in notes.replies] == [True, True]
    assert 1 <= len(notes.failures) <= 2  # a head alone takes nothing from an iterable


CUT_SHORT: dict[str, Callable[[], Any]] = {
    "fails": lambda: words(b"ab", failure=ValueError("no")),
    "a piece that is a str": lambda: words(b"ab", "c"),
    "too short": lambda: sized(5, b"ab"),
    "too long": lambda: sized(3, b"ab", b"cd"),
}


@pytest.mark.parametrize("make", CUT_SHORT.values(), ids=CUT_SHORT)
def test_reply_whose_head_is_out_is_cut_and_told_once(make: Callable[[], Any]) -> None:
    said, notes = talk(application_of(make), [request() * 2], everything())
    assert said.count(b"HTTP/1.1 ") == 1
    assert not said.endswith(b"0\r\n\r\n")
    assert [(status, whole) for status, _, whole in notes.replies] == [(200, False)]
    assert len(notes.failures) == 1


@pytest.mark.parametrize(("fresh", "times"), [(1000, 2), (-1, 5)])
def test_application_is_not_asked_again_while_its_answer_is_fresh(fresh: float, times: int) -> None:
    """Only the same request gets the same answer; what was answered before is forgotten."""
    asked = []

    def respond(request: Request) -> Response:
        asked.append(request.target)
        response = Response(HTTPStatus.OK, (), request.target)
        response.fresh_until = monotonic() + fresh
        return response

    said, _ = talk(respond, [request("/a")] * 3 + [request("/b")] * 2, everything())
    assert len(asked) == times
    assert [said.count(b"\r\n\r\n" + target) for target in (b"/a", b"/b")] == [3, 2]


# the parts, for a model that answers elsewhere


def called_apart(notes: Notes) -> HTTPConnection:
    """A connection whose user calls the application."""
    never = Service(lambda _: pytest.fail("It was called."), Limits(), notes.failures.append, DateHeader())
    return HTTPConnection(never, notes, persistence=OwnPersistence(True))


def test_requests_are_taken_and_answered_apart() -> None:
    """While one is handled none is taken; what came meanwhile is taken when its answer is out."""
    notes = Notes()
    connection = called_apart(notes)
    connection.receive_data(request("/one") + request("/two"))
    for target in (b"/one", b"/two"):
        asked = connection.next_request()
        assert asked is not None
        assert asked.target == target
        assert connection.next_request() is None
        assert not connection.request_is_late(monotonic() + 1000)
        assert not connection.is_idle(monotonic() + 1000)
        answer = connection.call(lambda request: Response(HTTPStatus.OK, (), request.target), asked)
        connection.reply(asked, answer)
        assert connection.next_request() is None
        assert bytes(connection.outgoing).endswith(target)
        connection.sent(len(connection.outgoing))
    assert connection.next_request() is None
    assert [row.status for row in notes.rows] == [200, 200]


def test_answer_for_a_client_that_left_meanwhile_is_dropped() -> None:
    notes = Notes()
    connection = called_apart(notes)
    connection.receive_data(request("/body"))
    asked = connection.next_request()
    assert asked is not None
    connection.connection_lost()
    broken = Broken(ValueError())
    connection.reply(asked, connection.call(broken.respond, asked))
    assert (connection.outgoing, connection.finished, broken.closed) == (b"", True, 1)


def test_moments_are_in_order_and_tell_what_came_along() -> None:
    _, notes = talk(echoing(), [request("/one") * 2, request("/three")], everything())
    for row in notes.rows:
        assert row.begun <= row.read <= row.handled <= row.answered <= row.written
        assert (row.arrived, row.accepted, row.computed) == (notes.arrived, notes.accepted, -1)
        assert row.time == row.written
        assert row.waited + row.took == pytest.approx(row.written - row.begun)
    first, second, third = notes.rows
    assert second.begun == first.begun
    assert third.begun >= second.written


def test_who_does_not_end_a_strange_line_is_answered_soon() -> None:
    """Methods are in capitals: one who begins otherwise may be waiting for an answer to a word."""
    for words, seconds, status in ((b"hello", 1.5, b"400"), (b"HELLO", 20, b"408"), (b"GET / HT", 20, b"408")):
        exchange = connect(echoing(), Notes())
        exchange.receive(words)
        assert not exchange.request_is_late(monotonic() + seconds * 0.6)
        assert exchange.request_is_late(monotonic() + seconds)
        exchange.receive(b"")
        assert bytes(exchange.outgoing).startswith(b"HTTP/1.1 " + status)
    greeting = connect(echoing(), Notes(), b"hello you")
    greeting.receive(b"hello")
    greeting.receive(b"")
    assert greeting.outgoing == b"hello you"


def test_the_same_request_may_come_byte_by_byte_again_and_again() -> None:
    parser = RequestParser(Limits())
    head = request("/page.html")
    for _ in range(4):
        for byte in head[:-1]:
            parser.unread += bytes((byte,))
            assert parser.next_request() is None
        parser.unread += head[-1:]
        whole = parser.next_request()
        assert whole
        assert whole.head == head
