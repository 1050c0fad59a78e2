"""What the load can be told on its command line, and in which words it refuses.

Knows no gevent: also a server's command line is parsed with this, and a server chooses itself when to load it.
"""

import argparse
import math
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from engine.load.wire import Change
from engine.load.workloads import WORKLOADS

MOST_CLIENTS = 100_000
MOST_RATE = 1_000_000.0
MOST_WORK_MS = 10_000
MOST_PROCESSES = 64


@dataclass(frozen=True, slots=True)
class Url:
    """Where the server is."""

    text: str
    """`http://host:port`."""
    host: str
    """Host and port as a request names them."""
    family: int
    address: tuple[Any, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take the load's options."""
    parser.add_argument(
        "--url", type=server_url, default="http://127.0.0.1:8888", help="the server (default: %(default)s)"
    )
    add_crowd(parser)
    parser.add_argument(
        "--seconds", type=bounded(float, 0, math.inf), metavar="N", help="how long (default: until it is stopped)"
    )
    parser.add_argument("--stop-on-eof", action="store_true", help="leave when stdin is closed")


def add_crowd(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take what describes the clients."""
    parser.add_argument(
        "--workload",
        choices=WORKLOADS,
        default="steady",
        metavar="KEY",
        help=f"how the clients behave: {', '.join(WORKLOADS)} (default: %(default)s)",
    )
    parser.add_argument(
        "--clients", type=bounded(int, 0, MOST_CLIENTS), help="how many there are (default: as suits the workload)"
    )
    parser.add_argument(
        "--slow",
        type=bounded(int, 0, MOST_CLIENTS),
        default=0,
        metavar="N",
        help="slow senders beside them, who send a byte a second (default: %(default)s)",
    )
    parser.add_argument(
        "--rate",
        type=bounded(float, 0, MOST_RATE),
        default=0.0,
        metavar="R",
        help="requests a second that are due, at even intervals, however fast they are answered; latency counts from"
        " when one is due (default: each client asks again when it is answered)",
    )
    parser.add_argument(
        "--work-ms",
        type=bounded(int, 0, MOST_WORK_MS),
        metavar="MS",
        help="how long a work page works (default: as suits the workload)",
    )
    parser.add_argument(
        "--processes",
        type=bounded(int, 1, MOST_PROCESSES),
        default=1,
        metavar="N",
        help="among how many processes the clients are shared out (default: %(default)s)",
    )
    parser.add_argument(
        "--timeout",
        type=bounded(float, 0.1, 3600),
        default=10.0,
        metavar="S",
        help="seconds of silence after which a client gives up (default: %(default)s)",
    )


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


def checked(change: Change) -> Change:
    """The change as it can hold: what has no meaning for its workload is 0.

    Raises `ValueError` in words for a person.
    """
    workload = WORKLOADS.get(change.workload)
    if workload is None:
        raise ValueError(f"There is no workload {change.workload!r}. Use one of {', '.join(WORKLOADS)}.")
    for name, value, most in (
        ("clients", change.clients, MOST_CLIENTS),
        ("slow", change.slow, MOST_CLIENTS),
        ("rate", change.rate, MOST_RATE),
        ("work_ms", change.work_ms, MOST_WORK_MS),
    ):
        if not 0 <= value <= most:
            raise ValueError(f"{name} is {value:g}. Use a number from 0 to {most:,g}.")
    return Change(
        workload=change.workload,
        clients=change.clients,
        slow=change.slow,
        rate=change.rate if workload.paced else 0.0,
        work_ms=change.work_ms if workload.work_ms else 0,
    )


def server_url(text: str) -> Url:
    """The server at the URL `text`. Raises what argparse shows as an error."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, 80 if parts.port is None else parts.port
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a URL: {error}") from error
    if parts.scheme != "http" or not host:
        raise argparse.ArgumentTypeError(f"{text!r} is not the URL of an HTTP server: use http://host:port")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc or not port:
        raise argparse.ArgumentTypeError(
            f"{text!r} names more than a server: use http://host:port, the workload says what for"
        )
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise argparse.ArgumentTypeError(f"there is no address for the host {host}: is it spelled right?") from error
    # A name of this machine has often two addresses, and most servers listen at the old one.
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return Url(f"http://{named}", named, family, address)


def bounded(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], float]:
    """What reads a number for argparse, and refuses one that is out of bounds in words for a person."""
    bounds = f"from {least:,g} to {most:,g}" if most < math.inf else f"of {least:,g} or more"

    def number(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            what = "whole number" if kind is int else "number"
            raise argparse.ArgumentTypeError(f"{text!r} is no good: use a {what} {bounds}")
        return value

    return number
