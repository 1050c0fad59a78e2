"""Whether an answer is right: its status, its length, and each byte.

Owns what right answers look like. Bytes go in, a verdict comes out; httptools does the parsing. Knows no socket.
"""

from collections.abc import Collection
from functools import lru_cache
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import parse_qs, urljoin, urlsplit

import httptools

from engine.load.workloads import MIB

OK = (200,)
REMEMBERED = 64
"""Bodies kept to compare with. A server that calls the same page something else each time can't fill the memory."""


class Failure(Exception):
    """A request was not answered rightly; `kind` is the counter in `engine.load.wire.LoadStats`."""

    kind: ClassVar[str]


class Refused(Failure):
    """There was no connection to be had."""

    kind = "refused"


class Reset(Failure):
    """The connection was over before the answer was whole."""

    kind = "reset"


class TimedOut(Failure):
    """The server was silent for too long."""

    kind = "timed_out"


class BadResponse(Failure):
    """The answer is no HTTP, or has another status than the one expected."""

    kind = "bad_reply"


class WrongBytes(Failure):
    """The body is too short, too long, or another."""

    kind = "wrong_bytes"


KINDS = tuple(failure.kind for failure in (Refused, Reset, TimedOut, BadResponse, WrongBytes))


class References:
    """The bodies that are known to be right, of each path, status and entity tag.

    A work page's large body is computed. Of all else the first whole answer is the reference: a server that is wrong
    from the first to the last byte ever sent is not found out, one that is wrong once is.
    """

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, int, bytes], bytes] = {}

    def find(self, path: str, status: int, tag: bytes) -> bytes | None:
        """The right body, if it is known."""
        body = self._bodies.get((path, status, tag))
        if body is None and status == 200 and path.startswith("/work/large?"):
            return _large(path)
        return body

    def agree(self, path: str, status: int, tag: bytes, body: bytes) -> bool:
        """Whether `body` is the right one; the first is."""
        known = self._bodies.setdefault((path, status, tag), body)
        if len(self._bodies) > REMEMBERED:
            del self._bodies[next(iter(self._bodies))]
        return known == body


class ResponseReader:
    """Reads the answers on one connection, one after the other, and checks each.

    `expect` says what is asked next, `feed` takes bytes until the answer is `complete`; a `Failure` means that the
    connection can't be used any further.
    """

    def __init__(self, references: References) -> None:
        self.complete = True
        """Whether nothing is awaited."""
        self.kept = True
        """Whether another answer may follow on this connection."""
        self.body = b""
        """The newest complete body."""
        self._references = references
        self._parser = httptools.HttpResponseParser(self)
        self._failure: Failure | None = None
        self._path = ""
        self._statuses: Collection[int] = OK
        self._status = 0
        self._tag = b""
        self._framed = False
        self._reference: bytes | None = None
        self._pieces: list[bytes] = []
        self._length = 0

    def expect(self, path: str, statuses: Collection[int] = OK) -> None:
        """Await the answer to a request for `path`, with one of these statuses."""
        self._path = path
        self._statuses = statuses
        self.complete = False

    def feed(self, data: bytes) -> None:
        """Take what has come. Raises `BadResponse` and `WrongBytes`."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise BadResponse("The server wants to speak another protocol.") from None
        except httptools.HttpParserError as error:
            if self.complete:
                raise WrongBytes(f"The answer to {self._path} goes on behind its end.") from error
            raise BadResponse(f"The answer to {self._path} is no HTTP: {error}.") from error
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        """Take note that the server has closed the connection. Raises `Reset` unless that completes the answer."""
        self.kept = False
        if not self._status or self._framed:
            raise Reset(f"The connection was closed before the answer to {self._path} was whole.")
        self.on_message_complete()
        if self._failure is not None:
            raise self._failure

    def on_message_begin(self) -> None:
        if self.complete:
            self._failure = WrongBytes(f"The answer to {self._path} goes on behind its end.")
        self._tag, self._framed = b"", False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"etag":
            self._tag = value
        elif name in (b"content-length", b"transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        self._status = status = self._parser.get_status_code()
        if status not in self._statuses:
            wanted = " or ".join(map(str, self._statuses))
            self._failure = BadResponse(f"The answer to {self._path} has status {status} instead of {wanted}.")
        self._reference = self._references.find(self._path, status, self._tag)
        self._length = 0

    def on_body(self, piece: bytes) -> None:
        if self._reference is None:
            self._pieces.append(piece)
        elif not self._reference.startswith(piece, self._length):
            self._failure = WrongBytes(f"The body of {self._path} differs at or behind byte {self._length}.")
        self._length += len(piece)

    def on_message_complete(self) -> None:
        if self._reference is not None:
            self.body = self._reference
            if self._length != len(self._reference):
                self._failure = self._other_length(len(self._reference))
        elif self._failure is None:
            self.body = b"".join(self._pieces)
            if not self._references.agree(self._path, self._status, self._tag, self.body):
                self._failure = WrongBytes(f"The body of {self._path} is another than before.")
        self._pieces = []
        self._status = 0
        self.kept = self.kept and self._parser.should_keep_alive()
        self.complete = True

    def _other_length(self, right: int) -> WrongBytes:
        return WrongBytes(f"The body of {self._path} has {self._length} bytes instead of {right}.")


@lru_cache(maxsize=16)
def parts(path: str, body: bytes) -> tuple[str, ...]:
    """The paths of what a browser loads along with the page `body` that it got from `path`, each once.

    Style sheets, icons, scripts and pictures that lie on the same server.
    """
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    found = {}
    for reference in page.references:
        url = urlsplit(urljoin(f"http://here{path}", reference))
        if (url.scheme, url.netloc) == ("http", "here"):
            found[url._replace(scheme="", netloc="", fragment="").geturl()] = True
    return tuple(found)


class _Page(HTMLParser):
    """Collects what a page refers to that belongs to it."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and {"stylesheet", "icon"} & set((given.get("rel") or "").lower().split()):
            reference = given.get("href")
        else:
            reference = given.get("src") if tag in ("img", "script") else None
        if reference:
            self.references.append(reference)


@lru_cache(maxsize=4)
def _large(path: str) -> bytes:
    mib = int(parse_qs(urlsplit(path).query)["mib"][0])
    return bytes(range(256)) * (mib * MIB // 256)
