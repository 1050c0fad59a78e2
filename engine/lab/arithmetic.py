"""What a stretch of messages comes to: a row of the scoreboard, and the sentence that compares rows.

Pure: messages in, numbers out, so that the window and the command line agree. Owns no process and no clock.
"""

from dataclasses import dataclass

SETTLED = 3.0
"""Seconds that a stretch must have been steady to become a row."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a row was measured under; rows compare only where all but the model is equal."""

    workload: str
    clients: int
    slow: int
    rate: float
    """0: closed loop."""
    work_ms: int
    keep_alive: bool
    """Of the engine."""
    processes: int = 1
    """Of the load."""
    alone: bool = True
    """False: another engine ran at the same time (side by side)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured stretch: one model under one workload. Latencies in seconds, as the clients saw them."""

    model: str
    conditions: Conditions
    begin: float
    """Unix time."""
    seconds: float
    requests_per_second: float
    """Right answers."""
    p50: float
    p99: float
    p999: float
    failed: int
    cpu: float
    """Percent of a core."""
    cpu_per_request: float
    """Microseconds of the engine's processor time."""
    memory: int
    """Bytes, the mean over the stretch."""
    workers: int
    """The most processes, threads or greenlets there were; 1 for a loop."""
    histogram: str
    """Of the latencies; see `engine.load.wire.Latencies`."""
    load_limited: bool = False
    """Whether the load's own processor was the limit."""
