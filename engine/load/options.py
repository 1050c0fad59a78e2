"""What a load is asked for, as one change: what fits its workload, and in which words the rest is refused.

Knows no gevent: also a server's command line is parsed with this, and a server chooses itself when to load it.
"""

import argparse
from typing import Any

from engine.load.wire import Change
from engine.load.workloads import WORKLOADS
from engine.settings import CLIENTS, RATE, SLOW, WORK_MS, WORKLOAD

CHANGE = (WORKLOAD, CLIENTS, SLOW, RATE, WORK_MS)
"""The settings that a change says."""


def first_change(options: argparse.Namespace) -> Change:
    """What the crowd is to do first. Raises `ValueError` in words for a person."""
    workload = WORKLOADS[options.workload]
    if options.rate and not workload.paced:
        raise ValueError(f"--rate has no meaning for {workload.key}: its clients have a pace of their own.")
    if options.work_ms is not None and not workload.work_ms:
        raise ValueError(f"--work-ms has no meaning for {workload.key}: its page does not work.")
    return checked(
        Change(
            workload=workload.key,
            clients=workload.clients if options.clients is None else options.clients,
            slow=options.slow,
            rate=options.rate,
            work_ms=workload.work_ms if options.work_ms is None else options.work_ms,
        )
    )


def as_values(change: Change) -> dict[str, Any]:
    """What a command line says to begin with this change, by the names of settings; what is 0 there is left out."""
    values = {row.name: getattr(change, row.name) for row in CHANGE}
    return values | {name: values[name] or None for name in ("rate", "work_ms")}


def checked(change: Change) -> Change:
    """The change as it can hold: what has no meaning for its workload is 0.

    Raises `ValueError` in words for a person.
    """
    for row in CHANGE:
        row.check(getattr(change, row.name))
    workload = WORKLOADS[change.workload]
    return Change(
        workload=change.workload,
        clients=change.clients,
        slow=change.slow,
        rate=change.rate if workload.paced else 0.0,
        work_ms=change.work_ms if workload.work_ms else 0,
    )
