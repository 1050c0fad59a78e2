"""The data of the plots: the server's side and the clients' side of the last minute, on one clock.

Owns which side is shown: latency and failures are the clients' where a load ran, since only there is the whole wait
measured. Knows nothing of Qt or pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gui.history.clients import ClientHistory, Failures
    from gui.history.server import Pause, Segment, ServerHistory

SILENCE = 1.0
"""Seconds without an answer before a stop after which the stop caused no outage."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """The latencies of a stretch without a pause, in seconds; arrays of the same length."""

    model: str
    times: Floats
    p50: Floats
    p99: Floats
    bound: Floats | None = None
    """Seconds from which these are lower bounds, as requests timed out; None: none is."""
    is_second: bool = False
    """Whether it is of the run beside the chosen one."""


@dataclass(frozen=True)
class Outage:
    """A time in which no server answered."""

    begin: float
    end: float
    failures: "Failures | None"
    """The failures meanwhile; None if no load ran."""
    model: str = ""
    """The model that had ended."""
    is_second: bool = False
    """Whether it is the second run's."""


@dataclass(frozen=True)
class PlotData:
    """All that the plots show; times are seconds relative to now, so at most 0."""

    segments: "list[Segment]"
    switches: list[tuple[float, str]]
    """The moments when a model became ready, with its key."""
    bands: list[Band]
    from_clients: bool
    """Whether the bands were measured by clients; otherwise inside the server."""
    is_open_loop: bool
    failed: list[tuple[Floats, Floats]]
    """Times and failed requests a second, one pair for each stretch with failures."""
    gaps: list[Outage]


def plot_data(server: "ServerHistory", clients: "ClientHistory", now: float, seconds: float = 60.0) -> PlotData:
    """The data of the last `seconds`."""
    segments = server.segments(now, seconds)
    curves = clients.curves(now, seconds)
    failed = [piece for each in segments for piece in _failed(each.times, each.failed)]
    if curves:
        failed += _failed(curves.times, curves.failed)
        begins = [each.times[0] for each in segments[1:]]
        models = np.searchsorted(begins, curves.times, side="right")
        columns = np.array((curves.times, curves.p50, curves.p99, curves.bound))
        bands = [
            band for number, each in enumerate(segments) for band in _bands(each.model, *columns[:, models == number])
        ]
    else:
        bands = [band for each in segments for band in _bands(each.model, each.times, each.p50, each.p99)]
    return PlotData(
        segments,
        server.switches(now, seconds),
        bands,
        curves is not None,
        clients.is_open_loop,
        failed,
        [gap for pause in server.pauses(now, seconds) if (gap := _gap(pause, clients, now))],
    )


def merge(first: PlotData, second: PlotData) -> PlotData:
    """Both runs on one clock. If clients measured the latencies of one run, those measured inside the other's server
    are left out, since they could not be compared."""
    from_clients = any(each.from_clients for each in (first, second) if each.bands)
    second = replace(second, bands=[replace(band, is_second=True) for band in second.bands])
    shown = [each for each in (first, second) if each.from_clients == from_clients]
    return PlotData(
        [*first.segments, *(replace(each, is_second=True) for each in second.segments)],
        sorted([*first.switches, *second.switches]),
        [band for each in shown for band in each.bands],
        from_clients,
        any(each.is_open_loop for each in shown),
        [*first.failed, *second.failed],
        sorted([*first.gaps, *(replace(gap, is_second=True) for gap in second.gaps)], key=lambda gap: gap.begin),
    )


def _gap(pause: "Pause", clients: "ClientHistory", now: float) -> Outage | None:
    """The outage as clients saw it; without a load, the time from one engine to the next, if there is one."""
    answered_to_the_end = pause.stopped - pause.last_answer < SILENCE
    begin, end = pause.last_answer if answered_to_the_end else pause.stopped, pause.first_answer
    failures = clients.failures_between(now + begin, now + end)
    if failures is None or not (pause.ready or clients.ready):  # there is no load any more
        return Outage(pause.stopped, pause.ready, None, pause.model) if pause.ready else None
    return Outage(begin, end, failures, pause.model)


def _bands(model: str, times: Floats, p50: Floats, p99: Floats, bound: Floats | None = None) -> Iterator[Band]:
    for piece in _runs(np.isfinite(p50)):
        yield Band(model, times[piece], p50[piece], p99[piece], None if bound is None else bound[piece])


def _failed(times: Floats, failed: Floats) -> list[tuple[Floats, Floats]]:
    return [(times[piece], failed[piece]) for piece in _runs(failed > 0)]


def _runs(wanted: NDArray[np.bool_]) -> Iterator[slice]:
    """The stretches where `wanted` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False]))))
    for start, stop in edges.reshape(-1, 2):
        yield slice(int(start), int(stop))
