"""The clock of every moment that is sent and of every duration: seconds, one clock for all processes of this machine.

On Windows `time.monotonic` moves in steps of 15.6 ms up to Python 3.12; there `perf_counter` is as fine as elsewhere
and shared by all processes. On Linux and macOS the two are the same clock.
"""

from time import perf_counter as monotonic

__all__ = ["monotonic"]
