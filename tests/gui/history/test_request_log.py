"""The last requests as columns, against a plain list of what arrived."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lab.parts import split
from engine.models import MODELS
from engine.telemetry import wire
from gui.history import request_log
from gui.history.request_log import HANDLED, LoggedRequest, RequestLog, in_server
from gui.history.search import Search
from tests.answered import answered
from tests.ready import a_ready

CLOCK = 1_700_000_000.0


def ready(model: str = "thread") -> wire.Ready:
    return a_ready(model, 0.0, clock=CLOCK, keep_alive=False)


def request(connection: int, asked: int = 1, told: int = 2, status: int = 200, worker: int = 7) -> wire.Request:
    return answered(connection / 1000, connection, worker, asked, told, status, 612, 0.25, 0.5, True)


HEADS = [
    wire.Head(1, "GET /index.html?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    wire.Head(2, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
    wire.Head(3, "GET /Missing.html HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    wire.Head(4, "HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n"),
]


@pytest.fixture
def log() -> RequestLog:
    """A small log whose run has begun, with its heads."""
    log = RequestLog(capacity=10)
    log.begin(ready())
    log.add_heads(HEADS)
    return log


def found(search: Search, rows: int = 3) -> Iterator[int]:
    """All that a search finds, step by step."""
    while search.left:
        yield from search.step(rows)


def name(row: LoggedRequest) -> str:
    """The name of the worker that answered."""
    return row.traits.worker_name(row.worker)


def connections(log: RequestLog) -> list[int]:
    """The connections of all rows held, oldest first."""
    return [log.row(sequence).connection for sequence in log.newest(len(log))]


def test_a_row_says_all_that_was_told(log: RequestLog) -> None:
    log.add_clients([wire.Opening(0.0, 5, "127.0.0.1:40160", 0)])
    told = answered(1.5, 5, 7, 1, 2, 200, 612, 0.25, 0.5, False)
    log.append([told])
    row = log.row(0)
    assert row == LoggedRequest(
        sequence=0,
        model="thread",
        time=1.5,
        time_of_day=datetime.fromtimestamp(CLOCK + 1.5).strftime("%H:%M:%S") + ".500",
        client="127.0.0.1:40160",
        connection=5,
        worker=7,
        traits=MODELS["thread"].traits,
        method="GET",
        target="/index.html?a=b",
        status=200,
        reason="OK",
        bytes=612,
        whole=False,
        handled=1.0,
        computed=-1.0,
        in_calls=-1.0,
        parts=split(0.0, 0.0, told.begun, told.read, told.handled, told.answered, told.written),
        request_head=HEADS[0].text,
        reply_head=HEADS[1].text,
    )


@given(st.lists(st.one_of(st.just(0.0), st.floats(0.001, 1e6)), min_size=7, max_size=7))
def test_the_time_in_the_server_is_the_sum_of_the_parts(moments: list[float]) -> None:
    log = RequestLog(1)
    log.begin(ready())
    log.append([wire.Request(1, 1, 0, 0, 200, 612, True, *moments)])
    assert in_server(log.newest_of_run(1)).tolist() == [log.row(0).parts.total]


def test_a_greeting_has_no_heads(log: RequestLog) -> None:
    log.append([request(5, asked=0, told=0, status=0)])
    row = log.row(0)
    assert (row.method, row.target, row.status, row.reason, row.client) == ("", "", 0, "", "")


def test_big_numbers_are_exact(log: RequestLog) -> None:
    pid, connection, size = 4_194_304, 2**40 + 1, 2**50 + 1
    log.append([answered(1.0, connection, pid, 1, 2, 200, size, 0.0, 0.0, True)])
    row = log.row(0)
    assert (row.connection, row.worker, row.bytes) == (connection, pid, size)


@given(st.lists(st.integers(0, 25), max_size=12), st.integers(1, 12))
def test_it_holds_the_newest(batches: list[int], capacity: int) -> None:
    log = RequestLog(capacity)
    log.begin(ready())
    arrived: list[int] = []
    for size in batches:
        batch = list(range(len(arrived), len(arrived) + size))
        log.append([request(connection) for connection in batch])
        arrived += batch
        assert connections(log) == arrived[-capacity:]
        assert (log.total, log.first) == (len(arrived), max(0, len(arrived) - capacity))
        assert log.newest_of_run(5)[request_log.CONNECTION].tolist() == arrived[-min(5, capacity) :]
        assert list(found(Search(log, "thread 7"))) == list(log.newest(len(log)))


def test_only_what_is_held_can_be_asked_for(log: RequestLog) -> None:
    log.append([request(connection) for connection in range(12)])
    for sequence in (-1, 0, 1, 12):
        with pytest.raises(IndexError, match=f"request {sequence} is not held"):
            log.row(sequence)
    assert log.row(2).connection == 2


def test_clear_carries_on_counting(log: RequestLog) -> None:
    log.append([request(1), request(2)])
    log.clear()
    assert (len(log), log.total, log.first) == (0, 2, 2)
    log.append([request(3)])
    assert (len(log), log.row(2).connection) == (1, 3)


def test_texts_that_are_told_later_than_their_rows(log: RequestLog) -> None:
    log.append([request(1, asked=8, told=9), request(2, asked=8, told=2)])
    assert log.row(0).target == ""
    log.add_heads([wire.Head(9, "HTTP/1.1 418 Teapot\r\n"), wire.Head(8, "GET /late HTTP/1.1\r\n")])
    log.add_clients([wire.Opening(0.0, 1, "late:1", 0)])
    assert [log.row(sequence).target for sequence in (0, 1)] == ["/late", "/late"]
    assert (log.row(0).reason, log.row(0).client, log.row(1).reason) == ("Teapot", "late:1", "OK")


def test_a_text_told_too_late_goes_nowhere(log: RequestLog) -> None:
    log.append([request(1, asked=8)])
    log.append([request(connection) for connection in range(10)])
    log.add_heads([wire.Head(8, "GET /late HTTP/1.1\r\n")])
    assert {log.row(sequence).target for sequence in log.newest(10)} == {"/index.html?a=b"}


def test_what_numbers_mean_belongs_to_a_run(log: RequestLog) -> None:
    log.add_clients([wire.Opening(0.0, 1, "first:1", 0)])
    log.append([request(1)])
    log.begin(ready("process"))
    log.append([request(1, worker=4312)])
    log.add_heads([wire.Head(1, "GET /second HTTP/1.1\r\n")])
    old, new = log.row(0), log.row(1)
    assert (old.model, name(old), old.target, old.client) == ("thread", "thread 7", "/index.html?a=b", "first:1")
    assert (new.model, name(new), new.target, new.client) == ("process", "process 4312", "/second", "")
    assert log.newest_of_run(10)[HANDLED].tolist() == [1 / 1000 - 0.5]


def test_many_runs_with_and_without_requests(log: RequestLog) -> None:
    log.append([request(1)])
    for model in ("process", "epoll", "gevent", "epoll"):
        log.begin(ready(model))
    log.append([request(2, worker=0)])
    assert [name(log.row(sequence)) for sequence in (0, 1)] == ["thread 7", "loop"]
    log.append([request(3, worker=0)] * 10)
    assert {name(log.row(sequence)) for sequence in log.newest(10)} == {"loop"}


@pytest.mark.parametrize(
    ("needle", "matches"),
    [
        ("", [0, 1, 2, 3]),
        ("missing", [1]),
        ("get /M", [1]),
        ("html", [0, 1, 2]),
        ("404", [1]),
        ("not found", [1]),
        ("200 ok", [0, 2]),
        ("THREAD 9", [2]),
        ("40163", [2]),
        ("127.0.0.1:4016", [0, 1, 2]),
        ("localhost", []),
        ("*", []),
    ],
)
def test_search(log: RequestLog, needle: str, matches: list[int]) -> None:
    log.add_clients([wire.Opening(0.0, number, f"127.0.0.1:4016{number}", 0) for number in (1, 2, 3)])
    log.append([request(1), request(2, asked=3, told=4, status=404), request(3, worker=9)])
    log.append([request(4, asked=0, told=0, status=0)])
    assert list(found(Search(log, needle), rows=1)) == matches
    assert Search(log, needle).step() == matches


def test_search_goes_on_with_what_arrives(log: RequestLog) -> None:
    search = Search(log, "404")
    missing = request(1, asked=3, told=4, status=404)
    log.append([request(0), missing])
    assert (search.left, search.step(1), search.left) == (2, [], 1)
    log.append([missing])
    assert (search.step(9), search.left, search.step()) == ([1, 2], 0, [])


def test_search_skips_what_is_gone(log: RequestLog) -> None:
    search = Search(log, "index")
    log.append([request(connection) for connection in range(25)])
    assert search.left == 10
    assert list(found(search, rows=4)) == list(range(15, 25))


def test_search_over_a_switch_and_the_end_of_the_ring(log: RequestLog) -> None:
    log.append([request(connection) for connection in range(7)])
    log.begin(ready("process"))
    log.append([request(connection, worker=7) for connection in range(7)])
    assert Search(log, "process 7").step() == list(range(7, 14))
    assert Search(log, "thread 7").step() == [4, 5, 6]


def test_texts_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "KNOWN_HEADS", 50)
    monkeypatch.setattr(request_log, "KNOWN_CLIENTS", 60)
    monkeypatch.setattr(request_log, "CLOSED_CLIENTS", 5)
    log = RequestLog(capacity=20)
    log.begin(ready())
    log.add_heads(HEADS)
    for number in range(10, 1_000):
        log.add_heads([wire.Head(number, f"GET /{number} HTTP/1.1\r\n")])
        log.add_clients([wire.Opening(0.0, number, f"client:{number}", 0)])
        log.append([request(number, asked=number), request(number, asked=number + 1_000)])
        assert log.row(log.total - 2).reason == "OK", "a head in use stays"
        if number % 2:
            log.close_clients([wire.Closing(0.0, number, 0)])
    assert len(log._head_texts) <= 50
    assert len(log._client_texts) <= 60
    assert len(log._same) <= 51
    row = log.row(log.first)
    assert (row.target, row.client) == ("/990", "client:990"), "rows held keep their texts"


def test_the_client_of_an_open_connection_stays_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "CLOSED_CLIENTS", 5)
    log = RequestLog(capacity=20)
    log.begin(ready())
    log.add_clients([wire.Opening(0.0, 1, "idle:1", 0)])
    for number in range(2, 500):
        log.add_clients([wire.Opening(0.0, number, f"short:{number}", 0)])
        log.close_clients([wire.Closing(0.0, number, 0)])
    log.append([request(1), request(499), request(2)])
    assert [log.row(sequence).client for sequence in range(3)] == ["idle:1", "short:499", ""]
