"""What the tracer costs a program that is not ours, in pairs of runs: `python tests/benchmarks/guest_price.py`.

Needs wrk, and gunicorn, uvicorn and waitress. Within a round every setting of a server runs once, in turn, and the
ratios to the program alone are taken within the round. Targets, of the requests/s without: 0.85 with every request
reported and 0.95 with counters; of uvicorn, whose requests are the shortest, 0.75 and 0.90. The stream is read and
decoded by a process of its own on the same processors, as a window does. Processor time is the program's alone.

On two processors that others used as well the rates say nothing: 430 to 3,400 requests/s of gunicorn sync alone. Of
the calls by themselves (a socket that is read and written in a loop; the least of 150 stretches): 5.8 µs of
processor time for a request on a kept connection, 9.6 with counters, 14.2 with every request reported; 46, 63 and
84 µs with a connection for each.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.servers import PROJECT, Server, cpu_seconds, free_port, running, wait_for
from tests.benchmarks.wrk import wrk

SETTINGS = {"alone": "", "counters": "counters", "requests": "requests"}
"""What is said about the telemetry of a guest; alone, it is none."""
CLIENTS = 32
SHOP = """
BODY = b"x" * 600


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))])
    return [BODY]


async def asgi(scope, receive, send):
    head = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": BODY})
"""
GUNICORN = "-m gunicorn -w 1 -b 127.0.0.1:PORT --log-level error --keep-alive 75"
UVICORN = "-m uvicorn --loop asyncio --no-access-log --log-level error --lifespan off --port PORT"
SERVERS = {
    "gunicorn sync": f"{GUNICORN} -k sync shop:app",
    "gunicorn gthread": f"{GUNICORN} -k gthread --threads 8 shop:app",
    "waitress": "-m waitress --listen=127.0.0.1:PORT --threads 8 shop:app",
    "uvicorn h11": f"{UVICORN} --http h11 shop:asgi",
    "uvicorn httptools": f"{UVICORN} --http httptools shop:asgi",
}


@dataclass(frozen=True)
class Price:
    """What one run gave."""

    rate: float
    cpu: float
    """Microseconds of the program's processor time for each request."""


def measure(words: str, telemetry: str, folder: Path, seconds: int) -> Price:
    """The program under load, as a guest with this telemetry or alone."""
    with guest(words, telemetry, folder) if telemetry else alone(words, folder) as (port, pid):
        url = f"http://127.0.0.1:{port}/"
        wrk(url, CLIENTS, 1)
        before = cpu_seconds(pid)
        result = wrk(url, CLIENTS, seconds)
        return Price(result.rate, (cpu_seconds(pid) - before) / max(result.requests, 1) * 1e6)


@contextlib.contextmanager
def alone(words: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Port and pid of the program, running as it is."""

    def command(port: int, _: Path) -> list[str]:
        return [sys.executable, *words.replace("PORT", str(port)).split()]

    with running(Server(words, command, project=folder), folder) as found:
        yield found


@contextlib.contextmanager
def guest(words: str, telemetry: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Port and pid of the program, running as a guest, which is then stopped as the window stops it."""
    port = free_port()
    command = [sys.executable, "-m", "engine", "guest", "--stop-on-eof", "--telemetry", telemetry]
    command += ["--python", sys.executable, "--cwd", str(folder), "--", *words.replace("PORT", str(port)).split()]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin
    assert process.stdout
    reader = subprocess.Popen([sys.executable, PROJECT / "tests" / "benchmarks" / "reader.py"], stdin=process.stdout)
    try:
        wait_for(port, process, words)
        (program,) = psutil.Process(process.pid).children()
        yield port, program.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
        reader.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shop.py").write_text(SHOP)
        rounds = [
            {
                (server, setting): measure(SERVERS[server], telemetry, folder, options.seconds)
                for server in options.servers
                for setting, telemetry in SETTINGS.items()
            }
            for _ in range(options.rounds)
        ]
    print(f"{CLIENTS} clients: medians of {options.rounds} rounds, the ratios within each round")
    for server in options.servers:
        print(f"\n{server}")
        for setting in SETTINGS:
            runs = [(each[server, setting], each[server, "alone"]) for each in rounds]
            rate = statistics.median(run.rate for run, _ in runs)
            cpu = statistics.median(run.cpu for run, _ in runs)
            ratios = [run.rate / plain.rate for run, plain in runs]
            dearer = statistics.median(run.cpu / plain.cpu for run, plain in runs)
            print(
                f"  {setting:<9}{rate:>9,.0f} requests/s {cpu:>7.1f} µs a request   "
                f"{statistics.median(ratios):.2f} of alone ({min(ratios):.2f}–{max(ratios):.2f})"
                f"   {dearer:.2f} of its time",
                flush=True,
            )


if __name__ == "__main__":
    main()
