"""How many instructions a kept request takes: all that Python runs for it, counted by callgrind.

    python tests/benchmarks/instructions.py [--spans] [epoll thread gevent]

One client asks for the same page again and again, in this process, and the model's calls are made in the model's order:
`recv`, `receive`, `send`, `sent`. Two runs of different lengths, and the difference divided by the requests, so that
what a start takes is not counted. The client's two calls are in the figure, the kernel's work is not. Needs valgrind.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
MODELS = ("epoll", "thread", "gevent")
SHORT, LONG = 1000, 3000
"""Requests of the two runs."""
FLUSHED_EVERY = 500
"""Requests between two writes to the stream, as many as come in a tick under load."""
HANDLE = """
def turn(client, exchange):
    exchange.receive(client.recv(65536))
    exchange.sent(client.send(exchange.outgoing))
"""
"""What a model does for a request that comes whole and is answered at once."""


def serve(key: str, count: int, spans: bool) -> None:
    """Answer `count` requests of one kept connection."""
    if key == "gevent":
        from gevent import monkey

        monkey.patch_all(ssl=False, subprocess=False)
    import _socket
    import socket

    from engine.exchanges import Exchanges, Facts
    from engine.models import MODELS
    from engine.net.lingering import Lingering
    from engine.seam import Seam
    from engine.telemetry.recorder import Recorder
    from engine.telemetry.sink import PipeSink
    from engine.web.limits import Limits

    model, limits, lingering = MODELS[key], Limits(), Lingering()
    recorder = Recorder(PipeSink(os.open(os.devnull, os.O_WRONLY)), model, "full")
    listener = socket.create_server(("127.0.0.1", 0))
    seam = Seam.put_in_place(model, model.load(fork=True), recorder, lingering, limits, listener)
    new_exchange = Exchanges(Facts(model, PROJECT / "html_test", True, limits, True), recorder, lingering, seam)
    recorder.set_spans_wanted(spans)
    client = _socket.socket()  # neither traced nor gevent's
    client.connect(listener.getsockname())
    accepted, _ = listener.accept()
    exchange = new_exchange(accepted)
    scope: dict[str, object] = {}
    exec(compile(HANDLE, str(PROJECT / "engine" / "models" / f"{key}.py"), "exec"), scope)
    turn = scope["turn"]
    assert callable(turn)
    for number in range(count):
        client.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        turn(accepted, exchange)
        client.recv(65536)
        if number % FLUSHED_EVERY == 0:
            recorder.flush()


def instructions(key: str, count: int, spans: bool) -> int:
    """All that a process takes that answers so many requests."""
    command = [
        "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, __file__, key,
        "--count", str(count), *(["--spans"] if spans else []),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(PROJECT)}
    said = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT).stderr
    found = re.search(r"refs: *([\d,]+)", said)
    if found is None:
        sys.exit(f"valgrind counted nothing:\n{said[-2000:]}")
    return int(found[1].replace(",", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("models", nargs="*", default=MODELS)
    parser.add_argument("--spans", action="store_true", help="with every call told, as while the timeline is open")
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count:
        serve(chosen.models[0], chosen.count, chosen.spans)
        return
    if shutil.which("valgrind") is None:
        sys.exit("This needs valgrind, from your system's packages.")
    print(f"instructions a kept request, {'with' if chosen.spans else 'without'} spans")
    for key in chosen.models:
        short, long = (instructions(key, count, chosen.spans) for count in (SHORT, LONG))
        print(f"{key:12} {(long - short) / (LONG - SHORT):8,.0f}")


if __name__ == "__main__":
    main()
