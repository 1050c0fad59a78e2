"""The messages of the load: what it writes to its stdout and reads from its stdin, one JSON object a line.

Same style as `engine.telemetry.wire`, which also defines `problem` and `stopped`. Times are seconds on the monotonic
clock, which all processes of a machine share.
"""

import msgspec

from engine.persistence import Mode
from engine.telemetry.bounds import UNREADABLE, Count, Real, Seconds, Whole
from engine.telemetry.wire import Message, Problem, Stopped, WireError, encode
from engine.texts import QT_TRANSLATE_NOOP

__all__ = [
    "FAILURES", "AnyLoadMessage", "Change", "Latencies", "LoadReady", "LoadStats", "Problem", "Stopped", "decode",
    "encode",
]  # fmt: skip

VERSION = 1

FAILURES = {
    "refused": QT_TRANSLATE_NOOP("failures", "{n} refused"),
    "reset": QT_TRANSLATE_NOOP("failures", "{n} reset"),
    "timed_out": QT_TRANSLATE_NOOP("failures", "{n} timed out"),
    "bad_reply": QT_TRANSLATE_NOOP("failures", "{n} with a bad reply"),
    "wrong_bytes": QT_TRANSLATE_NOOP("failures", "{n} with wrong bytes"),
}
"""The kinds of failure, each a counter of `LoadStats`, and the text that shows how many requests failed this way."""


class LoadReady(Message, tag="load"):
    """The first message: clients are about to connect."""

    version: Count
    url: str
    """The server's: `http://host:port`."""
    pid: Count
    processes: Count
    time: Seconds
    clock: Seconds
    """Unix time minus monotonic time, in seconds."""


class Change(Message, tag="change"):
    """What the clients do from now on. Sent to the load on its stdin; the load reports it back once it is in effect.

    In a report, a value that has no meaning for the workload is 0: the rate where clients have a pace of their own,
    and the work time where the page does no work.
    """

    workload: str
    """A key of the table of workloads."""
    clients: Whole
    slow: Whole
    """Slow senders in addition to the clients."""
    rate: Real
    """Requests per second that are due, at even intervals, however fast the responses come (open loop); for browsers,
    pages per second. 0: each client sends its next request after the response (closed loop)."""
    work_ms: Whole
    """How long a work page works."""
    time: Real = 0.0
    """When it took effect; 0 in a message to the load."""
    connections: Mode = "kept"
    """`one-a-request`: each request asks the server to close the connection after its response. With any other mode a
    client keeps its connection for as long as the server does, whose mode is not set here."""
    requests: str = ""
    """The path of a file with the user's own requests, which are sent in place of the workload's; empty: none."""
    seed: Whole = 0
    """The order of those requests: the same for the same number."""


class LoadStats(Message, tag="crowd"):
    """The load's counters since its start, exact, ten times a second."""

    time: Seconds
    clients: Count
    """Clients with an open connection now."""
    slow: Count
    """Slow senders with an open connection now."""
    sent: Count
    """Requests begun whose response matters. Neither answered nor failed: in flight, or the client has stopped."""
    answered: Count
    """Correct responses: status, length and every byte as expected."""
    refused: Count
    """Connection attempts that were refused or had no route; no request was sent."""
    reset: Count
    """Requests whose connection was reset or closed before the response was complete."""
    timed_out: Count
    bad_reply: Count
    """Responses that are not HTTP, or whose status was not expected."""
    wrong_bytes: Count
    """Responses with a body that is too short, too long or different."""
    bytes: Count
    """Bytes received."""
    behind: Seconds
    """Open loop: for how many seconds the oldest due request has been waiting to be sent. Closed loop: 0."""
    cpu: Real
    """Percent of a core used by the busiest load process in the last second; at 100 the load is the limit."""
    connections: Count = 0
    """Open now, of all clients and slow senders; a browser has up to six."""
    waiting: Count = 0
    """Clients that wait now: for their connection, or for a response that they wait for as long as it takes."""
    longest_wait: Seconds = 0.0
    """Seconds for which the first of them has waited."""

    @property
    def failed(self) -> int:
        """Failed requests of all kinds."""
        return sum(getattr(self, kind) for kind in FAILURES)


class Latencies(Message, tag="latencies"):
    """Latencies of the correct responses between `begin` and `end`, and of the requests that timed out, with the time
    after which they were given up; ten times a second, if there were any.

    Closed loop: from the first byte sent to the last byte received, or from the start of connecting where a connection
    was opened for the request. Open loop: from when the request was due. Slow senders and slow readers are left out:
    their latency is of the client's own making.
    """

    begin: Seconds
    end: Seconds
    histogram: str
    """Microseconds, as HdrHistogram encodes them (V2, base64); see `engine.load.histogram`."""
    bound: int = 0
    """Microseconds from which a latency is a lower bound: the shortest time after which a request was given up; 0: none
    was."""


AnyLoadMessage = LoadReady | Change | LoadStats | Latencies | Problem | Stopped

_decoder = msgspec.json.Decoder(AnyLoadMessage)


def decode(line: bytes) -> AnyLoadMessage:
    """The message in `line`. Raises `WireError` if it is not one."""
    try:
        message: AnyLoadMessage = _decoder.decode(line)
    except UNREADABLE as error:
        raise WireError(f"not a line of the load's contract: {error}: {line[:80]!r}") from error
    return message
