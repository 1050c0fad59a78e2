"""What is known of a guest's connections while several of its processes have them open."""

import os
import sys

import pytest

from engine.guest.stream import Known, Process, Stream
from engine.telemetry.sink import sink_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no two processes share a connection there")


def test_a_process_that_closes_its_copy_does_not_end_what_another_handles() -> None:
    reading, writing = os.pipe()
    try:
        stream = Stream(sink_for(writing), "guest", [], "", "", "full")
        handling, other = (stream.processes.setdefault(pid, Process(pid, 0)) for pid in (1, 2))
        known = stream._connections[7] = Known(1, "127.0.0.1:5000", 0.0)
        known.holders |= {1, 2}
        for process in (handling, other):
            process.open.add(7)
        known.handle_in(handling)
        stream.end_process(2)
        assert (known.is_handled, handling.handled, other.handled) == (True, 1, 0)
        stream.end_process(1)
        assert (known.is_handled, handling.handled, other.handled) == (False, 0, 0)
    finally:
        os.close(reading)
        os.close(writing)
