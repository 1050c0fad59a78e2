"""What a person asks for is found, and no port or path that looks like it."""

import pytest

from engine.telemetry import wire
from gui.history.request_log import RequestLog
from gui.history.search import FAILED, Search
from tests.answered import answered
from tests.ready import a_ready

HEADS = {
    1: "GET /index.html HTTP/1.1",
    2: "HTTP/1.1 200 OK",
    3: "GET /408/failed.html HTTP/1.1",
    4: "HTTP/1.1 404 Not Found",
    5: "HTTP/1.1 408 Request Timeout",
    6: "HTTP/1.1 503 Service Unavailable",
}
ROWS = [
    # connection, worker, request, reply, status, whole; the client's port is 40,800 more than the connection
    (1, 7, 1, 2, 200, True),
    (2, 408, 3, 2, 200, True),
    (3, 9, 3, 4, 404, True),
    (4, 9, 1, 5, 408, True),
    (5, 9, 1, 6, 503, True),
    (6, 9, 1, 2, 200, False),
    (408, 9, 1, 2, 200, True),
    (8, 0, 0, 0, 0, True),
]


@pytest.fixture
def log() -> RequestLog:
    """Eight requests that are easy to mix up, numbered from 0."""
    log = RequestLog()
    log.begin(a_ready("thread", 0.0, keep_alive=False))
    log.add_heads([wire.Head(number, f"{line}\r\n\r\n") for number, line in HEADS.items()])
    log.add_clients([wire.Opening(0.0, row[0], f"127.0.0.1:{40_800 + row[0]}", 0) for row in ROWS])
    log.append(
        [
            answered(0.0, connection, worker, asked, told, status, 612, 0.25, 0.5, whole)
            for connection, worker, asked, told, status, whole in ROWS
        ]
    )
    return log


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("408", [3]),
        ("4xx", [2, 3]),
        ("40x", [2, 3]),
        ("status:4xx", [2, 3]),
        ("STATUS:408", [3]),
        ("status:timeout", [3]),
        ("5xx", [4]),
        ("2xx", [0, 1, 5, 6]),
        ("failed", [2, 3, 4, 5]),
        (FAILED, [2, 3, 4, 5]),
        ("failed 4xx", [2, 3]),
        (f"{FAILED} index", [3, 4, 5]),
        ("path:408", [1, 2]),
        ("path:failed", [1, 2]),
        ("client:408", [0, 1, 2, 3, 4, 5, 7]),
        ("client:40803", [2]),
        ("connection:408", [6]),
        ("connection:4", [3]),
        ("worker:9 5xx", [4]),
        ("thread 408", [1]),
        ("/408/", [1, 2]),
        ("408 request", [3]),
        ("127.0.0.1:40803", [2]),
        ("status:", list(range(8))),
        ("path:", list(range(8))),
        ("999", []),
        ("4xxx", []),
        ("nobody:5", []),
        ("", list(range(8))),
    ],
)
def test_what_is_asked_for_is_found(log: RequestLog, text: str, found: list[int]) -> None:
    assert Search(log, text).step() == found
