"""What can be sent by hand, as a table: a request, a part of one, or what is none.

Owns the bytes. Knows nothing of Qt or of connections.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from engine.texts import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Payload:
    """One choice of what to send."""

    key: str
    title: str
    shows: str
    """What a server does with it, in one sentence."""
    data: Callable[[str], bytes]
    """The bytes, for a server at `host:port`."""


def _whole(address: str) -> bytes:
    return _request("GET / HTTP/1.1", address)


def _half(address: str) -> bytes:
    whole = _whole(address)
    return whole[: len(whole) // 2]


def _rest(address: str) -> bytes:
    return _whole(address).removeprefix(_half(address))


def _with_body(address: str) -> bytes:
    body = b"hello"
    return _request("POST /work/echo HTTP/1.1", address, f"Content-Length: {len(body)}") + body


def _large(address: str) -> bytes:
    return _request("GET /work/large?mib=16 HTTP/1.1", address)


def _request(*lines: str) -> bytes:
    first, address, *others = lines
    return "\r\n".join([first, f"Host: {address}", *others, "", ""]).encode()


def _tls(_: str) -> bytes:
    """A real one: what Python sends first on a connection that it encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outgoing = ssl.MemoryBIO()
    session = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:  # an answer, which nobody gives
        return outgoing.read()
    raise AssertionError("the handshake was over without an answer")


PAYLOADS = {
    each.key: each
    for each in (
        Payload(
            "whole",
            QT_TRANSLATE_NOOP("by-hand", "A whole request"),
            QT_TRANSLATE_NOOP("by-hand", "It is answered as soon as a worker reads it."),
            _whole,
        ),
        Payload(
            "half",
            QT_TRANSLATE_NOOP("by-hand", "Half a head"),
            QT_TRANSLATE_NOOP("by-hand", "A worker that reads it waits for the rest, and serves nobody meanwhile."),
            _half,
        ),
        Payload(
            "rest",
            QT_TRANSLATE_NOOP("by-hand", "The rest of the head"),
            QT_TRANSLATE_NOOP("by-hand", "It makes a whole request of half a head."),
            _rest,
        ),
        Payload(
            "two",
            QT_TRANSLATE_NOOP("by-hand", "Two requests at once"),
            QT_TRANSLATE_NOOP("by-hand", "Pipelined: on a kept connection both are answered, in their order."),
            lambda address: 2 * _whole(address),
        ),
        Payload(
            "body",
            QT_TRANSLATE_NOOP("by-hand", "A request with a body"),
            QT_TRANSLATE_NOOP("by-hand", "The work pages send the body back."),
            _with_body,
        ),
        Payload(
            "large",
            QT_TRANSLATE_NOOP("by-hand", "A request for a large page"),
            QT_TRANSLATE_NOOP("by-hand", "Held before it is sent, it keeps a worker in send: nobody reads the reply."),
            _large,
        ),
        Payload(
            "byte",
            QT_TRANSLATE_NOOP("by-hand", "One byte"),
            QT_TRANSLATE_NOOP("by-hand", "The least that a server can wait with."),
            lambda address: b"G",
        ),
        Payload(
            "garbage",
            QT_TRANSLATE_NOOP("by-hand", "Garbage"),
            QT_TRANSLATE_NOOP("by-hand", "No HTTP: it is refused, or greeted."),
            lambda address: b"\x00\x80\xff\x1b garbage\r\n\r\n",
        ),
        Payload(
            "tls",
            QT_TRANSLATE_NOOP("by-hand", "A TLS hello"),
            QT_TRANSLATE_NOOP("by-hand", "What a browser sends first to an https address."),
            _tls,
        ),
    )
}
