"""The bounds of numbers in a message, so that its reader can calculate with them, whatever wrote it.

A line with a number beyond these is none of ours: a recording comes from anywhere. Owns also what a decoder raises
for such a line. Knows nothing of the messages.
"""

from typing import Annotated, TypeAlias

import msgspec

CONNECTIONS_EACH = 1_000_000_000
"""Connection numbers of each process that accepts, so that no two give out the same one."""
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder of msgspec raises: for no JSON or another shape, for no UTF-8, and for too many brackets."""
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=-1e10, le=1e10)]
"""A moment on the monotonic clock, a difference of two, or Unix time minus one."""
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A number of things, the number of one, or bytes; what a float holds exactly."""
Amount: TypeAlias = Annotated[int, msgspec.Meta(ge=-2, le=2**53)]
"""The same, or something else where it is negative."""
Whole: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""Any whole number that a float holds exactly."""
Real: TypeAlias = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
"""Any other number."""
Positive: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
"""Any other number that is 0 or more."""
Status: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=999)]
"""Of a reply; 0: none."""


def connection_name(number: int) -> str:
    """A connection's number to be read; where several processes accept, as in `2-15`: the 15th of the second one."""
    process, own = divmod(number, CONNECTIONS_EACH)
    return f"{process}-{own}" if process else str(own)
