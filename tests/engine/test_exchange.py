"""The exchange by itself: any split of the same bytes gives the same replies, and no bytes make it raise."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.web.exchange import Exchange
from engine.web.limits import Limits
from engine.web.website import Page, Response, Site, message, new_response
from tests.engine.client import CHANGING, at, request

thorough = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Notes:
    """A witness that keeps what it is told."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, int, bool]] = []
        """Status, bytes and wholeness of each reply."""
        self.failures: list[Exception] = []
        """What the site raised."""

    @property
    def served_by(self) -> bytes:
        return b'Served-By: test; worker="test"\r\n'

    @property
    def here(self) -> "Notes":
        return self

    worker = here

    def answered(
        self,
        worker: "Notes",
        request: bytes,
        reply: bytes,
        status: int,
        sent: int,
        begun: float,
        handled: float,
        whole: bool,
    ) -> None:
        assert worker is self
        self.replies.append((status, sent, whole))


@pytest.fixture(scope="module")
def served(site: Path) -> Site:
    """The site without an engine."""
    (site / "middling.bin").write_bytes(bytes(range(256)) * 1000)
    (site / "large-here.bin").write_bytes(bytes(range(256)) * 5000)
    return Site(site)


def talk(served: Site, segments: list[bytes], taken: Iterator[int], greeting: bytes = b"") -> tuple[bytes, Notes]:
    """All that is answered to `segments`, where the kernel takes `taken` bytes at a time; and what was noted."""
    notes, said = Notes(), b""
    exchange = Exchange(served, notes, Limits(), notes.failures.append, keep_alive=True, greeting=greeting)
    for segment in [*segments, b""]:
        while exchange.outgoing and not exchange.finished:
            count = min(next(taken), len(exchange.outgoing))
            said += exchange.outgoing[:count]
            exchange.sent(count)
        if exchange.finished:
            break
        exchange.receive(segment)
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
def test_any_split_gives_the_same_replies(served: Site, conversation: bytes, data: st.DataObject) -> None:
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
def test_nothing_makes_it_raise(served: Site, segments: list[bytes], greets: bool) -> None:
    said, notes = talk(served, [s for s in segments if s], everything(), b"hello" if greets else b"")
    assert said.startswith((b"HTTP/1.1 ", b"hello")) or not said
    assert len(notes.replies) == 0 or said


@thorough
@given(st.integers(0, 400_000))
def test_reply_that_breaks_off_is_noted_as_such(served: Site, sent: int) -> None:
    notes = Notes()
    exchange = Exchange(served, notes, Limits(), notes.failures.append, keep_alive=True)
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
def test_any_split_is_refused_or_greeted_alike(served: Site, words: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(words)), max_size=20).map(sorted))
    expected, _ = talk(served, [words], everything(), b"hello")
    said, _ = talk(served, at(words, places), everything(), b"hello")
    assert said[:12] == expected[:12] != b""


def test_one_continue_for_one_body(served: Site) -> None:
    head = request(method="POST", Content_Length="3", Expect="100-continue")
    said, notes = talk(served, [head, b"a", b"b", b"c"], everything())
    assert said.count(b"100 Continue") <= 1
    assert [status for status, _, _ in notes.replies] == [405]


class Broken(Site):
    """A site that fails: before its reply, or while its body is read for the third time."""

    length = left = 100
    closed = 0

    def __init__(self, root: Path, failure: Exception) -> None:
        super().__init__(root)
        self._failure = failure

    def look_up(self, target: bytes) -> Response | Page:
        """Nothing, or a response whose body is this site."""
        if target == b"/body":
            return new_response(HTTPStatus.OK, (), self.length, b"", self)
        if target == b"/good":
            return message(HTTPStatus.OK, "good")
        raise self._failure

    def read(self) -> bytes:
        """Ten bytes, two times."""
        self.left -= 10
        if self.left < 80:
            raise self._failure
        return b"0123456789"

    def close(self) -> None:
        """Count how often."""
        self.closed += 1


FAILURES = [ValueError("year 10000 is out of range"), RecursionError(), OSError(5, "Input/output error"),
            MemoryError(), UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no"), StopIteration()]  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_failure_of_the_site_is_a_500_and_no_more(site: Path, failure: Exception) -> None:
    """The connection goes on: the request was understood, and its answer is whole."""
    said, notes = talk(
        Broken(site, failure), [request("/bad"), request("/good"), request("/bad", "HEAD")], everything()
    )
    assert [(status, whole) for status, _, whole in notes.replies] == [(500, True), (200, True), (500, True)]
    assert said.count(b"HTTP/1.1 500 ") == 2
    assert notes.failures == [failure, failure]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_failure_within_a_body_ends_the_connection(site: Path, failure: Exception) -> None:
    """A head is out that says how long the body is: only closing tells the client."""
    broken = Broken(site, failure)
    said, notes = talk(broken, [request("/body") + request("/good")], everything())
    assert said.endswith(b"0123456789" * 2)
    assert [(status, whole) for status, _, whole in notes.replies] == [(200, False)]
    assert (notes.failures, broken.closed) == ([failure], 1)


def test_body_is_closed_whatever_becomes_of_it(site: Path) -> None:
    broken = Broken(site, ValueError())
    talk(broken, [request("/body", "HEAD")], everything())
    assert broken.closed == 1
    exchange = Exchange(broken, Notes(), Limits(), lambda _: None, keep_alive=True)
    exchange.receive(request("/body"))
    exchange.connection_lost()
    assert broken.closed == 2
