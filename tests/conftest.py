"""What the tests of both halves need: time, and that no session ends with a process of its own still running.

Children inherit a mark in their environment. A process that still has it at the end was left behind by a test.
"""

import os
import re
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, settings

from engine.clock import monotonic
from engine.models import MODELS

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # a shared machine may pause for longer than the defaults allow

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of engines start: each would compile all of itself
sys.dont_write_bytecode = False

NEEDS_POSIX = re.compile(r"^(?:import|from) (?:fcntl|pty|resource|termios)\b", re.M)
MARK = "SERVESCOPE_TEST_SESSION"
PATIENCE = 10.0
"""Seconds that a child has to be gone in after the last test."""
WAYS = ("thread", "asyncio", "epoll")
"""The models that tests of HTTP are run with each time, as HTTP sees only how a model waits: in a call, as a task, in
a poller."""
QUICK = (*WAYS, "process", "gevent", "keepalive", "prefork", "threadpool")
"""The models that tests of concurrency are run with each time: one of each kind, by what a worker is and how it waits,
and the pools. Tests of the others are slow ones, wherever they are."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of models that are not `QUICK` or not the few of `quick_with`."""
    rare = MODELS.keys() - QUICK
    for item in items:
        given = getattr(item, "callspec", None)
        if given is None:
            continue
        words = {each for value in given.params.values() if isinstance(value, str) for each in (value, *value.split())}
        words |= {key for key in MODELS if key in re.split(r"[-\[\]]", item.name)}
        few = item.get_closest_marker("quick_with")
        seldom = MODELS.keys() - few.args if few else rare
        if not seldom.isdisjoint(words):
            item.add_marker(pytest.mark.slow)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what tests with modules that only POSIX systems have, where this is none."""
    if os.name == "posix" or collection_path.suffix != ".py":
        return None
    return bool(NEEDS_POSIX.search(collection_path.read_text("utf-8"))) or None


@pytest.fixture(scope="session", autouse=True)
def no_process_left() -> Iterator[None]:
    """Fails the session if a process that one of its tests started is still there, and ends it."""
    session = uuid.uuid4().hex
    os.environ[MARK] = session
    yield
    deadline = monotonic() + PATIENCE
    while (left := marked(session)) and monotonic() < deadline:
        time.sleep(0.05)
    told = [f"{process.pid}: {' '.join(process.info['cmdline'] or [])}" for process in left]
    for process in left:
        process.kill()
    assert not told, f"left behind by the tests: {told}"


def marked(session: str) -> list[psutil.Process]:
    """The living processes, this one apart, that were started in `session`."""
    return [
        process
        for process in psutil.process_iter(["environ", "cmdline"])
        if process.pid != os.getpid() and (process.info["environ"] or {}).get(MARK) == session
    ]
