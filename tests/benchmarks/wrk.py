"""One run of wrk, and what it says."""

import re
import subprocess
from dataclasses import dataclass

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Result:
    """What one run gave; latencies in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float
    errors: int
    """Connections refused or reset, time-outs, and replies that were no success."""


def wrk(url: str, clients: int, seconds: int, *headers: str) -> Result:
    """Put load on `url` from so many kept connections, with one thread."""
    words = command(url, clients, seconds, *headers)
    return parsed(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def command(url: str, clients: int, seconds: int, *headers: str) -> list[str]:
    """The command line of that."""
    lines = [word for header in headers for word in ("-H", header)]
    return ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", *lines, url]


def parsed(text: str) -> Result:
    """What wrk printed."""
    socket_errors = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    requests = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert requests, text
    assert rate, text
    return Result(
        requests=int(requests[1]),
        rate=float(rate[1]),
        p50=_latency(text, "50%"),
        p99=_latency(text, "99%"),
        errors=sum(map(int, socket_errors.groups() if socket_errors else ())) + int(refused[1] if refused else 0),
    )


def _latency(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(found[1]) * UNITS[found[2]] if found else float("nan")
