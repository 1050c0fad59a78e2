"""HTTP read in passing: requests and replies, from what went through a connection's socket.

Owns the framing of messages: heads are parsed, bodies skipped by their length. Of each burst only its beginning and
its length are known. Where that does not suffice, a message lasts until the other side's turn, or until the end.
Knows nothing of sockets, processes or telemetry.
"""

import re
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import httptools

END_OF_HEAD = b"\r\n\r\n"
LONGEST_HEAD = 65536
_REQUEST = re.compile(rb"[A-Z]{1,20}(?: |$)")
"""How a request begins; TLS and other protocols begin otherwise."""
_DIFFERING = (b"date:", b"served-by:", b"server-timing:")


class HeadFacts(NamedTuple):
    """What a head says of the message that it begins."""

    length: int
    """Bytes of the body; `CHUNKED` or `TO_THE_END`."""
    method: bytes = b""
    status: int = 0
    shown: bytes = b""
    """The head as it is reported."""


CHUNKED, TO_THE_END = -1, -2


class Exchange:
    """One request and its reply, as far as they were read."""

    __slots__ = (
        "arrived", "begun", "bytes", "head", "method", "read", "reply", "status", "whole", "worker", "written",
    )  # fmt: skip

    def __init__(self, begun: float, arrived: float) -> None:
        self.begun = begun
        self.arrived = arrived
        self.read = self.written = 0.0
        self.head = self.reply = self.method = b""
        self.status = self.bytes = self.worker = 0
        self.whole = True


class _Body:
    """What is left of a body."""

    def __init__(self, length: int) -> None:
        self._left = max(0, length)
        self._kind = length
        self._line = b""
        self._in_trailer = False

    @property
    def is_blind(self) -> bool:
        """Whether its end can't be seen."""
        return self._kind == TO_THE_END

    def skip(self, data: bytes, at: int, hidden: int) -> tuple[int, bool]:
        """Where in `data`, which `hidden` bytes follow, it ends if it does, and whether it does.

        A body that ends among the hidden bytes has the position beyond them.
        """
        if self._kind == CHUNKED:
            return self._skip_chunks(data, at, hidden)
        if self._kind == TO_THE_END:
            return len(data) + hidden, False
        take = min(self._left, len(data) + hidden - at)
        self._left -= take
        return at + take, self._left == 0

    def _skip_chunks(self, data: bytes, at: int, hidden: int) -> tuple[int, bool]:
        while at < len(data):
            if self._left:
                take = min(self._left, len(data) - at)
                self._left -= take
                at += take
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._line += data[at:]
                at = len(data)
                break
            line, self._line, at = (self._line + data[at : end + 1]).strip(), b"", end + 1
            if self._in_trailer:
                if not line:
                    return at, True
            elif line:
                try:
                    self._left = int(line.partition(b";")[0], 16)
                except ValueError:
                    self._kind = TO_THE_END
                    return len(data) + hidden, False
                self._in_trailer = not self._left
                self._left += 2 if self._left else 0
        if hidden > self._left or (hidden and self._line):
            self._kind = TO_THE_END  # sizes lie among them
        else:
            self._left -= hidden
        return at + hidden, False


