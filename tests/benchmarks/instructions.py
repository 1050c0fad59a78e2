"""How many instructions a request takes: all that Python runs for it, counted by callgrind.

    python tests/benchmarks/instructions.py [--spans] [--functions DIRECTORY] [epoll thread gevent process]

A client and the server are in one process, and the model's calls are made in the model's order: of a kept connection
`recv`, `receive`, `send`, `sent`; of a connection with one request `accept`, `setblocking` where the model calls it,
these four and `close`. Each is counted with the request reported and, as where details are thinned out, without. The
client's calls are in the figures, the kernel's work and the start are not, nor is what a fork or a thread takes:
`process` is what a child does for a connection it has accepted itself. Needs valgrind.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))  # it may be called as a file

from engine.models import MODELS  # noqa: E402

COUNTED = ("epoll", "thread", "gevent", "process")
WARM, REQUESTS = 600, 1000
"""Requests before counting, and those that are counted."""
FLUSHED_EVERY = 500
"""Requests between two writes to the stream, as many as come in a tick under load."""
PARTS = ("kept, not reported", "kept, reported", "connection, not reported", "connection, reported")
NEVER = 1 << 40
"""Of so many connections one is reported."""
CALLS = """
def accept(listener):
    return listener.accept()[0]

def turn(client, exchange):
    exchange.receive(client.recv(65536))
    exchange.sent(client.send(exchange.outgoing))

def close(client):
    client.close()
"""
"""What a model does: the second for a request that comes whole and is answered at once."""
REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def serve(key: str, spans: bool) -> None:
    """Answer requests in each of the `PARTS`; callgrind starts at `getpgid`, and writes what it counted at `getsid`."""
    if key == "gevent":
        from gevent import monkey

        monkey.patch_all(ssl=False, subprocess=False, os=False)
    import _socket
    import socket

    from engine.exchanges import Exchanges, Facts
    from engine.net.lingering import Lingering
    from engine.persistence import SHARED
    from engine.seam import Seam
    from engine.telemetry.recorder import Recorder
    from engine.telemetry.sink import PipeSink
    from engine.web.limits import Limits

    model, limits, lingering = MODELS[key], Limits(), Lingering()
    recorder = Recorder(PipeSink(os.open(os.devnull, os.O_WRONLY)), model, "full")
    if model.worker == "process":
        recorder.persistence[0] = SHARED
        recorder.before_fork()
        recorder.after_fork_in_child(lambda: None)
    listener = socket.create_server(("127.0.0.1", 0))
    seam = Seam.put_in_place(model, None, model.load(fork=True), recorder, lingering, limits, (), listener)
    new_exchange = Exchanges(Facts(model, PROJECT / "html_test", True, limits, True), recorder, lingering, seam)
    scope: dict[str, Callable[..., Any]] = {}
    exec(compile(CALLS, str(PROJECT / "engine" / "models" / f"{key}.py"), "exec"), scope)
    accept, turn, close, address = scope["accept"], scope["turn"], scope["close"], listener.getsockname()
    if model.waits == "poller":
        listener.setblocking(False)

    def connected() -> tuple[_socket.socket, socket.socket, object]:
        client = _socket.socket()  # neither traced nor gevent's
        client.connect(address)
        accepted = accept(listener)
        if model.waits == "poller":
            accepted.setblocking(False)
        return client, accepted, new_exchange(accepted)

    def kept(count: int) -> None:
        client, accepted, exchange = connected()
        for number in range(count):
            client.send(REQUEST)
            turn(accepted, exchange)
            client.recv(65536)
            if number % FLUSHED_EVERY == 0:
                recorder.flush()
        client.close()
        close(accepted)

    def new_connections(count: int) -> None:
        for number in range(count):
            client, accepted, exchange = connected()
            client.send(REQUEST)
            turn(accepted, exchange)
            client.recv(65536)
            close(accepted)
            client.close()
            if number % FLUSHED_EVERY == 0:
                recorder.flush()

    connected()  # the first one is reported in any case
    begin_to_count()
    for part in PARTS:
        every = 1 if part.endswith(", reported") else NEVER
        recorder.requests_every, recorder.spans_every = every, every * spans
        run = kept if part.startswith("kept") else new_connections
        run(WARM)
        os.getpgid(0)
        run(REQUESTS)
        os.getsid(0)


def begin_to_count() -> None:
    """Let callgrind look from now on, which slows all down fifty-fold."""
    control = subprocess.Popen(["callgrind_control", "-i", "on", str(os.getpid())], stdout=subprocess.DEVNULL)
    while control.poll() is None:  # it is answered while this process runs
        pass


def counted(key: str, spans: bool, folder: str) -> list[int]:
    """Instructions a request in each of the `PARTS`, whose profiles callgrind leaves in `folder`."""
    file = Path(folder) / f"callgrind.{key}"
    command = [
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={file}", "--instr-atstart=no",
        "--zero-before=getpgid", "--dump-before=getsid",
        sys.executable, __file__, key, "--serve", *(["--spans"] if spans else []),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    said = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT)
    if said.returncode:
        sys.exit(f"valgrind counted nothing:\n{said.stderr[-2000:]}")
    return [total(file.with_name(f"{file.name}.{number}")) // REQUESTS for number, _ in enumerate(PARTS, 1)]


def total(profile: Path) -> int:
    """All that callgrind counted."""
    lines = profile.read_text().splitlines()
    return next(int(line.partition(":")[2]) for line in lines if line.startswith(("summary:", "totals:")))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("models", nargs="*", default=COUNTED)
    parser.add_argument("--spans", action="store_true", help="with every call reported, as while the timeline is open")
    parser.add_argument("--functions", metavar="DIRECTORY", help="keep the profiles there, for callgrind_annotate")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.models[0], chosen.spans)
        return
    if shutil.which("valgrind") is None:
        sys.exit("This needs valgrind, from your system's packages.")
    print(f"instructions a request, {'with' if chosen.spans else 'without'} spans")
    print(f"{'':10}", *(f"{part:>26}" for part in PARTS))
    with nullcontext(chosen.functions) if chosen.functions else tempfile.TemporaryDirectory() as folder:
        for key in chosen.models:
            print(f"{key:10}", *(f"{each:26,}" for each in counted(key, chosen.spans, folder)), flush=True)


if __name__ == "__main__":
    main()
