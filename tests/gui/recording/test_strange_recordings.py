"""A recording may say anything: each is shown, as far as it goes, or refused in words."""

import random
from copy import copy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.load import wire as load_wire
from engine.load.histogram import Histogram
from engine.models import MODELS
from engine.telemetry import wire
from engine.traits import Traits
from gui.runs.streams import ENGINE, FIRST, LOAD, SECOND
from gui.window import Window
from tests.gui.recording.test_file import BEGIN, Entries, run, write

PATIENCE = 20_000
"""Milliseconds."""
CALLS: tuple[Any, ...] = ("accept", "recv", "send", "wait", "close")
HEAD = 40
"""Bytes of a member's own head."""
STRANGE: dict[type, tuple[Any, ...]] = {
    float: (0.0, -1.0, 1e-300, BEGIN - 1e6, BEGIN + 1e6, 1e18, -1e18, 1.7e308, 2.0**63),
    int: (0, -1, 1, 255, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1),
    str: ("", "\0", "nonsense", "a" * 500, "GET", "\n\n", "名字‮", "127.0.0.1:99999", "=1+1", "../x", "/", "."),
    bool: (True, False),
}


class Mutator:
    """Puts strange values into the place of others."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def entries(self, entries: Entries, share: float) -> Entries:
        """`entries` with a `share` of them changed, left out, or repeated at another time."""
        changed: Entries = []
        for stream, at, message in entries:
            if self._chance.random() >= share:
                changed.append((stream, at, message))
            elif self._chance.random() < 0.8:
                changed.append((stream, at, self._message(stream, message)))
            elif self._chance.random() < 0.5:
                changed += [(stream, at, message)] * 2
        return changed

    def _message(self, stream: str, message: Any) -> Any:
        """As what its reader makes of it, if it is still a message."""
        said = self._value(msgspec.to_builtins(message))
        decode = wire.decode if stream == ENGINE else load_wire.decode if stream == LOAD else None
        try:
            return decode(msgspec.json.encode(said)) if decode else msgspec.convert(said, type(message))
        except (wire.WireError, msgspec.ValidationError):
            return said

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict) and value:
            keys = [key for key in value if key != "type"]
            return value | {key: self._value(value[key]) for key in self._chance.sample(keys, min(2, len(keys)))}
        if isinstance(value, list) and value:
            place = self._chance.randrange(len(value))
            return [*value[:place], self._value(value[place]), *value[place + 1 :]]
        return self._chance.choice(STRANGE.get(type(value), (None,)))


def look_at(qtbot: QtBot, window: Window, path: Path) -> None:
    """Plays a recording, to a moment in the middle and to its end, and looks at each view."""
    window.recording.play(path)
    replay = window.recording.replay
    if replay is None:
        return
    for seconds in (replay.seconds / 2, replay.seconds):
        replay.seek(seconds)
        qtbot.waitUntil(lambda: replay._coming is None, timeout=PATIENCE)
        for number in range(window.tabs.count()):
            window.tabs.setCurrentIndex(number)
            window.picture._draw_frame()
            window.grab()
    window.recording.leave()


def story(model: str) -> Entries:
    """A recording with messages of every kind, of two runs side by side."""
    begin, entries = BEGIN, run(BEGIN, 2, model, rate=100)
    latencies = Histogram()
    for microseconds in (100, 2000, 30_000):
        latencies.record(microseconds)
    for at in (begin + 0.2, begin + 1.2):
        entries += [
            (ENGINE, at, wire.Amended(at, Traits("thread", "call", "many", "each"))),
            (ENGINE, at, wire.Connections("kept", keep_alive=True, time=at)),
            (ENGINE, at, wire.Files([wire.File(1, "/nowhere/app.py")])),
            (ENGINE, at, wire.Opened([wire.Opening(at, 7, "127.0.0.1:5000", 3)])),
            (ENGINE, at, wire.Activities(at, [wire.Activity(3, 7, "recv", 20, at, 1), wire.Activity(0, 0, "", 0, at)])),
            (ENGINE, at, wire.Spans([wire.Span(3, 7, call, 21, at, at + 0.1, 5, 1) for call in CALLS])),
            (ENGINE, at, wire.Closed([wire.Closing(at + 0.3, 7, 3)])),
            (ENGINE, at, wire.Problem(at, "no-descriptors", "None are left.", {"reason": "none", "n": 1})),
            (LOAD, at, load_wire.Change("steady", 8, 2, 0.0, 0, at)),
            (LOAD, at, load_wire.Latencies(at - 0.1, at, latencies.encode())),
        ]
    entries += [
        (SECOND[FIRST.index(stream)], at, copy(message)) for stream, at, message in entries if isinstance(at, float)
    ]
    entries += [(ENGINE, begin + 1.9, wire.Stopped(begin + 1.9))]
    return sorted(entries, key=lambda entry: entry[1])


def fuzz(qtbot: QtBot, window: Window, folder: Path, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(seed)
        path = folder / f"{seed}.servescope"
        entries = story(chance.choice(list(MODELS)))
        write(path, Mutator(seed).entries(entries, chance.choice((0.01, 0.1, 0.5))), whole=chance.random() < 0.9)
        if chance.random() < 0.3:
            damage(path, chance)
        look_at(qtbot, window, path)


def damage(path: Path, chance: random.Random) -> None:
    """Changes some bytes of the file, in what its members say of themselves."""
    data = bytearray(path.read_bytes())
    heads = [place for place in range(len(data)) if data.startswith(b"\x1f\x8b\x08\x04", place)]
    for _ in range(chance.choice((1, 3))):
        data[chance.choice(heads) + chance.randrange(HEAD)] = chance.choice((0, 255, chance.randrange(256)))
    path.write_bytes(data)


def test_strange_messages(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    fuzz(qtbot, window, tmp_path, range(2))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1150, 15))
def test_more_strange_messages(qtbot: QtBot, window: Window, tmp_path: Path, first: int) -> None:
    fuzz(qtbot, window, tmp_path, range(first, first + 15))
