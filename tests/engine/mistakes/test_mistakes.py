"""Each mistake on a real engine: what follows from it is seen, and the same look at the right server finds nothing."""

import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from engine.clock import monotonic
from engine.mistakes import MISTAKES, SERVED, mistakes_of
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.child import PATIENCE
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

SILENCE = 1.5
"""Seconds without anything after which a server with a mistake is taken to do no more; a right one has longer."""
CLIENTS = 8
POLLS = 5_000
"""Far more than a server needs that has one client to serve."""
Look = Callable[[Engine, float], bool]
"""Whether what follows from a mistake is seen in this engine, with the seconds that it has to do what is right."""


@contextmanager
def asking(engine: Engine, count: int, *headers: bytes) -> Iterator[list[Client]]:
    """So many clients, each of which has sent `headers`."""
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(engine.address)) for _ in range(count)]
        for client in clients:
            client.send(*headers)
        yield clients


def answered(clients: list[Client], seconds: float) -> int:
    """How many of them have something to read within this time."""
    deadline, waiting, found = monotonic() + seconds, {client.socket for client in clients}, 0
    while waiting and (left := deadline - monotonic()) > 0:
        ready, _, _ = select.select(list(waiting), [], [], left)
        waiting -= set(ready)
        found += len(ready)
    return found


def has_ended(engine: Engine, code: str) -> bool:
    """Whether it has ended, as the problem of this code says, rather than go on."""
    eventually(lambda: engine.process.poll() is not None or answers(engine))
    return engine.process.poll() is not None and code in [problem.code for problem in engine.all(wire.Problem)]


def answers(engine: Engine) -> bool:
    """Whether it answers a request."""
    try:
        return get(engine.address).status == 200
    except (OSError, EOFError):  # it has ended
        return False


def one_after_the_other(engine: Engine, _: float) -> bool:
    with asking(engine, CLIENTS, request("/work/wait?ms=100", Connection="close")):
        rows = sorted(
            engine.heard(lambda: len(found := engine.rows(wire.Requests)) == CLIENTS and found, "no answers"),
            key=lambda row: row.handled,
        )
    return all(later.handled >= before.answered for before, later in pairwise(rows))


def none_answered(engine: Engine, seconds: float) -> bool:
    with asking(engine, CLIENTS, request()) as clients:
        engine.heard(lambda: (last := engine.latest(wire.Counters)) and last.accepted == CLIENTS, "not accepted")
        return answered(clients, seconds) == 0


def polls_for_a_lost_client(engine: Engine, _: float) -> bool:
    with Client(engine.address) as client:
        engine.settled(open=1)
        client.reset()
    before = engine.latest(wire.Counters)
    assert before
    last = engine.heard(
        lambda: (now := engine.latest(wire.Counters)) and (not now.open or now.polls > before.polls + POLLS) and now, ""
    )
    return last.open == 1


def one_that_leaves_ends_it(engine: Engine, _: float) -> bool:
    get(engine.address, Connection="close")
    return has_ended(engine, "model-failed")


def one_that_resets_ends_it(engine: Engine, _: float) -> bool:
    with Client(engine.address) as client:
        client.send(request()[:-2])
        engine.settled(open=1)
        client.reset()
    return has_ended(engine, "model-failed")


def one_that_is_silent_stops_all(engine: Engine, seconds: float) -> bool:
    with asking(engine, 1):
        engine.settled(open=1)
        with asking(engine, 1, request()) as clients:
            return not answered(clients, seconds)


def end_is_not_read(engine: Engine, seconds: float) -> bool:
    """A request and the end behind it are there when the loop comes back from the one before."""
    with asking(engine, 1, request("/work/wait?ms=1000", Connection="close")), asking(engine, 1, request()) as [client]:
        client.half_close()
        engine.heard(lambda: len(engine.rows(wire.Requests)) == 2, "no answers")
        deadline = monotonic() + seconds
        return bool(
            engine.heard(
                lambda: (now := engine.latest(wire.Counters)) and (not now.open or monotonic() > deadline) and now, ""
            ).open
        )


def passes_over_every_second(engine: Engine, _: float) -> bool:
    """All clients are there when the loop comes back from the one before."""
    with asking(engine, 1, request("/work/wait?ms=1500")), asking(engine, 6, request()):
        rows = engine.heard(lambda: len(found := engine.rows(wire.Requests)) == 7 and found, "no answers")
    order = [row.connection for row in sorted(rows, key=lambda row: row.handled)]
    return order != sorted(order)


def share_arrives(engine: Engine, seconds: float) -> bool:
    with Client(engine.address, receive_buffer=4096) as client:
        client.send(request("/work/large?mib=8"))
        answered([client], PATIENCE)
        engine.settled(open=1)  # as much is sent as there is room for
        client.read_faster()
        promised, received = client.head().length, 0
        while received < promised and answered([client], seconds):
            received += len(client.receive())
    counters, [row] = engine.counters, engine.rows(wire.Requests)
    assert row.bytes > promised
    assert (counters.bytes < row.bytes) == (received < promised)
    return received < promised


