"""The core that threads are kept to."""

import os

import pytest

from engine.server import current_core

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no say in it")


def test_the_current_core_is_that_on_which_the_thread_runs():
    allowed = os.sched_getaffinity(0)
    try:
        for core in allowed:
            os.sched_setaffinity(0, {core})
            assert current_core() == core
    finally:
        os.sched_setaffinity(0, allowed)
