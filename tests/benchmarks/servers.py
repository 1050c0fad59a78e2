"""Servers to be measured: our models, and the ones people use, on the same files.

Each is started for one measurement and ended after it, children included.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import psutil

from engine.clock import monotonic
from engine.models import MODELS, WORKERS

PROJECT = Path(__file__).parents[2]
BARE_LOOP = "bare loop"
PATIENCE = 10.0
"""Seconds that a server may take to listen."""


@dataclass(frozen=True)
class Server:
    """A server that can be started: `command` for a port and a root folder."""

    name: str
    command: Callable[[int, Path], list[str]]
    streams: bool = False
    """Whether it sends telemetry on stdout, which then is read and decoded as the window does."""
    keeps: bool = True
    """Whether a model of ours keeps connections open after a reply."""
    project: Path = PROJECT
    """The checkout that it runs from."""
    speaks_http: bool = True
    """Whether it reads what it is asked; if not, it answers all with one small page, and keeps each connection."""
    lacks: str = ""
    """Why it can't run here, as a sentence; empty if it can."""


@contextlib.contextmanager
def running(server: Server, root: Path) -> Iterator[tuple[int, int]]:
    """Port and pid of `server`, running."""
    port = free_port()
    reader = None
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            server.command(port, root),
            cwd=server.project,
            env={**os.environ, "BENCHMARK_ROOT": str(root), "PYTHONPATH": str(server.project)},
            stdin=subprocess.PIPE,  # its end ends an engine whose benchmark was killed
            stdout=subprocess.PIPE if server.streams else subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            if server.streams:
                script = server.project / "tests" / "benchmarks" / "reader.py"
                reader = subprocess.Popen([sys.executable, script], cwd=server.project, stdin=process.stdout)
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
    """Returns when a server answers at `port`; raises if none does in time."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or monotonic() > deadline:
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


def our_models() -> list[Server]:
    """All models that this system has, with connections kept, and with a connection a request, if it is not fixed."""
    return [
        replace(our_model(model.key, option), keeps=keeps)
        for option, keeps in (("--keep-alive", True), ("--short", False))
        for model in MODELS.values()
        if model.available() and not (model.keep_alive_in_file and model.keep_alive != keeps)
    ]


def peers(python: str) -> list[Server]:
    """The servers people use; the packages are those of the interpreter `python`."""

    def module(package: str, name: str, *options: str) -> Server:
        return Server(
            name,
            lambda port, root: [python, "-m", package, *(option.format(port=port) for option in options)],
            lacks=lacks_package(python, package),
        )

    def script(name: str, *packages: str) -> Server:
        return Server(
            name,
            lambda port, root: [python, "-m", "tests.benchmarks.apps", name, str(port), str(root)],
            lacks=" ".join(filter(None, (lacks_package(python, package) for package in packages))),
        )

    def gunicorn(worker: str, *options: str, workers: int = 1) -> Server:
        name = f"gunicorn {worker}" + (f" × {workers}" if workers > 1 else "")
        served = ("-b", "127.0.0.1:{port}", "--keep-alive", "75", "tests.benchmarks.apps:wsgi")
        return module("gunicorn", name, f"-w{workers}", "-k", worker, *options, *served)

    def uvicorn(loop: str) -> Server:
        return module(
            "uvicorn", f"uvicorn {loop}", "--port", "{port}", "--loop", loop, "--http", "httptools", "--no-access-log",
            "--log-level", "error", "tests.benchmarks.apps:asgi",
        )  # fmt: skip

    return [
        replace(script(BARE_LOOP), speaks_http=False),
        script("seed process"),
        script("http.server"),
        gunicorn("sync"),
        gunicorn("sync", workers=WORKERS.default),
        gunicorn("gthread", "--threads", "16"),
        replace(gunicorn("gevent"), lacks=lacks_package(python, "gunicorn") or lacks_package(python, "gevent")),
        uvicorn("asyncio"),
        replace(uvicorn("uvloop"), lacks=lacks_package(python, "uvicorn") or lacks_package(python, "uvloop")),
        script("aiohttp", "aiohttp"),
        module(
            "granian", "granian", "--port", "{port}", "--interface", "asginl", "--no-log", "tests.benchmarks.apps:asgi"
        ),
        script("waitress", "waitress"),
        script("cheroot", "cheroot"),
        script("fastwsgi", "fastwsgi"),
        script("socketify", "socketify"),
        Server("lighttpd", lighttpd, lacks=lacks_program("lighttpd")),
        Server("nginx", nginx, lacks=lacks_program("nginx")),
        Server(f"nginx × {WORKERS.default}", partial(nginx, workers=WORKERS.default), lacks=lacks_program("nginx")),
    ]  # fmt: skip


def lacks_package(python: str, package: str) -> str:
    """What to do if the interpreter does not have the package; empty if it has."""
    if subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode == 0:
        return ""
    return f"{python} can't import {package}: install it there, or name another interpreter with --python."


def lacks_program(name: str) -> str:
    """What to do if the system does not have the program; empty if it has."""
    return "" if program(name) else f"{name} is not installed: it comes with your system's packages."


def program(name: str) -> str | None:
    """The path of a program, also of one that only root has on the search path."""
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


def lighttpd(port: int, root: Path) -> list[str]:
    """The command of lighttpd with one worker and an access log in a file."""
    folder = Path(tempfile.mkdtemp(prefix="lighttpd-", dir=root.parent))
    (folder / "lighttpd.conf").write_text(
        f"""
        server.modules = ("mod_accesslog")
        server.bind = "127.0.0.1"
        server.port = {port}
        server.document-root = "{root}"
        server.errorlog = "{folder}/error.log"
        accesslog.filename = "{folder}/access.log"
        server.max-keep-alive-requests = 65535
        server.max-fds = 4096
        server.listen-backlog = 1024
        mimetype.assign = (".html" => "text/html", ".bin" => "application/octet-stream")
        """
    )
    return [str(program("lighttpd")), "-D", "-f", str(folder / "lighttpd.conf")]


def nginx(port: int, root: Path, workers: int = 1) -> list[str]:
    """The command of nginx with so many workers and an access log in a file."""
    folder = Path(tempfile.mkdtemp(prefix="nginx-", dir=root.parent))
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log;
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
    return [str(program("nginx")), "-c", str(folder / "nginx.conf")]
