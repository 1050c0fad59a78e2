"""What the load writes to its stdout and reads from its stdin, one JSON object a line.

The style is that of `engine.telemetry.wire`, and so are `problem` and `stopped`. Times are seconds on the monotonic
clock that all processes of a machine share.
"""

import msgspec

from engine.telemetry.wire import Message, Problem, Stopped, WireError, encode

__all__ = ["AnyLoadMessage", "Change", "Latencies", "LoadReady", "LoadStats", "Problem", "Stopped", "decode", "encode"]

VERSION = 1


class LoadReady(Message, tag="load"):
    """The first message: clients are about to connect."""

    version: int
    url: str
    """Of the server: `http://host:port`."""
    pid: int
    processes: int
    time: float
    clock: float
    """Unix time minus monotonic time, in seconds."""


class Change(Message, tag="change"):
    """What the crowd is to do from now on: told to the load on its stdin, and told back by it when it holds.

    Told back, what has no meaning for the workload is 0: the rate of clients that have a pace of their own, and the
    work of a page that does not work.
    """

    workload: str
    """A key of the table of workloads."""
    clients: int
    slow: int
    """Slow senders beside the clients."""
    rate: float
    """Requests a second that are due, at even intervals, however fast they are answered (open loop); of browsers:
    pages. 0: each client asks again as soon as it is answered (closed loop)."""
    work_ms: int
    """How long a work page works."""
    time: float = 0.0
    """When it began to hold; 0 on the way in."""


class LoadStats(Message, tag="crowd"):
    """What has happened since the start, exact, ten times a second."""

    time: float
    clients: int
    """Clients that have a connection now."""
    slow: int
    """Slow senders that have one."""
    sent: int
    """Requests begun whose answer is wanted: what is neither answered nor failed is under way, or its client left."""
    answered: int
    """Answered rightly: the status, the length and each byte as they should be."""
    refused: int
    """Connections that were refused, or for which there was no way: an attempt each, with no request sent."""
    reset: int
    """Requests whose connection was reset or closed before the answer was whole."""
    timed_out: int
    bad_reply: int
    """Answers that are no HTTP, or with another status than the one expected."""
    wrong_bytes: int
    """Answers whose body is too short, too long, or another."""
    bytes: int
    """Bytes received."""
    behind: float
    """Open loop: for how many seconds the oldest request that is due has been waiting to be sent. Closed: 0."""
    cpu: float
    """Percent of a core that the busiest process of the load used in the last second: at 100 the load is the limit."""
    connections: int = 0
    """Open now, of all clients, slow ones too; a browser has up to six."""

    @property
    def failed(self) -> int:
        """Requests that were not answered rightly, of all kinds."""
        return self.refused + self.reset + self.timed_out + self.bad_reply + self.wrong_bytes


class Latencies(Message, tag="latencies"):
    """How long the right answers took that came between `begin` and `end`; told ten times a second if there are any.

    Closed loop: from the request's first byte sent to the answer's last byte received; where the workload makes a
    connection for each request, from the beginning of connecting. Open loop: from when the request was due. Answers
    to slow senders and to slow readers are not among them: how long they take is the clients' own doing.
    """

    begin: float
    end: float
    histogram: str
    """A histogram of microseconds as HdrHistogram encodes it (V2, base64); see `engine.load.histogram`."""


AnyLoadMessage = LoadReady | Change | LoadStats | Latencies | Problem | Stopped

_decoder = msgspec.json.Decoder(AnyLoadMessage)


def decode(line: bytes) -> AnyLoadMessage:
    """The message in `line`; raises `WireError` for anything else."""
    try:
        message: AnyLoadMessage = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"not a line of the load's contract: {error}: {line[:80]!r}") from error
    return message
