"""Finds requests in the log by what a person writes.

Owns what the words mean. Knows nothing of Qt, or of what shows the requests.

A text is looked for in client, worker, request line, status and reason. `408`, `4xx` and `failed` are a status, and
never a port or a path; `path:`, `client:`, `worker:`, `connection:` and `status:` look into one column. Several must
all hold.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from engine.telemetry.bounds import connection_name
from engine.traits import Traits
from gui.history.request_log import LogSlice, RequestLog, WorkerName, is_failure, reason, request_line

FAILED = "status:failed"
"""Requests that are marked as failed: an error as status, or a reply that was cut off."""
STATUS = re.compile(r"[1-5](\d\d|\dx|xx)")

Test: TypeAlias = Callable[[int], bool]
"""Whether the request at a place of a slice matches."""


class Search:
    """Finds the requests that `text` asks for, in any case.

    Each step searches a bounded number of rows, so that the window stays responsive, and later arrivals are included.
    """

    def __init__(self, log: RequestLog, text: str, worker_name: WorkerName = Traits.worker_name) -> None:
        """`worker_name` is how a worker is shown."""
        self._log = log
        self._worker_name = worker_name
        self._columns: dict[str, Callable[[LogSlice, str], Test]] = {
            "status": self._status,
            "client": self._client,
            "worker": self._worker,
            "path": self._path,
            "connection": self._connection,
            "": self._anything,
        }
        self._terms = self._parsed(text.casefold())
        self._next = log.first

    @property
    def left(self) -> int:
        """The number of requests held that were not searched yet."""
        return self._log.total - max(self._next, self._log.first)

    def step(self, rows: int = 2048) -> list[int]:
        """Sequence numbers, ascending, of what matches among the next `rows` requests."""
        start = max(self._next, self._log.first)
        self._next = min(self._log.total, start + rows)
        pieces = self._log.pieces(start, self._next)
        return [sequence for piece in pieces for sequence in self._matching(piece)]

    def _parsed(self, text: str) -> list[tuple[str, str]]:
        """The columns to look into, and what for; several words of no column are one text."""
        terms, rest = [], []
        for word in text.split():
            column, colon, value = word.partition(":")
            if colon and column and column in self._columns:
                terms.append((column, value))
            else:
                rest.append(word)
        if all(word == "failed" or STATUS.fullmatch(word) for word in rest):
            return terms + [("status", word) for word in rest]
        return [*terms, ("", " ".join(rest))]

    def _matching(self, piece: LogSlice) -> list[int]:
        places = list(range(len(piece.workers)))
        for column, value in self._terms:
            matches = self._columns[column](piece, value)
            places = [place for place in places if matches(place)]
        return [piece.start + place for place in places]

    # Many rows share few texts, so each text is searched once and a row costs a look-up for each column.

    def _status(self, piece: LogSlice, value: str) -> Test:
        if value == "failed":
            return lambda place: is_failure(piece.statuses[place], piece.whole[place])
        if STATUS.fullmatch(value):
            wanted = re.compile(value.replace("x", r"\d"))
            known = {status: bool(wanted.fullmatch(f"{status:.0f}")) for status in set(piece.statuses)}
            return lambda place: known[piece.statuses[place]]
        answers = set(zip(piece.statuses, piece.replies, strict=True))
        said = {(status, head): value in f"{status:.0f} {reason(head or '')}".casefold() for status, head in answers}
        return lambda place: said[piece.statuses[place], piece.replies[place]]

    def _client(self, piece: LogSlice, value: str) -> Test:
        known = {client: value in (client or "") for client in set(piece.clients)}
        return lambda place: known[piece.clients[place]]

    def _worker(self, piece: LogSlice, value: str) -> Test:
        names = {worker: self._worker_name(piece.traits, int(worker)) for worker in set(piece.workers)}
        known = {worker: value in name.casefold() for worker, name in names.items()}
        return lambda place: known[piece.workers[place]]

    def _path(self, piece: LogSlice, value: str) -> Test:
        known = {head: value in " ".join(request_line(head or "")).casefold() for head in set(piece.requests)}
        return lambda place: known[piece.requests[place]]

    def _connection(self, piece: LogSlice, value: str) -> Test:
        return lambda place: connection_name(int(piece.connections[place])) == value

    def _anything(self, piece: LogSlice, value: str) -> Test:
        tests = [column(piece, value) for column in (self._path, self._client, self._worker)]
        tests.append(self._status(piece, value))
        return lambda place: any(test(place) for test in tests)
