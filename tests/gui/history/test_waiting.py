"""Which client a lane shows as waited for, beside clients that note their times: live, afterwards, and in a replay."""

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from engine.clock import monotonic
from engine.models import MODELS
from engine.net.arrival import TELLS_TIMES
from engine.telemetry import wire
from gui.history.intervals import HANDLED, Interval, LaneState, as_interval
from gui.history.lanes import Lanes
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually
from tests.gui.stories import Told, at_once, telling

CLIENTS = 8
ROUNDS = 2
WORK_MS = 100
NEAR = 0.003
"""Seconds by which clocks that are read one after the other may differ."""
LAG = 0.25
"""Seconds that the picture is behind, as the canvas."""
STEP = 0.02
"""Seconds between the moments at which two pictures are compared."""
STOPPED = 0.4
"""Seconds that a worker is stopped."""
WAITED_FOR = (LaneState.WAITING, LaneState.BLOCKED_BY_CLIENT)
available = pytest.mark.parametrize("model", [key for key, model in MODELS.items() if model.available()])
pytestmark = pytest.mark.skipif(not TELLS_TIMES, reason="this system does not say when bytes came")

Picture = dict[str, list[Interval]]
"""What is drawn of each connection, by its client's address."""
Stretches = dict[str, list[tuple[float, float]]]


def drawn(lanes: Lanes, edge: float) -> Picture:
    """All that is seen up to `edge`."""
    pieces = [as_interval(column) for column in lanes.between(0.0, edge).T]
    pieces += [as_interval(column) for column in lanes.tails([], lanes.connections(), edge).T]
    picture: Picture = defaultdict(list)
    for piece in pieces:
        if piece.connection and piece.begin < edge:
            picture[lanes.client(piece.connection)].append(piece)
    return picture


def closed_loop(engine: Engine, asked: Stretches, requests: int) -> None:
    """One client that asks again when it is answered, and notes when each request was out."""
    with Client(engine.address) as client:
        mine = asked["{}:{}".format(*client.name)]
        for _ in range(requests):
            client.send(request(f"/work/wait?ms={WORK_MS}"))
            sent = monotonic()
            client.reply()
            mine.append((sent, monotonic()))


def closed_loops(engine: Engine, asked: Stretches, stays: bool) -> None:
    """Clients that each ask again when they are answered, on the same connection if it `stays`, or on a new one."""
    for _ in range(1 if stays else ROUNDS):
        at_once(*[lambda: closed_loop(engine, asked, ROUNDS if stays else 1)] * CLIENTS)


def out(engine: Engine, asked: Stretches) -> Stretches:
    """When a request was out, until its reply's last byte was: the client may have seen it late."""
    clients = {row.connection: row.client for row in engine.rows(wire.Opened)}
    written: dict[str, list[float]] = defaultdict(list)
    for row in engine.rows(wire.Requests):
        written[clients[row.connection]].append(row.written)
    return {
        client: [(sent, min(over, end)) for (sent, over), end in zip(asked[client], sorted(ends), strict=True)]
        for client, ends in written.items()
    }


def blamed(picture: Picture, out: Stretches) -> list[tuple[str, Interval, float]]:
    """Where a client is drawn as waited for while a request of it is out, and for how long."""
    return [
        (client, piece, overlap)
        for client, pieces in picture.items()
        for piece in pieces
        if piece.state in WAITED_FOR
        for begin, end in out[client]
        if (overlap := min(piece.end, end) - max(piece.begin, begin)) > NEAR
    ]


def state_at(pieces: list[Interval], moment: float) -> LaneState | None:
    """What is drawn there; None if it is nothing, or a border is near."""
    found = [piece for piece in pieces if piece.begin - NEAR <= moment <= piece.end + NEAR]
    if len(found) != 1 or not found[0].begin + NEAR <= moment <= found[0].end - NEAR:
        return None
    return found[0].state


def repainted(before: Picture, after: Picture) -> Iterator[tuple[str, float, LaneState, LaneState]]:
    """Where something was drawn that is drawn as something else later."""
    for client, pieces in before.items():
        for piece in pieces:
            moments = [piece.begin + STEP * step for step in range(int((piece.end - piece.begin) / STEP) + 1)]
            for moment in moments if piece.state is not LaneState.NOT_KNOWN else []:
                state, drawn_as = state_at(after[client], moment), state_at(pieces, moment)
                same = state is drawn_as or {state, drawn_as} <= HANDLED  # its parts are reported while it lasts
                if state is not None and drawn_as is not None and not same:
                    yield client, moment, piece.state, state


def watched(told: Told, work: Callable[[], None]) -> list[Picture]:
    """What was drawn again and again while `work` was done."""
    worker = threading.Thread(target=work)
    worker.start()
    pictures = []
    while worker.is_alive():
        told.catch_up()
        pictures.append(drawn(told.lanes, monotonic() - LAG))
        worker.join(0.05)
    return pictures


