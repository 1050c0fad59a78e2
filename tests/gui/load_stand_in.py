"""A load that does as told, or misbehaves: `python load_stand_in.py NAME` speaks the load's contract."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

from engine.clock import monotonic
from engine.load import wire

_changes = msgspec.json.Decoder(wire.Change)


def obedient() -> None:
    """Tells back each change, and ends with its stdin."""
    ready()
    for line in sys.stdin.buffer:
        write(wire.encode(_changes.decode(line)))
    write(wire.encode(wire.Stopped(monotonic())))


def deaf() -> None:
    """Does not end when asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready()
    while True:
        signal.pause()


def hopeless() -> None:
    """Says what is wrong, and dies before it is ready."""
    write(wire.encode(wire.Problem(monotonic(), "host-unknown", "There is no such host.")))
    sys.exit(1)


def ready() -> None:
    write(wire.encode(wire.LoadReady(wire.VERSION, "http://127.0.0.1:1", os.getpid(), 1, monotonic(), 0.0)))


def write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    globals()[sys.argv[1]]()
