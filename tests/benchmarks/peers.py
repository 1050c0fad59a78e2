"""Each model beside the servers people use, in one run: `python tests/benchmarks/peers.py`.

Needs wrk. Rounds are interleaved: every server once, then every server again, and the medians are shown with the
ratios to nginx, to a bare loop, lighttpd and fastwsgi in the same round. What is not installed is left out, with a
sentence; `--python` names an interpreter that has gunicorn, uvicorn with uvloop, aiohttp, granian, waitress, cheroot,
fastwsgi (with setuptools before 81) or socketify. `--against PATH` runs our models of another checkout too, each
beside its own in this one, by the same Python, and shows the ratios of this one to the other.

What the steps gave, on 2 shared cores with all telemetry read, medians of rounds: epoll took 15.8 µs of processor time
for a kept request when a reply's head was formatted, each head looked up and each connection's detail worked out
anew; 14.2 with the head joined from parts, the same head from the same client known by one comparison, and the detail
decided when it changes (2.6, then 3.1 times uvicorn's rate in the same rounds). Threads on one core instead of all:
19,000, then 28,000 to 48,000 kept requests a second. A greenlet that carries its worker, and a closed client that frees
its exchange: 158, then 122 µs for a connection in gevent.
A socket of our own that is watched only when it has to wait, greenlets that don't note who spawned them, and records
encoded a line at a time: 120, then 86 µs (gunicorn's gevent worker in the same rounds: 307); of these the kernel takes
about 40, 8 of them for the stack that Python maps for each greenlet and gives back. Kept requests stay as they were.
Two requests rehearsed before the first fork: a child touches 770, then 610 pages for the first time, and takes a fifth
less. No clock read where nobody looks, a reply joined at once: Python's part of a kept request 2.95, then 2.75 µs.
The date's line kept for its second, the moment of reading taken for that of handling, three small calls less: 24,760,
then 21,630 instructions for Python's part, counted by callgrind (3.3 times uvicorn's rate in each of two runs).
"""

import argparse
import contextlib
import socket
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.servers import BARE_LOOP, Server, cpu_seconds, memory, our_models, peers, running
from tests.benchmarks.wrk import wrk

PAGE = 600
LARGE = 1024 * 1024
SLOW_CLIENTS = 200
REFERENCES = ("nginx", BARE_LOOP, "lighttpd", "fastwsgi")
"""The servers to which the ratios are shown."""
RATIOS = {"rate": "requests/s", "cpu": "processor time a request"}
OTHER = ", other checkout"


@dataclass(frozen=True)
class Workload:
    """What wrk does."""

    title: str
    clients: int
    path: str = "/index.html"
    headers: tuple[str, ...] = ()
    slow: int = 0
    kept: bool = True


WORKLOADS = {
    "kept": Workload("64 kept connections", 64),
    "close": Workload("64 clients, a connection a request", 64, headers=("Connection: close",), kept=False),
    "512": Workload("512 kept connections", 512),
    "large": Workload("a 1 MiB file, 16 kept connections", 16, path="/large.bin"),
    "slow": Workload(f"64 kept connections among {SLOW_CLIENTS} slow clients", 64, slow=SLOW_CLIENTS),
}


@dataclass
class Measured:
    rate: float
    p50: float
    p99: float
    cpu: float
    """Microseconds of processor time a request."""
    memory: float
    """MiB while under load's end."""
    errors: int


@contextlib.contextmanager
def slow_clients(port: int, count: int) -> Iterator[None]:
    """So many clients that send a byte of their head a second."""
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 4096
    clients = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            client = socket.create_connection(("127.0.0.1", port), 1)
            client.setblocking(False)
            clients.append(client)
    over = threading.Event()

    def send() -> None:
        for byte in head:
            for client in clients:
                with contextlib.suppress(OSError):
                    client.send(bytes([byte]))
            if over.wait(1):
                return

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
        for client in clients:
            client.close()


