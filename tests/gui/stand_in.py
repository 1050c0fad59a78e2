"""An engine that misbehaves: `python stand_in.py NAME` speaks the wire contract, or fails to, in one way."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.clock import monotonic
from engine.telemetry import wire
from tests.answered import answered
from tests.ready import a_ready as ready_of

FLOOD_LINES = 2_000
FLOOD_ROWS = 50


def deaf() -> None:
    """Does not end when asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready()
    forever()


def deaf_family() -> None:
    """Neither it nor its children end when asked, nor when their parent is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for _ in range(3):
        if os.fork() == 0:
            forever()
    ready()
    forever()


def garbled() -> None:
    """Says things that are not in the contract, some of them in the middle of what is."""
    ready()
    for line in (b"Traceback:\n", b'{"type":"nonsense"}\n', b"\xff\xfe\n", b"\n", b"x" * 300_000 + b"\n"):
        write(line)
    problem("after-the-garbage")
    forever()


def torn() -> None:
    """Says what it says byte by byte, and is interrupted in the middle of a line."""
    for byte in wire.encode(a_ready()) + wire.encode(wire.Problem(now(), "torn", "in pieces")) + b'{"type":':
        write(bytes([byte]))


def talkative() -> None:
    """Complains at length, then dies before it is ready."""
    problem("first")
    problem("second")
    sys.stderr.write("ä" * 10_000 + "the end")
    sys.stderr.flush()
    sys.exit(3)


def flood() -> None:
    """Says far more than can be taken in one turn, and ends."""
    ready()
    for line in range(FLOOD_LINES):
        rows = [
            answered(now(), line * FLOOD_ROWS + row, 0, 1, 2, 200, 700, 0.001, 0.002, True) for row in range(FLOOD_ROWS)
        ]
        write(wire.encode(wire.Requests(rows)))


def ceaseless() -> None:
    """Writes a thousand lines of details a second, and counters ten times a second, without an end."""
    ready()
    rows = [answered(now(), 1, 0, 1, 2, 200, 700, 0.001, 0.002, True)] * 5
    line = wire.encode(wire.Requests(rows))
    while True:
        for _ in range(10):
            write(line * 10)
            time.sleep(0.01)
        write(wire.encode(wire.Counters(now(), 0, 0, 0, 0, 0, 0, 1, 1)))


def a_ready() -> wire.Ready:
    return ready_of("process", now(), clock=0.0, keep_alive=False, pid=os.getpid())


def ready() -> None:
    write(wire.encode(a_ready()))


def problem(code: str) -> None:
    write(wire.encode(wire.Problem(now(), code, f"the {code} problem")))


def write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def now() -> float:
    return monotonic()


def forever() -> None:
    while True:
        signal.pause()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
