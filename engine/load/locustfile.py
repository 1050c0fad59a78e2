"""The workloads on Locust, whose master and workers put load on a server from many machines.

    locust -f engine/load/locustfile.py --workload browser --host http://server:8888 --master
    locust -f engine/load/locustfile.py --worker --master-host master    # on each of the others

Locust owns clients, rates and figures; here is only what a client asks for, and whether the answer is right. Slow
senders, slow readers, idle clients and rude clients are not here: Locust's clients speak whole HTTP.
"""

import argparse
from typing import Any

import gevent
from locust import FastHttpUser, constant, events, task

from engine.load.clients import BROWSER_CONNECTIONS
from engine.load.response import BadResponse, References, WrongBytes, parts
from engine.load.workloads import PAGE, WORKLOADS

OFFERED = tuple(key for key, workload in WORKLOADS.items() if workload.behaviour in ("ask", "browse"))


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_options(parser: argparse.ArgumentParser) -> None:
    """Let Locust take the workload; a master tells its workers."""
    parser.add_argument("--workload", choices=OFFERED, default="steady", help="how the clients behave")
    parser.add_argument("--work-ms", type=int, default=0, help="how long a work page works; 0: as suits the workload")


class LocustClient(FastHttpUser):
    """A client of the workload that was chosen; it asks again as soon as it is answered."""

    wait_time = constant(0)
    concurrency = BROWSER_CONNECTIONS
    references = References()

    def on_start(self) -> None:
        options = self.environment.parsed_options
        self.workload = WORKLOADS[options.workload]
        self.path = self.workload.path.format(ms=options.work_ms or self.workload.work_ms)
        self.headers = {} if self.workload.kept else {"Connection": "close"}

    @task
    def visit(self) -> None:
        """Ask once, and for all that belongs to the page if this is a browser."""
        body = self.load(self.path)
        if self.workload.behaviour == "browse":
            gevent.joinall([gevent.spawn(self.load, path) for path in parts(PAGE, body)])

    def load(self, path: str) -> bytes:
        """What `path` gives; an answer that is not right is a failure."""
        with self.client.get(path, headers=self.headers, catch_response=True) as response:
            if wrong := self.verdict(path, response):
                response.failure(wrong)
            return response.content or b""

    def verdict(self, path: str, response: Any) -> Exception | None:
        """What is wrong with `response`, if it came."""
        if response.status_code == 0:
            return None  # none came, and Locust knows why
        if response.status_code != 200:
            return BadResponse(f"The answer has status {response.status_code} instead of 200.")
        tag = response.headers.get("ETag", "").encode()
        right = self.references.find(path, 200, tag)
        same = response.content == right if right else self.references.agree(path, 200, tag, response.content)
        return None if same else WrongBytes("The body is another than it should be.")
