"""What the idea of a model promises beside its replies: others are served too, and a pool stays whole."""

import re
import threading
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, get, request
from tests.engine.conftest import ALL
from tests.engine.support import Engine, eventually, most_at_once

CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("key", [each for each in ALL if most_at_once(str(each.values[0])) > 2])
def test_client_that_always_sends_does_not_stop_the_others(key: str, site: Path) -> None:
    """Two upload without pause, for as long as it takes to answer others."""
    with Engine(key, site, "--keep-alive", "--max-body", str(1 << 40)) as engine, ExitStack() as stack:
        clients = [stack.enter_context(Client(engine.address)) for _ in range(2)]
        over = threading.Event()
        uploads = [threading.Thread(target=upload, args=(client, over)) for client in clients]
        for each in uploads:
            each.start()
        try:
            statuses = [get(engine.address, "/page.html", connection="close").status for _ in range(5)]
        finally:
            over.set()
            for each in uploads:
                each.join()
        assert statuses == [200] * 5


def upload(client: Client, over: threading.Event) -> None:
    """Send a body that does not end until it is `over`, and leave."""
    client.send(request("/work/echo", "POST", Transfer_Encoding="chunked"))
    while not over.is_set():
        client.send(CHUNK)
    client.close()


def test_select_rejects_clients_beyond_its_set(site: Path) -> None:
    with Engine("select", site, "--max-connections", "5000") as engine, ExitStack() as stack:
        clients = [stack.enter_context(Client(engine.address)) for _ in range(1100)]
        problem = engine.heard(lambda: engine.latest(wire.Problem), "a problem")
        assert problem.code == "too-many-clients"
        last = clients[-1].reply()
        assert (last.status, last.headers["connection"]) == (503, "close")
        clients[0].send(request("/page.html"))
        assert clients[0].reply().status == 200
        engine.settled(accepted=1100, open=int(problem.details["most"]))


@pytest.mark.parametrize("options", [(), ("--reuseport",)], ids=["one socket", "a socket each"])
def test_killed_child_of_a_pool_is_replaced_and_its_counts_stay(site: Path, options: tuple[str, ...]) -> None:
    pool = next(model for model in MODELS.values() if model.worker == "process" and model.serves == "many")
    with Engine(pool.key, site, "--short", *options) as engine:
        for _ in range(20):
            assert get(engine.address, "/page.html").status == 200
        before = engine.settled(accepted=20, open=0, requests=20)
        children = eventually(lambda: (found := engine.tree()[1:]) and len(found) == most_at_once(pool.key) and found)
        for child in children[:2]:
            child.kill()
        eventually(lambda: pids(engine) and len(pids(engine)) == len(children) and not pids(engine) & gone(children))
        engine.settled(before, accepted=0, requests=0, open=0)
        served = {get(engine.address, "/page.html").headers["served-by"] for _ in range(40)}
        assert {int(re.findall(r"\d+", each)[0]) for each in served} <= pids(engine)
        engine.settled(before, accepted=40, requests=40, open=0)


def pids(engine: Engine) -> set[int]:
    """The processes that its first process has made."""
    return {process.pid for process in engine.tree()[1:]}


def gone(children: list[psutil.Process]) -> set[int]:
    """The pids of those that were killed."""
    return {child.pid for child in children[:2]}
