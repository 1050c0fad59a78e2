"""What can't be understood is refused: a fitting status, a short text, and the connection closed."""

import re
import ssl
from itertools import product
from pathlib import Path

import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import CUTS, Client, Reply, request
from tests.engine.support import Engine

START = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
MALFORMED = {
    "no colon": START + b"this is no header\r\n\r\n",
    "no name": START + b": value\r\n\r\n",
    "space before the colon": START + b"Name : value\r\n\r\n",
    "control character in a name": START + b"Na\x01me: value\r\n\r\n",
    "NUL in a value": START + b"Name: va\x00lue\r\n\r\n",
    "length is a word": START + b"Content-Length: many\r\n\r\n",
    "length is negative": START + b"Content-Length: -1\r\n\r\n",
    "two lengths": START + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": START + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "space in the target": b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no version": b"GET / HTTP/\r\nHost: localhost\r\n\r\n",
    "another protocol": b"GET / ICE/1.1\r\nHost: localhost\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "bad chunk size": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
}


def refused(engine: Engine, *segments: bytes, method: str = "GET") -> Reply:
    """The reply to a request that must not be followed by another."""
    with Client(engine.address) as client:
        client.send(*segments)
        reply = client.reply(method)
        assert reply.headers["connection"] == "close"
        assert client.rest() == b""
    assert 0 < len(reply.body) < 1000 or method == "HEAD"
    assert reply.body.decode().isprintable() or "\n" in reply.body.decode()
    assert "date" in reply.headers
    return reply


def test_malformed_request(engine: Engine, subtests: pytest.Subtests) -> None:
    for case, how in product(MALFORMED, CUTS):
        with subtests.test(case, cut=how):
            assert refused(engine, *CUTS[how](MALFORMED[case])).status == 400


def test_version_that_is_not_spoken(engine: Engine, subtests: pytest.Subtests) -> None:
    for version, how in product(["2.0", "3.0", "9.9"], CUTS):
        with subtests.test(version, cut=how):
            assert refused(engine, *CUTS[how](request(version=version))).status == 505


def test_head_may_be_large_but_not_too_large(engine: Engine) -> None:
    with Client(engine.address) as client:
        client.send(request(X_Padding="x" * 15_000))
        assert client.reply().status == 200
    assert refused(engine, request(X_Padding="x" * 17_000)).status == 431
    assert refused(engine, request("/" + "x" * 17_000)).status in (414, 431)


