"""A made-up row of a request that was answered."""

from engine.telemetry.wire import Request


def answered(
    time: float,
    connection: int,
    worker: int,
    request: int,
    reply: int,
    status: int,
    size: int,
    waited: float,
    took: float,
    whole: bool,
) -> Request:
    """Over at `time`, after it `took` so many seconds to answer what had taken `waited` seconds to come."""
    handled = time - took
    begun = handled - waited
    moments = begun, handled, handled, time, time
    return Request(connection, worker, request, reply, status, size, whole, 0.0, 0.0, *moments)