class Conversation:
    """What is read on one connection. `count` is called with a worker and what is added to requests and failures:
    when a reply begins, and when it breaks off. `report` is called when an exchange is over."""

    __slots__ = (
        "_body", "_count", "_is_first", "_pending", "_read", "_reply", "_report", "_sent", "is_other", "lost",
    )  # fmt: skip

    def __init__(self, count: Callable[[int, int, int], None], report: Callable[[Exchange], None]) -> None:
        self._count = count
        self._report = report
        self._pending: deque[Exchange] = deque()
        self._read = self._sent = b""
        self._body: _Body | None = None
        """Of the request that is being read."""
        self._reply: _Body | None = None
        """Of the reply that is being sent."""
        self._is_first = True
        self.is_other = False
        """Whether it is no HTTP, or no longer."""
        self.lost = False
        """Whether something of it was not read, so that requests may have been missed."""

    @property
    def is_under_way(self) -> bool:
        """Whether a request was read that is not answered yet."""
        return bool(self._pending)

    def receive(self, data: bytes, moved: int, end: float, arrived: float) -> None:
        """The server has read a burst that begins with `data`."""
        if self.is_other or not moved:
            return
        if self._is_first and not _REQUEST.match(data[:24]):
            self.is_other = True
            return
        self._is_first = False
        if self._reply is not None and self._reply.is_blind:
            self._finish(whole=True)  # it is the client's turn
        hidden, at = moved - len(data), 0
        while at < len(data):
            if self._body is not None:
                at, ended = self._body.skip(data, at, hidden)
                if not ended:
                    return
                self._body = None
                continue
            if not self._read:
                self._pending.append(Exchange(end, arrived))
            before = len(self._read)
            self._read += data[at:]
            head_end = self._read.find(END_OF_HEAD, max(0, before - 3))
            if head_end < 0:
                if hidden or len(self._read) > LONGEST_HEAD:
                    self._give_up()
                return
            head = self._read[: head_end + 4]
            at += head_end + 4 - before
            self._read = b""
            if not self._begin_request(head, end):
                return
        if at > len(data) + hidden or (hidden and self._body is None and at == len(data)):
            self._give_up()

    def _begin_request(self, head: bytes, end: float) -> bool:
        facts = request_facts(head)
        if facts is None:
            self.is_other = True
            self._pending.pop()
            return False
        exchange = self._pending[-1]
        exchange.head, exchange.method, exchange.read = head, facts.method, end
        self._body = _Body(facts.length) if facts.length else None
        return True

    def send(self, data: bytes, moved: int, end: float, worker: int) -> None:
        """The server has sent a burst that begins with `data`."""
        if self.is_other or not moved:
            return
        if self._is_first:
            self.is_other = True  # a server that speaks first
            return
        hidden, at = moved - len(data), 0
        while at < len(data) or (hidden and at == len(data)):
            if not self._pending:
                return  # what comes without a request, as a time-out's reply
            exchange = self._pending[0]
            if self._reply is None:
                if at >= len(data):
                    self.lost = True
                    return
                at = self._begin_reply(exchange, data, at, hidden, worker)
                if at < 0:
                    return
                if self._reply is None:
                    continue  # an interim reply
            begin = at
            at, ended = self._reply.skip(data, at, hidden)
            exchange.bytes += at - begin
            exchange.written = end
            if not ended:
                return
            self._finish(whole=True)
            if at >= len(data) + hidden:
                return

    def _begin_reply(self, exchange: Exchange, data: bytes, at: int, hidden: int, worker: int) -> int:
        """Where in `data` the head of a reply ends; -1 if it does not yet."""
        before = len(self._sent)
        self._sent += data[at:]
        if not b"HTTP/".startswith(self._sent[:5]) and not exchange.read:
            self.is_other = True  # what was read was no request
            self._pending.clear()
            return -1
        if not b"HTTP/".startswith(self._sent[:5]):
            exchange.worker, self._sent, self._reply = worker, b"", _Body(TO_THE_END)
            self._count(worker, 1, 0)
            return at
        end = self._sent.find(END_OF_HEAD)
        if end < 0:
            if hidden:
                self.lost = True
            return -1
        head, self._sent = self._sent[: end + 4], b""
        at += end + 4 - before
        facts = reply_facts(head)
        if facts is None:
            self.is_other = True
            return -1
        if 100 <= facts.status < 200 and facts.status != 101:
            return at
        exchange.status, exchange.reply, exchange.worker, exchange.bytes = facts.status, facts.shown, worker, end + 4
        self._count(worker, 1, int(facts.status >= 500))
        bodiless = exchange.method == b"HEAD" or facts.status in (204, 304)
        self._reply = _Body(0 if bodiless or facts.status == 101 else facts.length)
        self.is_other = facts.status == 101 or (exchange.method == b"CONNECT" and 200 <= facts.status < 300)
        return at

    def _finish(self, *, whole: bool) -> None:
        exchange = self._pending.popleft()
        self._reply = None
        exchange.whole = whole
        self._report(exchange)

    def _give_up(self) -> None:
        """The bytes do not suffice to find the next message: nothing more is read until the connection's end."""
        self.lost = self.is_other = True

    def end(self, time: float, worker: int) -> None:
        """The connection has ended: a reply to its end is whole, any other request is broken off."""
        self.is_other = False
        while self._pending:
            exchange = self._pending[0]
            if not exchange.read:
                break  # no request yet
            if self._reply is None:
                exchange.worker, exchange.written = worker, time
                self._count(worker, 1, 1)
            whole = self._reply is not None and self._reply.is_blind
            if self._reply is not None and not whole and exchange.status < 500:
                self._count(exchange.worker, 0, 1)
            exchange.written = exchange.written or time
            self._finish(whole=whole)
        self.is_other = True


class _Headers:
    def __init__(self) -> None:
        self.length = 0
        self.has_length = self.is_chunked = False

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered == b"content-length" and value.isdigit():
            self.length, self.has_length = int(value), True
        elif lowered == b"transfer-encoding":
            self.is_chunked = value.lower().rstrip().endswith(b"chunked")


@lru_cache(4096)
def request_facts(head: bytes) -> HeadFacts | None:
    """What the head of a request says; None if it is none."""
    headers = _Headers()
    parser = httptools.HttpRequestParser(headers)
    if not _is_parsed(parser, head):
        return None
    return HeadFacts(CHUNKED if headers.is_chunked else headers.length, parser.get_method())


@lru_cache(4096)
def reply_facts(head: bytes) -> HeadFacts | None:
    """What the head of a reply says; None if it is none."""
    headers = _Headers()
    parser = httptools.HttpResponseParser(headers)
    if not _is_parsed(parser, head):
        return None
    length = CHUNKED if headers.is_chunked else headers.length if headers.has_length else TO_THE_END
    lines = head.split(b"\r\n")
    shown = b"\r\n".join(line for line in lines if not line.lower().startswith(_DIFFERING))
    return HeadFacts(length, status=int(parser.get_status_code()), shown=shown)


def _is_parsed(parser: Any, head: bytes) -> bool:
    """Whether `parser` takes it; what follows an Upgrade is none of its business."""
    try:
        parser.feed_data(head)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError:
        return False
    return True
