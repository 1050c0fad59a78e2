"""What can be sent by hand is what its name says."""

import ssl

import pytest

from gui.by_hand.payloads import PAYLOADS

ADDRESS = "127.0.0.1:8888"


def data(key: str) -> bytes:
    return PAYLOADS[key].data(ADDRESS)


def test_two_halves_are_a_request() -> None:
    assert data("half") + data("rest") == data("whole")
    assert b"\r\n\r\n" not in data("half")
    assert data("two") == 2 * data("whole")


@pytest.mark.parametrize("key", ["whole", "body", "large"])
def test_requests_are_whole(key: str) -> None:
    head, _, body = data(key).partition(b"\r\n\r\n")
    assert f"Host: {ADDRESS}".encode() in head.split(b"\r\n")
    assert (f"Content-Length: {len(body)}".encode() in head) == bool(body)


def test_the_hello_is_one_that_a_server_reads() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    came = ssl.MemoryBIO()
    came.write(data("tls"))
    session = context.wrap_bio(came, ssl.MemoryBIO(), server_side=True)
    with pytest.raises(ssl.SSLError, match="NO_SHARED_CIPHER"):  # it has no certificate; the hello itself is understood
        session.do_handshake()
