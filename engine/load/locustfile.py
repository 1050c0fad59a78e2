"""The workloads for Locust, whose master and workers put load on a server from many machines.

    locust -f engine/load/locustfile.py --workload browser --host http://server:8888 --master
    locust -f engine/load/locustfile.py --worker --master-host master    # on each of the others

Locust owns clients, rates and statistics; this file defines what a client requests and checks the response. Slow
senders, slow readers, idle clients and rude clients are missing: Locust's clients send only complete HTTP requests.
"""

import argparse
from typing import Any

import gevent
from locust import FastHttpUser, constant, events, task

from engine.load.clients import BROWSER_CONNECTIONS
from engine.load.response import BadResponse, References, WrongBytes, parts
from engine.load.workloads import PAGE, WORKLOADS

OFFERED = tuple(key for key, workload in WORKLOADS.items() if workload.behaviour in ("request", "browse"))


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the workload's options; a master passes them to its workers."""
    parser.add_argument("--workload", choices=OFFERED, default="steady", help="how the clients behave")
    parser.add_argument("--work-ms", type=int, default=0, help="how long a work page works; 0: the workload's default")


class LocustClient(FastHttpUser):
    """A client of the chosen workload. It sends its next request as soon as the response is complete."""

    wait_time = constant(0)
    concurrency = BROWSER_CONNECTIONS
    references = References()

    def on_start(self) -> None:
        options = self.environment.parsed_options
        self.workload = WORKLOADS[options.workload]
        self.path = self.workload.path.format(ms=options.work_ms or self.workload.work_ms)
        self.headers = {} if self.workload.kept else {"Connection": "close"}

    @task
    def load_page(self) -> None:
        """Request the page once; a browser also loads its parts."""
        body = self.load(self.path)
        if self.workload.behaviour == "browse":
            gevent.joinall([gevent.spawn(self.load, path) for path in parts(PAGE, body)])

    def load(self, path: str) -> bytes:
        """The body at `path`; a response that is not correct counts as a failure."""
        with self.client.get(path, headers=self.headers, catch_response=True) as response:
            if failure := self.check(path, response):
                response.failure(failure)
            return response.content or b""

    def check(self, path: str, response: Any) -> Exception | None:
        """What is wrong with `response`; None if nothing is."""
        if response.status_code == 0:
            return None  # there was no response, and Locust reports why
        if response.status_code != 200:
            return BadResponse(f"The response has status {response.status_code} instead of 200.")
        tag = response.headers.get("ETag", "").encode()
        expected = self.references.find(path, 200, tag)
        body = response.content
        is_correct = body == expected if expected else self.references.matches(path, 200, tag, body)
        return None if is_correct else WrongBytes("The body is not the expected one.")