def half_a_request_is_dropped(engine: Engine, _: float) -> bool:
    with Client(engine.address) as client:
        client.send(request(Padding="x" * 2000, Connection="close"))
        return client.rest() == b""


def zombies_stay(engine: Engine, seconds: float) -> bool:
    for _ in range(3):
        get(engine.address)
    assert engine.settled(open=0).requests == 3
    deadline = monotonic() + seconds
    eventually(lambda: not engine.zombies() or monotonic() > deadline)
    return len(engine.zombies()) == 3


def sees_no_end(engine: Engine, seconds: float) -> bool:
    with Client(engine.address) as client:
        client.send(request(Connection="close"))
        reply = client.reply()
        assert reply.status == 200
        unended = not answered([client], seconds)
        if unended:
            get(engine.address)  # the next one takes the place of the parent's copy
        return client.is_closed() and unended


def waits_for_more(engine: Engine, seconds: float) -> bool:
    with Client(engine.address) as client:
        client.send(request(Connection="keep-alive"))
        head = client.head()
        assert head.status == 200
        if "content-length" in head.headers:
            return len(b"".join(client.pieces(head.length))) != head.length
        while answered([client], seconds):
            assert client.receive(), "the stream has ended"
        return "transfer-encoding" not in head.headers


def keeps_its_port(engine: Engine, _: float) -> bool:
    with Client(engine.address) as client:
        client.send(request(Connection="close"))
        assert client.rest()  # the server closes first
    engine.settled(open=0)
    assert engine.stop() == 0
    root, port = Path(engine.ready.root), engine.ready.port
    with Engine(engine.model, root, "--port", str(port), may_fail=True) as again:
        again.heard(lambda: again.messages, "nothing was said")
        if isinstance(again.messages[0], wire.Ready):
            return False
        assert again.end() == 1
        return [problem.code for problem in again.all(wire.Problem)] == ["port-kept"]


def file_beside_the_root(engine: Engine, _: float) -> bool:
    beyond = "/..%2F..%2F__init__.py"
    assert get(engine.address).status == 200
    assert get(engine.address, beyond).status in (403, 404)
    assert get(engine.address, "/../../../../../../../../etc/passwd").status in (403, 404)
    reply = get(engine.address, "/..%2Foutside.txt")
    assert get(engine.address, "/../outside.txt").status == reply.status
    return reply.body == (SERVED / "outside.txt").read_bytes()


LOOKS: dict[str, tuple[Look, tuple[str, ...]]] = {
    "no-waitpid": (zombies_stay, ()),
    "parent-keeps-socket": (sees_no_end, ()),
    "one-recv": (half_a_request_is_dropped, ()),
    "joinall": (one_after_the_other, ()),
    "patched-late": (none_answered, ()),
    "blocking-call": (one_that_is_silent_stops_all, ()),
    "removes-while-iterating": (passes_over_every_second, ()),
    "drops-the-rest": (share_arrives, ()),
    "exception-ends-loop": (one_that_resets_ends_it, ()),
    "equals-epollin": (polls_for_a_lost_client, ()),
    "closes-first": (one_that_leaves_ends_it, ()),
    "reads-once": (end_is_not_read, ()),
    "no-content-length": (waits_for_more, ("--keep-alive",)),
    "no-reuseaddr": (keeps_its_port, ()),
    "leaves-root": (file_beside_the_root, ()),
}
"""How each is seen, and the options of the server for it."""
QUICK = ("joinall", "equals-epollin")
ANYWHERE = "epoll" if MODELS["epoll"].available() else "thread"
"""The model in which those are made that can be made in each."""


def param(key: str) -> object:
    mistake = MISTAKES[key]
    there = mistake in mistakes_of(MODELS[mistake.model or ANYWHERE])
    skipped = pytest.mark.skipif(not there, reason="this system can't run it")
    return pytest.param(key, marks=[skipped, *([] if key in QUICK else [pytest.mark.slow])])


def test_each_mistake_has_a_look() -> None:
    assert LOOKS.keys() == MISTAKES.keys()


@pytest.mark.parametrize("key", [param(key) for key in MISTAKES])
def test_what_follows_is_seen_with_the_mistake_alone(key: str, site: Path) -> None:
    mistake, (look, options) = MISTAKES[key], LOOKS[key]
    model = mistake.model or ANYWHERE
    root = SERVED / "site" if mistake.own_root else site
    with Engine(model, root, "--mistake", key, *options, may_fail=True) as wrong:
        ready = wrong.ready
        assert (ready.mistake, ready.mistake_file) == (key, mistake.file)
        assert look(wrong, SILENCE)
    with Engine(model, root, *options) as right:
        assert right.ready.mistake == right.ready.mistake_file == ""
        assert not look(right, PATIENCE)
