"""The workloads on Locust, whose own processes are a master and two workers here."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.telemetry import wire
from tests.benchmarks.servers import free_port
from tests.engine.child import PATIENCE, PROJECT
from tests.engine.support import Engine

pytestmark = pytest.mark.skipif(importlib.util.find_spec("locust") is None, reason="locust is not installed")

USERS = 4
PARTS = {"/index.html", "/style.css", "/script.js", "/logo.svg", "/crowd.png"}
"""What a browser asks for."""


def locust(*arguments: str) -> "subprocess.Popen[bytes]":
    """A process of Locust with our file."""
    return subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", "engine/load/locustfile.py", "--headless", *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_master_and_workers() -> None:
    with Engine("epoll", PROJECT / "html_test") as engine:
        port = str(free_port())
        host = "http://{}:{}".format(*engine.address)
        ending = ["-u", str(USERS), "-r", "100", "-t", "2s", "--stop-timeout", "5", "--json"]
        everybody = [locust("--master", "--master-bind-port", port, "--expect-workers", "2", "--workload", "browser",
                            "--host", host, *ending)]  # fmt: skip
        everybody += [locust("--worker", "--master-port", port) for _ in range(2)]
        try:
            told, errors = everybody[0].communicate(timeout=2 * PATIENCE)
            assert everybody[0].returncode == 0, errors.decode()
            for worker in everybody[1:]:
                worker.communicate(timeout=PATIENCE)
        finally:
            for process in everybody:
                process.kill()
                process.communicate()
        figures = json.loads(told)
        counted = sum(each["num_requests"] for each in figures)
        assert {each["name"] for each in figures} == PARTS
        assert sum(each["num_failures"] for each in figures) == 0
        assert counted > 20
        assert engine.counters.requests == counted
        asked = {head.split()[1] for head in engine.heads().values() if head.startswith("GET ")}
        assert asked == PARTS


@pytest.mark.parametrize(
    "workload",
    ["steady", *(pytest.param(key, marks=pytest.mark.slow) for key in ("visitors", "waiting-work", "large-files"))],
)
def test_other_workloads(workload: str, site: Path) -> None:
    with Engine("epoll", site) as engine:
        host = "http://{}:{}".format(*engine.address)
        process = locust("--workload", workload, "--host", host, "-u", "2", "-t", "1s", "--stop-timeout", "5", "--json")
        try:
            told, errors = process.communicate(timeout=2 * PATIENCE)
        finally:
            process.kill()
            process.communicate()
        assert process.returncode == 0, errors.decode()
        (figures,) = json.loads(told)
        assert figures["num_failures"] == 0
        assert engine.counters.requests == figures["num_requests"] > 0
        engine.settled(open=0)
        assert {row.status for row in engine.rows(wire.Requests)} == {200}


@pytest.mark.slow
def test_wrong_answers_are_failures(site: Path) -> None:
    with Engine("epoll", site, "--no-work-pages") as engine:
        host = "http://{}:{}".format(*engine.address)
        process = locust("--workload", "waiting-work", "--host", host, "-u", "1", "-t", "10s", "--json")
        try:
            told, _ = process.communicate(timeout=2 * PATIENCE)
        finally:
            process.kill()
            process.communicate()
        assert process.returncode == 1
        (figures,) = json.loads(told)
        assert figures["num_failures"] == figures["num_requests"] > 0
