"""Servers to be measured: our models, and the ones people use, on the same files.

Each is started for one measurement and ended after it, children included. What is not installed is left out.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.models import MODELS

PROJECT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PATIENCE = 10.0
"""Seconds that a server may take to listen."""


@dataclass(frozen=True)
class Server:
    """A server that can be started: `command` for a port and a root folder."""

    name: str
    command: Callable[[int, Path], list[str]]
    streams: bool = False
    """Whether it tells of itself on stdout, which then is read and decoded as the window does."""


@contextlib.contextmanager
def running(server: Server, root: Path) -> Iterator[tuple[int, int]]:
    """Port and pid of `server`, running."""
    port = free_port()
    reader = None
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            server.command(port, root),
            cwd=PROJECT,
            env={**os.environ, "BENCHMARK_ROOT": str(root), "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,  # its end ends an engine whose benchmark was killed
            stdout=subprocess.PIPE if server.streams else subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            if server.streams:
                reader = subprocess.Popen([sys.executable, HERE / "reader.py"], cwd=PROJECT, stdin=process.stdout)
            wait_for(port, process, server.name)
            yield port, process.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            if reader is not None:
                reader.wait()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[bytes]", name: str) -> None:
    """Returns when somebody answers at `port`; raises if nobody does in time."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not answer") from None
            time.sleep(0.02)


def cpu_seconds(pid: int) -> float:
    """Processor time of the process and its descendants, those included that have ended and were waited for."""
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += sum(process.cpu_times()[:4])
    return total


def memory(pid: int) -> int:
    """Bytes that the process and its descendants use, shared pages counted once."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total


def our_model(key: str, *options: str) -> Server:
    """One of our models, all its telemetry on and read unless `options` say otherwise."""
    name = " ".join((key, *options))
    return Server(name, lambda port, root: engine(key, port, root, *options), streams=True)


def engine(key: str, port: int, root: Path, *options: str) -> list[str]:
    """The command of one model."""
    command = [sys.executable, "-m", "engine", "serve", "--model", key, "--port", str(port), "--root", str(root)]
    return [*command, "--stop-on-eof", *options]


def our_models(*options: str) -> list[Server]:
    """All models that this system has."""
    return [our_model(model.key, *options) for model in MODELS.values() if model.available()]


def peers(python: str) -> list[Server]:
    """The servers people use, as far as they are installed for the interpreter `python`."""

    def gunicorn(worker: str, *options: str) -> Server:
        return Server(
            f"gunicorn {worker}",
            lambda port, root: [
                python, "-m", "gunicorn", "-w1", "-k", worker, *options, "-b", f"127.0.0.1:{port}",
                "--keep-alive", "75", "tests.benchmarks.apps:wsgi",
            ],
        )  # fmt: skip

    def script(name: str) -> Server:
        return Server(name, lambda port, root: [python, "-m", "tests.benchmarks.apps", name, str(port), str(root)])

    everybody = {
        "gunicorn": [gunicorn("sync"), gunicorn("gthread", "--threads", "16")],
        "uvicorn": [
            Server(
                "uvicorn",
                lambda port, root: [
                    python, "-m", "uvicorn", "--port", str(port), "--loop", "uvloop", "--http", "httptools",
                    "--no-access-log", "--log-level", "error", "tests.benchmarks.apps:asgi",
                ],
            )
        ],
        "granian": [
            Server(
                "granian",
                lambda port, root: [
                    python, "-m", "granian", "--port", str(port), "--interface", "asginl", "--no-log",
                    "tests.benchmarks.apps:asgi",
                ],
            )
        ],
        "waitress": [script("waitress")],
        "cheroot": [script("cheroot")],
    }  # fmt: skip
    found = [script("seed process"), script("http.server")]
    for package, servers in everybody.items():
        if has(python, package):
            found += servers
    if has(python, "gunicorn") and has(python, "gevent"):
        found.append(gunicorn("gevent"))
    if shutil.which("nginx"):
        found.append(Server("nginx", nginx))
    return found


def has(python: str, package: str) -> bool:
    """Whether the interpreter finds the package."""
    if python == sys.executable:
        return importlib.util.find_spec(package) is not None
    return subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode == 0


def nginx(port: int, root: Path) -> list[str]:
    """The command of nginx with one worker and an access log in a file."""
    folder = Path(tempfile.mkdtemp(prefix="nginx-", dir=root.parent))
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 16384; }}
        http {{
            include /etc/nginx/mime.types; access_log {folder}/access.log; sendfile on; tcp_nopush on;
            keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
            fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
            server {{ listen 127.0.0.1:{port} backlog=1024; root {root}; }}
        }}
        """
    )
    root.chmod(0o755)
    root.parent.chmod(0o755)
    return ["nginx", "-c", str(folder / "nginx.conf")]
