"""Adding a figure takes where it comes from and its row: window, screen reader, report and conditions know it then."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.copied import Copy
from tests.engine.support import Engine

SAMPLED = """
    "retransmits": Figure(
        (QT_TRANSLATE_NOOP("figures", "Retransmits"),),
        QT_TRANSLATE_NOOP("figures", "Segments that were sent once more."),
        Unit.PER_SECOND,
        sampled(lambda usage: usage.retransmits),
        growth=COUNT_GROWTH,
        is_small=True,
    ),
"""
EXACT = """
    "lost": Figure(
        (QT_TRANSLATE_NOOP("figures", "Lost connections"),),
        QT_TRANSLATE_NOOP("figures", "Connections that ended while a reply was being sent."),
        Unit.COUNT,
        counted(lambda counters: counters.lost),
        growth=COUNT_GROWTH,
        is_small=True,
    ),
"""
SHOWN = """
import json, sys
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from engine.lab.figures import FIGURES
from engine.lab.usage import ProcessTree
from engine.telemetry import wire
from gui import appearance, formatting
from gui.history.server import ServerHistory
from gui.panels.tiles import Tiles
application = QApplication([])
server = ServerHistory()
for line in sys.stdin.buffer:
    server.receive(wire.decode(line))
server.note_usage(ProcessTree(server.ready.pid).sample())
tiles = Tiles()
tiles.set_theme(appearance.LIGHT)
tiles.show_histories(server)
print(json.dumps({
    "values": {name: figure.value(server.seen()) for name, figure in FIGURES.items()},
    "shown": {each.accessibleName(): each.accessibleDescription() for each in tiles.small.values()},
    "exported": formatting.known_figures(server.seen()),
    "tips": {each.accessibleName(): each.toolTip() for each in tiles.small.values()},
}))
"""
"""Run in the copy: shows what an engine reported, which it gets on stdin, in the tiles."""


class Quoted(Engine):
    """An engine whose lines are kept as well: this process knows them only by its own contract."""

    lines: list[bytes]

    def _decode(self, line: bytes) -> wire.AnyMessage:
        self.__dict__.setdefault("lines", []).append(line)
        return super()._decode(line)


def edit(copy: Copy, file: str, old: str, new: str) -> None:
    """Change what stands once in a file of the copy."""
    path = copy.place / file
    text = path.read_text()
    assert text.count(old) == 1, f"{file}: {old}"
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("copy"), "engine", "gui", "assets", "html_test")
    before = '    "descriptors": Figure('
    edit(copy, "engine/lab/figures.py", before, SAMPLED.lstrip("\n") + EXACT.lstrip("\n") + before)
    # A figure that is sampled: its field and its reading.
    field = '    """The same, because the scheduler took the processor away."""'
    edit(copy, "engine/lab/usage.py", field, f"{field}\n    retransmits: float | None = None")
    reading = "            time=now,\n"
    edit(copy, "engine/lab/usage.py", reading, f"{reading}            retransmits=7.0,\n")
    # One that is counted: its field, and its count where it happens.
    field = '    """How often the kernel was asked which connections are ready."""'
    edit(copy, "engine/telemetry/wire.py", field, f"{field}\n    lost: int = 0")
    edit(copy, "engine/telemetry/counters.py", '"busy")', '"busy", "lost")')
    imports = "from engine.telemetry.counters import (\n"
    edit(copy, "engine/telemetry/details.py", imports, f"{imports}    COUNTS,\n")
    count = "        worker.row[CLOSED] += 1\n"
    edit(copy, "engine/telemetry/details.py", count, f'{count}        worker.row[COUNTS.index("lost")] += 1\n')
    return copy


@pytest.mark.parametrize("model", [pytest.param("process", marks=pytest.mark.slow), "thread"])
def test_window_and_screen_reader_know_it(copy: Copy, model: str) -> None:
    """Exact in every model, whichever process counts: here each connection that ends."""
    with Quoted(model, copy.place / "html_test", place=copy.place) as engine:
        for _ in range(3):
            with Client(engine.address) as client:
                client.send(request())
                assert client.reply().status == 200
        engine.settled(accepted=3, open=0, requests=3)
        ran = subprocess.run(
            [sys.executable, "-P", "-c", SHOWN],
            cwd=copy.place,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(copy.place)},
            input=b"".join(engine.lines), capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    seen: dict[str, Any] = json.loads(ran.stdout)
    assert (seen["values"]["retransmits"], seen["values"]["lost"]) == (7.0, 3)
    assert (seen["shown"]["Retransmits"], seen["shown"]["Lost connections"]) == ("7/s", "3")
    assert (seen["exported"]["Retransmits"], seen["exported"]["Lost connections"]) == ("7/s", "3")
    assert seen["tips"]["Retransmits"].startswith("Segments that were sent once more.")
