"""Whether a response is correct: its status, its length and every byte.

Owns what a correct response is. Bytes go in, failures come out; httptools does the parsing. Knows nothing of sockets.
"""

from collections.abc import Collection
from functools import lru_cache
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import parse_qs, urljoin, urlsplit

import httptools

from engine.load.workloads import MIB
from engine.problems import PROBLEMS

OK = (200,)
ANY_OK = range(200, 400)
"""What is right for requests of which no more is known."""
REFERENCES_KEPT = 64
"""Bodies kept for comparison. The limit keeps a server that sends new entity tags from filling the memory."""


class Failure(Exception):
    """A request without a correct response. `kind` is a key of `engine.load.wire.FAILURES`."""

    kind: ClassVar[str]


class Refused(Failure):
    """The connection was not established."""

    kind = "refused"


class Reset(Failure):
    """The connection ended before the response was complete."""

    kind = "reset"


class TimedOut(Failure):
    """The server sent nothing for longer than the timeout."""

    kind = "timed_out"


class WrongResponse(Failure):
    """A response that is not correct; `code` and `details` are those of its problem, see `engine.problems`."""

    def __init__(self, code: str, **details: str | int) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        return PROBLEMS[self.code].format(**self.details)


class BadResponse(WrongResponse):
    """The response is not HTTP, or its status was not expected."""

    kind = "bad_reply"


class WrongBytes(WrongResponse):
    """The body is too short, too long or different."""

    kind = "wrong_bytes"


class References:
    """The correct body for each path, status and entity tag.

    The body of `/work/large` is computed. For all others the first complete response is the reference: a server whose
    responses are always wrong in the same way is not noticed; one that differs once is.
    """

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, int, bytes], bytes] = {}

    def find(self, path: str, status: int, tag: bytes) -> bytes | None:
        """The correct body; None if it is not known."""
        body = self._bodies.get((path, status, tag))
        if body is None and status == 200 and path.startswith("/work/large?"):
            return _large(path)
        return body

    def matches(self, path: str, status: int, tag: bytes, body: bytes) -> bool:
        """Whether `body` is the correct one. The first one is, and becomes the reference."""
        known = self._bodies.setdefault((path, status, tag), body)
        if len(self._bodies) > REFERENCES_KEPT:
            del self._bodies[next(iter(self._bodies))]
        return known == body


class ResponseReader:
    """Reads and checks the responses on one connection, one after the other.

    Call `expect` for each request, then `feed` with bytes until the response is `complete`. After a `Failure` the
    connection can't be used any more.
    """

    def __init__(self, references: References) -> None:
        self.complete = True
        """Whether no response is expected."""
        self.kept = True
        """Whether the connection stays open for another request."""
        self.body = b""
        """The body of the newest complete response."""
        self._references = references
        self._parser = httptools.HttpResponseParser(self)
        self._failure: Failure | None = None
        self._path = ""
        self._statuses: Collection[int] = OK
        self._compares = True
        self._status = 0
        self._tag = b""
        self._framed = False
        self._reference: bytes | None = None
        self._pieces: list[bytes] = []
        self._length = 0

    def expect(self, path: str, statuses: Collection[int] = OK, *, compares: bool = True) -> None:
        """Expect the response to a request for `path`, with one of `statuses`.

        `compares`: whether its body is the same each time.
        """
        self._path = path
        self._compares = compares
        self._statuses = statuses
        self.complete = False

    def feed(self, data: bytes) -> None:
        """Parse and check received bytes. Raises `BadResponse` and `WrongBytes`."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise BadResponse("other-protocol") from None
        except httptools.HttpParserError as error:
            if self.complete:
                raise WrongBytes("after-end", path=self._path) from error
            raise BadResponse("no-http", path=self._path, reason=str(error)) from error
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        """The server has closed the connection. Raises `Reset` unless that completes the response."""
        self.kept = False
        if not self._status or self._framed:
            raise Reset(f"The connection was closed before the response to {self._path} was complete.")
        self.on_message_complete()
        if self._failure is not None:
            raise self._failure

    def on_message_begin(self) -> None:
        if self.complete:
            self._failure = WrongBytes("after-end", path=self._path)
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
            statuses = self._statuses
            wanted = f"{statuses[0]}–{statuses[-1]}" if isinstance(statuses, range) else "/".join(map(str, statuses))
            self._failure = BadResponse("wrong-status", path=self._path, status=status, wanted=wanted)
        self._reference = self._references.find(self._path, status, self._tag) if self._compares else None
        self._length = 0

    def on_body(self, piece: bytes) -> None:
        if not self._compares:
            return
        if self._reference is None:
            self._pieces.append(piece)
        elif not self._reference.startswith(piece, self._length):
            self._failure = WrongBytes("wrong-byte", path=self._path, byte=self._length)
        self._length += len(piece)

    def on_message_complete(self) -> None:
        if self._reference is not None:
            self.body = self._reference
            if self._length != len(self._reference):
                self._failure = self._wrong_length(len(self._reference))
        elif self._failure is None and self._compares:
            self.body = b"".join(self._pieces)
            if not self._references.matches(self._path, self._status, self._tag, self.body):
                self._failure = WrongBytes("other-body", path=self._path)
        self._pieces = []
        self._status = 0
        self.kept = self.kept and self._parser.should_keep_alive()
        self.complete = True

    def _wrong_length(self, right: int) -> WrongBytes:
        return WrongBytes("wrong-length", path=self._path, length=self._length, right=right)


@lru_cache(maxsize=16)
def parts(path: str, body: bytes) -> tuple[str, ...]:
    """The paths that a browser loads together with the page `body` at `path`, each once.

    Style sheets, icons, scripts and images on the same server.
    """
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    found = {}
    for reference in page.references:
        url = urlsplit(urljoin(f"http://server{path}", reference))
        if (url.scheme, url.netloc) == ("http", "server"):
            found[url._replace(scheme="", netloc="", fragment="").geturl()] = True
    return tuple(found)


class _Page(HTMLParser):
    """Collects the references of a page to its parts."""

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