def test_head_that_never_ends(engine: Engine) -> None:
    line = b"X-Again: and again\r\n"
    assert refused(engine, START, *[line] * (20_000 // len(line))).status == 431
    assert refused(engine, START + b"X-Long: ", *[b"x" * 1000] * 20).status == 431


@pytest.mark.parametrize("size", [2**31, 10**12])
def test_body_that_is_too_large(engine: Engine, size: int) -> None:
    assert refused(engine, request(method="POST", Content_Length=str(size))).status == 413


def test_refusal_reaches_a_client_that_goes_on_sending(engine: Engine) -> None:
    """A server that closes with bytes unread sends a reset, which takes the reply with it."""
    head = request(method="POST", Content_Length=str(10**9))
    assert refused(engine, head, *[b"x" * 10_000] * 40).status == 413


NOT_HTTP = {
    "a word": b"hello\r\n",
    "capitals": b"HELLO\r\n",
    "chinese": "你好\n".encode(),
    "zeros": bytes(100),
}


def tls_hello() -> bytes:
    """The first bytes of a client that wants TLS."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def test_client_that_does_not_speak_http(engine: Engine, subtests: pytest.Subtests) -> None:
    for (case, words), how in product([*NOT_HTTP.items(), ("tls", tls_hello())], CUTS):
        with subtests.test(case, cut=how):
            if not MODELS[engine.model].greets:
                assert refused(engine, *CUTS[how](words)).status == 400
                continue
            with Client(engine.address) as client:
                client.send(*CUTS[how](words))
                assert re.fullmatch(rb"hello~client:num=\d+", client.rest())


def test_the_log_says_that_it_is_tls(engine: Engine, subtests: pytest.Subtests) -> None:
    """In the first byte already; it is failed where it was not greeted, and nothing else is called so."""
    greets = MODELS[engine.model].greets
    others = [b"\x16\x04\x01", b"\x17\x03\x03\0", b"\x15\x03\x01", b"GET \x16\x03\x01\r\n"]
    before = engine.settled(open=0)
    for words, how in [*product([tls_hello(), b"\x16\x03\x01", b"\x16"], CUTS), *((each, "whole") for each in others)]:
        with subtests.test(words[:5], cut=how), Client(engine.address) as client:
            client.send(*CUTS[how](words))
            said = client.rest()
            assert (b"http:// instead of https://" in said) == (words not in others and not greets)
    tried = 3 * len(CUTS) + len(others)
    greeted = tried - 1 if greets else 0
    engine.settled(before, open=0, requests=tried, failed=tried - greeted)
    rows = sorted(engine.rows(wire.Requests)[-tried:], key=lambda row: row.time)  # several processes may report them
    told = [engine.heads().get(row.request, "") for row in rows]
    assert told == ["(TLS)"] * 3 * len(CUTS) + [""] * len(others)


def test_who_ends_lines_by_hand_is_told_how(engine: Engine, subtests: pytest.Subtests) -> None:
    """What `printf` and `nc` send without CR."""
    for words in (b"GET / HTTP/1.0\n\n", b"GET / HTTP/1.1\nHost: x\n\n", b"HEAD / HTTP/1.0\n", b"\nGET / HTTP/1.0\n"):
        with subtests.test(words):
            if words.startswith(b"\n") and MODELS[engine.model].greets:
                continue
            reply = refused(engine, words, method=words[:4].decode().strip())
            assert reply.status == 400
            assert words.startswith(b"HEAD") or b"\\r\\n" in reply.body
            assert words.startswith(b"HEAD") or b"nc -C" in reply.body


@pytest.mark.parametrize("model", ["nonblocking", "thread"])
def test_a_word_without_an_end_is_answered_soon(model: str, site: Path) -> None:
    """A client that says hello, and no more, waits for an answer."""
    with Engine(model, site) as engine, Client(engine.address) as client:
        client.send(b"hello")
        assert client.rest().startswith(b"hello~client" if MODELS[model].greets else b"HTTP/1.1 400 ")


def test_method_that_nobody_knows_is_http(engine: Engine, subtests: pytest.Subtests) -> None:
    """However it was cut; what only begins like that is none."""
    for (words, start), how in product(UNKNOWN.items(), CUTS):
        with subtests.test(words=words, cut=how), Client(engine.address) as client:
            client.send(*CUTS[how](words))
            said = client.rest()
            assert said.startswith(b"HTTP/1.1 " + start) or (start == b"400" and said.startswith(b"hello~client"))


UNKNOWN = {
    b"GOOD MORNING TO YOU\r\n": b"400",
    b"FOO / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n": b"501",
    b"foo / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n": b"501",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n": b"501",
}


def test_body_of_a_refused_method_is_no_request(kept: Engine) -> None:
    inner = request("/missing")
    with Client(kept.address) as client:
        client.send(request(method="POST", Content_Length=str(len(inner))) + inner)
        client.send(request("/page.html", Connection="close"))
        assert client.reply().status == 405
        assert client.rest()[:12] in (b"", b"HTTP/1.1 200")


def test_client_is_told_to_continue_once(kept: Engine, subtests: pytest.Subtests) -> None:
    for how, cut in CUTS.items():
        with subtests.test(cut=how), Client(kept.address) as client:
            client.send(request(method="POST", Content_Length="10", Expect="100-continue"))
            first = client.head()
            if first.status == 100:
                client.send(*cut(b"0123456789"))
                assert client.reply().status == 405
            else:
                assert first.status == 405
