"""Whose are the long waits of threads: ours beside the barest server that has them.

Run `python tests/benchmarks/threads.py`.

64 clients connect at once, each asks again when it is answered, and every wait is noted as it was. The last of them
get their first reply late, in the bare server as in ours: `Thread.start` waits until the new thread runs, which takes
Python's lock twice, and the threads that already serve want it too. (64 were accepted in 118 ms, of which `start` took
117; in 6 ms where no client had asked yet.) After that, p99 is some milliseconds. wrk shows more: it adds, for a wait
that is longer than the mean, those of the requests that could have been sent meanwhile ("coordinated omission"), so a
few late first replies are hundreds of waits, and its p99. The interval at which Python takes the lock from a thread
that keeps it changes nothing, as each call gives it away.
"""

import argparse
import os
import select
import socket
import statistics
import sys
import tempfile
import threading
from dataclasses import astuple, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.clock import monotonic
from tests.benchmarks.servers import Server, our_model, running

CLIENTS = 64
BEGINNING = 0.5
"""Seconds after which all clients have been served."""
REQUEST = b"GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 600\r\n\r\n" + b"x" * 600


def serve(port: int) -> None:
    """The bare server: a thread for each connection, and a ready reply."""
    threading.stack_size(256 * 1024)
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=handle, args=(client,), daemon=True).start()


def handle(client: socket.socket) -> None:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while client.recv(65536):
        client.send(REPLY)
    client.close()


@dataclass
class Measured:
    """Waits are in milliseconds."""

    rate: float
    p50: float
    p99: float
    p99_later: float
    """Of the requests that were sent after the beginning."""
    last_first: float
    """Until the last client had its first reply."""
    p99_in_wrk: float


def ask(port: int, seconds: float) -> Measured:
    """Ask from all clients at once for so long."""
    clients, sent, first_replies = {}, {}, {}
    waits: list[tuple[float, float]] = []  # when it was sent, and how long the reply took
    poller = select.epoll()
    start = monotonic()
    for _ in range(CLIENTS):
        client = socket.create_connection(("127.0.0.1", port))
        clients[client.fileno()] = client
        poller.register(client, select.EPOLLIN)
        sent[client.fileno()] = monotonic()
        client.send(REQUEST)
    while monotonic() < start + seconds:
        for descriptor, _ in poller.poll(seconds):
            clients[descriptor].recv(65536)
            now = monotonic()
            waits.append((sent[descriptor], now - sent[descriptor]))
            first_replies.setdefault(descriptor, now - start)
            sent[descriptor] = now
            clients[descriptor].send(REQUEST)
    for client in clients.values():
        client.close()
    all_waits = [wait for _, wait in waits]
    return Measured(
        rate=len(waits) / seconds,
        p50=percentile(all_waits, 50),
        p99=percentile(all_waits, 99),
        p99_later=percentile([wait for begin, wait in waits if begin > start + BEGINNING], 99),
        last_first=max(first_replies.values()) * 1e3,
        p99_in_wrk=percentile(with_omitted(all_waits, seconds * CLIENTS / len(waits)), 99),
    )


def percentile(waits: list[float], share: int) -> float:
    """In milliseconds."""
    return statistics.quantiles(waits, n=100)[share - 1] * 1e3


def with_omitted(waits: list[float], mean: float) -> list[float]:
    """What wrk's `stats_correct` makes of them: each long wait also as those of requests sent meanwhile."""
    omitted = (wait - mean * turn for wait in waits if wait > 2 * mean for turn in range(1, int(wait / mean)))
    return [*waits, *omitted]


def bare(name: str, *options: str) -> Server:
    return Server(
        name, lambda port, _: [sys.executable, "-m", "tests.benchmarks.threads", "--serve", str(port), *options]
    )


SERVERS = (
    bare("bare, one core", "--one-core"),
    bare("bare, one core, interval 0.5 ms", "--one-core", "--interval", "0.0005"),
    bare("bare, all cores"),
    bare("bare, all cores, interval 0.5 ms", "--interval", "0.0005"),
    our_model("thread", "--keep-alive"),
    our_model("thread", "--keep-alive", "--all-cores"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--serve", type=int, metavar="PORT", help="be the bare server")
    parser.add_argument("--one-core", action="store_true")
    parser.add_argument("--interval", type=float, default=sys.getswitchinterval())
    options = parser.parse_args()
    if options.serve:
        sys.setswitchinterval(options.interval)
        if options.one_core:
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        serve(options.serve)
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * 600)
        for _ in range(options.rounds):
            runs = {}
            for server in SERVERS:
                with running(server, root) as (port, _):
                    runs[server.name] = ask(port, options.seconds)
            rounds.append(runs)
    print(f"{CLIENTS} clients, medians of {options.rounds} rounds; milliseconds")
    print(f"{'':<36}{'requests/s':>11}{'p50':>8}{'p99':>8}{'p99 later':>11}{'last first reply':>18}{'p99 in wrk':>12}")
    for server in SERVERS:
        columns = zip(*(astuple(runs[server.name]) for runs in rounds), strict=True)
        rate, p50, p99, later, last_first, in_wrk = map(statistics.median, columns)
        print(f"{server.name:<36}{rate:>11,.0f}{p50:>8.2f}{p99:>8.2f}{later:>11.2f}{last_first:>18.1f}{in_wrk:>12.1f}")


if __name__ == "__main__":
    main()