def measure(server: Server, workload: Workload, root: Path, seconds: int) -> Measured | None:
    """One run; None if the server could not be measured."""
    try:
        with running(server, root) as (port, pid), slow_clients(port, workload.slow):
            url = f"http://127.0.0.1:{port}{workload.path}"
            wrk(url, workload.clients, 1, *workload.headers)
            before = cpu_seconds(pid)
            result = wrk(url, workload.clients, seconds, *workload.headers)
            cpu = (cpu_seconds(pid) - before) / max(result.requests, 1) * 1e6
            used = memory(pid) / 2**20
    except RuntimeError as error:
        print(f"  {server.name}: {error}", file=sys.stderr)
        return None
    return Measured(result.rate, result.p50, result.p99, cpu, used, result.errors)


def suits(server: Server, workload: Workload) -> bool:
    """A kept workload is run on a model with its connections kept; without HTTP there is one page, and all are kept."""
    if not server.speaks_http:
        return workload.kept and not workload.slow and workload.path == Workload.path
    return not server.streams or server.keeps == workload.kept


def show(workload: Workload, rounds: list[dict[str, Measured]], field: str) -> None:
    names = sorted({name for each in rounds for name in each}, key=lambda name: -median(rounds, name, "rate"))
    references = [name for name in REFERENCES if name in names]
    print(f"\n{workload.title}: medians of {len(rounds)} rounds; ratios of {RATIOS[field]} within a round (least–most)")
    print(f"{'':<40}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}{'MiB':>8}{'errors':>8}", end="")
    print("".join(f"  {'to ' + name:<17}" for name in references))
    for name in names:
        row = {each: median(rounds, name, each) for each in Measured.__dataclass_fields__}
        print(
            f"{name:<40}{row['rate']:>11,.0f}{row['p50']:>9.2f}{row['p99']:>9.2f}{row['cpu']:>9.1f}"
            f"{row['memory']:>8.1f}{row['errors']:>8.0f}"
            + "".join(f"  {ratio(rounds, name, reference, field):<17}" for reference in references),
            flush=True,
        )
    for name in names:
        if (other := name + OTHER) in names:
            print(
                f"{name:<40} to the other checkout: rate {ratio(rounds, name, other, 'rate')}, "
                f"p99 {ratio(rounds, name, other, 'p99')}, CPU a request {ratio(rounds, name, other, 'cpu')}",
                flush=True,
            )


def ratio(rounds: list[dict[str, Measured]], name: str, reference: str, field: str) -> str:
    """The median over the rounds in which both were measured, with the least and the most."""
    pairs = [
        getattr(each[name], field) / divisor
        for each in rounds
        if name in each and reference in each and (divisor := getattr(each[reference], field))
    ]
    return f"{statistics.median(pairs):.2f} ({min(pairs):.2f}–{max(pairs):.2f})" if pairs else ""


def median(rounds: list[dict[str, Measured]], name: str, field: str) -> float:
    return statistics.median(float(getattr(each[name], field)) for each in rounds if name in each)


def other(server: Server, project: Path) -> Server:
    """The same model in another checkout."""
    return replace(server, name=server.name + OTHER, project=project)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--only", nargs="+", help="servers whose name contains one of these")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--ratios", choices=RATIOS, default="rate", help="of what; cpu is steadier on a busy machine")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout, to compare our models with")
    options = parser.parse_args()
    servers = our_models()
    if options.against:
        servers = [each for server in servers for each in (server, other(server, options.against.absolute()))]
    servers += peers(options.python)
    if options.only:
        servers = [server for server in servers if any(name in server.name for name in options.only)]
    for server in servers:
        if server.lacks:
            print(f"{server.name} is left out: {server.lacks}", file=sys.stderr)
    servers = [server for server in servers if not server.lacks]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "site"
        root.mkdir()
        (root / "index.html").write_bytes(b"x" * PAGE)
        (root / "large.bin").write_bytes(b"x" * LARGE)
        for name in options.workloads:
            workload = WORKLOADS[name]
            rounds: list[dict[str, Measured]] = []
            suited = [server for server in servers if suits(server, workload)]
            for turn in range(options.rounds):
                in_turn = suited[:: -1 if turn % 2 else 1]  # none always comes after the same neighbour
                runs = {server.name: measure(server, workload, root, options.seconds) for server in in_turn}
                rounds.append({name: run for name, run in runs.items() if run is not None})
            show(workload, rounds, options.ratios)


if __name__ == "__main__":
    main()
