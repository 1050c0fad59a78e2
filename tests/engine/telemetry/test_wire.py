"""The wire contract: every message survives its line, and no other line is taken for one."""

from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.lab.rows import decoded
from engine.load import wire as load_wire
from engine.telemetry import wire
from engine.traits import Traits
from tests.ready import a_ready

KINDS = get_args(wire.AnyMessage)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type that the contract uses, within its bounds; what has none is finite and fits 64 bits."""
    if get_origin(kind) is Annotated:
        number, bounds = get_args(kind)
        return st.floats(bounds.ge, bounds.le) if number is float else st.integers(bounds.ge, bounds.le)
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if kind is int:
        return st.integers(-(2**63), 2**63 - 1)
    if get_origin(kind) is list:
        return st.lists(values(get_args(kind)[0]), max_size=5)
    if get_origin(kind) is dict:
        return st.dictionaries(st.text(), st.text() | values(int), max_size=3)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.builds(kind, *(values(field.type) for field in msgspec.structs.fields(kind)))
    return st.from_type(kind)


messages = st.one_of([values(kind) for kind in KINDS])


@given(messages)
def test_message_survives_its_line(message: wire.AnyMessage) -> None:
    if isinstance(message, wire.Ready) and message.version == 1:
        message.version = wire.VERSION  # that one had no traits: the model's are put in
    line = wire.encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert wire.decode(line) == message


@pytest.mark.parametrize("name", ["caf\udce9", "\udcff\udcfe", "\ud800", "名字 \udce9.html", "a\udc80b"])
def test_a_name_that_is_no_unicode_is_said_as_far_as_it_can_be(name: str) -> None:
    """A folder may have any bytes in its name; in a message, in its details, and in rows."""
    said = "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in name)
    ready = a_ready("epoll")
    ready.root = ready.file = name
    assert wire.decode(wire.encode(ready)) == msgspec.structs.replace(ready, root=said, file=said)
    problem = wire.decode(wire.encode(wire.Problem(0.0, "code", f"in {name}", {"root": name, "pid": 1})))
    assert problem == wire.Problem(0.0, "code", f"in {said}", {"root": said, "pid": 1})
    assert wire.encode_value([(1, name), (2, "plain")]) == wire.encode_value([(1, said), (2, "plain")])


def is_message_or_error(line: bytes) -> bool:
    """Whether `line` is decoded or refused in the way that is promised."""
    try:
        return isinstance(wire.decode(line), KINDS)
    except wire.WireError as error:
        return str(error) != ""


@pytest.mark.parametrize("number", ["1e308", "-1e11", "1e11", "18446744073709551615"])
@pytest.mark.parametrize(
    "line",
    [
        '{"type":"stopped","time":N}',
        '{"type":"opened","rows":[[N,1,"",0]]}',
        '{"type":"opened","rows":[[0.0,N,"",0]]}',
        '{"type":"requests","rows":[[1,0,0,0,N,9,true,0,0,0,0,0,0,0]]}',
        '{"type":"requests","rows":[[1,0,0,0,200,9,true,0,0,0,0,0,0,N]]}',
        '{"type":"requests","rows":[[N,1,0,0,0,200,9,0.0,0.0,true]]}',
        '{"type":"spans","rows":[[0,1,"recv",20,0,0,N]]}',
    ],
)
def test_numbers_that_nobody_can_reckon_with_are_no_message(line: str, number: str) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(line.replace("N", number).encode())


@pytest.mark.parametrize(
    "read", [wire.decode, wire.decode_order, load_wire.decode, decoded], ids=lambda read: read.__module__
)
@pytest.mark.parametrize(
    "begin", ['{"type":"stopped","x":', '{"type":"detail","x":', '{"type":"change","x":', '{"x":', ""]
)
def test_brackets_without_end_are_no_message(read: Callable[[bytes], object], begin: str) -> None:
    deep = begin + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(ValueError, match="not a"):
        read(deep.encode())


def test_a_call_that_there_is_not_is_no_message() -> None:
    for call in ("recvfrom", "", "RECV"):
        with pytest.raises(wire.WireError):
            wire.decode(b'{"type":"spans","rows":[[0,1,"%s",20,0,0,1]]}' % call.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_an_error(data: bytes) -> None:
    assert is_message_or_error(data)


@given(messages.map(wire.encode), st.data())
def test_damaged_line_is_a_message_or_an_error(line: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.binary(min_size=1, max_size=1))
    assert is_message_or_error(line[:place] + byte + line[place + 1 :])
    assert is_message_or_error(line[:place])


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{}", b"[]", b"null", b'{"type":"unheard-of"}', b'{"type":"stopped"}', b"\xff\xfe",
     b'{"type":"stopped","time":"noon"}', b'{"type":"opened","rows":[[1]]}', b'{"type":"stopped","time":1}{"x":2}'],
)  # fmt: skip
def test_what_is_no_message(line: bytes) -> None:
    with pytest.raises(wire.WireError, match="wire contract"):
        wire.decode(line)


def test_later_version_may_add_a_field() -> None:
    assert wire.decode(b'{"type":"stopped","time":1.5,"why":"asked"}\n') == wire.Stopped(1.5)


def test_every_kind_names_itself() -> None:
    tags = [kind.__struct_config__.tag for kind in KINDS]
    assert len(set(tags)) == len(tags)
    assert {"ready", "counters", "opened", "requests", "closed", "spans", "problem", "stopped"} <= set(tags)


def test_ready_of_version_1_gets_the_traits_of_its_model() -> None:
    line = (
        b'{"type":"ready","version":1,"model":"%s","host":"127.0.0.1","port":1,"pid":2,"root":"/","keep_alive":true,'
        b'"time":1.5,"clock":2.5}'
    )
    told = {key: wire.decode(line % key) for key in (b"process", b"keepalive", b"epoll", b"unheard-of")}
    assert all(isinstance(ready, wire.Ready) for ready in told.values())
    traits = {key.decode(): ready.traits for key, ready in told.items() if isinstance(ready, wire.Ready)}
    assert traits == {
        "process": Traits("process", "call", "one", "first"),
        "keepalive": Traits("loop", "never", "many", "first"),
        "epoll": Traits("loop", "poller", "many", "first"),
        "unheard-of": Traits(),
    }


def test_traits_of_today_are_not_guessed_from_the_key() -> None:
    ready = a_ready("epoll", traits=Traits(waits="call"))
    again = wire.decode(wire.encode(ready))
    assert again == ready
    assert isinstance(again, wire.Ready)
    assert wire.amended(again, wire.Amended(2.0, Traits("thread"))).traits == Traits("thread")


def test_requests_of_version_1_are_told_as_today_s() -> None:
    line = b'{"type":"requests","rows":[[12.5,3,0,1,2,200,834,0.25,0.5,true],[13,4,7,0,5,400,20,0.0,0.0,false]]}\n'
    message = wire.decode(line)
    assert message == wire.Requests(
        [
            wire.Request(3, 0, 1, 2, 200, 834, True, 0.0, 0.0, 11.75, 0.0, 12.0, 0.0, 12.5, -1.0),
            wire.Request(4, 7, 0, 5, 400, 20, False, 0.0, 0.0, 13.0, 0.0, 13.0, 0.0, 13.0, -1.0),
        ]
    )
    row = message.rows[0]
    assert (row.time, row.waited, row.took) == (12.5, 0.25, 0.5)
    assert wire.decode(wire.encode(message)) == message


def test_rows_from_before_handling_was_sampled_are_understood() -> None:
    told = wire.decode(b'{"type":"doing","time":1.0,"rows":[[1,1,"recv",20,0.5,0]]}')
    assert isinstance(told, wire.Activities)
    assert (told.rows[0].application_file, told.rows[0].application_line) == (0, 0)
    row = b"[1,1,0,0,200,612,true,0.0,0.0,1.0,1.0,1.0,1.1,1.2,-1.0]"
    answered = wire.decode(b'{"type":"requests","rows":[' + row + b"]}")
    assert isinstance(answered, wire.Requests)
    assert (answered.rows[0].computed, answered.rows[0].in_calls) == (-1.0, -1.0)
