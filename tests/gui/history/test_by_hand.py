"""What is known of connections by hand: which one at the engine each is, how it stands, and which are listed."""

import pytest

from engine.telemetry import wire
from gui.history.by_hand import LISTED, Act, HandHistory, Kind
from tests.ready import a_ready


def opened(client: int, time: float = 10.0) -> Act:
    address = f"127.0.0.1:{4000 + client}"
    return Act(time, client, "opened", client_address=address, server_address="127.0.0.1:8888")


def history(*acts: Act) -> HandHistory:
    made = HandHistory()
    made.receive_engine(a_ready("thread", 1.0))
    for act in acts:
        made.receive(act)
    return made


def accepted(connection: int, client: int, time: float) -> wire.Opened:
    return wire.Opened([wire.Opening(time, connection, f"127.0.0.1:{4000 + client}", 0)])


def test_its_connection_is_the_one_from_its_port() -> None:
    made = history(opened(1), opened(2))
    made.receive_engine(accepted(6, 1, 9.0))
    assert made.connections() == [], "that one had the port before"
    made.receive_engine(accepted(7, 2, 10.1))
    made.receive_engine(accepted(9, 2, 60.0))
    assert made.connections() == [7], "and that one after it"
    assert (made.of_connection(7), made.of_connection(8), made.of_connection(0)) == (2, 0, 0)


def test_numbers_of_an_engine_before_are_forgotten() -> None:
    made = history(opened(1), Act(10.0, 1, "connected"))
    made.receive_engine(accepted(7, 1, 10.1))
    made.receive_engine(a_ready("epoll", 20.0))
    made.receive_engine(accepted(7, 1, 20.1))
    assert made.connections() == []


def test_a_recording_may_begin_with_the_engine_or_with_the_client() -> None:
    made = HandHistory()
    made.receive(opened(1))
    made.receive_engine(a_ready("thread", 1.0))
    made.receive_engine(accepted(7, 1, 10.1))
    assert made.connections() == [7]


@pytest.mark.parametrize(
    ("kinds", "is_over", "can_send"),
    [
        (["connected"], False, True),
        (["connected", "half-closed"], False, False),
        (["connected", "half-closed", "ended"], False, False),
        (["connected", "ended"], False, True),
        (["refused"], True, False),
        (["connected", "was-reset"], True, False),
        (["connected", "ended", "left"], True, False),
    ],
)
def test_how_it_stands_follows_from_its_acts(kinds: list[Kind], is_over: bool, can_send: bool) -> None:
    client = history(opened(1), *(Act(11.0, 1, kind) for kind in kinds)).clients[1]
    assert (client.is_over, client.can_send) == (is_over, can_send)
    assert client.state == kinds[-1]


def test_those_that_are_over_make_room() -> None:
    acts = [opened(number) for number in range(1, LISTED + 1)]
    made = history(*acts, Act(11.0, 2, "reset"), opened(9))
    assert list(made.clients) == [1, 3, 4, 5, 6, 7, 8, 9]


def test_only_what_was_done_is_marked() -> None:
    made = history(
        opened(1), Act(10.1, 1, "connected"), Act(10.2, 1, "sent", b"ab", 2), Act(10.3, 1, "received", b"c", 1)
    )
    assert [act.kind for _, act in made.done(0.0, 20.0)] == ["opened", "sent"]
    assert [act.kind for _, act in made.done(10.15, 20.0)] == ["sent"]


def test_a_port_that_was_left_is_another_clients_later() -> None:
    made = history(opened(1), Act(11.0, 1, "closed"))
    made.receive_engine(accepted(7, 1, 60.0))
    assert made.connections() == []
    made.receive(opened(2))
    made.receive(Act(11.0, 2, "closed"))
    made.receive_engine(accepted(8, 2, 12.0))
    assert made.connections() == [8], "it had waited for the server"