def replayed(engine: Engine) -> list[Picture]:
    """What a replay draws: as live, from what a recording holds."""
    lanes, pictures = Lanes(), []
    for message in engine.messages:
        lanes.receive(wire.decode(wire.encode(message)))
        if isinstance(message, wire.Counters):
            pictures.append(drawn(lanes, message.time))
    return pictures


@available
def test_no_client_is_waited_for_while_a_request_of_it_is_out(model: str) -> None:
    asked: Stretches = defaultdict(list)
    may_stay = MODELS[model].keep_alive or not MODELS[model].keep_alive_in_file
    stays = may_stay and not MODELS[model].traits.shares_workers  # or else it makes room for others that wait
    with telling(model, *(["--keep-alive"] if stays and not MODELS[model].keep_alive_in_file else [])) as (
        engine,
        told,
    ):
        live = watched(told, lambda: closed_loops(engine, asked, stays))
        told.until_over(CLIENTS if stays else CLIENTS * ROUNDS)
        was_out = out(engine, asked)
        final = drawn(told.lanes, monotonic())
        pictures = (*live, *replayed(engine), final)
        for picture in pictures:
            assert blamed(picture, was_out) == []
        changed = [change for picture in pictures for change in repainted(picture, final)]
        assert changed == []
    waits = [piece for pieces in final.values() for piece in pieces if piece.state is LaneState.RUNNABLE]
    if MODELS[model].worker == "loop" and not MODELS[model].hands_over:
        seconds = sum(piece.end - piece.begin for piece in waits)
        assert seconds > CLIENTS * WORK_MS / 1000, "others were served meanwhile"
    for pieces in final.values():
        ordered = sorted(pieces, key=lambda piece: piece.begin)
        for one, other in pairwise(ordered):
            shared = (one.begin, one.end) == (other.begin, other.end) and max(one.share, other.share) < 1
            assert shared or one.end <= other.begin + 1e-6, "one state at a time, but for those that shared it"
        assert max(other.begin - one.end for one, other in pairwise(ordered)) < 0.05, "no blank"


@pytest.mark.skipif("process" not in MODELS or not hasattr(os, "fork"), reason="no processes here")
def test_a_worker_that_is_stopped_is_not_held_by_a_client_that_sent_all() -> None:
    """Its process sleeps in `recv` for the rest of a request, is stopped, and the rest comes."""
    with telling("process") as (engine, told), Client(engine.address) as client:
        asks = request("/index.html", connection="close")
        client.send(asks[:20])
        eventually(lambda: (told.catch_up(), told.lanes.workers() - {0})[1], "it reads")
        (worker,) = told.lanes.workers() - {0}
        eventually(lambda: (told.catch_up(), held(told, worker))[1], "it is held by who has sent a half")
        os.kill(worker, signal.SIGSTOP)
        client.send(asks[20:])
        sent = monotonic()
        live = watched(told, lambda: time.sleep(STOPPED))
        os.kill(worker, signal.SIGCONT)
        client.reply()
        told.until_over()
        was_out = {"{}:{}".format(*client.name): [(sent, monotonic())]}
        final = drawn(told.lanes, monotonic())
    for picture in (*live, *replayed(engine), final):
        assert blamed(picture, was_out) == []
        assert list(repainted(picture, final)) == []
    (pieces,) = final.values()
    turn = sum(piece.end - piece.begin for piece in pieces if piece.state is LaneState.RUNNABLE)
    assert turn >= STOPPED, "it was ready for so long"


def held(told: Told, worker: int) -> list[Interval]:
    """Where a worker is held by its client at the moment."""
    tails = [as_interval(column) for column in told.lanes.tails([worker], [], monotonic()).T]
    return [piece for piece in tails if piece.state is LaneState.BLOCKED_BY_CLIENT]


@available
def test_a_client_that_does_not_read_its_reply_holds_a_worker_that_waits_in_the_call_and_no_other(model: str) -> None:
    with telling(model) as (engine, told), Client(engine.address, receive_buffer=4096) as client:
        client.send(request("/work/large?mib=8", connection="close"))
        eventually(lambda: (told.catch_up(), told.lanes.slow())[1], "it is seen to be slow")
        assert set(told.lanes.slow().values()) == {"reader"}
        alone = MODELS[model].waits == "call"  # who waits in the call itself serves nobody else meanwhile
        (connection,) = told.lanes.slow()
        worker = told.lanes.served_by(connection)
        now = eventually(lambda: (told.catch_up(), bool(held(told, worker)))[1] or not alone, "it is held")
        assert now
        live = drawn(told.lanes, monotonic() - LAG)
        client.reply()
        told.until_over()
        final = drawn(told.lanes, monotonic())
        assert list(repainted(live, final)) == []
    seconds = sum(
        piece.end - piece.begin
        for pieces in final.values()
        for piece in pieces
        if piece.state is LaneState.BLOCKED_BY_CLIENT
    )
    assert (seconds > 0) == alone
