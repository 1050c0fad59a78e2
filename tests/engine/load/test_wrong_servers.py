"""Servers that are wrong in each way: each is counted as what it is, none is skipped."""

import itertools
import socket
import time
from collections.abc import Callable

import pytest

from engine.problems import PROBLEMS
from tests.engine.load.support import Load, ScriptedConnection, reply, scripted

PAGE = b"<p>This is the page as it should be.</p>\n"
RIGHT = reply(PAGE)

Answer = Callable[[ScriptedConnection], None]


def sends(data: bytes) -> Answer:
    """Answers with `data`, and keeps the connection."""
    return lambda talk: talk.socket.sendall(data)


def sends_and_closes(data: bytes) -> Answer:
    """Answers with `data`, and ends the connection in order."""

    def answer(talk: ScriptedConnection) -> None:
        talk.socket.sendall(data)
        talk.socket.close()

    return answer


WRONG: dict[str, tuple[str, str, Answer]] = {
    "too short": ("wrong_bytes", "wrong-length", sends(reply(PAGE[:-1]))),
    "too long": ("wrong_bytes", "wrong-length", sends(reply(PAGE + b"!"))),
    "a wrong byte": ("wrong_bytes", "wrong-byte", sends(reply(PAGE.replace(b"page", b"pagf")))),
    "empty": ("wrong_bytes", "wrong-length", sends(reply(b""))),
    "continues after its end": ("wrong_bytes", "after-end", sends(RIGHT + b"and more")),
    "not found": ("bad_reply", "wrong-status", sends(reply(PAGE, status="404 Not Found"))),
    "busy": ("bad_reply", "wrong-status", sends(reply(b"busy", status="503 Service Unavailable"))),
    "garbage": ("bad_reply", "no-http", sends(b"\x16\x03\x01 is no answer\r\n\r\n")),
    "a bad length": ("bad_reply", "no-http", sends(RIGHT.replace(b"Content-Length: ", b"Content-Length: -"))),
    "reset": ("reset", "", ScriptedConnection.reset),
    "closed at once": ("reset", "", sends_and_closes(b"")),
    "closed in the head": ("reset", "", sends_and_closes(RIGHT[:20])),
    "closed in the body": ("reset", "", sends_and_closes(RIGHT[:-5])),
    "silent": ("timed_out", "", lambda talk: None),
    "silent in the body": ("timed_out", "", sends(RIGHT[:-5])),
}
"""Each with the kind of failure, and the code of the problem that is reported if there is one."""


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("workload", ["steady", pytest.param("visitors", marks=pytest.mark.slow)])
def test_wrong_answer_is_counted_as_what_it_is(workload: str, name: str) -> None:
    """Every other answer is right, the first among them."""
    kind, code, wrong = WRONG[name]
    turns = itertools.count()

    def serve(talk: ScriptedConnection) -> None:
        while talk.request():
            if next(turns) % 2:
                wrong(talk)
            else:
                talk.socket.sendall(RIGHT)

    with scripted(serve) as address:
        with Load(address, "--workload", workload, "--clients", 1, "--timeout", 0.3) as load:
            load.stats_when(lambda stats: stats.failed >= 2 and stats.answered >= 2, "not both")
        stats = load.last
        assert getattr(stats, kind) == stats.failed, "of another kind"
        assert abs(stats.answered - stats.failed) <= 1
        assert 0 <= stats.sent - stats.answered - stats.failed <= 1
        assert load.latencies().total == stats.answered + stats.timed_out, "others have no latency"
        if code:
            problem = load.problem(code)
            assert problem.message == PROBLEMS[code].format(**problem.details)


def test_nobody_accepts() -> None:
    """The backlog of a listener that never accepts takes a few; they send, and give up."""
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        with Load(listener.getsockname(), "--clients", 6, "--timeout", 0.3) as load:
            load.stats_when(lambda stats: stats.timed_out >= 6, "they wait for ever")
        assert load.last.answered == 0
        assert load.last.failed == load.last.timed_out


def test_server_without_lengths_is_right() -> None:
    def serve(talk: ScriptedConnection) -> None:
        if talk.request():
            talk.socket.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE)

    with scripted(serve) as address:
        with Load(address, "--clients", 2) as load:
            load.stats_when(lambda stats: stats.answered >= 10, "no answers")
        assert load.last.failed == 0


def test_page_that_changes_with_its_tag_is_right() -> None:
    turns = itertools.count()

    def serve(talk: ScriptedConnection) -> None:
        while talk.request():
            number = next(turns) // 10
            talk.socket.sendall(reply(b"%d" % number, headers=f'ETag: "{number}"\r\n'))

    with scripted(serve) as address:
        with Load(address, "--clients", 1) as load:
            load.stats_when(lambda stats: stats.answered >= 50, "no answers")
        assert load.last.failed == 0


def test_slow_answers_are_no_silence() -> None:
    """A byte each 0.1 s takes longer than the client's patience, which is about silence."""

    def serve(talk: ScriptedConnection) -> None:
        while talk.request():
            for place in range(0, len(RIGHT), 10):
                talk.socket.sendall(RIGHT[place : place + 10])
                time.sleep(0.1)

    with scripted(serve) as address, Load(address, "--clients", 1, "--timeout", 0.6) as load:
        stats = load.stats_when(lambda stats: stats.answered >= 1, "no answer")
        assert stats.failed == 0
        assert load.latencies().values_at([100])[0] > 600_000
