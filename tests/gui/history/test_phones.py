"""The phones of a class: how many are here, and what they are called where two have one name."""

from engine.apps.phone_limits import MOST_PHONES
from engine.telemetry import wire
from gui.history.histories import Histories
from gui.history.phones import HERE
from gui.runs.streams import ENGINE
from tests.ready import a_ready


def phone(time: float, connection: int, key: str, name: str) -> wire.Phone:
    return wire.Phone(time, connection, key, name)


def test_phones_of_one_name_are_told_apart_and_keep_theirs() -> None:
    histories = Histories(lambda: 20.0)
    histories.receive(ENGINE, a_ready("thread"))
    opened = [wire.Opening(10.0, number, f"10.0.0.{number}:5000", 1) for number in (1, 2, 3, 4)]
    histories.receive(ENGINE, wire.Opened(opened))
    rows = [phone(10.0, 1, "aaaa", "Panda"), phone(11.0, 2, "bbbb", "Panda"), phone(12.0, 3, "aaaa", "Panda")]
    for row in rows:
        histories.receive(ENGINE, wire.decode(wire.encode(wire.Phones([row]))))
    run = histories.first
    assert [run.lanes.name(number) for number in (1, 2, 3, 4)] == ["Panda", "Panda 2", "Panda", ""]
    assert run.lanes.client(4) == "10.0.0.4:5000"
    assert run.phones.here(12.0) == 2
    assert run.phones.here(11.5 + HERE) == 1
    histories.receive(ENGINE, wire.Phones([phone(13.0, 4, "aaaa", "Otter")]))
    assert (run.lanes.name(1), run.lanes.name(4)) == ("Panda", "Otter"), "a new name is for what comes then"
    histories.receive(ENGINE, a_ready("thread"))
    assert run.phones.here(13.0) == 0, "another server"


def test_no_more_are_here_than_may_be_however_many_keys_they_choose() -> None:
    histories = Histories(lambda: 20.0)
    histories.receive(ENGINE, a_ready("thread"))
    rows = [phone(10.0, 1, f"key{number}", "Panda") for number in range(MOST_PHONES + 50)]
    histories.receive(ENGINE, wire.Phones(rows))
    phones = histories.first.phones
    assert phones.here(11.0) == MOST_PHONES
    assert len(phones._names) == len(phones._typed) == MOST_PHONES, "the oldest are forgotten"
