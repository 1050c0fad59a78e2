"""Reads an engine's stream on stdin and decodes every line of it, as the window does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.telemetry import wire

for line in sys.stdin.buffer:
    wire.decode(line)
