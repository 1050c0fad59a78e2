"""The figures that a user asks for first, in one run: `python tests/benchmarks/overview.py`.

Requests/s of each model as it comes (with wrk if it is installed, else with a few threads of our own, which are the
limit then), how fluent the window is under load, how long a switch takes, and how long the start.
"""

import argparse
import http.client
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import switch, window
from tests.benchmarks.servers import our_models, running
from tests.benchmarks.wrk import wrk

SECONDS = 3
CLIENTS = 64
OWN_CLIENTS = 4


def own_rate(port: int) -> float:
    """Requests/s that a few threads of this process get answered."""
    answered = [0] * OWN_CLIENTS
    end = time.monotonic() + SECONDS

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while time.monotonic() < end:
            connection.request("GET", "/")
            connection.getresponse().read()
            answered[number] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(OWN_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered) / SECONDS


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    has_wrk = shutil.which("wrk") is not None
    print(f"requests/s, {f'wrk with {CLIENTS} clients' if has_wrk else f'{OWN_CLIENTS} threads of our own'}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "index.html").write_bytes(b"x" * 600)
        for server in our_models():
            with running(server, root) as (port, _):
                rate = wrk(f"http://127.0.0.1:{port}/", CLIENTS, SECONDS).rate if has_wrk else own_rate(port)
                print(f"{server.name:<12}{rate:>10,.0f}", flush=True)
    if has_wrk:
        print("\nthe window under that load")
        window.main([])
    print("\na switch from one model to the next")
    switch.main(3)


if __name__ == "__main__":
    main()
