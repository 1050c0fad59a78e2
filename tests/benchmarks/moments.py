"""How near the moments of a request are to what its client sees: `python tests/benchmarks/moments.py`.

A scripted client notes when it sent a request of one segment, and when it had the last byte of a small reply. Printed
are, for each model, medians over some rounds in milliseconds: from sending to the `arrived` that the server tells, from
its `written` to the client's last byte, and by how much the parts that the window shows add up to less than what the
client saw. The request is sent on a connection that was `accepted` before; on such a one while the server is `busy`
with another client; and with connecting, while it is busy: where one loop does it all, `before accept`. Exits with 1
if a median is over 2 ms.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.clock import monotonic
from engine.lab.parts import RequestPart, split
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.support import Engine, eventually

MOST = 2.0
"""Milliseconds of a median."""
BUSY_MS = 30
SETTLING = 0.01
"""Seconds after which a connection is accepted, or the server busy."""
CASES = ("accepted", "busy", "before accept")


@dataclass(frozen=True)
class Seen:
    """One request as its client saw it."""

    port: int
    sent: float
    done: float


def asked(client: Client) -> Seen:
    """One request, and when it was out."""
    sent = monotonic()
    client.send(request("/page.html", connection="close"))
    client.reply()
    return Seen(client.name[1], sent, monotonic())


def seen(engine: Engine, case: str) -> Seen:
    """One request in this case."""
    if case == "accepted":
        with Client(engine.address) as client:
            time.sleep(SETTLING)
            return asked(client)
    early = Client(engine.address) if case == "busy" else None
    time.sleep(SETTLING)
    with Client(engine.address) as other:
        other.send(request(f"/work/wait?ms={BUSY_MS}", connection="close"))
        time.sleep(SETTLING)
        with early or Client(engine.address) as client:
            found = asked(client)
        other.reply()
    return found


def measure(model: str, root: Path, rounds: int) -> bool:
    """Whether the medians of one model are near, after its lines are printed."""
    with Engine(model, root) as engine:
        seen(engine, "accepted")  # the first of a machine may be told no time
        found = [(case, seen(engine, case)) for _ in range(rounds) for case in CASES]
        eventually(lambda: len(engine.rows(wire.Requests)) > 2 * rounds * len(CASES) - rounds, "all are told")
    ports = {row.connection: int(row.client.rpartition(":")[2]) for row in engine.rows(wire.Opened)}
    rows = {ports[row.connection]: row for row in engine.rows(wire.Requests)}
    near = True
    for case in CASES:
        pairs = [(each, rows[each.port]) for name, each in found if name == case and rows[each.port].arrived]
        parts = [
            split(row.arrived, row.accepted, row.begun, row.read, row.handled, row.answered, row.written)
            for _, row in pairs
        ]
        columns = (
            [row.arrived - each.sent for each, row in pairs],
            [each.done - row.written for each, row in pairs],
            [each.done - each.sent - part.total for (each, _), part in zip(pairs, parts, strict=True)],
            [part.seconds.get((RequestPart.ACCEPT_QUEUE,), 0.0) for part in parts],
            [part.seconds.get((RequestPart.TURN,), 0.0) for part in parts],
            [each.done - each.sent for each, _ in pairs],
        )
        medians = [statistics.median(column) * 1000 for column in columns]
        near &= max(map(abs, medians[:3])) <= MOST
        print(f"{model:<12}{case:<14}{len(pairs):>9}" + "".join(f"{each:>14.3f}" for each in medians), flush=True)
    return near


def main() -> int:
    available = [model.key for model in MODELS.values() if model.available()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=available)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    titles = ("sent→arrived", "written→done", "not in parts", "accept queue", "its turn", "client saw")
    print(f"{'':<26}{'requests':>9}" + "".join(f"{title:>14}" for title in titles))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "page.html").write_bytes(b"x" * 600)
        near = [measure(model, root, options.rounds) for model in options.models]
    return 0 if all(near) else 1


if __name__ == "__main__":
    sys.exit(main())
