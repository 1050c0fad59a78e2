"""The load's command line as a change: which options fit the workload, and the error sentences for the others.

Doesn't import gevent: a server's command line is parsed with this too, and a server decides itself when to load gevent.
"""

import argparse
from typing import Any

from engine.load.requests import read_requests
from engine.load.wire import Change
from engine.load.workloads import WORKLOADS
from engine.persistence import KEPT
from engine.settings import CLIENTS, CONNECTIONS, RATE, REQUESTS, SEED, SLOW, WORK_MS, WORKLOAD

CHANGE = (WORKLOAD, CLIENTS, SLOW, RATE, WORK_MS, CONNECTIONS, REQUESTS, SEED)
"""The settings that make a change."""


def first_change(options: argparse.Namespace) -> Change:
    """What the clients do first. Raises `ValueError` with a sentence for the user."""
    workload = WORKLOADS[options.workload]
    if options.rate and not workload.paced:
        raise ValueError(f"--rate has no meaning for {workload.key}: its clients have a pace of their own.")
    if options.work_ms is not None and not workload.work_ms:
        raise ValueError(f"--work-ms has no meaning for {workload.key}: its page does not work.")
    if workload.connections(options.connections or KEPT) != (options.connections or workload.connections(KEPT)):
        raise ValueError(f"--connections has no meaning for {workload.key}: each request opens a connection.")
    if options.requests and not workload.takes_requests:
        able = " or ".join(key for key, each in WORKLOADS.items() if each.takes_requests)
        raise ValueError(f"--requests has no meaning for {workload.key}: use --workload {able}.")
    return checked(
        Change(
            workload=workload.key,
            clients=workload.clients if options.clients is None else options.clients,
            slow=options.slow,
            rate=options.rate,
            work_ms=workload.work_ms if options.work_ms is None else options.work_ms,
            connections=options.connections or KEPT,
            requests=options.requests or "",
            seed=options.seed,
        )
    )


def as_values(change: Change) -> dict[str, Any]:
    """The settings of a command line that starts with `change`, by name; what is 0 or empty is left out."""
    values = {row.name: getattr(change, row.name) for row in CHANGE}
    return values | {name: values[name] or None for name in ("rate", "work_ms", "requests")}


def checked(change: Change) -> Change:
    """`change` with 0 for what has no meaning for its workload.

    Raises `ValueError` with a sentence for the user.
    """
    for row in CHANGE:
        value = getattr(change, row.name)
        if value != "" or row.default is not None:
            row.check(value)
    if change.requests:
        read_requests(change.requests)
    workload = WORKLOADS[change.workload]
    return Change(
        workload=change.workload,
        clients=change.clients,
        slow=change.slow,
        rate=change.rate if workload.paced else 0.0,
        work_ms=change.work_ms if workload.work_ms else 0,
        connections=workload.connections(change.connections),
        requests=change.requests if workload.takes_requests else "",
        seed=change.seed if change.requests and workload.takes_requests else 0,
    )
