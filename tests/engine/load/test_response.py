"""What a correct response is, and the kind of failure of any other."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.load.response import BadResponse, Failure, References, Reset, ResponseReader, WrongBytes, parts
from tests.engine.load.support import reply

PAGE = b"<p>a page</p>\n"


def read(reader: ResponseReader, *data: bytes, path: str = "/page") -> bytes:
    """The body that comes in the pieces `data`, which must be an answer."""
    reader.expect(path)
    for piece in data:
        assert not reader.complete
        reader.feed(piece)
    assert reader.complete
    return reader.body


@given(st.lists(st.integers(1, 80), max_size=8), st.binary(max_size=40))
def test_cut_anywhere_the_answer_is_the_same(cuts: list[int], body: bytes) -> None:
    data = reply(body, headers="ETag: a\r\n")
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    reader = ResponseReader(References())
    assert read(reader, *pieces) == body
    assert read(reader, *pieces) == body


def test_first_whole_answer_is_the_reference() -> None:
    references = References()
    read(ResponseReader(references), reply(PAGE))
    for other in (PAGE[:-1], PAGE + b"x", b"X" + PAGE[1:], b""):
        with pytest.raises(WrongBytes):
            read(ResponseReader(references), reply(other))


def test_another_entity_tag_may_have_another_body() -> None:
    references = References()
    reader = ResponseReader(references)
    assert read(reader, reply(PAGE, headers="ETag: one\r\n")) == PAGE
    assert read(reader, reply(b"other", headers="etag: two\r\n")) == b"other"
    assert read(reader, reply(PAGE, headers="ETag: one\r\n")) == PAGE
    with pytest.raises(WrongBytes):
        read(reader, reply(PAGE, headers="ETag: two\r\n"))


def test_tags_without_end_do_not_fill_the_memory() -> None:
    references = References()
    reader = ResponseReader(references)
    for number in range(1000):
        read(reader, reply(b"%d" % number, headers=f"ETag: {number}\r\n"))
    assert references.find("/page", 200, b"0") is None
    assert references.find("/page", 200, b"999") == b"999"


@pytest.mark.parametrize("change", [lambda b: b, lambda b: b[:-1] + b"\0", lambda b: b[:-1], lambda b: b + b"\0"])
def test_large_page_is_known_before_it_is_seen(change) -> None:  # type: ignore[no-untyped-def]
    right = bytes(range(256)) * 4096
    sent = change(right)
    reader = ResponseReader(References())
    if sent == right:
        assert read(reader, reply(sent), path="/work/large?mib=1") == right
        return
    with pytest.raises(WrongBytes):
        read(reader, reply(sent), path="/work/large?mib=1")


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (reply(b"no", status="404 Not Found"), BadResponse),
        (reply(b"no", status="503 Busy"), BadResponse),
        (b"hello~client:num=7", BadResponse),
        (b"HTTP/1.1 two hundred\r\n\r\n", BadResponse),
        (b"HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", BadResponse),
        (reply(PAGE, length=3), WrongBytes),
        (reply(PAGE) + reply(PAGE), WrongBytes),
        (reply(PAGE, headers="Connection: close\r\n") + b"x", WrongBytes),
    ],
)
def test_wrong_answers(data: bytes, failure: type[Failure]) -> None:
    reader = ResponseReader(References())
    reader.expect("/page")
    with pytest.raises(failure):
        reader.feed(data)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\nContent-", reply(PAGE, length=99)])
def test_end_within_an_answer(data: bytes) -> None:
    reader = ResponseReader(References())
    reader.expect("/page")
    if data:
        reader.feed(data)
    with pytest.raises(Reset):
        reader.end()


def test_end_completes_a_body_without_a_length() -> None:
    references = References()
    for body, right in ((PAGE, True), (PAGE[:-3], False)):
        reader = ResponseReader(references)
        reader.expect("/page")
        reader.feed(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        assert not reader.complete
        if right:
            reader.end()
            assert reader.complete
            assert not reader.kept
        else:
            with pytest.raises(WrongBytes):
                reader.end()


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (reply(PAGE), True),
        (reply(PAGE, headers="Connection: close\r\n"), False),
        (reply(PAGE).replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", True),
    ],
)
def test_whether_the_connection_is_kept(data: bytes, kept: bool) -> None:
    reader = ResponseReader(References())
    read(reader, data)
    assert reader.kept is kept


def test_bodies_of_other_statuses_are_compared_as_well() -> None:
    references = References()
    for body, right in ((b"slow", True), (b"slow", True), (b"s10w", False)):
        reader = ResponseReader(references)
        reader.expect("/page", (200, 408))
        if right:
            reader.feed(reply(body, status="408 Too Late"))
        else:
            with pytest.raises(WrongBytes):
                reader.feed(reply(body, status="408 Too Late"))


def test_parts_of_a_page() -> None:
    page = b"""<!doctype html><link rel="stylesheet" href="style.css"><link rel="Icon" href="/logo.svg">
        <link rel="next" href="b.html"><script src="../script.js?v=2"></script><script>1</script>
        <img src="logo.svg#top"><img src="/logo.svg"><img src="http://elsewhere/x.png"><img src="data:,x">
        <a href="b.html"><img alt="no source">"""
    assert parts("/folder/a.html", page) == ("/folder/style.css", "/logo.svg", "/script.js?v=2", "/folder/logo.svg")
