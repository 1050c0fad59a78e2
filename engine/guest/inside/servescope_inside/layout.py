"""What lies where in the file that a guest's process maps: one writer for each word, so that nothing is locked.

A process makes its own file, with a name of its own, in a folder that is the engine's. So no slot need be claimed, a
fork costs one more file, and what a killed process has counted and written stays until the engine has read it.
"""

from __future__ import annotations

import struct

MAGIC = 0x53637032
"""Its last byte is the version of this layout."""
(
    KIND, PID, PARENT, FORK, HEAD, TAIL, EVERY, SPANS, DROPPED, TRAITS, STARTED, PLACES, *_,
) = range(64)  # fmt: skip
"""The words at the beginning. PARENT and FORK: of a forked process, its parent and the number of the fork there; HEAD:
bytes of rows written so far; TAIL: read so far, by the engine. EVERY and SPANS are the engine's orders: one connection
in so many is read along, and its calls have lines; 0: none. STARTED: when, in microseconds. PLACES:
counter rows that were ever used."""
HAS_GREENLETS = 1
"""A bit of TRAITS."""
WORDS = struct.Struct("64q")

COUNTER_ROWS = 1024
"""Threads or greenlets at once that count in rows of their own; more share the first."""
(
    ACCEPTED, TURNS, SENT, RECEIVED, POLLS, BLOCKED, WORKER, CALL, CONNECTION, FILE, LINE, SINCE,
    INSIDE_FILE, INSIDE_LINE, INSIDE_SINCE, *_,
) = range(16)  # fmt: skip
"""The words of a row. TURNS: how often it began to send on connections that are not read along; BLOCKED: calls that
would have blocked. From WORKER on: what it does now; SINCE, in microseconds, is written last, and 0 before the
others. INSIDE: the line of the program's own code that waits in a call of its own, and since when; 0: none does."""
COUNTER_WORDS = 16
COUNTERS_AT = 4096
RING_AT = COUNTERS_AT + COUNTER_ROWS * COUNTER_WORDS * 8
RING = 1 << 20
"""Bytes of rows that the engine may be behind."""
SIZE = RING_AT + RING

ROW = struct.Struct("=IHHIIqqddqqd")
"""Size, kind, bytes copied, number of the row, line, connection, worker, begin, end, bytes moved, file, arrival of the
bytes; then the copied bytes, filled up to a multiple of 8."""
MARK = struct.Struct("=IH")
"""The beginning of a row; alone where the rest of the ring is skipped."""
COPIED = 4096
"""The most bytes of a burst that are copied."""
COPIED_AGAIN = 64
"""The same of a longer burst after another: it lies in a body, and may begin with a chunk's size."""
(
    SKIP_ROW, ACCEPT_ROW, RECV_ROW, SEND_ROW, CLOSE_ROW, WAIT_ROW, LISTEN_ROW, HEARD_ROW, FILE_ROW, NAME_ROW, FORK_ROW,
    MISSING_ROW, TAKEN_ROW, ADOPT_ROW, GIVEN_ROW, INSIDE_ROW, *_,
) = range(32)  # fmt: skip
WOULD_BLOCK, DISCONNECTED = -1, -2
IS_HEARD, WOULD_NOT_WAIT = 1, 2
"""Bits in a HEARD_ROW: whether the connection is read along from here on, and whether its socket's calls would not
wait."""
